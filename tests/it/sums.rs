//! Amounts as policies most often say them.

use redress::domain::money::{Amount, Currency, Rounding};
use redress::domain::path::Owner;
use redress::domain::vocabulary::Fact;
use redress::policy::terms::{Base, Formula, Scope, Sum};

/// A fixed amount for each unit.
pub fn per_unit(amount: Amount, currency: Currency) -> Sum {
    Sum {
        code: String::new(),
        formula: Formula::Fixed(amount, currency),
        scope: Scope::Unit,
    }
}

/// A fixed amount for the order.
pub fn per_order(amount: Amount, currency: Currency) -> Sum {
    Sum {
        code: "handling_fee".to_owned(),
        scope: Scope::Order,
        ..per_unit(amount, currency)
    }
}

/// A share of what the units can pay, in hundredths of a per cent.
pub fn percent(basis_points: u32) -> Sum {
    Sum {
        code: String::new(),
        formula: Formula::Percent(basis_points, Base::Paid, Rounding::HalfUp),
        scope: Scope::Row,
    }
}

/// Whether each parcel in which goods come back has one.
fn is_of_return(fact: Fact) -> bool {
    fact.spec()
        .field
        .to_string()
        .starts_with("request.journey.")
}

/// An amount that the facts state, counted once in what it is of.
pub fn stated(fact: Fact) -> Sum {
    Sum {
        code: fact.word().to_owned(),
        formula: Formula::Stated(fact),
        scope: match fact.spec().field.owner() {
            _ if is_of_return(fact) => Scope::ReturnParcel,
            Owner::Units => Scope::Row,
            Owner::Line => Scope::Line,
            Owner::Parcel => Scope::Parcel,
            Owner::Request | Owner::Action(_) => Scope::Request,
            Owner::Order => Scope::Order,
        },
    }
}
