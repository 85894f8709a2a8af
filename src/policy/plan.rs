//! The plan: a policy compiled for deciding.
//!
//! Tests are pooled for each route and named by a bit, guards are masks over
//! those bits, and clauses stand in an order in which a clause comes after all
//! that override it. A decision reads facts once for each bit and then only
//! compares masks.

use std::sync::Arc;

use super::register::InertEntry;
use super::terms::{Calendar, Effect, End, Part, Pending, SettledBy, Test, WindowSpec, WordList};
use super::translation::Translation;
use crate::domain::facts::{Action, Remedy};
use crate::domain::id::PolicyId;
use crate::domain::text::Text;
use crate::domain::time::{Day, Zone};
use crate::domain::verdict::{Citation, Cite, LayerKind};
use crate::domain::vocabulary::{Event, Fact, Kind};

/// A set of tests or of clauses of a route, one bit each.
pub type Bits = u64;

/// A set of remedies of a route, one bit each.
pub type RemedyBits = u16;

// A grant of every remedy has a bit.
const _: () = assert!(Remedy::ALL.len() <= RemedyBits::BITS as usize);

/// Distinct tests that one route can hold: the width of [`Bits`].
pub const MAX_TESTS_PER_ROUTE: usize = 64;

/// Clauses that can stand on one route: the width of [`Bits`].
pub const MAX_CLAUSES_PER_ROUTE: usize = 64;

/// Returns the indexes in a set, ascending.
pub fn indexes(mut set: Bits) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let index = usize::try_from(set.trailing_zeros()).ok()?;
        (set != 0).then(|| {
            set &= set.wrapping_sub(1);
            index
        })
    })
}

/// Returns the index of each bit, ascending.
pub fn bits() -> impl Iterator<Item = Bits> {
    std::iter::successors(Some(1), |bit| Some(bit << 1_u32))
}

/// Holds a policy compiled for deciding. What is equal in the plans of policies that
/// are loaded together is held once: translations, calendars, clauses and whole routes.
#[derive(Debug)]
pub struct Plan {
    /// Its id.
    pub policy: PolicyId,
    /// The shop, for people.
    pub title: String,
    /// The revision, a date or `always`.
    pub revision: String,
    /// From when it is in force; `None`: since always.
    pub effective: Option<Day>,
    /// SHA-256 of the file, hexadecimal.
    pub digest: String,
    /// The same digest as its bytes.
    pub digest_bytes: [u8; 32],
    /// Which layer it is.
    pub layer: LayerKind,
    /// The zone of its days; `None`: the place of delivery.
    pub zone: Option<Zone>,
    /// Where each action leads, by action: an index in `route_plans`.
    pub routes: Vec<(Action, usize)>,
    /// The clause that says that the terms do not speak of an action.
    pub uncovered: Vec<(Action, usize)>,
    /// Codes of the options that it declares.
    pub option_codes: Vec<String>,
    /// The words that standard facts can have; of others they can have any.
    pub word_lists: Vec<WordList>,
    /// Facts that it declares, by name.
    pub facts: Vec<Fact>,
    /// Events that it declares, by their index in a set of events.
    pub declared_events: Vec<Event>,
    /// The clause that says that terms may change: then an order placed under these
    /// and asked about under later ones is decided by both, and reviewed where they
    /// differ. `None`: it is decided by these alone.
    pub across: Option<Citation>,
    /// What the clauses say in other languages.
    pub texts: Vec<Arc<Translation>>,
    /// Sets of days.
    pub calendars: Vec<Arc<Calendar>>,
    /// The clauses with an effect.
    pub clauses: Vec<Arc<PlanClause>>,
    /// The clauses without one, for listing.
    pub inert: Vec<InertEntry>,
    /// What stands on each route, by route, with an action that leads there: the
    /// route's own where that does.
    pub route_plans: Vec<(Action, Arc<RoutePlan>)>,
}

impl Plan {
    /// Returns the only words that a fact can have; `None`: it can have any, or none.
    pub fn words_of(&self, fact: Fact) -> Option<Vec<&str>> {
        words_of(&self.word_lists, fact)
    }

    /// Returns the declared fact with this name.
    pub fn fact(&self, name: &str) -> Option<Fact> {
        let mut facts = self.facts.iter();
        facts.find(|fact| fact.is_named(name)).copied()
    }

    /// Returns the declared event with this name.
    pub fn event(&self, name: &str) -> Option<Event> {
        let mut events = self.declared_events.iter();
        events.find(|event| event.is_named(name)).copied()
    }

    /// Returns all events, standard and declared, by their index in a set of events.
    pub fn events(&self) -> impl Iterator<Item = Event> {
        Event::ALL.iter().chain(&self.declared_events).copied()
    }

