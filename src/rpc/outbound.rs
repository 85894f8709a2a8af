//! Verdicts in, messages out.
//!
//! Everything a verdict holds is taken apart by name, so that nothing is left
//! unsaid on the wire by accident. Sentences, facts compared and arithmetic are
//! written at full view only: most callers are programs, and these are most of
//! the bytes.

mod entitlement;
mod money;
mod policy;
mod request;
mod window;

pub use policy::policy;
pub use request::request as customer_request;

use redress_client::pb;

use crate::domain::money::{Amount, Currency};
use crate::domain::time::{Instant, Zone};
use crate::domain::verdict as v;
use crate::engine::View;
use crate::rpc::enums::{self, Wire};
use crate::text::Speaker;

/// Holds what every part of an answer is written with.
struct Writer<'p> {
    currency: Currency,
    zone: Zone,
    full: bool,
    speaker: Speaker<'p>,
}

impl<'p> Writer<'p> {
    fn new(receipt: &v::Receipt<'_>, currency: Currency, view: View, speaker: Speaker<'p>) -> Self {
        Self {
            speaker,
            currency,
            zone: receipt.zone.unwrap_or_else(Zone::utc),
            full: match view {
                View::Basic => false,
                View::Full => true,
            },
        }
    }

    /// Writes an amount; empty where it is not known.
    fn amount(&self, amount: Option<Amount>) -> String {
        amount.map(|a| a.text(self.currency)).unwrap_or_default()
    }

    /// Writes a text for people, at full view only.
    fn text<T: Into<String>>(&self, text: impl FnOnce(&Speaker<'p>) -> T) -> String {
        if self.full {
            text(&self.speaker).into()
        } else {
            String::new()
        }
    }

    fn missing(&self, missing: &[v::MissingFact]) -> Vec<pb::MissingFact> {
        self.list(missing, missing_fact)
    }

    fn list<T, U>(&self, list: &[T], write: impl Fn(&Self, &T) -> U) -> Vec<U> {
        list.iter().map(|one| write(self, one)).collect()
    }
}

/// Writes a verdict on an order in this currency, its texts as they are spoken.
pub fn verdict<'p>(
    verdict: &v::Verdict<'p>,
    currency: Currency,
    view: View,
    speaker: Speaker<'p>,
) -> pb::Verdict {
    let v::Verdict {
        order_id,
        claim_id,
        outcome,
        action,
        route,
        rows,
        settlement,
        missing,
        notices,
        alternatives,
        receipt,
    } = verdict;
    let w = Writer::new(receipt, currency, view, speaker);
    pb::Verdict {
        order_id: order_id.to_string(),
        claim_id: claim_id.map(|id| id.to_string()).unwrap_or_default(),
        outcome: outcome.write(),
        action: action.write(),
        route: enums::write(*route),
        rows: w.list(rows, row),
        settlement: settlement.as_ref().map(|s| money::settlement(&w, s)),
        missing: w.missing(missing),
        notices: w.list(notices, notice),
        alternatives: w.list(alternatives, alternative),
        receipt: Some(self::receipt(receipt)),
        summary: w.text(|s| s.summary(verdict, currency)),
        language_code: speaker.language().to_owned(),
    }
}

/// Writes the answer of options for an order in this currency.
pub fn options<'p>(
    options: Vec<v::OrderOption<'p>>,
    receipt: &v::Receipt<'_>,
    currency: Currency,
    view: View,
    speaker: Speaker<'p>,
) -> pb::ListOptionsResponse {
    let w = Writer::new(receipt, currency, view, speaker);
    pb::ListOptionsResponse {
        options: options.into_iter().map(|o| order_option(&w, o)).collect(),
        receipt: Some(self::receipt(receipt)),
        language_code: speaker.language().to_owned(),
    }
}

fn row<'p>(w: &Writer<'p>, row: &v::Row<'p>) -> pb::Row {
    let v::Row {
        line_id,
        place,
        quantity,
        decision,
        amount,
    } = row;
    let v::Decision {
        outcome,
        reasons,
        entitlement,
        candidates,
        missing,
        window,
    } = &**decision;
    pb::Row {
        line_id: line_id.to_string(),
        group_index: i32::try_from(place.group).unwrap_or(i32::MAX),
        quantity: *quantity,
        outcome: outcome.write(),
        reasons: w.list(reasons, |w, r| reason_of(w, r, window.as_ref())),
        entitlement: entitlement
            .as_ref()
            .map(|e| entitlement::entitlement(w, e, *place, *amount)),
        candidates: w.list(candidates, |w, c| entitlement::candidate(w, c, *place)),
        missing: w.missing(missing),
        window: window.as_ref().map(|x| window::window(w, x)),
    }
}

