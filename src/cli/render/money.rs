//! The money of a verdict, as a bill.

use redress_client::pb;

use super::brief::labelled;
use super::context::Context;
use super::text::{BOLD, Page};

const AMOUNT_COLUMN: usize = 1;

/// Writes a settlement: the parts with their arithmetic, the totals, to whom,
/// by when, and what the money waits for.
pub fn write(page: &mut Page, settlement: &pb::Settlement, cx: &Context<'_>) {
    // An exchange or a change moves no money: there is no bill.
    let totals = [
        ("refund_total", &settlement.refund_total),
        ("credit_total", &settlement.credit_total),
        ("credit_used_total", &settlement.credit_used_total),
        ("owed_total", &settlement.owed_total),
        ("owed_pending_total", &settlement.owed_pending_total),
    ];
    if settlement.items.is_empty() && !totals.iter().any(|(_, total)| has_money(total)) {
        return;
    }
    page.gap();
    let currency = settlement.currency_code.as_str();
    let heading = cx.say("page", "amounts", &[("currency", currency)]);
    page.line(0, &format!("{BOLD}{heading}{BOLD:#}"));
    let items = settlement.items.iter();
    let mut bill: Vec<Vec<String>> = items.map(|item| part(item, cx)).collect();
    for (key, total) in totals {
        // The refund is said even where it is nothing: it is what people look for.
        if key == "refund_total" || has_money(total) {
            let name = format!("= {}", cx.label("bill", key));
            bill.push(vec![name, cx.localizer.number(total)]);
        }
    }
    page.table(1, &bill, &[AMOUNT_COLUMN]);
    for payout in &settlement.payouts {
        page.line(1, &paid_to(payout, cx));
    }
    let due = settlement.due.as_ref();
    if let Some(due) = cx.clock.due(due, settlement.due_wait.as_ref()) {
        page.line(1, &cx.say("page", "due", &[("when", &due)]));
    }
    if let Some(release) = &settlement.release {
        page.line(1, &released(release, cx));
    }
}

/// Writes how a sum comes about where more than the goods goes into it.
pub fn brief(page: &mut Page, settlement: &pb::Settlement, cx: &Context<'_>) {
    let is_plain = |item: &pb::SettlementItem| item.kind() == pb::SettlementKind::Goods;
    if settlement.items.len() < 2 || settlement.items.iter().all(is_plain) {
        return;
    }
    let label = cx.label("page", "calculation");
    labelled(page, 0, label, &parts(&settlement.items, cx), cx);
}

/// Names items with their amounts, such as `+ delivery 5.00, − deduction handling fee 3.00`.
pub fn parts(items: &[pb::SettlementItem], cx: &Context<'_>) -> String {
    let parts = items.iter().map(|item| {
        let amount = cx.localizer.number(&item.amount);
        let amount = match (item.status(), amount.as_str()) {
            (_, "") => cx.label("bill", "pending").to_owned(),
            (pb::SettlementStatus::Pending, amount) => format!("({amount})"),
            (_, amount) => amount.to_owned(),
        };
        format!("{} {amount}", name(item, cx))
    });
    let parts: Vec<String> = parts.collect();
    parts.join(", ")
}

/// Names an item with the sign with which it counts.
fn name(item: &pb::SettlementItem, cx: &Context<'_>) -> String {
    let sign = match item.kind() {
        pb::SettlementKind::Deduction | pb::SettlementKind::Charge | pb::SettlementKind::Cap => "−",
        pb::SettlementKind::CreditUsed
        | pb::SettlementKind::Goods
        | pb::SettlementKind::Delivery
        | pb::SettlementKind::Options
        | pb::SettlementKind::Reimbursement
        | pb::SettlementKind::GivenBack
        | pb::SettlementKind::Unspecified => "+",
    };
    let kind = match item.kind() {
        pb::SettlementKind::Unspecified => cx.label("bill", "other"),
        kind => cx.named("bill", kind.as_str_name(), "SETTLEMENT_KIND_"),
    };
    let mut name = format!("{sign} {kind}");
    if !item.code.is_empty() {
        name.push_str(&format!(" {}", item.code.replace('_', " ")));
    }
    name
}

fn part(item: &pb::SettlementItem, cx: &Context<'_>) -> Vec<String> {
    let mut name = name(item, cx);
    if !item.line_id.is_empty() {
        name.push_str(&format!(
            ", {}",
            cx.items(std::slice::from_ref(&item.line_id))
        ));
    }
    if !item.shipment_id.is_empty() {
        let parcel = cx.say("page", "parcel", &[("parcel", &item.shipment_id)]);
        name.push_str(&format!(", {parcel}"));
    }
    let amount = cx.localizer.number(&item.amount);
    let amount = match (item.status(), amount.as_str()) {
        (pb::SettlementStatus::Pending, "") => cx.label("bill", "pending").to_owned(),
        (pb::SettlementStatus::Pending, amount) => format!("({amount})"),
        (_, amount) => amount.to_owned(),
    };
    let mut why = item.arithmetic.clone();
    if why.is_empty() && item.status() == pb::SettlementStatus::Pending {
        why.push_str(cx.label("arithmetic", "pending"));
    }
    // An amount that was not worked out has nothing to show.
    if why == amount {
        why.clear();
    }
    if !item.clause_id.is_empty() {
        why.push_str(&format!(" [{}]", item.clause_id));
    }
    vec![name, amount, why.trim_start().to_owned()]
}

fn paid_to(payout: &pb::Payout, cx: &Context<'_>) -> String {
    let method = match payout.method() {
        pb::PaymentMethod::Unspecified if !payout.payee_code.is_empty() => None,
        pb::PaymentMethod::Unspecified => Some(cx.label("method", "original")),
        method => Some(cx.named("method", method.as_str_name(), "PAYMENT_METHOD_")),
    };
    let payee = match payout.payee_code.as_str() {
        "" => &payout.payee_id,
        code => code,
    };
    let named = |key: &str, id: &str| (!id.is_empty()).then(|| cx.say("page", key, &[("id", id)]));
    let to = [
        method.map(str::to_owned),
        named("payment", &payout.payment_id),
        named("payee", payee),
    ];
    let to: Vec<String> = to.into_iter().flatten().collect();
    format!(
        "{} → {}",
        cx.localizer.number(&payout.amount),
        to.join(", ")
    )
}

fn released(release: &pb::Release, cx: &Context<'_>) -> String {
    if release.status() == pb::ReleaseStatus::Now {
        return match &release.release_time {
            Some(time) => {
                let time = cx.clock.instant(time);
                cx.say("page", "payable_since", &[("time", &time)])
            }
            None => cx.label("page", "payable_now").to_owned(),
        };
    }
    let events = release.events.iter();
    let events: Vec<&str> = events.map(|event| cx.localizer.event(event)).collect();
    let joint = cx.label("period", if release.any { "or" } else { "and" });
    let mut waits: Vec<String> = Vec::new();
    if !events.is_empty() {
        waits.push(events.join(&format!(" {joint} ")));
    }
    // The conditions stand above, each with its sentence.
    match release.conditions.len() {
        0 => {}
        count => waits.push(cx.localizer.count("count", "open_condition", count)),
    }
    cx.say("page", "not_payable", &[("what", &waits.join(", "))])
}

/// Tells whether an amount is neither empty nor zero.
pub(super) fn has_money(amount: &str) -> bool {
    amount.chars().any(|digit| ('1'..='9').contains(&digit))
}
