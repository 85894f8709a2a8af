//! Compares a verdict, or a refusal, with what a case states.

use std::collections::BTreeSet;

use redress_client::pb;

use super::ends::{bound, due, instant};
use super::expect::{
    ExpectedCandidate, ExpectedEntitlement, ExpectedReason, ExpectedRow, ExpectedSettlement,
    ExpectedVerdict, ExpectedViolation,
};
use super::show::Show;
use crate::domain::violation::Violation;

/// Collects what differs.
#[derive(Default)]
struct Differences(Vec<String>);

impl Differences {
    fn same<T: PartialEq + Show>(&mut self, what: &str, want: &T, got: &T) {
        if want != got {
            let (want, got) = (want.show(), got.show());
            self.0.push(format!("{what}: expected {want}, got {got}"));
        }
    }

    fn stated<T: PartialEq + Show>(&mut self, what: &str, want: Option<&T>, got: &T) {
        if let Some(want) = want {
            self.same(what, want, got);
        }
    }

    /// Both lists hold the same, in any order.
    fn set(&mut self, what: &str, want: &[String], got: impl Iterator<Item = String>) {
        let want: BTreeSet<String> = want.iter().cloned().collect();
        self.same(what, &want, &got.collect());
    }

    /// None of these entries may be there.
    fn lacks(&mut self, what: &str, unwanted: &[String], got: &[String]) {
        for entry in unwanted.iter().filter(|u| got.contains(u)) {
            let entry = entry.show();
            self.0.push(format!("{what}: {entry} must not be there"));
        }
    }

    /// Each wanted entry must be there.
    fn holds(&mut self, what: &str, want: &[String], got: &[String]) {
        for entry in want.iter().filter(|w| !got.contains(w)) {
            let (entry, got) = (entry.show(), got.show());
            self.0.push(format!("{what}: expected {entry} among {got}"));
        }
    }
}

/// Returns the word of an enum value: lower case, without its prefix.
pub(super) fn word(name: &str, prefix: &str) -> String {
    name.strip_prefix(prefix)
        .unwrap_or(name)
        .to_ascii_lowercase()
}

pub(super) fn outcome(value: i32) -> String {
    let value = pb::Outcome::try_from(value).unwrap_or_default();
    word(value.as_str_name(), "OUTCOME_")
}

