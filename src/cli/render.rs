//! Replies for people: what a support agent reads, from the reply alone.
//!
//! A reply at full view arrives, styled text leaves; whoever prints it strips
//! the styles where nobody sees them. The same text stands for a decision in
//! process and for a server's. It is in the language that the reply says it is in.

mod brief;
mod context;
mod missing;
mod money;
mod options;
mod policies;
mod row;
mod text;
mod time;

pub mod register;
pub mod suite;

use redress_client::pb;

use self::context::Context;
pub use self::context::{Clauses, Detail};
pub use self::options::options;
pub use self::policies::{clauses, shops};
use self::text::{BOLD, FAINT, Page, word};
use self::time::stamp;

/// Writes a verdict. All amounts are in the order's currency.
pub fn verdict(verdict: &pb::Verdict, currency: &str, clauses: &Clauses, detail: Detail) -> String {
    let cx = &Context::of_verdict(verdict, currency, clauses, detail);
    let mut page = Page::default();
    match detail {
        Detail::Brief => brief::write(&mut page, verdict, cx),
        Detail::Full => full(&mut page, verdict, cx),
    }
    page.into_text()
}

/// Writes all that a verdict holds.
fn full(page: &mut Page, verdict: &pb::Verdict, cx: &Context<'_>) {
    brief::outcome(page, verdict, cx);
    about(page, verdict, cx);
    for row in &verdict.rows {
        page.gap();
        row::write(page, row, cx);
        // The union of all rows follows; for a single row it says the same.
        if verdict.rows.len() > 1 {
            missing::write(page, 1, &row.missing, cx);
        }
    }
    if let Some(settlement) = &verdict.settlement {
        money::write(page, settlement, cx);
    }
    missing::guided(page, &verdict.missing, cx);
    notices(page, verdict, cx);
    alternatives(page, &verdict.alternatives, cx);
    if let Some(receipt) = &verdict.receipt {
        page.gap();
        write_receipt(page, receipt, cx);
    }
}

/// Says what was asked for, and when.
fn about(page: &mut Page, verdict: &pb::Verdict, cx: &Context<'_>) {
    let filled = |key: &str, name: &str, value: &str| cx.say("page", key, &[(name, value)]);
    let mut about = vec![filled("order", "id", &verdict.order_id)];
    let mut action = cx.action(verdict.action()).to_owned();
    if verdict.route() == pb::Action::Unspecified {
        action.push_str(&format!(" ({})", cx.label("page", "not_covered")));
    } else if verdict.route() != verdict.action() {
        let route = filled("handled_as", "action", cx.action(verdict.route()));
        action.push_str(&format!(" ({route})"));
    }
    about.push(action);
    if !verdict.claim_id.is_empty() {
        about.push(filled("case", "id", &verdict.claim_id));
    }
    if let Some(receipt) = &verdict.receipt {
        if let Some(time) = &receipt.request_time {
            about.push(filled("requested", "time", &cx.clock.instant(time)));
        }
        if receipt.decide_time != receipt.request_time
            && let Some(time) = &receipt.decide_time
        {
            about.push(filled("decided", "time", &cx.clock.instant(time)));
        }
    }
    page.line(0, &about.join(", "));
}

fn notices(page: &mut Page, verdict: &pb::Verdict, cx: &Context<'_>) {
    if verdict.notices.is_empty() {
        return;
    }
    page.gap();
    page.line(0, &format!("{BOLD}{}{BOLD:#}", cx.label("page", "note")));
    for notice in &verdict.notices {
        let text = sentence(&notice.text, &notice.code);
        let about = match notice.line_ids.as_slice() {
            [] => String::new(),
            lines => format!(" ({})", cx.items(lines)),
        };
        let cited = cx.cite(&notice.clause_id);
        page.line(1, format!("! {text}{about} {cited}").trim_end());
    }
}

fn alternatives(page: &mut Page, options: &[pb::Alternative], cx: &Context<'_>) {
    if options.is_empty() {
        return;
    }
    page.gap();
    let heading = cx.label("page", "other_options");
    page.line(0, &format!("{BOLD}{heading}{BOLD:#}"));
    for option in options {
        let mut text = alternative(option, cx);
        if !option.line_ids.is_empty() {
            text.push_str(&format!(", {}", cx.items(&option.line_ids)));
        }
        let cited = cx.cite(&option.clause_id);
        page.line(1, format!("- {text} {cited}").trim_end());
        page.line(2, &format!("{FAINT}{}{FAINT:#}", how_to_ask(option, cx)));
        missing::write(page, 2, &option.missing, cx);
    }
}

/// Says what else can be asked for: what, for how much and until when.
fn alternative(option: &pb::Alternative, cx: &Context<'_>) -> String {
    let mut parts = vec![remedy_by(option.remedy(), option.action(), cx)];
    if option.status() != pb::OptionStatus::Open {
        let name = option.status().as_str_name();
        parts.push(cx.named("status", name, "OPTION_STATUS_").to_owned());
    }
    if !option.amount.is_empty() {
        parts.push(cx.money(&option.amount));
    }
    let period = option.window.as_ref().and_then(|w| cx.clock.window(w));
    parts.extend(period);
    parts.join(", ")
}

/// Names a remedy and the action that leads to it.
fn remedy_by(remedy: pb::Remedy, action: pb::Action, cx: &Context<'_>) -> String {
    let by = cx.action(action);
    match (remedy, action) {
        (pb::Remedy::Unspecified, _) => by.to_owned(),
        (pb::Remedy::StoreCredit, pb::Action::Exchange) => {
            cx.label("page", "exchange_for_credit").to_owned()
        }
        (remedy, _) => {
            let what = cx.remedy(remedy);
            if what.starts_with(by) {
                return what.to_owned();
            }
            cx.labelled(by, what)
        }
    }
}

/// Says which fields of a request ask for an alternative.
fn how_to_ask(option: &pb::Alternative, cx: &Context<'_>) -> String {
    // The field of one action has another name: its own is a keyword in most languages.
    let field = match option.action() {
        pb::Action::Return => "goods_return".to_owned(),
        action => word(action.as_str_name(), "ACTION_").replace(' ', "_"),
    };
    let mut fields = vec![format!("`{field}`")];
    if option.remedy() != pb::Remedy::Unspecified {
        fields.push(format!("`wants = {}`", option.remedy().as_str_name()));
    }
    if !option.reason_class.is_empty() {
        fields.push(format!("`{}`", option.reason_class));
    }
    cx.say("page", "to_request", &[("fields", &fields.join(", "))])
}

fn write_receipt(page: &mut Page, receipt: &pb::Receipt, cx: &Context<'_>) {
    let digest = receipt.policy_digest.iter().take(6);
    let digest: String = digest.map(|byte| format!("{byte:02x}")).collect();
    let policy = format!("{} ({})", receipt.policy, receipt.revision);
    let mut text = cx.say("page", "decided_by", &[("policy", &policy)]);
    text.push_str(&format!(
        ", digest {digest}, engine {}, tzdb {}",
        receipt.engine_version, receipt.tzdb_version
    ));
    if let Some(time) = &receipt.request_time {
        text.push_str(&format!(", request {}", stamp(time)));
    }
    page.line(0, &format!("{FAINT}{text}{FAINT:#}"));
}

/// Returns the sentence, or the code as words where there is none.
fn sentence(text: &str, code: &str) -> String {
    if text.is_empty() {
        code.replace('_', " ")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests;
