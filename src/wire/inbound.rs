//! Messages in, facts out.
//!
//! Every field is looked at, and everything that is wrong is reported at once
//! with the field's path and the mend. An unknown fact stays unknown: nothing
//! here falls back to no, to zero or to now, but for the instant of the request,
//! which the contract lets a caller leave out.

mod declared;
mod order;
mod paths;
pub(crate) mod reader;
mod request;
pub(crate) mod shared;
#[rustfmt::skip]
mod standard;
mod times;
mod words;

use redress_client::pb;

use crate::domain::facts::{Order, Stated, Value};
use crate::domain::few::Few;
use crate::domain::id::PolicyId;
use crate::domain::limits::{MAX_LANGUAGES, MAX_LINES};
use crate::domain::path::At;
use crate::domain::time::{Day, Instant};
use crate::domain::verdict::OptionStatus;
use crate::domain::violation::{Violation, ViolationKind};
use crate::domain::vocabulary::{Fact, Kind};
use crate::engine::{OptionsQuery, View};
pub use declared::{declared, declared_of_order};
use reader::{Reader, quote};

/// Names the policy that a request is decided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyChoice<'t> {
    /// The policy; the form of an id.
    pub policy: &'t str,
    /// The revision that the caller pinned. `None`: the one in force.
    pub revision: Option<&'t str>,
}

/// Holds a request for a verdict whose fields are each right; whether they fit
/// together is for [`Stated::check`] to say.
#[derive(Clone, Debug)]
pub struct DecideInput<'t> {
    /// The policy.
    pub choice: PolicyChoice<'t>,
    /// The order, the request and the instant of deciding.
    pub facts: Stated<'t>,
    /// How much to tell.
    pub view: View,
    /// The languages wished for, best first.
    pub languages: &'t [String],
}

/// Holds a request for options whose fields are each right.
#[derive(Clone, Debug)]
pub struct OptionsInput<'t> {
    /// The policy.
    pub choice: PolicyChoice<'t>,
    /// What is asked.
    pub query: OptionsQuery<'t>,
    /// How much to tell.
    pub view: View,
    /// The languages wished for, best first.
    pub languages: &'t [String],
    /// The statuses to list; empty: all.
    pub statuses: Vec<OptionStatus>,
    /// Whether options carry their requests.
    pub with_requests: bool,
}

impl<'t> DecideInput<'t> {
    /// Starts with nothing known but that the request is made `now`, unless it says when.
    pub fn new(now: Instant) -> Self {
        Self {
            choice: PolicyChoice {
                policy: "",
                revision: None,
            },
            facts: Stated::nothing(now),
            view: View::Basic,
            languages: &[],
        }
    }

    /// Reads a request for a verdict, once. It is read where it stays: facts are large, and
    /// moving them costs a twentieth of a decision.
    ///
    /// # Errors
    /// All violations of single fields and, where every field was read, those between fields.
    pub fn read(&mut self, message: &'t pb::DecideRequest) -> Result<(), Vec<Violation>> {
        let pb::DecideRequest {
            policy,
            revision,
            order,
            request,
            decide_time,
            view,
            language_codes,
        } = message;
        let mut reader = Reader::new();
        let r = &mut reader;
        let at = &At::ROOT;
        self.choice = choice(r, policy, revision);
        self.languages = language_codes;
        let facts = self.facts.parts();
        read_order(r, order.as_ref(), facts.order);
        let mend = "describe the request";
        required(r, "request", mend, request.as_ref(), |r, at, message| {
            request::request(r, at, message, facts.request);
        });
        let request_time = facts.request.request_time;
        *facts.decide_time =
            request::instant_or(r, at, "decide_time", decide_time.as_ref(), request_time);
        if let Some(view) = r.choice(at, "view", *view) {
            self.view = view;
        }
        languages(r, language_codes);
        match reader.violations.is_empty() {
            true => Ok(()),
            false => Err(all_violations(reader, &mut self.facts)),
        }
    }
}

