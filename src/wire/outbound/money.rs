//! Writes the money of a verdict.

use redress_client::pb;

use super::due::due_wait;
use super::encoder::Encoder;
use super::window::bound;
use super::{RenderContext, clause_id, tag, timestamp};
use crate::domain::verdict as v;
use crate::wire::enums::{self, Wire};

/// Writes the money of the approved rows.
pub(super) fn settlement<'p>(
    m: &RenderContext<'p>,
    to: &mut Encoder,
    settlement: &v::Settlement<'p>,
) {
    use tag::settlement as t;
    let v::Settlement {
        currency,
        items,
        refund_total,
        // It stands beside the next step of the verdict.
        payable_now_total: _,
        credit_total,
        credit_used_total,
        owed_total,
        owed_pending_total,
        whole_order,
        rounding_difference,
        payouts,
        due,
        release: released,
    } = settlement;
    to.text(t::CURRENCY_CODE, currency.code());
    let items = if m.compact { &[] } else { &items[..] };
    to.list(t::ITEMS, items, |to, x| item(m, to, x));
    m.sum(to, t::REFUND_TOTAL, *refund_total);
    m.sum(to, t::CREDIT_TOTAL, *credit_total);
    m.sum(to, t::OWED_TOTAL, *owed_total);
    to.flag(t::WHOLE_ORDER, *whole_order);
    to.list(t::PAYOUTS, payouts, |to, x| payout(m, to, x));
    to.optional(t::DUE, due.as_ref().map(v::Due::at_latest), bound);
    to.message(t::RELEASE, |to| release(m, to, released));
    to.optional(t::DUE_WAIT, due.as_ref().and_then(v::Due::wait), due_wait);
    m.sum(to, t::CREDIT_USED_TOTAL, *credit_used_total);
    m.amount(to, t::ROUNDING_DIFFERENCE, *rounding_difference);
    let pending = Some(*owed_pending_total).filter(|pending| !pending.is_zero());
    m.amount(to, t::OWED_PENDING_TOTAL, pending);
}

pub(super) fn item<'p>(m: &RenderContext<'p>, to: &mut Encoder, item: &v::SettlementItem<'p>) {
    use tag::settlement_item as t;
    let v::SettlementItem {
        kind,
        code,
        line_id,
        shipment_id,
        amount,
        clause,
        arithmetic,
    } = item;
    let status = match amount {
        Some(_) => pb::SettlementStatus::Granted,
        None => pb::SettlementStatus::Pending,
    };
    to.number(t::KIND, kind.write());
    to.text(t::CODE, code);
    to.text(t::LINE_ID, line_id.map_or("", |id| id.as_str()));
    m.amount(to, t::AMOUNT, *amount);
    to.number(t::STATUS, status.into());
    to.text(t::CLAUSE_ID, clause_id(*clause));
    m.text(to, t::ARITHMETIC, |s| {
        s.arithmetic(arithmetic, *amount, m.currency)
    });
    to.text(t::SHIPMENT_ID, shipment_id.map_or("", |id| id.as_str()));
}

fn payout(m: &RenderContext<'_>, to: &mut Encoder, payout: &v::Payout<'_>) {
    use tag::payout as t;
    let v::Payout {
        payment_id,
        method,
        payee_id,
        payee_code,
        amount,
    } = payout;
    to.text(t::PAYMENT_ID, payment_id.map_or("", |id| id.as_str()));
    to.number(t::METHOD, enums::write(*method));
    to.text(t::PAYEE_ID, payee_id.map_or("", |id| id.as_str()));
    m.amount(to, t::AMOUNT, Some(*amount));
    to.text(t::PAYEE_CODE, payee_code.unwrap_or_default());
}

fn release(m: &RenderContext<'_>, to: &mut Encoder, release: &v::Release<'_>) {
    use tag::release as t;
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
    to.number(t::STATUS, status.into());
    to.texts(t::EVENTS, events.iter().map(|e| e.word()));
    to.flag(t::ANY, *any);
    if let Some(since) = since {
        timestamp(to, t::RELEASE_TIME, *since);
    }
    // The rows say which are open.
    if !m.compact {
        to.texts(t::CONDITIONS, conditions.iter().copied());
    }
}
