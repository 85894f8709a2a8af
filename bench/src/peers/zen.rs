//! zen: its expressions alone, in a node of a graph, and a decision table.
//!
//! A decision's future never waits, so it is polled without a runtime.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use rust_decimal::Decimal;
use serde_json::{Value, json};
use zen_engine::Decision;
use zen_engine::model::GraphContent;
use zen_expression::expression::Standard;
use zen_expression::vm::VM;
use zen_expression::{Expression, compile_expression};
use zen_types::symbol::Symbol;
use zen_types::variable::{Variable, VariableMap};

use super::{Answer, Before, Part, Peer, word};
use crate::hand::Order;

/// An expression in a node of a graph.
pub(super) const NODE: &str = "zen expression node";
/// A decision table in a graph.
pub(super) const TABLE: &str = "zen decision table";

/// The rows of a reply, as one expression.
const ROWS: &str = "map(lines, \
    not #.personalized and #.worn \
      ? {approved: false, credit: false, amount: 0, closes: #.closes, \
         clause: 'BAS-10', reason: 'worn'} \
    : #.days <= (#.personalized ? 14 : 30) \
      ? {approved: true, credit: #.personalized, amount: #.price * #.quantity, \
         closes: #.closes, clause: #.personalized ? 'BAS-03' : 'BAS-07', reason: 'granted'} \
      : {approved: false, credit: #.personalized, amount: 0, closes: #.closes, \
         clause: #.personalized ? 'BAS-03' : 'BAS-07', reason: 'window_closed'})";

/// The expression without a graph; the total stays outside.
pub(super) struct Bare {
    rows: Expression<Standard>,
    machine: VM,
}

/// A graph of nodes.
pub(super) struct Graph {
    name: &'static str,
    decision: Decision,
}

/// Makes the input; keys are static and texts there are none.
fn input(order: &Order, before: &[Before]) -> Variable {
    let lines = order.lines.iter().zip(before).map(|(line, before)| {
        object([
            ("personalized", Variable::Bool(line.personalized)),
            ("worn", Variable::Bool(line.worn)),
            ("days", Variable::Number(before.days.into())),
            ("closes", Variable::Number(before.closes.into())),
            ("price", Variable::Number(line.unit_price)),
            ("quantity", Variable::Number(line.quantity.into())),
        ])
    });
    object([("lines", Variable::from_array(lines.collect()))])
}

