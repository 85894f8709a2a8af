//! The facts that units miss: those that somebody can tell, and those of several lists
//! together.

use super::prices::{DISCOUNT, prices_of_all};
use crate::domain::facts::Facts;
use crate::domain::verdict::{Guide, Missing, MissingFact, Question};

/// Parts missing facts into those that can be asked for, and those that nobody can tell.
pub(crate) fn available(facts: &Facts<'_>, missing: Missing) -> (Missing, Vec<MissingFact>) {
    if !facts.has_unavailable() {
        return (missing, Vec::new());
    }
    let is_available = |fact: &MissingFact| !is_unavailable(facts, fact);
    let (asked, mut unavailable): (Vec<_>, Vec<_>) =
        missing.facts.into_iter().partition(is_available);
    let mut asked = Missing {
        order_value: missing.order_value,
        ..Missing::of(asked)
    };
    if missing.other_prices {
        let prices = prices_of_all(facts).map(|(_, price)| price);
        let (prices, unknown): (Vec<_>, Vec<_>) = prices.partition(is_available);
        asked.other_prices = !prices.is_empty();
        unavailable.extend(unknown);
    }
    (asked, unavailable)
}

/// Whether nobody can tell a fact, by its path or by one with a name that it had.
fn is_unavailable(facts: &Facts<'_>, fact: &MissingFact) -> bool {
    let (name, former_names) = match &fact.question {
        Question::Fact(of, _) => (of.word(), of.spec().former_names),
        Question::Event(of) => (of.word(), of.spec().former_names),
        Question::Field(_) => ("", &[][..]),
    };
    let list = fact.path.strip_suffix(']');
    let list = list.and_then(|path| path.strip_suffix(name)).unwrap_or("");
    let mut former_names = former_names.iter();
    facts.is_unavailable(&fact.path)
        || former_names.any(|name| facts.is_unavailable(&format!("{list}{name}]")))
}

/// Returns every fact of some lists once, prices of other lines among them, in the order
/// in which they are best asked for.
pub(crate) fn together<'m>(
    facts: &Facts<'_>,
    lists: impl Iterator<Item = &'m Missing> + Clone,
    explains: bool,
) -> Vec<MissingFact> {
    if lists.clone().all(Missing::is_empty) {
        return Vec::new();
    }
    let known = lists.clone().flat_map(|missing| &missing.facts);
    let mut all: Vec<MissingFact> = MissingFact::first_of_each(known);
    if lists.clone().any(|missing| missing.other_prices) {
        let mut lists = lists;
        let guides = explains && !lists.any(|missing| missing.order_value);
        all.extend(prices(facts, guides));
    }
    MissingFact::each_once(&mut all);
    all
}

/// Returns the prices that somebody can tell; where it says so, those of lines that the
/// request does not name come after the discount that would be shared.
fn prices(facts: &Facts<'_>, guides: bool) -> Vec<MissingFact> {
    let may_be_none = facts.order().discount.is_none();
    let mut prices = Vec::new();
    for (line, fact) in prices_of_all(facts) {
        if is_unavailable(facts, &fact) {
            continue;
        }
        let named = facts.rows().iter().any(|row| row.line == line);
        let guide = (guides && may_be_none && !named).then(|| Guide {
            position: usize::MAX,
            answers: Vec::new(),
            after: vec![DISCOUNT.to_owned()],
        });
        prices.push(MissingFact {
            guide: guide.map(Box::new),
            ..fact
        });
    }
    prices
}
