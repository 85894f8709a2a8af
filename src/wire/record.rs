//! The record of a decision: one line of JSON, from which the decision can be made again.
//!
//! A line holds when and how the decision was made, what of the verdict counts, and, where
//! that is wanted, the request, less the fields that are masked. Messages in it are proto
//! JSON.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, Value};
use redress_client::pb;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::error::CallError;
use super::json::{JsonError, Schema};
use super::reply::EncodedVerdict;
use crate::domain::time::Instant;
use crate::policy::document::near;

const REQUEST: &str = "redress.v1.DecideRequest";
const VERDICT: &str = "redress.v1.Verdict";

/// Fields of a receipt that differ between programs which decide the same.
const PROGRAM: [&str; 2] = ["engineVersion", "tzdbVersion"];

/// A decision, as it is recorded.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// What counted as now.
    pub now: Instant,
    /// The method that was called.
    pub method: &'static str,
    /// The caller's own name of the call.
    pub request_id: Option<&'a str>,
    /// The id of the trace.
    pub trace_id: Option<&'a str>,
    /// What was asked.
    pub request: &'a pb::DecideRequest,
    /// What was decided.
    pub verdict: &'a EncodedVerdict,
}

/// Writes records.
pub struct Records {
    schema: Schema,
    /// The fields that are left out of requests; `None`: so are requests.
    masks: Option<Vec<Mask>>,
}

/// A field of a request that is left out.
#[derive(Debug)]
struct Mask {
    path: String,
    steps: Vec<Step>,
}

/// A step of a path.
#[derive(Debug)]
struct Step {
    field: FieldDescriptor,
    /// Of the entries of a list, those of this name; `None`: all.
    name: Option<Name>,
}

/// The name of entries, and the field that holds it.
#[derive(Debug)]
struct Name {
    field: FieldDescriptor,
    name: String,
}

/// Says why a path cannot be masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoSuchField {
    /// The path.
    pub path: String,
    /// The nearest path that there is.
    pub near: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    time: String,
    method: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<&'a str>,
    verdict: DynamicMessage,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    masked: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<DynamicMessage>,
}

impl Records {
    /// Writes records without requests.
    ///
    /// # Errors
    /// The contract was not built in whole.
    pub fn new() -> Result<Self, JsonError> {
        Ok(Self {
            schema: Schema::new()?,
            masks: None,
        })
    }

    /// Writes records with requests, less the fields of these paths, such as
    /// `order.lines.category`: a path goes through every entry of a list, or, as
    /// `order.facts[NAME]`, through those of a name.
    ///
    /// # Errors
    /// The first path that names no field of a request.
    pub fn with_requests<'p>(
        self,
        paths: impl IntoIterator<Item = &'p str>,
    ) -> Result<Self, NoSuchField> {
        let no_field = |path: &str| NoSuchField {
            path: path.to_owned(),
            near: None,
        };
        let mut masks = Vec::new();
        for path in paths {
            let request = self.schema.message(REQUEST).map_err(|_| no_field(path))?;
            masks.push(Mask::new(path, request)?);
        }
        Ok(Self {
            masks: Some(masks),
            ..self
        })
    }

    /// Writes the record of a decision, with its line break.
    ///
    /// # Errors
    /// The verdict cannot be read, which is a fault of ours.
    pub fn line(&self, entry: Entry<'_>) -> Result<String, CallError> {
        let fault = |_: JsonError| CallError::Internal;
        let verdict = what_counts(entry.verdict.decode()?);
        let verdict = self.schema.document(&verdict, VERDICT).map_err(fault)?;
        let mut masked = Vec::new();
        let request = match &self.masks {
            None => None,
            Some(masks) => {
                let request = self.schema.document(entry.request, REQUEST);
                let mut request = request.map_err(fault)?;
                for mask in masks {
                    if clear(&mut request, &mask.steps) {
                        masked.push(mask.path.as_str());
                    }
                }
                Some(request)
            }
        };
        let line = Line {
            time: entry.now.to_string(),
            method: entry.method,
            request_id: entry.request_id,
            trace_id: entry.trace_id,
            verdict,
            masked,
            request,
        };
        let mut line = serde_json::to_string(&line).map_err(|_| CallError::Internal)?;
        line.push('\n');
        Ok(line)
    }
}

