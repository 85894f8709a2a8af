//! The answer for one row: outcome, grant, conditions, and what is added to the grant.

use std::collections::BTreeSet;

use redress::domain::facts::Remedy;
use redress::domain::money::Currency;
use redress::domain::path::UnitsLocation;
use redress::domain::verdict::{ConditionStatus, Outcome};
use redress::domain::vocabulary::{Event, Fact};
use redress::policy::checked::Clause;
use redress::policy::terms::{
    Cheaper, DeliveryShare, Effect, End, Formula, Grant, Part, Payee, Pending, Scope, SettledBy,
    Sum, Worth,
};

use super::sums::{Untold, needs_units};
use super::worth::Worths;
use super::{Oracle, State};

/// A condition: its code, where it stands, and whether money waits for it.
pub type Condition = (String, ConditionStatus, bool);

/// What a row comes to.
pub struct RowAnswer<'p> {
    pub place: UnitsLocation,
    pub quantity: i32,
    /// Units of the group that stand in rows before this one.
    pub offset: i32,
    pub outcome: Outcome,
    /// The grant, when approved.
    pub grant: Option<&'p Grant>,
    /// The clause that grants.
    pub clause: Option<&'p Clause>,
    /// When it can be asked for.
    pub window: Option<(String, String)>,
    pub conditions: BTreeSet<Condition>,
    /// What clauses add to the grant.
    pub parts: Vec<&'p Part>,
    /// Amounts that cannot be worked out, since something is not told.
    unknown: Vec<&'p Sum>,
    /// Whether amounts name something that is not told.
    pub turned: bool,
    /// The clauses that were looked at and stand, by place.
    pub clauses: BTreeSet<usize>,
}

impl<'p> RowAnswer<'p> {
    /// Outcome, grant, conditions, and what is added that makes a difference.
    pub fn in_short(&self) -> String {
        format!("{} {}", self.told(), self.shaped())
    }

    /// Outcome, grant and conditions. Its window, rank, delivery and options are not among
    /// them: what is approved is in time, and of delivery and options nothing may be payable.
    pub fn told(&self) -> String {
        let approved = self.outcome == Outcome::Approved;
        let granted = self.grant.filter(|_| approved).map(|grant| Grant {
            window: None,
            rank: None,
            delivery: DeliveryShare::None,
            options: false,
            ..grant.clone()
        });
        let conditions = approved.then_some(&self.conditions);
        format!("{} {granted:?} {conditions:?}", self.outcome)
    }

    /// What is added that makes a difference.
    fn shaped(&self) -> String {
        let approved = self.outcome == Outcome::Approved;
        let parts = self.parts.iter().filter(|part| approved && matters(part));
        let granted = self.grant.filter(|_| approved);
        let open = granted.map(|grant| (&grant.window, grant.delivery, grant.options));
        format!("{open:?} {:?}", parts.collect::<Vec<_>>())
    }

    /// What of the delivery comes with it.
    pub fn delivery(&self) -> DeliveryShare {
        let added = self.parts.iter().find_map(|part| match part {
            Part::Delivery(share) => Some(*share),
            _ => None,
        });
        let granted = self.grant.map_or(DeliveryShare::None, |g| g.delivery);
        added.unwrap_or(granted)
    }

    /// Whether options come with it.
    pub fn options(&self) -> bool {
        let added = self.parts.iter().find_map(|part| match part {
            Part::Options(yes) => Some(*yes),
            _ => None,
        });
        added.unwrap_or(self.grant.is_some_and(|g| g.options))
    }

    /// Whether its units pay what was paid for them, or what the grant says of it.
    pub fn pays(&self) -> bool {
        self.grant
            .is_some_and(|g| matches!(g.worth, Worth::Paid | Worth::Said(_)))
    }

    /// Whether an amount cannot be worked out.
    pub fn is_open(&self, sum: &Sum) -> bool {
        self.unknown.iter().any(|open| std::ptr::eq(*open, sum))
    }

