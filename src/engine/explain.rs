//! Explains a row: the facts that the cited clauses compared, and their values.

use crate::domain::facts::{Facts, RowIndex, Value};
use crate::domain::few::Few;
use crate::domain::money::Amount;
use crate::domain::spell::Spell;
use crate::domain::time::EventTime;
use crate::domain::verdict::{Bound, Decision};
use crate::domain::vocabulary::{Event, Fact};
use crate::engine::entitle::decided::DecidedRow;
use crate::engine::read::context::{Asked, DecisionContext};
use crate::engine::read::guard::{is_finding, tests_of};
use crate::engine::read::world::World;
use crate::policy::plan::RoutePlan;
use crate::policy::terms::{DaySpec, Effect, End, FactRef, Test, WindowSpec};

/// Returns the decision of each row with the facts of its reasons: rows that are alike
/// compared facts of their own. `back` are the rows that do not stay with the customer.
pub(crate) fn explain<'a>(
    context: DecisionContext<'a, '_>,
    route: &'a RoutePlan,
    rows: &[DecidedRow<'a>],
    back: &[RowIndex],
    decisions: &[Box<Decision<'a>>],
) -> Few<Box<Decision<'a>>> {
    let explained = |row: &DecidedRow<'a>| {
        let mut decision = decisions.get(row.draft)?.clone();
        fill(context, route, back, row.index, &mut decision);
        Some(decision)
    };
    rows.iter().filter_map(explained).collect()
}

/// Fills in the facts of each reason of a row's decision.
fn fill<'a>(
    context: DecisionContext<'a, '_>,
    route: &'a RoutePlan,
    back: &[RowIndex],
    index: RowIndex,
    decision: &mut Decision<'a>,
) {
    let asked = Asked {
        ask: &context.facts.request().ask,
        hypothetical: false,
    };
    let world = World {
        rows: context.facts.rows(),
        back,
        ..World::new(context, asked, index)
    };
    let is_final = decision.missing.is_empty() && !index.settled;
    if is_final && request_is_known(context.facts) {
        decision.regardless_of = regardless_of(&world, route, decision);
    }
    for reason in decision.reasons.iter_mut() {
        let Some(cite) = reason.clause else { continue };
        let mut clauses = route.clauses.iter();
        let clause = clauses.find(|c| {
            context
                .plan
                .clause(c.clause)
                .is_some_and(|p| p.cited.id == cite.id)
        });
        let Some(clause) = clause else { continue };
        let mut compared = Vec::new();
        for (_, test) in tests_of(route, clause.guard.tests()) {
            show(&world, test, &mut compared);
        }
        if let Some(Effect::Grants(grant)) = context.plan.clause(clause.clause).map(|c| &c.effect)
            && let Some(window) = &grant.window
        {
            show_window(&world, window, &mut compared);
        }
        for fact in compared {
            if !reason.facts.contains(&fact) {
                reason.facts.push(fact);
            }
        }
    }
}

/// Whether nothing is out of reach of everybody: then what is unknown changes nothing.
fn request_is_known(facts: &Facts<'_>) -> bool {
    !facts.has_unavailable()
}

/// Returns the paths of facts that tests wait for in a row that is settled all the same,
/// but for those that parts of what is granted depend on.
fn regardless_of<'a>(
    world: &World<'a, '_>,
    route: &'a RoutePlan,
    decision: &Decision<'a>,
) -> Vec<String> {
    let waiting = route.tests.iter().filter_map(|test| world.test(test).err());
    let asked = waiting.filter(|key| !is_finding(*key));
    let mut paths: Vec<String> = asked.map(|key| world.path_of(key)).collect();
    let granted = decision.entitlement.as_ref();
    let depends_on = granted.map_or(&[][..], |granted| &granted.depends_on);
    let decides = |path: &String| {
        let mut facts = depends_on.iter().flat_map(|dependence| &dependence.facts);
        facts.any(|fact| fact.path == *path)
    };
    paths.retain(|path| !decides(path));
    paths.sort();
    paths.dedup();
    paths
}

/// A path and the value that stands there.
type ShownFact = (String, String);

/// Shows what a test compares.
fn show<'a>(world: &World<'a, '_>, test: &'a Test, to: &mut Vec<ShownFact>) {
    match test {
        Test::YesNo(fact, _)
        | Test::OneOf(fact, _)
        | Test::NoneOf(fact, _)
        | Test::Range(fact, ..)
        | Test::Amount(fact, _)
        | Test::NotSupplied(fact, _) => to.push(fact_shown(world, fact)),
        Test::Happened(event, _) | Test::Week(event, _) => to.push(event_shown(world, *event)),
        Test::DayIn(DaySpec { of, .. }, ..) => to.push(event_shown(world, *of)),
        Test::Window(spec, _) => show_window(world, spec, to),
        Test::Past(clause) => {
            if let Some(Effect::Grants(grant)) = world.plan.clause(*clause).map(|c| &c.effect)
                && let Some(window) = &grant.window
            {
                show_window(world, window, to);
            }
        }
    }
}

