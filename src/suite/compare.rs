//! Compares a verdict with what a case states.

use std::collections::BTreeSet;

use redress_client::pb;
use serde::Deserialize;

use super::ends::{bound, due, event};

/// Mirrors `expect` of a case.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Expected {
    outcome: String,
    rows: Option<Vec<ExpectedRow>>,
    settlement: Option<ExpectedSettlement>,
    #[serde(default)]
    missing: Vec<String>,
    notices: Option<Vec<String>>,
    #[serde(default)]
    alternatives: Vec<String>,
    #[serde(default)]
    no_alternatives: Vec<String>,
}

/// Mirrors a row of `expect`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedRow {
    line: Option<String>,
    quantity: Option<i32>,
    outcome: Option<String>,
    remedy: Option<String>,
    amount: Option<String>,
    basis: Option<String>,
    return_payer: Option<String>,
    return_risk: Option<String>,
    return_address: Option<String>,
    clause: Option<String>,
    reason: Option<String>,
    #[serde(default)]
    notes: Vec<String>,
    #[serde(default)]
    conditions: Vec<String>,
    #[serde(default)]
    no_conditions: Vec<String>,
    #[serde(default)]
    obligations: Vec<String>,
    #[serde(default)]
    no_obligations: Vec<String>,
    window_closes: Option<String>,
    #[serde(default)]
    candidates: Vec<String>,
    #[serde(default)]
    no_candidates: Vec<String>,
    recommended: Option<String>,
}

/// Mirrors the settlement of `expect`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedSettlement {
    refund_total: Option<String>,
    credit_total: Option<String>,
    credit_used_total: Option<String>,
    owed_total: Option<String>,
    whole_order: Option<bool>,
    #[serde(default)]
    items: Vec<String>,
    payouts: Option<Vec<String>>,
    release: Option<Vec<String>>,
    release_conditions: Option<Vec<String>>,
    due: Option<String>,
}

/// Collects what differs.
struct Differences(Vec<String>);

impl Differences {
    fn same<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, want: &T, got: &T) {
        if want != got {
            self.0
                .push(format!("{what}: expected {want:?}, got {got:?}"));
        }
    }

    fn stated<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, want: Option<&T>, got: &T) {
        if let Some(want) = want {
            self.same(what, want, got);
        }
    }

    /// None of these entries may be there.
    fn lacks(&mut self, what: &str, unwanted: &[String], got: &[String]) {
        for entry in unwanted.iter().filter(|u| got.contains(u)) {
            self.0.push(format!("{what}: {entry:?} must not be there"));
        }
    }

    /// Each wanted entry must be there.
    fn holds(&mut self, what: &str, want: &[String], got: &[String]) {
        for entry in want.iter().filter(|w| !got.contains(w)) {
            self.0
                .push(format!("{what}: expected {entry:?} among {got:?}"));
        }
    }
}

/// Returns the word of an enum value: lower case, without its prefix.
pub(super) fn word(name: &str, prefix: &str) -> String {
    name.strip_prefix(prefix)
        .unwrap_or(name)
        .to_ascii_lowercase()
}

fn outcome(value: i32) -> String {
    let value = pb::Outcome::try_from(value).unwrap_or_default();
    word(value.as_str_name(), "OUTCOME_")
}

fn remedy(value: i32) -> String {
    match pb::Remedy::try_from(value).unwrap_or_default() {
        pb::Remedy::Unspecified => "none".to_owned(),
        value => word(value.as_str_name(), "REMEDY_"),
    }
}

fn or_dash(text: &str) -> &str {
    if text.is_empty() { "-" } else { text }
}

/// Returns what differs, in words.
pub(super) fn differences(want: &Expected, got: &pb::Verdict) -> Vec<String> {
    let mut found = Differences(Vec::new());
    found.same("outcome", &want.outcome, &outcome(got.outcome));
    let missing: BTreeSet<&str> = got.missing.iter().map(|m| m.path.as_str()).collect();
    found.same(
        "missing",
        &want.missing.iter().map(String::as_str).collect(),
        &missing,
    );
    if let Some(notices) = &want.notices {
        let codes: BTreeSet<&str> = got.notices.iter().map(|n| n.code.as_str()).collect();
        found.same(
            "notices",
            &notices.iter().map(String::as_str).collect(),
            &codes,
        );
    }
    let alternatives: Vec<String> = got
        .alternatives
        .iter()
        .map(|a| {
            let action = pb::Action::try_from(a.action).unwrap_or_default();
            let status = pb::OptionStatus::try_from(a.status).unwrap_or_default();
            format!(
                "{} {} {}",
                word(action.as_str_name(), "ACTION_"),
                remedy(a.remedy),
                word(status.as_str_name(), "OPTION_STATUS_"),
            )
        })
        .collect();
    found.holds("alternatives", &want.alternatives, &alternatives);
    found.lacks("alternatives", &want.no_alternatives, &alternatives);
    if let Some(rows) = &want.rows {
        found.same("number of rows", &rows.len(), &got.rows.len());
        for (place, (want, got)) in rows.iter().zip(&got.rows).enumerate() {
            row(&mut found, &format!("rows[{place}]"), want, got);
        }
    }
    if let Some(settlement) = &want.settlement {
        match &got.settlement {
            Some(got) => settled(&mut found, settlement, got),
            None => found
                .0
                .push("settlement: expected one, got none".to_owned()),
        }
    }
    found.0
}

