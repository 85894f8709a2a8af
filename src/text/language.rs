//! The languages that texts are in, and which of them a caller gets.

use crate::domain::verdict::{Cite, Question};
use crate::domain::vocabulary::Event;
use crate::policy::plan::Plan;
use crate::policy::translation::Translation;

/// The engine's own texts: `(language, [(key, text)])`, ascending by language and key.
const LANGUAGES: &[(&str, &[(&str, &str)])] = include!(concat!(env!("OUT_DIR"), "/languages.rs"));

/// The language that every text falls back to: policies are written in it.
pub const FALLBACK: &str = "en";

/// Returns the codes of the languages that the engine's own texts are in, ascending.
pub fn languages() -> impl Iterator<Item = &'static str> {
    LANGUAGES.iter().map(|(code, _)| *code)
}

fn own(language: &str) -> &'static [(&'static str, &'static str)] {
    LANGUAGES
        .iter()
        .find(|(code, _)| *code == language)
        .map_or(&[], |(_, texts)| texts)
}

fn text_of(texts: &'static [(&'static str, &'static str)], key: &str) -> Option<&'static str> {
    let at = texts.binary_search_by_key(&key, |(k, _)| k).ok()?;
    texts.get(at).map(|(_, text)| *text)
}

/// Says texts in one language: the engine's own and those of a policy's clauses.
#[derive(Clone, Copy, Debug)]
pub struct Localizer<'p> {
    language: &'p str,
    own: &'static [(&'static str, &'static str)],
    clauses: Option<&'p Translation>,
}

impl<'p> Localizer<'p> {
    /// Takes the first language wished for that the engine or the policy has, by
    /// its primary subtag: `fr-CA` is `fr`. Without one it speaks English.
    pub fn new(plan: &'p Plan, wished: &[String]) -> Self {
        wished
            .iter()
            .find_map(|code| Self::speaking(plan, code))
            .unwrap_or_else(Self::english)
    }

    /// Speaks English.
    pub fn english() -> Self {
        Self::of(FALLBACK)
    }

    /// Speaks a language, by its code as a reply names it, without a policy: the engine's
    /// own texts, in English where it has none in that language.
    pub fn of(code: &str) -> Self {
        let known = LANGUAGES.iter().find(|(language, _)| *language == code);
        let (language, own) = known.map_or((FALLBACK, own(FALLBACK)), |(code, own)| (code, *own));
        Self {
            language,
            own,
            clauses: None,
        }
    }

    fn speaking(plan: &'p Plan, code: &str) -> Option<Self> {
        let primary = code.split('-').next().unwrap_or(code);
        let engine = LANGUAGES
            .iter()
            .find(|(language, _)| language.eq_ignore_ascii_case(primary));
        let policy = plan
            .texts
            .iter()
            .find(|texts| texts.language.eq_ignore_ascii_case(primary));
        let language = engine
            .map(|(language, _)| *language)
            .or_else(|| policy.map(|texts| texts.language.as_str()))?;
        Some(Self {
            language,
            own: engine.map_or_else(|| own(FALLBACK), |(_, texts)| texts),
            clauses: policy.map(|texts| &**texts),
        })
    }

    /// Returns the code of the language.
    pub fn language(&self) -> &'p str {
        self.language
    }

    /// Returns one of the engine's own texts, `group.code`, in English where the
    /// language lacks it; `None`: there is no such text.
    pub(super) fn own(&self, group: &str, code: &str) -> Option<&'static str> {
        let key = format!("{group}.{code}");
        text_of(self.own, &key).or_else(|| text_of(own(FALLBACK), &key))
    }

    /// Returns one of the engine's own texts as it is; empty where there is none.
    pub fn label(&self, group: &str, code: &str) -> &'static str {
        self.own(group, code).unwrap_or_default()
    }

    /// Returns one of the engine's own texts with its places filled in.
    pub fn fill(&self, group: &str, code: &str, values: &[(&str, &str)]) -> String {
        let mut text = String::new();
        let mut rest = self.label(group, code);
        // What is filled in is not looked at again: it may hold braces of its own.
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            let value = values.iter().find(|(of, _)| *of == name);
            text.push_str(value.map_or("", |(_, value)| value));
            rest = after;
        }
        text.push_str(rest);
        text
    }

    /// Returns what a sentence calls a standard event; a declared one is called by its name.
    pub fn event<'e>(&self, name: &'e str) -> &'e str {
        // The contract has the English phrases of its events.
        let contract = || Event::standard(name).map(|event| event.spec().phrase);
        self.own("event", name).or_else(contract).unwrap_or(name)
    }

    /// Returns a question as it can be put to a person, in English where the language lacks
    /// it.
    pub fn question(&self, question: &Question) -> String {
        let (group, english) = match question {
            Question::Fact(fact, _) => ("question", fact.spec().question),
            Question::Event(event) => ("when", event.spec().question),
            Question::Field(_) => ("question", ""),
        };
        let declared = match question {
            Question::Fact(fact, _) => fact.entry(),
            Question::Event(event) => event.entry(),
            Question::Field(_) => None,
        };
        let text = match declared {
            Some(name) => self.policy_text(|texts| texts.question(name), english),
            // The contract words the questions of its facts and events.
            None if self.language == FALLBACK && !english.is_empty() => english,
            None => self.own(group, question.name()).unwrap_or(english),
        };
        match question.parameter() {
            Some(word) => text.replace("{word}", word),
            None => text.to_owned(),
        }
    }

    /// Returns a text of the policy in the language, or as the policy itself has it.
    fn policy_text<'t>(
        &self,
        read: impl FnOnce(&'p Translation) -> Option<&'t str>,
        own: &'t str,
    ) -> &'t str
    where
        'p: 't,
    {
        self.clauses.and_then(read).unwrap_or(own)
    }

    /// Returns what has to be checked by a clause; `None`: it has no sentence for that in
    /// the language.
    pub(super) fn as_condition(&self, clause: Cite<'p>) -> Option<&'p str> {
        match self.clauses {
            Some(clauses) => clauses.as_condition(&clause.id),
            None => clause.as_condition.as_deref(),
        }
    }

    /// Returns what has to be done by a clause; `None`: it has no sentence for that in the
    /// language.
    pub(super) fn as_task(&self, clause: Cite<'p>) -> Option<&'p str> {
        match self.clauses {
            Some(clauses) => clauses.as_task(&clause.id),
            None => clause.as_task.as_deref(),
        }
    }

    /// Returns what a clause says, in English where the policy lacks a text.
    pub fn says(&self, clause: Cite<'p>) -> &'p str {
        self.clauses
            .and_then(|clauses| clauses.says(&clause.id))
            .unwrap_or(&clause.says)
    }
}
