//! The situations of a route: variables, and what tests and windows say of them.
//!
//! Windows are not variables of their own. What is, is whether an act has reached an
//! event, and whether it has passed an end that counts from one; a window is a formula
//! over these. So no two windows can contradict each other (`theory`).

use super::formula::{Formula, Literal, MAX_VALUES, Values, bit};
use super::span::{Span, Spans, Zoned};
use super::stated::{StatedEnd, span};
use super::theory::comes_before;
use crate::domain::facts::Action;
use crate::domain::money::Amount;
use crate::domain::time::Day;
use crate::domain::verdict::Act;
use crate::domain::vocabulary::Event;
use crate::policy::checked::{CheckedPolicy, Guard};
use crate::policy::plan::words_of;
use crate::policy::terms::{
    AmountRange, Clock, DaySpec, Effect, End, FactRef, Roll, Test, WeekPart, Where, WindowSpec,
    WindowZone,
};

/// Names what a variable stands for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Subject {
    /// The value of a fact.
    Fact(FactRef),
    /// Whether an asked-for fact was never supplied, up to an end.
    NotSupplied(FactRef, Option<End>),
    /// Whether an event has happened at the instant of deciding.
    Happened(Event),
    /// Whether an act takes place with or after an event.
    Reached(Act, Event),
    /// Whether an act takes place after an end that counts from an event.
    Passed(Act, Event, Span, WindowZone),
    /// Whether an act takes place after a date.
    Dated(Act, Day, WindowZone),
    /// The part of the week in which an event falls.
    Week(Event),
    /// Whether a day is in a calendar.
    InCalendar(DaySpec, usize),
}

/// A variable with its values in words.
#[derive(Debug)]
pub(super) struct Variable {
    pub subject: Subject,
    pub values: Vec<String>,
    /// The values that are possible at all.
    pub domain: Values,
}

/// Holds the situations of a route.
#[derive(Debug)]
pub(super) struct Model<'p> {
    pub policy: &'p CheckedPolicy,
    pub spans: &'p Spans<'p>,
    route: Action,
    pub variables: Vec<Variable>,
    /// Where the parts of the week begin that tests tell apart, for each event.
    weeks: Vec<(Event, Vec<WeekTime>)>,
    /// In each list at least one literal holds.
    pub theory: Vec<Vec<Literal>>,
    /// The clauses of the policy, by index; `None`: it is not on the route.
    pub clauses: Vec<Option<OnRoute>>,
    /// Whether a variable has more values than a set holds, so that nothing can be told.
    pub is_too_wide: bool,
}

/// Holds what the search asks of a clause.
#[derive(Debug)]
pub(super) struct OnRoute {
    /// When it applies.
    pub guard: Formula,
    /// When the window of a grant is open; always for every other clause.
    pub open: Formula,
    /// The clauses of the route that override it.
    pub overriders: Vec<usize>,
}

/// States where the act of a window falls.
struct ActInWindow {
    /// It is not before the window.
    reached: Formula,
    /// It is after the end.
    passed: Formula,
    /// It is after the end, and reviewed.
    review: Formula,
}

impl ActInWindow {
    fn inside(self) -> Formula {
        self.reached.and(self.passed.not())
    }

    fn past(self) -> Formula {
        Formula::All(vec![self.reached, self.passed, self.review.not()])
    }
}

impl<'p> Model<'p> {
    pub(super) fn new(policy: &'p CheckedPolicy, spans: &'p Spans<'p>, route: Action) -> Self {
        let mut model = Self {
            policy,
            spans,
            route,
            variables: Vec::new(),
            weeks: Vec::new(),
            theory: Vec::new(),
            clauses: Vec::new(),
            is_too_wide: false,
        };
        let mut overrides = Vec::new();
        for (index, clause) in policy.clauses.iter().enumerate() {
            if !clause.routes.contains(&route) {
                model.clauses.push(None);
                continue;
            }
            let guard = model.guard(&clause.guard);
            let open = model
                .grant_window(index)
                .map_or(Formula::ALWAYS, ActInWindow::inside);
            model.clauses.push(Some(OnRoute {
                guard,
                open,
                overriders: Vec::new(),
            }));
            overrides.extend(clause.overrides.iter().map(|of| (*of, index)));
        }
        for (overridden, by) in overrides {
            if let Some(Some(clause)) = model.clauses.get_mut(overridden) {
                clause.overriders.push(by);
            }
        }
        model.add_theory();
        model
    }

