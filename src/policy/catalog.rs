//! The catalog: every loaded plan, found by policy, revision and placing date.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::check::check;
use super::compile::compile;
use super::diagnostic::Diagnostic;
use super::plan::Plan;
use super::source::Source;
use super::translation;
use crate::domain::id::PolicyId;
use crate::domain::time::{Day, EventTime, Instant, Zone};

/// Says why there is no plan for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotFound {
    /// No such policy.
    Policy,
    /// No such revision, or none in force when the order was placed.
    Revision,
}

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Policy => "no such policy is loaded",
            Self::Revision => "no such revision of the policy is in force",
        })
    }
}

/// Holds everything that is wrong with a set of policy files.
#[derive(Debug)]
pub struct LoadError {
    found: Vec<(Diagnostic, String)>,
}

impl LoadError {
    /// Returns how many mistakes there are.
    pub fn count(&self) -> usize {
        self.found.len()
    }

    /// Returns the mistakes, by file and then in file order.
    pub fn diagnostics(&self) -> impl Iterator<Item = &Diagnostic> {
        self.found.iter().map(|(diagnostic, _)| diagnostic)
    }

    /// Renders every mistake with the lines that it is about.
    pub fn render(&self, color: bool) -> String {
        let parts: Vec<String> = self
            .found
            .iter()
            .map(|(d, text)| d.render(text, color))
            .collect();
        parts.join("\n\n")
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for LoadError {}

/// Holds every loaded plan.
#[derive(Debug, Default)]
pub struct Catalog {
    /// Plans of each policy, by revision, the one without a date first.
    plans: BTreeMap<PolicyId, Vec<Plan>>,
}

impl Catalog {
    /// Checks and compiles policy files, and reads their sentences in other
    /// languages.
    ///
    /// # Errors
    /// Every mistake of every file.
    pub fn load(sources: &[Source]) -> Result<Self, LoadError> {
        let mut plans: BTreeMap<PolicyId, Vec<Plan>> = BTreeMap::new();
        let mut found: Vec<(Diagnostic, String)> = Vec::new();
        let (texts, revisions): (Vec<&Source>, Vec<&Source>) = sources
            .iter()
            .partition(|source| source.path.ends_with(translation::SUFFIX));
        for source in &revisions {
            let mut fail = |of: &Source, list: Vec<Diagnostic>| {
                found.extend(list.into_iter().map(|d| (d, of.text.clone())));
            };
            let policy = match check(source) {
                Ok(policy) => policy,
                Err(list) => {
                    fail(source, list);
                    continue;
                }
            };
            let mut plan = match compile(&policy) {
                Ok(plan) => plan,
                Err(too_many) => {
                    fail(
                        source,
                        vec![whole_file(
                            source,
                            "too-many",
                            too_many.to_string(),
                            "let clauses share tests, or split the policy",
                        )],
                    );
                    continue;
                }
            };
            let ids: BTreeSet<&str> = plan.register.iter().map(|c| c.id.as_str()).collect();
            let mut translations = Vec::new();
            for text in &texts {
                if translation::revision_path(&text.path).as_ref() != Some(&source.path) {
                    continue;
                }
                match translation::read(text, &ids) {
                    Ok(read) => translations.push(read),
                    Err(list) => fail(text, list),
                }
            }
            plan.texts = translations;
            let revisions = plans.entry(plan.policy.clone()).or_default();
            if revisions.iter().any(|p| p.revision == plan.revision) {
                let message = format!(
                    "revision `{}` of `{}` stands twice",
                    plan.revision, plan.policy
                );
                fail(
                    source,
                    vec![whole_file(
                        source,
                        "duplicate",
                        message,
                        "remove one of the files",
                    )],
                );
                continue;
            }
            revisions.push(plan);
        }
        for text in texts {
            let of = translation::revision_path(&text.path);
            if !revisions
                .iter()
                .any(|source| of.as_ref() == Some(&source.path))
            {
                let message = "the sentences belong to no revision".to_owned();
                let help = "name the file `REVISION.LANGUAGE.texts.toml` beside its revision";
                found.push((
                    whole_file(text, "wrong-place", message, help),
                    text.text.clone(),
                ));
            }
        }
        if !found.is_empty() {
            found.sort_by(|(a, _), (b, _)| {
                (&a.path, a.span.start, a.span.end, &a.message).cmp(&(
                    &b.path,
                    b.span.start,
                    b.span.end,
                    &b.message,
                ))
            });
            return Err(LoadError { found });
        }
        for revisions in plans.values_mut() {
            revisions.sort_by_key(|p| p.effective);
        }
        Ok(Self { plans })
    }

    /// Holds one plan, for trying a changed policy.
    pub fn of(plan: Plan) -> Self {
        Self {
            plans: BTreeMap::from([(plan.policy.clone(), vec![plan])]),
        }
    }

    /// Returns the plan that decides an order: the pinned revision, or the one
    /// in force on the day the order was placed. Where that day is not known or
    /// lies ahead, the latest decides.
    ///
    /// # Errors
    /// There is none.
    pub fn find(
        &self,
        policy: &str,
        revision: Option<&str>,
        place: EventTime,
    ) -> Result<&Plan, NotFound> {
        let revisions = self.plans.get(policy).ok_or(NotFound::Policy)?;
        let found = match revision {
            Some(pinned) => revisions.iter().find(|p| p.revision == pinned),
            None => revisions.iter().rev().find(|p| in_force(p, place)),
        };
        found.ok_or(NotFound::Revision)
    }

    /// Returns the later terms by which an order is decided too: those in force when
    /// it is asked about, where its own terms say so.
    pub fn later(&self, plan: &Plan, request_time: Instant) -> Option<&Plan> {
        plan.across.as_ref()?;
        let at = EventTime::At(request_time);
        let later = self.find(plan.policy.as_str(), None, at).ok()?;
        (later.effective > plan.effective).then_some(later)
    }

    /// Returns every plan, by policy and revision.
    pub fn plans(&self) -> impl Iterator<Item = &Plan> {
        self.plans.values().flatten()
    }
}

/// Whether a revision is in force when an order is placed, by the day in its zone.
fn in_force(plan: &Plan, place: EventTime) -> bool {
    let Some(effective) = plan.effective else {
        return true;
    };
    let placed: Day = match place {
        EventTime::Unknown | EventTime::NotYet => return true,
        EventTime::On(day) => day,
        // A policy without a zone of its own counts the day that ends last.
        EventTime::At(at) => plan.zone.unwrap_or_else(Zone::latest).day_of(at),
    };
    effective <= placed
}

fn whole_file(source: &Source, code: &'static str, message: String, help: &str) -> Diagnostic {
    Diagnostic {
        path: source.path.clone(),
        span: 0..0,
        code,
        message,
        help: help.to_owned(),
        related: Vec::new(),
    }
}
