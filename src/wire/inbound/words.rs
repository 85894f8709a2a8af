//! Checks the words of standard facts that a policy lists: categories, tags, reasons and their
//! like.

use super::declared::nearest;
use super::reader::quote;
use crate::domain::facts::{Line, Order, Request};
use crate::domain::path::At;
use crate::domain::path::{Field, FieldPath, Owner, UnitsLocation};
use crate::domain::violation::{Violation, ViolationKind};
use crate::domain::vocabulary::Fact;
use crate::policy::plan::Plan;
use crate::policy::terms::WordList;

/// Returns the words that no plan knows: one that lists none of a fact knows all.
pub(super) fn unlisted(
    plans: &[&Plan],
    order: &Order<'_>,
    request: Option<&Request<'_>>,
) -> Vec<Violation> {
    let lists = plans.first().map_or(&[][..], |plan| &plan.word_lists);
    let mut violations = Vec::new();
    for WordList { fact, .. } in lists {
        let known = plans
            .iter()
            .map(|plan| WordList::of(&plan.word_lists, *fact));
        let Some(known) = known.collect::<Option<Vec<_>>>() else {
            continue;
        };
        let known = known.into_iter().flatten().map(String::as_str);
        for (field, word) in words(*fact, order, request) {
            if known.clone().any(|listed| listed == word) {
                continue;
            }
            let why = format!(
                "{} is not among the words of `{fact}`; {}",
                quote(word),
                nearest(word, known.clone())
            );
            violations.push(Violation::new(field, ViolationKind::UnknownWord, why));
        }
    }
    violations.extend(unlisted_codes(plans, order));
    violations
}

/// Returns the codes of what was taken before that no plan knows.
fn unlisted_codes(plans: &[&Plan], order: &Order<'_>) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (index, earlier) in order.earlier.iter().enumerate() {
        for (at, (code, _)) in earlier.taken.iter().enumerate() {
            let sums = plans.iter().flat_map(|plan| plan.sums());
            let codes = sums.map(|sum| sum.code.as_str());
            let known: Vec<&str> = codes.filter(|code| !code.is_empty()).collect();
            if known.contains(code) {
                continue;
            }
            let why = format!(
                "{} is not the code of an amount in the terms; {}",
                quote(code),
                nearest(code, known.iter().copied())
            );
            let earlier = At::ORDER.element("earlier_remedies", index);
            let taken = earlier.element("taken", at);
            violations.push(Violation::new(
                taken.field("code"),
                ViolationKind::UnknownWord,
                why,
            ));
        }
    }
    violations
}

/// Returns the words of a fact, each with its path.
fn words<'f>(
    fact: Fact,
    order: &'f Order<'_>,
    request: Option<&'f Request<'_>>,
) -> Vec<(String, &'f str)> {
    let field = fact.spec().field;
    let one = |path: String, word: Option<&'f str>| word.map(|word| (path, word));
    let lines = || order.lines.iter().enumerate();
    let of_line = |field: Field, line: usize| {
        let location = UnitsLocation {
            line,
            ..UnitsLocation::default()
        };
        FieldPath::to(field).of_units(location).to_string()
    };
    match (fact, field.owner()) {
        (Fact::OrderTag, _) => each(&field.to_string(), order.tags.words),
        (Fact::Tag, _) => lines()
            .flat_map(|(at, line)| each(&of_line(field, at), line.tags.words))
            .collect(),
        (Fact::Category, _) => {
            let contents = Fact::Contains.spec().field;
            let of = |(at, line): (usize, &'f Line<'_>)| {
                let inside = each(&of_line(contents, at), line.contents);
                let own = one(of_line(field, at), line.facts.get(fact).word());
                own.into_iter().chain(inside).collect::<Vec<_>>()
            };
            lines().flat_map(of).collect()
        }
        (_, Owner::Line) => lines()
            .filter_map(|(at, line)| one(of_line(field, at), line.facts.get(fact).word()))
            .collect(),
        (_, owner) => {
            let word = match owner {
                Owner::Order => order.facts.get(fact).word(),
                Owner::Request => request.and_then(|of| of.facts.get(fact).word()),
                Owner::Action(_) => request.and_then(|of| of.ask.get(fact).word()),
                // INVARIANT: no standard fact of these is of any word; a test says so.
                Owner::Line | Owner::Parcel | Owner::Units => None,
            };
            one(field.to_string(), word).into_iter().collect()
        }
    }
}

/// Returns the words of a list, each with its path.
fn each<'f>(list: &str, words: &'f [String]) -> Vec<(String, &'f str)> {
    let words = words.iter().enumerate();
    let words = words.map(|(at, word)| (format!("{list}[{at}]"), word.as_str()));
    words.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::vocabulary::Kind;

    #[test]
    fn facts_of_any_word_are_looked_at_wherever_they_are() {
        for fact in Fact::ALL.iter().filter(|f| f.spec().kind == Kind::Word) {
            let owner = fact.spec().field.owner();
            assert!(!matches!(owner, Owner::Parcel | Owner::Units), "{fact}");
        }
    }
}