/// Returns what is wrong with fields and, where every field was read, between them.
#[cold]
fn all_violations(reader: Reader, facts: &mut Stated<'_>) -> Vec<Violation> {
    let mut violations = reader.violations.into_vec();
    if reader.whole
        && let Err(found) = facts.check()
    {
        let more = without_consequences(&violations, found);
        violations.extend(more);
    }
    violations
}

/// Returns the violations between fields without those that follow from what is wrong with
/// single fields: a field that was not read, or what it stands in for, is told once.
fn without_consequences(read: &[Violation], between: Vec<Violation>) -> Vec<Violation> {
    let told = |field: &str| read.iter().any(|v| is_part_of(&v.field, field));
    let has = |kind: ViolationKind| read.iter().any(|v| v.kind == kind);
    let units_unread = has(ViolationKind::OutOfRange);
    let no_lines = read.iter().any(|v| v.field == "order.lines");
    let times_unread = has(ViolationKind::InvalidTime) || told("request.request_time");
    between
        .into_iter()
        .filter(|v| {
            let rests_on_unread = match v.kind {
                ViolationKind::SumMismatch | ViolationKind::TooManyUnits => {
                    units_unread || no_lines
                }
                ViolationKind::UnknownReference => no_lines,
                ViolationKind::EventOrder => times_unread,
                _ => false,
            };
            !rests_on_unread && !told(&v.field)
        })
        .collect()
}

/// Whether a path is that of a field, or of something in it.
fn is_part_of(path: &str, field: &str) -> bool {
    let rest = path.strip_prefix(field);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// Reads a message that must be there. Where it is not, nothing is known of it, and `mend` is
/// what the caller is told to do.
fn required<'t, M>(
    r: &mut Reader,
    name: &'static str,
    mend: &str,
    message: Option<&'t M>,
    read: impl FnOnce(&mut Reader, &At<'_>, &'t M),
) {
    match message {
        Some(message) => read(r, &At::ROOT.field(name), message),
        None => {
            r.missing(&At::ROOT, name, mend);
            r.whole = false;
        }
    }
}

/// Reads the order of a request of any kind.
fn read_order<'t>(r: &mut Reader, message: Option<&'t pb::Order>, order: &mut Order<'t>) {
    let mend = "describe the order";
    required(r, "order", mend, message, |r, at, message| {
        order::order(r, at, message, order);
    });
}

/// Reads a request for options; without its own instant it asks about `now`.
///
/// # Errors
/// Everything that is wrong with single fields, in order of the fields.
pub fn list_options_request(
    message: &pb::ListOptionsRequest,
    now: Instant,
) -> Result<OptionsInput<'_>, Vec<Violation>> {
    let pb::ListOptionsRequest {
        policy,
        revision,
        order,
        request_time,
        lines,
        requester,
        view,
        language_codes,
        statuses,
        actions,
        whole_order_only,
        with_requests,
    } = message;
    let mut reader = Reader::new();
    let r = &mut reader;
    let at = &At::ROOT;
    let choice = choice(r, policy, revision);
    let mut order_facts = Order::unknown();
    read_order(r, order.as_ref(), &mut order_facts);
    let request_time = request::instant_or(r, at, "request_time", request_time.as_ref(), now);
    let mut request_lines = Few::new();
    r.list_into(at, "lines", lines, MAX_LINES, &mut request_lines);
    let requester = match Fact::Requester.spec().kind {
        Kind::OneOf(words) => r.one_of(at, "requester", *requester, "Requester", words),
        _ => Value::Unknown,
    };
    let view = r.choice(at, "view", *view).unwrap_or(View::Basic);
    languages(r, language_codes);
    let statuses = r.choices(at, "statuses", statuses);
    let actions = r.choices(at, "actions", actions);
    if !reader.violations.is_empty() {
        return Err(reader.violations.into_vec());
    }
    Ok(OptionsInput {
        choice,
        query: OptionsQuery {
            order: order_facts,
            request_time,
            lines: request_lines,
            requester,
            actions,
            line_by_line: !whole_order_only,
        },
        view,
        languages: language_codes,
        statuses,
        with_requests: *with_requests,
    })
}

