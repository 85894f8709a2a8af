//! The situations of a route: variables, what tests say of them, and what of it
//! cannot be.

use crate::domain::event::Event;
use crate::domain::facts::Action;
use crate::domain::verdict::{Act, Period};
use crate::domain::vocabulary::{Fact, Kind};
use crate::policy::checked::{CheckedPolicy, Guard};
use crate::policy::terms::{Effect, End, FactRef, Test, Where, WindowSpec};

/// A set of values of one variable, one bit each.
pub(super) type Values = u64;

/// The most values of one variable; a fact with more words shares the last.
const MAX_VALUES: usize = 64;

/// Where the act of a window falls: the values of a window's variable.
const BEFORE: Values = 1;
const INSIDE: Values = 2;
const PAST: Values = 4;

/// A variable with its values in words.
#[derive(Debug)]
pub(super) struct Variable {
    pub label: String,
    pub values: Vec<String>,
    /// The values that are possible at all.
    pub domain: Values,
}

/// Says that a variable has one of some values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Literal {
    pub variable: usize,
    pub values: Values,
}

/// Says that where one literal holds, so does another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Implication {
    pub when: Literal,
    pub then: Literal,
}

/// A guard over variables.
#[derive(Debug, Default)]
pub(super) struct Formula {
    pub all: Vec<Literal>,
    pub unless: Vec<Vec<Literal>>,
    pub any: Vec<Vec<Literal>>,
}

/// Names what a variable stands for.
#[derive(Clone, Debug, PartialEq)]
enum Subject {
    Fact(FactRef),
    NotSupplied(FactRef),
    Happened(Event),
    Window(WindowSpec),
    /// The window of a grant that extensions can move.
    Moved(usize),
    Other(Test),
}

/// Holds the situations of a route.
#[derive(Debug)]
pub(super) struct Model<'p> {
    policy: &'p CheckedPolicy,
    route: Action,
    subjects: Vec<Subject>,
    pub variables: Vec<Variable>,
    pub implications: Vec<Implication>,
    /// The clauses of the policy, by place; `None`: it is not on the route.
    pub clauses: Vec<Option<OnRoute>>,
}

/// Holds what the search asks of a clause.
#[derive(Debug, Default)]
pub(super) struct OnRoute {
    /// When it applies.
    pub guard: Formula,
    /// When the window of a grant is open; `None`: always.
    pub open: Option<Literal>,
    /// The clauses of the route that override it.
    pub overriders: Vec<usize>,
}

impl<'p> Model<'p> {
    pub(super) fn new(policy: &'p CheckedPolicy, route: Action) -> Self {
        let mut model = Self {
            policy,
            route,
            subjects: Vec::new(),
            variables: Vec::new(),
            implications: Vec::new(),
            clauses: Vec::new(),
        };
        let mut overrides = Vec::new();
        for (place, clause) in policy.clauses.iter().enumerate() {
            if !clause.routes.contains(&route) {
                model.clauses.push(None);
                continue;
            }
            let guard = model.formula(&clause.guard);
            let open = model.window_of(place, INSIDE);
            model.clauses.push(Some(OnRoute {
                guard,
                open,
                overriders: Vec::new(),
            }));
            overrides.extend(clause.overrides.iter().map(|of| (*of, place)));
        }
        for (overridden, by) in overrides {
            if let Some(Some(clause)) = model.clauses.get_mut(overridden) {
                clause.overriders.push(by);
            }
        }
        model.theory();
        model
    }

    fn formula(&mut self, guard: &Guard) -> Formula {
        let mut list = |tests: &Vec<Test>| {
            tests
                .iter()
                .map(|t| self.literal(t))
                .collect::<Vec<Literal>>()
        };
        Formula {
            all: list(&guard.all),
            unless: guard.unless.iter().map(&mut list).collect(),
            any: guard.any.iter().map(&mut list).collect(),
        }
    }

