//! regorus: the whole reply, on its machine and in its interpreter.
//!
//! With days and windows given, or with nothing given: then the policy finds the
//! midnights of Paris with `time.clock`, which is right for zones like it alone.

use std::collections::BTreeMap;

use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::{Engine, Value};
use rust_decimal::Decimal;

use super::{Answer, Before, Part, Peer, cents, word};
use crate::hand::Order;

/// The machine, days and windows given.
pub(super) const MACHINE: &str = "regorus RVM";
/// The machine, nothing given.
pub(super) const OWN_TIME: &str = "regorus RVM, own time";
/// The interpreter, days and windows given.
pub(super) const INTERPRETER: &str = "regorus interpreter";

const GIVEN_POLICY: &str = include_str!("../../policies/peers/given.rego");
const OWN_TIME_POLICY: &str = include_str!("../../policies/peers/own_time.rego");

/// Nanoseconds of a second.
const NANOSECONDS: i64 = 1_000_000_000;

/// A machine with a compiled program.
pub(super) struct Machine {
    name: &'static str,
    machine: RegoVM,
    words: Words,
    own_time: bool,
}

/// The interpreter with a policy.
pub(super) struct Interpreter {
    engine: Engine,
    words: Words,
}

/// The keys of input and output, made once.
struct Words {
    amount: Value,
    approved: Value,
    clause: Value,
    closes: Value,
    credit: Value,
    days: Value,
    delivered: Value,
    lines: Value,
    personalized: Value,
    price: Value,
    quantity: Value,
    reason: Value,
    request_time: Value,
    rows: Value,
    total: Value,
    worn: Value,
}

impl Words {
    fn new() -> Self {
        Self {
            amount: "amount".into(),
            approved: "approved".into(),
            clause: "clause".into(),
            closes: "closes".into(),
            credit: "credit".into(),
            days: "days".into(),
            delivered: "delivered".into(),
            lines: "lines".into(),
            personalized: "personalized".into(),
            price: "price".into(),
            quantity: "quantity".into(),
            reason: "reason".into(),
            request_time: "request_time".into(),
            rows: "rows".into(),
            total: "total".into(),
            worn: "worn".into(),
        }
    }

    /// Makes the input with days and windows.
    fn given(&self, order: &Order, before: &[Before]) -> Value {
        let lines = order.lines.iter().zip(before).map(|(line, before)| {
            Value::from(BTreeMap::from([
                (self.closes.clone(), before.closes.into()),
                (self.days.clone(), before.days.into()),
                (self.personalized.clone(), line.personalized.into()),
                (self.price.clone(), cents(line.unit_price).into()),
                (self.quantity.clone(), line.quantity.into()),
                (self.worn.clone(), line.worn.into()),
            ]))
        });
        let lines: Vec<Value> = lines.collect();
        Value::from(BTreeMap::from([(self.lines.clone(), lines.into())]))
    }

    /// Makes the input with instants alone.
    fn own_time(&self, order: &Order) -> Value {
        let instant = |at: chrono::DateTime<chrono::Utc>| Value::from(at.timestamp() * NANOSECONDS);
        let lines = order.lines.iter().map(|line| {
            Value::from(BTreeMap::from([
                (self.delivered.clone(), instant(line.delivered)),
                (self.personalized.clone(), line.personalized.into()),
                (self.price.clone(), cents(line.unit_price).into()),
                (self.quantity.clone(), line.quantity.into()),
                (self.worn.clone(), line.worn.into()),
            ]))
        });
        let lines: Vec<Value> = lines.collect();
        Value::from(BTreeMap::from([
            (self.lines.clone(), lines.into()),
            (self.request_time.clone(), instant(order.request_time)),
        ]))
    }

    /// Reads a reply.
    fn answer(&self, reply: &Value, closes_unit: i64) -> Answer {
        let number = |value: &Value| value.as_i64().expect("a whole number");
        let text = |value: &Value| word(value.as_string().expect("a text"));
        let rows = reply[&self.rows].as_array().expect("rows");
        let part = |row: &Value| Part {
            approved: row[&self.approved].as_bool().ok().copied(),
            credit: row[&self.credit].as_bool().ok().copied(),
            amount: Some(Decimal::new(number(&row[&self.amount]), 2)),
            closes: Some(number(&row[&self.closes]) / closes_unit),
            clause: text(&row[&self.clause]),
            reason: text(&row[&self.reason]),
        };
        Answer {
            rows: rows.iter().map(part).collect(),
            total: Some(Decimal::new(number(&reply[&self.total]), 2)),
        }
    }
}

fn engine(text: &str) -> Engine {
    let mut engine = Engine::new();
    let added = engine.add_policy("policy.rego".to_owned(), text.to_owned());
    added.expect("a valid policy");
    engine
}

impl Machine {
    pub(super) fn given() -> Self {
        Self::new(MACHINE, GIVEN_POLICY, "data.given.reply", false)
    }

    pub(super) fn own_time() -> Self {
        Self::new(OWN_TIME, OWN_TIME_POLICY, "data.own_time.reply", true)
    }

    fn new(name: &'static str, text: &str, rule: &str, own_time: bool) -> Self {
        let compiled = engine(text).compile_with_entrypoint(&rule.into());
        let compiled = compiled.expect("a policy that compiles");
        let program = Compiler::compile_from_policy(&compiled, &[rule]);
        let mut machine = RegoVM::new();
        machine.load_program(program.expect("a program"));
        Self {
            name,
            machine,
            words: Words::new(),
            own_time,
        }
    }
}

impl Peer for Machine {
    fn name(&self) -> &'static str {
        self.name
    }

    fn decide(&mut self, order: &Order, before: &[Before]) -> Answer {
        let (input, unit) = match self.own_time {
            true => (self.words.own_time(order), NANOSECONDS),
            false => (self.words.given(order, before), 1),
        };
        self.machine.set_input(input);
        let reply = self.machine.execute_entry_point_by_index(0);
        self.words.answer(&reply.expect("a reply"), unit)
    }
}

impl Interpreter {
    pub(super) fn new() -> Self {
        Self {
            engine: engine(GIVEN_POLICY),
            words: Words::new(),
        }
    }
}

impl Peer for Interpreter {
    fn name(&self) -> &'static str {
        INTERPRETER
    }

    fn decide(&mut self, order: &Order, before: &[Before]) -> Answer {
        self.engine.set_input(self.words.given(order, before));
        let reply = self.engine.eval_rule("data.given.reply".to_owned());
        self.words.answer(&reply.expect("a reply"), 1)
    }
}
