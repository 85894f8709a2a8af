//! Counts what random orders reach, and names what none does.

use std::collections::BTreeMap;
use std::fmt::Display;

use redress::domain::facts::Remedy;
use redress::domain::verdict::{Outcome, SettlementKind};
use redress::policy::checked::CheckedPolicy;
use redress::policy::terms::{
    Base, Cheaper, Count, DeliveryShare, Effect, Every, Formula, Part, Payee, Pending, SettledBy,
    Sum, Worth,
};

use super::policies::stated_amounts;
use super::told::{Rows, Told};

/// How often each thing was met, by its name.
#[derive(Debug, Default)]
pub struct Reach {
    counts: BTreeMap<String, usize>,
}

impl Reach {
    /// Starts with everything that is to be met.
    pub fn of_everything() -> Self {
        let mut reach = Self::default();
        let mut none = |group: &str, names: &[&str]| {
            for name in names {
                reach.counts.insert(format!("{group} {name}"), 0);
            }
        };
        let outcomes: Vec<&str> = Outcome::ALL.iter().map(|o| o.word()).collect();
        none("outcome", &outcomes);
        let remedies: Vec<&str> = Remedy::ALL.iter().map(|r| r.word()).collect();
        none("remedy", &remedies);
        // Nothing that is drawn looks at what the customer keeps.
        let kinds = SettlementKind::ALL.iter();
        let kinds = kinds.filter(|kind| **kind != SettlementKind::GivenBack);
        let kinds: Vec<&str> = kinds.map(|k| k.word()).collect();
        none("item", &kinds);
        none(
            "effect",
            &["grants", "refuses", "refers", "adds", "extends"],
        );
        none("pending", &["condition", "presumed", "review"]);
        none("worth", &["paid", "nothing", "credit", "said"]);
        none("share", &["none", "paid", "standard", "paid_always"]);
        none("condition", &["open", "met", "failed"]);
        none(
            "part",
            &[
                "condition on an event",
                "condition on a finding",
                "obligation",
                "return payer",
                "return risk",
                "return address",
                "payee payer",
                "payee buyer",
                "due",
                "release of all",
                "release of the first",
                "delivery",
                "options",
                "difference dearer owed",
                "difference cheaper kept",
                "difference cheaper credit",
                "difference cheaper refund",
                "notice",
            ],
        );
        let amounts: Vec<&str> = stated_amounts().iter().map(|fact| fact.word()).collect();
        none("stated", &amounts);
        for part in ["deduct", "charge", "reimburse"] {
            none(part, &["Row", "Unit", "Line", "Parcel", "Request", "Order"]);
        }
        none("worth said", &["Row", "Unit"]);
        none(
            "formula",
            &[
                "fixed",
                "stated",
                "percent HalfUp",
                "percent Up",
                "percent Down",
                "used",
                "unused",
                "times",
                "greatest",
                "least",
                "all",
            ],
        );
        none("base", &["paid", "price", "delivery", "stated"]);
        none(
            "count",
            &[
                "a number",
                "hours begun true",
                "hours begun false",
                "days begun true",
                "days begun false",
                "months begun true",
                "months begun false",
            ],
        );
        reach
    }

