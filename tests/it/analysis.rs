//! The analysis of all situations against an enumeration of each of them.

use std::collections::BTreeSet;

use redress::domain::event::Event;
use redress::domain::verdict::Period;
use redress::domain::vocabulary::{Fact, Kind};
use redress::policy::analysis::{ProblemKind, analyse};
use redress::policy::checked::{CheckedPolicy, Clause, Guard};
use redress::policy::terms::{Effect, End, Test, Where, WindowSpec};

use crate::generate::{self, Seed};

/// The most situations that are enumerated for one policy.
const MAX_SITUATIONS: usize = 30_000;

/// What a situation assigns a value to; facts and whole tests.
#[derive(Clone, Debug, PartialEq)]
enum Subject {
    YesNo(Fact),
    Word(Fact),
    Event(Event),
    NotSupplied,
    /// A window that no extension moves: 0 not open yet, 1 open, 2 closed.
    Window(WindowSpec),
    /// The window of a grant that an extension can move.
    Moved(usize),
    Test(Test),
}

/// Words of an open list that the generator uses, and one more.
const WORDS: [&str; 4] = ["ring", "box", "card", "another"];

/// Returns what stands for the window of a grant; `None`: it has none.
fn window_of(policy: &CheckedPolicy, grant: usize) -> Option<Subject> {
    let Effect::Grants(granted) = &policy.clauses[grant].effect else {
        return None;
    };
    let spec = granted.window.clone()?;
    let moved = policy
        .clauses
        .iter()
        .any(|c| matches!(&c.effect, Effect::Extends(extended, _) if *extended == grant));
    Some(if moved {
        Subject::Moved(grant)
    } else {
        Subject::Window(spec)
    })
}

/// Returns the events without which an end cannot have passed.
fn needed(end: &End) -> Vec<Event> {
    match end {
        End::Never | End::Earliest(_) => Vec::new(),
        End::After(event, ..) | End::Before(event) => vec![*event],
        End::Clock(day, _) => vec![day.of],
        End::Latest(ends) => ends.iter().flat_map(needed).collect(),
    }
}

/// Whether a window closes earlier than another for the same reason.
fn ends_earlier(a: &WindowSpec, b: &WindowSpec) -> bool {
    match (&a.closes, &b.closes) {
        (End::After(e, Period::Days(m), _), End::After(f, Period::Days(n), _)) => {
            e == f && m < n && a.opens == b.opens && a.act == b.act
        }
        _ => false,
    }
}

impl Subject {
    fn of(policy: &CheckedPolicy, test: &Test) -> Self {
        match test {
            Test::YesNo(fact, _) => Self::YesNo(fact.fact),
            Test::OneOf(fact, _) | Test::NoneOf(fact, _) => Self::Word(fact.fact),
            Test::Happened(event, _) => Self::Event(*event),
            Test::NotSupplied(..) => Self::NotSupplied,
            Test::Window(spec, _) => Self::Window(spec.clone()),
            Test::Past(grant) => window_of(policy, *grant).unwrap_or(Self::Moved(usize::MAX)),
            Test::DayIn(day, calendar, _) => Self::Test(Test::DayIn(*day, *calendar, true)),
            other => Self::Test(other.clone()),
        }
    }

    fn values(&self) -> usize {
        match self {
            Self::Word(Fact::Category) => WORDS.len(),
            Self::Word(fact) => match fact.spec().kind {
                Kind::OneOf(words) => words.len(),
                _ => unreachable!("the generator uses no other word"),
            },
            Self::Window(_) | Self::Moved(_) => 3,
            _ => 2,
        }
    }
}

/// One situation: a value for each subject.
struct Situation<'s> {
    policy: &'s CheckedPolicy,
    subjects: &'s [Subject],
    values: Vec<usize>,
}