fn next_step(value: i32) -> String {
    let value = pb::NextStep::try_from(value).unwrap_or_default();
    word(value.as_str_name(), "NEXT_STEP_")
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

/// Returns how the violations of a refused request differ from those that are expected.
pub(super) fn refused(want: &[ExpectedViolation], got: &[Violation]) -> Vec<String> {
    let mut found = Differences::default();
    let want: Vec<String> = want
        .iter()
        .map(|v| format!("{} {}", v.field, v.kind))
        .collect();
    let got = got.iter().map(|v| format!("{} {}", v.field, v.kind));
    found.set("refused", &want, got);
    found.0
}

/// Returns what differs, in words.
pub(super) fn differences(want: &ExpectedVerdict, got: &pb::Verdict) -> Vec<String> {
    let mut found = Differences::default();
    found.same("outcome", &want.outcome, &outcome(got.outcome));
    let step = next_step(got.next_step);
    found.stated("next_step", want.next_step.as_ref(), &step);
    found.stated(
        "payable_now_total",
        want.payable_now_total.as_ref(),
        &got.payable_now_total,
    );
    let missing = got.missing.iter().map(|m| m.path.clone());
    found.set("missing", &want.missing, missing);
    if let Some(notices) = &want.notices {
        found.set(
            "notices",
            notices,
            got.notices.iter().map(|n| n.code.clone()),
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
        for (index, (want, got)) in rows.iter().zip(&got.rows).enumerate() {
            row(&mut found, &format!("rows[{index}]"), want, got);
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
    found.stated(&format!("{at}.line"), want.line.as_ref(), &got.line_id);
    let quantity = i64::from(got.quantity);
    found.stated(&format!("{at}.quantity"), want.quantity.as_ref(), &quantity);
    found.stated(
        &format!("{at}.outcome"),
        want.outcome.as_ref(),
        &outcome(got.outcome),
    );
    let step = next_step(got.next_step);
    found.stated(&format!("{at}.next_step"), want.next_step.as_ref(), &step);
    let granted = got.entitlement.as_ref();
    let window = granted
        .and_then(|e| e.window.as_ref())
        .or(got.window.as_ref());
    let nothing = pb::Entitlement::default();
    let of = granted.unwrap_or(&nothing);
    entitled(found, at, &want.entitlement, of, window);
    let first = got.reasons.first();
    let clause = granted
        .map(|e| e.clause_id.clone())
        .or_else(|| first.map(|r| r.clause_id.clone()))
        .unwrap_or_default();
    found.stated(&format!("{at}.clause"), want.clause.as_ref(), &clause);
    let reason = first.map(|r| r.code.clone()).unwrap_or_default();
    found.stated(&format!("{at}.reason"), want.reason.as_ref(), &reason);
    if let Some(reasons) = &want.reasons {
        reasoned(found, &format!("{at}.reasons"), reasons, &got.reasons);
    }
    let codes: Vec<String> = got.reasons.iter().map(|r| r.code.clone()).collect();
    found.holds(&format!("{at}.notes"), &want.notes, &codes);
    let candidates: Vec<(String, bool)> = got
        .candidates
        .iter()
        .map(|c| (candidate(c), c.recommended))
        .collect();
    let mut names: Vec<String> = candidates.iter().map(|(name, _)| name.clone()).collect();
    names.extend(got.candidates.iter().filter_map(candidate_with_amount));
    for want in &want.candidates {
        offered(
            found,
            &format!("{at}.candidates"),
            want,
            &got.candidates,
            &names,
        );
    }
    found.lacks(&format!("{at}.candidates"), &want.no_candidates, &names);
    if let Some(regardless_of) = &want.regardless_of {
        let got = got.regardless_of_paths.iter().cloned();
        found.set(&format!("{at}.regardless_of"), regardless_of, got);
    }
    if let Some(recommended) = &want.recommended {
        let got = candidates.iter().filter(|(_, r)| *r).map(|(n, _)| n);
        let got: Vec<&String> = got.collect();
        found.same(&format!("{at}.recommended"), &vec![recommended], &got);
    }
}

/// Compares an entitlement, and the window that belongs to it.
fn entitled(
    found: &mut Differences,
    at: &str,
    want: &ExpectedEntitlement,
    got: &pb::Entitlement,
    window: Option<&pb::Window>,
) {
    let mut stated = |key: &str, want: &Option<String>, got: String| {
        found.stated(&format!("{at}.{key}"), want.as_ref(), &got);
    };
    stated("remedy", &want.remedy, remedy(got.remedy));
    stated("amount", &want.amount, got.amount.clone());
    let basis = pb::Basis::try_from(got.basis).unwrap_or_default();
    stated("basis", &want.basis, word(basis.as_str_name(), "BASIS_"));
    let payer = pb::ReturnPayer::try_from(got.return_payer).unwrap_or_default();
    let payer = word(payer.as_str_name(), "RETURN_PAYER_");
    stated("return_payer", &want.return_payer, payer);
    stated("return_risk", &want.return_risk, party(got.return_risk));
    let address = got.return_address.clone();
    stated("return_address", &want.return_address, address);
    let opens = window.map_or("no window".to_owned(), |w| bound(w.opens.as_ref()));
    stated("window_opens", &want.window_opens, opens);
    stated("window_closes", &want.window_closes, closes(window));
    let possible = got.possible_window.as_ref();
    let possible = possible.map_or_else(String::new, |window| closes(Some(window)));
    stated("possible_closes", &want.possible_closes, possible);
    let date = |time: &Option<_>| time.as_ref().map_or_else(String::new, instant);
    stated(
        "earliest_due",
        &want.earliest_due,
        date(&got.earliest_due_time),
    );
    stated("latest_due", &want.latest_due, date(&got.latest_due_time));
    if let Some(shaped_by) = &want.shaped_by {
        let got = got.clause_ids.iter().cloned();
        found.set(&format!("{at}.shaped_by"), shaped_by, got);
    }
    if let Some(depends_on) = &want.depends_on {
        let got = got.depends_on.iter().flat_map(|dependence| {
            let part = word(dependence.part().as_str_name(), "TERM_PART_");
            let facts = dependence.facts.iter();
            facts.map(move |fact| format!("{part} {}", fact.path))
        });
        found.set(&format!("{at}.depends_on"), depends_on, got);
    }
    let mut conditions = Vec::new();
    for condition in &got.conditions {
        let status = pb::ConditionStatus::try_from(condition.status).unwrap_or_default();
        let status = word(status.as_str_name(), "CONDITION_STATUS_");
        conditions.push(format!("{}:{status}", condition.code));
        conditions.push(format!("{}:{status}", condition.clause_id));
    }
    let what = format!("{at}.conditions");
    found.holds(&what, &want.conditions, &conditions);
    found.lacks(&what, &want.no_conditions, &conditions);
    let mut obligations = Vec::new();
    for obligation in &got.obligations {
        let party = party(obligation.party);
        obligations.push(format!("{party} {}", obligation.code));
        if obligation.due.is_some() {
            let due = due(obligation.due.as_ref(), obligation.due_wait.as_ref());
            obligations.push(format!("{party} {} by {due}", obligation.code));
        }
    }
    let what = format!("{at}.obligations");
    found.holds(&what, &want.obligations, &obligations);
    found.lacks(&what, &want.no_obligations, &obligations);
}

/// Compares all reasons, in order.
fn reasoned(found: &mut Differences, at: &str, want: &[ExpectedReason], got: &[pb::Reason]) {
    let codes = |reasons: &mut dyn Iterator<Item = &String>| reasons.cloned().collect::<Vec<_>>();
    let wanted = codes(&mut want.iter().map(|r| &r.code));
    let shown = codes(&mut got.iter().map(|r| &r.code));
    found.same(at, &wanted, &shown);
    for (index, (want, got)) in want.iter().zip(got).enumerate() {
        if want.code == got.code {
            reason(found, &format!("{at}[{index}]"), want, got);
        }
    }
}

fn reason(found: &mut Differences, at: &str, want: &ExpectedReason, got: &pb::Reason) {
    found.stated(
        &format!("{at}.clause"),
        want.clause.as_ref(),
        &got.clause_id,
    );
    if let Some(parameters) = &want.parameters {
        let shown = |name: &str, value: &str| format!("{name} = {value}");
        let want: Vec<String> = parameters.iter().map(|(n, v)| shown(n, v)).collect();
        let got = got.parameters.iter().map(|p| shown(&p.name, &p.value));
        found.set(&format!("{at}.parameters"), &want, got);
    }
}

/// Compares one candidate with those that are offered; `names` are theirs.
fn offered(
    found: &mut Differences,
    at: &str,
    want: &ExpectedCandidate,
    got: &[pb::Candidate],
    names: &[String],
) {
    let named = |name: String| format!("{at}[{name}]");
    let missing = |found: &mut Differences, name: &str| {
        found.holds(at, &[name.to_owned()], names);
    };
    let (name, wants_recommended) = match want {
        ExpectedCandidate::Words(name) => {
            missing(found, name);
            return;
        }
        ExpectedCandidate::Entitlement {
            clause,
            entitlement,
            recommended,
        } => {
            let of_clause = |e: &&pb::Entitlement| {
                let wanted = entitlement.remedy.as_ref();
                e.clause_id == *clause && wanted.is_none_or(|r| *r == remedy(e.remedy))
            };
            let granted = |c: &pb::Candidate| match &c.answer {
                Some(pb::candidate::Answer::Entitlement(e)) => Some((e.clone(), c.recommended)),
                _ => None,
            };
            let all: Vec<_> = got.iter().filter_map(granted).collect();
            let name = format!("{} {clause}", entitlement.remedy.as_deref().unwrap_or("*"));
            match all.iter().find(|(e, _)| of_clause(&e)) {
                Some((e, is_recommended)) => {
                    let at = named(name.clone());
                    entitled(found, &at, entitlement, e, e.window.as_ref());
                    found.stated(
                        &format!("{at}.recommended"),
                        recommended.as_ref(),
                        is_recommended,
                    );
                }
                None => missing(found, &name),
            }
            return;
        }
        ExpectedCandidate::Refusal {
            reason,
            recommended,
        } => (format!("refusal {}", reason.code), (reason, recommended)),
    };
    let (wanted, recommended) = wants_recommended;
    let refusal = |c: &pb::Candidate| match &c.answer {
        Some(pb::candidate::Answer::Refusal(r)) if r.code == wanted.code => {
            Some((r.clone(), c.recommended))
        }
        _ => None,
    };
    match got.iter().find_map(refusal) {
        Some((r, is_recommended)) => {
            let at = named(name);
            reason(found, &at, wanted, &r);
            found.stated(
                &format!("{at}.recommended"),
                recommended.as_ref(),
                &is_recommended,
            );
        }
        None => missing(found, &name),
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

fn party(value: i32) -> String {
    let party = pb::Party::try_from(value).unwrap_or_default();
    word(party.as_str_name(), "PARTY_")
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
    let (want_pending, pending) = (want.owed_pending_total.as_ref(), &got.owed_pending_total);
    found.stated("owed_pending_total", want_pending, pending);
    found.stated(
        "rounding_difference",
        want.rounding_difference.as_ref(),
        &got.rounding_difference,
    );
    found.stated("whole_order", want.whole_order.as_ref(), &got.whole_order);
    let got_due = due(got.due.as_ref(), got.due_wait.as_ref());
    found.stated("due", want.due.as_ref(), &got_due);
    let items: Vec<String> = got
        .items
        .iter()
        .map(|i| {
            let kind = pb::SettlementKind::try_from(i.kind).unwrap_or_default();
            let kind = word(kind.as_str_name(), "SETTLEMENT_KIND_");
            let of = match i.line_id.as_str() {
                "" => &i.shipment_id,
                _ => &i.line_id,
            };
            let (code, of) = (or_dash(&i.code), or_dash(of));
            format!("{kind} {code} {of} {}", or_dash(&i.amount))
        })
        .collect();
    found.holds("items", &want.items, &items);
    if let Some(payouts) = &want.payouts {
        let got = got.payouts.iter().map(|p| {
            let payee = match (p.payee_code.as_str(), p.payee_id.as_str()) {
                ("", "") => " to buyer".to_owned(),
                ("", named) | (named, _) => format!(" to {named}"),
            };
            format!("{} {}{payee}", or_dash(&p.payment_id), p.amount)
        });
        let to_buyer = |p: &String| match p.contains(" to ") {
            true => p.clone(),
            false => format!("{p} to buyer"),
        };
        let want: Vec<String> = payouts.iter().map(to_buyer).collect();
        found.set("payouts", &want, got);
    }
    let release = got.release.as_ref();
    if let Some(conditions) = &want.release.conditions {
        let got = release.iter().flat_map(|r| r.conditions.iter().cloned());
        found.set("release.conditions", conditions, got);
    }
    if let Some(events) = &want.release.events {
        let got = release.iter().flat_map(|r| r.events.iter().cloned());
        found.set("release.events", events, got);
    }
    let any = release.is_some_and(|r| r.any);
    found.stated("release.any", want.release.any.as_ref(), &any);
}
