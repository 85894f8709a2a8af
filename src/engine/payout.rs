//! Shares a refund among the payments of an order.

use crate::domain::facts::{Facts, Payment};
use crate::domain::few::Few;
use crate::domain::money::{Amount, share};
use crate::domain::verdict::Payout;
use crate::policy::terms::Payee;

/// Shares a refund among the payments in proportion to their amounts: what all
/// refunds so far come to by the largest remainder, less the same for those
/// before. Ties go to the lower payment id.
pub(super) fn payouts<'a>(
    facts: &'a Facts<'a>,
    refund: Amount,
    reimbursed: Amount,
    payee: Payee,
) -> Few<Payout<'a>> {
    let order = facts.order();
    let mut out = Few::new();
    // A payment of nothing gets nothing back.
    if order
        .payments
        .iter()
        .all(|payment| payment.amount.is_zero())
    {
        out.extend(reimbursement(refund.plus(reimbursed)));
        return out;
    }
    if let [only] = order.payments.as_slice() {
        // What is shared with nobody needs no sharing.
        if !refund.is_zero() {
            out.push(paid_to(only, refund, payee));
        }
        out.extend(reimbursement(reimbursed));
        return out;
    }
    let mut payments: Vec<_> = order.payments.iter().collect();
    payments.sort_by(|a, b| a.id.cmp(&b.id));
    let weights: Vec<Amount> = payments.iter().map(|p| p.amount).collect();
    let before: Amount = order
        .earlier
        .iter()
        .filter(|e| e.remedy != crate::domain::facts::Remedy::StoreCredit)
        .map(|e| e.amount.plus(e.delivery_amount).plus(e.options_amount))
        .sum();
    let done = share(before, &weights);
    let all = share(before.plus(refund), &weights);
    let mut amounts: Vec<Amount> = all.iter().zip(&done).map(|(a, d)| a.less(*d)).collect();
    // The largest remainder can take a cent back from a payment as the sum grows;
    // a payment never gets less than nothing, so the cent is taken off another.
    let mut over = amounts.iter().copied().sum::<Amount>().less(refund);
    for amount in amounts.iter_mut().rev() {
        let cut = over.at_most(*amount).at_most(Amount::from_minor(1));
        *amount = amount.less(cut);
        over = over.less(cut);
    }
    for (payment, amount) in payments.iter().zip(amounts) {
        if !amount.is_zero() {
            out.push(paid_to(payment, amount, payee));
        }
    }
    out.extend(reimbursement(reimbursed));
    out
}

/// Returns what goes back to a payment.
fn paid_to<'a>(payment: &Payment<'a>, amount: Amount, payee: Payee) -> Payout<'a> {
    Payout {
        payment_id: Some(payment.id),
        method: payment.method,
        payee_id: match payee {
            Payee::Payer => payment.payer,
            Payee::Buyer => None,
        },
        amount,
    }
}

/// Returns what goes to no payment, if it is anything.
fn reimbursement<'a>(amount: Amount) -> Option<Payout<'a>> {
    (!amount.is_zero()).then_some(Payout {
        payment_id: None,
        method: None,
        payee_id: None,
        amount,
    })
}
