//! Writes missing facts, and what each value of them leads to.

use super::encoder::Encoder;
use super::{RenderContext, tag, timestamp};
use crate::domain::verdict as v;
use crate::policy::plan::words_of;
use crate::wire::enums::{self, Wire};

/// Writes a missing fact.
pub(super) fn fact(m: &RenderContext<'_>, to: &mut Encoder, fact: &v::MissingFact) {
    use tag::missing_fact as t;
    let v::MissingFact {
        path,
        question,
        guide,
    } = fact;
    to.text(t::PATH, path);
    to.number(t::SOURCE, question.source().write());
    to.text(t::QUESTION, &m.localizer.question(question));
    if let Some(guide) = guide {
        let v::Guide {
            // The facts are in this order.
            position: _,
            answers,
            after,
        } = &**guide;
        to.list(t::POSSIBLE_ANSWERS, answers, |to, x| {
            possible_answer(m, to, x)
        });
        to.texts(t::AFTER_PATHS, after.iter().map(String::as_str));
    }
    to.text(t::NAME, question.name());
    to.text(t::PARAMETER, question.parameter().unwrap_or_default());
    to.number(t::ANSWER_TYPE, question.answer_type().write());
    match question {
        v::Question::Fact(fact, _) => {
            let words = words_of(m.word_lists, *fact).unwrap_or_default();
            to.texts(t::WORDS, words);
        }
        v::Question::Event(_) | v::Question::Field(_) => {}
    }
    let at_least = question
        .at_least()
        .and_then(|least| i32::try_from(least).ok());
    to.known_number(t::AT_LEAST, at_least);
}

fn possible_answer(m: &RenderContext<'_>, to: &mut Encoder, answer: &v::PossibleAnswer) {
    use tag::possible_answer as t;
    let v::PossibleAnswer { values, leads_to } = answer;
    match values {
        v::Values::YesNo(yes) => to.number(t::ANSWER, enums::write(Some(*yes))),
        v::Values::Words { words, others } => to.message(t::WORDS, |to| {
            to.texts(tag::word_set::WORDS, words.iter().map(String::as_str));
            to.flag(tag::word_set::OTHERS, *others);
        }),
        v::Values::Numbers(first, last) => to.message(t::NUMBERS, |to| {
            let small = |number: i64| i32::try_from(number).unwrap_or(i32::MAX);
            to.number(tag::number_range::FIRST, small(*first));
            to.known_number(tag::number_range::LAST, last.map(small));
        }),
        v::Values::Amounts(first, last) => to.message(t::AMOUNTS, |to| {
            m.amount(to, tag::amount_range::FIRST, Some(*first));
            m.amount(to, tag::amount_range::LAST, *last);
        }),
        v::Values::Times(start, end) => to.message(t::TIMES, |to| {
            if let Some(start) = start {
                timestamp(to, tag::time_span::START_TIME, *start);
            }
            if let Some(end) = end {
                timestamp(to, tag::time_span::END_TIME, *end);
            }
        }),
        v::Values::NotYet => to.flag(t::NOT_YET, true),
    }
    to.number(t::OUTCOME, leads_to.outcome.write());
    to.number(t::REMEDY, enums::write(leads_to.remedy));
    m.amount(to, t::AMOUNT, leads_to.amount);
}
