//! Random amounts of the closed arithmetic, and the facts and events that they turn on.

use std::sync::LazyLock;

use redress::domain::facts::{EarlierRemedy, Order, Request, Value};
use redress::domain::money::{Amount, Rounding};
use redress::domain::path::Owner;
use redress::domain::time::{EventTime, Instant, Zone};
use redress::domain::verdict::Party;
use redress::domain::vocabulary::{
    Class, DeclaredKind, Event, EventDeclaration, Fact, FactDeclaration,
};
use redress::policy::checked::CheckedPolicy;
use redress::policy::terms::{Base, Count, Every, Formula, Scope, Sum};

use super::policies::{amount, currency, stated_amounts};
use super::returns::{is_of_return, travel_apart};
use crate::generate::Seed;

fn declared(name: &str, owner: Owner, class: Class, kind: DeclaredKind) -> Fact {
    Fact::declare(FactDeclaration {
        name: name.to_owned(),
        owner,
        class,
        kind,
        source: Party::Shop,
        question: "What is it?".to_owned(),
        personal: false,
        former_names: Vec::new(),
    })
}

static NUMBERS: LazyLock<[Fact; 4]> = LazyLock::new(|| {
    let number =
        |name, owner, class| declared(name, owner, class, DeclaredKind::Number(Some(0), Some(60)));
    [
        number("guests", Owner::Order, Class::Given),
        number("litres", Owner::Request, Class::Finding),
        number("scratches", Owner::Units, Class::Given),
        number("visits", Owner::Line, Class::Given),
    ]
});

static AMOUNTS: LazyLock<[Fact; 4]> = LazyLock::new(|| {
    let amount = |name, owner, class| declared(name, owner, class, DeclaredKind::Amount);
    [
        amount("cleaning", Owner::Units, Class::Given),
        amount("deposit", Owner::Order, Class::Given),
        amount("engraving", Owner::Line, Class::Given),
        amount("freight", Owner::Parcel, Class::Finding),
    ]
});

/// The amounts that policies declare: of units, the order, a line and a parcel.
pub fn amounts() -> [Fact; 4] {
    *AMOUNTS
}

/// What lies ahead.
static ARRIVAL: LazyLock<Event> = LazyLock::new(|| {
    Event::declare(EventDeclaration {
        name: "arrival".to_owned(),
        bit: Event::FIRST_DECLARED,
        owner: Owner::Order,
        after: Vec::new(),
        source: Party::Shop,
        question: "When do they arrive?".to_owned(),
        phrase: "the arrival".to_owned(),
        personal: false,
        former_names: Vec::new(),
        planned: true,
        to_come: false,
    })
});

/// Events that nothing but amounts looks at, so that they may be untold.
const OF_LINE: [Event; 3] = [Event::Confirm, Event::DesignConfirm, Event::ProductionStart];
const OF_PARCEL: [Event; 3] = [Event::Collect, Event::FirstAttempt, Event::AttemptAnswer];

/// Declares what amounts look at.
pub fn declare(policy: &mut CheckedPolicy) {
    policy.facts = NUMBERS.iter().chain(AMOUNTS.iter()).copied().collect();
    policy.facts.sort_by_key(|fact| fact.word());
    policy.events = vec![*ARRIVAL];
}

/// Codes of which several amounts can have one.
const CODES: [&str; 4] = ["fee", "handling", "late", "storage"];

fn number(seed: &mut Seed) -> Count {
    match seed.one_in(4) {
        true => Count::Stated(Fact::ParcelCount),
        false => Count::Stated(*seed.pick(&*NUMBERS)),
    }
}

fn count(seed: &mut Seed) -> Count {
    if seed.one_in(2) {
        return number(seed);
    }
    let events = [
        &[Event::Place, Event::Accept, Event::Promise, *ARRIVAL][..],
        &[Event::Request, Event::HandOver, Event::Receive][..],
        &[Event::ShopRequest, Event::ShopCollect, Event::ConfirmMail][..],
        &[Event::Ship, Event::Deliver, Event::WarehouseReturn][..],
        &OF_LINE[..],
        &OF_PARCEL[..],
    ];
    let event = |seed: &mut Seed| {
        let some = *seed.pick(&events);
        *seed.pick(some)
    };
    let every = match seed.below(6) {
        0 => Every::Hours(1),
        1 => Every::Hours(24),
        2 => Every::Days(7),
        3 => Every::Months(1),
        _ => Every::Days(1),
    };
    Count::Periods {
        from: event(seed),
        to: event(seed),
        every,
        begun: every != Every::Days(1) && seed.one_in(2),
    }
}

