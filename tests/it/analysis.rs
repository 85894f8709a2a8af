//! The analysis of all situations against an enumeration of each of them: of facts every
//! combination, of time every point of a grid.

use std::collections::BTreeSet;

use redress::domain::verdict::{Act, Period};
use redress::domain::vocabulary::Event;
use redress::domain::vocabulary::{Fact, Kind};
use redress::policy::analysis::{ProblemKind, analyse};
use redress::policy::checked::{CheckedPolicy, Clause, Guard};
use redress::policy::terms::{Effect, End, Roll, Test, Where, WindowSpec};

use crate::generate::{self, Seed};
use crate::timeline::{ACTS, Bit, Grid, Signature, leaves};

/// The most situations that are enumerated for one policy.
const MAX_SITUATIONS: usize = 30_000;

/// Words of an open list that the generator uses, and one more.
const WORDS: [&str; 4] = ["ring", "box", "card", "another"];

/// What a situation assigns a value to beside time.
#[derive(Clone, Debug, PartialEq)]
enum Subject {
    YesNo(Fact),
    Word(Fact),
    NotSupplied,
}

impl Subject {
    /// `None`: the test looks at time.
    fn of(test: &Test) -> Option<Self> {
        Some(match test {
            Test::YesNo(fact, _) => Self::YesNo(fact.fact),
            Test::OneOf(fact, _) | Test::NoneOf(fact, _) => Self::Word(fact.fact),
            Test::NotSupplied(..) => Self::NotSupplied,
            _ => return None,
        })
    }

    fn values(&self) -> usize {
        match self {
            Self::Word(Fact::Category) => WORDS.len(),
            Self::Word(fact) => match fact.spec().kind {
                Kind::OneOf(words) => words.len(),
                _ => unreachable!("the generator uses no other word"),
            },
            Self::YesNo(_) | Self::NotSupplied => 2,
        }
    }
}

/// A point of the grid: some bits of a signature, the others being of no interest.
struct Point<'g> {
    grid: &'g Grid,
    signature: Signature,
}

impl Point<'_> {
    fn has(&self, bit: Bit) -> bool {
        self.signature & self.grid.bit(bit) != 0
    }

    fn passed(&self, end: &End, bit: &impl Fn(usize) -> Bit) -> bool {
        match end {
            End::Never => false,
            End::Latest(ends) => ends.iter().all(|end| self.passed(end, bit)),
            End::Earliest(ends) => ends.iter().any(|end| self.passed(end, bit)),
            leaf => self.has(bit(self.grid.leaf(leaf))),
        }
    }

    /// Returns where the act of a window falls; `moved` are ends to which it is moved if
    /// they are later.
    fn fall(&self, spec: &WindowSpec, moved: &[&End]) -> Fell {
        let act = spec.act;
        let passed = |leaf| Bit::Passed(act, leaf);
        if spec
            .opens
            .as_ref()
            .is_some_and(|end| !self.passed(end, &passed))
        {
            return Fell::Before;
        }
        let mut ends = std::iter::once(&spec.closes).chain(moved.iter().copied());
        if !ends.clone().all(|end| self.passed(end, &passed)) {
            return Fell::Inside;
        }
        let rolled = |leaf| Bit::Rolled(act, leaf);
        if spec.roll.is_some() && !ends.all(|end| self.passed(end, &rolled)) {
            return Fell::Review;
        }
        Fell::After
    }

    fn holds(&self, policy: &CheckedPolicy, facts: &Facts<'_>, test: &Test) -> bool {
        match test {
            Test::Happened(event, yes) => self.has(Bit::Happened(*event)) == *yes,
            Test::Window(spec, wanted) => {
                let fell = self.fall(spec, &[]);
                match wanted {
                    Where::Inside => fell == Fell::Inside,
                    Where::Outside => fell != Fell::Inside,
                    Where::Past => fell == Fell::After,
                }
            }
            Test::Past(grant) => self.grant(policy, facts, *grant) == Some(Fell::After),
            Test::Week(..) => self.has(Bit::Weekend),
            Test::DayIn(spec, _, inside) => {
                self.has(Bit::Happened(spec.of)) && self.has(Bit::InCalendar) == *inside
            }
            other => facts.holds(other),
        }
    }

    /// Returns where the act of a grant's window falls; `None`: it has none.
    fn grant(&self, policy: &CheckedPolicy, facts: &Facts<'_>, grant: usize) -> Option<Fell> {
        let Effect::Grants(granted) = &policy.clauses[grant].effect else {
            return None;
        };
        let spec = granted.window.as_ref()?;
        let moved = policy
            .clauses
            .iter()
            .filter_map(|clause| match &clause.effect {
                Effect::Extends(extended, end) if *extended == grant => {
                    self.applies(policy, facts, &clause.guard).then_some(end)
                }
                _ => None,
            });
        Some(self.fall(spec, &moved.collect::<Vec<_>>()))
    }

    fn applies(&self, policy: &CheckedPolicy, facts: &Facts<'_>, guard: &Guard) -> bool {
        let all = |tests: &[Test]| tests.iter().all(|t| self.holds(policy, facts, t));
        all(&guard.all)
            && !guard.unless.iter().any(|t| all(t))
            && (guard.any.is_empty() || guard.any.iter().any(|t| all(t)))
    }
}