    fn guard(&mut self, guard: &Guard) -> Formula {
        let mut demands = vec![self.tests(&guard.all)];
        for list in &guard.unless {
            demands.push(self.tests(list).not());
        }
        if !guard.any.is_empty() {
            let any = guard.any.iter().map(|list| self.tests(list)).collect();
            demands.push(Formula::Any(any));
        }
        Formula::All(demands)
    }

    fn tests(&mut self, tests: &[Test]) -> Formula {
        Formula::All(tests.iter().map(|test| self.test(test)).collect())
    }

    /// Returns the variable of a subject.
    pub(super) fn find(&self, subject: &Subject) -> Option<usize> {
        self.variables.iter().position(|v| v.subject == *subject)
    }

    /// Returns the variable of a subject, made where it is new.
    fn variable(&mut self, subject: Subject, values: impl FnOnce() -> Vec<String>) -> usize {
        if let Some(index) = self.find(&subject) {
            return index;
        }
        let values = values();
        self.is_too_wide |= values.len() > MAX_VALUES;
        let domain = (0..values.len()).fold(0, |all, n| all | bit(n));
        self.variables.push(Variable {
            subject,
            values,
            domain,
        });
        self.variables.len().saturating_sub(1)
    }

    pub(super) fn yes_no(&mut self, subject: Subject, yes: bool) -> Literal {
        let values = || vec!["no".to_owned(), "yes".to_owned()];
        Literal {
            variable: self.variable(subject, values),
            values: if yes { bit(1) } else { bit(0) },
        }
    }

    fn is(&mut self, subject: Subject) -> Formula {
        Formula::Is(self.yes_no(subject, true))
    }

    pub(super) fn happened(&mut self, event: Event) -> Formula {
        if event == Event::Request {
            return Formula::ALWAYS;
        }
        self.is(Subject::Happened(event))
    }

    fn test(&mut self, test: &Test) -> Formula {
        match test {
            Test::YesNo(fact, yes) => Formula::Is(self.yes_no(Subject::Fact(fact.clone()), *yes)),
            Test::OneOf(fact, words) => Formula::Is(self.words(fact, words)),
            Test::NoneOf(fact, words) => Formula::Is(self.words(fact, words)).not(),
            Test::Range(fact, low, high) => Formula::Is(self.range(fact, *low, *high)),
            Test::Amount(fact, range) => Formula::Is(self.amounts(fact, range)),
            Test::Happened(event, true) => self.happened(*event),
            Test::Happened(event, false) => self.happened(*event).not(),
            Test::NotSupplied(fact, until) => {
                self.is(Subject::NotSupplied(fact.clone(), until.clone()))
            }
            Test::Window(spec, wanted) => {
                let fallen = self.window(spec, &[]);
                match wanted {
                    Where::Inside => fallen.inside(),
                    Where::Outside => fallen.inside().not(),
                    Where::Past => fallen.past(),
                }
            }
            // A grant without a window, or of another route, is never past.
            Test::Past(grant) => self
                .grant_window(*grant)
                .map_or(Formula::NEVER, ActInWindow::past),
            Test::Week(event, part) => self.week(*event, part),
            // The day of an event that has not happened is neither in nor out.
            Test::DayIn(day, calendar, inside) => {
                let contained = self.yes_no(Subject::InCalendar(*day, *calendar), *inside);
                self.happened(day.of).and(Formula::Is(contained))
            }
        }
    }