    /// Returns the variable of a subject, made where it is new.
    fn variable(
        &mut self,
        subject: Subject,
        label: impl FnOnce() -> String,
        values: impl FnOnce() -> Vec<String>,
    ) -> usize {
        if let Some(place) = self.subjects.iter().position(|s| *s == subject) {
            return place;
        }
        let mut values = values();
        values.truncate(MAX_VALUES);
        let domain = values
            .iter()
            .enumerate()
            .fold(0, |all, (n, _)| all | bit(n));
        self.subjects.push(subject);
        self.variables.push(Variable {
            label: label(),
            values,
            domain,
        });
        self.variables.len().saturating_sub(1)
    }

    fn yes_no(&mut self, subject: Subject, label: impl FnOnce() -> String, yes: bool) -> Literal {
        let values = || vec!["no".to_owned(), "yes".to_owned()];
        let variable = self.variable(subject, label, values);
        Literal {
            variable,
            values: if yes { bit(1) } else { bit(0) },
        }
    }

    fn happened(&mut self, event: Event, yes: bool) -> Literal {
        self.yes_no(
            Subject::Happened(event),
            || format!("event `{event}` has happened"),
            yes,
        )
    }

    fn literal(&mut self, test: &Test) -> Literal {
        match test {
            Test::YesNo(fact, yes) => self.yes_no(Subject::Fact(fact.clone()), || name(fact), *yes),
            Test::OneOf(fact, words) => self.words(fact, words, true),
            Test::NoneOf(fact, words) => self.words(fact, words, false),
            Test::Range(fact, low, high) => self.range(fact, *low, *high),
            Test::Happened(event, yes) => self.happened(*event, *yes),
            Test::NotSupplied(fact, _) => {
                let subject = Subject::NotSupplied(fact.clone());
                self.yes_no(subject, || format!("{} never supplied", name(fact)), true)
            }
            Test::Window(spec, wanted) => {
                let variable = self.window(spec);
                Literal {
                    variable,
                    values: placed(*wanted),
                }
            }
            Test::Past(grant) => self.window_of(*grant, PAST).unwrap_or(Literal {
                // A grant without a window is never past.
                variable: 0,
                values: 0,
            }),
            Test::Week(..) => self.yes_no(
                Subject::Other(test.clone()),
                || "in that part of the week".into(),
                true,
            ),
            Test::DayIn(day, calendar, inside) => {
                let subject = Subject::Other(Test::DayIn(*day, *calendar, true));
                let name = self
                    .policy
                    .calendars
                    .get(*calendar)
                    .map_or("", |c| c.name.as_str());
                let label = format!("day of `{}` is in `{name}`", day.of);
                self.yes_no(subject, || label, *inside)
            }
        }
    }

