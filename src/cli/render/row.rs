//! One row of a verdict: what the customer gets for some units, and why.

use redress_client::pb;

use super::Clauses;
use super::missing;
use super::text::{BOLD, FAINT, Page, outcome_style, word};
use super::time::Clock;

/// Writes a row; what is missing for it is not here.
pub fn write(page: &mut Page, row: &pb::Row, currency: &str, clauses: &Clauses, clock: &Clock) {
    let units = if row.quantity == 1 { "unit" } else { "units" };
    let style = outcome_style(row.outcome());
    let outcome = word(row.outcome().as_str_name(), "OUTCOME_");
    let mut head = format!(
        "{BOLD}Line {}{BOLD:#}, {} {units}: {style}{outcome}{style:#}",
        row.line_id, row.quantity
    );
    if let Some(entitlement) = &row.entitlement {
        head.push_str(&format!(", {}", gets(entitlement, currency)));
    }
    page.line(0, &head);
    for reason in &row.reasons {
        write_reason(page, 1, reason, clauses);
    }
    if let Some(window) = &row.window
        && let Some(period) = clock.window(window)
    {
        let tense = match window.status() {
            pb::WindowStatus::Closed | pb::WindowStatus::Review => "was possible",
            pb::WindowStatus::NotOpenYet => "will be possible",
            pb::WindowStatus::Open | pb::WindowStatus::Unspecified => "possible",
        };
        page.line(1, &format!("{tense} {period}"));
    }
    if let Some(entitlement) = &row.entitlement {
        write_entitlement(page, 1, entitlement, clauses, clock);
    }
    if !row.regardless_of_paths.is_empty() {
        let paths = row.regardless_of_paths.join(", ");
        page.line(
            1,
            &format!("{FAINT}the same whatever these are: {paths}{FAINT:#}"),
        );
    }
    if !row.candidates.is_empty() {
        page.line(1, "a person chooses from:");
    }
    for candidate in &row.candidates {
        write_candidate(page, candidate, currency, clauses, clock);
    }
}

/// Says what an entitlement gives, such as `refund of 59.00 EUR`.
fn gets(entitlement: &pb::Entitlement, currency: &str) -> String {
    let remedy = word(entitlement.remedy().as_str_name(), "REMEDY_");
    match entitlement.amount.as_str() {
        "" => remedy,
        amount => format!("{remedy} of {amount} {currency}")
            .trim_end()
            .to_owned(),
    }
}

fn write_reason(page: &mut Page, depth: usize, reason: &pb::Reason, clauses: &Clauses) {
    let text = if reason.text.is_empty() {
        reason.code.replace('_', " ")
    } else {
        reason.text.clone()
    };
    let cited = clauses.cite(&reason.clause_id);
    page.line(depth, format!("{text} {cited}").trim_end());
    for fact in &reason.facts {
        page.line(
            depth.saturating_add(1),
            &format!("{FAINT}{} is {}{FAINT:#}", fact.path, fact.value),
        );
    }
}