impl Mask {
    fn new(path: &str, request: MessageDescriptor) -> Result<Self, NoSuchField> {
        let mut steps: Vec<Step> = Vec::new();
        let mut message = Some(request);
        for text in path.split('.') {
            let of = message.take();
            let (named, entry) = match text.strip_suffix(']').and_then(|t| t.split_once('[')) {
                Some((named, entry)) => (named, Some(entry)),
                None => (text, None),
            };
            let field = of.as_ref().and_then(|of| of.get_field_by_name(named));
            let step = field.clone().and_then(|field| Step::new(field, entry));
            let Some(step) = step else {
                // A field that there is has no names.
                let of = of.filter(|_| field.is_none());
                return Err(NoSuchField {
                    path: path.to_owned(),
                    near: of.and_then(|of| nearest(&steps, named, &of)),
                });
            };
            if let Kind::Message(inner) = step.field.kind() {
                message = Some(inner);
            }
            steps.push(step);
        }
        Ok(Self {
            path: path.to_owned(),
            steps,
        })
    }
}

impl Step {
    /// Goes to a field, or to the entries of a name in it; `None`: its entries have none.
    fn new(field: FieldDescriptor, entry: Option<&str>) -> Option<Self> {
        let Some(entry) = entry else {
            return Some(Self { field, name: None });
        };
        let of = field.kind();
        let of = of.as_message().filter(|_| field.is_list())?;
        let name = Name {
            field: of.get_field_by_name("name")?,
            name: entry.to_owned(),
        };
        let name = (!entry.is_empty()).then_some(name)?;
        Some(Self {
            field,
            name: Some(name),
        })
    }

    fn is_of(&self, entry: &Value) -> bool {
        self.name.as_ref().is_none_or(|Name { field, name }| {
            let entry = entry.as_message();
            entry.is_some_and(|entry| entry.get_field(field).as_str() == Some(name))
        })
    }
}

/// Returns the nearest path to one of which the last name is none of a message.
fn nearest(before: &[Step], name: &str, of: &MessageDescriptor) -> Option<String> {
    let known: Vec<String> = of.fields().map(|field| field.name().to_owned()).collect();
    let near = near(name, known.iter().map(String::as_str))?;
    let names = before.iter().map(|step| step.field.name());
    Some(names.chain([near]).collect::<Vec<&str>>().join("."))
}

/// Clears a field wherever it is set, and returns whether it was anywhere.
fn clear(message: &mut DynamicMessage, path: &[Step]) -> bool {
    let Some((step, rest)) = path.split_first() else {
        return false;
    };
    let field = &step.field;
    if !message.has_field(field) {
        return false;
    }
    if rest.is_empty() && step.name.is_none() {
        message.clear_field(field);
        return true;
    }
    match message.get_field_mut(field) {
        Value::Message(inner) => clear(inner, rest),
        Value::List(entries) if rest.is_empty() => {
            let before = entries.len();
            entries.retain(|entry| !step.is_of(entry));
            entries.len() < before
        }
        Value::List(entries) => {
            let entries = entries.iter_mut().filter(|entry| step.is_of(entry));
            let inner = entries.filter_map(Value::as_message_mut);
            inner
                .map(|inner| clear(inner, rest))
                .filter(|is| *is)
                .count()
                > 0
        }
        _ => false,
    }
}

/// Returns what of a verdict is recorded: what was decided and why, without sentences,
/// facts and what else there would be to choose.
fn what_counts(verdict: pb::Verdict) -> pb::Verdict {
    let reason = |reason: pb::Reason| pb::Reason {
        code: reason.code,
        clause_id: reason.clause_id,
        ..Default::default()
    };
    let row = |row: pb::Row| pb::Row {
        line_id: row.line_id,
        group_index: row.group_index,
        quantity: row.quantity,
        outcome: row.outcome,
        reasons: row.reasons.into_iter().map(reason).collect(),
        ..Default::default()
    };
    let item = |item: pb::SettlementItem| pb::SettlementItem {
        arithmetic: String::new(),
        ..item
    };
    let settlement = |settlement: pb::Settlement| pb::Settlement {
        items: settlement.items.into_iter().map(item).collect(),
        ..settlement
    };
    let missing = |fact: pb::MissingFact| pb::MissingFact {
        path: fact.path,
        ..Default::default()
    };
    pb::Verdict {
        order_id: verdict.order_id,
        claim_id: verdict.claim_id,
        outcome: verdict.outcome,
        action: verdict.action,
        route: verdict.route,
        rows: verdict.rows.into_iter().map(row).collect(),
        settlement: verdict.settlement.map(settlement),
        missing: verdict.missing.into_iter().map(missing).collect(),
        receipt: verdict.receipt,
        next_step: verdict.next_step,
        payable_now_total: verdict.payable_now_total,
        ..Default::default()
    }
}

