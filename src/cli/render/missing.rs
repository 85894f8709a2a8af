//! Writes facts that are missing, and what each value of them leads to.

use redress_client::pb;
use redress_client::pb::possible_answer::Values;

use super::context::Context;
use super::text::{BOLD, FAINT, Page};

/// Writes the questions that a verdict leaves open, in the order in which they are best
/// asked, with what the answers lead to.
pub fn guided(page: &mut Page, facts: &[pb::MissingFact], cx: &Context<'_>) {
    if facts.is_empty() {
        return;
    }
    page.gap();
    let heading = cx.label("page", "information");
    page.line(0, &format!("{BOLD}{heading}{BOLD:#}"));
    for fact in facts {
        ask(page, 1, fact, cx);
        for answer in &fact.possible_answers {
            let values = values(answer.values.as_ref(), cx);
            page.line(2, &cx.labelled(&values, &leads_to(answer, cx)));
        }
        let first: Vec<&str> = facts
            .iter()
            .filter(|other| fact.after_paths.contains(&other.path))
            .map(|other| other.question.as_str())
            .collect();
        if !first.is_empty() {
            let text = cx.say("page", "only_after", &[("questions", &first.join(" "))]);
            page.line(2, &format!("{FAINT}{text}{FAINT:#}"));
        }
    }
}

/// Writes facts that are missing: the question, who can tell, and the field.
pub fn write(page: &mut Page, depth: usize, facts: &[pb::MissingFact], cx: &Context<'_>) {
    for fact in facts {
        ask(page, depth, fact, cx);
    }
}

/// Writes one question, and who can answer it.
pub fn question(fact: &pb::MissingFact, cx: &Context<'_>) -> String {
    let question = if fact.question.is_empty() {
        fact.path.as_str()
    } else {
        fact.question.as_str()
    };
    match cx.named("ask", fact.source().as_str_name(), "PARTY_") {
        "" => format!("? {question}"),
        whom => format!("? {question} ({whom})"),
    }
}

fn ask(page: &mut Page, depth: usize, fact: &pb::MissingFact, cx: &Context<'_>) {
    page.line(depth, &question(fact, cx));
    let field = cx.say("page", "set", &[("path", &fact.path)]);
    page.line(depth.saturating_add(1), &format!("{FAINT}{field}{FAINT:#}"));
}

fn values(values: Option<&Values>, cx: &Context<'_>) -> String {
    let label = |key: &str| cx.label("value", key).to_owned();
    let range = |first: &str, last: &str| {
        let values = [("first", first), ("last", last)];
        match last {
            "" => cx.say("value", "at_least", &values),
            last if last == first => first.to_owned(),
            _ => cx.say("value", "range", &values),
        }
    };
    match values {
        Some(Values::Answer(answer)) => match pb::Answer::try_from(*answer) {
            Ok(pb::Answer::Yes) => label("yes"),
            Ok(pb::Answer::No) => label("no"),
            Ok(pb::Answer::Unspecified) | Err(_) => "?".to_owned(),
        },
        Some(Values::Words(set)) => {
            let words = set.words.iter().map(|word| word.replace('_', " "));
            let mut words: Vec<String> = words.collect();
            if set.others {
                words.push(label("anything_else"));
            }
            words.join(&format!(" {} ", cx.label("period", "or")))
        }
        Some(Values::Numbers(of)) => {
            let last = of.last.map(|last| last.to_string());
            range(&of.first.to_string(), &last.unwrap_or_default())
        }
        Some(Values::Amounts(of)) => {
            let shown = |amount: &str| cx.localizer.number(amount);
            range(&shown(&of.first), &shown(&of.last))
        }
        Some(Values::Times(span)) => {
            let shown = |time: &Option<_>| time.as_ref().map(|time| cx.clock.instant(time));
            let (start, end) = (shown(&span.start_time), shown(&span.end_time));
            let key = match (&start, &end) {
                (Some(_), Some(_)) => "from_until",
                (Some(_), None) => "from",
                (None, Some(_)) => "before",
                (None, None) => "any_time",
            };
            let (start, end) = (start.unwrap_or_default(), end.unwrap_or_default());
            cx.say("value", key, &[("start", &start), ("end", &end)])
        }
        Some(Values::NotYet(_)) => label("not_yet"),
        None => "?".to_owned(),
    }
}

fn leads_to(answer: &pb::PossibleAnswer, cx: &Context<'_>) -> String {
    let outcome = match answer.outcome() {
        pb::Outcome::NeedsInformation | pb::Outcome::Unspecified => cx.label("value", "more_asked"),
        outcome => cx.outcome(outcome),
    };
    let mut parts = vec![outcome.to_owned()];
    if answer.remedy() != pb::Remedy::Unspecified {
        parts.push(cx.remedy(answer.remedy()).to_owned());
    }
    if !answer.amount.is_empty() {
        parts.push(cx.money(&answer.amount));
    }
    parts.join(", ")
}
