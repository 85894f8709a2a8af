//! What hangs on each missing fact of a row: what its values lead to, which facts can make
//! it needless, and in which order facts are best asked for.

use super::diagram::Diagram;
use super::questions::{Completions, Questions};
use super::times::Times;
use crate::domain::verdict::{Consequence, Guide, PossibleAnswer, Values};
use crate::engine::read::world::Key;

/// Returns the guide of each of the facts that a row misses; `path` is that of a fact.
pub(super) fn guides<'a>(
    diagram: &mut Diagram<'a, '_>,
    found: &[Times<'a>],
    missing: &[Key<'a>],
    path: impl Fn(Key<'a>) -> String,
) -> Vec<(Key<'a>, Guide)> {
    let mut questions = Questions::new(diagram, found, missing);
    let start = questions.start();
    let open = questions.open(&start);
    let asked: Vec<OpenQuestion<'a>> = open
        .iter()
        .filter_map(|number| questions.ask(&start, *number, &path))
        .collect();
    let order = questions.order(&start, &asked);
    let after = |one: &OpenQuestion<'a>| {
        let position = order.iter().position(|number| *number == one.number);
        let earlier = order.iter().take(position.unwrap_or(0));
        let earlier = earlier.filter_map(|number| asked.iter().find(|a| a.number == *number));
        let spares = |other: &&OpenQuestion<'a>| {
            let mut answers = other.answers.iter();
            answers.any(|answer| !answer.open.contains(&one.number))
        };
        earlier
            .filter(spares)
            .map(|other| other.path.clone())
            .collect()
    };
    let guides = asked.iter().map(|one| {
        let position = order.iter().position(|number| *number == one.number);
        let guide = Guide {
            position: position.unwrap_or_default(),
            answers: one.possible_answers(),
            after: after(one),
        };
        (one.key, guide)
    });
    guides.collect()
}

/// A question that is open, with what each answer leads to.
struct OpenQuestion<'a> {
    number: usize,
    key: Key<'a>,
    path: String,
    answers: Vec<AnswerOutcome>,
}

/// What an answer leads to.
struct AnswerOutcome {
    values: Option<Values>,
    leads_to: Consequence,
    /// The questions that stay open.
    open: Vec<usize>,
}

impl OpenQuestion<'_> {
    /// Returns what the values lead to; times that follow each other, lead to the same and
    /// leave the same open are one.
    fn possible_answers(&self) -> Vec<PossibleAnswer> {
        let mut possible: Vec<PossibleAnswer> = Vec::with_capacity(self.answers.len());
        let mut open_before: Option<&[usize]> = None;
        for answer in &self.answers {
            let Some(values) = answer.values.clone() else {
                return Vec::new();
            };
            let leads_to = answer.leads_to;
            let same_open = open_before == Some(answer.open.as_slice());
            open_before = Some(&answer.open);
            match (possible.last_mut(), &values) {
                (
                    Some(PossibleAnswer {
                        values: Values::Times(_, until),
                        leads_to: before,
                    }),
                    Values::Times(from, next),
                ) if same_open && *before == leads_to && *until == *from => *until = *next,
                _ => possible.push(PossibleAnswer { values, leads_to }),
            }
        }
        possible
    }
}

impl<'a> Questions<'_, 'a, '_> {
    /// Returns what each answer to a question leads to.
    fn ask(
        &mut self,
        state: &Completions,
        number: usize,
        path: impl Fn(Key<'a>) -> String,
    ) -> Option<OpenQuestion<'a>> {
        let question = self.all.get(number)?;
        let key = question.key;
        let choices = question.choices.clone();
        let answers = choices.into_iter().map(|(values, class)| {
            let state = self.answer(state, number, class);
            let open = self.open(&state);
            let leads_to = match open.is_empty() {
                true => self.settled(&state),
                false => Consequence::OPEN,
            };
            AnswerOutcome {
                values,
                leads_to,
                open,
            }
        });
        Some(OpenQuestion {
            number,
            key,
            answers: answers.collect(),
            path: path(key),
        })
    }

    /// Returns questions in the order that leaves the fewest open: each time the one of
    /// which the worst answer leaves the fewest, and after that answer the next; ties by
    /// path. What that way leaves out follows by what it leaves open as the first.
    fn order(&mut self, start: &Completions, asked: &[OpenQuestion<'a>]) -> Vec<usize> {
        let mut order = Vec::with_capacity(asked.len());
        let mut state = start.clone();
        let mut best = self.best(&state, asked, &order);
        while let Some((number, class)) = best {
            order.push(number);
            state = self.answer(&state, number, class);
            best = self.best(&state, asked, &order);
        }
        let mut rest: Vec<&OpenQuestion<'a>> = asked
            .iter()
            .filter(|one| !order.contains(&one.number))
            .collect();
        rest.sort_by_key(|one| {
            let left = one.answers.iter().map(|answer| answer.open.len()).max();
            (left, one.path.clone())
        });
        order.extend(rest.into_iter().map(|one| one.number));
        order
    }

    /// Returns the open question of which the worst answer leaves the fewest others open,
    /// with the class of that answer.
    fn best(
        &mut self,
        state: &Completions,
        asked: &[OpenQuestion<'a>],
        but: &[usize],
    ) -> Option<(usize, usize)> {
        let open = self.open(state);
        let open = asked.iter().filter(|one| open.contains(&one.number));
        let open: Vec<&OpenQuestion<'a>> = open.filter(|one| !but.contains(&one.number)).collect();
        if let [only] = open.as_slice() {
            let class = self.all.get(only.number)?.choices.first()?.1;
            return Some((only.number, class));
        }
        let mut best: Option<(usize, &str, (usize, usize))> = None;
        for one in open {
            let choices = self.all.get(one.number)?.choices.clone();
            let mut worst: Option<(usize, usize)> = None;
            for (_, class) in choices {
                let answered = self.answer(state, one.number, class);
                let left = self.open(&answered).len();
                if worst.is_none_or(|(most, _)| left > most) {
                    worst = Some((left, class));
                }
            }
            let Some((left, class)) = worst else { continue };
            let path = one.path.as_str();
            if best.is_none_or(|(least, first, _)| (left, path) < (least, first)) {
                best = Some((left, path, (one.number, class)));
            }
        }
        best.map(|(.., answer)| answer)
    }
}

/// Returns the variable that stands for an event: that of another parcel of which the same
/// is known, or another event that bounds the same.
pub(super) fn stands_for<'a>(found: &[Times<'a>], key: Key<'a>) -> Key<'a> {
    let Key::Event(event, index) = key else {
        return key;
    };
    let variables = found
        .iter()
        .flat_map(|times| times.variables.iter().zip(&times.alike));
    let mut alike = variables.filter(|(known, alike)| {
        let is_event = matches!(known, Key::Event(of, _) if *of == event);
        let mut bounds = alike.bounds.iter();
        (is_event && alike.parcels.contains(&index))
            || bounds.any(|(of, at, _)| (*of, *at) == (event, index))
    });
    alike.next().map_or(key, |(known, _)| *known)
}
