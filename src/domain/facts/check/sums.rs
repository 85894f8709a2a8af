//! Checks the amounts of an order against each other.

use std::collections::BTreeMap;

use crate::domain::facts::index::LineIndex;
use crate::domain::facts::{EarlierRemedy, Line, Order, Payment, PaymentState, Remedy, Value};
use crate::domain::limits::MAX_AMOUNT;
use crate::domain::money::Amount;
use crate::domain::path::At;
use crate::domain::violation::{ViolationKind, Violations};
use crate::domain::vocabulary::Fact;

/// Reports amounts that do not add up, or exceed what can be computed with.
pub(super) fn check(order: &Order<'_>, lines: &[LineIndex], violations: &mut Violations) {
    // Whole minor units never exceed MAX_AMOUNT with its digits, which keeps
    // every later product inside 128 bits.
    let limit = MAX_AMOUNT.saturating_mul(order.currency.minor_units());
    let limit = Amount::from_minor(limit);
    let mut goods = Some(Amount::ZERO);
    for (place, (line, index)) in order.lines.iter().zip(lines).enumerate() {
        check_total(order, place, line, violations);
        let gross = line.gross();
        if gross.is_some_and(|g| g > limit) {
            violations.add(
                At::ORDER.element("lines", place).field("unit_price"),
                ViolationKind::InvalidAmount,
                format!("takes the line above {MAX_AMOUNT}"),
            );
        }
        if let (Some(gross), Some(discount)) = (gross, line.discount)
            && discount > gross
        {
            violations.add(
                At::ORDER.element("lines", place).field("discount"),
                ViolationKind::SumMismatch,
                format!(
                    "is {}, more than the line's {}",
                    discount.text(order.currency),
                    gross.text(order.currency)
                ),
            );
        }
        goods = goods.zip(index.net).map(|(sum, net)| sum.plus(net));
    }
    if let (Some(goods), Some(discount)) = (goods, order.discount)
        && discount > goods
    {
        violations.add(
            At::ORDER.field("discount"),
            ViolationKind::SumMismatch,
            format!(
                "is {}, more than the lines' {}",
                discount.text(order.currency),
                goods.text(order.currency)
            ),
        );
    }
    let parts = parts_total(order, goods).map(|parts| parts.plus(surcharges(order)));
    let total = parts.map(|parts| with_adjustments(order, parts));
    if total.is_some_and(|total| total < Amount::ZERO) {
        violations.add(
            At::ORDER.field("adjustments"),
            ViolationKind::SumMismatch,
            "are more than the order costs without them",
        );
    }
    if total.is_some_and(|t| t > limit) {
        violations.add(
            At::ORDER.field("lines"),
            ViolationKind::InvalidAmount,
            format!("add up to more than {MAX_AMOUNT}"),
        );
    }
    if let (Some(total), Some(paid)) = (total, order.total_paid)
        && !is_rounding(order, total, paid)
        && !is_partly_taken(order, paid)
    {
        violations.add(
            At::ORDER.field("total_paid"),
            ViolationKind::SumMismatch,
            format!(
                "is {}, but lines less discounts plus delivery, options and adjustments are {}; \
                     state what else was paid as an adjustment, and what is still to be paid as a \
                     payment",
                paid.text(order.currency),
                total.text(order.currency)
            ),
        );
    }
    check_payments(order, total, violations);
    check_refunded(order, total, violations);
}

/// Reports what a line costs in all where the price of a unit says otherwise.
fn check_total(order: &Order<'_>, index: usize, line: &Line<'_>, violations: &mut Violations) {
    let (Some(total), Some(price)) = (line.total, line.unit_price) else {
        return;
    };
    let by_unit = price.times(line.quantity);
    let apart = total.minor().saturating_sub(by_unit.minor()).unsigned_abs();
    if u64::try_from(line.quantity).is_ok_and(|units| apart > units) {
        violations.add(
            At::ORDER.element("lines", index).field("total"),
            ViolationKind::SumMismatch,
            format!(
                "is {}, but {} units at {} are {}; leave one of the two out",
                total.text(order.currency),
                line.quantity,
                price.text(order.currency),
                by_unit.text(order.currency)
            ),
        );
    }
}

/// Whether two sums of an order differ by no more than rounding can make: a minor unit for
/// each line.
pub(in crate::domain::facts) fn is_rounding(order: &Order<'_>, one: Amount, other: Amount) -> bool {
    let apart = one.minor().saturating_sub(other.minor()).unsigned_abs();
    u64::try_from(order.lines.len()).is_ok_and(|lines| apart <= lines)
}

