//! What is possible with an order, by what the customer can do.

use redress_client::pb;

use super::context::{Context, Detail};
use super::text::{BOLD, FAINT, Page};
use super::{missing, sentence};

/// Writes a reply to `ListOptions` at full view, in the currency of the order.
pub fn options(reply: &pb::ListOptionsResponse, currency: &str, detail: Detail) -> String {
    let cx = &Context::of_options(reply, currency, detail);
    let mut page = Page::default();
    if reply.options.is_empty() {
        page.line(0, cx.label("page", "nothing_possible"));
    }
    for status in [
        pb::OptionStatus::Open,
        pb::OptionStatus::NotOpenYet,
        pb::OptionStatus::NeedsInformation,
        pb::OptionStatus::NeedsReview,
        pb::OptionStatus::Closed,
    ] {
        let options = reply.options.iter();
        let here: Vec<&pb::OrderOption> = options.filter(|o| o.status() == status).collect();
        if here.is_empty() {
            continue;
        }
        page.gap();
        let heading = cx.named("option", status.as_str_name(), "OPTION_STATUS_");
        page.line(0, &format!("{BOLD}{heading}{BOLD:#}"));
        let same = |a: &&pb::OrderOption, b: &&pb::OrderOption| {
            a.action() == b.action() && a.reason_classes == b.reason_classes
        };
        for group in here.chunk_by(same) {
            write_group(&mut page, group, cx);
        }
    }
    if let Some(receipt) = &reply.receipt
        && detail == Detail::Full
    {
        page.gap();
        let policy = format!("{} ({})", receipt.policy, receipt.revision);
        let text = cx.say("page", "decided_by", &[("policy", &policy)]);
        page.line(0, &format!("{FAINT}{text}{FAINT:#}"));
    }
    page.into_text()
}

/// Writes what one act of the customer can lead to, and what has to be asked first.
fn write_group(page: &mut Page, group: &[&pb::OrderOption], cx: &Context<'_>) {
    let Some(first) = group.first() else {
        return;
    };
    let heading = action(first, cx);
    match group {
        [only] => page.line(1, &cx.labelled(&heading, &what(only, cx))),
        several => {
            page.line(1, &heading);
            for option in several {
                page.line(2, &format!("- {}", what(option, cx)));
            }
        }
    }
    let mut asked: Vec<&str> = Vec::new();
    for fact in group.iter().flat_map(|option| &option.missing) {
        if asked.contains(&fact.path.as_str()) {
            continue;
        }
        asked.push(&fact.path);
        match cx.detail {
            Detail::Brief => page.line(2, &missing::question(fact, cx)),
            Detail::Full => missing::write(page, 2, std::slice::from_ref(fact), cx),
        }
    }
}

/// Says what an option gives: remedy, amount, for which items, until when; where it is not
/// open, why.
fn what(option: &pb::OrderOption, cx: &Context<'_>) -> String {
    let mut parts = Vec::new();
    let remedy = cx.remedy(option.remedy());
    if !remedy.is_empty() && remedy != cx.action(option.action()) {
        parts.push(remedy.to_owned());
    }
    if !option.amount.is_empty() {
        parts.push(cx.money(&option.amount));
    }
    parts.push(scope(option, cx));
    let period = option.window.as_ref().and_then(|w| cx.clock.window(w));
    parts.extend(period.map(|period| match option.status() {
        pb::OptionStatus::Closed => cx.say("page", "was_possible", &[("period", &period)]),
        _ => period,
    }));
    let mut text = parts.join(", ");
    let shows_reason = match option.status() {
        pb::OptionStatus::NeedsReview | pb::OptionStatus::Closed => true,
        // The heading and the period say it already.
        _ => cx.detail == Detail::Full,
    };
    if let Some(reason) = option.reasons.first().filter(|_| shows_reason) {
        text.push_str(&format!(". {}", sentence(&reason.text, &reason.code)));
    }
    if cx.detail == Detail::Full {
        text.push_str(&format!(" {}", cx.cite(&option.clause_id)));
    }
    text.trim_end().to_owned()
}

fn action(option: &pb::OrderOption, cx: &Context<'_>) -> String {
    let action = cx.action(option.action());
    match option.reason_classes.as_slice() {
        [] => action.to_owned(),
        classes if cx.detail == Detail::Full => format!("{action} ({})", classes.join("; ")),
        [class] => format!("{action} ({class})"),
        [class, more @ ..] => {
            let more = cx.localizer.count("count", "more_reason", more.len());
            format!("{action} ({class}, {more})")
        }
    }
}

fn scope(option: &pb::OrderOption, cx: &Context<'_>) -> String {
    let lines = option.line_ids.join(", ");
    let label = |key: &str| cx.label("page", key).to_owned();
    match (option.together, option.alone, option.line_ids.len()) {
        (true, false, _) => label("whole_order"),
        (true, true, _) => label("whole_or_item"),
        (false, _, 1) => cx.say("page", "one_item", &[("line", &lines)]),
        (false, ..) => cx.say("page", "each_item", &[("line", &lines)]),
    }
}
