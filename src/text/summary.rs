//! The answer in one sentence.

use super::Speaker;
use crate::domain::facts::Remedy;
use crate::domain::money::Currency;
use crate::domain::verdict::{Outcome, Settlement, Verdict};

impl<'p> Speaker<'p> {
    /// Returns the answer as one sentence, without names and addresses.
    pub fn summary(&self, verdict: &Verdict<'p>, currency: Currency) -> String {
        match verdict.outcome {
            Outcome::Approved => self.approved(verdict, currency),
            Outcome::Denied => self.because("denied", verdict),
            Outcome::NeedsReview => self.because("review", verdict),
            Outcome::NeedsInformation => match verdict.missing.len() {
                1 => self.fill("summary", "one_fact", &[]),
                count => self.fill("summary", "facts", &[("count", &count.to_string())]),
            },
            Outcome::Mixed => self.mixed(verdict),
        }
    }

    fn approved(&self, verdict: &Verdict<'p>, currency: Currency) -> String {
        let entitlements = verdict
            .each()
            .filter_map(|(_, decision)| decision.entitlement.as_ref());
        let mut remedies: Vec<Remedy> = entitlements.map(|e| e.remedy).collect();
        remedies.dedup();
        let names = remedies.iter().map(|r| self.fill("remedy", r.word(), &[]));
        let mut parts: Vec<String> = names.collect();
        let mut waits = false;
        if let Some(settlement) = &verdict.settlement {
            parts.extend(self.money(settlement, currency));
            waits = !settlement.release.is_now();
        }
        let code = if waits { "approved_waits" } else { "approved" };
        self.fill("summary", code, &[("what", &parts.join(", "))])
    }

    /// Returns what moves, in words, nothing that is zero.
    fn money(&self, settlement: &Settlement<'_>, currency: Currency) -> Vec<String> {
        [
            (settlement.refund_total, "paid_back"),
            (settlement.credit_total, "as_credit"),
            (settlement.credit_used_total, "credit_used"),
            (settlement.owed_total, "owed"),
        ]
        .into_iter()
        .filter(|(amount, _)| !amount.is_zero())
        .map(|(amount, code)| {
            let amount = format!("{} {}", amount.text(currency), currency.code());
            self.fill("summary", code, &[("amount", &amount)])
        })
        .collect()
    }

    /// Gives the most important reason of the first row.
    fn because(&self, answer: &str, verdict: &Verdict<'p>) -> String {
        let first = verdict.each().next();
        let why = first
            .and_then(|(_, decision)| decision.reasons.first())
            .map(|r| self.reason(r.code, r.clause, &[]))
            .unwrap_or_default();
        if why.is_empty() {
            self.fill("summary", answer, &[])
        } else {
            self.fill("summary", &format!("{answer}_because"), &[("why", &why)])
        }
    }

    fn mixed(&self, verdict: &Verdict<'_>) -> String {
        let counts = [
            (Outcome::Approved, "units_approved"),
            (Outcome::Denied, "units_denied"),
            (Outcome::NeedsReview, "units_review"),
            (Outcome::NeedsInformation, "units_information"),
        ];
        let units = |wanted: Outcome| -> i32 {
            verdict
                .each()
                .filter(|(_, decision)| decision.outcome == wanted)
                .fold(0, |sum, (row, _)| sum.saturating_add(row.quantity))
        };
        let parts: Vec<String> = counts
            .into_iter()
            .map(|(outcome, code)| (units(outcome), code))
            .filter(|(count, _)| *count > 0)
            .map(|(count, code)| self.fill("summary", code, &[("count", &count.to_string())]))
            .collect();
        self.fill("summary", "mixed", &[("counts", &parts.join(", "))])
    }
}
