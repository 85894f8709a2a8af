//! Both sides of an exchange of goods, and what their difference does.

use crate::domain::money::Amount;
use crate::domain::verdict::Cite;
use crate::policy::terms::Cheaper;

/// Names what the difference of an exchange does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Difference {
    /// The customer pays it.
    Owed,
    /// It becomes credit.
    Credit,
    /// It is paid back.
    Refund,
}

/// Holds both sides of an exchange of goods.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exchanged<'a> {
    /// What the wanted goods cost.
    pub wanted: Amount,
    /// What the goods that come back are worth.
    pub returned: Amount,
    /// Whether dearer goods are owed.
    pub dearer_owed: bool,
    /// What becomes of the difference to cheaper goods.
    pub cheaper: Cheaper,
    /// The clause that says so.
    pub clause: Cite<'a>,
}

impl Exchanged<'_> {
    /// Joins two exchanges of a request, which come to one difference; where their terms
    /// differ, that is treated which is better for the customer if cheaper, and owed if dearer.
    pub(crate) fn with(self, other: Self) -> Self {
        Self {
            wanted: self.wanted.plus(other.wanted),
            returned: self.returned.plus(other.returned),
            dearer_owed: self.dearer_owed || other.dearer_owed,
            cheaper: self.cheaper.max(other.cheaper),
            clause: if other.clause.id < self.clause.id {
                other.clause
            } else {
                self.clause
            },
        }
    }

    /// Returns what the difference does, and how much it is; `None`: nothing moves.
    pub(crate) fn difference(&self) -> Option<(Difference, Amount)> {
        if self.wanted > self.returned {
            let amount = self.wanted.less(self.returned);
            return self.dearer_owed.then_some((Difference::Owed, amount));
        }
        let moves = match self.cheaper {
            Cheaper::Kept => return None,
            Cheaper::Credit => Difference::Credit,
            Cheaper::Refund => Difference::Refund,
        };
        let amount = self.returned.less(self.wanted);
        (!amount.is_zero()).then_some((moves, amount))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::verdict::Citation;

    fn clause(id: &str) -> Citation {
        Citation {
            id: id.into(),
            says: "It is exchanged.".into(),
            source: "Exchanges".into(),
            as_condition: None,
            as_task: None,
        }
    }

    fn exchanged(wanted: i64, returned: i64, clause: Cite<'_>) -> Exchanged<'_> {
        Exchanged {
            wanted: Amount::from_minor(wanted),
            returned: Amount::from_minor(returned),
            dearer_owed: true,
            cheaper: Cheaper::Credit,
            clause,
        }
    }

    #[test]
    fn a_difference_moves_where_one_clause_of_a_request_says_so() {
        let (first, second) = (clause("EXC-01"), clause("EXC-02"));
        let owed = Exchanged {
            cheaper: Cheaper::Kept,
            ..exchanged(1500, 1000, &second)
        };
        let credit = Exchanged {
            dearer_owed: false,
            ..exchanged(1500, 2500, &first)
        };
        for joined in [owed.with(credit), credit.with(owed)] {
            assert_eq!(
                joined.difference(),
                Some((Difference::Credit, Amount::from_minor(500)))
            );
            assert_eq!(joined.clause.id.as_str(), "EXC-01");
        }
        let dearer = Exchanged {
            wanted: Amount::from_minor(3000),
            ..credit
        };
        assert_eq!(
            owed.with(dearer).difference(),
            Some((Difference::Owed, Amount::from_minor(1000)))
        );
    }

    #[test]
    fn goods_of_the_same_worth_are_exchanged_without_money() {
        let clause = clause("EXC-01");
        assert_eq!(exchanged(2500, 2500, &clause).difference(), None);
    }

    #[test]
    fn what_cheaper_goods_cost_less_goes_where_the_terms_say() {
        let clause = clause("EXC-01");
        let cheaper = |cheaper| Exchanged {
            cheaper,
            ..exchanged(1500, 2500, &clause)
        };
        let ten = Amount::from_minor(1000);
        assert_eq!(cheaper(Cheaper::Kept).difference(), None);
        let refund = cheaper(Cheaper::Refund);
        assert_eq!(refund.difference(), Some((Difference::Refund, ten)));
        let joined = cheaper(Cheaper::Credit).with(refund).difference();
        assert_eq!(joined, Some((Difference::Refund, ten.plus(ten))));
    }
}