/// Where an act falls against a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fell {
    Before,
    Inside,
    Review,
    After,
}

/// A value for each subject.
struct Facts<'s> {
    subjects: &'s [Subject],
    values: Vec<usize>,
}

impl Facts<'_> {
    fn holds(&self, test: &Test) -> bool {
        let subject = Subject::of(test).unwrap();
        let place = self.subjects.iter().position(|s| *s == subject).unwrap();
        let value = self.values[place];
        let word = |fact: Fact| match fact.spec().kind {
            Kind::OneOf(words) => words[value],
            _ => WORDS[value],
        };
        match test {
            Test::YesNo(_, yes) => (value == 1) == *yes,
            Test::OneOf(fact, words) => words.iter().any(|w| w == word(fact.fact)),
            Test::NoneOf(fact, words) => words.iter().all(|w| w != word(fact.fact)),
            _ => value == 1,
        }
    }
}

/// Makes a policy, with windows or without: without, more clauses fit under the
/// limit of situations. Some windows close with ends that the generator does not make.
fn policy(seed: &mut Seed) -> CheckedPolicy {
    let mut policy = generate::policy(seed);
    let strip = seed.one_in(3);
    let other_ends = seed.one_in(2);
    let other = |spec: &mut WindowSpec, seed: &mut Seed| {
        if !other_ends || seed.one_in(3) {
            return;
        }
        // Clock times and events apart, of which the last has no days to roll.
        let leaves = leaves();
        spec.closes = seed.pick(&leaves[..13]).clone();
        if seed.one_in(3) {
            spec.act = Act::Decision;
        }
        if seed.one_in(4) {
            // "From day 4 on" and the like; where hours alone are counted, clocks have to
            // change in other years than that of the grid.
            spec.opens = Some(seed.pick(&leaves[8..11]).clone());
        }
        let counts_days = !matches!(spec.closes, End::After(_, Period::Hours(_), _));
        if counts_days && seed.one_in(3) {
            spec.roll = Some(Roll {
                calendar: 0,
                of: None,
            });
        }
    };
    for clause in &mut policy.clauses {
        let guard = &mut clause.guard;
        let lists = guard.unless.iter_mut().chain(&mut guard.any);
        for tests in lists.chain(std::iter::once(&mut guard.all)) {
            tests.retain(|t| !strip || !matches!(t, Test::Window(..) | Test::Past(_)));
            for test in tests {
                if let Test::Window(spec, _) = test {
                    other(spec, seed);
                }
            }
        }
        guard.unless.retain(|t| !t.is_empty());
        if let Effect::Grants(grant) = &mut clause.effect {
            if strip {
                grant.window = None;
            }
            if let Some(spec) = &mut grant.window {
                other(spec, seed);
            }
            if seed.one_in(2) {
                grant.rank = None;
            }
        }
    }
    policy
}

type Found = BTreeSet<(ProblemKind, Vec<usize>)>;