    /// What the grant says that its units pay.
    pub fn said(&self) -> Option<&'p Sum> {
        match &self.grant?.worth {
            Worth::Said(sum) => Some(sum),
            _ => None,
        }
    }

    /// Whether its money turns on what its units are worth, so that they stand among the
    /// units of their line.
    pub fn values_units(&self) -> bool {
        let of_units = |sum: &Sum| needs_units(&sum.formula);
        let mut parts = self.parts.iter();
        self.pays()
            // Credit pays for the price of its units.
            || self.grant.is_some_and(|g| g.worth == Worth::Credit)
            || self.difference().is_some()
            || parts.any(|part| match part {
                Part::Charge(sum) | Part::Reimburse(sum) => of_units(sum),
                _ => false,
            })
    }

    /// The events that money waits for, and whether the first is enough.
    pub fn release(&self) -> Option<(&'p [Event], bool)> {
        self.parts.iter().find_map(|part| match part {
            Part::Release(events, any) => Some((events.as_slice(), *any)),
            _ => None,
        })
    }

    /// The end by which money is due.
    pub fn due(&self) -> Option<&'p End> {
        self.parts.iter().find_map(|part| match part {
            Part::Due(end) => Some(end),
            _ => None,
        })
    }

    /// Whom the money goes to.
    pub fn payee(&self) -> Payee {
        let added = self.parts.iter().find_map(|part| match part {
            Part::Payee(payee) => Some(payee.clone()),
            _ => None,
        });
        added.unwrap_or(Payee::Payer)
    }

    /// What the difference to wanted goods does: whether dearer is owed, and what
    /// becomes of cheaper.
    pub fn difference(&self) -> Option<(bool, Cheaper)> {
        self.parts.iter().find_map(|part| match part {
            Part::Difference {
                dearer_owed,
                cheaper,
            } => Some((*dearer_owed, *cheaper)),
            _ => None,
        })
    }
}

impl<'a> Oracle<'a> {
    /// Decides the row. What was asked for, is not there and can still come is needed
    /// where it makes a difference.
    pub fn decide(&mut self, wants: Option<Remedy>) -> RowAnswer<'a> {
        let mut answer = self.decide_as_it_is(wants);
        let can_come: Vec<Fact> = self.can_come.borrow().iter().copied().collect();
        let mut told = vec![(answer.told(), answer.shaped())];
        for number in 1..1_usize << can_come.len() {
            let comes = (0..can_come.len()).filter(|bit| number & 1 << bit != 0);
            self.comes = comes.map(|bit| can_come[bit]).collect();
            // Where it makes no difference, it stands for what is there.
            let clauses = answer.clauses;
            answer = self.decide_as_it_is(wants);
            answer.clauses.extend(clauses);
            told.push((answer.told(), answer.shaped()));
        }
        if told.iter().any(|(other, _)| *other != told[0].0) {
            answer.outcome = Outcome::NeedsInformation;
        } else if told.iter().any(|(_, other)| *other != told[0].1) {
            // Whether that changes the money is not looked at.
            self.untold
                .set(Some("what can still come and shapes the grant alone"));
        }
        self.comes.clear();
        answer
    }

    /// Decides the row with what is there: nothing more can come.
    pub fn decide_as_it_is(&self, wants: Option<Remedy>) -> RowAnswer<'a> {
        let mut row = RowAnswer {
            place: self.row,
            quantity: self.group().quantity,
            offset: 0,
            outcome: Outcome::Approved,
            grant: None,
            clause: None,
            window: None,
            conditions: BTreeSet::new(),
            parts: Vec::new(),
            unknown: Vec::new(),
            turned: false,
            clauses: BTreeSet::new(),
        };
        for (at, _) in self.clauses() {
            if self.state(at) != State::Off {
                row.clauses.insert(at);
            }
        }
        let (at, grant) = match self.chosen(wants) {
            Ok(chosen) => chosen,
            Err(outcome) => {
                row.outcome = outcome;
                return row;
            }
        };
        row.grant = Some(grant);
        row.clause = Some(&self.policy.clauses[at]);
        row.window = self.window(at, grant);
        for (other, clause) in self.clauses() {
            let state = self.state(other);
            match &clause.effect {
                Effect::Grants(_) if other == at => {
                    wait_for(&mut row, clause, &state, "finding_confirmed");
                }
                Effect::Refuses(r)
                    if r.remedies.is_empty() || r.remedies.contains(&grant.remedy) =>
                {
                    wait_for(&mut row, clause, &state, &format!("not_{}", r.reason));
                }
                Effect::Refers(r)
                    if r.remedies.is_empty() || r.remedies.contains(&grant.remedy) =>
                {
                    wait_for(&mut row, clause, &state, &format!("not_{}", r.reason));
                }
                Effect::Adds(addition) => {
                    let remedies = &addition.remedies;
                    let meant = (remedies.is_empty() || remedies.contains(&grant.remedy))
                        && (addition.to.is_empty() || addition.to.contains(&at));
                    if !meant {
                        continue;
                    }
                    match state {
                        State::On => row.parts.extend(&addition.parts),
                        _ if !addition.parts.iter().any(matters) => {}
                        state => wait_for(&mut row, clause, &state, "finding_open"),
                    }
                }
                _ => {}
            }
        }
        let failed = self.added_conditions(&mut row);
        let untold = self.unknown_amounts(&mut row);
        row.outcome = if failed.contains(&Outcome::Denied) {
            Outcome::Denied
        } else if failed.contains(&Outcome::NeedsReview) || self.foreign(&row) {
            Outcome::NeedsReview
        } else if untold.contains(&Untold::Asked) {
            Outcome::NeedsInformation
        } else if untold.contains(&Untold::Reviewed) {
            Outcome::NeedsReview
        } else {
            Outcome::Approved
        };
        row
    }

    /// Adds the conditions that additions set; returns what those make of it that failed.
    fn added_conditions(&self, row: &mut RowAnswer<'_>) -> Vec<Outcome> {
        let mut failed = Vec::new();
        for part in &row.parts {
            let Part::Condition(spec) = part else {
                continue;
            };
            let (status, holds) = match &spec.settled_by {
                SettledBy::Event(event) if self.happened(*event) => (ConditionStatus::Met, false),
                SettledBy::Event(_) => (ConditionStatus::Open, false),
                SettledBy::Finding(test) => match self.test(test) {
                    None => (ConditionStatus::Open, true),
                    Some(true) => (ConditionStatus::Met, false),
                    Some(false) => (ConditionStatus::Failed, false),
                },
            };
            if status == ConditionStatus::Failed {
                failed.push(spec.failed);
            }
            row.conditions.insert((spec.code.clone(), status, holds));
        }
        failed
    }

    /// Whether a fixed amount is in another currency than the order.
    fn foreign(&self, row: &RowAnswer<'_>) -> bool {
        let ours = self.facts.order().currency;
        let part = |part: &&Part| match part {
            Part::Deduct(sum) => {
                (row.pays() || sum.scope == Scope::Order) && is_foreign(&sum.formula, ours)
            }
            Part::Charge(sum) | Part::Reimburse(sum) => is_foreign(&sum.formula, ours),
            _ => false,
        };
        row.said().is_some_and(|sum| is_foreign(&sum.formula, ours)) || row.parts.iter().any(part)
    }

    /// Notes amounts that are part of the money and that cannot be worked out; returns what
    /// follows. What nobody can know yet holds it, but for what the customer is paid back.
    fn unknown_amounts(&self, row: &mut RowAnswer<'_>) -> BTreeSet<Untold> {
        let line = Worths::of(self.facts, row.place.line);
        let payable = Some(line.payable(0, row.quantity));
        let mut all = BTreeSet::new();
        if let Some(sum) = row.said() {
            row.turned |= !self.any_guess(&sum.formula).is_empty();
            let untold = self.untold_of(row, sum, payable, true);
            if !untold.is_empty() {
                row.unknown.push(sum);
            }
            hold(row, &untold);
            all.extend(untold);
        }
        for part in row.parts.clone() {
            let (sum, cap) = match part {
                // Nothing can be taken off nothing; other units of the order may pay.
                Part::Deduct(sum) if !row.pays() && sum.scope != Scope::Order => continue,
                Part::Deduct(sum) if matches!(sum.scope, Scope::Row | Scope::Unit) => {
                    (sum, payable)
                }
                Part::Deduct(sum) | Part::Charge(sum) | Part::Reimburse(sum) => (sum, None),
                _ => continue,
            };
            row.turned |= !self.any_guess(&sum.formula).is_empty();
            let untold = self.untold_of(row, sum, cap, matches!(part, Part::Deduct(_)));
            if !untold.is_empty() {
                row.unknown.push(sum);
            }
            if !matches!(part, Part::Reimburse(_)) {
                hold(row, &untold);
            }
            all.extend(untold);
        }
        all
    }
}

