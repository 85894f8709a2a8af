//! A verdict in a few lines: what to tell the customer, and what to do next.

use redress_client::pb;

use super::context::Context;
use super::row::{self, gets, own_part};
use super::text::{BOLD, Page, outcome_style};
use super::{alternative, missing, money, sentence};

/// Alternatives that are named on one line; the others are counted.
const ALTERNATIVES: usize = 3;

/// Writes what the customer has to be told: the outcome, what happens next, why, and what
/// else is possible.
pub fn write(page: &mut Page, verdict: &pb::Verdict, cx: &Context<'_>) {
    outcome(page, verdict, cx);
    let is_denied = verdict.outcome() == pb::Outcome::Denied;
    if is_denied {
        instead(page, verdict, cx);
    }
    match verdict.rows.as_slice() {
        [row] => {
            if !says_why(verdict, row, cx) {
                because(page, 0, row, true, cx);
            }
            details(page, 0, row, cx);
        }
        rows => write_rows(page, rows, cx),
    }
    if let Some(settlement) = &verdict.settlement {
        money::brief(page, settlement, cx);
    }
    questions(page, &verdict.missing, cx);
    for notice in &verdict.notices {
        let text = sentence(&notice.text, &notice.code);
        labelled(page, 0, cx.label("page", "note"), &text, cx);
    }
    if !is_denied && !verdict.alternatives.is_empty() {
        let text = all_alternatives(&verdict.alternatives, cx);
        labelled(page, 0, cx.label("page", "other_options"), &text, cx);
    }
}

/// Writes several rows; what is the same of rows that follow each other stands once.
fn write_rows(page: &mut Page, rows: &[pb::Row], cx: &Context<'_>) {
    let details = |row: &pb::Row| {
        let mut page = Page::default();
        because(&mut page, 1, row, false, cx);
        details(&mut page, 1, row, cx);
        page.into_text()
    };
    let rows: Vec<(&pb::Row, String)> = rows.iter().map(|row| (row, details(row))).collect();
    for group in rows.chunk_by(|(_, one), (_, other)| one == other) {
        for (row, _) in group {
            page.line(0, &row::head(row, cx));
        }
        if let Some((_, details)) = group.first() {
            page.add(details);
        }
    }
}

/// Whether the summary gives the reason of a row already.
fn says_why(verdict: &pb::Verdict, row: &pb::Row, cx: &Context<'_>) -> bool {
    let why = why(row, true, cx);
    !why.is_empty() && verdict.summary.contains(&why)
}

/// Writes the outcome with what moves, and what has to be done next.
pub fn outcome(page: &mut Page, verdict: &pb::Verdict, cx: &Context<'_>) {
    let style = outcome_style(verdict.outcome());
    let mut text = match verdict.summary.as_str() {
        "" => cx.outcome(verdict.outcome()).to_owned(),
        summary => summary.to_owned(),
    };
    // A reason that the summary gives is not given again, so its clause is cited here.
    if let [row] = verdict.rows.as_slice()
        && let Some(reason) = row.reasons.first()
        && !reason.clause_id.is_empty()
        && says_why(verdict, row, cx)
    {
        text = format!("{style}{text}{style:#} {}", cx.cite(&reason.clause_id));
    } else {
        text = format!("{style}{text}{style:#}");
    }
    page.line(0, &text);
    if let Some(next) = next_step(verdict, cx) {
        labelled(page, 0, cx.label("page", "next"), &next, cx);
    }
}

/// Adds a line that begins with a label.
pub fn labelled(page: &mut Page, depth: usize, label: &str, text: &str, cx: &Context<'_>) {
    let label = format!("{BOLD}{label}{BOLD:#}");
    page.line(depth, &cx.labelled(&label, text));
}

/// Says what has to be done next, and until when; `None`: the reply does not say.
fn next_step(verdict: &pb::Verdict, cx: &Context<'_>) -> Option<String> {
    let settlement = verdict.settlement.as_ref();
    let payable = &verdict.payable_now_total;
    let amount = settlement
        .filter(|_| money::has_money(payable))
        .map(|of| cx.localizer.money(payable, &of.currency_code));
    let step = verdict.next_step();
    if step == pb::NextStep::Unspecified {
        return None;
    }
    let pays = |of: &pb::Settlement| {
        money::has_money(&of.refund_total) || money::has_money(&of.credit_total)
    };
    let pays = settlement.is_some_and(pays);
    let said = match step {
        // Where no money moves, nobody has to be told to hold it.
        pb::NextStep::Wait if !pays => cx.label("next", "wait_unpaid"),
        _ => cx.named("next", step.as_str_name(), "NEXT_STEP_"),
    };
    let mut said = match (&amount, step) {
        (None, _) => said.to_owned(),
        (Some(amount), pb::NextStep::Pay) => cx.say("next", "pay_amount", &[("amount", amount)]),
        (Some(amount), _) => {
            let values = [("step", said), ("amount", amount)];
            cx.say("next", "also_payable", &values)
        }
    };
    let due = settlement.and_then(|of| cx.clock.due(of.due.as_ref(), of.due_wait.as_ref()));
    if step == pb::NextStep::Pay
        && let Some(due) = due
    {
        said.push_str(&format!(", {due}"));
    }
    Some(said)
}