/// Whether what was paid in all is what was taken so far: of an order of which nothing was
/// charged nothing, otherwise what was captured of its payments.
fn is_partly_taken(order: &Order<'_>, paid: Amount) -> bool {
    let nothing = order.facts.get(Fact::Charged) == Value::YesNo(false);
    let captured: Amount = order.payments.iter().map(Payment::captured).sum();
    let counted: Amount = order.payments.iter().map(Payment::counted).sum();
    (nothing && paid.is_zero()) || (paid == captured && captured < counted)
}

/// Returns lines less discounts plus delivery and options; `None`: a part is unknown.
pub(in crate::domain::facts) fn parts_total(
    order: &Order<'_>,
    goods: Option<Amount>,
) -> Option<Amount> {
    if order.options_complete != Some(true) {
        return None;
    }
    let options: Option<Amount> = order.options.iter().map(|o| o.paid).sum::<Option<Amount>>();
    Some(
        goods?
            .less(order.discount?)
            .plus(order.delivery.paid?)
            .plus(options?),
    )
}

/// Returns what was paid on top of units that were exchanged.
pub(in crate::domain::facts) fn surcharges(order: &Order<'_>) -> Amount {
    order.earlier.iter().map(|earlier| earlier.surcharge).sum()
}

/// Returns what an order costs whose parts cost so much; below zero where adjustments take
/// off more than that.
pub(in crate::domain::facts) fn with_adjustments(order: &Order<'_>, parts: Amount) -> Amount {
    let adjustments = order.adjustments.iter();
    adjustments.fold(parts, |sum, adjustment| sum.plus(adjustment.amount))
}

fn check_payments(order: &Order<'_>, total: Option<Amount>, violations: &mut Violations) {
    for (index, payment) in order.payments.iter().enumerate() {
        if payment.captured() > payment.amount {
            violations.add(
                At::ORDER
                    .element("payments", index)
                    .field("captured_amount"),
                ViolationKind::SumMismatch,
                format!(
                    "is {}, more than the payment's {}",
                    payment.captured().text(order.currency),
                    payment.amount.text(order.currency)
                ),
            );
        }
    }
    check_charged(order, violations);
    if order.payments.is_empty() {
        return;
    }
    let counted: Amount = order.payments.iter().map(Payment::counted).sum();
    let whole = order
        .total_paid
        .filter(|paid| !is_partly_taken(order, *paid));
    if let Some(cost) = whole.or(total)
        && !is_rounding(order, counted, cost)
    {
        violations.add(
            At::ORDER.field("payments"),
            ViolationKind::SumMismatch,
            format!(
                "add up to {}, but {} is to be paid; list what is not paid yet as \
                     `PAYMENT_STATE_PENDING`",
                counted.text(order.currency),
                cost.text(order.currency)
            ),
        );
    }
}

/// Reports what is said of charging that the states of payments contradict.
fn check_charged(order: &Order<'_>, violations: &mut Violations) {
    for (index, payment) in order.payments.iter().enumerate() {
        let untaken = payment.state == Some(PaymentState::Pending);
        if untaken && !payment.captured().is_zero() {
            violations.add(
                At::ORDER.element("payments", index).field("state"),
                ViolationKind::SumMismatch,
                "is pending, but something was captured; set authorized or captured",
            );
        }
    }
    let told = order.facts.get(Fact::Charged).yes_no();
    if let (Some(told), Some(charged)) = (told, order.charged_by_payments())
        && told != charged
    {
        let why = match charged {
            true => "says no, but a payment was captured; correct one of them",
            false => "says yes, but no payment was captured; correct one of them",
        };
        violations.add(At::ORDER.field("charged"), ViolationKind::SumMismatch, why);
    }
}

/// Reports what earlier remedies say of payments: each of the order, once, and as much in all
/// as was paid out.
fn check_shares(order: &Order<'_>, violations: &mut Violations) {
    for (index, earlier) in order.earlier.iter().enumerate() {
        let of = At::ORDER.element("earlier_remedies", index);
        for (at, (id, _)) in earlier.payments.iter().enumerate() {
            let known = order.payments.iter().any(|payment| payment.id == *id);
            let mut before = earlier.payments.iter().take(at);
            let kind = match (known, before.any(|(other, _)| other == id)) {
                (true, false) => continue,
                (true, true) => ViolationKind::Duplicate,
                (false, _) => ViolationKind::UnknownReference,
            };
            let why = match kind {
                ViolationKind::Duplicate => format!("duplicate payment `{id}`"),
                _ => format!("`{id}` is not a payment of the order"),
            };
            violations.add(of.element("payments", at).field("payment_id"), kind, why);
        }
        let sum: Amount = earlier.payments.iter().map(|(_, amount)| *amount).sum();
        if !earlier.payments.is_empty() && sum != earlier.total() {
            violations.add(
                of.field("payments"),
                ViolationKind::SumMismatch,
                format!(
                    "add up to {}, but {} was paid out",
                    sum.text(order.currency),
                    earlier.total().text(order.currency)
                ),
            );
        }
    }
    for (index, payment) in order.payments.iter().enumerate() {
        let shares = order.earlier.iter().flat_map(|earlier| &earlier.payments);
        let of_it = shares.filter(|(id, _)| *id == payment.id);
        let back: Amount = of_it.map(|(_, amount)| *amount).sum();
        if back > payment.captured() {
            violations.add(
                At::ORDER.element("payments", index),
                ViolationKind::SumMismatch,
                format!(
                    "{} was refunded to it, but {} was captured",
                    back.text(order.currency),
                    payment.captured().text(order.currency)
                ),
            );
        }
    }
}

