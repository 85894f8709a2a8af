//! Shares a refund among the payments of an order.

use crate::domain::facts::{EarlierRemedy, Facts, Payment, PayoutWish, Remedy};
use crate::domain::few::Few;
use crate::domain::money::{Amount, share};
use crate::domain::verdict::Payout;
use crate::policy::terms::{BackTo, Payee};

/// Shares a refund among the payments in proportion to what was captured of them, unless the
/// terms say to which it goes first: what all refunds so far come to by the largest
/// remainder, less what each got back before. Ties go to the lower payment id. What is
/// `reimbursed` beside the refund goes to no payment.
pub(crate) fn payouts<'a>(
    facts: &'a Facts<'a>,
    refund: Amount,
    reimbursed: Amount,
    payee: &'a Payee,
    back_to: Option<&'a BackTo>,
) -> Few<Payout<'a>> {
    let order = facts.order();
    let mut out = Few::new();
    if let Payee::ThirdParty(code) = payee {
        out.extend(beside(refund).map(|all| Payout {
            method: back_to.and_then(|to| to.means),
            payee_code: Some(code),
            ..all
        }));
        // What the customer spent comes back to the customer.
        out.extend(beside(reimbursed));
        return out;
    }
    let wish = facts.request().payout;
    let wish = wish.filter(|_| back_to.is_some_and(|to| to.chosen));
    let means = match wish {
        Some(PayoutWish::Means(means)) => Some(means),
        Some(PayoutWish::Payment(_)) => None,
        None => back_to.and_then(|to| to.means),
    };
    if let Some(means) = means {
        out.extend(beside(refund).map(|all| Payout {
            method: Some(means),
            ..all
        }));
        out.extend(beside(reimbursed));
        return out;
    }
    // A payment of nothing gets nothing back.
    if order
        .payments
        .iter()
        .all(|payment| payment.captured().is_zero())
    {
        out.extend(beside(refund.plus(reimbursed)));
        return out;
    }
    if let [only] = order.payments.as_slice() {
        // What is shared with nobody needs no sharing.
        if !refund.is_zero() {
            out.push(paid_to(only, refund, payee));
        }
        out.extend(beside(reimbursed));
        return out;
    }
    let mut payments: Vec<_> = order.payments.iter().collect();
    payments.sort_by(|a, b| a.id.cmp(&b.id));
    let captured: Vec<Amount> = payments.iter().map(|p| p.captured()).collect();
    let paid_back = order.earlier.iter();
    let paid_back = paid_back.filter(|e| e.remedy != Remedy::StoreCredit);
    let (told, untold): (Vec<_>, Vec<_>) = paid_back.partition(|e| !e.payments.is_empty());
    let untold: Amount = untold.into_iter().map(EarlierRemedy::total).sum();
    let told_of = |payment: &Payment<'_>| -> Amount {
        let shares = told.iter().flat_map(|earlier| &earlier.payments);
        let own = shares.filter(|(id, _)| *id == payment.id);
        own.map(|(_, amount)| *amount).sum()
    };
    let first = |payment: &Payment<'_>| -> Option<usize> {
        if wish == Some(PayoutWish::Payment(payment.id)) {
            return Some(0);
        }
        let means = back_to.map_or(&[][..], |to| &to.first);
        let index = means
            .iter()
            .position(|means| Some(*means) == payment.method);
        index.map(|index| index.saturating_add(1))
    };
    let ranks: Vec<Option<usize>> = payments.iter().map(|p| first(p)).collect();
    let amounts = if ranks.iter().any(Option::is_some) {
        let back: Vec<Amount> = payments.iter().map(|p| told_of(p)).collect();
        in_order(refund, untold, &captured, &back, &ranks)
    } else if told.is_empty() {
        in_proportion(refund, untold, &captured)
    } else {
        let back: Vec<Amount> = payments.iter().map(|p| told_of(p)).collect();
        beside_told(refund, untold, &captured, &back)
    };
    for (payment, amount) in payments.iter().zip(amounts) {
        if !amount.is_zero() {
            out.push(paid_to(payment, amount, payee));
        }
    }
    out.extend(beside(reimbursed));
    out
}

