//! The register of a revision: every clause with what it does and what proves it.

use super::Suite;
use super::rival::Rival;
use crate::policy::checked::CheckedPolicy;
use crate::policy::describe;

/// Holds the register of one revision.
#[derive(Debug)]
pub struct Register {
    /// The shop, for people.
    pub title: String,
    /// The policy.
    pub policy: String,
    /// The revision.
    pub revision: String,
    /// Every clause, by id.
    pub clauses: Vec<RegisterClause>,
    /// Every reading, in file order.
    pub readings: Vec<RegisterReading>,
}

/// Describes a clause.
#[derive(Debug)]
pub struct RegisterClause {
    /// Its id.
    pub id: String,
    /// Where it stands in the published terms.
    pub source: String,
    /// What it says.
    pub says: String,
    /// What it does, or why nothing follows from it.
    pub effect: Result<RegisterEffect, String>,
}

/// Describes what a clause does.
#[derive(Debug)]
pub struct RegisterEffect {
    /// The routes it stands on.
    pub routes: Vec<&'static str>,
    /// What it does, in one line.
    pub does: String,
    /// When, one line a demand; empty: always.
    pub when: Vec<String>,
    /// The clauses that it sets aside.
    pub overrides: Vec<String>,
    /// Actions of which it says that the terms do not speak.
    pub uncovered: Vec<&'static str>,
    /// Names of the cases that prove it.
    pub cases: Vec<String>,
}

/// Describes a reading.
#[derive(Debug)]
pub struct RegisterReading {
    /// Its id.
    pub id: String,
    /// The clauses that it is about.
    pub of: Vec<String>,
    /// The reading that was chosen.
    pub says: String,
    /// The other readings.
    pub rivals: Vec<String>,
    /// Why there is no other reading that a decision could tell apart.
    pub no_rival: Option<String>,
    /// Names of the cases that prove it.
    pub cases: Vec<String>,
}

/// Draws up the register of a revision.
pub fn register(policy: &CheckedPolicy, suite: &Suite) -> Register {
    let revision = policy
        .effective
        .map_or_else(|| "always".to_owned(), |day| day.to_string());
    let cases = |cites: &dyn Fn(&super::Case) -> bool| -> Vec<String> {
        let of_revision = suite.cases.iter().filter(|c| c.revision == revision);
        let cited = of_revision.filter(|case| cites(case));
        cited.map(|case| case.name.clone()).collect()
    };
    let with_effect = policy.clauses.iter().enumerate().map(|(index, clause)| {
        let id = clause.id.as_str();
        let uncovered = policy.uncovered.iter().filter(|(_, by)| *by == index);
        let named = |index: &usize| policy.clauses.get(*index).map(|c| c.id.as_str().to_owned());
        RegisterClause {
            id: clause.label(),
            source: clause.source.clone(),
            says: clause.says.clone(),
            effect: Ok(RegisterEffect {
                routes: clause.routes.iter().map(|route| route.word()).collect(),
                does: describe::effect(policy, clause),
                when: describe::guard(policy, &clause.guard),
                overrides: clause.overrides.iter().filter_map(named).collect(),
                uncovered: uncovered.map(|(action, _)| action.word()).collect(),
                cases: cases(&|case| case.clauses.iter().any(|cited| cited == id)),
            }),
        }
    });
    let without = policy.inert.iter().map(|clause| RegisterClause {
        id: clause.id.as_str().to_owned(),
        source: clause.source.clone(),
        says: clause.says.clone(),
        effect: Err(clause.because.clone()),
    });
    let mut clauses: Vec<RegisterClause> = with_effect.chain(without).collect();
    clauses.sort_by(|a, b| a.id.cmp(&b.id));
    let readings = policy.readings.iter().map(|reading| {
        let id = reading.id.as_str();
        let about = |of: &String, rival: &Rival| *of == revision && rival.reading == id;
        let rivals = suite.rivals.iter().filter(|(of, rival)| about(of, rival));
        let none = suite
            .no_rivals
            .iter()
            .find(|(of, none)| *of == revision && none.reading == id);
        RegisterReading {
            id: id.to_owned(),
            of: reading.of.iter().map(|id| id.as_str().to_owned()).collect(),
            says: reading.says.clone(),
            rivals: rivals.map(|(_, rival)| rival.says.clone()).collect(),
            no_rival: none.map(|(_, none)| none.why.clone()),
            cases: cases(&|case| case.readings.iter().any(|cited| cited == id)),
        }
    });
    Register {
        title: policy.title.clone(),
        policy: policy.id.as_str().to_owned(),
        readings: readings.collect(),
        clauses,
        revision,
    }
}
