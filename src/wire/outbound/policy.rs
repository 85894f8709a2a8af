//! Writes policies for listing.

use std::collections::BTreeSet;

use redress_client::pb;

use crate::domain::facts::Action;
use crate::domain::time::Zone;
use crate::domain::verdict::Question;
use crate::domain::vocabulary::{Class, Event, Fact, Kind, Parameter};
use crate::policy::plan::Plan;
use crate::policy::register::RegisterEntry;
use crate::policy::terms::WordList;
use crate::policy::vocabulary::Compared;
use crate::text::{self, Localizer};
use crate::wire::enums::Wire;

/// Writes one revision of a policy, with or without its clauses.
pub fn policy(plan: &Plan, with_clauses: bool) -> pb::Policy {
    // Not taken apart: beside what is listed, a plan holds what decides.
    let clauses = if with_clauses {
        plan.register().into_iter().map(clause).collect()
    } else {
        Vec::new()
    };
    pb::Policy {
        name: format!("policies/{}/revisions/{}", plan.policy, plan.revision),
        policy: plan.policy.to_string(),
        revision: plan.revision.clone(),
        title: plan.title.clone(),
        digest: plan.digest.clone(),
        time_zone: plan.zone.map(Zone::name).unwrap_or_default(),
        layer: plan.layer.write(),
        routes: plan.mapped().map(route).collect(),
        clauses,
        option_codes: plan.option_codes.clone(),
        facts: match with_clauses {
            true => plan
                .facts_read()
                .into_iter()
                .map(|(of, compared)| fact(plan, of, compared))
                .collect(),
            false => Vec::new(),
        },
        events: match with_clauses {
            true => plan
                .events_read()
                .into_iter()
                .map(|read| event(plan, read))
                .collect(),
            false => Vec::new(),
        },
    }
}

/// Writes a fact that the terms look at.
fn fact(plan: &Plan, fact: Fact, compared: Compared<'_>) -> pb::FactSpec {
    let spec = fact.spec();
    let words = plan.words_of(fact).unwrap_or_default();
    let listed = WordList::of(&plan.word_lists, fact);
    let listed = listed.filter(|_| spec.parameter == Parameter::Word);
    let owned = |words: &BTreeSet<&str>| words.iter().map(|word| (*word).to_owned()).collect();
    pb::FactSpec {
        name: spec.name.to_owned(),
        value_type: match spec.kind {
            Kind::YesNo => pb::FactType::YesNo,
            Kind::OneOf(_) | Kind::Word => pb::FactType::Word,
            Kind::Number => pb::FactType::Number,
            Kind::Amount => pb::FactType::Amount,
        }
        .into(),
        words: words.iter().map(|word| (*word).to_owned()).collect(),
        fact_class: match spec.class {
            Class::Given => pb::FactClass::Given,
            Class::Selector => pb::FactClass::Selector,
            Class::Finding => pb::FactClass::Finding,
            Class::Asked => pb::FactClass::Asked,
        }
        .into(),
        source: spec.source.write(),
        question: spec.question.to_owned(),
        parameter: match spec.parameter {
            Parameter::None => pb::FactParameter::Unspecified,
            Parameter::Word => pb::FactParameter::Word,
            Parameter::Option => pb::FactParameter::Option,
        }
        .into(),
        reading: match (spec.rule, spec.slot) {
            (None, _) => pb::Reading::Unspecified,
            (Some(_), Some(_)) => pb::Reading::Completed,
            (Some(_), None) => pb::Reading::Derived,
        }
        .into(),
        at_least: spec.at_least,
        known_after: spec.known_after.map_or("", Event::word).to_owned(),
        at_most: spec.at_most,
        declared: spec.declared,
        path: spec.field.to_string(),
        parameters: listed.map_or_else(|| owned(&compared.parameters), <[String]>::to_vec),
        compared_words: owned(&compared.words),
        questions: questions(plan, &Question::Fact(fact, None)),
        personal: spec.personal,
        former_names: texts(spec.former_names),
    }
}

/// Writes an event that the terms look at.
fn event(plan: &Plan, event: Event) -> pb::EventSpec {
    let spec = event.spec();
    pb::EventSpec {
        name: spec.name.to_owned(),
        after: spec
            .after
            .iter()
            .map(|first| first.word().to_owned())
            .collect(),
        source: spec.source.write(),
        question: spec.question.to_owned(),
        phrase: spec.phrase.to_owned(),
        planned: spec.planned,
        to_come: spec.to_come,
        reading: match (spec.rule, spec.slot) {
            (None, _) => pb::Reading::Unspecified,
            (Some(_), Some(_)) => pb::Reading::Completed,
            (Some(_), None) => pb::Reading::Derived,
        }
        .into(),
        declared: spec.declared,
        path: spec.field.to_string(),
        questions: questions(plan, &Question::Event(event)),
        personal: spec.personal,
        former_names: texts(spec.former_names),
    }
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// Writes a question in every language that it is in.
fn questions(plan: &Plan, question: &Question) -> Vec<pb::LocalizedText> {
    let declared = match question {
        Question::Fact(fact, _) => fact.entry(),
        Question::Event(event) => event.entry(),
        Question::Field(_) => None,
    };
    let mut codes: BTreeSet<&str> = match declared {
        // What a policy declares is said as the policy says it, and where it is translated.
        Some(_) => BTreeSet::from([text::FALLBACK]),
        None => text::languages().collect(),
    };
    let translated = plan
        .texts
        .iter()
        .filter(|texts| declared.is_some_and(|name| texts.question(name).is_some()));
    codes.extend(translated.map(|texts| texts.language.as_str()));
    let text = |code: &str| pb::LocalizedText {
        language_code: code.to_owned(),
        text: Localizer::new(plan, &[code.to_owned()]).question(question),
    };
    codes.into_iter().map(text).collect()
}

fn route((action, route): (Action, Action)) -> pb::Route {
    pb::Route {
        action: action.write(),
        route: route.write(),
    }
}

fn clause(entry: RegisterEntry<'_>) -> pb::Clause {
    let RegisterEntry {
        id,
        source,
        says,
        kind,
        routes,
        overrides,
        inert,
    } = entry;
    pb::Clause {
        clause_id: id.to_owned(),
        source: source.to_owned(),
        text: says.to_owned(),
        kind: kind.write(),
        routes: routes.iter().map(|r| r.write()).collect(),
        overrides: overrides.into_iter().map(str::to_owned).collect(),
        inert_reason: inert.unwrap_or_default().to_owned(),
    }
}