/// Returns the bits of a signature that a policy looks at.
fn looked_at(grid: &Grid, policy: &CheckedPolicy) -> Signature {
    fn of_end(grid: &Grid, end: &End, acts: &[Act], rolls: bool) -> Signature {
        match end {
            End::Never => 0,
            End::Latest(ends) | End::Earliest(ends) => ends
                .iter()
                .fold(0, |bits, end| bits | of_end(grid, end, acts, rolls)),
            leaf => acts.iter().fold(0, |bits, act| {
                let leaf = grid.leaf(leaf);
                let rolled = match rolls {
                    true => grid.bit(Bit::Rolled(*act, leaf)),
                    false => 0,
                };
                bits | rolled | grid.bit(Bit::Passed(*act, leaf))
            }),
        }
    }
    let of_window = |spec: &WindowSpec| {
        let ends = spec.opens.iter().chain([&spec.closes]);
        ends.fold(0, |bits, end| {
            bits | of_end(grid, end, &[spec.act], spec.roll.is_some())
        })
    };
    let mut bits = 0;
    for clause in &policy.clauses {
        let lists = clause.guard.unless.iter().chain(&clause.guard.any);
        for test in clause.guard.all.iter().chain(lists.flatten()) {
            bits |= match test {
                Test::Happened(event, _) => grid.bit(Bit::Happened(*event)),
                Test::Window(spec, _) => of_window(spec),
                Test::Week(..) => grid.bit(Bit::Weekend),
                Test::DayIn(..) => {
                    grid.bit(Bit::InCalendar) | grid.bit(Bit::Happened(Event::Place))
                }
                _ => 0,
            };
        }
        bits |= match &clause.effect {
            Effect::Grants(grant) => grant.window.as_ref().map_or(0, of_window),
            // The act and the roll are those of the window that is moved.
            Effect::Extends(_, end) => of_end(grid, end, &ACTS, true),
            _ => 0,
        };
    }
    bits
}

/// Returns what is wrong by looking at each situation; `None`: there are too many.
fn enumerate(grid: &Grid, policy: &CheckedPolicy) -> Option<Found> {
    let mut subjects: Vec<Subject> = Vec::new();
    for clause in &policy.clauses {
        let lists = clause.guard.unless.iter().chain(&clause.guard.any);
        for test in clause.guard.all.iter().chain(lists.flatten()) {
            subjects.extend(Subject::of(test).filter(|s| !subjects.contains(s)));
        }
    }
    let mask = looked_at(grid, policy);
    let times: BTreeSet<Signature> = grid.found.iter().map(|found| found & mask).collect();
    let total: usize = subjects.iter().map(Subject::values).product();
    if total * times.len() > MAX_SITUATIONS {
        return None;
    }
    let mut found = Found::new();
    let mut alive: BTreeSet<usize> = BTreeSet::new();
    for number in 0..total {
        let mut rest = number;
        let mut values = Vec::new();
        for subject in &subjects {
            values.push(rest % subject.values());
            rest /= subject.values();
        }
        let facts = Facts {
            subjects: &subjects,
            values,
        };
        for signature in &times {
            let point = Point {
                grid,
                signature: *signature,
            };
            look(
                &Situation {
                    policy,
                    facts: &facts,
                    point,
                },
                &mut found,
                &mut alive,
            );
        }
    }
    for place in (0..policy.clauses.len()).filter(|p| !alive.contains(p)) {
        found.insert((ProblemKind::Dead, vec![place]));
    }
    Some(found)
}

/// A value of every fact, and a point in time.
struct Situation<'s> {
    policy: &'s CheckedPolicy,
    facts: &'s Facts<'s>,
    point: Point<'s>,
}

impl Situation<'_> {
    /// Whether the window of a grant is open; other clauses have none.
    fn open(&self, place: usize) -> bool {
        let fell = self.point.grant(self.policy, self.facts, place);
        fell.is_none_or(|fell| fell == Fell::Inside)
    }

    fn active(&self, place: usize) -> bool {
        let overridden = self.policy.clauses.iter().enumerate().any(|(other, c)| {
            c.overrides.contains(&place) && self.active(other) && self.open(other)
        });
        let guard = &self.policy.clauses[place].guard;
        !overridden && self.point.applies(self.policy, self.facts, guard)
    }
}

