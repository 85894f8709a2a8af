//! The times of unknown events that a policy tells apart.
//!
//! Written from the ground rules of time: where an act falls depends on whether it comes
//! before each opening and each end, and an end moves with the event from which it counts.
//! Between two instants of an event at which nothing of this changes all is alike, so that
//! the first and the last instant of every such stretch stand for the rest. They are found
//! to the nanosecond, by halving.

use std::collections::BTreeSet;

use redress::domain::facts::Action;
use redress::domain::time::{EventTime, Instant, Zone};
use redress::domain::verdict::Act;
use redress::domain::vocabulary::Event;
use redress::policy::checked::CheckedPolicy;
use redress::policy::terms::{Effect, End, Test, WindowSpec};

use super::hidden::{Hidden, Known, Value};
use crate::oracle::Oracle;

/// Days before the request from which on events are looked at: longer than any period that
/// the generator makes, with a season before it.
const DAYS: i64 = 40;

/// Days before these on which an event is looked at that happened at a time that nobody
/// knows: every day of a week and a season, whatever it comes before.
const EARLIER_DAYS: i64 = 16;

/// Returns the times that are worth telling apart of each hidden event, and then of each
/// that happened at a time that nobody knows, in their order. `bare` is what is known
/// without them.
pub fn times(
    policy: &CheckedPolicy,
    (known, bare): (&Known, &Known),
    (hidden, untimed): (&[Hidden], &[Hidden]),
) -> Vec<Vec<Value>> {
    let events = &[hidden, untimed].concat();
    let days = match untimed.is_empty() {
        true => DAYS,
        false => DAYS + EARLIER_DAYS,
    };
    let grid = Grid {
        policy,
        known,
        days,
    };
    let statement = |event: &Hidden| event.event() == Some(Event::StatementSend);
    let mut acts: BTreeSet<Instant> = [known.request.request_time].into();
    let mut cuts: BTreeSet<Instant> = BTreeSet::new();
    if !events.iter().any(statement) {
        acts.extend(instant_of(known.request.facts.event(Event::StatementSend)));
    }
    // An act that is unknown falls at an end, and moves the others to theirs.
    let rounds = match events.iter().any(statement) && grid.reads_statement() {
        true => 2,
        false => 1,
    };
    for _ in 0..rounds {
        for event in events.iter().filter(|event| !statement(event)) {
            let own = grid.cuts(*event, &acts);
            if rounds > 1 {
                acts.extend(own.iter().flat_map(|at| grid.ends(*event, *at)));
            }
            cuts.extend(own);
        }
        if rounds > 1 {
            acts.extend(grid.ends_of_known());
        }
    }
    cuts.extend(acts);
    // What comes first or last bounds the others.
    let order = &known.order;
    let parcel = &order.shipments[0];
    let stated = [
        order.facts.event(Event::Place),
        parcel.facts.event(Event::Ship),
        parcel.facts.event(Event::Deliver),
    ];
    cuts.extend(stated.into_iter().filter_map(instant_of));
    let first = known.request.request_time.plus_hours(-24 * (DAYS + 1));
    let possible = |event: &Hidden| {
        let is_untimed = untimed.contains(event);
        let times = cuts.iter().filter(|at| is_untimed || **at >= first);
        let times = times.map(|at| EventTime::At(*at));
        let values = times.chain([EventTime::NotYet]).map(Value::Time);
        values
            .filter(|value| event.is_possible(*value, bare))
            .collect()
    };
    events.iter().map(possible).collect()
}

fn instant_of(time: EventTime) -> Option<Instant> {
    match time {
        EventTime::At(at) => Some(at),
        _ => None,
    }
}

/// What a time of an event comes to for everything that reads it.
type Signature = Vec<Option<usize>>;

struct Grid<'g> {
    policy: &'g CheckedPolicy,
    known: &'g Known,
    /// Days before the request from which on events are looked at.
    days: i64,
}