fn object<const N: usize>(fields: [(&'static str, Variable); N]) -> Variable {
    let mut map = VariableMap::with_capacity(N);
    for (key, value) in fields {
        map.insert(Symbol::from_static(key), value);
    }
    Variable::from_object(map)
}

/// Reads the rows of a reply.
fn rows(rows: &Variable) -> Vec<Part> {
    let rows = rows.as_array().expect("rows");
    let rows = rows.borrow();
    rows.iter().map(part).collect()
}

fn part(row: &Variable) -> Part {
    let row = row.as_object().expect("a row");
    let row = row.borrow();
    let get = |key: &str| row.get_str(key).expect("a field of the row");
    let text = |key: &str| get(key).as_str().and_then(word);
    let closes = get("closes").as_number();
    Part {
        approved: get("approved").as_bool(),
        credit: get("credit").as_bool(),
        amount: get("amount").as_number(),
        closes: closes.and_then(|at| i64::try_from(at).ok()),
        clause: text("clause"),
        reason: text("reason"),
    }
}

impl Bare {
    pub(super) fn new() -> Self {
        Self {
            rows: compile_expression(ROWS).expect("a valid expression"),
            machine: VM::new(),
        }
    }
}

impl Peer for Bare {
    fn name(&self) -> &'static str {
        "zen expression without the graph"
    }

    fn decide(&mut self, order: &Order, before: &[Before]) -> Answer {
        let reply = self
            .rows
            .evaluate_with(input(order, before), &mut self.machine);
        Answer {
            rows: rows(&reply.expect("rows")),
            total: None,
        }
    }
}

impl Graph {
    /// Both parts of the reply in one node of expressions.
    pub(super) fn node() -> Self {
        let node = json!({
            "id": "reply", "name": "reply", "type": "expressionNode",
            "content": { "expressions": [
                { "id": "rows", "key": "rows", "value": ROWS },
                { "id": "total", "key": "total", "value": "sum(map($.rows, #.amount))" },
            ] },
        });
        Self::new(NODE, vec![node])
    }

    /// A table with a column for each fact, and a node for the total.
    pub(super) fn table() -> Self {
        let column = |field: &str| json!({ "id": field, "name": field, "field": field });
        let facts = ["personalized", "worn", "days"];
        let words = ["approved", "credit", "amount", "closes", "clause", "reason"];
        let row = |facts: [&str; 3], approved: bool, clause: &str, reason: &str| {
            let [personalized, worn, days] = facts;
            let amount = if approved { "price * quantity" } else { "0" };
            json!({
                "_id": format!("{clause} {reason}"),
                "personalized": personalized, "worn": worn, "days": days,
                "approved": approved.to_string(),
                "credit": (clause == "BAS-03").to_string(),
                "amount": amount, "closes": "closes",
                "clause": format!("'{clause}'"), "reason": format!("'{reason}'"),
            })
        };
        let table = json!({
            "id": "rows", "name": "rows", "type": "decisionTableNode",
            "content": {
                "hitPolicy": "first",
                "inputField": "lines", "outputPath": "rows", "executionMode": "loop",
                "inputs": facts.map(column), "outputs": words.map(column),
                "rules": [
                    row(["false", "true", ""], false, "BAS-10", "worn"),
                    row(["false", "", "<= 30"], true, "BAS-07", "granted"),
                    row(["false", "", ""], false, "BAS-07", "window_closed"),
                    row(["true", "", "<= 14"], true, "BAS-03", "granted"),
                    row(["true", "", ""], false, "BAS-03", "window_closed"),
                ],
            },
        });
        let total = json!({
            "id": "total", "name": "total", "type": "expressionNode",
            "content": { "passThrough": true, "expressions": [
                { "id": "total", "key": "total", "value": "sum(map(rows, #.amount))" },
            ] },
        });
        Self::new(TABLE, vec![table, total])
    }

    /// Puts nodes in a line between input and output.
    fn new(name: &'static str, inner: Vec<Value>) -> Self {
        let end = |kind: &str| json!({ "id": kind, "name": kind, "type": kind, "content": {} });
        let mut nodes = vec![end("inputNode")];
        nodes.extend(inner);
        nodes.push(end("outputNode"));
        let edge = |pair: &[Value]| {
            let [from, to] = pair else {
                panic!("two nodes");
            };
            let id = format!("{} {}", from["id"], to["id"]);
            json!({ "id": id, "sourceId": from["id"], "targetId": to["id"] })
        };
        let edges: Vec<Value> = nodes.windows(2).map(edge).collect();
        let graph = json!({ "nodes": nodes, "edges": edges });
        let graph: GraphContent = serde_json::from_value(graph).expect("a valid graph");
        let mut decision = Decision::from(graph);
        decision.compile();
        Self { name, decision }
    }
}

impl Peer for Graph {
    fn name(&self) -> &'static str {
        self.name
    }

    fn decide(&mut self, order: &Order, before: &[Before]) -> Answer {
        let future = pin!(self.decision.evaluate(input(order, before)));
        let mut context = Context::from_waker(Waker::noop());
        let Poll::Ready(reply) = future.poll(&mut context) else {
            panic!("a decision waited");
        };
        let reply = reply.expect("a reply").result;
        let reply = reply.as_object().expect("a reply");
        let reply = reply.borrow();
        let total: Option<Decimal> = reply.get_str("total").and_then(Variable::as_number);
        assert!(total.is_some(), "a reply has a total");
        Answer {
            rows: rows(reply.get_str("rows").expect("rows")),
            total,
        }
    }
}
