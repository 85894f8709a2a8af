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

/// The key of the form in which a rule is shown as a condition.
const TO_CHECK: &str = "to_check";

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

    /// Returns what must still come true: in the words that the clause has for that, else
    /// those of the code, else as what has to be checked.
    pub fn condition(&self, code: &str, clause: Cite<'p>) -> String {
        if let Some(words) = self.as_condition(clause) {
            return words.to_owned();
        }
        match self.own("condition", code) {
            // Reserved for the form below.
            Some(own) if code != TO_CHECK => own.to_owned(),
            // A clause states a rule, which can be a requirement or what it is lost by.
            _ => self.fill("condition", TO_CHECK, &[("rule", self.says(clause))]),
        }
    }

    /// Returns what one side must do: in the words that the clause has for that, else those
    /// of the code, else what the clause says.
    pub fn obligation(&self, code: &str, clause: Cite<'p>) -> &'p str {
        self.as_task(clause)
            .or_else(|| self.own("obligation", code))
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
            as_condition: None,
            as_task: None,
        }
    }

    #[test]
    fn codes_without_a_sentence_are_said_by_the_clause() {
        let (localizer, clause) = (Localizer::english(), &clause());
        let says = clause.says.as_str();
        assert_eq!(
            localizer.condition("goods_polished", clause),
            format!("To be checked: {says}")
        );
        assert_eq!(localizer.obligation("send_flowers", clause), says);
        assert_eq!(localizer.notice("sundays_off", Some(clause)), says);
        assert_eq!(localizer.reason("policy_word", None, &[]), "");
    }

    #[test]
    fn a_clause_has_words_for_its_other_uses() {
        let localizer = Localizer::english();
        let clause = &Citation {
            as_condition: Some("Piece not worn".into()),
            as_task: Some("Send the piece by registered post.".into()),
            ..clause()
        };
        for code in ["goods_received", "not_worn"] {
            assert_eq!(localizer.condition(code, clause), "Piece not worn");
        }
        assert_eq!(
            localizer.obligation("send_goods_back", clause),
            "Send the piece by registered post."
        );
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
