//! Compiles a checked policy into a plan.

use super::checked::{CheckedPolicy, Clause, Guard, InertClause};
use super::closing::closing;
use super::plan::{
    Bits, GuardMasks, MAX_CLAUSES_PER_ROUTE, MAX_TESTS_PER_ROUTE, Plan, PlanClause, RouteClause,
    RoutePlan, bits,
};
use super::pool::Pool;
use super::register::InertEntry;
use super::terms::{Effect, End, Part, Recommendation, Test, WindowSpec, Worth};
use crate::domain::facts::{Action, Remedy};
use crate::domain::id::ClauseId;
use crate::domain::verdict::{Act, Citation};
use crate::domain::vocabulary::{Class, Event, Fact};

/// Says that a route has more than a plan can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooMany {
    /// More than [`MAX_TESTS_PER_ROUTE`] distinct tests.
    Tests(Action, usize),
    /// More than [`MAX_CLAUSES_PER_ROUTE`] clauses.
    Clauses(Action, usize),
}

impl std::fmt::Display for TooMany {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (route, count, what, limit) = match self {
            Self::Tests(route, count) => (route, count, "distinct tests", MAX_TESTS_PER_ROUTE),
            Self::Clauses(route, count) => (route, count, "clauses", MAX_CLAUSES_PER_ROUTE),
        };
        write!(
            f,
            "the route `{route}` has {count} {what}; at most {limit} are allowed"
        )
    }
}

/// Returns the set of some indexes; beyond the width of a set there are none.
fn set(places: &[usize]) -> Bits {
    let bit = |index: &usize| {
        let shift = u32::try_from(*index).ok()?;
        Bits::from(1_u8).checked_shl(shift)
    };
    places.iter().filter_map(bit).fold(0, |set, bit| set | bit)
}

/// Compiles a policy on its own.
///
/// # Errors
/// A route has more tests or clauses than a plan can hold.
pub fn compile(policy: &CheckedPolicy) -> Result<Plan, TooMany> {
    compile_in(policy, &Pool::default())
}

/// Compiles a policy whose texts are shared with those of others.
///
/// # Errors
/// A route has more tests or clauses than a plan can hold.
pub fn compile_in(policy: &CheckedPolicy, pool: &Pool) -> Result<Plan, TooMany> {
    let mut targets: Vec<Action> = policy.routes.iter().map(|(_, route)| *route).collect();
    targets.sort();
    targets.dedup();
    let mapped = policy.routes.iter();
    let routes = mapped.filter_map(|(action, to)| Some((*action, targets.binary_search(to).ok()?)));
    let routes = routes.collect();
    let route_plans = targets
        .into_iter()
        .map(|route| {
            let plan = pool.route(compile_route(policy, route)?);
            Ok((leading(policy, route), plan))
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Plan {
        policy: policy.id.clone(),
        title: policy.title.clone(),
        revision: policy
            .effective
            .map_or_else(|| "always".to_owned(), |day| day.to_string()),
        effective: policy.effective,
        digest: policy.digest.clone(),
        digest_bytes: bytes_of(&policy.digest),
        layer: policy.layer,
        zone: policy.zone,
        routes,
        uncovered: policy.uncovered.clone(),
        option_codes: policy.option_codes.clone(),
        word_lists: policy.word_lists.clone(),
        facts: policy.facts.clone(),
        declared_events: policy.events.clone(),
        across: across(policy, pool),
        texts: Vec::new(),
        calendars: policy.calendars.iter().map(|c| pool.calendar(c)).collect(),
        clauses: policy
            .clauses
            .iter()
            .map(|c| pool.clause(compile_clause(c, pool)))
            .collect(),
        inert: policy.inert.iter().map(|c| inert(c, pool)).collect(),
        route_plans,
    })
}

/// Reads 32 bytes in hexadecimal; what is missing is zero.
fn bytes_of(digest: &str) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (index, byte) in bytes.iter_mut().enumerate() {
        let at = index.saturating_mul(2);
        let digits = digest.get(at..at.saturating_add(2)).unwrap_or_default();
        *byte = u8::from_str_radix(digits, 16).unwrap_or_default();
    }
    bytes
}

/// Returns an action that leads to a route, the route's own if it does.
fn leading(policy: &CheckedPolicy, route: Action) -> Action {
    let mut to_it = policy.routes.iter().filter(|(_, to)| *to == route);
    let own = to_it.clone().any(|(from, _)| *from == route);
    match to_it.next() {
        Some((first, _)) if !own => *first,
        _ => route,
    }
}

