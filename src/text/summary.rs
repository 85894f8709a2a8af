//! The answer in one sentence.

use crate::domain::facts::Remedy;
use crate::domain::money::Currency;
use crate::domain::verdict::{Outcome, Row, Settlement, Verdict};
use crate::text::reason;

/// Returns the answer as one sentence, without names and addresses.
pub fn summary(verdict: &Verdict<'_>, currency: Currency) -> String {
    match verdict.outcome {
        Outcome::Approved => approved(verdict, currency),
        Outcome::Denied => because("Denied", &verdict.rows),
        Outcome::NeedsReview => because("A person must decide", &verdict.rows),
        Outcome::NeedsInformation => match verdict.missing.len() {
            1 => "One more fact is needed to decide.".to_owned(),
            count => format!("{count} more facts are needed to decide."),
        },
        Outcome::Mixed => mixed(&verdict.rows),
    }
}

fn approved(verdict: &Verdict<'_>, currency: Currency) -> String {
    let mut remedies: Vec<&str> = verdict
        .rows
        .iter()
        .filter_map(|r| r.entitlement.as_ref())
        .map(|e| remedy(e.remedy))
        .collect();
    remedies.dedup();
    let mut text = format!("Approved: {}", remedies.join(", "));
    if let Some(settlement) = &verdict.settlement {
        for part in money(settlement, currency) {
            text.push_str(", ");
            text.push_str(&part);
        }
        if !settlement.release.is_now() {
            text.push_str("; it waits for what is still open");
        }
    }
    text.push('.');
    text
}

/// Returns what moves, in words, nothing that is zero.
fn money(settlement: &Settlement<'_>, currency: Currency) -> Vec<String> {
    let code = currency.code();
    [
        (settlement.refund_total, "to pay back"),
        (settlement.credit_total, "as credit"),
        (settlement.owed_total, "owed by the customer"),
    ]
    .into_iter()
    .filter(|(amount, _)| !amount.is_zero())
    .map(|(amount, what)| format!("{} {code} {what}", amount.text(currency)))
    .collect()
}

const fn remedy(remedy: Remedy) -> &'static str {
    match remedy {
        Remedy::Refund => "refund",
        Remedy::PartialRefund => "partial refund",
        Remedy::StoreCredit => "store credit",
        Remedy::Exchange => "exchange",
        Remedy::Replacement => "replacement",
        Remedy::Repair => "repair",
        Remedy::Change => "change of the order",
        Remedy::PriceReduction => "price reduction",
        Remedy::CreditUse => "use of the credit",
    }
}

/// Gives the most important reason of the first row.
fn because(answer: &str, rows: &[Row<'_>]) -> String {
    let why = rows
        .first()
        .and_then(|row| row.reasons.first())
        .map(|r| reason(r.code, r.clause))
        .unwrap_or_default();
    if why.is_empty() {
        format!("{answer}.")
    } else {
        format!("{answer}: {why}")
    }
}

fn mixed(rows: &[Row<'_>]) -> String {
    let counts = [
        (Outcome::Approved, "approved"),
        (Outcome::Denied, "denied"),
        (Outcome::NeedsReview, "for a person to decide"),
        (Outcome::NeedsInformation, "in need of more facts"),
    ];
    let units = |wanted: Outcome| -> i32 {
        rows.iter()
            .filter(|row| row.outcome == wanted)
            .fold(0, |sum, row| sum.saturating_add(row.quantity))
    };
    let parts: Vec<String> = counts
        .into_iter()
        .map(|(outcome, what)| (units(outcome), what))
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    format!("Units differ: {}.", parts.join(", "))
}