fn write_entitlement(
    page: &mut Page,
    depth: usize,
    entitlement: &pb::Entitlement,
    clauses: &Clauses,
    clock: &Clock,
) {
    let deeper = depth.saturating_add(1);
    page.line(
        depth,
        &format!(
            "granted by {} on the ground of {}",
            clauses.cite(&entitlement.clause_id),
            word(entitlement.basis().as_str_name(), "BASIS_")
        ),
    );
    if let Some(window) = &entitlement.window
        && let Some(period) = clock.window(window)
    {
        page.line(depth, &format!("can be asked for {period}"));
    }
    if let Some(window) = &entitlement.possible_window
        && let Some(period) = clock.window(window)
    {
        page.line(depth, &format!("by what is not known perhaps {period}"));
    }
    if let (Some(earliest), Some(latest)) =
        (&entitlement.earliest_due_time, &entitlement.latest_due_time)
    {
        page.line(
            depth,
            &format!(
                "due by a date from {} to {}",
                clock.instant(earliest),
                clock.instant(latest)
            ),
        );
    }
    if !entitlement.conditions.is_empty() {
        page.line(depth, "conditions:");
    }
    // One clause can wait for several facts: its sentence stands once.
    let alike = |a: &pb::ConditionState, b: &pb::ConditionState| {
        (&a.code, &a.clause_id, a.status, a.failed_outcome)
            == (&b.code, &b.clause_id, b.status, b.failed_outcome)
    };
    for group in entitlement.conditions.chunk_by(alike) {
        write_conditions(page, deeper, group, clauses);
    }
    if !entitlement.obligations.is_empty() {
        page.line(depth, "to do:");
    }
    for obligation in &entitlement.obligations {
        let text = sentence(&obligation.text, &obligation.code);
        let due = clock.due(obligation.due.as_ref(), obligation.due_wait.as_ref());
        // What is due is no sentence of its own.
        let (text, due) = match due {
            Some(due) => (text.trim_end_matches('.'), format!(", {due}")),
            None => (text.as_str(), String::new()),
        };
        page.line(
            deeper,
            format!(
                "- {}: {text}{due} {}",
                word(obligation.party().as_str_name(), "PARTY_"),
                clauses.cite(&obligation.clause_id)
            )
            .trim_end(),
        );
    }
    if let Some(payer) = return_payer(entitlement.return_payer()) {
        page.line(depth, payer);
    }
    if entitlement.return_risk() != pb::Party::Unspecified {
        let party = word(entitlement.return_risk().as_str_name(), "PARTY_");
        page.line(depth, &format!("risk of the way back: the {party}"));
    }
    if !entitlement.return_address.is_empty() {
        page.line(
            depth,
            &format!("goes back to: {}", entitlement.return_address),
        );
    }
    for dependence in &entitlement.depends_on {
        let part = match dependence.part() {
            pb::TermPart::Unspecified => continue,
            pb::TermPart::ReturnPayer => "who pays for the return shipment",
            pb::TermPart::ReturnRisk => "who bears the risk of the return shipment",
            pb::TermPart::ReturnAddress => "where goods go back to",
            pb::TermPart::Obligations => "what each side must do",
        };
        page.line(depth, &format!("{part} depends on:"));
        missing::write(page, deeper, &dependence.facts);
    }
    if !entitlement.clause_ids.is_empty() {
        page.line(
            depth,
            &format!("also shaped by {}", entitlement.clause_ids.join(", ")),
        );
    }
}

fn return_payer(payer: pb::ReturnPayer) -> Option<&'static str> {
    match payer {
        pb::ReturnPayer::Unspecified => None,
        pb::ReturnPayer::Customer => Some("way back: the customer pays"),
        pb::ReturnPayer::Shop => Some("way back: the shop pays"),
        pb::ReturnPayer::ShopLabel => Some("way back: the shop pays, with a label sent beforehand"),
        pb::ReturnPayer::Nobody => Some("way back: costs nothing"),
    }
}

/// Writes conditions that differ in the facts that settle them alone.
fn write_conditions(
    page: &mut Page,
    depth: usize,
    group: &[pb::ConditionState],
    clauses: &Clauses,
) {
    let Some(condition) = group.first() else {
        return;
    };
    let mark = match condition.status() {
        pb::ConditionStatus::Met => "[x]",
        pb::ConditionStatus::Failed => "[-]",
        pb::ConditionStatus::Open | pb::ConditionStatus::Unspecified => "[ ]",
    };
    let text = sentence(&condition.text, &condition.code);
    let presumed = if condition.presumed { "presumed; " } else { "" };
    let otherwise = match condition.failed_outcome() {
        pb::Outcome::Unspecified => String::new(),
        outcome => format!(
            " ({presumed}otherwise {})",
            word(outcome.as_str_name(), "OUTCOME_")
        ),
    };
    let cited = clauses.cite(&condition.clause_id);
    page.line(
        depth,
        format!("{mark} {text}{otherwise} {cited}").trim_end(),
    );
    let open = condition.status() == pb::ConditionStatus::Open;
    for path in group
        .iter()
        .map(|c| &c.path)
        .filter(|p| open && !p.is_empty())
    {
        page.line(
            depth.saturating_add(2),
            &format!("{FAINT}settled by {path}{FAINT:#}"),
        );
    }
}

fn write_candidate(
    page: &mut Page,
    candidate: &pb::Candidate,
    currency: &str,
    clauses: &Clauses,
    clock: &Clock,
) {
    let advice = if candidate.recommended {
        " (recommended by the terms)"
    } else {
        ""
    };
    match &candidate.answer {
        Some(pb::candidate::Answer::Entitlement(entitlement)) => {
            page.line(2, &format!("* {}{advice}", gets(entitlement, currency)));
            write_entitlement(page, 3, entitlement, clauses, clock);
        }
        Some(pb::candidate::Answer::Refusal(reason)) => {
            page.line(2, &format!("* refusal{advice}"));
            write_reason(page, 3, reason, clauses);
        }
        None => {}
    }
}

/// Returns the sentence, or the code as words where there is none.
fn sentence(text: &str, code: &str) -> String {
    if text.is_empty() {
        code.replace('_', " ")
    } else {
        text.to_owned()
    }
}