fn compile_clause(clause: &Clause, pool: &Pool) -> PlanClause {
    let averted_code = match &clause.effect {
        Effect::Refuses(refusal) => pool.text(&format!("not_{}", refusal.reason)),
        Effect::Refers(referral) => pool.text(&format!("not_{}", referral.reason)),
        Effect::Grants(_) => pool.text("finding_confirmed"),
        Effect::Adds(_) | Effect::Extends(..) => pool.text("finding_open"),
    };
    PlanClause {
        cited: Citation {
            as_condition: clause.as_condition.as_deref().map(|text| pool.text(text)),
            as_task: clause.as_task.as_deref().map(|text| pool.text(text)),
            ..citation(&clause.id, &clause.says, &clause.source, pool)
        },
        effect: clause.effect.clone(),
        band: clause.band,
        pending: clause.pending,
        averted_code,
    }
}

fn citation(id: &ClauseId, says: &str, source: &str, pool: &Pool) -> Citation {
    Citation {
        id: pool.text(id.as_str()),
        says: pool.text(says),
        source: pool.text(source),
        as_condition: None,
        as_task: None,
    }
}

fn across(policy: &CheckedPolicy, pool: &Pool) -> Option<Citation> {
    let id = policy.across.as_ref()?;
    let with_effect = policy.clauses.iter().map(|c| (&c.id, &c.says, &c.source));
    let without = policy.inert.iter().map(|c| (&c.id, &c.says, &c.source));
    let mut all = with_effect.chain(without);
    let (id, says, source) = all.find(|(of, ..)| *of == id)?;
    Some(citation(id, says, source, pool))
}

fn inert(clause: &InertClause, pool: &Pool) -> InertEntry {
    InertEntry {
        cited: citation(&clause.id, &clause.says, &clause.source, pool),
        because: pool.text(&clause.because),
    }
}

/// Pools tests, each once.
#[derive(Default)]
struct Tests(Vec<Test>);

impl Tests {
    fn bit(&mut self, test: &Test) -> Bits {
        let index = self.0.iter().position(|t| t == test).unwrap_or_else(|| {
            self.0.push(test.clone());
            self.0.len().saturating_sub(1)
        });
        // Beyond the width the bit is lost; the caller refuses such a route.
        u32::try_from(index)
            .ok()
            .and_then(|shift| Bits::from(1_u8).checked_shl(shift))
            .unwrap_or(0)
    }

    fn bits(&mut self, tests: &[Test]) -> Bits {
        tests.iter().fold(0, |bits, test| bits | self.bit(test))
    }

    fn guard(&mut self, guard: &Guard) -> GuardMasks {
        GuardMasks {
            all: self.bits(&guard.all),
            unless: guard.unless.iter().map(|tests| self.bits(tests)).collect(),
            any: guard.any.iter().map(|tests| self.bits(tests)).collect(),
        }
    }
}

