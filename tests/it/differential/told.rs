//! What is compared: a verdict, and what the second settlement says of the same request.

use std::collections::{BTreeMap, BTreeSet};

use redress::domain::money::Amount;
use redress::domain::verdict::{
    Bound, ConditionStatus, Entitlement, Outcome, Party, ReturnPayer, Settlement, SettlementKind,
    Verdict,
};
use redress::policy::terms::{Part, Payee, SettledBy};

use crate::due;
use crate::oracle::{Money, Oracle, RowAnswer};

/// The rows of a request, each with what reads its facts.
pub type Rows<'r> = [(Oracle<'r>, RowAnswer<'r>)];

/// What is compared of a request: each row, and the money of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub rows: Vec<String>,
    /// Of approved rows, who grants what, and the terms of the return shipment.
    duties: Vec<Duties>,
    /// Warnings of clauses, each with its lines; `None`: not all rows are approved, or
    /// something can still come.
    notices: Option<BTreeSet<(String, Vec<String>)>>,
    pub money: Option<ToldMoney>,
}

/// What is compared of an approved row beside conditions and money: the granting clause
/// and its window, who pays the return shipment, its risk and its address, and what both
/// sides must do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Duties {
    clause: String,
    /// The ends of the window, in words.
    window: Option<(String, String)>,
    payer: Option<ReturnPayer>,
    risk: Option<Party>,
    address: Option<String>,
    obligations: BTreeSet<(String, Party, String)>,
}

/// Writes an end of a window as the slow interpreter does.
fn end(bound: &Bound, unbounded: &str) -> String {
    match bound {
        Bound::At(at) => at.to_string(),
        Bound::Unbounded => unbounded.to_owned(),
        Bound::On(_) | Bound::After(..) => "waits".to_owned(),
        Bound::Between(earliest, latest) => format!("{earliest} to {latest}"),
    }
}

impl Duties {
    fn by_engine(given: &Entitlement<'_>) -> Self {
        let obligations = given.obligations.iter().map(|o| {
            let due = o.due.as_ref().map_or(String::new(), due::told);
            (o.code.to_owned(), o.party, due)
        });
        Self {
            clause: given.clause.id.to_string(),
            window: given.window.as_ref().map(|window| {
                let opens = end(&window.opens, "always");
                (opens, end(&window.closes, "waits"))
            }),
            payer: given.return_payer,
            risk: given.return_risk,
            address: given.return_address.map(str::to_owned),
            obligations: obligations.collect(),
        }
    }

    fn by_second(oracle: &Oracle<'_>, row: &RowAnswer<'_>) -> Self {
        let mut duties = Self {
            clause: row.clause.map_or(String::new(), |c| c.id.to_string()),
            window: row.window.clone(),
            ..Self::default()
        };
        for part in &row.parts {
            match part {
                Part::ReturnPayer(payer) => duties.payer = Some(*payer),
                Part::ReturnRisk(party) => duties.risk = Some(*party),
                Part::ReturnAddress(address) => duties.address = Some(address.clone()),
                Part::Obligation(spec) => {
                    let due = spec
                        .due
                        .as_ref()
                        .map_or(String::new(), |end| oracle.due(end));
                    duties
                        .obligations
                        .insert((spec.code.clone(), spec.party, due));
                }
                _ => {}
            }
        }
        duties
    }
}

/// What is compared of money: sums by kind, and what is pending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToldMoney {
    rows: Vec<i64>,
    /// Refund, credit, credit used, owed, and what may be owed.
    totals: [i64; 5],
    whole: bool,
    pub items: BTreeMap<SettlementKind, i64>,
    pub pending: BTreeSet<SettlementKind>,
    /// Payment with its means, payee and amount; no payee is named where rows differ.
    payouts: Vec<(String, String, i64)>,
    payees_differ: bool,
    /// Whether money may move, and the events and conditions it waits for; `None`: rows
    /// differ.
    waits: Option<(bool, Vec<String>)>,
    conditions: BTreeSet<String>,
    /// `None`: rows differ.
    due: Option<String>,
}

fn row_text<'c>(
    outcome: Outcome,
    remedy: Option<String>,
    conditions: impl Iterator<Item = (&'c str, ConditionStatus, bool)>,
) -> String {
    // Money can wait for what is open alone.
    let holds = |status, holds| holds && status == ConditionStatus::Open;
    let conditions: BTreeSet<String> = conditions
        .map(|(code, status, held)| {
            let held = if holds(status, held) { "!" } else { "" };
            format!("{code}:{status}{held}")
        })
        .collect();
    let conditions: Vec<String> = conditions.into_iter().collect();
    let remedy = remedy.unwrap_or_default();
    format!("{outcome} {remedy} {}", conditions.join(" "))
}

