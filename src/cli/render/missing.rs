//! Writes facts that are missing, and what each value of them leads to.

use redress_client::pb;
use redress_client::pb::possible_answer::Values;

use super::text::{BOLD, FAINT, Page, word};
use super::time::Clock;

/// Writes the questions that a verdict leaves open, in the order in which they are best
/// asked, with what the answers lead to.
pub fn guided(page: &mut Page, facts: &[pb::MissingFact], (currency, clock): (&str, &Clock)) {
    if facts.is_empty() {
        return;
    }
    page.gap();
    page.line(0, &format!("{BOLD}What is missing{BOLD:#}"));
    for fact in facts {
        ask(page, 1, fact);
        for answer in &fact.possible_answers {
            let values = values(answer.values.as_ref(), clock);
            page.line(2, &format!("{values}: {}", leads_to(answer, currency)));
        }
        let first: Vec<&str> = facts
            .iter()
            .filter(|other| fact.after_paths.contains(&other.path))
            .map(|other| other.question.as_str())
            .collect();
        if !first.is_empty() {
            page.line(
                2,
                &format!("{FAINT}only after: {}{FAINT:#}", first.join(" ")),
            );
        }
    }
}

/// Writes facts that are missing: the question, who can tell, and the field.
pub fn write(page: &mut Page, depth: usize, facts: &[pb::MissingFact]) {
    for fact in facts {
        ask(page, depth, fact);
    }
}

fn ask(page: &mut Page, depth: usize, fact: &pb::MissingFact) {
    let question = if fact.question.is_empty() {
        fact.path.as_str()
    } else {
        fact.question.as_str()
    };
    let source = match fact.source() {
        pb::Party::Unspecified => String::new(),
        party => format!(" (ask the {})", word(party.as_str_name(), "PARTY_")),
    };
    page.line(depth, &format!("? {question}{source}"));
    page.line(depth + 1, &format!("{FAINT}set {}{FAINT:#}", fact.path));
}

fn values(values: Option<&Values>, clock: &Clock) -> String {
    match values {
        Some(Values::Answer(answer)) => match pb::Answer::try_from(*answer) {
            Ok(pb::Answer::Yes) => "yes".to_owned(),
            Ok(pb::Answer::No) => "no".to_owned(),
            Ok(pb::Answer::Unspecified) | Err(_) => "?".to_owned(),
        },
        Some(Values::Words(set)) => {
            let words = set.words.iter().map(|word| word.replace('_', " "));
            let mut words: Vec<String> = words.collect();
            if set.others {
                words.push("anything else".to_owned());
            }
            words.join(" or ")
        }
        Some(Values::Numbers(range)) => match range.last {
            Some(last) if last == range.first => last.to_string(),
            Some(last) => format!("{} to {last}", range.first),
            None => format!("{} or more", range.first),
        },
        Some(Values::Amounts(range)) => match range.last.as_str() {
            "" => format!("{} or more", range.first),
            last if last == range.first => last.to_owned(),
            last => format!("{} to {last}", range.first),
        },
        Some(Values::Times(span)) => match (&span.start_time, &span.end_time) {
            (Some(start), Some(end)) => {
                format!(
                    "from {} until before {}",
                    clock.instant(start),
                    clock.instant(end)
                )
            }
            (Some(start), None) => format!("from {}", clock.instant(start)),
            (None, Some(end)) => format!("before {}", clock.instant(end)),
            (None, None) => "at any time".to_owned(),
        },
        Some(Values::NotYet(_)) => "not yet".to_owned(),
        None => "?".to_owned(),
    }
}

fn leads_to(answer: &pb::PossibleAnswer, currency: &str) -> String {
    let mut said = match answer.outcome() {
        pb::Outcome::NeedsInformation | pb::Outcome::Unspecified => "more is asked".to_owned(),
        outcome => word(outcome.as_str_name(), "OUTCOME_"),
    };
    if answer.remedy() != pb::Remedy::Unspecified {
        said = format!("{said}, {}", word(answer.remedy().as_str_name(), "REMEDY_"));
    }
    if !answer.amount.is_empty() {
        said = format!("{said}, {} {currency}", answer.amount);
    }
    said
}