fn stated(seed: &mut Seed) -> Fact {
    match seed.below(8) {
        0 => Fact::OrderValue,
        1..=4 => *seed.pick(&*AMOUNTS),
        _ => *seed.pick(&stated_amounts()),
    }
}

fn base(seed: &mut Seed) -> Base {
    match seed.below(8) {
        0 => Base::Delivery,
        1 => Base::Stated(stated(seed)),
        2 | 3 => Base::Price,
        _ => Base::Paid,
    }
}

fn fixed(seed: &mut Seed) -> Formula {
    match seed.one_in(4) {
        true => Formula::Fixed(Amount::ZERO, currency(seed)),
        false => Formula::Fixed(amount(seed, 1500), currency(seed)),
    }
}

/// Makes a formula that holds others inside others at most so deep.
fn formula(seed: &mut Seed, depth: usize) -> Formula {
    let list = |seed: &mut Seed| -> Vec<Formula> {
        let more = seed.below(2);
        (0..2 + more).map(|_| formula(seed, depth - 1)).collect()
    };
    match seed.below(if depth == 0 { 6 } else { 12 }) {
        0 => fixed(seed),
        1..=3 => {
            let most = *seed.pick(&[2000, 10_000]);
            let points = u32::try_from(seed.below(most + 1)).unwrap();
            let rounding = *seed.pick(&[Rounding::HalfUp, Rounding::Up, Rounding::Down]);
            Formula::Percent(points, base(seed), rounding)
        }
        4 => Formula::Stated(stated(seed)),
        5 => {
            let (used, mut whole) = (count(seed), count(seed));
            while whole == used {
                whole = count(seed);
            }
            Formula::Part {
                of: base(seed),
                used,
                whole,
                unused: seed.one_in(2),
            }
        }
        6 | 7 => Formula::Times(Box::new(formula(seed, depth - 1)), count(seed)),
        8 => Formula::Greatest(list(seed)),
        9 => Formula::Least(list(seed)),
        10 => {
            // A floor and a cap.
            let floor = Formula::Greatest(vec![formula(seed, depth - 1), fixed(seed)]);
            Formula::Least(vec![floor, fixed(seed)])
        }
        _ => Formula::All(list(seed)),
    }
}

/// The scopes that an amount can have: what is of units, a line or a parcel cannot count once
/// in what is wider.
fn scopes(formula: &Formula) -> Vec<Scope> {
    let facts = formula.facts().into_iter();
    let mut owners: Vec<Owner> = facts.map(|fact| fact.spec().field.owner()).collect();
    for count in formula.counts() {
        if let Count::Periods { from, to, .. } = count {
            owners.extend([from.field().owner(), to.field().owner()]);
        }
    }
    let mut scopes = vec![Scope::Unit];
    let of_units = |fact: &Fact| fact.spec().field.owner() == Owner::Units;
    if formula.is_proportional() || matches!(formula, Formula::Stated(fact) if of_units(fact)) {
        scopes.extend([Scope::Row, Scope::Row]);
    }
    let has = |owner: Owner| owners.contains(&owner);
    if has(Owner::Units) || has(Owner::Line) && has(Owner::Parcel) {
        return scopes;
    }
    match (has(Owner::Line), has(Owner::Parcel)) {
        (true, _) => scopes.push(Scope::Line),
        (_, true) => scopes.push(Scope::Parcel),
        _ => scopes.extend([Scope::Line, Scope::Parcel, Scope::Request, Scope::Order]),
    }
    scopes
}

fn reads_return(formula: &Formula) -> bool {
    let facts = formula.facts();
    let mut facts = facts.iter().map(|fact| fact.spec().field);
    facts.any(is_of_return)
}

/// Makes an amount that is taken off, charged or paid besides.
pub fn sum(seed: &mut Seed) -> Sum {
    let formula = formula(seed, 2);
    let scope = match *seed.pick(&scopes(&formula)) {
        // What reads a return parcel counts in it, as often as in the request.
        Scope::Request if reads_return(&formula) => Scope::ReturnParcel,
        other => other,
    };
    let code = match &formula {
        Formula::Stated(fact) if seed.one_in(2) => fact.word(),
        _ => seed.pick::<&str>(&CODES),
    };
    Sum {
        code: code.to_owned(),
        formula,
        scope,
    }
}

/// Makes what a grant pays for units.
pub fn worth(seed: &mut Seed) -> Sum {
    loop {
        let sum = sum(seed);
        if matches!(sum.scope, Scope::Row | Scope::Unit) {
            return sum;
        }
    }
}