/// Returns what goes back to a payment.
fn paid_to<'a>(payment: &Payment<'a>, amount: Amount, payee: &Payee) -> Payout<'a> {
    Payout {
        payment_id: Some(payment.id),
        method: payment.method,
        payee_id: match payee {
            Payee::Payer => payment.payer,
            Payee::Buyer | Payee::ThirdParty(_) => None,
        },
        payee_code: None,
        amount,
    }
}

/// Returns what goes to no payment, if it is anything.
fn beside<'a>(amount: Amount) -> Option<Payout<'a>> {
    (!amount.is_zero()).then_some(Payout {
        payment_id: None,
        method: None,
        payee_id: None,
        payee_code: None,
        amount,
    })
}

/// Shares a refund by rank: each payment with one gets what is left of it, the lower ranks
/// first, and the others share the rest in proportion to what is left of them. What nobody
/// said of earlier refunds, `untold`, went the same way. `captured` and `told` are what was taken
/// of each payment, and what earlier refunds are known to have given back to it.
fn in_order(
    refund: Amount,
    untold: Amount,
    captured: &[Amount],
    told: &[Amount],
    ranks: &[Option<usize>],
) -> Vec<Amount> {
    let mut left: Vec<Amount> = captured.iter().zip(told).map(|(a, b)| a.less(*b)).collect();
    let mut take = |mut amount: Amount| -> Vec<Amount> {
        let mut order: Vec<(usize, usize)> = Vec::new();
        for (index, rank) in ranks.iter().enumerate() {
            order.extend(rank.map(|rank| (rank, index)));
        }
        order.sort_unstable();
        let mut taken = vec![Amount::ZERO; left.len()];
        for (_, index) in order {
            if let (Some(left), Some(taken)) = (left.get_mut(index), taken.get_mut(index)) {
                *taken = amount.at_most(*left);
                *left = left.less(*taken);
                amount = amount.less(*taken);
            }
        }
        let others = left.iter().zip(ranks);
        let others: Vec<Amount> = others
            .map(|(left, rank)| match rank {
                Some(_) => Amount::ZERO,
                None => *left,
            })
            .collect();
        let shares = share(amount, &others);
        for ((taken, left), share) in taken.iter_mut().zip(&mut left).zip(shares) {
            *taken = taken.plus(share);
            *left = left.less(share);
        }
        taken
    };
    take(untold);
    take(refund)
}

/// Shares a refund where nobody said to which payments earlier ones went.
fn in_proportion(refund: Amount, before: Amount, captured: &[Amount]) -> Vec<Amount> {
    let done = share(before, captured);
    let all = share(before.plus(refund), captured);
    let mut amounts: Vec<Amount> = all.iter().zip(&done).map(|(a, d)| a.less(*d)).collect();
    // The largest remainder can take a cent back from a payment as the sum grows;
    // a payment never gets less than nothing, so the cent is taken off another.
    let mut over = amounts.iter().copied().sum::<Amount>().less(refund);
    for amount in amounts.iter_mut().rev() {
        let cut = over.at_most(*amount).at_most(Amount::from_minor(1));
        *amount = amount.less(cut);
        over = over.less(cut);
    }
    amounts
}

/// Shares a refund where it is told what of earlier ones went to each payment. What nobody
/// told went to what was left of them. A payment that got more than its part before gets
/// nothing, and none more than is left of it.
fn beside_told(
    refund: Amount,
    untold: Amount,
    captured: &[Amount],
    told: &[Amount],
) -> Vec<Amount> {
    let left = |captured: &[Amount], back: &[Amount]| -> Vec<Amount> {
        let each = captured.iter().zip(back);
        each.map(|(captured, back)| captured.less(*back)).collect()
    };
    let open = left(captured, told);
    let went = share(untold, &open);
    let back: Vec<Amount> = told.iter().zip(&went).map(|(a, b)| a.plus(*b)).collect();
    let before: Amount = back.iter().copied().sum();
    let all = share(before.plus(refund), captured);
    // What each is still owed of its part, which is as much or more than the refund.
    let owed = left(&all, &back);
    share(refund, &owed)
}
