//! Writes the money of a verdict.

use redress_client::pb;

use super::window::bound;
use super::{Writer, clause_id, timestamp};
use crate::domain::verdict as v;
use crate::rpc::enums::{self, Wire};

/// Writes the money of the approved rows.
pub(super) fn settlement<'p>(w: &Writer<'p>, settlement: &v::Settlement<'p>) -> pb::Settlement {
    let v::Settlement {
        currency,
        items,
        refund_total,
        credit_total,
        owed_total,
        whole_order,
        payouts,
        due,
        release: released,
    } = settlement;
    pb::Settlement {
        currency_code: currency.code().to_owned(),
        items: w.list(items, item),
        refund_total: w.amount(Some(*refund_total)),
        credit_total: w.amount(Some(*credit_total)),
        owed_total: w.amount(Some(*owed_total)),
        whole_order: *whole_order,
        payouts: w.list(payouts, payout),
        due: due.map(bound),
        release: Some(release(released)),
    }
}

fn item<'p>(w: &Writer<'p>, item: &v::SettlementItem<'p>) -> pb::SettlementItem {
    let v::SettlementItem {
        kind,
        code,
        line_id,
        amount,
        clause,
        arithmetic,
    } = item;
    let status = match amount {
        Some(_) => pb::SettlementStatus::Granted,
        None => pb::SettlementStatus::Pending,
    };
    pb::SettlementItem {
        kind: kind.write(),
        code: (*code).to_owned(),
        line_id: line_id.map(|id| id.to_string()).unwrap_or_default(),
        amount: w.amount(*amount),
        status: status.into(),
        clause_id: clause_id(*clause),
        arithmetic: w.text(|s| s.arithmetic(*arithmetic, *amount, w.currency)),
    }
}

fn payout<'p>(w: &Writer<'p>, payout: &v::Payout<'p>) -> pb::Payout {
    let v::Payout {
        payment_id,
        method,
        payee_id,
        amount,
    } = payout;
    pb::Payout {
        payment_id: payment_id.map(|id| id.to_string()).unwrap_or_default(),
        method: enums::write(*method),
        payee_id: payee_id.map(|id| id.to_string()).unwrap_or_default(),
        amount: w.amount(Some(*amount)),
    }
}

fn release(release: &v::Release<'_>) -> pb::Release {
    let v::Release {
        events,
        any,
        since,
        conditions,
    } = release;
    let status = if release.is_now() {
        pb::ReleaseStatus::Now
    } else {
        pb::ReleaseStatus::Waits
    };
    pb::Release {
        status: status.into(),
        events: events.iter().map(|e| e.write()).collect(),
        any: *any,
        release_time: since.map(timestamp),
        conditions: conditions.iter().map(|c| (*c).to_owned()).collect(),
    }
}
