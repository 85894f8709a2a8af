//! The money of a verdict, as a bill.

use redress_client::pb;

use super::text::{BOLD, Page, word};
use super::time::{Clock, event_word};

const AMOUNT_COLUMN: usize = 1;

/// Writes a settlement: the parts with their arithmetic, the totals, to whom,
/// by when, and what the money waits for.
pub fn write(page: &mut Page, settlement: &pb::Settlement, clock: &Clock) {
    // An exchange or a change moves no money: there is no bill.
    let totals = [
        &settlement.refund_total,
        &settlement.credit_total,
        &settlement.credit_used_total,
        &settlement.owed_total,
        &settlement.owed_pending_total,
    ];
    if settlement.items.is_empty() && !totals.into_iter().any(|total| has_money(total)) {
        return;
    }
    page.line(
        0,
        &format!("{BOLD}Money in {}{BOLD:#}", settlement.currency_code),
    );
    let mut bill: Vec<Vec<String>> = settlement.items.iter().map(part).collect();
    for (name, total) in [
        ("= refund", &settlement.refund_total),
        ("= credit", &settlement.credit_total),
        ("= credit used", &settlement.credit_used_total),
        ("= owed by the customer", &settlement.owed_total),
        (
            "= owed unless other lines pay for it",
            &settlement.owed_pending_total,
        ),
    ] {
        // The refund is said even where it is nothing: it is what people look for.
        if name == "= refund" || has_money(total) {
            bill.push(vec![name.to_owned(), total.clone()]);
        }
    }
    page.table(1, &bill, &[AMOUNT_COLUMN]);
    for payout in &settlement.payouts {
        page.line(1, &paid_to(payout));
    }
    let due = settlement.due.as_ref();
    if let Some(due) = clock.due(due, settlement.due_wait.as_ref()) {
        page.line(1, &format!("due {due}"));
    }
    if let Some(release) = &settlement.release {
        page.line(1, &released(release, clock));
    }
}

fn part(item: &pb::SettlementItem) -> Vec<String> {
    let (sign, kind) = match item.kind() {
        pb::SettlementKind::Deduction => ("-", "deduction"),
        pb::SettlementKind::Charge => ("-", "charge"),
        pb::SettlementKind::Cap => ("-", "capped at the amount paid"),
        pb::SettlementKind::CreditUsed => ("+", "credit used"),
        pb::SettlementKind::Goods => ("+", "goods"),
        pb::SettlementKind::Delivery => ("+", "delivery"),
        pb::SettlementKind::Options => ("+", "options"),
        pb::SettlementKind::Reimbursement => ("+", "reimbursement"),
        pb::SettlementKind::GivenBack => ("+", "taken before and not due any more"),
        pb::SettlementKind::Unspecified => ("+", "other"),
    };
    let mut name = format!("{sign} {kind}");
    if !item.code.is_empty() {
        name.push_str(&format!(" {}", item.code.replace('_', " ")));
    }
    if !item.line_id.is_empty() {
        name.push_str(&format!(", line {}", item.line_id));
    }
    if !item.shipment_id.is_empty() {
        name.push_str(&format!(", parcel {}", item.shipment_id));
    }
    let amount = match (item.status(), item.amount.as_str()) {
        (pb::SettlementStatus::Pending, "") => "pending".to_owned(),
        (pb::SettlementStatus::Pending, amount) => format!("({amount})"),
        (_, amount) => amount.to_owned(),
    };
    let mut why = item.arithmetic.clone();
    if why.is_empty() && item.status() == pb::SettlementStatus::Pending {
        why.push_str("waits for the other lines");
    }
    if !item.clause_id.is_empty() {
        why.push_str(&format!(" [{}]", item.clause_id));
    }
    vec![name, amount, why.trim_start().to_owned()]
}

fn paid_to(payout: &pb::Payout) -> String {
    let means = match payout.method() {
        pb::PaymentMethod::Unspecified if !payout.payee_code.is_empty() => {
            return format!("{} to {}", payout.amount, payout.payee_code);
        }
        pb::PaymentMethod::Unspecified => "the original means".to_owned(),
        method => word(method.as_str_name(), "PAYMENT_METHOD_"),
    };
    let payment = match payout.payment_id.as_str() {
        "" => String::new(),
        id => format!(", payment {id}"),
    };
    let payee = match (payout.payee_code.as_str(), payout.payee_id.as_str()) {
        ("", "") => String::new(),
        ("", id) => format!(", to {id}"),
        (code, _) => format!(", to {code}"),
    };
    format!("{} to {means}{payment}{payee}", payout.amount)
}

fn released(release: &pb::Release, clock: &Clock) -> String {
    let since = release
        .release_time
        .as_ref()
        .map(|time| format!(", since {}", clock.instant(time)))
        .unwrap_or_default();
    if release.status() == pb::ReleaseStatus::Now {
        return format!("may be paid now{since}");
    }
    let events: Vec<&str> = release
        .events
        .iter()
        .map(|event| event_word(event))
        .collect();
    let joint = if release.any { " or " } else { " and " };
    let mut waits: Vec<String> = Vec::new();
    if !events.is_empty() {
        waits.push(events.join(joint));
    }
    // The conditions stand above, each with its sentence.
    match release.conditions.len() {
        0 => {}
        1 => waits.push("an open condition".to_owned()),
        count => waits.push(format!("{count} open conditions")),
    }
    format!("do not pay yet: waits for {}", waits.join(", "))
}

/// Tells whether an amount is neither empty nor zero.
pub(super) fn has_money(amount: &str) -> bool {
    amount.chars().any(|digit| ('1'..='9').contains(&digit))
}
