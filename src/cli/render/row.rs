//! One row of a verdict: what the customer gets for some units, and why.

use redress_client::pb;

use super::brief::labelled;
use super::context::{Context, Detail};
use super::text::{BOLD, FAINT, Page, outcome_style};
use super::{missing, money, sentence};

/// Writes a row with all that it rests on; what is missing for it is not here.
pub fn write(page: &mut Page, row: &pb::Row, cx: &Context<'_>) {
    page.line(0, &head(row, cx));
    for reason in &row.reasons {
        write_reason(page, 1, reason, cx);
    }
    if let Some(window) = &row.window
        && let Some(period) = cx.clock.window(window)
    {
        let key = match window.status() {
            pb::WindowStatus::Closed | pb::WindowStatus::Review => "was_possible",
            pb::WindowStatus::NotOpenYet => "will_be_possible",
            pb::WindowStatus::Open | pb::WindowStatus::Unspecified => "can_be_requested",
        };
        page.line(1, &cx.say("page", key, &[("period", &period)]));
    }
    if let Some(entitlement) = &row.entitlement {
        write_entitlement(page, 1, entitlement, cx);
    }
    if !row.regardless_of_paths.is_empty() {
        let paths = row.regardless_of_paths.join(", ");
        let text = cx.labelled(cx.label("page", "regardless"), &paths);
        page.line(1, &format!("{FAINT}{text}{FAINT:#}"));
    }
    if !row.candidates.is_empty() {
        page.line(1, cx.label("page", "choices"));
    }
    for candidate in &row.candidates {
        write_candidate(page, candidate, cx);
    }
}

/// Names the units of a row, with the outcome and what the customer gets.
pub fn head(row: &pb::Row, cx: &Context<'_>) -> String {
    let style = outcome_style(row.outcome());
    let count = usize::try_from(row.quantity).unwrap_or_default();
    let units = cx.localizer.count("count", "unit", count);
    let values = [("line", row.line_id.as_str()), ("units", &units)];
    let item = cx.say("page", "item", &values);
    let outcome = cx.outcome(row.outcome());
    let item = format!("{BOLD}{item}{BOLD:#}");
    let mut head = cx.labelled(&item, &format!("{style}{outcome}{style:#}"));
    if let Some(entitlement) = &row.entitlement {
        head.push_str(&format!(", {}", gets(entitlement, cx)));
    }
    head
}

/// Says what an entitlement gives, such as `refund, 59.00 EUR`.
pub fn gets(entitlement: &pb::Entitlement, cx: &Context<'_>) -> String {
    let remedy = cx.remedy(entitlement.remedy());
    match entitlement.amount.as_str() {
        "" => remedy.to_owned(),
        amount => format!("{remedy}, {}", cx.money(amount)),
    }
}

/// Returns what the engine itself says of a reason, without the sentence of the clause.
pub fn own_part(reason: &pb::Reason, cx: &Context<'_>) -> String {
    let parameters = reason.parameters.iter();
    let parameters: Vec<(&str, String)> = parameters
        .map(|p| (p.name.as_str(), p.value.clone()))
        .collect();
    cx.localizer.reason(&reason.code, None, &parameters)
}

fn write_reason(page: &mut Page, depth: usize, reason: &pb::Reason, cx: &Context<'_>) {
    let text = sentence(&reason.text, &reason.code);
    let cited = cx.cite(&reason.clause_id);
    page.line(depth, format!("{text} {cited}").trim_end());
    for fact in &reason.facts {
        page.line(
            depth.saturating_add(1),
            &format!("{FAINT}{} = {}{FAINT:#}", fact.path, fact.value),
        );
    }
}

fn write_entitlement(
    page: &mut Page,
    depth: usize,
    entitlement: &pb::Entitlement,
    cx: &Context<'_>,
) {
    let deeper = depth.saturating_add(1);
    let basis = cx.named("basis", entitlement.basis().as_str_name(), "BASIS_");
    let basis = cx.say("page", "basis", &[("basis", basis)]);
    let basis = format!("{basis} {}", cx.cite(&entitlement.clause_id));
    page.line(depth, basis.trim_end());
    for (key, window) in [
        ("can_be_requested", &entitlement.window),
        ("possibly", &entitlement.possible_window),
    ] {
        if let Some(period) = window.as_ref().and_then(|w| cx.clock.window(w)) {
            page.line(depth, &cx.say("page", key, &[("period", &period)]));
        }
    }
    if let (Some(earliest), Some(latest)) =
        (&entitlement.earliest_due_time, &entitlement.latest_due_time)
    {
        let (start, end) = (cx.clock.instant(earliest), cx.clock.instant(latest));
        let values = [("start", start.as_str()), ("end", &end)];
        page.line(depth, &cx.say("page", "payable_between", &values));
    }
    conditions(page, depth, entitlement, cx);
    if !entitlement.obligations.is_empty() {
        page.line(depth, cx.label("page", "to_do"));
    }
    for obligation in &entitlement.obligations {
        let text = cx.labelled(cx.party(obligation.party()), &task(obligation, cx));
        let cited = cx.cite(&obligation.clause_id);
        page.line(deeper, format!("- {text} {cited}").trim_end());
    }
    let payer = entitlement.return_payer().as_str_name();
    let payer = cx.named("return_payer", payer, "RETURN_PAYER_");
    let ids = entitlement.clause_ids.join(", ");
    for (key, value) in [
        ("return_shipment", payer),
        ("transit_risk", cx.party(entitlement.return_risk())),
        ("return_to", &entitlement.return_address),
    ] {
        if !value.is_empty() {
            page.line(depth, &cx.labelled(cx.label("page", key), value));
        }
    }
    for dependence in &entitlement.depends_on {
        let part = cx.named("term", dependence.part().as_str_name(), "TERM_PART_");
        if !part.is_empty() {
            page.line(depth, cx.labelled(part, "").trim_end());
            missing::write(page, deeper, &dependence.facts, cx);
        }
    }
    if !ids.is_empty() {
        let label = cx.label("page", "also_based_on");
        page.line(depth, &cx.labelled(label, &ids));
    }
}