impl Told {
    /// What the engine says.
    pub fn by_engine(verdict: &Verdict<'_>) -> Self {
        let rows = verdict.each().map(|(_, decision)| {
            let given = decision.entitlement.as_ref();
            let given = given.filter(|_| decision.outcome == Outcome::Approved);
            let conditions = given.iter().flat_map(|e| &e.conditions);
            let conditions = conditions.map(|c| (c.code, c.status, c.holds_money));
            let remedy = given.map(|e| e.remedy.to_string());
            row_text(decision.outcome, remedy, conditions)
        });
        let approved = verdict
            .each()
            .filter(|(_, d)| d.outcome == Outcome::Approved);
        let given = approved.filter_map(|(_, d)| d.entitlement.as_ref());
        Self {
            rows: rows.collect(),
            duties: given.map(Duties::by_engine).collect(),
            notices: Some(notices_of_engine(verdict)),
            money: verdict
                .settlement
                .as_ref()
                .map(|settlement| money_of_engine(verdict, settlement)),
        }
    }

    /// What the second settlement says.
    pub fn by_second(rows: &Rows<'_>, money: Option<Money>) -> Self {
        let told = rows.iter().map(|(_, row)| {
            let approved = row.outcome == Outcome::Approved;
            let grant = row.grant.filter(|_| approved);
            let conditions = row.conditions.iter().filter(|_| approved);
            let conditions = conditions.map(|(code, status, held)| (code.as_str(), *status, *held));
            row_text(row.outcome, grant.map(|g| g.remedy.to_string()), conditions)
        });
        let approved = rows
            .iter()
            .filter(|(_, row)| row.outcome == Outcome::Approved);
        Self {
            rows: told.collect(),
            duties: approved
                .map(|(oracle, row)| Duties::by_second(oracle, row))
                .collect(),
            notices: notices_of_second(rows),
            money: money.map(|money| money_of_second(rows, money)),
        }
    }

    /// Whether the engine says the same. What rows make differ is not compared. Where the
    /// share of a payment falls while the refund grows, as largest remainders can, only
    /// the sum of what is paid out is.
    pub fn is_said_by(&self, engine: &Self) -> bool {
        let (mut want, mut got) = (self.clone(), engine.clone());
        if want.notices.is_none() {
            got.notices = None;
        }
        if let (Some(want), Some(got)) = (&mut want.money, &mut got.money) {
            if want.waits.is_none() {
                got.waits = None;
            }
            if want.due.is_none() {
                got.due = None;
            }
            if want.payees_differ {
                got.payees_differ = true;
                got.payouts
                    .iter_mut()
                    .for_each(|(_, payee, _)| payee.clear());
            }
            let falls = |told: &ToldMoney| told.payouts.iter().any(|(.., amount)| *amount < 0);
            if falls(want) && !falls(got) {
                for told in [want, got] {
                    let sum = told.payouts.iter().map(|(.., amount)| amount).sum();
                    told.payouts = vec![(String::new(), String::new(), sum)];
                }
            }
        }
        want == got
    }
}

/// The warnings of clauses, each code with the lines that it is about.
fn notices_of_engine(verdict: &Verdict<'_>) -> BTreeSet<(String, Vec<String>)> {
    let mut lines: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for notice in verdict
        .notices
        .iter()
        .filter(|notice| notice.clause.is_some())
    {
        let of = lines.entry(notice.code.to_owned()).or_default();
        of.extend(notice.lines.iter().map(ToString::to_string));
    }
    let notices = lines.into_iter();
    notices
        .map(|(code, lines)| (code, lines.into_iter().collect()))
        .collect()
}

fn notices_of_second(rows: &Rows<'_>) -> Option<BTreeSet<(String, Vec<String>)>> {
    let mut lines: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (oracle, row) in rows {
        // A warning that turns on what can still come may stand or not.
        if row.outcome != Outcome::Approved || !oracle.can_come.borrow().is_empty() {
            return None;
        }
        for part in &row.parts {
            if let Part::Notice(code) = part {
                let of = lines.entry(code.clone()).or_default();
                of.insert(oracle.line().id.to_string());
            }
        }
    }
    let notices = lines.into_iter();
    Some(
        notices
            .map(|(code, lines)| (code, lines.into_iter().collect()))
            .collect(),
    )
}

fn money_of_engine(verdict: &Verdict<'_>, settlement: &Settlement<'_>) -> ToldMoney {
    let rows = verdict
        .each()
        .map(|(row, decision)| match decision.outcome {
            Outcome::Approved => row.amount.map_or(0, Amount::minor),
            _ => 0,
        });
    let release = &settlement.release;
    let mut events: Vec<String> = release.events.iter().map(ToString::to_string).collect();
    events.sort();
    let mut told = ToldMoney {
        rows: rows.collect(),
        totals: [
            settlement.refund_total,
            settlement.credit_total,
            settlement.credit_used_total,
            settlement.owed_total,
            settlement.owed_pending_total,
        ]
        .map(Amount::minor),
        whole: settlement.whole_order,
        waits: Some((release.any && events.len() > 1, events)),
        conditions: release.conditions.iter().map(ToString::to_string).collect(),
        due: Some(settlement.due.as_ref().map_or(String::new(), due::told)),
        ..ToldMoney::default()
    };
    for item in &settlement.items {
        match item.amount {
            Some(amount) => *told.items.entry(item.kind).or_insert(0) += amount.minor(),
            None => {
                told.pending.insert(item.kind);
            }
        }
    }
    for payout in &settlement.payouts {
        let payment = payout.payment_id.map_or("", |id| id.as_str());
        let payment = format!("{payment} {:?}", payout.method);
        let payee = payout.payee_id.map_or("", |id| id.as_str());
        let amount = payout.amount.minor();
        told.payouts.push((payment, payee.to_owned(), amount));
    }
    told.finish()
}