impl Grid<'_> {
    fn zone(&self) -> Zone {
        self.policy.zone.unwrap()
    }

    /// Returns the first and the last instant of each stretch of an event that is alike
    /// whichever of some instants the act falls at.
    fn cuts(&self, event: Hidden, acts: &BTreeSet<Instant>) -> BTreeSet<Instant> {
        let asked = self.known.request.request_time;
        // What is planned lies ahead.
        let ahead = match event.event().is_some_and(Event::is_planned) {
            true => DAYS,
            false => 0,
        };
        let last = asked.plus_hours(24 * ahead);
        let first = self.zone().day_of(asked.plus_hours(-24 * self.days));
        let days = (0..=self.days + ahead).map(|day| first.plus_days(day).start(self.zone()));
        let acts: Vec<Instant> = acts.iter().copied().collect();
        let signed = |at: Instant| (at, self.signature(event, at, &acts));
        let mut cuts: BTreeSet<Instant> = [last].into();
        let mut before = signed(first.plus_days(-1).start(self.zone()));
        cuts.insert(before.0);
        for next in days.chain([last]).filter(|day| *day <= last) {
            let after = signed(next);
            self.halve(&before, &after, &signed, &mut cuts);
            before = after;
        }
        // An act can fall at any instant of an event that opens a window.
        cuts.extend(acts.iter().flat_map(|at| [at.previous(), *at]));
        cuts.retain(|at| *at <= last);
        cuts
    }

    /// Finds where the signature changes between two instants.
    fn halve(
        &self,
        before: &(Instant, Signature),
        after: &(Instant, Signature),
        signed: &dyn Fn(Instant) -> (Instant, Signature),
        cuts: &mut BTreeSet<Instant>,
    ) {
        if before.1 == after.1 {
            return;
        }
        if before.0.next() == after.0 {
            cuts.extend([before.0, after.0]);
            return;
        }
        let middle = signed(middle(before.0, after.0));
        self.halve(before, &middle, signed, cuts);
        self.halve(&middle, after, signed, cuts);
    }

    /// Says of each opening, end and day of the policy which of some acts it comes after.
    fn signature(&self, event: Hidden, at: Instant, acts: &[Instant]) -> Signature {
        let before = |at: Instant| acts.iter().filter(|act| **act < at).count();
        self.at(event, at, |oracle| {
            let mut signature = Vec::new();
            for end in self.ends_read() {
                signature.push(oracle.end(end).map(before));
            }
            for test in self.tests() {
                if let Test::Happened(..) | Test::Week(..) | Test::DayIn(..) = test {
                    signature.push(oracle.test(test).map(usize::from));
                }
            }
            signature
        })
    }

    /// Returns the ends that count from an event at an instant, with what is just inside.
    fn ends(&self, event: Hidden, at: Instant) -> Vec<Instant> {
        let ends = |oracle: &Oracle<'_>| self.ends_by(oracle);
        self.at(event, at, ends)
    }

    /// Returns the ends that count from what is known.
    fn ends_of_known(&self) -> Vec<Instant> {
        let facts = self.known.facts().unwrap();
        let row = facts.rows()[0].location();
        self.ends_by(&Oracle::new(self.policy, &facts, row, Action::Return))
    }

    fn ends_by(&self, oracle: &Oracle<'_>) -> Vec<Instant> {
        let request = self.known.request.request_time;
        // Of what was put long ago nothing ends here.
        let first = request.plus_hours(-24 * self.days);
        let ends = self.ends_read().into_iter();
        let ends = ends.filter_map(|end| oracle.end(end));
        let mut ends: Vec<Instant> = ends.flat_map(|at| [at.previous(), at]).collect();
        ends.retain(|at| (first..=request).contains(at));
        ends
    }

    /// Reads what is known, with an event at an instant. What comes before is long ago and
    /// what comes after is now, so that they contradict nothing.
    fn at<T>(&self, event: Hidden, at: Instant, read: impl FnOnce(&Oracle<'_>) -> T) -> T {
        let mut known = self.known.clone();
        let late = EventTime::At(known.request.request_time);
        let early = EventTime::At(known.request.request_time.plus_hours(-10_000));
        known.order.facts.set_event(Event::Place, early);
        let shipped = match event.event() {
            Some(Event::Place) => late,
            _ => early,
        };
        let parcel = &mut known.order.shipments[0].facts;
        parcel.set_event(Event::Ship, shipped);
        parcel.set_event(Event::Deliver, late);
        let line = &mut known.order.lines[0].facts;
        for (event, _) in line.declared_events().to_vec() {
            line.set_event(event, late);
        }
        for event in [Event::HandOver, Event::Receive, Event::StatementSend] {
            known.request.facts.set_event(event, EventTime::Unknown);
        }
        event.set(&mut known, Some(Value::Time(EventTime::At(at))));
        let facts = known.facts().expect("times that contradict nothing");
        let row = facts.rows()[0].location();
        read(&Oracle::new(self.policy, &facts, row, Action::Return))
    }

    fn tests(&self) -> impl Iterator<Item = &Test> {
        self.policy.clauses.iter().flat_map(|clause| {
            let guard = &clause.guard;
            let lists = guard.unless.iter().chain(&guard.any);
            guard.all.iter().chain(lists.flatten())
        })
    }

    fn windows(&self) -> Vec<&WindowSpec> {
        let tested = self.tests().filter_map(|test| match test {
            Test::Window(window, _) => Some(window),
            _ => None,
        });
        let granted = self.policy.clauses.iter();
        let granted = granted.filter_map(|clause| match &clause.effect {
            Effect::Grants(grant) => grant.window.as_ref(),
            _ => None,
        });
        tested.chain(granted).collect()
    }

    /// Whether a window tests when the statement was sent.
    fn reads_statement(&self) -> bool {
        let mut windows = self.windows().into_iter();
        windows.any(|window| window.act == Act::Statement)
    }

    /// Returns all ends, each of a single event.
    fn ends_read(&self) -> Vec<&End> {
        let extended = self.policy.clauses.iter();
        let extended = extended.filter_map(|clause| match &clause.effect {
            Effect::Extends(_, end) => Some(end),
            _ => None,
        });
        let opens = self.windows().into_iter();
        let opens = opens.filter_map(|window| window.opens.as_ref());
        let opens = opens.filter(|opens| !matches!(opens, End::Before(_)));
        let ends = self.windows().into_iter().map(|window| &window.closes);
        let ends = ends.chain(opens);
        let single = |end| match end {
            &End::Latest(ref ends) | &End::Earliest(ref ends) => ends.iter().collect(),
            single => vec![single],
        };
        ends.chain(extended).flat_map(single).collect()
    }
}

/// Returns an instant between two that are more than a nanosecond apart. What changes does
/// so on a whole second or just after, which is tried first.
fn middle(before: Instant, after: Instant) -> Instant {
    const SECOND: u32 = 1_000_000_000;
    let (first, last) = (before.unix_seconds(), after.unix_seconds());
    let (second, nanos) = match (last - first, before.nanos()) {
        (0 | 1, 0) if last == first || after.nanos() == 0 => (first, 1),
        (1, _) if after.nanos() > 0 => (last, 0),
        (1, 1) => (first, SECOND - 1),
        (1, from) => (first, from + (SECOND - from) / 2),
        (0, from) => (first, from + (after.nanos() - from) / 2),
        (apart, _) => (first + apart / 2, 0),
    };
    Instant::from_unix(second, nanos).unwrap()
}
