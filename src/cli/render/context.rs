//! What every part of a page is written with: language, clock, currency and clauses.

use std::collections::BTreeMap;

use redress_client::pb;

use super::text::word;
use super::time::Clock;
use crate::text::Localizer;

/// How much a page for people holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// What the customer has to be told.
    Brief,
    /// Everything: facts compared, arithmetic, sources and receipt too.
    Full,
}

impl Detail {
    /// Takes the choice of the command line.
    pub fn of(full: bool) -> Self {
        match full {
            true => Self::Full,
            false => Self::Brief,
        }
    }
}

/// Finds the source of a clause by its id.
#[derive(Clone, Debug, Default)]
pub struct Clauses {
    sources: BTreeMap<String, String>,
    pub(super) time_zone: String,
}

impl Clauses {
    /// Takes the clauses of a policy as a server tells them.
    pub fn new(policy: &pb::Policy) -> Self {
        Self {
            sources: policy
                .clauses
                .iter()
                .map(|clause| (clause.clause_id.clone(), clause.source.clone()))
                .collect(),
            time_zone: policy.time_zone.clone(),
        }
    }
}

/// Holds what every part of a page is written with.
#[derive(Debug)]
pub(super) struct Context<'a> {
    /// The texts in the language of the reply.
    pub localizer: Localizer<'static>,
    /// Writes times in the zone of the policy.
    pub clock: Clock,
    currency: &'a str,
    clauses: Option<&'a Clauses>,
    /// How much is written.
    pub detail: Detail,
}

impl<'a> Context<'a> {
    /// Takes what a verdict is written with.
    pub fn of_verdict(
        verdict: &pb::Verdict,
        currency: &'a str,
        clauses: &'a Clauses,
        detail: Detail,
    ) -> Self {
        let localizer = Localizer::of(&verdict.language_code);
        Self {
            localizer,
            clock: Clock::of(verdict, clauses, localizer).naming_zone(detail == Detail::Full),
            currency,
            clauses: Some(clauses),
            detail,
        }
    }

    /// Takes what a list of options is written with.
    pub fn of_options(reply: &pb::ListOptionsResponse, currency: &'a str, detail: Detail) -> Self {
        let localizer = Localizer::of(&reply.language_code);
        let windows = reply.options.iter().filter_map(|o| o.window.as_ref());
        Self {
            localizer,
            clock: Clock::first(windows.map(|w| w.time_zone.as_str()), localizer)
                .naming_zone(detail == Detail::Full),
            currency,
            clauses: None,
            detail,
        }
    }

    /// Returns a label in the language of the reply.
    pub fn label(&self, group: &str, key: &str) -> &'static str {
        self.localizer.label(group, key)
    }

    /// Returns a text in the language of the reply with its places filled in.
    pub fn say(&self, group: &str, key: &str, values: &[(&str, &str)]) -> String {
        self.localizer.fill(group, key, values)
    }

    /// Puts a label before a text, as the language does.
    pub fn labelled(&self, label: &str, text: &str) -> String {
        self.say("page", "labelled", &[("label", label), ("text", text)])
    }

    /// Returns the label of an enum value: `OUTCOME_NEEDS_REVIEW` without its prefix is the
    /// key `needs_review`.
    pub fn named(&self, group: &str, name: &str, prefix: &str) -> &'static str {
        self.label(group, &word(name, prefix).replace(' ', "_"))
    }

    /// Names an outcome.
    pub fn outcome(&self, outcome: pb::Outcome) -> &'static str {
        self.named("outcome", outcome.as_str_name(), "OUTCOME_")
    }

    /// Names an action.
    pub fn action(&self, action: pb::Action) -> &'static str {
        self.named("action", action.as_str_name(), "ACTION_")
    }

    /// Names a remedy.
    pub fn remedy(&self, remedy: pb::Remedy) -> &'static str {
        self.named("remedy", remedy.as_str_name(), "REMEDY_")
    }

    /// Names a party.
    pub fn party(&self, party: pb::Party) -> &'static str {
        self.named("party", party.as_str_name(), "PARTY_")
    }

    /// Names lines of the order.
    pub fn items(&self, line_ids: &[String]) -> String {
        self.say("page", "one_item", &[("line", &line_ids.join(", "))])
    }

    /// Writes an amount in the currency of the order.
    pub fn money(&self, amount: &str) -> String {
        self.localizer.money(amount, self.currency)
    }

    /// Names a clause, and its source where that is known and wanted; empty for none.
    pub fn cite(&self, clause_id: &str) -> String {
        let source = self.clauses.and_then(|of| of.sources.get(clause_id));
        match (clause_id, source, self.detail) {
            ("", ..) => String::new(),
            (id, Some(source), Detail::Full) if !source.is_empty() => format!("[{id}: {source}]"),
            (id, ..) => format!("[{id}]"),
        }
    }
}
