//! The facts on which parts of an approved remedy depend that change no answer: who pays
//! for the return shipment, who bears its risk, where it goes, and obligations.

use rustc_hash::FxHashMap;

use super::diagram::{Diagram, Node};
use super::times::{Times, parcels};
use crate::domain::facts::Remedy;
use crate::domain::verdict::{
    Dependence, Due, Entitlement, MissingFact, Obligation, Party, ReturnPayer, TermPart,
};
use crate::engine::draft::{Drafted, concerns};
use crate::engine::guard::{bit, tests_of};
use crate::engine::judge::Judged;
use crate::engine::shape::part_of;
use crate::engine::world::{Key, World};
use crate::policy::plan::{Bits, RoutePlan, places};
use crate::policy::terms::{Addition, Effect, Part};

/// Says what parts of the terms of an approved row depend on.
pub(super) fn depend<'a>(
    world: &World<'a, '_>,
    route: &'a RoutePlan,
    wants: Option<Remedy>,
    (judged, approved): (&Judged<'a>, &mut Drafted<'a>),
) {
    let Some(entitlement) = &mut approved.draft.decision.entitlement else {
        return;
    };
    let waiting = Waiting::of(world, route, judged, entitlement);
    if waiting.parts.is_empty() {
        return;
    }
    let mut keys: Vec<(TermPart, Key<'a>)> = waiting.findings;
    if waiting.asks {
        let Decided { facts, agreed } = decide(world, route, wants);
        keys.extend(facts);
        for agreed in agreed {
            agreed.say(world, route, entitlement);
        }
    }
    for part in TermPart::ALL {
        let of_part = keys.iter().filter(|(of, _)| of == part);
        let mut facts: Vec<MissingFact> =
            of_part.flat_map(|(_, key)| world.missing(*key)).collect();
        MissingFact::each_once(&mut facts);
        if !facts.is_empty() {
            // The facts are the row's own.
            approved.draft.own = true;
            entitlement
                .depends_on
                .push(Dependence { part: *part, facts });
        }
    }
}

/// What additions wait for that say something of the terms.
struct Waiting<'a> {
    /// The parts that they say.
    parts: Vec<TermPart>,
    /// Whether one waits for a fact that can be asked for.
    asks: bool,
    /// The findings for which they wait.
    findings: Vec<(TermPart, Key<'a>)>,
}

impl<'a> Waiting<'a> {
    fn of(
        world: &World<'a, '_>,
        route: &'a RoutePlan,
        judged: &Judged<'a>,
        entitlement: &Entitlement<'a>,
    ) -> Self {
        let mut waiting = Self {
            parts: Vec::new(),
            asks: false,
            findings: Vec::new(),
        };
        for (place, addition) in additions(world, route, waiting_bits(judged, route)) {
            let granting = route.grants.iter().filter_map(|at| route.clauses.get(*at));
            let mut granting = granting.filter(|at| {
                let clause = world.plan.clause(at.clause);
                clause.is_some_and(|clause| clause.cited.id == entitlement.clause.id)
            });
            let concerned = granting.any(|at| concerns(addition, at.clause, entitlement.remedy));
            if !concerned {
                continue;
            }
            let parts: Vec<TermPart> = addition.parts.iter().filter_map(part_of).collect();
            if judged.active.needs & bit(place) != 0 {
                waiting.asks = true;
            } else if let Some(at) = route.clauses.get(place) {
                let open = at.guard.tests() & judged.results.finding;
                let keys = tests_of(route, open).filter_map(|(_, test)| world.test(test).err());
                for key in keys {
                    waiting
                        .findings
                        .extend(parts.iter().map(|part| (*part, key)));
                }
            }
            waiting.parts.extend(parts);
        }
        waiting
    }
}

/// Returns the additions that wait.
pub(super) const fn waiting_bits(judged: &Judged<'_>, route: &RoutePlan) -> Bits {
    (judged.active.needs | judged.active.averted) & route.additions
}

/// Returns the additions among clauses, with their places on the route.
fn additions<'a>(
    world: &World<'a, '_>,
    route: &'a RoutePlan,
    clauses: Bits,
) -> impl Iterator<Item = (usize, &'a Addition)> {
    let plan = world.plan;
    places(clauses).filter_map(move |place| {
        let clause = plan.clause(route.clauses.get(place)?.clause)?;
        match &clause.effect {
            Effect::Adds(addition) => Some((place, addition)),
            _ => None,
        }
    })
}

