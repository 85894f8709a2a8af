//! The register of a revision, for people: a page in Markdown.

use crate::suite::register::{Register, RegisterClause, RegisterReading};

/// Writes the register: clauses with source, sentence, effect and cases, then the
/// readings chosen where the text is ambiguous.
pub fn register(register: &Register) -> String {
    let mut lines = vec![
        format!("# {}: register of {}", register.title, register.policy),
        String::new(),
        format!(
            "Revision {}, {} clauses, {} readings.",
            register.revision,
            register.clauses.len(),
            register.readings.len()
        ),
        String::new(),
        "## Clauses".to_owned(),
    ];
    for of in &register.clauses {
        clause(&mut lines, of);
    }
    lines.push(String::new());
    lines.push("## Readings".to_owned());
    for of in &register.readings {
        reading(&mut lines, of);
    }
    lines.push(String::new());
    lines.join("\n")
}

fn head(lines: &mut Vec<String>, id: &str, says: &str) {
    let blank = String::new;
    lines.extend([
        blank(),
        format!("### {id}"),
        blank(),
        says.to_owned(),
        blank(),
    ]);
}

fn clause(lines: &mut Vec<String>, clause: &RegisterClause) {
    head(lines, &clause.id, &clause.says);
    lines.push(format!("- source: {}", clause.source));
    let effect = match &clause.effect {
        Ok(effect) => effect,
        Err(because) => {
            lines.push(format!("- no effect: {because}"));
            return;
        }
    };
    lines.push(format!("- on: {}", effect.routes.join(", ")));
    lines.push(format!("- effect: {}", effect.does));
    lines.extend(effect.when.iter().map(|when| format!("- {when}")));
    if !effect.overrides.is_empty() {
        lines.push(format!("- overrides: {}", effect.overrides.join(", ")));
    }
    if !effect.uncovered.is_empty() {
        lines.push(format!(
            "- the terms do not cover: {}",
            effect.uncovered.join(", ")
        ));
    }
    cases(lines, &effect.cases);
}

fn reading(lines: &mut Vec<String>, reading: &RegisterReading) {
    head(lines, &reading.id, &reading.says);
    lines.push(format!("- of: {}", reading.of.join(", ")));
    lines.extend(reading.rivals.iter().map(|says| format!("- not: {says}")));
    if let Some(why) = &reading.no_rival {
        lines.push(format!("- no rival: {why}"));
    }
    cases(lines, &reading.cases);
}

fn cases(lines: &mut Vec<String>, cases: &[String]) {
    lines.push(format!("- cases: {}", cases.len()));
    lines.extend(cases.iter().map(|name| format!("  - {name}")));
}