/// Collects what is wrong in one situation, and which clauses are active.
fn look(situation: &Situation<'_>, found: &mut Found, alive: &mut BTreeSet<usize>) {
    let policy = situation.policy;
    let active: Vec<usize> = (0..policy.clauses.len())
        .filter(|p| situation.active(*p))
        .collect();
    let open: BTreeSet<usize> = active
        .iter()
        .copied()
        .filter(|p| situation.open(*p))
        .collect();
    alive.extend(&open);
    let mut answered = false;
    for (at, one) in active.iter().enumerate() {
        let effect = &policy.clauses[*one].effect;
        answered |= match effect {
            Effect::Grants(_) => true,
            Effect::Refuses(r) => r.remedies.is_empty(),
            Effect::Refers(r) => r.remedies.is_empty(),
            Effect::Adds(_) | Effect::Extends(..) => false,
        };
        for other in &active[at + 1..] {
            let both = open.contains(one) && open.contains(other);
            if let (true, Some(kind)) =
                (both, clash(&policy.clauses[*one], &policy.clauses[*other]))
            {
                found.insert((kind, vec![*one, *other]));
            }
            // Two additions clash on an entitlement that is there.
            if open.iter().any(|g| due_clash(policy, *one, *other, *g)) {
                found.insert((ProblemKind::Additions, vec![*one, *other]));
            }
        }
    }
    if !answered {
        found.insert((ProblemKind::Gap, Vec::new()));
    }
}

fn clash(a: &Clause, b: &Clause) -> Option<ProblemKind> {
    match (&a.effect, &b.effect) {
        (Effect::Grants(g), Effect::Refuses(r)) | (Effect::Refuses(r), Effect::Grants(g)) => {
            let covers = r.remedies.is_empty() || r.remedies.contains(&g.remedy);
            covers.then_some(ProblemKind::RefusalAndGrant)
        }
        (Effect::Grants(g), Effect::Grants(h)) if g.remedy == h.remedy => {
            Some(ProblemKind::SameRemedy)
        }
        (Effect::Grants(g), Effect::Grants(h)) => {
            (g.rank.is_none() || h.rank.is_none()).then_some(ProblemKind::NoRank)
        }
        _ => None,
    }
}

/// Whether two additions both set when money is due, differently, for a grant.
fn due_clash(policy: &CheckedPolicy, one: usize, other: usize, grant: usize) -> bool {
    use redress::policy::terms::Part;
    let Effect::Grants(granted) = &policy.clauses[grant].effect else {
        return false;
    };
    let due = |place: usize| match &policy.clauses[place].effect {
        Effect::Adds(a) if a.remedies.is_empty() || a.remedies.contains(&granted.remedy) => {
            a.parts.iter().find_map(|p| match p {
                Part::Due(end) => Some(end.clone()),
                _ => None,
            })
        }
        _ => None,
    };
    match (due(one), due(other)) {
        (Some(a), Some(b)) => a != b,
        _ => false,
    }
}

/// Takes a conflict of one clause with several others apart.
fn pairs(policy: &CheckedPolicy) -> Found {
    let mut found = Found::new();
    for problem in analyse(policy) {
        match (problem.kind, problem.clauses.as_slice()) {
            // A gap names all that could have answered.
            (ProblemKind::Gap, _) => {
                found.insert((problem.kind, Vec::new()));
            }
            (kind, [hub, others @ ..]) if !others.is_empty() => {
                found.extend(
                    others
                        .iter()
                        .map(|other| (kind, vec![*hub.min(other), *hub.max(other)])),
                );
            }
            (kind, clauses) => {
                found.insert((kind, clauses.to_vec()));
            }
        }
    }
    found
}

#[test]
fn conflicts_gaps_and_dead_clauses_equal_an_enumeration() {
    let grid = Grid::new();
    let (mut compared, mut problems) = (0, 0);
    for number in 0..600 {
        let mut seed = Seed::new(0xA11A_0000 + number);
        let policy = policy(&mut seed);
        let Some(want) = enumerate(&grid, &policy) else {
            continue;
        };
        let got = pairs(&policy);
        assert_eq!(got, want, "seed {number}\n{:#?}", policy.clauses);
        compared += 1;
        problems += want.len();
    }
    assert!(
        compared > 500 && problems > 1500,
        "{compared} compared, {problems} problems"
    );
}
