//! cel: which rule of a line holds, and its amount.
//!
//! The host asks one rule after the other and carries what a rule says; windows and
//! words stay outside. Facts are borrowed by the evaluation, not inserted into it.

use std::sync::Arc;

use cel::common::types::{CelBool, CelInt};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use cel::{Context, Env, Program, Value};
use rust_decimal::Decimal;

use super::{Answer, Before, Part, Peer, cents};
use crate::hand::Order;

/// A rule and what holds where it does.
struct Rule {
    when: Program,
    approved: bool,
    credit: bool,
    clause: &'static str,
    reason: &'static str,
}

/// The rules, in the order in which they are asked; the last needs no asking.
pub(super) struct Cel {
    env: Arc<Env>,
    rules: [Rule; 4],
    amount: Program,
}

/// The facts of a line.
struct Line {
    personalized: CelBool,
    worn: CelBool,
    days: CelInt,
    price: CelInt,
    quantity: CelInt,
}

impl VariableResolver for Line {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        let value: &dyn Val = match variable {
            "personalized" => &self.personalized,
            "worn" => &self.worn,
            "days" => &self.days,
            "price" => &self.price,
            "quantity" => &self.quantity,
            _ => return None,
        };
        Some(CowVal::Borrowed(value))
    }
}

impl Cel {
    pub(super) fn new() -> Self {
        let env = Arc::new(Env::stdlib());
        let program = |text: &str| env.compile(text).expect("a valid program");
        let rule = |when: &str, granted: bool, credit: bool, clause, reason| Rule {
            when: program(when),
            approved: granted,
            credit,
            clause,
            reason,
        };
        let rules = [
            rule("!personalized && worn", false, false, "BAS-10", "worn"),
            rule(
                "!personalized && days <= 30",
                true,
                false,
                "BAS-07",
                "granted",
            ),
            rule(
                "personalized && days <= 14",
                true,
                true,
                "BAS-03",
                "granted",
            ),
            rule("personalized", false, true, "BAS-03", "window_closed"),
        ];
        let amount = program("price * quantity");
        Self { env, rules, amount }
    }

    fn line(&self, line: &Line) -> Part {
        let mut context = Context::with_env(Arc::clone(&self.env));
        context.set_variable_resolver(line);
        let holds = |rule: &&Rule| {
            let value = Value::resolve_val(rule.when.expression(), &context);
            let value = value.expect("a rule that can be evaluated");
            let holds = value.downcast_ref::<CelBool>().map(|b| *b.inner());
            holds.expect("a rule that holds or does not")
        };
        let Some(rule) = self.rules.iter().find(holds) else {
            return Part {
                approved: Some(false),
                credit: Some(false),
                amount: Some(Decimal::ZERO),
                closes: None,
                clause: Some("BAS-07"),
                reason: Some("window_closed"),
            };
        };
        let amount = if rule.approved {
            let value = Value::resolve_val(self.amount.expression(), &context);
            let value = value.expect("an amount");
            let cents = value.downcast_ref::<CelInt>().map(|i| *i.inner());
            Decimal::new(cents.expect("a number"), 2)
        } else {
            Decimal::ZERO
        };
        Part {
            approved: Some(rule.approved),
            credit: Some(rule.credit),
            amount: Some(amount),
            closes: None,
            clause: Some(rule.clause),
            reason: Some(rule.reason),
        }
    }
}

impl Peer for Cel {
    fn name(&self) -> &'static str {
        "cel, borrowing resolver"
    }

    fn decide(&mut self, order: &Order, before: &[Before]) -> Answer {
        let lines = order.lines.iter().zip(before);
        let rows = lines.map(|(line, before)| {
            self.line(&Line {
                personalized: line.personalized.into(),
                worn: line.worn.into(),
                days: before.days.into(),
                price: cents(line.unit_price).into(),
                quantity: i64::from(line.quantity).into(),
            })
        });
        Answer {
            rows: rows.collect(),
            total: None,
        }
    }
}