impl Situation<'_> {
    fn value(&self, subject: &Subject) -> usize {
        let place = self.subjects.iter().position(|s| s == subject).unwrap();
        self.values[place]
    }

    fn holds(&self, test: &Test) -> bool {
        let subject = Subject::of(self.policy, test);
        // A grant without a window is never past.
        if subject == Subject::Moved(usize::MAX) {
            return false;
        }
        let value = self.value(&subject);
        let word = |fact: Fact| match fact.spec().kind {
            Kind::OneOf(words) => words[value],
            _ => WORDS[value],
        };
        match test {
            Test::YesNo(_, yes) | Test::Happened(_, yes) | Test::DayIn(_, _, yes) => {
                (value == 1) == *yes
            }
            Test::Window(_, Where::Inside) => value == 1,
            Test::Window(_, Where::Outside) => value != 1,
            Test::Window(_, Where::Past) | Test::Past(_) => value == 2,
            Test::OneOf(fact, words) => words.iter().any(|w| w == word(fact.fact)),
            Test::NoneOf(fact, words) => words.iter().all(|w| w != word(fact.fact)),
            _ => value == 1,
        }
    }

    fn applies(&self, guard: &Guard) -> bool {
        let all = |tests: &[Test]| tests.iter().all(|t| self.holds(t));
        all(&guard.all)
            && !guard.unless.iter().any(|t| all(t))
            && (guard.any.is_empty() || guard.any.iter().any(|t| all(t)))
    }

    /// Whether the window of a grant is open; other clauses have none.
    fn open(&self, place: usize) -> bool {
        window_of(self.policy, place).is_none_or(|subject| self.value(&subject) == 1)
    }

    fn active(&self, place: usize) -> bool {
        let overridden = self.policy.clauses.iter().enumerate().any(|(other, c)| {
            c.overrides.contains(&place) && self.active(other) && self.open(other)
        });
        !overridden && self.applies(&self.policy.clauses[place].guard)
    }

    /// What cannot be: events out of order, windows that passed before what they
    /// count from, longer periods that end before shorter ones.
    fn is_possible(&self) -> bool {
        let happened = |event| {
            let subject = Subject::Event(event);
            !self.subjects.contains(&subject) || self.value(&subject) == 1
        };
        if self.subjects.contains(&Subject::Event(Event::Deliver))
            && happened(Event::Deliver)
            && !happened(Event::Ship)
        {
            return false;
        }
        // Nothing here asks whether the order was placed: it was.
        if !happened(Event::Place) {
            return false;
        }
        let windows: Vec<(WindowSpec, usize, bool)> = self
            .subjects
            .iter()
            .zip(&self.values)
            .filter_map(|(subject, value)| match subject {
                Subject::Window(spec) => Some((spec.clone(), *value, false)),
                Subject::Moved(grant) => match &self.policy.clauses[*grant].effect {
                    Effect::Grants(g) => Some((g.window.clone().unwrap(), *value, true)),
                    _ => None,
                },
                _ => None,
            })
            .collect();
        for (spec, value, moved) in &windows {
            let fits = match (spec.opens, value) {
                (None | Some(Event::Place), 0) => false,
                (Some(event), 1 | 2) => happened(event),
                _ => true,
            };
            if !fits || (*value == 2 && !needed(&spec.closes).into_iter().all(happened)) {
                return false;
            }
            for (longer, other, other_moved) in &windows {
                if !moved && !other_moved && ends_earlier(spec, longer) {
                    let apart = (*value == 1 && *other != 1)
                        || (*other == 2 && *value != 2)
                        || (*other == 0 && *value != 0);
                    if apart {
                        return false;
                    }
                }
            }
        }
        true
    }
}

/// Makes a policy, with windows or without: without, more clauses fit under the
/// limit of situations.
fn policy(seed: &mut Seed) -> CheckedPolicy {
    let mut policy = generate::policy(seed);
    let strip = seed.one_in(2);
    let windowless = |tests: &mut Vec<Test>| {
        tests.retain(|t| !strip || !matches!(t, Test::Window(..) | Test::Past(_)));
    };
    for clause in &mut policy.clauses {
        windowless(&mut clause.guard.all);
        clause.guard.unless.iter_mut().for_each(windowless);
        clause.guard.unless.retain(|t| !t.is_empty());
        clause.guard.any.iter_mut().for_each(windowless);
        if let Effect::Grants(grant) = &mut clause.effect {
            if strip {
                grant.window = None;
            }
            if seed.one_in(2) {
                grant.rank = None;
            }
        }
    }
    policy
}