/// What parts come to under every completion.
struct Decided<'a> {
    /// The facts that change a part.
    facts: Vec<(TermPart, Key<'a>)>,
    /// The parts that no fact changes.
    agreed: Vec<Agreed<'a>>,
}

/// A part that every completion says the same of.
enum Agreed<'a> {
    ReturnPayer(Option<ReturnPayer>),
    ReturnRisk(Option<Party>),
    ReturnAddress(Option<&'a str>),
    Obligations(Vec<Obligation<'a>>),
}

impl<'a> Agreed<'a> {
    fn new(part: TermPart, entitlement: &Entitlement<'a>) -> Self {
        match part {
            TermPart::ReturnPayer => Self::ReturnPayer(entitlement.return_payer),
            TermPart::ReturnRisk => Self::ReturnRisk(entitlement.return_risk),
            TermPart::ReturnAddress => Self::ReturnAddress(entitlement.return_address),
            TermPart::Obligations => Self::Obligations(entitlement.obligations.clone()),
        }
    }

    /// Says it of what is granted. Dates are those of what is known.
    fn say(self, world: &World<'a, '_>, route: &'a RoutePlan, to: &mut Entitlement<'a>) {
        match self {
            Self::ReturnPayer(payer) => to.return_payer = payer,
            Self::ReturnRisk(party) => to.return_risk = party,
            Self::ReturnAddress(address) => to.return_address = address,
            Self::Obligations(tasks) => {
                for task in tasks {
                    let same = |known: &Obligation<'a>| {
                        (known.code, known.party) == (task.code, task.party)
                    };
                    if !to.obligations.iter().any(same) {
                        let due = due_of(world, route, &task);
                        to.obligations.push(Obligation { due, ..task });
                    }
                }
            }
        }
    }
}

/// Returns the date by which an obligation falls due, by what is known.
fn due_of<'a>(world: &World<'a, '_>, route: &'a RoutePlan, task: &Obligation<'a>) -> Option<Due> {
    let mut clauses = route
        .clauses
        .iter()
        .filter_map(|at| world.plan.clause(at.clause));
    let clause = clauses.find(|clause| clause.cited.id == task.clause.id)?;
    let Effect::Adds(addition) = &clause.effect else {
        return None;
    };
    let mut specs = addition.parts.iter().filter_map(|part| match part {
        Part::Obligation(spec) if spec.code == task.code => Some(spec),
        _ => None,
    });
    let due = specs.next()?.due.as_ref()?;
    Some(world.due(due))
}

/// Decides a row under every completion, and finds the facts that change a part.
fn decide<'a>(world: &World<'a, '_>, route: &'a RoutePlan, wants: Option<Remedy>) -> Decided<'a> {
    let world = World {
        completing: true,
        compares_terms: true,
        ..*world
    };
    let mut diagram = Diagram::new(world, route, wants);
    let mut found = Vec::new();
    for parcel in parcels(&world) {
        let times = Times::find(&world, route, parcel);
        let roots = diagram.roots(&times);
        found.push(times.with_roots(roots));
    }
    let mut keys = Vec::new();
    let mut agreed = Vec::new();
    for part in TermPart::ALL {
        let mut reduced = Reduced::new(*part);
        for times in &found {
            let roots: Vec<usize> = times
                .roots
                .iter()
                .map(|root| reduced.node(&diagram, *root))
                .collect();
            let missing = times.missing(&world, &roots, |assumed| {
                let root = diagram.root(assumed);
                reduced.node(&diagram, root)
            });
            keys.extend(missing.into_iter().map(|key| (*part, key)));
        }
        let facts = reduced
            .facts
            .iter()
            .filter_map(|fact| diagram.facts.get(*fact));
        keys.extend(facts.map(|fact| (*part, fact.key)));
        let mut approved = diagram.approvals.iter();
        let one = approved.find_map(|drafted| drafted.draft.decision.entitlement.as_ref());
        if let (Some(one), [_]) = (one, reduced.said.as_slice()) {
            agreed.push(Agreed::new(*part, one));
        }
    }
    Decided {
        facts: keys,
        agreed,
    }
}