    /// Returns every test of the route.
    fn all_tests(&self) -> impl Iterator<Item = &'p Test> {
        let route = self.route;
        self.policy
            .clauses
            .iter()
            .filter(move |c| c.routes.contains(&route))
            .flat_map(|c| {
                let guard = &c.guard;
                let lists = guard.unless.iter().chain(&guard.any).flatten();
                guard.all.iter().chain(lists)
            })
    }

    /// Words of an open list that the same tests name are one value, and so are those
    /// that no test names.
    fn words(&mut self, fact: &FactRef, words: &[String]) -> Literal {
        let lists: Vec<&[String]> = self
            .all_tests()
            .filter_map(Test::words)
            .filter_map(|(of, list)| (of == fact).then_some(list))
            .collect();
        let mut known: Vec<String> = Vec::new();
        if let Some(closed) = words_of(&self.policy.word_lists, fact.fact) {
            known.extend(closed.into_iter().map(str::to_owned));
        } else {
            known.push("another word".to_owned());
            let mut mentioned: Vec<&String> = lists.iter().copied().flatten().collect();
            mentioned.sort();
            mentioned.dedup();
            let mut classes = Vec::new();
            for word in mentioned {
                let named_by: Vec<bool> = lists.iter().map(|list| list.contains(word)).collect();
                if !classes.contains(&named_by) {
                    classes.push(named_by);
                    known.push(word.clone());
                }
            }
        }
        let chosen = known
            .iter()
            .enumerate()
            .filter(|(_, word)| words.contains(word))
            .fold(0, |all, (n, _)| all | bit(n));
        Literal {
            variable: self.variable(Subject::Fact(fact.clone()), || known),
            values: chosen,
        }
    }

    fn range(&mut self, fact: &FactRef, low: i64, high: i64) -> Literal {
        let mut starts: Vec<i64> = vec![0];
        for test in self.all_tests() {
            if let Test::Range(f, low, high) = test
                && f == fact
            {
                starts.extend([*low, high.saturating_add(1)]);
            }
        }
        starts.retain(|n| (0..=i64::from(i32::MAX)).contains(n));
        starts.sort_unstable();
        starts.dedup();
        let chosen = starts
            .iter()
            .enumerate()
            .filter(|(_, start)| (low..=high).contains(*start))
            .fold(0, |all, (n, _)| all | bit(n));
        let labels = || starts.iter().map(ToString::to_string).collect();
        Literal {
            variable: self.variable(Subject::Fact(fact.clone()), labels),
            values: chosen,
        }
    }

    /// Returns the least and the greatest number that values of a fact stand for which are
    /// left in a situation.
    pub(super) fn numbers_left(&self, fact: &FactRef, situation: &[Values]) -> (i64, i64) {
        let variable = self.find(&Subject::Fact(fact.clone()));
        let known = variable.and_then(|at| Some((at, situation.get(at)?)));
        let Some((of, left)) = known else {
            return (i64::MIN, i64::MAX);
        };
        let ranges = self.number_ranges(of);
        let kept = ranges.into_iter().enumerate();
        let kept = kept.filter(|(n, _)| left & bit(*n) != 0);
        kept.fold((i64::MAX, i64::MIN), |(low, high), (_, (from, to))| {
            (low.min(from), high.max(to))
        })
    }

    /// Returns the least and the greatest number that each value of a variable stands for.
    pub(super) fn number_ranges(&self, variable: usize) -> Vec<(i64, i64)> {
        let values = self.variables.get(variable).map(|v| v.values.as_slice());
        let values = values.unwrap_or_default().iter();
        let starts: Vec<i64> = values.filter_map(|value| value.parse().ok()).collect();
        let ends = starts.iter().skip(1).map(|next| next.saturating_sub(1));
        let ends = ends.chain([i64::MAX]);
        starts.iter().copied().zip(ends).collect()
    }

    fn amounts(&mut self, fact: &FactRef, range: &AmountRange) -> Literal {
        let mut starts: Vec<Amount> = vec![Amount::ZERO];
        for test in self.all_tests() {
            if let Test::Amount(f, range) = test
                && f == fact
            {
                starts.extend(range.starts());
            }
        }
        starts.sort_unstable();
        starts.dedup();
        let chosen = starts
            .iter()
            .enumerate()
            .filter(|(_, start)| range.contains(**start))
            .fold(0, |all, (n, _)| all | bit(n));
        let text =
            |start: &Amount| format!("{} {}", start.text(range.currency), range.currency.code());
        let labels = || starts.iter().map(text).collect();
        Literal {
            variable: self.variable(Subject::Fact(fact.clone()), labels),
            values: chosen,
        }
    }

    /// The week is cut where a part of some test begins or ends.
    fn week(&mut self, event: Event, part: &WeekPart) -> Formula {
        let mut starts: Vec<WeekTime> = vec![WeekTime::default()];
        for test in self.all_tests() {
            if let Test::Week(of, part) = test
                && *of == event
            {
                starts.extend(bounds(part));
            }
        }
        starts.sort_unstable();
        starts.dedup();
        let [from, to] = bounds(part);
        let chosen = starts
            .iter()
            .enumerate()
            .filter(|(_, start)| (from..to).contains(*start))
            .fold(0, |all, (n, _)| all | bit(n));
        let labels = || starts.iter().map(|start| start.words()).collect();
        let variable = self.variable(Subject::Week(event), labels);
        if !self.weeks.iter().any(|(of, _)| *of == event) {
            self.weeks.push((event, starts));
        }
        self.happened(event).and(Formula::Is(Literal {
            variable,
            values: chosen,
        }))
    }

    /// Whether one of these parts of the week has a time on a day.
    pub(super) fn week_has(&self, event: Event, parts: Values, day: Day) -> bool {
        let Some((_, starts)) = self.weeks.iter().find(|(of, _)| *of == event) else {
            return true;
        };
        let first = WeekTime {
            day: day.weekday().num_days_from_monday(),
            ..WeekTime::default()
        };
        let next = WeekTime {
            day: first.day.saturating_add(1),
            ..first
        };
        starts.iter().enumerate().any(|(n, start)| {
            let end = starts.get(n.saturating_add(1));
            parts & bit(n) != 0 && *start < next && end.is_none_or(|end| *end > first)
        })
    }

    /// Returns where the act of a grant's window falls; `None`: it has none on the route.
    fn grant_window(&mut self, grant: usize) -> Option<ActInWindow> {
        let policy = self.policy;
        let route = self.route;
        let on_route = move |index: usize| {
            let clause = policy.clauses.get(index);
            clause.filter(|c| c.routes.contains(&route))
        };
        let granted = on_route(grant)?.effect.grant()?;
        let spec = granted.window.as_ref()?;
        let mut moves = Vec::new();
        for clause in (0..policy.clauses.len()).filter_map(on_route) {
            match &clause.effect {
                Effect::Extends(extended, end) if *extended == grant => {
                    moves.push((self.guard(&clause.guard), end));
                }
                Effect::Grants(_)
                | Effect::Refuses(_)
                | Effect::Refers(_)
                | Effect::Adds(_)
                | Effect::Extends(..) => {}
            }
        }
        Some(self.window(spec, &moves))
    }

    /// Returns where the act of a window falls; `moves` are ends to which it is moved, if
    /// they are later, each with what says that it is.
    fn window(&mut self, spec: &WindowSpec, moves: &[(Formula, &End)]) -> ActInWindow {
        let act = spec.act;
        let reached = match &spec.opens {
            None => Formula::ALWAYS,
            Some(end) => self.passed(act, end, spec.zone, None),
        };
        let latest = |model: &mut Self, roll: Option<usize>| {
            let mut all = vec![model.passed(act, &spec.closes, spec.zone, roll)];
            for (moved, end) in moves {
                // Extensions count days in the zone of the policy.
                let passed = model.passed(act, end, WindowZone::Policy, roll);
                all.push(Formula::Any(vec![moved.clone().not(), passed]));
            }
            Formula::All(all)
        };
        let passed = latest(self, None);
        let rolled = match &spec.roll {
            None => {
                return ActInWindow {
                    reached,
                    passed,
                    review: Formula::NEVER,
                };
            }
            Some(Roll { calendar, of: None }) => latest(self, Some(*calendar)).not(),
            Some(Roll {
                calendar,
                of: Some(end),
            }) => {
                let over = self.passed(act, end, spec.zone, Some(*calendar));
                self.is_known(end).and(over.not())
            }
        };
        ActInWindow {
            reached,
            review: passed.clone().and(rolled),
            passed,
        }
    }

    fn reached(&mut self, act: Act, event: Event) -> Formula {
        if act.event() == Some(event) {
            return self.happened(event);
        }
        self.is(Subject::Reached(act, event))
    }

    /// Returns whether an act takes place after an end, moved to the next working day of
    /// a calendar if one is named.
    fn passed(&mut self, act: Act, end: &End, zone: WindowZone, roll: Option<usize>) -> Formula {
        let (event, span) = match end {
            End::Never => return Formula::NEVER,
            End::Before(event) if roll.is_none() => return self.reached(act, *event),
            // Moved to a working day, it ends with a day; which one hangs on the hour of the event.
            End::Before(event) => (*event, Span::Hours(0)),
            End::After(event, period, calendar) => (*event, span(*period, *calendar)),
            End::Stated(event, period) => {
                let stated = StatedEnd::new(period.as_ref().clone(), None);
                (*event, Span::Stated(Box::new(stated)))
            }
            End::Clock(day, clock) => (day.of, Span::Clock(day.next, *clock)),
            End::Date(day, short) => {
                let last = day.plus_days(i64::from(*short).saturating_neg());
                let calendar = roll.and_then(|roll| self.policy.calendars.get(roll));
                let last = calendar.map_or(last, |calendar| calendar.business_on_or_after(last));
                return self.is(Subject::Dated(act, last, zone));
            }
            End::Latest(ends) => {
                let ends = ends.iter().map(|end| self.passed(act, end, zone, roll));
                return Formula::All(ends.collect());
            }
            End::Earliest(ends) => {
                let ends = ends.iter().map(|end| self.passed(act, end, zone, roll));
                return Formula::Any(ends.collect());
            }
        };
        // What counts from the act itself, or from what comes after it, ends after it.
        let is_ahead = |own: Event| own == event || comes_before(own, event);
        let counts_on = match end {
            End::After(_, period, _) => period.ends_after_event(),
            End::Stated(_, period) => {
                period.least().ends_after_event() && period.most().ends_after_event()
            }
            End::Never
            | End::Before(_)
            | End::Clock(..)
            | End::Date(..)
            | End::Latest(_)
            | End::Earliest(_) => false,
        };
        if act.event().is_some_and(is_ahead) && counts_on {
            return Formula::NEVER;
        }
        let span = match roll {
            None => span,
            // A business day is one already.
            Some(roll) if matches!(span, Span::BusinessDays(1.., of) if of == roll) => span,
            Some(calendar) => span.moved_to_working_day(calendar),
        };
        // Hours are those of every zone.
        let zone = Zoned::new(&span, zone)
            .counted_in()
            .unwrap_or(WindowZone::Policy);
        self.is(Subject::Passed(act, event, span, zone))
    }

    /// Returns whether an end is an instant: what it counts from has happened.
    fn is_known(&mut self, end: &End) -> Formula {
        match end {
            End::Never => Formula::NEVER,
            End::Date(..) => Formula::ALWAYS,
            End::Before(event) | End::After(event, ..) | End::Stated(event, _) => {
                self.happened(*event)
            }
            End::Clock(day, _) => self.happened(day.of),
            End::Latest(ends) => Formula::All(ends.iter().map(|e| self.is_known(e)).collect()),
            End::Earliest(ends) => Formula::Any(ends.iter().map(|e| self.is_known(e)).collect()),
        }
    }
}