fn row(found: &mut Differences, at: &str, want: &ExpectedRow, got: &pb::Row) {
    let entitlement = got.entitlement.as_ref();
    found.stated(&format!("{at}.line"), want.line.as_ref(), &got.line_id);
    found.stated(
        &format!("{at}.quantity"),
        want.quantity.as_ref(),
        &got.quantity,
    );
    found.stated(
        &format!("{at}.outcome"),
        want.outcome.as_ref(),
        &outcome(got.outcome),
    );
    let got_remedy = remedy(entitlement.map_or(0, |e| e.remedy));
    found.stated(&format!("{at}.remedy"), want.remedy.as_ref(), &got_remedy);
    let amount = entitlement.map(|e| e.amount.clone()).unwrap_or_default();
    found.stated(&format!("{at}.amount"), want.amount.as_ref(), &amount);
    let basis = entitlement.map_or(0, |e| e.basis);
    let basis = pb::Basis::try_from(basis).unwrap_or_default();
    let basis = word(basis.as_str_name(), "BASIS_");
    found.stated(&format!("{at}.basis"), want.basis.as_ref(), &basis);
    let payer = entitlement.map_or(0, |e| e.return_payer);
    let payer = pb::ReturnPayer::try_from(payer).unwrap_or_default();
    let payer = word(payer.as_str_name(), "RETURN_PAYER_");
    found.stated(
        &format!("{at}.return_payer"),
        want.return_payer.as_ref(),
        &payer,
    );
    let risk = entitlement.map_or(0, |e| e.return_risk);
    let risk = pb::Party::try_from(risk).unwrap_or_default();
    let risk = word(risk.as_str_name(), "PARTY_");
    found.stated(
        &format!("{at}.return_risk"),
        want.return_risk.as_ref(),
        &risk,
    );
    let address = entitlement
        .map(|e| e.return_address.clone())
        .unwrap_or_default();
    found.stated(
        &format!("{at}.return_address"),
        want.return_address.as_ref(),
        &address,
    );
    let first = got.reasons.first();
    let clause = entitlement
        .map(|e| e.clause_id.clone())
        .or_else(|| first.map(|r| r.clause_id.clone()))
        .unwrap_or_default();
    found.stated(&format!("{at}.clause"), want.clause.as_ref(), &clause);
    let reason = first.map(|r| r.code.clone()).unwrap_or_default();
    found.stated(&format!("{at}.reason"), want.reason.as_ref(), &reason);
    let codes: Vec<String> = got.reasons.iter().map(|r| r.code.clone()).collect();
    found.holds(&format!("{at}.notes"), &want.notes, &codes);
    let mut conditions = Vec::new();
    for condition in entitlement
        .map(|e| e.conditions.as_slice())
        .unwrap_or_default()
    {
        let status = pb::ConditionStatus::try_from(condition.status).unwrap_or_default();
        let status = word(status.as_str_name(), "CONDITION_STATUS_");
        conditions.push(format!("{}:{status}", condition.code));
        conditions.push(format!("{}:{status}", condition.clause_id));
    }
    found.holds(&format!("{at}.conditions"), &want.conditions, &conditions);
    found.lacks(
        &format!("{at}.conditions"),
        &want.no_conditions,
        &conditions,
    );
    let mut obligations = Vec::new();
    for obligation in entitlement
        .map(|e| e.obligations.as_slice())
        .unwrap_or_default()
    {
        let party = pb::Party::try_from(obligation.party).unwrap_or_default();
        let party = word(party.as_str_name(), "PARTY_");
        obligations.push(format!("{party} {}", obligation.code));
        if obligation.due.is_some() {
            let due = due(obligation.due.as_ref(), obligation.due_wait.as_ref());
            obligations.push(format!("{party} {} by {due}", obligation.code));
        }
    }
    found.holds(
        &format!("{at}.obligations"),
        &want.obligations,
        &obligations,
    );
    found.lacks(
        &format!("{at}.obligations"),
        &want.no_obligations,
        &obligations,
    );
    let window = entitlement
        .and_then(|e| e.window.as_ref())
        .or(got.window.as_ref());
    found.stated(
        &format!("{at}.window_closes"),
        want.window_closes.as_ref(),
        &closes(window),
    );
    let candidates: Vec<(String, bool)> = got
        .candidates
        .iter()
        .map(|c| (candidate(c), c.recommended))
        .collect();
    let mut names: Vec<String> = candidates.iter().map(|(name, _)| name.clone()).collect();
    names.extend(got.candidates.iter().filter_map(candidate_with_amount));
    found.holds(&format!("{at}.candidates"), &want.candidates, &names);
    found.lacks(&format!("{at}.candidates"), &want.no_candidates, &names);
    if let Some(recommended) = &want.recommended {
        let got: Vec<&String> = candidates
            .iter()
            .filter(|(_, r)| *r)
            .map(|(n, _)| n)
            .collect();
        found.same(&format!("{at}.recommended"), &vec![recommended], &got);
    }
}

