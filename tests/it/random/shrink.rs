//! Makes a situation smaller for as long as something is wrong with it.

use redress::domain::facts::{UnitsFacts, Value};
use redress::domain::few::Few;
use redress::domain::money::Amount;
use redress::domain::path::Owner;
use redress::domain::time::EventTime;
use redress::domain::vocabulary::Event;

use crate::slots;

use super::Situation;

/// A step that leaves something out of a list or a line, by a place.
type Step = fn(&mut Situation, usize);

/// Places at which each step is tried, more than any list has entries.
const PLACES: usize = 8;

/// Returns the smallest situation that was found of which something is wrong.
pub fn shrink(situation: &Situation, wrong: impl Fn(&Situation) -> bool) -> Situation {
    let mut least = situation.clone();
    for _ in 0..2 {
        for step in STEPS {
            for place in (0..PLACES).rev() {
                let mut smaller = least.clone();
                step(&mut smaller, place);
                if format!("{smaller:?}") == format!("{least:?}") {
                    continue;
                }
                if smaller.facts().is_ok() && wrong(&smaller) {
                    least = smaller;
                }
            }
        }
    }
    least
}

const STEPS: &[Step] = &[
    |s, _| s.decide_time = s.request.request_time,
    without_line,
    |s, at| s.request.lines = without(&s.request.lines, at),
    |s, at| {
        for line in s.request.lines.iter_mut().skip(at / 3).take(1) {
            line.groups = without(&line.groups, at % 3);
        }
    },
    |s, at| s.order.shipments = without(&s.order.shipments, at),
    |s, at| s.order.options = without(&s.order.options, at).to_vec(),
    |s, at| s.order.earlier = without(&s.order.earlier, at).to_vec(),
    |s, _| {
        s.order.payments.clear();
        s.order.total_paid = None;
    },
    |s, _| s.order.discount = Some(Amount::ZERO),
    |s, at| {
        for fact in slots::facts_of(Owner::Request).iter().skip(at * 4).take(4) {
            s.request.facts.set(*fact, Value::Unknown);
        }
    },
    |s, at| {
        for event in slots::events_of(Owner::Request).iter().skip(at).take(1) {
            s.request.facts.set_event(*event, EventTime::Unknown);
        }
    },
    |s, _| s.request.wants = None,
    |s, _| s.order.facts.set_event(Event::Birth, EventTime::Unknown),
    |s, _| s.order.customer_zone = None,
    |s, at| {
        let groups = s.request.lines.iter_mut().flat_map(|l| l.groups.iter_mut());
        groups
            .skip(at)
            .take(1)
            .for_each(|group| group.facts = UnitsFacts::UNKNOWN);
    },
    |s, at| {
        for group in s
            .request
            .lines
            .iter_mut()
            .flat_map(|l| l.groups.iter_mut())
            .skip(at)
            .take(1)
        {
            group.quantity = 1;
        }
    },
    |s, at| {
        for line in s.order.lines.iter_mut().skip(at).take(1) {
            line.quantity = 1;
        }
    },
    |s, at| {
        for line in s.order.lines.iter_mut().skip(at).take(1) {
            line.tags.words = &[];
            line.contents = &[];
            line.discount = Some(Amount::ZERO);
        }
    },
];

/// Returns a list without its entry at a place.
fn without<T: Clone>(list: &[T], place: usize) -> Few<T> {
    let entries = list.iter().enumerate().filter(|(at, _)| *at != place);
    Few::Many(entries.map(|(_, entry)| entry.clone()).collect())
}

/// Leaves out a line, whatever names it with it.
fn without_line(s: &mut Situation, place: usize) {
    let Some(line) = s.order.lines.get(place).map(|line| line.id) else {
        return;
    };
    s.order.lines.retain(|l| l.id != line);
    s.request.lines.retain(|l| l.line != line);
    for items in s
        .order
        .shipments
        .iter_mut()
        .filter_map(|p| p.items.as_mut())
    {
        items.retain(|(id, _)| *id != line);
    }
    for option in &mut s.order.options {
        option.lines.retain(|id| *id != line);
    }
    s.order.earlier.retain(|e| e.line != Some(line));
    s.order.payments.clear();
    s.order.total_paid = None;
}