/// Lets money wait for what cannot be known yet.
fn hold(row: &mut RowAnswer<'_>, untold: &BTreeSet<Untold>) {
    if untold.contains(&Untold::Held) {
        let open = ("amount_found".to_owned(), ConditionStatus::Open, true);
        row.conditions.insert(open);
    }
}

/// Whether a formula names a fixed amount in another currency.
fn is_foreign(formula: &Formula, ours: Currency) -> bool {
    match formula {
        Formula::Fixed(_, theirs) => *theirs != ours,
        Formula::Stated(_) | Formula::Percent(..) | Formula::Part { .. } => false,
        Formula::Times(of, _) => is_foreign(of, ours),
        Formula::Greatest(list) | Formula::Least(list) | Formula::All(list) => {
            list.iter().any(|of| is_foreign(of, ours))
        }
    }
}

/// Whether a part says anything about the answer: not who pays the return shipment, bears its
/// risk or has to do something, and no warning.
fn matters(part: &Part) -> bool {
    !matches!(
        part,
        Part::Notice(_)
            | Part::Obligation(_)
            | Part::ReturnPayer(_)
            | Part::ReturnRisk(_)
            | Part::ReturnAddress(_)
    )
}

/// Adds the condition that a clause makes while findings keep it open.
fn wait_for(row: &mut RowAnswer<'_>, clause: &Clause, state: &State, code: &str) {
    if let State::Conditional(_) = state {
        let holds = clause.pending != Pending::Presumed;
        let open = (code.to_owned(), ConditionStatus::Open, holds);
        row.conditions.insert(open);
    }
}