/// Shows a fact: its path, and what stands there.
fn fact_shown<'a>(world: &World<'a, '_>, named: &'a FactRef) -> ShownFact {
    let path = world.path(world.key(named)).of_units(world.row.location());
    let order = world.facts.order();
    let amount = |amount: Option<Amount>| {
        amount.map_or_else(unknown, |amount| amount.text(order.currency).to_string())
    };
    // What is derived from a field is not what stands in it.
    let text = match named.fact {
        Fact::Age => time_text(order.facts.event(Event::Birth)),
        Fact::WantedWorth => amount(world.wanted_unit_price()),
        Fact::Deteriorated => amount(world.stated(Fact::Deterioration)),
        Fact::ValueLost => amount(world.stated(Fact::ValueLoss)),
        Fact::FormSent => time_text(world.event(Event::FormSend).0),
        _ => value_text(world, world.fact(named)),
    };
    (path.spelled(), text)
}

/// Shows an event: its path, and when it happened.
fn event_shown(world: &World<'_, '_>, event: Event) -> ShownFact {
    let (time, key) = world.event(event);
    let path = world.path(key).of_units(world.row.location());
    (path.spelled(), time_text(time))
}

/// Shows a window: its act, what it counts from, and the first instant outside.
fn show_window<'a>(world: &World<'a, '_>, spec: &'a WindowSpec, to: &mut Vec<ShownFact>) {
    to.push(match spec.act.event() {
        Some(event) => event_shown(world, event),
        None => {
            let decide_time = world.facts.decide_time();
            ("decide_time".to_owned(), decide_time.to_string())
        }
    });
    let mut anchors = Vec::new();
    anchors_of(&spec.closes, &mut anchors);
    // Of an event that opens a window nothing has to be worked out.
    let opens = spec.opens.as_ref();
    let opens = opens.filter(|opens| !matches!(opens, End::Before(_)));
    opens.inspect(|opens| anchors_of(opens, &mut anchors));
    to.extend(anchors.into_iter().map(|event| event_shown(world, event)));
    let stated = spec.stated().into_iter();
    to.extend(stated.map(|(_, period)| fact_shown(world, &period.fact)));
    if let Some(window) = world.window(spec, &[]).window {
        if opens.is_some() {
            to.push((OPENS.to_owned(), bound_text(window.opens)));
        }
        to.push((CLOSES.to_owned(), bound_text(window.closes)));
    }
}

/// Path under which the first instant of a window is shown.
const OPENS: &str = "window.opens";
/// Path under which the bound of a window is shown: the first instant outside.
const CLOSES: &str = "window.closes";

/// Collects the events that an end counts from.
fn anchors_of(end: &End, to: &mut Vec<Event>) {
    match end {
        End::Never | End::Date(..) => {}
        End::After(event, ..) | End::Before(event) | End::Stated(event, _) => to.push(*event),
        End::Clock(day, _) => to.push(day.of),
        End::Latest(ends) | End::Earliest(ends) => ends.iter().for_each(|end| anchors_of(end, to)),
    }
}

fn bound_text(bound: Bound) -> String {
    match bound {
        Bound::At(at) => at.to_string(),
        Bound::On(event) => format!("{event}, not yet"),
        Bound::After(event, period) => {
            format!("{period} {event}")
        }
        Bound::Between(from, to) => format!("between {from} and {to}"),
        Bound::Unbounded => "never".to_owned(),
    }
}

fn unknown() -> String {
    "unknown".to_owned()
}

fn value_text(world: &World<'_, '_>, value: Value<'_>) -> String {
    match value {
        Value::Unknown => unknown(),
        Value::YesNo(true) => "yes".to_owned(),
        Value::YesNo(false) => "no".to_owned(),
        Value::Word(word) => word.to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Amount(amount) => amount.text(world.facts.order().currency).to_string(),
    }
}

fn time_text(time: EventTime) -> String {
    match time {
        EventTime::Unknown => unknown(),
        EventTime::NotYet => "not yet".to_owned(),
        EventTime::Happened => "happened, nobody knows when".to_owned(),
        EventTime::At(at) => at.to_string(),
        EventTime::On(day) => day.to_string(),
    }
}
