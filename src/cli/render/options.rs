//! What is possible with an order, as a table.

use redress_client::pb;

use super::missing;
use super::text::{BOLD, FAINT, Page, word};
use super::time::Clock;

const AMOUNT_COLUMN: usize = 3;

/// Writes a reply to `ListOptions` at full view, in the currency of the order.
pub fn options(reply: &pb::ListOptionsResponse, currency: &str) -> String {
    let mut page = Page::default();
    let zones = reply.options.iter().filter_map(|option| {
        let window = option.window.as_ref()?;
        Some(window.time_zone.as_str())
    });
    let clock = Clock::first(zones);
    if reply.options.is_empty() {
        page.line(0, "nothing is possible with this order");
    }
    for status in [
        pb::OptionStatus::Open,
        pb::OptionStatus::NotOpenYet,
        pb::OptionStatus::NeedsInformation,
        pb::OptionStatus::NeedsReview,
        pb::OptionStatus::Closed,
        pb::OptionStatus::Unspecified,
    ] {
        let here: Vec<&pb::OrderOption> = reply
            .options
            .iter()
            .filter(|option| option.status() == status)
            .collect();
        if here.is_empty() {
            continue;
        }
        page.gap();
        page.line(0, &format!("{BOLD}{}{BOLD:#}", heading(status)));
        let rows: Vec<Vec<String>> = here
            .iter()
            .map(|option| row(option, currency, &clock))
            .collect();
        page.table(1, &rows, &[AMOUNT_COLUMN]);
        for option in here.iter().filter(|option| !option.missing.is_empty()) {
            page.line(1, &format!("{} {} needs:", action(option), scope(option)));
            missing::write(&mut page, 2, &option.missing);
        }
    }
    if let Some(receipt) = &reply.receipt {
        page.gap();
        page.line(
            0,
            &format!(
                "{FAINT}answered by {} ({}){FAINT:#}",
                receipt.policy, receipt.revision
            ),
        );
    }
    page.into_text()
}

fn heading(status: pb::OptionStatus) -> &'static str {
    match status {
        pb::OptionStatus::Open => "Possible",
        pb::OptionStatus::NotOpenYet => "Possible later",
        pb::OptionStatus::NeedsInformation => "Possible or not, facts are missing",
        pb::OptionStatus::NeedsReview => "A person decides",
        pb::OptionStatus::Closed => "Not possible",
        pb::OptionStatus::Unspecified => "Other",
    }
}

fn row(option: &pb::OrderOption, currency: &str, clock: &Clock) -> Vec<String> {
    let remedy = match option.remedy() {
        pb::Remedy::Unspecified => String::new(),
        remedy => word(remedy.as_str_name(), "REMEDY_"),
    };
    let amount = match option.amount.as_str() {
        "" => String::new(),
        amount => format!("{amount} {currency}"),
    };
    let mut rest = option
        .window
        .as_ref()
        .and_then(|window| clock.window(window))
        .unwrap_or_default();
    if let Some(reason) = option.reasons.first() {
        let why = if reason.text.is_empty() {
            reason.code.replace('_', " ")
        } else {
            reason.text.clone()
        };
        rest = if rest.is_empty() {
            why
        } else {
            format!("{rest}; {why}")
        };
    }
    if !option.clause_id.is_empty() {
        rest.push_str(&format!(" [{}]", option.clause_id));
    }
    vec![
        action(option),
        remedy,
        scope(option),
        amount,
        rest.trim_start().to_owned(),
    ]
}

fn action(option: &pb::OrderOption) -> String {
    let action = word(option.action().as_str_name(), "ACTION_");
    match option.reason_classes.as_slice() {
        [] => action,
        [class] => format!("{action} ({class})"),
        [class, more @ ..] => format!("{action} ({class}, or {} more)", more.len()),
    }
}

fn scope(option: &pb::OrderOption) -> String {
    let lines = option.line_ids.join(", ");
    match (option.together, option.alone, option.line_ids.len()) {
        (true, false, _) => "whole order".to_owned(),
        (true, true, _) => "whole order, or a line".to_owned(),
        (false, _, 1) => format!("line {lines}"),
        (false, ..) => format!("each of {lines}"),
    }
}
