//! Says amounts in words.

use rust_decimal::Decimal;

use crate::domain::money::Rounding;
use crate::policy::terms::{Allowance, Base, Count, Every, Formula, Scope, Sum};

/// Returns an amount with what it counts once in, and its code where it has one of its own.
pub(super) fn sum(of: &Sum) -> String {
    let scope = match of.scope {
        Scope::Row => "",
        Scope::Unit => " a unit",
        Scope::Line => " a line",
        Scope::Group => " a group",
        Scope::Parcel => " a parcel",
        Scope::ReturnParcel => " a return parcel",
        Scope::Request => " a request",
        Scope::Order => " an order",
    };
    let amount = formula(&of.formula);
    match (&of.formula, of.code.as_str()) {
        (Formula::Stated(fact), code) if code == fact.word() => format!("{amount}{scope}"),
        (_, "") => format!("{amount}{scope}"),
        (_, code) => format!("{amount}{scope} as {code}"),
    }
}

fn formula(of: &Formula) -> String {
    let list = |list: &[Formula]| {
        let amounts: Vec<String> = list.iter().map(formula).collect();
        amounts.join("; ")
    };
    match of {
        Formula::Fixed(amount, currency) => {
            format!("{} {}", amount.text(*currency), currency.code())
        }
        Formula::Stated(fact) => format!("the amount `{fact}`"),
        Formula::Percent(basis_points, of, rounding) => {
            let rate = Decimal::new(i64::from(*basis_points), 2).normalize();
            let rounded = match rounding {
                Rounding::HalfUp => "",
                Rounding::Up => ", rounded up",
                Rounding::Down => ", rounded down",
            };
            format!("{rate} % of {}{rounded}", base(*of))
        }
        Formula::Part {
            of,
            used,
            whole,
            unused,
        } => {
            let rest = if *unused { "all but " } else { "" };
            let (of, used, whole) = (base(*of), count(*used), count(*whole));
            format!("of {of} {rest}({used}) of ({whole})")
        }
        Formula::Times(of, times) => format!("{} for each of ({})", formula(of), count(*times)),
        Formula::Greatest(of) => format!("the greatest of ({})", list(of)),
        Formula::Least(of) => format!("the least of ({})", list(of)),
        Formula::All(of) => format!("all of ({})", list(of)),
    }
}

fn base(of: Base) -> String {
    match of {
        Base::Paid => "what the units can pay".to_owned(),
        Base::Price => "the price before discounts".to_owned(),
        Base::Delivery => "what was paid for delivery".to_owned(),
        Base::StandardDelivery => "the cost of standard delivery".to_owned(),
        Base::KeptDiscount => "the discounts on what is kept".to_owned(),
        Base::Stated(fact) => format!("the amount `{fact}`"),
    }
}

fn count(of: Count) -> String {
    match of {
        Count::Beyond(fact, allowance) => {
            let allowed = match allowance {
                Allowance::Number(number) => number.to_string(),
                Allowance::Share(basis_points, of) => {
                    let rate = Decimal::new(i64::from(basis_points), 2).normalize();
                    format!("{rate} % of the number `{of}`")
                }
                Allowance::Each(number, (from, to), every, begun) => {
                    let periods = Count::Periods {
                        from,
                        to,
                        every,
                        begun,
                    };
                    format!("{number} for each of ({})", count(periods))
                }
            };
            format!("what the number `{fact}` is above {allowed}")
        }
        Count::Stated(fact) => format!("the number `{fact}`"),
        Count::Periods {
            from,
            to,
            every,
            begun,
        } => {
            let (number, unit) = match every {
                Every::Hours(number) => (number, "hours"),
                Every::Days(number) => (number, "days"),
                Every::Months(number) => (number, "months"),
            };
            let part = if begun { "begun" } else { "full" };
            format!("{part} periods of {number} {unit} from {from} to {to}")
        }
    }
}
