//! Rivals: the other readings of an ambiguous text, as changes of a policy.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::{Table, Value};

use super::mutant;
use crate::policy::check::check_grammar;
use crate::policy::checked::CheckedPolicy;
use crate::policy::source::Source;

/// The value that removes a key.
const UNSET: &str = "unset";

/// Mirrors the other reading of an ambiguity.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rival {
    /// Id of the reading that it contests.
    pub reading: String,
    /// The other reading, one sentence.
    pub says: String,
    /// Clauses that do not stand under it.
    #[serde(default)]
    drop: Vec<String>,
    /// Keys that replace those of a clause, by id.
    #[serde(default)]
    clauses: BTreeMap<String, Table>,
    /// Keys that replace those of the head.
    #[serde(default)]
    head: Table,
    /// Clauses that stand under it alone.
    #[serde(default)]
    add: Vec<Table>,
}

/// Mirrors the statement that no decision can tell a reading from another.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoRival {
    /// Id of the reading.
    pub reading: String,
    /// Why.
    pub why: String,
}

impl Rival {
    /// Returns the policy under the other reading.
    ///
    /// # Errors
    /// What is wrong with the change, in words.
    pub fn apply(&self, source: &Source) -> Result<CheckedPolicy, String> {
        let mut root: Table = toml::from_str(&source.text).map_err(|e| e.to_string())?;
        replace(&mut root, &self.head);
        let clauses = root
            .get_mut("clause")
            .and_then(Value::as_array_mut)
            .ok_or("the policy has no clauses")?;
        for (id, keys) in &self.clauses {
            let clause = clauses
                .iter_mut()
                .filter_map(Value::as_table_mut)
                .find(|c| c.get("id").and_then(Value::as_str) == Some(id))
                .ok_or_else(|| format!("there is no clause `{id}` to change"))?;
            replace(clause, keys);
        }
        clauses.extend(self.add.iter().cloned().map(Value::Table));
        let changed = Source {
            path: source.path.clone(),
            text: toml::to_string(&root).map_err(|e| e.to_string())?,
        };
        let mut policy = check_grammar(&changed).map_err(|found| {
            let messages: Vec<String> = found.into_iter().map(|d| d.message).collect();
            messages.join("; ")
        })?;
        for id in &self.drop {
            let place = mutant::place(&policy, id)
                .ok_or_else(|| format!("there is no clause `{id}` to drop"))?;
            mutant::switch_off(&mut policy, place);
        }
        Ok(policy)
    }
}

fn replace(into: &mut Table, keys: &Table) {
    for (key, value) in keys {
        if value.as_str() == Some(UNSET) {
            into.remove(key);
        } else {
            into.insert(key.clone(), value.clone());
        }
    }
}
