//! Goods of a request that come back in several parcels.

use redress::domain::facts::{Request, RequestFacts, ReturnParcel, Value};
use redress::domain::money::Amount;
use redress::domain::path::Field;
use redress::domain::time::EventTime;
use redress::domain::vocabulary::{Event, Fact, REQUEST_EVENTS, REQUEST_FACTS};

use crate::generate::{Seed, id};

/// How paths of facts begin that each return parcel has.
const OF_RETURN: &str = "request.journey.";

pub fn is_of_return(field: Field) -> bool {
    field.to_string().starts_with(OF_RETURN)
}

/// Lets the units of one request in three come back in two parcels, of which something else is
/// known each, and in one that the request does not list.
pub fn travel_apart(seed: &mut Seed, request: &mut Request<'static>) {
    if !seed.one_in(3) {
        return;
    }
    let ids = ["back-1", "back-2"].map(id);
    for id in ids {
        let facts = journey(seed, &request.facts);
        request.return_parcels.push(ReturnParcel { id, facts });
    }
    for group in request.lines.iter_mut().flat_map(|line| &mut line.groups) {
        group.return_parcel = ids.get(seed.below(3)).copied();
    }
}

/// Draws what is known of a return parcel: what happened to the others, up to some event.
fn journey(seed: &mut Seed, of: &RequestFacts<'static>) -> RequestFacts<'static> {
    let mut facts = RequestFacts::UNKNOWN;
    let mut ends = None;
    for event in REQUEST_EVENTS.iter().filter(|e| is_of_return(e.field())) {
        let told = match ends {
            // What it did not reach it did not leave either.
            Some(time) if *event != Event::ShopRequest => time,
            _ => of.event(*event),
        };
        facts.set_event(*event, told);
        if ends.is_none() && seed.one_in(4) {
            ends = Some(*seed.pick(&[EventTime::NotYet, EventTime::Unknown]));
        }
    }
    for fact in REQUEST_FACTS
        .iter()
        .filter(|f| is_of_return(f.spec().field))
    {
        let told = match of.get(*fact) {
            Value::Amount(_) => Value::Amount(Amount::from_minor(seed.below(1500) as i64)),
            Value::Number(number) if seed.one_in(2) => Value::Number(number.saturating_add(1)),
            known if *fact == Fact::ReturnLost || !seed.one_in(5) => known,
            _ => Value::Unknown,
        };
        facts.set(*fact, told);
    }
    facts
}