/// A time of the week: the day from Monday, the second of the day, and whether the instant
/// itself is left behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct WeekTime {
    day: u32,
    second: u32,
    after: bool,
}

impl WeekTime {
    fn words(self) -> String {
        let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let day = usize::try_from(self.day).ok().and_then(|d| names.get(d));
        let (hour, minute) = (self.second / 3600, self.second / 60 % 60);
        let from = if self.after { "after" } else { "from" };
        format!("{from} {} {hour:02}:{minute:02}", day.unwrap_or(&"sun"))
    }
}

/// Returns the first time inside a part of the week, and the first one after it.
fn bounds(part: &WeekPart) -> [WeekTime; 2] {
    use chrono::Timelike;
    let at = |(weekday, clock): (chrono::Weekday, Clock)| {
        let (Clock::Instant(time) | Clock::Minute(time)) = clock;
        WeekTime {
            day: weekday.num_days_from_monday(),
            second: time.num_seconds_from_midnight(),
            after: false,
        }
    };
    let (from, last) = (at(part.from), at(part.to));
    let to = match part.to.1 {
        Clock::Instant(_) => WeekTime {
            after: true,
            ..last
        },
        Clock::Minute(_) => WeekTime {
            second: last.second.saturating_add(60),
            ..last
        },
    };
    [from, to]
}
