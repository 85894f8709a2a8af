//! Sentences for people, in the language that they wish for.
//!
//! The engine's own codes have their sentences in `texts/`, one file a language.
//! Everything else is said by the clause that it rests on, in the policy's words.

mod arithmetic;
mod form;
mod language;
mod summary;

pub use language::{FALLBACK, Localizer, languages};
pub use summary::MAX_SUMMARY;

use crate::domain::verdict::{Cite, ReasonCode};

/// Begins the code of a condition that a refusal or a referral stays away.
const AVERTED: &str = "not_";

impl<'p> Localizer<'p> {
    /// Returns why, as one sentence. The clause speaks where there is one, since
    /// it says more than the code; without a clause, and without a sentence for
    /// the code, the text is empty.
    pub fn reason(
        &self,
        code: &str,
        clause: Option<Cite<'p>>,
        parameters: &[(&str, String)],
    ) -> String {
        let own = ReasonCode::from_word(code).map(|_| self.own_reason(code, parameters));
        match (own, clause) {
            (Some(own), Some(clause)) => format!("{own} {}", self.says(clause)),
            (Some(own), None) => own,
            (None, Some(clause)) => self.says(clause).to_owned(),
            (None, None) => String::new(),
        }
    }

    /// A reason whose parameter is known says it.
    fn own_reason(&self, code: &str, parameters: &[(&str, String)]) -> String {
        // Parameters are local moments, for programs to the minute of RFC 3339.
        let values = parameters
            .iter()
            .map(|(name, value)| (*name, self.minute(value)));
        let values: Vec<(&str, String)> = values.collect();
        let values: Vec<(&str, &str)> = values.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let exact = format!("{code}_at");
        if !values.is_empty() && self.own("reason", &exact).is_some() {
            self.fill("reason", &exact, &values)
        } else {
            self.fill("reason", code, &values)
        }
    }

    /// Returns what must still come true, as one sentence.
    pub fn condition(&self, code: &str, clause: Cite<'p>) -> String {
        let own = match code {
            // Reserved for the form below.
            "averted" => None,
            _ => self.own("condition", code),
        };
        match own {
            Some(own) => own.to_owned(),
            // The clause says what the customer loses if it comes to that.
            None if code.starts_with(AVERTED) => {
                self.fill("condition", "averted", &[("rule", self.says(clause))])
            }
            None => self.says(clause).to_owned(),
        }
    }

    /// Returns what one side must do, as one sentence.
    pub fn obligation(&self, code: &str, clause: Cite<'p>) -> &'p str {
        self.own("obligation", code)
            .unwrap_or_else(|| self.says(clause))
    }

    /// Returns a warning, as one sentence; empty where neither the code nor a
    /// clause has one.
    pub fn notice(&self, code: &str, clause: Option<Cite<'p>>) -> &'p str {
        self.own("notice", code)
            .or_else(|| clause.map(|clause| self.says(clause)))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::verdict::Citation;

    fn clause() -> Citation {
        Citation {
            id: "RET-01".into(),
            says: "Plain pieces come back within 30 days.".into(),
            source: "Returns, section 1".into(),
        }
    }

    #[test]
    fn codes_without_a_sentence_are_said_by_the_clause() {
        let (localizer, clause) = (Localizer::english(), &clause());
        let says = clause.says.as_str();
        assert_eq!(localizer.condition("goods_polished", clause), says);
        assert_eq!(localizer.obligation("send_flowers", clause), says);
        assert_eq!(localizer.notice("sundays_off", Some(clause)), says);
        assert_eq!(localizer.reason("policy_word", None, &[]), "");
    }

    #[test]
    fn own_reasons_are_followed_by_their_clause() {
        let (localizer, clause) = (Localizer::english(), &clause());
        assert_eq!(
            localizer.reason("window_closed", Some(clause), &[]),
            "The period has ended. Plain pieces come back within 30 days."
        );
        assert_eq!(
            localizer.reason(
                "window_closed",
                None,
                &[("closes", "2026-04-08 23:59".to_owned())]
            ),
            "The period ended: Wed 8 Apr 2026, 23:59."
        );
        for code in ReasonCode::WORDS {
            assert!(!localizer.reason(code, None, &[]).is_empty(), "{code}");
        }
    }
}