    /// Returns the events of a set, by their index in it.
    pub fn events_in(&self, set: u64) -> impl Iterator<Item = Event> {
        let rest = |set: &u64| Some(set & set.wrapping_sub(1));
        let sets = std::iter::successors(Some(set), rest).take_while(|set| *set != 0);
        sets.filter_map(|set| {
            let index = set.trailing_zeros();
            match index.checked_sub(Event::FIRST_DECLARED) {
                None => Event::ALL.get(index as usize).copied(),
                Some(declared) => self.declared_events.get(declared as usize).copied(),
            }
        })
    }

    /// Returns the events that cannot happen before another one has, by their index in a set.
    pub fn events_after(&self, event: Event) -> impl Iterator<Item = Event> {
        let declared = self.declared_events.iter().copied();
        let declared = declared.filter(move |later| later.before() & event.bit() != 0);
        self.events_in(event.spec().later).chain(declared)
    }

    /// Returns the set of events that cannot happen before another one has.
    pub fn set_after(&self, event: Event) -> u64 {
        let declared = self.declared_events.iter();
        let declared = declared.filter(|later| later.before() & event.bit() != 0);
        declared.fold(event.spec().later, |set, later| set | later.bit())
    }

    /// Returns where an action leads; `None`: the terms do not speak of it.
    pub fn route(&self, action: Action) -> Option<&RoutePlan> {
        let (_, index) = self.routes.iter().find(|(a, _)| *a == action)?;
        self.route_plans
            .get(*index)
            .map(|(_, route)| route.as_ref())
    }

    /// Returns the actions that the terms speak of, each with where it leads, by action.
    pub fn mapped(&self) -> impl Iterator<Item = (Action, Action)> {
        let route = |index: usize| self.route_plans.get(index).map(|(_, r)| r.route);
        let routes = self.routes.iter();
        routes.filter_map(move |(action, index)| Some((*action, route(*index)?)))
    }

    /// Returns the routes, each with an action that leads to it.
    pub fn choices(&self) -> impl Iterator<Item = (Action, &RoutePlan)> {
        let routes = self.route_plans.iter();
        routes.map(|(action, route)| (*action, route.as_ref()))
    }

    /// Returns the clause with an effect at an index.
    pub fn clause(&self, index: usize) -> Option<&PlanClause> {
        self.clauses.get(index).map(Arc::as_ref)
    }
}

/// Holds the texts of a clause and what it does.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct PlanClause {
    /// What to cite of it.
    pub cited: Citation,
    /// What it does.
    pub effect: Effect,
    /// Which of the bands of the clause it is, from 1; `None`: it has none.
    pub band: Option<usize>,
    /// What follows while only findings are unknown.
    pub pending: Pending,
    /// Code of the condition that stands while a refusal or referral waits for a
    /// finding: `not_` and its reason.
    pub averted_code: Text,
}

impl PlanClause {
    /// Cites the clause.
    pub const fn cite(&self) -> Cite<'_> {
        &self.cited
    }

    /// Whether it is a band of a clause, and not the first.
    pub fn is_further_band(&self) -> bool {
        self.band.is_some_and(|band| band > 1)
    }
}

/// Holds what stands on one route.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct RoutePlan {
    /// The route.
    pub route: Action,
    /// The tests of all guards, each once; the index is the bit.
    pub tests: Vec<Test>,
    /// For each test the clauses that apply only where it holds: a bit for each index in
    /// `clauses`.
    pub needed_by: Vec<Bits>,
    /// Bits of the tests that ask whether a granting clause's window is past.
    pub past: Bits,
    /// The granting clauses, a bit each.
    pub granting: Bits,
    /// Bits of the tests that compare amounts.
    pub amounts: Bits,
    /// Tests of which one holds if and only if the other does not: the bit of the one
    /// that is evaluated, and of the one that follows from it.
    pub opposites: Vec<(Bits, Bits)>,
    /// Bits of the tests that follow from others.
    pub following: Bits,
    /// Clauses, each after all that override it.
    pub clauses: Vec<RouteClause>,
    /// Every clause, a bit for each index in `clauses`.
    pub all: Bits,
    /// Places in `clauses` of grants, by rank.
    pub grants: Vec<usize>,
    /// Refusals, a bit for each index in `clauses`.
    pub refusals: Bits,
    /// Referrals, likewise.
    pub referrals: Bits,
    /// Additions, likewise.
    pub additions: Bits,
    /// Refusals of every remedy that nothing overrides and time alone decides, likewise:
    /// where one applies, the route is closed whatever else is known.
    pub closing: Bits,
    /// The tests that tell whether one of these applies.
    pub closing_tests: Bits,
    /// Places of extensions.
    pub extensions: Vec<usize>,
    /// The remedies that its grants give, by rank, each with these: a bit for each index
    /// in `clauses`.
    pub remedies: Vec<(Remedy, Bits)>,
    /// Grants whose window is read whether or not they apply: tests ask whether it is
    /// past, or a referral recommends them. Places in [`Self::clauses`], ascending.
    pub watched: Vec<usize>,
    /// Whether it matters that the customer supplies or sends something with the
    /// request: otherwise a request that is tried out is decided like a real one.
    pub supplies: bool,
    /// Whether a grant uses up an option, so that it can cover a part of the units only.
    pub is_limited: bool,
    /// Whether a test or an amount looks at the units that the customer keeps, so that the
    /// answer to a row can turn on the answers to others.
    pub looks_at_kept_units: bool,
}

