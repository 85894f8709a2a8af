//! Reads ranges of numbers and of amounts.

use super::ClauseIndex;
use super::amounts::{amount, currency};
use crate::domain::money::Amount;
use crate::policy::document::Item;
use crate::policy::terms::{AmountRange, FactRef, Test};

/// The keys of the ends of a range.
pub(super) const ENDS: [&str; 4] = ["at_least", "at_most", "above", "below"];

/// Reads a test of a number: one number, or a range.
pub(super) fn number_test(fact: FactRef, value: &Item<'_, '_>) -> Option<Test> {
    let most = i64::from(i32::MAX);
    if value.is_integer() {
        let number = value.integer(0, most)?;
        return Some(Test::Range(fact, number, number));
    }
    let table = value.table()?;
    let [low, above] = ["at_least", "above"].map(|key| table.get(key));
    let [high, below] = ["at_most", "below"].map(|key| table.get(key));
    table.finish_ref();
    let low = end("at_least", low, "above", above, 1)?.unwrap_or(0);
    let high = end("at_most", high, "below", below, -1)?.unwrap_or(most);
    if low > high {
        value.bad(
            "bad-range",
            format!("no number is at least {low} and at most {high}"),
            "swap them",
        );
        return None;
    }
    Some(Test::Range(fact, low, high))
}

/// Reads a test of an amount: a range with its currency.
pub(super) fn amount_test(
    fact: FactRef,
    value: &Item<'_, '_>,
    names: &ClauseIndex<'_>,
) -> Option<Test> {
    let table = value.table()?;
    let [low, above] = ["at_least", "above"].map(|key| table.get(key));
    let [high, below] = ["at_most", "below"].map(|key| table.get(key));
    let code = table.get("currency");
    table.finish_ref();
    let Some(code) = code else {
        value.bad(
            "missing-key",
            "an amount needs its currency",
            "add `currency = \"EUR\"`",
        );
        return None;
    };
    let currency = currency(&code)?;
    let first = *names.compared_in.borrow_mut().get_or_insert(currency);
    if first != currency {
        code.bad(
            "mixed-currencies",
            format!("amounts are compared in {} before", first.code()),
            "compare all in one currency: an order has one, and of an order in another one a \
             person decides",
        );
        return None;
    }
    let step = Amount::from_minor(1);
    let low = match one_end("at_least", low, "above", above)? {
        None => Amount::ZERO,
        Some((item, is_beyond)) => {
            let low = amount(&item, currency)?;
            if is_beyond { low.plus(step) } else { low }
        }
    };
    let high = match one_end("at_most", high, "below", below)? {
        None => None,
        Some((item, is_beyond)) => {
            let high = amount(&item, currency)?;
            if is_beyond && high == Amount::ZERO {
                let help = "write an amount above zero";
                item.bad("bad-range", "amounts cannot be negative", help);
                return None;
            }
            Some(if is_beyond { high.less(step) } else { high })
        }
    };
    if high.is_some_and(|high| high < low) {
        let message = "the lower end of the range is above its upper end";
        value.bad("bad-range", message, "swap them");
        return None;
    }
    let range = AmountRange {
        low,
        high,
        currency,
    };
    Some(Test::Amount(fact, range))
}

/// Returns the end of a range that is stated, and whether it is the first beyond the range.
/// Outer `None`: it was reported; inner: the range has no such end.
fn one_end<'t, 'r>(
    name: &str,
    inside: Option<Item<'t, 'r>>,
    beyond_name: &str,
    beyond: Option<Item<'t, 'r>>,
) -> Option<Option<(Item<'t, 'r>, bool)>> {
    match (inside, beyond) {
        (None, None) => Some(None),
        (Some(item), None) => Some(Some((item, false))),
        (None, Some(item)) => Some(Some((item, true))),
        (Some(_), Some(item)) => {
            let message = format!("`{name}` and `{beyond_name}` are the same end of a range");
            item.bad("bad-range", message, "keep one of them");
            None
        }
    }
}

/// Reads an end of a range: the last number in it, or the first beyond it, from which the
/// last is a `step` away. Outer `None`: it was reported; inner: the range has no such end.
fn end(
    name: &str,
    inside: Option<Item<'_, '_>>,
    beyond_name: &str,
    beyond: Option<Item<'_, '_>>,
    step: i64,
) -> Option<Option<i64>> {
    let most = i64::from(i32::MAX);
    match one_end(name, inside, beyond_name, beyond)? {
        None => Some(None),
        Some((item, false)) => item.integer(0, most).map(Some),
        Some((item, true)) => {
            let number = item.integer(0, most)?.saturating_add(step);
            if !(0..=most).contains(&number) {
                let message = format!("no number is {beyond_name} this one");
                item.bad("bad-range", message, "numbers are 0 to 2147483647");
                return None;
            }
            Some(Some(number))
        }
    }
}