/// An event not before another, in all that can be known of it.
fn event(seed: &mut Seed, first: EventTime, now: Instant) -> EventTime {
    let EventTime::At(first) = first else {
        return match seed.one_in(2) {
            true => EventTime::NotYet,
            false => EventTime::Unknown,
        };
    };
    let at = first.plus_hours(i64::try_from(seed.below(120)).unwrap());
    let at = at.min(now);
    match seed.below(24) {
        0..=13 => EventTime::At(at),
        14..=17 => EventTime::On(Zone::from_name("Europe/Paris").unwrap().day_of(at)),
        18..=20 => EventTime::NotYet,
        21 => EventTime::Happened,
        _ => EventTime::Unknown,
    }
}

/// An event that lies ahead by its nature.
fn planned(seed: &mut Seed, placed: Instant) -> EventTime {
    let at = placed.plus_hours(i64::try_from(seed.below(2000)).unwrap());
    match seed.below(8) {
        0 => EventTime::Unknown,
        1..=4 => EventTime::On(Zone::from_name("Europe/Paris").unwrap().day_of(at)),
        _ => EventTime::At(at),
    }
}

fn told_number(seed: &mut Seed) -> Value<'static> {
    match seed.one_in(8) {
        true => Value::Unknown,
        false => Value::Number(*seed.pick(&[0, 1, 2, 3, 7])),
    }
}

fn told_amount(seed: &mut Seed) -> Value<'static> {
    match seed.one_in(8) {
        true => Value::Unknown,
        false => Value::Amount(amount(seed, 3000)),
    }
}

/// Tells of an order what amounts look at, and what earlier remedies took.
pub fn tell(seed: &mut Seed, order: &mut Order<'static>, placed: Instant, now: Instant) {
    let place = EventTime::At(placed);
    let [guests, .., visits] = *NUMBERS;
    let [_, deposit, engraving, freight] = *AMOUNTS;
    order
        .facts
        .set_event(Event::Accept, event(seed, place, now));
    order.facts.set_event(Event::Promise, planned(seed, placed));
    order.facts.set_event(*ARRIVAL, planned(seed, placed));
    order.facts.set(guests, told_number(seed));
    order.facts.set(deposit, told_amount(seed));
    for line in order.lines.iter_mut() {
        for one in OF_LINE {
            line.facts.set_event(one, event(seed, place, now));
        }
        line.facts.set(visits, told_number(seed));
        line.facts.set(engraving, told_amount(seed));
    }
    for parcel in order.shipments.iter_mut() {
        for (one, first) in
            OF_PARCEL
                .into_iter()
                .zip([Event::Deliver, Event::Ship, Event::FirstAttempt])
        {
            let first = parcel.facts.event(first);
            parcel.facts.set_event(one, event(seed, first, now));
        }
        let back = event(seed, parcel.facts.event(Event::Ship), now);
        parcel.facts.set_event(Event::WarehouseReturn, back);
        parcel.facts.set(freight, told_amount(seed));
    }
    if seed.one_in(2) {
        taken(seed, order);
    }
}

/// Tells of a request what amounts look at.
pub fn tell_of_request(seed: &mut Seed, request: &mut Request<'static>) {
    let [_, litres, scratches, _] = *NUMBERS;
    let [cleaning, ..] = *AMOUNTS;
    request.facts.set(litres, told_number(seed));
    let parcels = 1 + i64::try_from(seed.below(3)).unwrap();
    if !seed.one_in(4) {
        request.facts.set(Fact::ParcelCount, Value::Number(parcels));
    }
    let lines = request.lines.iter_mut();
    for group in lines.flat_map(|line| line.groups.iter_mut()) {
        group.facts.set(scratches, told_number(seed));
        group.facts.set(cleaning, told_amount(seed));
    }
    travel_apart(seed, request);
}

/// Says of earlier remedies what was taken by which code, and which parcel came back.
fn taken(seed: &mut Seed, order: &mut Order<'static>) {
    let parcels: Vec<_> = order.shipments.iter().map(|parcel| parcel.id).collect();
    let told = seed.one_in(2);
    for earlier in &mut order.earlier {
        let EarlierRemedy {
            taken, shipment, ..
        } = earlier;
        if seed.one_in(2) {
            *shipment = Some(*seed.pick(&parcels));
        }
        for code in CODES {
            if told && seed.one_in(3) {
                taken.push((code, amount(seed, 2000)));
            }
        }
    }
}