/// Writes the conditions as a list to tick off; those that are met or presumed, of which
/// nobody has to do anything, only where everything is wanted.
pub fn conditions(page: &mut Page, depth: usize, of: &pb::Entitlement, cx: &Context<'_>) {
    let is_shown = |condition: &&pb::ConditionState| {
        let is_settled = condition.status() == pb::ConditionStatus::Met || condition.presumed;
        cx.detail == Detail::Full || !is_settled
    };
    let shown: Vec<&pb::ConditionState> = of.conditions.iter().filter(is_shown).collect();
    if shown.is_empty() {
        return;
    }
    page.line(depth, cx.label("page", "conditions"));
    // One clause can wait for several facts: its sentence stands once.
    let alike = |a: &&pb::ConditionState, b: &&pb::ConditionState| {
        (&a.code, &a.clause_id, a.status, a.failed_outcome)
            == (&b.code, &b.clause_id, b.status, b.failed_outcome)
    };
    for group in shown.chunk_by(alike) {
        write_conditions(page, depth.saturating_add(1), group, cx);
    }
}

/// Writes conditions of one clause that differ in the fact that they wait for.
fn write_conditions(
    page: &mut Page,
    depth: usize,
    group: &[&pb::ConditionState],
    cx: &Context<'_>,
) {
    let Some(condition) = group.first() else {
        return;
    };
    let mark = match condition.status() {
        pb::ConditionStatus::Met => "[x]",
        pb::ConditionStatus::Failed => "[-]",
        pb::ConditionStatus::Open | pb::ConditionStatus::Unspecified => "[ ]",
    };
    let mut text = sentence(&condition.text, &condition.code);
    let outcome = condition.failed_outcome().as_str_name();
    let mut aside = Vec::new();
    if condition.presumed {
        aside.push(cx.label("page", "presumed"));
    }
    aside.push(cx.named("otherwise", outcome, "OUTCOME_"));
    aside.retain(|part| !part.is_empty());
    if !aside.is_empty() {
        text = format!("{} ({})", text.trim_end_matches('.'), aside.join("; "));
    }
    if cx.detail == Detail::Brief {
        page.line(depth, &format!("{mark} {text}"));
        return;
    }
    let cited = cx.cite(&condition.clause_id);
    page.line(depth, format!("{mark} {text} {cited}").trim_end());
    let is_open = condition.status() == pb::ConditionStatus::Open;
    let paths = group.iter().map(|condition| condition.path.as_str());
    for path in paths.filter(|path| is_open && !path.is_empty()) {
        let text = cx.say("page", "depends_on", &[("path", path)]);
        page.line(depth.saturating_add(2), &format!("{FAINT}{text}{FAINT:#}"));
    }
}

/// Says what one side must do, and by when.
pub fn task(obligation: &pb::Obligation, cx: &Context<'_>) -> String {
    let text = sentence(&obligation.text, &obligation.code);
    let due = obligation.due.as_ref();
    match cx.clock.due(due, obligation.due_wait.as_ref()) {
        // What is due is no sentence of its own.
        Some(due) => format!("{}, {due}", text.trim_end_matches('.')),
        None => text,
    }
}

fn write_candidate(page: &mut Page, candidate: &pb::Candidate, cx: &Context<'_>) {
    let advice = match candidate.recommended {
        true => format!(" ({})", cx.label("page", "recommended")),
        false => String::new(),
    };
    match &candidate.answer {
        Some(pb::candidate::Answer::Entitlement(entitlement)) => {
            page.line(2, &format!("* {}{advice}", gets(entitlement, cx)));
            write_entitlement(page, 3, entitlement, cx);
            if !candidate.order_items.is_empty() {
                let items = money::parts(&candidate.order_items, cx);
                labelled(page, 3, cx.label("page", "with_order"), &items, cx);
            }
            if !candidate.owed_amount.is_empty() {
                let label = cx.label("bill", "owed_total");
                labelled(page, 3, label, &cx.money(&candidate.owed_amount), cx);
            }
        }
        Some(pb::candidate::Answer::Refusal(reason)) => {
            page.line(2, &format!("* {}{advice}", cx.label("page", "refusal")));
            write_reason(page, 3, reason, cx);
        }
        None => {}
    }
}