/// Holds a clause as it stands on a route.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct RouteClause {
    /// Its index in [`Plan::clauses`].
    pub clause: usize,
    /// When it applies.
    pub guard: GuardMasks,
    /// The clauses that override it, a bit for each index in [`RoutePlan::clauses`].
    pub overriders: Bits,
}

/// Holds a guard as masks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct GuardMasks {
    /// Each bit must be true.
    pub all: Bits,
    /// In none of these may all bits be true.
    pub unless: Vec<Bits>,
    /// In one of these all bits must be true; empty: no further demand.
    pub any: Vec<Bits>,
}

impl GuardMasks {
    /// Returns the tests that it reads.
    pub fn tests(&self) -> Bits {
        let groups = self.unless.iter().chain(&self.any);
        groups.fold(self.all, |tests, group| tests | group)
    }
}

impl RoutePlan {
    /// Returns the index on the route of a clause of the policy; `None`: it is not on it.
    pub fn position(&self, clause: usize) -> Option<usize> {
        let mut clauses = self.clauses.iter();
        clauses.position(|on_route| on_route.clause == clause)
    }

    /// Returns the clauses that are not ruled out by these tests, which do not hold: a
    /// bit for each index in `clauses`.
    pub fn left_by(&self, failed: Bits) -> Bits {
        let needed = indexes(failed).filter_map(|index| self.needed_by.get(index));
        self.all & !needed.fold(0, |out, by| out | by)
    }

    /// Returns the remedies of its grants, by rank, each with its bit and with these: a
    /// bit for each index in `clauses`.
    pub fn remedy_bits(&self) -> impl Iterator<Item = (RemedyBits, Remedy, Bits)> {
        let bits = std::iter::successors(Some(1), |bit| Some(bit << 1_u32));
        let remedies = bits.zip(&self.remedies);
        remedies.map(|(bit, (remedy, grants))| (bit, *remedy, *grants))
    }

    /// Returns every window whose end can turn on an event: those of tests and
    /// those of grants.
    pub fn windows<'p>(&'p self, plan: &'p Plan) -> impl Iterator<Item = &'p WindowSpec> {
        let of_tests = self.tests.iter().filter_map(|t| match t {
            Test::Window(spec, _) => Some(spec),
            Test::YesNo(..)
            | Test::OneOf(..)
            | Test::NoneOf(..)
            | Test::Range(..)
            | Test::Amount(..)
            | Test::Happened(..)
            | Test::NotSupplied(..)
            | Test::Past(_)
            | Test::Week(..)
            | Test::DayIn(..) => None,
        });
        let of_grants = self.grants.iter().filter_map(|index| {
            let clause = self
                .clauses
                .get(*index)
                .and_then(|c| plan.clause(c.clause))?;
            clause
                .effect
                .grant()
                .and_then(|grant| grant.window.as_ref())
        });
        of_tests.chain(of_grants)
    }

    /// Returns the tests that settle the conditions which additions set.
    pub fn settling_tests<'p>(&'p self, plan: &'p Plan) -> impl Iterator<Item = &'p Test> {
        let parts = |index: usize| {
            let clause = self
                .clauses
                .get(index)
                .and_then(|c| plan.clause(c.clause))?;
            clause.effect.addition().map(|addition| &addition.parts)
        };
        let parts = indexes(self.additions).filter_map(parts).flatten();
        let conditions = parts.filter_map(Part::condition);
        conditions.filter_map(|spec| match &spec.settled_by {
            SettledBy::Finding(test) => Some(test),
            SettledBy::Event(_) => None,
        })
    }

    /// Returns the ends by which extensions move windows.
    pub fn extension_ends<'p>(&'p self, plan: &'p Plan) -> impl Iterator<Item = &'p End> {
        self.extensions.iter().filter_map(|index| {
            let clause = self
                .clauses
                .get(*index)
                .and_then(|c| plan.clause(c.clause))?;
            clause.effect.extension().map(|(_, end)| end)
        })
    }
}

/// Returns the only words that a fact can have, by the lists of a policy; `None`: it can have
/// any, or none.
pub(crate) fn words_of(lists: &[WordList], fact: Fact) -> Option<Vec<&str>> {
    match fact.spec().kind {
        Kind::OneOf(words) => Some(words.to_vec()),
        Kind::Word => {
            let words = WordList::of(lists, fact)?;
            Some(words.iter().map(String::as_str).collect())
        }
        Kind::YesNo | Kind::Number | Kind::Amount => None,
    }
}