fn candidate(candidate: &pb::Candidate) -> String {
    match &candidate.answer {
        Some(pb::candidate::Answer::Entitlement(e)) => {
            format!("{} {}", remedy(e.remedy), e.clause_id)
        }
        Some(pb::candidate::Answer::Refusal(reason)) => format!("refusal {}", reason.code),
        None => "nothing".to_owned(),
    }
}

/// Names a candidate with what it would pay.
fn candidate_with_amount(candidate: &pb::Candidate) -> Option<String> {
    match &candidate.answer {
        Some(pb::candidate::Answer::Entitlement(e)) if !e.amount.is_empty() => {
            Some(format!("{} {} {}", remedy(e.remedy), e.clause_id, e.amount))
        }
        _ => None,
    }
}

fn closes(window: Option<&pb::Window>) -> String {
    let Some(window) = window else {
        return "no window".to_owned();
    };
    if !window.last_local_moment.is_empty() {
        return window.last_local_moment.clone();
    }
    bound(window.closes.as_ref())
}

fn settled(found: &mut Differences, want: &ExpectedSettlement, got: &pb::Settlement) {
    found.stated(
        "refund_total",
        want.refund_total.as_ref(),
        &got.refund_total,
    );
    found.stated(
        "credit_total",
        want.credit_total.as_ref(),
        &got.credit_total,
    );
    found.stated(
        "credit_used_total",
        want.credit_used_total.as_ref(),
        &got.credit_used_total,
    );
    found.stated("owed_total", want.owed_total.as_ref(), &got.owed_total);
    found.stated("whole_order", want.whole_order.as_ref(), &got.whole_order);
    let got_due = due(got.due.as_ref(), got.due_wait.as_ref());
    found.stated("due", want.due.as_ref(), &got_due);
    let items: Vec<String> = got
        .items
        .iter()
        .map(|i| {
            let kind = pb::SettlementKind::try_from(i.kind).unwrap_or_default();
            let kind = word(kind.as_str_name(), "SETTLEMENT_KIND_");
            let (code, line) = (or_dash(&i.code), or_dash(&i.line_id));
            format!("{kind} {code} {line} {}", or_dash(&i.amount))
        })
        .collect();
    found.holds("items", &want.items, &items);
    if let Some(payouts) = &want.payouts {
        let got: BTreeSet<String> = got
            .payouts
            .iter()
            .map(|p| {
                let payee = match p.payee_id.as_str() {
                    "" => " to buyer".to_owned(),
                    named => format!(" to {named}"),
                };
                format!("{} {}{payee}", or_dash(&p.payment_id), p.amount)
            })
            .collect();
        let want = |p: &String| {
            if p.contains(" to ") {
                p.clone()
            } else {
                format!("{p} to buyer")
            }
        };
        found.same("payouts", &payouts.iter().map(want).collect(), &got);
    }
    if let Some(conditions) = &want.release_conditions {
        let got: BTreeSet<String> = got
            .release
            .iter()
            .flat_map(|r| r.conditions.iter().cloned())
            .collect();
        let want = conditions.iter().cloned().collect();
        found.same("release_conditions", &want, &got);
    }
    if let Some(release) = &want.release {
        let got: BTreeSet<String> = got
            .release
            .iter()
            .flat_map(|r| r.events.iter().map(|e| event(*e)))
            .collect();
        found.same("release", &release.iter().cloned().collect(), &got);
    }
}