    /// Returns every test of the route.
    fn tests(&self) -> impl Iterator<Item = &'p Test> {
        let route = self.route;
        self.policy
            .clauses
            .iter()
            .filter(move |c| c.routes.contains(&route))
            .flat_map(|c| {
                c.guard
                    .all
                    .iter()
                    .chain(c.guard.unless.iter().flatten())
                    .chain(c.guard.any.iter().flatten())
            })
    }

    fn words(&mut self, fact: &FactRef, words: &[String], one_of: bool) -> Literal {
        let mut known: Vec<String> = match fact.fact.spec().kind {
            Kind::OneOf(closed) => closed.iter().map(|w| (*w).to_owned()).collect(),
            Kind::Word | Kind::YesNo | Kind::Number => {
                let mut mentioned: Vec<String> = self
                    .tests()
                    .filter_map(Test::words)
                    .filter_map(|(of, list)| (of == fact).then_some(list))
                    .flatten()
                    .cloned()
                    .collect();
                mentioned.sort();
                mentioned.dedup();
                mentioned.insert(0, "another word".to_owned());
                mentioned
            }
        };
        known.truncate(MAX_VALUES);
        let chosen = known
            .iter()
            .enumerate()
            .filter(|(_, word)| words.contains(word))
            .fold(0, |all, (n, _)| all | bit(n));
        let variable = self.variable(Subject::Fact(fact.clone()), || name(fact), || known);
        let domain = self.variables.get(variable).map_or(0, |v| v.domain);
        Literal {
            variable,
            values: if one_of { chosen } else { domain & !chosen },
        }
    }

    fn range(&mut self, fact: &FactRef, low: i64, high: i64) -> Literal {
        let mut starts: Vec<i64> = vec![0];
        for test in self.tests() {
            if let Test::Range(f, low, high) = test
                && f == fact
            {
                starts.extend([*low, high.saturating_add(1)]);
            }
        }
        starts.retain(|n| (0..=i64::from(i32::MAX)).contains(n));
        starts.sort_unstable();
        starts.dedup();
        starts.truncate(MAX_VALUES);
        let chosen = starts
            .iter()
            .enumerate()
            .filter(|(_, start)| (low..=high).contains(*start))
            .fold(0, |all, (n, _)| all | bit(n));
        let labels = || starts.iter().map(ToString::to_string).collect();
        let variable = self.variable(Subject::Fact(fact.clone()), || name(fact), labels);
        Literal {
            variable,
            values: chosen,
        }
    }

    fn window(&mut self, spec: &WindowSpec) -> usize {
        let label = || format!("a window that {}", closes(&spec.closes));
        let before = spec.opens.is_some();
        let variable = self.variable(Subject::Window(spec.clone()), label, where_words);
        self.without_before(variable, before);
        variable
    }

    fn without_before(&mut self, variable: usize, before: bool) {
        if let (false, Some(v)) = (before, self.variables.get_mut(variable)) {
            v.domain &= !BEFORE;
        }
    }

    /// Returns where the act of a grant's window falls; `None`: it has none.
    fn window_of(&mut self, grant: usize, values: Values) -> Option<Literal> {
        let clause = self.policy.clauses.get(grant)?;
        let Effect::Grants(granted) = &clause.effect else {
            return None;
        };
        let spec = granted.window.as_ref()?;
        let moved = self.policy.clauses.iter().any(|c| {
            c.routes.contains(&self.route)
                && matches!(&c.effect, Effect::Extends(extended, _) if *extended == grant)
        });
        let variable = if moved {
            let label = || format!("the window of `{}`", clause.id);
            let variable = self.variable(Subject::Moved(grant), label, where_words);
            self.without_before(variable, spec.opens.is_some());
            variable
        } else {
            self.window(spec)
        };
        Some(Literal { variable, values })
    }

    /// Adds what cannot be, so that no alarm is raised for it.
    fn theory(&mut self) {
        let windows: Vec<(usize, WindowSpec, bool)> = self
            .subjects
            .iter()
            .enumerate()
            .filter_map(|(variable, subject)| match subject {
                Subject::Window(spec) => Some((variable, spec.clone(), false)),
                Subject::Moved(grant) => match &self.policy.clauses.get(*grant)?.effect {
                    Effect::Grants(grant) => Some((variable, grant.window.clone()?, true)),
                    _ => None,
                },
                Subject::Fact(_)
                | Subject::NotSupplied(_)
                | Subject::Happened(_)
                | Subject::Other(_) => None,
            })
            .collect();
        let place_is_tested = self.subjects.contains(&Subject::Happened(Event::Place));
        for (variable, spec, _) in &windows {
            if let Some(event) = spec.opens {
                let then = self.happened(event, true);
                self.imply(*variable, INSIDE | PAST, then);
                if event == Event::Place && spec.act == Act::Request {
                    // No request comes before the order that it is about.
                    let open = Literal {
                        variable: *variable,
                        values: INSIDE | PAST,
                    };
                    self.implications.push(Implication {
                        when: then,
                        then: open,
                    });
                }
            }
            for event in past_needs(&spec.closes) {
                let then = self.happened(event, true);
                self.imply(*variable, PAST, then);
            }
        }
        self.nested(&windows);
        let events: Vec<(Event, usize)> = self
            .subjects
            .iter()
            .enumerate()
            .filter_map(|(variable, subject)| match subject {
                Subject::Happened(event) => Some((*event, variable)),
                _ => None,
            })
            .collect();
        for (first, before) in &events {
            for (second, after) in &events {
                if second.before() & first.bit() != 0 {
                    self.imply(
                        *after,
                        bit(1),
                        Literal {
                            variable: *before,
                            values: bit(1),
                        },
                    );
                }
            }
        }
        let shipped = Subject::Fact(FactRef {
            fact: Fact::OrderShipped,
            word: None,
        });
        if let (Some(order), Some((_, ship))) = (
            self.subjects.iter().position(|s| *s == shipped),
            events.iter().find(|(e, _)| *e == Event::Ship),
        ) {
            self.imply(
                order,
                bit(0),
                Literal {
                    variable: *ship,
                    values: bit(0),
                },
            );
            self.imply(
                order,
                bit(2),
                Literal {
                    variable: *ship,
                    values: bit(1),
                },
            );
        }
        let place = self
            .subjects
            .iter()
            .position(|s| *s == Subject::Happened(Event::Place));
        if let (false, Some(v)) = (
            place_is_tested,
            place.and_then(|p| self.variables.get_mut(p)),
        ) {
            v.domain = bit(1);
        }
    }

    /// A shorter period from the same event ends inside a longer one.
    fn nested(&mut self, windows: &[(usize, WindowSpec, bool)]) {
        for (short, a, a_moved) in windows {
            for (long, b, b_moved) in windows {
                if short == long || *a_moved || *b_moved || a.act != b.act || a.opens != b.opens {
                    continue;
                }
                if is_shorter(&a.closes, &b.closes) {
                    self.imply(
                        *short,
                        INSIDE,
                        Literal {
                            variable: *long,
                            values: INSIDE,
                        },
                    );
                    self.imply(
                        *long,
                        PAST,
                        Literal {
                            variable: *short,
                            values: PAST,
                        },
                    );
                    self.imply(
                        *long,
                        BEFORE,
                        Literal {
                            variable: *short,
                            values: BEFORE,
                        },
                    );
                }
            }
        }
    }

    fn imply(&mut self, variable: usize, values: Values, then: Literal) {
        self.implications.push(Implication {
            when: Literal { variable, values },
            then,
        });
    }
}