/// A diagram as far as it tells one part of the terms.
struct Reduced {
    part: TermPart,
    said: Vec<Said>,
    nodes: FxHashMap<(usize, Vec<usize>), usize>,
    known: FxHashMap<usize, usize>,
    facts: Vec<usize>,
}

/// What is said of one part of the terms; obligations are told by code and party.
type Said = Vec<(String, Option<Party>)>;

impl Reduced {
    fn new(part: TermPart) -> Self {
        Self {
            part,
            said: Vec::new(),
            nodes: FxHashMap::default(),
            known: FxHashMap::default(),
            facts: Vec::new(),
        }
    }

    /// Returns the reduced node of one of the diagram.
    fn node(&mut self, diagram: &Diagram<'_, '_>, node: usize) -> usize {
        if let Some(known) = self.known.get(&node) {
            return *known;
        }
        let reduced = match diagram.nodes.get(node) {
            Some(Node::Fact(fact, children)) => {
                let children = children.iter().map(|child| self.node(diagram, *child));
                let children: Vec<usize> = children.collect();
                match children.split_first() {
                    Some((first, others)) if others.iter().all(|other| other == first) => *first,
                    _ => self.fact(*fact, children),
                }
            }
            Some(Node::Approved(approval)) => {
                let drafted = diagram.approvals.get(*approval);
                self.leaf(drafted.map_or(Vec::new(), |drafted| self.said_by(drafted)))
            }
            Some(Node::Denied | Node::Reviewed | Node::Stuck(_)) | None => self.leaf(Vec::new()),
        };
        self.known.insert(node, reduced);
        reduced
    }

    /// Returns the number of a node that asks for a fact. Leaves have even numbers.
    fn fact(&mut self, fact: usize, children: Vec<usize>) -> usize {
        if !self.facts.contains(&fact) {
            self.facts.push(fact);
        }
        let next = self.nodes.len().saturating_mul(2).saturating_add(1);
        *self.nodes.entry((fact, children)).or_insert(next)
    }

    fn leaf(&mut self, said: Said) -> usize {
        let known = self.said.iter().position(|other| *other == said);
        let number = known.unwrap_or(self.said.len());
        if known.is_none() {
            self.said.push(said);
        }
        number.saturating_mul(2)
    }

    fn said_by(&self, drafted: &Drafted<'_>) -> Said {
        let Some(entitlement) = &drafted.draft.decision.entitlement else {
            return Vec::new();
        };
        let one = |word: Option<&str>| {
            word.map(|word| (word.to_owned(), None))
                .into_iter()
                .collect()
        };
        match self.part {
            TermPart::ReturnPayer => one(entitlement.return_payer.map(|payer| payer.word())),
            TermPart::ReturnRisk => one(entitlement.return_risk.map(|party| party.word())),
            TermPart::ReturnAddress => one(entitlement.return_address),
            TermPart::Obligations => {
                let tasks = entitlement.obligations.iter();
                let mut tasks: Said = tasks
                    .map(|task| (task.code.to_owned(), Some(task.party)))
                    .collect();
                tasks.sort();
                tasks
            }
        }
    }
}
