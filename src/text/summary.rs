//! The answer in one sentence.

use super::Localizer;
use crate::domain::facts::Remedy;
use crate::domain::money::Currency;
use crate::domain::verdict::{Decision, Outcome, ReasonCode, Settlement, Verdict};

/// Characters of a summary. A reason that does not fit is left to the reasons.
pub const MAX_SUMMARY: usize = 160;

impl<'p> Localizer<'p> {
    /// Returns the answer as one sentence of at most [`MAX_SUMMARY`] characters, without
    /// names and addresses. `window` says when the window of a decision opens or closed,
    /// as the parameters of its reason do.
    pub fn summary(
        &self,
        verdict: &Verdict<'p>,
        currency: Currency,
        window: impl FnOnce(&Decision<'p>) -> Vec<(&'static str, String)>,
    ) -> String {
        match verdict.outcome {
            Outcome::Approved => self.approved(verdict, currency),
            Outcome::Denied => self.because("denied", verdict, window),
            Outcome::NeedsReview => self.because("review", verdict, window),
            Outcome::NeedsInformation => self.count("summary", "facts", verdict.missing.len()),
            Outcome::Mixed => self.mixed(verdict),
        }
    }

    fn approved(&self, verdict: &Verdict<'p>, currency: Currency) -> String {
        let entitlements = verdict
            .each()
            .filter_map(|(_, decision)| decision.entitlement.as_ref());
        let mut remedies: Vec<Remedy> = entitlements.map(|e| e.remedy).collect();
        remedies.dedup();
        let settlement = verdict.settlement.as_ref();
        // What a sum names is not named twice.
        remedies.retain(|remedy| !settlement.is_some_and(|of| is_named(*remedy, of)));
        let names = remedies.iter().map(|r| self.label("remedy", r.word()));
        let mut parts: Vec<String> = names.map(str::to_owned).collect();
        let mut waits = false;
        if let Some(settlement) = settlement {
            parts.extend(self.sums(settlement, currency));
            waits = !settlement.release.is_now();
        }
        let what = parts.join(", ");
        let code = if waits { "approved_waits" } else { "approved" };
        let whole = self.fill("summary", code, &[("what", &what)]);
        if fits(&whole) {
            return whole;
        }
        self.fill("summary", "approved", &[("what", &what)])
    }

    /// Returns what moves, in words, nothing that is zero.
    fn sums(&self, settlement: &Settlement<'_>, currency: Currency) -> Vec<String> {
        let sums = [
            (settlement.refund_total, "paid_back"),
            (settlement.credit_total, "as_credit"),
            (settlement.credit_used_total, "credit_used"),
            (settlement.owed_total, "owed"),
        ]
        .into_iter()
        .filter(|(amount, _)| !amount.is_zero())
        .map(|(amount, code)| {
            let amount = self.money(&amount.text(currency), currency.code());
            self.fill("summary", code, &[("amount", &amount)])
        });
        let nothing = is_used_up(settlement).then(|| self.label("summary", "nothing_refunded"));
        nothing.map(str::to_owned).into_iter().chain(sums).collect()
    }

    /// Gives the most important reason of the first row: in the engine's own words where
    /// they say it all, such as a date, else in those of the clause.
    fn because(
        &self,
        answer: &str,
        verdict: &Verdict<'p>,
        window: impl FnOnce(&Decision<'p>) -> Vec<(&'static str, String)>,
    ) -> String {
        let whole = verdict.each().next().and_then(|(_, decision)| {
            let reason = decision.reasons.first()?;
            let parameters = window(decision);
            let is_whole = match ReasonCode::from_word(reason.code) {
                Some(ReasonCode::WindowClosed | ReasonCode::TooEarly) => !parameters.is_empty(),
                Some(ReasonCode::ConditionFailed) | None => false,
                Some(_) => true,
            };
            let why = match reason.clause {
                Some(clause) if !is_whole => self.says(clause).to_owned(),
                _ => self.reason(reason.code, None, &parameters),
            };
            let form = format!("{answer}_because");
            let with = |why: &str| self.fill("summary", &form, &[("why", why)]);
            let mut parts = parts(&why);
            parts.find(|part| fits(&with(part))).map(|part| with(&part))
        });
        whole.unwrap_or_else(|| self.label("summary", answer).to_owned())
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

fn fits(summary: &str) -> bool {
    summary.chars().count() <= MAX_SUMMARY
}

/// Returns a sentence, then what stands before its semicolons, the longest first: each is a
/// sentence of its own.
fn parts(sentence: &str) -> impl Iterator<Item = String> {
    let cuts = sentence.rmatch_indices([';', '·']);
    let shorter = cuts.filter_map(|(at, _)| sentence.get(..at));
    let shorter = shorter.map(|part| format!("{}.", part.trim_end()));
    let whole = (!sentence.is_empty()).then(|| sentence.to_owned());
    whole.into_iter().chain(shorter)
}

/// Whether charges took all of a refund.
fn is_used_up(settlement: &Settlement<'_>) -> bool {
    settlement.refund_total.is_zero() && !settlement.owed_total.is_zero()
}

/// Whether a sum of the settlement says a remedy already.
fn is_named(remedy: Remedy, settlement: &Settlement<'_>) -> bool {
    match remedy {
        Remedy::Refund => !settlement.refund_total.is_zero() || is_used_up(settlement),
        Remedy::StoreCredit => !settlement.credit_total.is_zero(),
        Remedy::CreditUse => !settlement.credit_used_total.is_zero(),
        Remedy::PartialRefund
        | Remedy::Exchange
        | Remedy::Replacement
        | Remedy::Repair
        | Remedy::Change
        | Remedy::PriceReduction
        | Remedy::Cancellation => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_cut_where_another_begins() {
        let cut = |text: &str| parts(text).collect::<Vec<_>>();
        assert_eq!(
            cut("One; two; three."),
            ["One; two; three.", "One; two.", "One."]
        );
        assert_eq!(cut("Ένα· δύο."), ["Ένα· δύο.", "Ένα."]);
        assert!(cut("").is_empty());
    }
}