fn bit(place: usize) -> Values {
    u32::try_from(place)
        .ok()
        .and_then(|n| Values::from(1_u8).checked_shl(n))
        .unwrap_or(0)
}

fn where_words() -> Vec<String> {
    ["not open yet", "open", "closed"]
        .map(str::to_owned)
        .to_vec()
}

fn placed(wanted: Where) -> Values {
    match wanted {
        Where::Inside => INSIDE,
        Where::Outside => BEFORE | PAST,
        Where::Past => PAST,
    }
}

fn name(fact: &FactRef) -> String {
    match &fact.word {
        Some(word) => format!("{}.{word}", fact.fact.spec().name),
        None => fact.fact.spec().name.to_owned(),
    }
}

fn closes(end: &End) -> String {
    match end {
        End::Never => "never closes".to_owned(),
        End::After(event, Period::Days(n), _) => format!("closes {n} days after `{event}`"),
        End::After(event, Period::BusinessDays(n), _) => {
            format!("closes {n} business days after `{event}`")
        }
        End::After(event, Period::Hours(n), _) => format!("closes {n} hours after `{event}`"),
        End::After(event, Period::Months(n), _) => format!("closes {n} months after `{event}`"),
        End::Before(event) => format!("closes with `{event}`"),
        End::Clock(day, _) => format!("closes at a clock time on the day of `{}`", day.of),
        End::Latest(_) => "closes with the latest of several ends".to_owned(),
        End::Earliest(_) => "closes with the earliest of several ends".to_owned(),
    }
}

/// Returns the events without which an end cannot have passed.
fn past_needs(end: &End) -> Vec<Event> {
    match end {
        End::Never | End::Earliest(_) => Vec::new(),
        End::After(event, ..) | End::Before(event) => vec![*event],
        End::Clock(day, _) => vec![day.of],
        End::Latest(ends) => ends.iter().flat_map(past_needs).collect(),
    }
}

fn is_shorter(a: &End, b: &End) -> bool {
    match (a, b) {
        (End::After(e, p, c), End::After(f, q, d)) if e == f && c == d => match (p, q) {
            (Period::Days(m), Period::Days(n))
            | (Period::Hours(m), Period::Hours(n))
            | (Period::Months(m), Period::Months(n))
            | (Period::BusinessDays(m), Period::BusinessDays(n)) => m < n,
            _ => false,
        },
        _ => false,
    }
}
