//! The record of a decision: one line of JSON, from which the decision can be made again.
//!
//! A line holds when and how the decision was made, what of the verdict counts, and, where
//! that is wanted, the request, less the fields that are masked. Messages in it are proto
//! JSON.

use prost::Message;
use redress_client::pb;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::error::CallError;
use super::json::{JsonError, Schema};
use super::projection::{Malformed, NoSuchField, Projection, Selection};
use super::reply::EncodedVerdict;
use crate::domain::time::Instant;

const REQUEST: &str = "redress.v1.DecideRequest";
const VERDICT: &str = "redress.v1.Verdict";

/// What of a verdict is recorded: what was decided and why, without sentences, facts and
/// what else there would be to choose.
const RECORDED: [&str; 16] = [
    "order_id",
    "claim_id",
    "outcome",
    "action",
    "route",
    "rows.line_id",
    "rows.group_index",
    "rows.quantity",
    "rows.outcome",
    "rows.reasons.code",
    "rows.reasons.clause_id",
    "settlement",
    "missing.path",
    "receipt",
    "next_step",
    "payable_now_total",
];
/// A sentence within them.
const NOT_RECORDED: &str = "settlement.items.arithmetic";

/// Bytes of the record of a plain decision, in plenty.
const LINE_BYTES: usize = 2048;

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
#[derive(Debug)]
pub struct Records {
    verdicts: Verdicts,
    /// `None`: without requests.
    requests: Option<Requests>,
}

/// Writes what is recorded of requests.
#[derive(Debug)]
struct Requests {
    selection: Selection,
    projection: Projection,
}

/// Writes what is recorded of verdicts.
#[derive(Debug)]
pub struct Verdicts(Projection);

/// What a line begins with.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Head<'a> {
    time: String,
    method: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<&'a str>,
}

impl Verdicts {
    /// Settles how verdicts are written.
    ///
    /// # Errors
    /// The contract is not the one that this program was written for.
    pub fn new(schema: &Schema) -> Result<Self, JsonError> {
        let selection = Selection::all(schema, VERDICT)?.only(&RECORDED);
        let no_field = |NoSuchField { path, .. }| JsonError::whole(format!("no field `{path}`"));
        let selection = selection.without(NOT_RECORDED).map_err(no_field)?;
        Ok(Self(selection.projection()?))
    }

    fn write(&self, verdict: &EncodedVerdict, out: &mut Vec<u8>) -> Result<(), Malformed> {
        self.0.write(verdict.as_bytes(), out, &mut Vec::new())
    }
}

impl Records {
    /// Writes records without requests.
    ///
    /// # Errors
    /// The contract was not built in whole.
    pub fn new(schema: &Schema) -> Result<Self, JsonError> {
        Ok(Self {
            verdicts: Verdicts::new(schema)?,
            requests: None,
        })
    }

    /// Writes records with requests, as they are selected: see [`Records::requests`].
    ///
    /// # Errors
    /// They cannot be written.
    pub fn with_requests(self, selection: Selection) -> Result<Self, JsonError> {
        let projection = selection.projection()?;
        let requests = Requests {
            selection,
            projection,
        };
        Ok(Self {
            requests: Some(requests),
            ..self
        })
    }

    /// Selects all of a request.
    ///
    /// # Errors
    /// The contract was not built in whole.
    pub fn requests(schema: &Schema) -> Result<Selection, JsonError> {
        Selection::all(schema, REQUEST)
    }

    /// Writes the record of a decision, with its line break.
    ///
    /// # Errors
    /// The verdict or the request cannot be written, which is a fault of ours.
    pub fn line(&self, entry: Entry<'_>) -> Result<Vec<u8>, CallError> {
        let fault = |_: Malformed| CallError::Internal;
        let head = Head {
            time: entry.now.to_string(),
            method: entry.method,
            request_id: entry.request_id,
            trace_id: entry.trace_id,
        };
        let mut line = Vec::with_capacity(LINE_BYTES);
        serde_json::to_writer(&mut line, &head).map_err(|_| CallError::Internal)?;
        line.pop();
        line.extend_from_slice(b",\"verdict\":");
        self.verdicts
            .write(entry.verdict, &mut line)
            .map_err(fault)?;
        if let Some(requests) = &self.requests {
            requests.write(entry.request, &mut line).map_err(fault)?;
        }
        line.extend_from_slice(b"}\n");
        Ok(line)
    }
}

impl Requests {
    fn write(&self, request: &pb::DecideRequest, line: &mut Vec<u8>) -> Result<(), Malformed> {
        line.extend_from_slice(b",\"request\":");
        let mut masked = Vec::new();
        let encoded = request.encode_to_vec();
        self.projection.write(&encoded, line, &mut masked)?;
        if !masked.is_empty() {
            masked.sort_unstable();
            let paths = masked
                .iter()
                .filter_map(|mask| self.selection.masked(*mask));
            let paths: Vec<&str> = paths.collect();
            line.extend_from_slice(b",\"masked\":");
            serde_json::to_writer(line, &paths).map_err(|_| Malformed)?;
        }
        Ok(())
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
        verdicts: &Verdicts,
        verdict: &EncodedVerdict,
    ) -> Result<Vec<Difference>, CallError> {
        let mut now = Vec::new();
        let written = verdicts.write(verdict, &mut now);
        written.map_err(|_| CallError::Internal)?;
        let mut now: Json = serde_json::from_slice(&now).map_err(|_| CallError::Internal)?;
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