fn reason<'p>(w: &Writer<'p>, reason: &v::Reason<'p>) -> pb::Reason {
    reason_of(w, reason, None)
}

/// Writes a reason; one that rests on a window says when that opens or closed.
fn reason_of<'p>(w: &Writer<'p>, reason: &v::Reason<'p>, window: Option<&v::Window>) -> pb::Reason {
    let v::Reason {
        code,
        clause,
        facts,
    } = reason;
    let facts = facts
        .iter()
        .filter(|_| w.full)
        .map(|(path, value)| pb::FactValue {
            path: path.clone(),
            value: value.clone(),
        });
    let parameters = match window {
        Some(window) if w.full => window::parameters(w, code, window),
        _ => Vec::new(),
    };
    pb::Reason {
        code: (*code).to_owned(),
        clause_id: clause_id(*clause),
        text: w.text(|s| s.reason(code, *clause, &parameters)),
        facts: facts.collect(),
        parameters: parameters
            .into_iter()
            .map(|(name, value)| pb::Parameter {
                name: name.to_owned(),
                value,
            })
            .collect(),
    }
}

/// Writes the id of a clause; empty where none speaks.
fn clause_id(clause: Option<v::Cite<'_>>) -> String {
    clause.map(|c| c.id.to_owned()).unwrap_or_default()
}

fn missing_fact(w: &Writer<'_>, fact: &v::MissingFact) -> pb::MissingFact {
    let v::MissingFact {
        path,
        source,
        question,
    } = fact;
    pb::MissingFact {
        path: path.clone(),
        source: source.write(),
        question: w.speaker.question(question).to_owned(),
    }
}

fn notice<'p>(w: &Writer<'p>, notice: &v::Notice<'p>) -> pb::Notice {
    let v::Notice {
        code,
        clause,
        lines,
    } = notice;
    pb::Notice {
        code: (*code).to_owned(),
        clause_id: clause_id(*clause),
        line_ids: lines.iter().map(ToString::to_string).collect(),
        text: w.text(|s| s.notice(code, *clause)),
    }
}

fn alternative<'p>(w: &Writer<'p>, alternative: &v::Alternative<'p>) -> pb::Alternative {
    let v::Alternative {
        action,
        remedy,
        status,
        clause,
        lines,
        amount,
        window,
        missing,
        reason_class,
    } = alternative;
    pb::Alternative {
        action: action.write(),
        remedy: enums::write(*remedy),
        status: status.write(),
        clause_id: clause_id(*clause),
        line_ids: lines.iter().map(ToString::to_string).collect(),
        amount: w.amount(*amount),
        window: window.as_ref().map(|x| window::window(w, x)),
        missing: w.missing(missing),
        reason_class: reason_class.clone(),
    }
}

fn order_option<'p>(w: &Writer<'p>, option: v::OrderOption<'p>) -> pb::OrderOption {
    let v::OrderOption {
        action,
        reason_class,
        remedy,
        line_id,
        status,
        window,
        amount,
        missing,
        reasons,
        clause,
        request,
    } = option;
    pb::OrderOption {
        action: action.write(),
        reason_class,
        remedy: enums::write(remedy),
        line_id: line_id.map(|id| id.to_string()).unwrap_or_default(),
        status: status.write(),
        window: window.as_ref().map(|x| window::window(w, x)),
        amount: w.amount(amount),
        missing: w.missing(&missing),
        reasons: w.list(&reasons, reason),
        clause_id: clause_id(clause),
        request: Some(request::request(w.currency, &request)),
    }
}

fn receipt(receipt: &v::Receipt<'_>) -> pb::Receipt {
    let v::Receipt {
        policy,
        revision,
        digest,
        engine,
        tzdb,
        // Each window says in which zone it was computed.
        zone: _,
        request_time,
        decide_time,
    } = receipt;
    pb::Receipt {
        policy: policy.to_string(),
        revision: (*revision).to_owned(),
        policy_digest: (*digest).to_owned(),
        engine_version: (*engine).to_owned(),
        tzdb_version: (*tzdb).to_owned(),
        request_time: Some(timestamp(*request_time)),
        decide_time: Some(timestamp(*decide_time)),
    }
}

fn timestamp(instant: Instant) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: instant.unix_seconds(),
        // A leap second is written as the last nanosecond of the one before.
        nanos: i32::try_from(instant.nanos().min(999_999_999)).unwrap_or(0),
    }
}