/// Says what is possible instead of what was denied.
fn instead(page: &mut Page, verdict: &pb::Verdict, cx: &Context<'_>) {
    let text = match verdict.alternatives.as_slice() {
        [] => cx.label("page", "nothing_instead").to_owned(),
        options => all_alternatives(options, cx),
    };
    labelled(page, 0, cx.label("page", "instead"), &text, cx);
}

fn all_alternatives(options: &[pb::Alternative], cx: &Context<'_>) -> String {
    let mut texts: Vec<String> = Vec::new();
    for option in options {
        let text = alternative(option, cx);
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    let more = texts.len().saturating_sub(ALTERNATIVES);
    texts.truncate(ALTERNATIVES);
    if more > 0 {
        texts.push(cx.localizer.count("count", "more_option", more));
    }
    texts.join("; ")
}

/// Returns why a row is decided so. Beside a summary the words of the clause are enough;
/// of several rows each says more, but for those that are granted.
fn why(row: &pb::Row, is_alone: bool, cx: &Context<'_>) -> String {
    let Some(reason) = row.reasons.first() else {
        return String::new();
    };
    let text = sentence(&reason.text, &reason.code);
    if !is_alone && row.outcome() != pb::Outcome::Approved {
        return text;
    }
    let said = text.strip_prefix(&own_part(reason, cx)).unwrap_or(&text);
    match said.trim() {
        "" => text,
        said => said.to_owned(),
    }
}

fn because(page: &mut Page, depth: usize, row: &pb::Row, is_alone: bool, cx: &Context<'_>) {
    // Where no clause speaks, the summary has said what there is to say.
    let Some(reason) = row.reasons.iter().find(|r| !r.clause_id.is_empty()) else {
        return;
    };
    let text = format!("{} {}", why(row, is_alone, cx), cx.cite(&reason.clause_id));
    labelled(page, depth, cx.label("page", "why"), text.trim_end(), cx);
}

/// Writes what a row leaves to do: conditions, tasks and the return shipment, or what an
/// agent can answer.
fn details(page: &mut Page, depth: usize, row: &pb::Row, cx: &Context<'_>) {
    if let Some(entitlement) = &row.entitlement {
        row::conditions(page, depth, entitlement, cx);
        let same = |a: &pb::Obligation, b: &pb::Obligation| a.party() == b.party();
        for group in entitlement.obligations.chunk_by(same) {
            let Some(party) = group.first().map(|of| cx.party(of.party())) else {
                continue;
            };
            let label = format!("{} ({party})", cx.label("page", "to_do"));
            let tasks: Vec<String> = group.iter().map(|of| row::task(of, cx)).collect();
            let tasks = tasks
                .iter()
                .map(|task| format!("{}.", task.trim_end_matches('.')));
            let tasks: Vec<String> = tasks.collect();
            labelled(page, depth, &label, &tasks.join(" "), cx);
        }
        let payer = entitlement.return_payer();
        let payer = cx.named("return_payer", payer.as_str_name(), "RETURN_PAYER_");
        if !payer.is_empty() {
            labelled(page, depth, cx.label("page", "return_shipment"), payer, cx);
        }
    }
    let choices: Vec<String> = row
        .candidates
        .iter()
        .filter_map(|candidate| {
            let mut text = match candidate.answer.as_ref()? {
                pb::candidate::Answer::Entitlement(entitlement) => gets(entitlement, cx),
                pb::candidate::Answer::Refusal(_) => cx.label("page", "refusal").to_owned(),
            };
            if candidate.recommended {
                text.push_str(&format!(" ({})", cx.label("page", "recommended")));
            }
            Some(text)
        })
        .collect();
    if !choices.is_empty() {
        let label = cx.label("page", "choices");
        labelled(page, depth, label, &choices.join("; "), cx);
    }
}

/// Writes the questions that are open.
fn questions(page: &mut Page, facts: &[pb::MissingFact], cx: &Context<'_>) {
    if facts.is_empty() {
        return;
    }
    let heading = cx.label("page", "information");
    page.line(0, &format!("{BOLD}{heading}{BOLD:#}"));
    for fact in facts {
        page.line(1, &missing::question(fact, cx));
    }
}
