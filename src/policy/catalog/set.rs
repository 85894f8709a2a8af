//! A set of files: which sentences belong to which revision, and each revision
//! with its sentences from text to plan.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::vocabulary::Event;
use crate::policy::check::check;
use crate::policy::compile::compile_in;
use crate::policy::diagnostic::Diagnostic;
use crate::policy::plan::Plan;
use crate::policy::pool::Pool;
use crate::policy::source::Source;
use crate::policy::translation::{self, Spoken};

/// Holds a revision with the files of its sentences in other languages.
pub(super) struct Revision<'s> {
    source: &'s Source,
    texts: Vec<&'s Source>,
}

/// Holds what became of a revision.
#[derive(Default)]
pub(super) struct Read {
    /// Its plan, if it has one.
    pub compiled: Option<Compiled>,
    /// What is wrong with its files, each with the text of the file.
    pub found: Vec<(Diagnostic, Arc<str>)>,
}

/// Holds a plan and what a message about its file as a whole needs.
pub(super) struct Compiled {
    pub plan: Box<Plan>,
    pub path: String,
    /// The first line of the file.
    pub head: Arc<str>,
}

impl Read {
    fn fail(&mut self, of: &Source, list: Vec<Diagnostic>) {
        let text: Arc<str> = of.text.as_str().into();
        self.found
            .extend(list.into_iter().map(|d| (d, text.clone())));
    }
}

/// Sorts files into revisions with their sentences; sentences that belong to none
/// are mistakes.
pub(super) fn revisions(sources: &[Source]) -> (Vec<Revision<'_>>, Read) {
    let is_text = |source: &&Source| source.path.ends_with(translation::SUFFIX);
    let mut texts: BTreeMap<String, Vec<&Source>> = BTreeMap::new();
    let mut strays = Vec::new();
    for source in sources.iter().filter(is_text) {
        match translation::revision_path(&source.path) {
            Some(of) => texts.entry(of).or_default().push(source),
            None => strays.push(source),
        }
    }
    let revisions: Vec<Revision<'_>> = sources
        .iter()
        .filter(|source| !is_text(source))
        .map(|source| Revision {
            source,
            texts: texts.get(&source.path).cloned().unwrap_or_default(),
        })
        .collect();
    for revision in &revisions {
        texts.remove(&revision.source.path);
    }
    strays.extend(texts.into_values().flatten());
    let mut read = Read::default();
    for stray in strays {
        let message = "the sentences belong to no revision".to_owned();
        let help = "name the file `REVISION.LANGUAGE.texts.toml` beside its revision";
        let diagnostic = whole_file(&stray.path, "wrong-place", message, help);
        read.fail(stray, vec![diagnostic]);
    }
    (revisions, read)
}

/// Checks and compiles a revision and reads its sentences.
pub(super) fn read(revision: &Revision<'_>, pool: &Pool) -> Read {
    let source = revision.source;
    let mut read = Read::default();
    let policy = match check(source) {
        Ok(policy) => policy,
        Err(list) => {
            read.fail(source, list);
            return read;
        }
    };
    let mut plan = match compile_in(&policy, pool) {
        Ok(plan) => plan,
        Err(too_many) => {
            let help = "let clauses share tests, or split the policy";
            let diagnostic = whole_file(&source.path, "too-many", too_many.to_string(), help);
            read.fail(source, vec![diagnostic]);
            return read;
        }
    };
    let names = |events: &'_ [Event]| events.iter().map(|event| event.word()).collect();
    let phrases: BTreeSet<&str> = names(&plan.declared_events);
    let facts = plan.facts.iter().map(|fact| fact.word());
    let cited = || plan.clauses.iter().map(|clause| &clause.cited);
    let spoken = Spoken {
        clauses: plan.clause_ids().collect(),
        conditions: cited()
            .filter(|of| of.as_condition.is_some())
            .map(|of| of.id.as_str())
            .collect(),
        tasks: cited()
            .filter(|of| of.as_task.is_some())
            .map(|of| of.id.as_str())
            .collect(),
        questions: facts.chain(phrases.iter().copied()).collect(),
        phrases,
    };
    let mut translations = Vec::new();
    for text in &revision.texts {
        match translation::read(text, &spoken, pool) {
            Ok(translation) => translations.push(pool.translation(translation)),
            Err(list) => read.fail(text, list),
        }
    }
    plan.texts = translations;
    read.compiled = Some(Compiled {
        plan: Box::new(plan),
        path: source.path.clone(),
        head: source.text.lines().next().unwrap_or_default().into(),
    });
    read
}

/// Describes a mistake that is about a file as a whole.
pub(super) fn whole_file(
    path: &str,
    code: &'static str,
    message: String,
    help: &str,
) -> Diagnostic {
    Diagnostic {
        path: path.to_owned(),
        span: 0..0,
        code,
        message,
        help: help.to_owned(),
        related: Vec::new(),
    }
}
