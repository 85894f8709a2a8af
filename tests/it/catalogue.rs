//! The catalogues of facts and events in the documentation are the vocabulary itself.
//!
//! `REDRESS_BLESS=1` writes it.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use redress::domain::vocabulary::{Class, Event, Fact, Kind, Parameter};

fn facts() -> String {
    let mut text = String::from("| fact | values | class | field |\n|---|---|---|---|\n");
    for fact in Fact::ALL {
        let spec = fact.spec();
        let name = match spec.parameter {
            Parameter::None => format!("`{}`", spec.name),
            Parameter::Word => format!("`{}.WORD`", spec.name),
            Parameter::Option => format!("`{}.OPTION`", spec.name),
        };
        let values = match spec.kind {
            Kind::YesNo => "yes, no".to_owned(),
            Kind::OneOf(words) => format!("`{}`", words.join("`, `")),
            Kind::Word => "a word".to_owned(),
            Kind::Number => "a whole number".to_owned(),
            Kind::Amount => "an amount".to_owned(),
        };
        let class = match spec.class {
            Class::Given => "given",
            Class::Selector => "given, makes a reason class",
            Class::Finding => "finding",
            Class::Asked => "asked for",
        };
        let field = spec.field;
        writeln!(text, "| {name} | {values} | {class} | `{field}` |").unwrap();
    }
    text
}

fn events() -> String {
    let mut text = String::from("| event | what | comes after | field |\n|---|---|---|---|\n");
    for event in Event::ALL {
        let spec = event.spec();
        let (name, phrase, field) = (spec.name, spec.phrase, spec.field);
        let after: Vec<String> = spec
            .after
            .iter()
            .map(|first| format!("`{first}`"))
            .collect();
        let after = after.join(", ");
        let nature = match (spec.planned, spec.to_come) {
            (true, _) => "; planned",
            (_, true) => "; to come while unknown",
            _ => "",
        };
        writeln!(
            text,
            "| `{name}` | {phrase}{nature} | {after} | `{field}` |"
        )
        .unwrap();
    }
    text
}

#[test]
fn documentation_lists_every_fact_and_event() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/policy-language.md");
    for (what, listed) in [("facts", facts()), ("events", events())] {
        let begin = format!("<!-- catalogue of {what}: begin -->\n");
        let end = format!("<!-- catalogue of {what}: end -->\n");
        let page = fs::read_to_string(&path).unwrap();
        let (before, rest) = page.split_once(&begin).unwrap();
        let (old, after) = rest.split_once(&end).unwrap();
        if std::env::var_os("REDRESS_BLESS").is_some() {
            fs::write(&path, format!("{before}{begin}{listed}{end}{after}")).unwrap();
            continue;
        }
        assert_eq!(old, listed);
    }
}