fn compile_route(policy: &CheckedPolicy, route: Action) -> Result<RoutePlan, TooMany> {
    let order = overriders_first(policy, route);
    let mut pooled = Tests::default();
    let mut clauses: Vec<RouteClause> = order
        .iter()
        .filter_map(|index| {
            let clause = policy.clauses.get(*index)?;
            let overrides_it = |other: &usize| {
                policy
                    .clauses
                    .get(*other)
                    .is_some_and(|o| o.overrides.contains(index))
            };
            let overriders: Vec<usize> = order
                .iter()
                .enumerate()
                .filter(|(_, other)| overrides_it(other))
                .map(|(at, _)| at)
                .collect();
            Some(RouteClause {
                clause: *index,
                guard: pooled.guard(&clause.guard),
                overriders: set(&overriders),
            })
        })
        .collect();
    clauses.shrink_to_fit();
    pooled.0.shrink_to_fit();
    if pooled.0.len() > MAX_TESTS_PER_ROUTE {
        return Err(TooMany::Tests(route, pooled.0.len()));
    }
    if clauses.len() > MAX_CLAUSES_PER_ROUTE {
        return Err(TooMany::Clauses(route, clauses.len()));
    }
    let with = |wanted: fn(&Effect) -> bool| -> Vec<usize> {
        let is = |c: &RouteClause| {
            policy
                .clauses
                .get(c.clause)
                .is_some_and(|p| wanted(&p.effect))
        };
        clauses
            .iter()
            .enumerate()
            .filter(|(_, c)| is(c))
            .map(|(at, _)| at)
            .collect()
    };
    let mut grants = with(|e| matches!(e, Effect::Grants(_)));
    // Equal ranks keep the order of the file.
    grants.sort_by_key(|at| clauses.get(*at).map(|c| (rank(policy, c.clause), c.clause)));
    let mut remedies: Vec<(Remedy, Bits)> = Vec::new();
    for at in &grants {
        let effect = clauses
            .get(*at)
            .and_then(|c| policy.clauses.get(c.clause))
            .map(|c| &c.effect);
        let Some(Effect::Grants(grant)) = effect else {
            continue;
        };
        match remedies.iter_mut().find(|(of, _)| *of == grant.remedy) {
            Some((_, grants)) => *grants |= set(&[*at]),
            None => remedies.push((grant.remedy, set(&[*at]))),
        }
    }
    let tests = |is: fn(&Test) -> bool| {
        let tests = bits().zip(&pooled.0).filter(|(_, test)| is(test));
        tests.fold(0, |set, (bit, _)| set | bit)
    };
    let past = tests(|test| matches!(test, Test::Past(_)));
    let supplies = supplies(policy, &pooled.0, &order);
    let is_limited = !with(|e| matches!(e, Effect::Grants(g) if g.consumes.is_some())).is_empty();
    let tests_kept = pooled.0.iter().filter_map(Test::fact);
    let looks_at_kept_units = tests_kept
        .map(|named| named.fact)
        .any(Fact::is_of_kept_units)
        || !with(amounts_look_at_kept_units).is_empty();
    let recommended = |index: usize| {
        order.iter().filter_map(|at| policy.clauses.get(*at)).any(|clause| {
            matches!(&clause.effect, Effect::Refers(of) if of.recommends == Recommendation::Grant(index))
        })
    };
    let watched = clauses
        .iter()
        .enumerate()
        .filter(|(_, c)| pooled.0.contains(&Test::Past(c.clause)) || recommended(c.clause))
        .map(|(at, _)| at)
        .collect();
    let opposites = opposites(&pooled.0);
    let closing = closing(policy, &clauses, &pooled.0, &opposites);
    let needed_by = |bit: Bits| {
        let clauses = bits().zip(&clauses);
        let needing = clauses.filter(|(_, clause)| clause.guard.all & bit != 0);
        needing.fold(0, |set, (clause, _)| set | clause)
    };
    Ok(RoutePlan {
        following: opposites.iter().fold(0, |bits, (_, other)| bits | other),
        opposites,
        supplies,
        is_limited,
        looks_at_kept_units,
        watched,
        route,
        past,
        amounts: tests(|test| matches!(test, Test::Amount(..))),
        granting: set(&with(|e| matches!(e, Effect::Grants(_)))),
        refusals: set(&with(|e| matches!(e, Effect::Refuses(_)))),
        closing: closing.refusals,
        closing_tests: closing.tests,
        referrals: set(&with(|e| matches!(e, Effect::Refers(_)))),
        additions: set(&with(|e| matches!(e, Effect::Adds(_)))),
        extensions: with(|e| matches!(e, Effect::Extends(..))),
        needed_by: bits().take(pooled.0.len()).map(needed_by).collect(),
        all: bits().zip(&clauses).fold(0, |set, (bit, _)| set | bit),
        tests: pooled.0,
        clauses,
        grants,
        remedies,
    })
}

/// Whether an amount of a clause looks at the units that the customer keeps.
fn amounts_look_at_kept_units(effect: &Effect) -> bool {
    match effect {
        Effect::Grants(grant) => match &grant.worth {
            Worth::Said(sum) => sum.formula.looks_at_kept_units(),
            Worth::Paid | Worth::Nothing | Worth::Credit => false,
        },
        Effect::Adds(addition) => {
            let mut sums = addition.parts.iter().filter_map(Part::sum);
            sums.any(|sum| sum.formula.looks_at_kept_units())
        }
        Effect::Refuses(_) | Effect::Refers(_) | Effect::Extends(..) => false,
    }
}