/// Reports what earlier remedies say twice of what was taken, and parcels that are none.
fn check_taken(order: &Order<'_>, violations: &mut Violations) {
    for (index, earlier) in order.earlier.iter().enumerate() {
        let of = At::ORDER.element("earlier_remedies", index);
        for (at, (code, _)) in earlier.taken.iter().enumerate() {
            let mut before = earlier.taken.iter().take(at);
            if before.any(|(other, _)| other == code) {
                violations.add(
                    of.element("taken", at).field("code"),
                    ViolationKind::Duplicate,
                    format!("duplicate code `{code}`; add the amounts up"),
                );
            }
        }
        if let Some(id) = earlier.shipment
            && !order.shipments.iter().any(|s| s.named && s.id == id)
        {
            violations.add(
                of.field("shipment_id"),
                ViolationKind::UnknownReference,
                format!("`{id}` is not a shipment of the order"),
            );
        }
    }
}

/// Reports what was given back of an amount beyond what was taken of it.
fn check_given_back(order: &Order<'_>, violations: &mut Violations) {
    let entries = || {
        let earlier = order.earlier.iter().enumerate();
        earlier.flat_map(|(index, remedy)| {
            let taken = remedy.taken.iter().enumerate();
            taken.map(move |(at, (code, amount))| ((index, at), *code, *amount))
        })
    };
    let is_given_back = |amount: Amount| amount < Amount::ZERO;
    if !entries().any(|(_, _, amount)| is_given_back(amount)) {
        return;
    }
    let mut left: BTreeMap<&str, Amount> = BTreeMap::new();
    let mut last_given_back: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (at, code, amount) in entries() {
        let left = left.entry(code).or_default();
        *left = left.plus(amount);
        if is_given_back(amount) {
            last_given_back.insert(code, at);
        }
    }
    for (code, (index, at)) in last_given_back {
        let left = left.get(code).copied().unwrap_or_default();
        if is_given_back(left) {
            let beyond = Amount::ZERO.less(left).text(order.currency);
            violations.add(
                At::ORDER
                    .element("earlier_remedies", index)
                    .element("taken", at)
                    .field("amount"),
                ViolationKind::SumMismatch,
                format!(
                    "gives back {beyond} more of `{code}` than was taken; state what earlier \
                         remedies took of it"
                ),
            );
        }
    }
}

/// Reports what was paid on top of units of which none was exchanged.
fn check_surcharges(order: &Order<'_>, violations: &mut Violations) {
    for (index, earlier) in order.earlier.iter().enumerate() {
        let is_exchange = earlier.remedy == Remedy::Exchange && earlier.line.is_some();
        if !earlier.surcharge.is_zero() && !is_exchange {
            violations.add(
                At::ORDER
                    .element("earlier_remedies", index)
                    .field("surcharge_amount"),
                ViolationKind::OutOfRange,
                "is paid for dearer pieces in an exchange; name the line and the remedy \
                     exchange, or leave it out",
            );
        }
    }
}

fn check_refunded(order: &Order<'_>, total: Option<Amount>, violations: &mut Violations) {
    if order.earlier.is_empty() {
        return;
    }
    check_shares(order, violations);
    check_taken(order, violations);
    check_given_back(order, violations);
    check_surcharges(order, violations);
    let refunded =
        |part: fn(&EarlierRemedy<'_>) -> Amount| -> Amount { order.earlier.iter().map(part).sum() };
    let all: Amount = order.earlier.iter().map(EarlierRemedy::total).sum();
    let captured = order.payments.iter().map(Payment::captured);
    let captured = (!order.payments.is_empty()).then(|| captured.sum());
    if let Some(paid) = captured.or(order.total_paid).or(total)
        && all > paid
    {
        violations.add(
            At::ORDER.field("earlier_remedies"),
            ViolationKind::SumMismatch,
            format!(
                "add up to {}, but {} was paid",
                all.text(order.currency),
                paid.text(order.currency)
            ),
        );
    }
    if let Some(paid) = order.delivery.paid
        && refunded(|e| e.delivery_amount) > paid
    {
        violations.add(
            At::ORDER.field("earlier_remedies"),
            ViolationKind::SumMismatch,
            "refund more delivery than was paid",
        );
    }
}