    /// Starts with every clause of some policies, and every outcome of their routes.
    pub fn of_clauses<'p>(policies: impl Iterator<Item = &'p CheckedPolicy>) -> Self {
        let mut reach = Self::default();
        for policy in policies {
            for clause in &policy.clauses {
                reach.counts.insert(format!("clause {}", clause.id), 0);
            }
            let outcomes = Outcome::ALL.iter().filter(|o| **o != Outcome::Mixed);
            for outcome in outcomes {
                for (_, route) in &policy.routes {
                    let name = format!("{} {route} {outcome}", policy.id);
                    reach.counts.insert(name, 0);
                }
            }
        }
        reach
    }

    pub fn count(&mut self, group: &str, name: impl Display) {
        *self.counts.entry(format!("{group} {name}")).or_insert(0) += 1;
    }

    pub fn get(&self, name: &str) -> usize {
        self.counts.get(name).copied().unwrap_or(0)
    }

    /// Counts what an order reached on which both agree.
    pub fn order(&mut self, policy: &CheckedPolicy, rows: &Rows<'_>, told: &Told) {
        let outcomes: Vec<Outcome> = rows.iter().map(|(_, row)| row.outcome).collect();
        if outcomes.iter().any(|o| *o != outcomes[0]) {
            self.count("outcome", Outcome::Mixed);
        }
        for (oracle, row) in rows {
            self.count("outcome", row.outcome);
            self.count(
                policy.id.as_str(),
                format!("{} {}", oracle.route, row.outcome),
            );
            for at in &row.clauses {
                let clause = &policy.clauses[*at];
                self.count("effect", effect(&clause.effect));
                self.count("clause", &clause.id);
                self.count("pending", pending(clause.pending));
            }
            for (_, status, _) in &row.conditions {
                self.count("condition", *status);
            }
            let Some(grant) = row.grant.filter(|_| row.outcome == Outcome::Approved) else {
                continue;
            };
            self.count("remedy", grant.remedy);
            let worth = match &grant.worth {
                Worth::Paid => "paid",
                Worth::Nothing => "nothing",
                Worth::Said(_) => "said",
                Worth::Credit => "credit",
            };
            self.count("worth", worth);
            if let Worth::Said(sum) = &grant.worth {
                self.sum("worth said", sum);
            }
            let share = match row.delivery() {
                DeliveryShare::None => "none",
                DeliveryShare::Paid => "paid",
                DeliveryShare::Standard => "standard",
                DeliveryShare::PaidAlways => "paid_always",
            };
            self.count("share", share);
            for part in &row.parts {
                self.part(part);
            }
        }
        if let Some(money) = &told.money {
            for kind in money.items.keys() {
                self.count("item", *kind);
            }
            for kind in &money.pending {
                self.count("item pending", *kind);
            }
        }
    }

    fn part(&mut self, part: &Part) {
        let name = match part {
            Part::Condition(spec) => match spec.settled_by {
                SettledBy::Event(_) => "condition on an event",
                SettledBy::Finding(_) => "condition on a finding",
            },
            Part::Obligation(_) => "obligation",
            Part::ReturnPayer(_) => "return payer",
            Part::ReturnRisk(_) => "return risk",
            Part::ReturnAddress(_) => "return address",
            Part::Payee(Payee::Payer) => "payee payer",
            Part::Payee(Payee::Buyer) => "payee buyer",
            Part::Payee(Payee::ThirdParty(_)) | Part::BackTo(_) => "another payee",
            Part::Due(_) => "due",
            Part::Release(_, false) => "release of all",
            Part::Release(_, true) => "release of the first",
            Part::Deduct(sum) => return self.sum("deduct", sum),
            Part::Charge(sum) => return self.sum("charge", sum),
            Part::Reimburse(sum) => return self.sum("reimburse", sum),
            Part::Delivery(_) => "delivery",
            Part::Options(_) => "options",
            Part::Difference {
                dearer_owed,
                cheaper,
            } => {
                if *dearer_owed {
                    self.count("part", "difference dearer owed");
                }
                match cheaper {
                    Cheaper::Kept => "difference cheaper kept",
                    Cheaper::Credit => "difference cheaper credit",
                    Cheaper::Refund => "difference cheaper refund",
                }
            }
            Part::Notice(_) => "notice",
        };
        self.count("part", name);
    }

    /// Counts what an amount is made of, and in what it counts once.
    fn sum(&mut self, part: &str, sum: &Sum) {
        self.count(part, format!("{:?}", sum.scope));
        let facts = sum.formula.facts();
        facts
            .iter()
            .for_each(|fact| self.count("stated", fact.word()));
        for count in sum.formula.counts() {
            match count {
                Count::Stated(_) | Count::Beyond(..) => self.count("count", "a number"),
                Count::Periods { every, begun, .. } => {
                    let every = match every {
                        Every::Hours(_) => "hours",
                        Every::Days(_) => "days",
                        Every::Months(_) => "months",
                    };
                    self.count("count", format!("{every} begun {begun}"));
                }
            }
        }
        self.formula(&sum.formula);
    }

    fn formula(&mut self, formula: &Formula) {
        let mut list = |name: &str, list: &[Formula]| {
            self.count("formula", name);
            list.iter().for_each(|of| self.formula(of));
        };
        match formula {
            Formula::Fixed(..) => self.count("formula", "fixed"),
            Formula::Stated(_) => self.count("formula", "stated"),
            Formula::Percent(_, of, rounding) => {
                self.count("formula", format!("percent {rounding:?}"));
                self.count("base", base(of));
            }
            Formula::Part { of, unused, .. } => {
                let name = if *unused { "unused" } else { "used" };
                self.count("formula", name);
                self.count("base", base(of));
            }
            Formula::Times(of, _) => list("times", std::slice::from_ref(of)),
            Formula::Greatest(of) => list("greatest", of),
            Formula::Least(of) => list("least", of),
            Formula::All(of) => list("all", of),
        }
    }

    /// Names what was never met.
    pub fn never(&self) -> Vec<&str> {
        let never = self.counts.iter().filter(|(_, count)| **count == 0);
        never.map(|(name, _)| name.as_str()).collect()
    }

    /// Writes each count, and what was never met.
    pub fn report(&self) -> String {
        let mut lines: Vec<String> = Vec::new();
        for (name, count) in &self.counts {
            lines.push(format!("{count:>9}  {name}"));
        }
        for name in self.never() {
            lines.push(format!("never reached: {name}"));
        }
        lines.join("\n")
    }
}

fn base(base: &Base) -> &'static str {
    match base {
        Base::Paid => "paid",
        Base::Price => "price",
        Base::Delivery => "delivery",
        Base::StandardDelivery => "standard delivery",
        Base::KeptDiscount => "kept discount",
        Base::Stated(_) => "stated",
    }
}

fn effect(effect: &Effect) -> &'static str {
    match effect {
        Effect::Grants(_) => "grants",
        Effect::Refuses(_) => "refuses",
        Effect::Refers(_) => "refers",
        Effect::Adds(_) => "adds",
        Effect::Extends(..) => "extends",
    }
}

fn pending(pending: Pending) -> &'static str {
    match pending {
        Pending::Condition => "condition",
        Pending::Presumed => "presumed",
        Pending::Review => "review",
    }
}
