//! Says in words what a clause does and when, for a register that people read.
//!
//! The words are those of the language of policies, so that a reader finds them
//! in the file and in its documentation.

mod sums;

use super::checked::{CheckedPolicy, Clause, Guard};
use super::terms::{
    Addition, BackTo, Calendar, Cheaper, Clock, DaySpec, DeliveryShare, Effect, End, FactRef,
    Grant, Part, Payee, Recommendation, SettledBy, StatedPeriod, Test, Where, WindowSpec,
    WindowZone, Worth,
};
use crate::domain::facts::Remedy;
use crate::domain::money::Amount;
use crate::domain::verdict::{Act, Basis, Period};
use crate::domain::vocabulary::Event;
use sums::sum;

/// Says what a clause does, in one line.
pub fn effect(policy: &CheckedPolicy, clause: &Clause) -> String {
    let names = Resolver(policy);
    match &clause.effect {
        Effect::Grants(grant) => names.grant(grant),
        Effect::Refuses(refusal) => {
            let of = remedies(&refusal.remedies);
            format!("refuses{of}: {}", refusal.reason)
        }
        Effect::Refers(referral) => {
            let of = remedies(&referral.remedies);
            let recommends = match referral.recommends {
                Recommendation::None => String::new(),
                Recommendation::Refuse => ", recommends to refuse".to_owned(),
                Recommendation::Grant(index) => format!(", recommends {}", names.id(index)),
            };
            format!("refers{of} to an agent: {}{recommends}", referral.reason)
        }
        Effect::Adds(addition) => names.addition(addition),
        Effect::Extends(index, end) => {
            format!("extends {} to {}", names.id(*index), names.end(end))
        }
    }
}

/// Says when a clause applies, one line a demand; empty: always.
pub fn guard(policy: &CheckedPolicy, guard: &Guard) -> Vec<String> {
    let names = Resolver(policy);
    let mut lines = Vec::new();
    if !guard.all.is_empty() {
        lines.push(format!("when {}", names.tests(&guard.all)));
    }
    for tests in &guard.unless {
        lines.push(format!("unless {}", names.tests(tests)));
    }
    if !guard.any.is_empty() {
        let groups: Vec<String> = guard.any.iter().map(|tests| names.tests(tests)).collect();
        lines.push(format!("and one of: {}", groups.join("; ")));
    }
    lines
}

/// Resolves places to names.
struct Resolver<'p>(&'p CheckedPolicy);

