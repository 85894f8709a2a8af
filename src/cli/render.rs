//! Replies for people: what a support agent reads, from the reply alone.
//!
//! A reply at full view arrives, styled text leaves; whoever prints it strips
//! the styles where nobody sees them. The same text stands for a decision in
//! process and for a server's.

mod missing;
mod money;
mod options;
mod policies;
mod row;
mod text;
mod time;

pub mod register;
pub mod suite;

use std::collections::BTreeMap;

use redress_client::pb;

pub use self::options::options;
pub use self::policies::{clauses, shops};
use self::text::{BOLD, FAINT, Page, count, outcome_style, word};
use self::time::{Clock, stamp};

/// Finds the source of a clause by its id.
#[derive(Clone, Debug, Default)]
pub struct Clauses {
    sources: BTreeMap<String, String>,
    time_zone: String,
}

impl Clauses {
    /// Takes the clauses of a policy as a server tells them.
    pub fn new(policy: &pb::Policy) -> Self {
        Self {
            sources: policy
                .clauses
                .iter()
                .map(|clause| (clause.clause_id.clone(), clause.source.clone()))
                .collect(),
            time_zone: policy.time_zone.clone(),
        }
    }

    /// Names a clause with its source, where that is known; empty for none.
    fn cite(&self, clause_id: &str) -> String {
        match (clause_id, self.sources.get(clause_id)) {
            ("", _) => String::new(),
            (id, Some(source)) if !source.is_empty() => format!("[{id}: {source}]"),
            (id, _) => format!("[{id}]"),
        }
    }
}

/// Writes a verdict at full view. All amounts are in the order's currency.
pub fn verdict(verdict: &pb::Verdict, currency: &str, clauses: &Clauses) -> String {
    let mut page = Page::default();
    let clock = Clock::of(verdict, clauses);
    headline(&mut page, verdict, &clock);
    for row in &verdict.rows {
        page.gap();
        row::write(&mut page, row, currency, clauses, &clock);
        // The union of all rows follows; for a single row it says the same.
        if verdict.rows.len() > 1 {
            missing::write(&mut page, 1, &row.missing);
        }
    }
    if let Some(settlement) = &verdict.settlement {
        page.gap();
        money::write(&mut page, settlement, &clock);
    }
    missing::guided(&mut page, &verdict.missing, (currency, &clock));
    notices(&mut page, verdict, clauses);
    alternatives(&mut page, &verdict.alternatives, currency, clauses, &clock);
    if let Some(receipt) = &verdict.receipt {
        page.gap();
        write_receipt(&mut page, receipt);
    }
    page.into_text()
}

fn headline(page: &mut Page, verdict: &pb::Verdict, clock: &Clock) {
    let outcome = verdict.outcome();
    let style = outcome_style(outcome);
    let name = word(outcome.as_str_name(), "OUTCOME_").to_uppercase();
    page.line(
        0,
        format!("{style}{name}{style:#}  {}", verdict.summary).trim_end(),
    );
    let asked = word(verdict.action().as_str_name(), "ACTION_");
    let mut about = format!("order {}, {asked}", verdict.order_id);
    if verdict.route() == pb::Action::Unspecified {
        about.push_str(" (the terms do not speak of it)");
    } else if verdict.route() != verdict.action() {
        let route = word(verdict.route().as_str_name(), "ACTION_");
        about.push_str(&format!(" (the terms treat it as {route})"));
    }
    if !verdict.claim_id.is_empty() {
        about.push_str(&format!(", case {}", verdict.claim_id));
    }
    if let Some(receipt) = &verdict.receipt {
        if let Some(request_time) = &receipt.request_time {
            about.push_str(&format!(", asked {}", clock.instant(request_time)));
        }
        if receipt.decide_time != receipt.request_time
            && let Some(decide_time) = &receipt.decide_time
        {
            about.push_str(&format!(", decided {}", clock.instant(decide_time)));
        }
    }
    page.line(0, &about);
    if let Some(next) = next_step(verdict) {
        page.line(0, &format!("{BOLD}next:{BOLD:#} {next}"));
    }
}

