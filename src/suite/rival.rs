//! Rivals: the other readings of an ambiguous text, as changes of a policy.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::mutant;
use super::tree::{Location, Node};
use crate::policy::check::check_grammar;
use crate::policy::checked::CheckedPolicy;
use crate::policy::document::{Item, Table as Document};
use crate::policy::source::Source;

/// The value that removes a key.
const UNSET: &str = "unset";

/// Mirrors the other reading of an ambiguity.
#[derive(Clone, Debug)]
pub struct Rival {
    /// Id of the reading that it contests.
    pub reading: String,
    /// The other reading, one sentence.
    pub says: String,
    /// Where it stands.
    pub(super) at: Location,
    /// Clauses that do not stand under it.
    drop: Vec<String>,
    /// Keys that replace those of a clause, by id.
    clauses: BTreeMap<String, Table>,
    /// Keys that replace those of the head.
    head: Table,
    /// Clauses that stand under it alone.
    add: Vec<Table>,
}

/// Mirrors the statement that no decision can tell a reading from another.
#[derive(Clone, Debug)]
pub struct NoRival {
    /// Id of the reading.
    pub reading: String,
    /// Why.
    pub why: String,
}

impl NoRival {
    /// Reads it; `None`: it is wrong and reported.
    pub(super) fn read(item: &Item<'_, '_>) -> Option<Self> {
        let table = item.table()?;
        let reading = table.need("reading").and_then(|item| item.text());
        let why = table.need("why").and_then(|item| item.sentence("why"));
        table.finish();
        Some(Self {
            reading: reading?,
            why: why?,
        })
    }
}

impl Rival {
    /// Reads it; `None`: it is wrong and reported.
    pub(super) fn read(item: &Item<'_, '_>, file: usize) -> Option<Self> {
        let table = item.table()?;
        let reading = table.need("reading");
        let at = reading.as_ref().map(|item| Location::new(file, &item.span));
        let reading = reading.and_then(|item| item.text());
        let says = table.need("says").and_then(|item| item.sentence("says"));
        let drop = list(&table, "drop");
        let drop = drop.iter().filter_map(|item| item.text()).collect();
        let keys = |item: &Item<'_, '_>| match Node::read(item, file)?.toml() {
            Value::Table(keys) => Some(keys),
            _ => {
                item.wrong("a table", "");
                None
            }
        };
        let clauses = table.get("clauses").and_then(|item| item.table());
        let clauses = clauses.map(|table| table.entries()).unwrap_or_default();
        let clauses = clauses
            .iter()
            .filter_map(|(id, _, item)| Some(((*id).to_owned(), keys(item)?)))
            .collect();
        let head = table.get("head").map(|item| keys(&item));
        let add = list(&table, "add");
        let add = add.iter().filter_map(keys).collect();
        table.finish();
        Some(Self {
            reading: reading?,
            says: says?,
            at: at?,
            drop,
            clauses,
            head: match head {
                None => Table::new(),
                Some(head) => head?,
            },
            add,
        })
    }

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
                .ok_or_else(|| format!("unknown clause `{id}` in `clauses`"))?;
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
            let places = mutant::places(&policy, id);
            if places.is_empty() {
                return Err(format!("unknown clause `{id}` in `drop`"));
            }
            for index in places {
                mutant::switch_off(&mut policy, index);
            }
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

fn list<'t, 'i>(table: &Document<'t, 'i>, key: &'t str) -> Vec<Item<'t, 'i>> {
    let item = table.get(key);
    item.map(|item| item.one_or_more()).unwrap_or_default()
}