/// Whether money waits for an event that settles a condition: where nothing says what it
/// waits for.
fn waits_for_event(row: &RowAnswer<'_>, code: &str) -> bool {
    let by_event = |part: &Part| match part {
        Part::Condition(spec) => {
            spec.code == code && matches!(spec.settled_by, SettledBy::Event(_))
        }
        _ => false,
    };
    let is_release = |part: &Part| matches!(part, Part::Release(..));
    row.parts.iter().any(|part| by_event(part)) && !row.parts.iter().any(|part| is_release(part))
}

fn money_of_second(rows: &Rows<'_>, money: Money) -> ToldMoney {
    let approved = || {
        rows.iter()
            .filter(|(_, row)| row.outcome == Outcome::Approved)
    };
    let payees: BTreeSet<bool> = approved()
        .map(|(_, row)| row.payee() == Payee::Buyer)
        .collect();
    let payments = approved().flat_map(|(oracle, _)| &oracle.facts.order().payments);
    let payer = |id: &str| {
        let payment = payments.clone().find(|p| p.id.as_str() == id);
        let payer = payment.and_then(|p| p.payer);
        payer.filter(|_| !payees.contains(&true))
    };
    let payouts = money.payouts.iter().map(|(id, amount)| {
        let payee = payer(id).map_or("", |payee| payee.as_str());
        let payment = payments.clone().find(|p| p.id.as_str() == id);
        let means = payment.and_then(|p| p.method);
        (format!("{id} {means:?}"), payee.to_owned(), *amount)
    });
    let dues: BTreeSet<String> = approved()
        .map(|(oracle, row)| row.due().map_or(String::new(), |end| oracle.due(end)))
        .collect();
    let holding = approved().flat_map(|(_, row)| {
        let conditions = row.conditions.iter();
        conditions.filter(|(code, status, held)| {
            *status == ConditionStatus::Open && (*held || waits_for_event(row, code))
        })
    });
    let mut told = ToldMoney {
        rows: money.rows,
        totals: [
            money.refund,
            money.credit,
            money.used,
            money.owed,
            money.owed_perhaps,
        ],
        whole: money.whole,
        payouts: payouts.collect(),
        waits: waits(
            approved()
                .map(|(oracle, row)| events(oracle, row))
                .collect(),
        ),
        payees_differ: payees.len() > 1,
        conditions: holding.map(|(code, ..)| code.clone()).collect(),
        due: only(dues),
        ..ToldMoney::default()
    };
    for ((kind, _), amount) in money.items {
        match amount {
            Some(amount) => *told.items.entry(kind).or_insert(0) += amount,
            None => {
                told.pending.insert(kind);
            }
        }
    }
    told.finish()
}

impl ToldMoney {
    /// What items add up to more than the sums say.
    pub fn unexplained(&self) -> i64 {
        let items = self.items.iter().map(|(kind, amount)| match kind {
            SettlementKind::Goods
            | SettlementKind::Delivery
            | SettlementKind::Options
            | SettlementKind::GivenBack
            | SettlementKind::Reimbursement => *amount,
            SettlementKind::Deduction | SettlementKind::Charge | SettlementKind::Cap => -amount,
            SettlementKind::CreditUsed => 0,
        });
        let [refund, credit, _, owed, perhaps] = self.totals;
        items.sum::<i64>() - (refund + credit - owed - perhaps)
    }

    /// Money and credit together.
    pub fn comes_back(&self) -> i64 {
        self.totals[0] + self.totals[1]
    }

    /// Leaves out sums of nothing, and sorts.
    fn finish(mut self) -> Self {
        self.items.retain(|_, sum| *sum != 0);
        self.payouts.sort();
        self
    }
}

/// The only value that there is.
fn only<T: Ord>(values: BTreeSet<T>) -> Option<T> {
    let mut values = values.into_iter();
    values.next().filter(|_| values.next().is_none())
}

/// The events that the money of a row still waits for, and whether the first is enough.
fn events(oracle: &Oracle<'_>, row: &RowAnswer<'_>) -> (bool, Vec<String>) {
    let Some((events, any)) = row.release() else {
        return (false, Vec::new());
    };
    let mut open: Vec<_> = events.iter().filter(|e| !oracle.happened(**e)).collect();
    if any && open.len() < events.len() {
        open.clear();
    }
    let mut open: Vec<String> = open.into_iter().map(ToString::to_string).collect();
    open.sort();
    (any && open.len() > 1, open)
}

fn waits(rows: BTreeSet<(bool, Vec<String>)>) -> Option<(bool, Vec<String>)> {
    only(rows)
}