impl Resolver<'_> {
    fn id(&self, index: usize) -> &str {
        self.0.clauses.get(index).map_or("", |c| c.id.as_str())
    }

    fn calendar(&self, index: usize) -> &str {
        self.0
            .calendars
            .get(index)
            .map_or("", |c: &Calendar| c.name.as_str())
    }

    fn tests(&self, tests: &[Test]) -> String {
        let words: Vec<String> = tests.iter().map(|test| self.test(test)).collect();
        words.join(" and ")
    }

    fn test(&self, test: &Test) -> String {
        match test {
            Test::YesNo(of, yes) => format!("{} is {}", fact(of), if *yes { "yes" } else { "no" }),
            Test::OneOf(of, words) => format!("{} is {}", fact(of), words.join(" or ")),
            Test::NoneOf(of, words) => format!("{} is not {}", fact(of), words.join(" or ")),
            Test::Range(of, from, to) => match (*from, *to) {
                (i64::MIN, to) => format!("{} is at most {to}", fact(of)),
                (from, i64::MAX) => format!("{} is at least {from}", fact(of)),
                (from, to) if from == to => format!("{} is {from}", fact(of)),
                (from, to) => format!("{} is {from} to {to}", fact(of)),
            },
            Test::Amount(of, range) => {
                let text = |amount: Amount| {
                    format!("{} {}", amount.text(range.currency), range.currency.code())
                };
                match (range.low, range.high) {
                    (Amount::ZERO, Some(high)) => format!("{} is at most {}", fact(of), text(high)),
                    (low, None) => format!("{} is at least {}", fact(of), text(low)),
                    (low, Some(high)) => {
                        format!("{} is {} to {}", fact(of), text(low), text(high))
                    }
                }
            }
            Test::Happened(event, true) => format!("{event} has happened"),
            Test::Happened(event, false) => format!("{event} has not happened"),
            Test::NotSupplied(of, None) => format!("{} is not supplied", fact(of)),
            Test::NotSupplied(of, Some(end)) => {
                format!("{} was not supplied until {}", fact(of), self.end(end))
            }
            Test::Window(spec, at) => {
                let index = match at {
                    Where::Inside => "is inside",
                    Where::Outside => "is outside",
                    Where::Past => "is past",
                };
                format!("{} {index} {}", act(spec.act), self.window(spec))
            }
            Test::Past(index) => format!("the window of {} is past", self.id(*index)),
            Test::Week(event, part) => format!(
                "{event} falls into {} {} to {} {}",
                part.from.0,
                clock(part.from.1),
                part.to.0,
                clock(part.to.1)
            ),
            Test::DayIn(spec, calendar, inside) => format!(
                "{} is {}in the calendar {}",
                day(*spec),
                if *inside { "" } else { "not " },
                self.calendar(*calendar)
            ),
        }
    }

    fn window(&self, spec: &WindowSpec) -> String {
        let mut text = self.end(&spec.closes);
        if let Some(opens) = &spec.opens {
            text.push_str(&format!(", from {}", self.opening(opens)));
        }
        if spec.zone == WindowZone::Customer {
            text.push_str(", by the customer's own days");
        }
        if let Some(roll) = &spec.roll {
            text.push_str(&format!(", rolled by {}", self.calendar(roll.calendar)));
            if let Some(of) = &roll.of {
                text.push_str(&format!(" of {}", self.end(of)));
            }
        }
        text
    }

    /// Says when a window opens: an end without its last day, which is said with it.
    fn opening(&self, opens: &End) -> String {
        let list = |ends: &[End]| {
            let words: Vec<String> = ends.iter().map(|end| self.opening(end)).collect();
            words.join(", ")
        };
        match opens {
            End::After(event, period, calendar) => {
                self.end(&End::After(*event, period.whole(), *calendar))
            }
            End::Latest(ends) => format!("the latest of ({})", list(ends)),
            End::Earliest(ends) => format!("the earliest of ({})", list(ends)),
            End::Date(day, _) => day.to_string(),
            End::Stated(event, of) => {
                let one = of.one.whole();
                let whole = StatedPeriod {
                    one,
                    ..of.as_ref().clone()
                };
                self.end(&End::Stated(*event, Box::new(whole)))
            }
            End::Never | End::Before(_) | End::Clock(..) => self.end(opens),
        }
    }

    fn end(&self, end: &End) -> String {
        let list = |ends: &[End]| {
            let words: Vec<String> = ends.iter().map(|end| self.end(end)).collect();
            words.join(", ")
        };
        match end {
            End::Never => "without end".to_owned(),
            End::After(event, period, calendar) => match calendar {
                Some(index) => {
                    let (count, unit, short) = period.parts();
                    let (less, side) = Period::side(short, count < 0);
                    let (unit, calendar) = (unit.words(), self.calendar(*index));
                    let count = count.unsigned_abs();
                    format!("{less}{count} {unit} of {calendar} {side} {event}")
                }
                None => format!("{period} {event}"),
            },
            End::Stated(event, of) => {
                let (count, unit, short) = of.one.parts();
                let (less, side) = Period::side(short, count < 0);
                let calendar = of
                    .calendar
                    .map(|index| format!(" of {}", self.calendar(index)));
                format!(
                    "{less}{} {}{} ({} to {}) {side} {event}",
                    fact(&of.fact),
                    unit.words(),
                    calendar.unwrap_or_default(),
                    of.at_least,
                    of.at_most
                )
            }
            End::Before(event) => format!("{event}"),
            End::Date(day, false) => day.to_string(),
            End::Date(day, true) => format!("the start of {day}"),
            End::Clock(spec, time) => format!("{} of {}", clock(*time), day(*spec)),
            End::Latest(ends) => format!("the latest of ({})", list(ends)),
            End::Earliest(ends) => format!("the earliest of ({})", list(ends)),
        }
    }

    fn grant(&self, grant: &Grant) -> String {
        let mut text = format!("grants {}", grant.remedy);
        match &grant.worth {
            Worth::Paid => {}
            Worth::Nothing => text.push_str(", no money"),
            Worth::Said(of) => {
                text.push_str(", worth ");
                text.push_str(&sum(of));
            }
            Worth::Credit => text.push_str(", the credit that is left"),
        }
        text.push_str(share(grant.delivery));
        if grant.options {
            text.push_str(", with options");
        }
        if let Some(option) = &grant.consumes {
            text.push_str(&format!(", uses up one {option}"));
        }
        if let Some(window) = &grant.window {
            text.push_str(&format!(
                ", {} until {}",
                act(window.act),
                self.window(window)
            ));
        }
        if let Some(rank) = grant.rank {
            text.push_str(&format!(", rank {rank}"));
        }
        if grant.basis != Basis::Goodwill {
            text.push_str(&format!(", on the ground of {}", grant.basis));
        }
        text
    }

    fn addition(&self, addition: &Addition) -> String {
        let parts: Vec<String> = addition.parts.iter().map(|part| self.part(part)).collect();
        let to: Vec<&str> = addition.to.iter().map(|index| self.id(*index)).collect();
        let to = if to.is_empty() {
            String::new()
        } else {
            format!(" to {}", to.join(", "))
        };
        let of = remedies(&addition.remedies);
        format!("adds{to}{of}: {}", parts.join("; "))
    }

    fn part(&self, part: &Part) -> String {
        match part {
            Part::Condition(spec) => match &spec.settled_by {
                SettledBy::Event(event) => format!("condition {}, settled by {event}", spec.code),
                SettledBy::Finding(test) => format!(
                    "condition {}, {}, otherwise {}",
                    spec.code,
                    self.test(test),
                    spec.failed
                ),
            },
            Part::Obligation(spec) => match &spec.due {
                Some(end) => {
                    format!("{} owes {} until {}", spec.party, spec.code, self.end(end))
                }
                None => format!("{} owes {}", spec.party, spec.code),
            },
            Part::ReturnPayer(payer) => format!("the return shipment is paid by {payer}"),
            Part::ReturnRisk(party) => format!("its risk is with {party}"),
            Part::ReturnAddress(text) => format!("goods go to {text}"),
            Part::Payee(Payee::Payer) => "money goes to who paid".to_owned(),
            Part::Payee(Payee::Buyer) => "money goes to the buyer".to_owned(),
            Part::Payee(Payee::ThirdParty(code)) => format!("money goes to {code}"),
            Part::BackTo(BackTo {
                first,
                chosen,
                means: other,
            }) => {
                let means: Vec<&str> = first.iter().map(|means| means.word()).collect();
                let mut words = Vec::new();
                if !means.is_empty() {
                    words.push(format!("money goes back to {} first", means.join(", ")));
                }
                if let Some(other) = other {
                    words.push(format!("money goes by {other}"));
                }
                if *chosen {
                    words.push("the customer chooses where money goes".to_owned());
                }
                words.join(", ")
            }
            Part::Due(end) => format!("due {}", self.end(end)),
            Part::Release(events, any) => {
                let words: Vec<&str> = events.iter().map(|event| event.word()).collect();
                let which = if *any { "the first of " } else { "" };
                format!("money waits for {which}{}", words.join(", "))
            }
            Part::Deduct(of) => format!("deducts {}", sum(of)),
            Part::Charge(of) => format!("charges {}", sum(of)),
            Part::Reimburse(of) => format!("reimburses {}", sum(of)),
            Part::Delivery(of) => match share(*of) {
                "" => "without delivery".to_owned(),
                words => words.trim_start_matches(", ").to_owned(),
            },
            Part::Options(true) => "with options".to_owned(),
            Part::Options(false) => "without options".to_owned(),
            Part::Difference {
                dearer_owed,
                cheaper,
            } => {
                let mut words = Vec::new();
                if *dearer_owed {
                    words.push("the customer pays the difference to more expensive goods");
                }
                match cheaper {
                    // Where nothing else is said it is said that it is kept.
                    Cheaper::Kept if *dearer_owed => {}
                    Cheaper::Kept => words.push("the shop keeps the difference to cheaper goods"),
                    Cheaper::Credit => {
                        words.push("the difference to cheaper goods becomes store credit")
                    }
                    Cheaper::Refund => words.push("the difference to cheaper goods is refunded"),
                }
                words.join(", ")
            }
            Part::Notice(code) => format!("notice {code}"),
        }
    }
}