/// Says what has to be done next; `None`: the reply does not say.
fn next_step(verdict: &pb::Verdict) -> Option<String> {
    let settlement = verdict.settlement.as_ref();
    let step = match verdict.next_step() {
        pb::NextStep::Unspecified => return None,
        pb::NextStep::Ask => "ask for what is missing",
        pb::NextStep::Review => "let a person decide",
        pb::NextStep::Pay => "pay",
        pb::NextStep::CarryOut => "carry it out; no money is due back now",
        pb::NextStep::Wait => "wait; nothing may be paid yet",
        pb::NextStep::Refuse => "tell the customer that it is refused",
    };
    let payable = &verdict.payable_now_total;
    let now = settlement.filter(|_| money::has_money(payable));
    Some(match (now, verdict.next_step()) {
        (None, _) => step.to_owned(),
        (Some(of), pb::NextStep::Pay) => {
            format!("{step} {} {}", payable, of.currency_code)
        }
        (Some(of), _) => {
            let amount = format!("{} {}", payable, of.currency_code);
            format!("{step}; {amount} may be paid already")
        }
    })
}

fn notices(page: &mut Page, verdict: &pb::Verdict, clauses: &Clauses) {
    if verdict.notices.is_empty() {
        return;
    }
    page.gap();
    page.line(0, &format!("{BOLD}Mind{BOLD:#}"));
    for notice in &verdict.notices {
        let text = if notice.text.is_empty() {
            notice.code.replace('_', " ")
        } else {
            notice.text.clone()
        };
        let about = match notice.line_ids.as_slice() {
            [] => String::new(),
            lines => format!(" (line {})", lines.join(", ")),
        };
        let cited = clauses.cite(&notice.clause_id);
        page.line(1, format!("! {text}{about} {cited}").trim_end());
    }
}

fn alternatives(
    page: &mut Page,
    options: &[pb::Alternative],
    currency: &str,
    clauses: &Clauses,
    clock: &Clock,
) {
    if options.is_empty() {
        return;
    }
    page.gap();
    page.line(0, &format!("{BOLD}What else is possible{BOLD:#}"));
    for option in options {
        let mut text = format!(
            "{}: {}",
            remedy_by(option.remedy(), option.action()),
            word(option.status().as_str_name(), "OPTION_STATUS_")
        );
        if !option.amount.is_empty() {
            text.push_str(format!(", {} {currency}", option.amount).trim_end());
        }
        if let Some(window) = &option.window
            && let Some(period) = clock.window(window)
        {
            text.push_str(&format!(", {period}"));
        }
        if !option.line_ids.is_empty() {
            text.push_str(&format!(", {}", count(&option.line_ids, "line")));
        }
        let cited = clauses.cite(&option.clause_id);
        page.line(1, format!("- {text} {cited}").trim_end());
        page.line(2, &format!("{FAINT}{}{FAINT:#}", how_to_ask(option)));
        missing::write(page, 2, &option.missing);
    }
}

/// Names a remedy and the action that leads to it.
fn remedy_by(remedy: pb::Remedy, action: pb::Action) -> String {
    let action = word(action.as_str_name(), "ACTION_");
    match remedy {
        pb::Remedy::Unspecified => action,
        remedy => format!("{} by {action}", word(remedy.as_str_name(), "REMEDY_")),
    }
}

/// Says which fields of a request ask for an alternative.
fn how_to_ask(option: &pb::Alternative) -> String {
    let action = option.action().as_str_name();
    let action = action
        .strip_prefix("ACTION_")
        .unwrap_or(action)
        .to_lowercase();
    // The field of one action has another name: its own is a keyword in most languages.
    let field = match option.action() {
        pb::Action::Return => "goods_return".to_owned(),
        _ => action,
    };
    let mut text = format!("ask with request.{field}");
    if option.remedy() != pb::Remedy::Unspecified {
        text.push_str(&format!(
            ", request.wants {}",
            option.remedy().as_str_name()
        ));
    }
    if !option.reason_class.is_empty() {
        text.push_str(&format!(", {}", option.reason_class));
    }
    text
}

fn write_receipt(page: &mut Page, receipt: &pb::Receipt) {
    let digest = receipt.policy_digest.iter().take(6);
    let digest: String = digest.map(|byte| format!("{byte:02x}")).collect();
    let mut text = format!(
        "decided by {} ({}), digest {digest}, engine {}, tzdb {}",
        receipt.policy, receipt.revision, receipt.engine_version, receipt.tzdb_version
    );
    if let Some(time) = &receipt.request_time {
        text.push_str(&format!(", request {}", stamp(time)));
    }
    page.line(0, &format!("{FAINT}{text}{FAINT:#}"));
}

#[cfg(test)]
mod tests;