/// Reads the resource name of a policy, `policies/{policy}` with or without
/// `/revisions/{revision}`.
///
/// # Errors
/// What is wrong with the name.
pub fn policy_name(name: &str) -> Result<PolicyChoice<'_>, Vec<Violation>> {
    let mut reader = Reader::new();
    let (at, field) = (&At::ROOT, "name");
    let parts: Vec<&str> = name.split('/').collect();
    let (policy, revision) = match parts.as_slice() {
        ["policies", policy] => (*policy, None),
        ["policies", policy, "revisions", revision] => (*policy, Some(*revision)),
        _ if name.is_empty() => {
            reader.missing(at, field, "give `policies/{policy}`");
            return Err(reader.violations.into_vec());
        }
        _ => ("", None),
    };
    let revision_fits = revision.is_none_or(is_revision);
    match PolicyId::check(policy) {
        Ok(()) if revision_fits => Ok(PolicyChoice { policy, revision }),
        _ => {
            let why = format!(
                "{} is neither `policies/{{policy}}` nor `policies/{{policy}}/revisions/{{revision}}`",
                quote(name)
            );
            reader.wrong(at, field, ViolationKind::InvalidText, why);
            Err(reader.violations.into_vec())
        }
    }
}

/// Reads the id of a policy that may be left out.
///
/// # Errors
/// What is wrong with the id.
pub fn policy_filter(policy: &str) -> Result<Option<&str>, Vec<Violation>> {
    if policy.is_empty() {
        return Ok(None);
    }
    let mut reader = Reader::new();
    policy_id(&mut reader, policy)
        .map(Some)
        .ok_or_else(|| reader.violations.into_vec())
}

/// Reads the fields `policy` and `revision`; what is wrong reads as no text, which is
/// never used.
fn choice<'t>(r: &mut Reader, policy: &'t str, revision: &'t str) -> PolicyChoice<'t> {
    let policy = policy_id(r, policy).unwrap_or_default();
    if !revision.is_empty() && !is_revision(revision) {
        let why = format!(
            "{} is neither a day such as `2026-03-14` nor `always`",
            quote(revision)
        );
        r.wrong(&At::ROOT, "revision", ViolationKind::InvalidText, why);
    }
    PolicyChoice {
        policy,
        revision: (!revision.is_empty()).then_some(revision),
    }
}

fn policy_id<'t>(r: &mut Reader, text: &'t str) -> Option<&'t str> {
    let (at, field) = (&At::ROOT, "policy");
    if text.is_empty() {
        r.missing(at, field, "give the id of a policy");
        return None;
    }
    let read = PolicyId::check(text).is_ok().then_some(text);
    if read.is_none() {
        let why = format!(
            "{} is not an id of lower-case letters, digits and hyphens, 1 to 63 of them, \
             that starts with a letter and does not end with a hyphen",
            quote(text)
        );
        r.wrong(at, field, ViolationKind::InvalidText, why);
    }
    read
}

fn is_revision(text: &str) -> bool {
    text == "always" || Day::parse(text).is_some()
}

/// Checks the languages wished for.
fn languages(r: &mut Reader, codes: &[String]) {
    let read = |r: &mut Reader, at: &At<'_>, code: &String| {
        if code.is_empty() {
            r.missing(at, At::ITSELF, "give a code or leave the entry out");
        }
        if r.language(at, At::ITSELF, code).is_none() {
            r.whole = false;
        }
    };
    r.list(&At::ROOT, "language_codes", codes, MAX_LANGUAGES, read);
}