fn fact(of: &FactRef) -> String {
    let name = of.fact.spec().name;
    match &of.word {
        Some(word) => format!("{name}[{word}]"),
        None => name.to_owned(),
    }
}

fn act(act: Act) -> String {
    match act {
        Act::Request => "the request".to_owned(),
        other @ (Act::Statement
        | Act::Form
        | Act::HandOver
        | Act::NextOrder
        | Act::Decision
        | Act::Place
        | Act::AddressAnswer
        | Act::AttemptAnswer
        | Act::ShopCollect
        | Act::Event(_)) => format!("the act {}", other.word()),
    }
}

fn day(spec: DaySpec) -> String {
    let of: Event = spec.of;
    match spec.next {
        Some(weekday) => format!("the first {weekday} from {of} on"),
        None => format!("the day of {of}"),
    }
}

fn clock(clock: Clock) -> String {
    match clock {
        Clock::Instant(time) => time.format("%H:%M:%S sharp").to_string(),
        Clock::Minute(time) => time.format("%H:%M").to_string(),
    }
}

fn share(share: DeliveryShare) -> &'static str {
    match share {
        DeliveryShare::None => "",
        DeliveryShare::Paid => ", with the delivery paid",
        DeliveryShare::Standard => ", with standard delivery",
        DeliveryShare::PaidAlways => ", with the delivery paid, for a part of the order too",
    }
}

fn remedies(remedies: &[Remedy]) -> String {
    if remedies.is_empty() {
        return String::new();
    }
    let words: Vec<&str> = remedies.iter().map(|remedy| remedy.word()).collect();
    format!(" {}", words.join(", "))
}