/// Finds tests that say the opposite of one before them.
fn opposites(tests: &[Test]) -> Vec<(Bits, Bits)> {
    let pair = |(index, test): (usize, &Test)| {
        let opposite = test.opposite()?;
        let of = tests.iter().take(index).position(|t| *t == opposite)?;
        Some((set(&[of]), set(&[index])))
    };
    tests.iter().enumerate().filter_map(pair).collect()
}

/// Whether tests ask for something that the customer supplies, or a clause of the
/// route speaks of when the customer sent something.
fn supplies(policy: &CheckedPolicy, tests: &[Test], clauses: &[usize]) -> bool {
    let sent = |event: Event| matches!(event, Event::StatementSend | Event::FormSend);
    let windows = clauses.iter().any(|index| {
        let Some(clause) = policy.clauses.get(*index) else {
            return false;
        };
        match &clause.effect {
            Effect::Grants(grant) => grant.window.as_ref().is_some_and(|w| window_sent(w, sent)),
            Effect::Extends(_, end) => end_sent(end, sent),
            Effect::Adds(addition) => addition.parts.iter().any(|part| match part {
                Part::Due(end) => end_sent(end, sent),
                Part::Obligation(spec) => spec.due.as_ref().is_some_and(|e| end_sent(e, sent)),
                Part::Release(events, _) => events.iter().any(|e| sent(*e)),
                Part::Condition(_)
                | Part::ReturnPayer(_)
                | Part::ReturnRisk(_)
                | Part::ReturnAddress(_)
                | Part::Payee(_)
                | Part::BackTo(_)
                | Part::Deduct(_)
                | Part::Charge(_)
                | Part::Reimburse(_)
                | Part::Delivery(_)
                | Part::Options(_)
                | Part::Difference { .. }
                | Part::Notice(_) => false,
            }),
            Effect::Refuses(_) | Effect::Refers(_) => false,
        }
    });
    windows
        || tests.iter().any(|test| match test {
            Test::NotSupplied(..) => true,
            Test::YesNo(of, _) => of.fact.spec().class == Class::Asked,
            Test::Happened(event, _) | Test::Week(event, _) => sent(*event),
            Test::Window(spec, _) => window_sent(spec, sent),
            Test::DayIn(day, ..) => sent(day.of),
            Test::OneOf(..)
            | Test::NoneOf(..)
            | Test::Range(..)
            | Test::Amount(..)
            | Test::Past(_) => false,
        })
}

fn window_sent(spec: &WindowSpec, sent: fn(Event) -> bool) -> bool {
    matches!(spec.act, Act::Statement | Act::Form)
        || spec.opens.as_ref().is_some_and(|end| end_sent(end, sent))
        || end_sent(&spec.closes, sent)
        || spec
            .roll
            .as_ref()
            .and_then(|roll| roll.of.as_ref())
            .is_some_and(|end| end_sent(end, sent))
}

fn end_sent(end: &End, sent: fn(Event) -> bool) -> bool {
    match end {
        End::Never | End::Date(..) => false,
        End::After(event, ..) | End::Before(event) | End::Stated(event, _) => sent(*event),
        End::Clock(day, _) => sent(day.of),
        End::Latest(ends) | End::Earliest(ends) => ends.iter().any(|e| end_sent(e, sent)),
    }
}

fn rank(policy: &CheckedPolicy, clause: usize) -> u32 {
    match policy.clauses.get(clause).map(|c| &c.effect) {
        Some(Effect::Grants(grant)) => grant.rank.unwrap_or(0),
        _ => 0,
    }
}

/// Orders the clauses of a route so that each comes after all that override it,
/// and otherwise as in the file. The checker has refused cycles.
fn overriders_first(policy: &CheckedPolicy, route: Action) -> Vec<usize> {
    let on_route: Vec<usize> = policy
        .clauses
        .iter()
        .enumerate()
        .filter(|(_, c)| c.routes.contains(&route))
        .map(|(index, _)| index)
        .collect();
    let mut order: Vec<usize> = Vec::with_capacity(on_route.len());
    let mut left = on_route;
    while !left.is_empty() {
        let free: Vec<usize> = left
            .iter()
            .filter(|index| {
                !left.iter().any(|o| {
                    policy
                        .clauses
                        .get(*o)
                        .is_some_and(|c| c.overrides.contains(index))
                })
            })
            .copied()
            .collect();
        if free.is_empty() {
            order.append(&mut left);
        } else {
            left.retain(|index| !free.contains(index));
            order.extend(free);
        }
    }
    order
}
