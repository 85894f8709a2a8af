//! Checks the amounts of an order against each other.

use super::Report;
use crate::domain::facts::index::LineIndex;
use crate::domain::facts::{EarlierRemedy, Order};
use crate::domain::limits::MAX_AMOUNT;
use crate::domain::money::Amount;
use crate::domain::violation::ViolationKind;

/// Reports amounts that do not add up, or exceed what can be computed with.
pub(super) fn check(order: &Order<'_>, lines: &[LineIndex], report: &mut Report) {
    // Whole minor units never exceed MAX_AMOUNT with its digits, which keeps
    // every later product inside 128 bits.
    let limit = MAX_AMOUNT.saturating_mul(order.currency.minor_units());
    let limit = Amount::from_minor(limit);
    let mut goods = Some(Amount::ZERO);
    for (place, (line, index)) in order.lines.iter().zip(lines).enumerate() {
        let gross = line.unit_price.map(|p| p.times(line.quantity));
        if gross.is_some_and(|g| g > limit) {
            report.add(ViolationKind::InvalidAmount, move || {
                (
                    format!("order.lines[{place}].unit_price"),
                    format!("makes the line more than {MAX_AMOUNT}"),
                )
            });
        }
        if let (Some(gross), Some(discount)) = (gross, line.discount)
            && discount > gross
        {
            report.add(ViolationKind::SumMismatch, move || {
                (
                    format!("order.lines[{place}].discount"),
                    format!(
                        "is {}, more than the line's {}",
                        discount.text(order.currency),
                        gross.text(order.currency)
                    ),
                )
            });
        }
        goods = goods.zip(index.net).map(|(sum, net)| sum.plus(net));
    }
    if let (Some(goods), Some(discount)) = (goods, order.discount)
        && discount > goods
    {
        report.add(ViolationKind::SumMismatch, move || {
            (
                "order.discount",
                format!(
                    "is {}, more than the lines' {}",
                    discount.text(order.currency),
                    goods.text(order.currency)
                ),
            )
        });
    }
    let total = order_total(order, goods);
    if total.is_some_and(|t| t > limit) {
        report.add(ViolationKind::InvalidAmount, move || {
            ("order.lines", format!("add up to more than {MAX_AMOUNT}"))
        });
    }
    if let (Some(total), Some(paid)) = (total, order.total_paid)
        && total != paid
    {
        report.add(ViolationKind::SumMismatch, move || {
            (
                "order.total_paid",
                format!(
                    "is {}, but lines less discounts plus delivery plus options are {}",
                    paid.text(order.currency),
                    total.text(order.currency)
                ),
            )
        });
    }
    check_payments(order, total, report);
    check_refunded(order, total, report);
}

/// Returns lines less discounts plus delivery plus options; `None`: a part is unknown.
fn order_total(order: &Order<'_>, goods: Option<Amount>) -> Option<Amount> {
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

fn check_payments(order: &Order<'_>, total: Option<Amount>, report: &mut Report) {
    if order.payments.is_empty() {
        return;
    }
    let paid_by_parts: Amount = order.payments.iter().map(|p| p.amount).sum();
    if let Some(paid) = order.total_paid.or(total)
        && paid_by_parts != paid
    {
        report.add(ViolationKind::SumMismatch, move || {
            (
                "order.payments",
                format!(
                    "add up to {}, but {} was paid",
                    paid_by_parts.text(order.currency),
                    paid.text(order.currency)
                ),
            )
        });
    }
}

fn check_refunded(order: &Order<'_>, total: Option<Amount>, report: &mut Report) {
    if order.earlier.is_empty() {
        return;
    }
    let refunded =
        |part: fn(&EarlierRemedy<'_>) -> Amount| -> Amount { order.earlier.iter().map(part).sum() };
    let all: Amount = order
        .earlier
        .iter()
        .map(|e| e.amount.plus(e.delivery_amount).plus(e.options_amount))
        .sum();
    if let Some(paid) = order.total_paid.or(total)
        && all > paid
    {
        report.add(ViolationKind::SumMismatch, move || {
            (
                "order.earlier_remedies",
                format!(
                    "add up to {}, but {} was paid",
                    all.text(order.currency),
                    paid.text(order.currency)
                ),
            )
        });
    }
    if let Some(paid) = order.delivery.paid
        && refunded(|e| e.delivery_amount) > paid
    {
        report.add(ViolationKind::SumMismatch, move || {
            (
                "order.earlier_remedies",
                "refund more delivery than was paid",
            )
        });
    }
}