/// A record that was read.
#[derive(Clone, Debug, Deserialize)]
pub struct Recorded {
    time: String,
    verdict: Json,
    #[serde(default)]
    masked: Vec<String>,
    request: Option<Json>,
}

/// A value that another decision has otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where it stands in the verdict, as proto JSON names it.
    pub path: String,
    /// What was recorded, as JSON; `None`: nothing.
    pub recorded: Option<String>,
    /// What is decided now, as JSON; `None`: nothing.
    pub now: Option<String>,
}

impl Recorded {
    /// Reads the line of a record.
    ///
    /// # Errors
    /// It is none.
    pub fn read(line: &str) -> Result<Self, JsonError> {
        let read: Self = serde_json::from_str(line)?;
        if Instant::parse(&read.time).is_none() || !read.verdict.is_object() {
            let what = "`time` is not an instant, or `verdict` not an object".to_owned();
            return Err(JsonError::whole(what));
        }
        Ok(read)
    }

    /// Returns what counted as now.
    pub fn now(&self) -> Option<Instant> {
        Instant::parse(&self.time)
    }

    /// Returns a text of the verdict, such as the `orderId`; empty: it has none.
    pub fn text(&self, key: &str) -> &str {
        self.verdict.get(key).and_then(Json::as_str).unwrap_or("")
    }

    /// Returns the paths of what was left out of the request.
    pub fn masked(&self) -> &[String] {
        &self.masked
    }

    /// Reads the request; `None`: the record carries none.
    ///
    /// # Errors
    /// It is not one of the contract.
    pub fn request(&self, schema: &Schema) -> Option<Result<pb::DecideRequest, JsonError>> {
        let request = self.request.as_ref()?;
        Some(schema.read(&request.to_string(), REQUEST))
    }

    /// Returns in what another verdict differs from the recorded one, whichever version of
    /// the program made it.
    ///
    /// # Errors
    /// The verdict cannot be read, which is a fault of ours.
    pub fn differences(
        &self,
        schema: &Schema,
        verdict: &EncodedVerdict,
    ) -> Result<Vec<Difference>, CallError> {
        let fault = |_: JsonError| CallError::Internal;
        let now = schema
            .document(&what_counts(verdict.decode()?), VERDICT)
            .map_err(fault)?;
        let mut now = serde_json::to_value(now).map_err(|_| CallError::Internal)?;
        let mut recorded = self.verdict.clone();
        for verdict in [&mut now, &mut recorded] {
            if let Some(Json::Object(receipt)) = verdict.get_mut("receipt") {
                receipt.retain(|key, _| !PROGRAM.contains(&key.as_str()));
            }
        }
        let mut found = Vec::new();
        compare("", Some(&recorded), Some(&now), &mut found);
        Ok(found)
    }
}

/// Finds the values in which two texts differ.
fn compare(path: &str, recorded: Option<&Json>, now: Option<&Json>, found: &mut Vec<Difference>) {
    match (recorded, now) {
        (Some(Json::Object(before)), Some(Json::Object(after))) => {
            let added = after.keys().filter(|key| !before.contains_key(*key));
            for key in before.keys().chain(added) {
                let path = match path {
                    "" => key.clone(),
                    path => format!("{path}.{key}"),
                };
                compare(&path, before.get(key), after.get(key), found);
            }
        }
        (Some(Json::Array(before)), Some(Json::Array(after))) => {
            for index in 0..before.len().max(after.len()) {
                let path = format!("{path}[{index}]");
                compare(&path, before.get(index), after.get(index), found);
            }
        }
        (recorded, now) if recorded == now => {}
        (recorded, now) => found.push(Difference {
            path: path.to_owned(),
            recorded: recorded.map(Json::to_string),
            now: now.map(Json::to_string),
        }),
    }
}
