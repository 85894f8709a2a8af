//! The catalogue of facts in the documentation is the vocabulary itself.
//!
//! `REDRESS_BLESS=1` writes it.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use redress::domain::vocabulary::{Class, Fact, Kind, Parameter};

const BEGIN: &str = "<!-- catalogue of facts: begin -->\n";
const END: &str = "<!-- catalogue of facts: end -->\n";

fn catalogue() -> String {
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

#[test]
fn documentation_lists_every_fact() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/policy-language.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (old, after) = rest.split_once(END).unwrap();
    let listed = catalogue();
    if std::env::var_os("REDRESS_BLESS").is_some() {
        fs::write(&path, format!("{before}{BEGIN}{listed}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(old, listed);
}