type Found = BTreeSet<(ProblemKind, Vec<usize>)>;

/// Returns what is wrong by looking at each situation.
fn enumerate(policy: &CheckedPolicy) -> Option<Found> {
    let mut subjects: Vec<Subject> = Vec::new();
    for clause in &policy.clauses {
        let guard = &clause.guard;
        let tests = guard.all.iter().chain(guard.unless.iter().flatten());
        for test in tests.chain(guard.any.iter().flatten()) {
            let subject = Subject::of(policy, test);
            if !subjects.contains(&subject) && subject != Subject::Moved(usize::MAX) {
                subjects.push(subject);
            }
        }
    }
    for place in 0..policy.clauses.len() {
        let window = window_of(policy, place);
        subjects.extend(window.filter(|w| !subjects.contains(w)));
    }
    // What windows count from is part of a situation too.
    for subject in subjects.clone() {
        let spec = match subject {
            Subject::Window(spec) => spec,
            Subject::Moved(grant) => match &policy.clauses[grant].effect {
                Effect::Grants(g) => g.window.clone().unwrap(),
                _ => continue,
            },
            _ => continue,
        };
        for event in needed(&spec.closes).into_iter().chain(spec.opens) {
            let subject = Subject::Event(event);
            if !subjects.contains(&subject) {
                subjects.push(subject);
            }
        }
    }
    let total: usize = subjects.iter().map(Subject::values).product();
    if total > MAX_SITUATIONS {
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
        let situation = Situation {
            policy,
            subjects: &subjects,
            values,
        };
        if !situation.is_possible() {
            continue;
        }
        let active: Vec<usize> = (0..policy.clauses.len())
            .filter(|p| situation.active(*p))
            .collect();
        alive.extend(active.iter().filter(|p| situation.open(**p)));
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
                let open = situation.open(*one) && situation.open(*other);
                if let (true, Some(kind)) =
                    (open, clash(&policy.clauses[*one], &policy.clauses[*other]))
                {
                    found.insert((kind, vec![*one, *other]));
                }
            }
        }
        // Two additions clash on an entitlement that is there.
        for (at, one) in active.iter().enumerate() {
            for other in &active[at + 1..] {
                let there = |g: &&usize| situation.open(**g);
                if active
                    .iter()
                    .filter(there)
                    .any(|g| due_clash(policy, *one, *other, *g))
                {
                    found.insert((ProblemKind::Additions, vec![*one, *other]));
                }
            }
        }
        if !answered {
            found.insert((ProblemKind::Gap, Vec::new()));
        }
    }
    for place in (0..policy.clauses.len()).filter(|p| !alive.contains(p)) {
        found.insert((ProblemKind::Dead, vec![place]));
    }
    Some(found)
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

#[test]
fn conflicts_gaps_and_dead_clauses_equal_an_enumeration() {
    let (mut compared, mut problems) = (0, 0);
    for number in 0..1500 {
        let mut seed = Seed::new(0xA11A_0000 + number);
        let policy = policy(&mut seed);
        let Some(want) = enumerate(&policy) else {
            continue;
        };
        let got: Found = analyse(&policy)
            .into_iter()
            .map(|p| match p.kind {
                // A gap names all that could have answered.
                ProblemKind::Gap => (p.kind, Vec::new()),
                kind => (kind, p.clauses),
            })
            .collect();
        assert_eq!(got, want, "seed {number}\n{:#?}", policy.clauses);
        compared += 1;
        problems += want.len();
    }
    assert!(
        compared > 700 && problems > 700,
        "{compared} compared, {problems} problems"
    );
}
