//! Values of case files, each with where it stands.
//!
//! A request is put together from several files; what is wrong with a value of it is
//! told where the value was written.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::policy::document::Item;

/// Where something stands: the file, by its index among those that were read, and its
/// bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// The file.
    pub file: usize,
    /// First byte.
    pub start: usize,
    /// The byte after the last one.
    pub end: usize,
}

impl Location {
    pub(super) fn new(file: usize, span: &Range<usize>) -> Self {
        Self {
            file,
            start: span.start,
            end: span.end,
        }
    }

    pub(super) fn span(&self) -> Range<usize> {
        self.start..self.end
    }
}

/// A value with its location.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub at: Location,
    pub value: Value,
}

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Table(BTreeMap<String, Node>),
    List(Vec<Node>),
    String(String),
    Integer(i64),
    Boolean(bool),
}

impl Node {
    /// Reads a value; `None`: it has none that requests have, which is reported.
    pub(super) fn read(item: &Item<'_, '_>, file: usize) -> Option<Self> {
        let value = if let Some(text) = item.as_str() {
            Value::String(text.to_owned())
        } else if let Some(list) = item.as_list() {
            let nodes = list.iter().map(|item| Self::read(item, file));
            // Every one of them is looked at, so that every mistake is told.
            let nodes: Vec<Option<Self>> = nodes.collect();
            Value::List(nodes.into_iter().collect::<Option<_>>()?)
        } else if let Some(table) = item.as_table() {
            let entries = table.entries();
            let nodes = entries
                .iter()
                .map(|(key, _, item)| Some(((*key).to_owned(), Self::read(item, file)?)));
            let nodes: Vec<Option<(String, Self)>> = nodes.collect();
            Value::Table(nodes.into_iter().collect::<Option<_>>()?)
        } else if item.is_yes_no() {
            Value::Boolean(item.yes_no()?)
        } else if item.is_integer() {
            Value::Integer(item.integer(i64::MIN, i64::MAX)?)
        } else {
            item.wrong("a string", "put it in quotes");
            return None;
        };
        Some(Self {
            at: Location::new(file, &item.span),
            value,
        })
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the value as proto JSON.
    pub(super) fn json(&self) -> serde_json::Value {
        match &self.value {
            Value::Table(table) => table.iter().map(|(k, v)| (k.clone(), v.json())).collect(),
            Value::List(list) => list.iter().map(Self::json).collect(),
            Value::String(text) => text.clone().into(),
            Value::Integer(number) => (*number).into(),
            Value::Boolean(yes) => (*yes).into(),
        }
    }

    /// Returns the value as TOML.
    pub(super) fn toml(&self) -> toml::Value {
        match &self.value {
            Value::Table(table) => {
                let entries = table.iter().map(|(k, v)| (k.clone(), v.toml()));
                toml::Value::Table(entries.collect())
            }
            Value::List(list) => toml::Value::Array(list.iter().map(Self::toml).collect()),
            Value::String(text) => toml::Value::String(text.clone()),
            Value::Integer(number) => toml::Value::Integer(*number),
            Value::Boolean(yes) => toml::Value::Boolean(*yes),
        }
    }
}

/// A step of a path: a key, or the place in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

/// Returns where a value of a tree was written, or the nearest one around it.
pub(super) fn locate<'n>(mut node: &'n Node, steps: &[Step]) -> &'n Node {
    for step in steps {
        let next = match (step, &node.value) {
            (Step::Key(key), Value::Table(table)) => table.get(key),
            (Step::Index(index), Value::List(list)) => list.get(*index),
            _ => None,
        };
        match next {
            Some(next) => node = next,
            None => break,
        }
    }
    node
}

/// Writes steps as a path, such as `order.lines[0].quantity`.
pub(super) fn path(steps: &[Step]) -> String {
    let mut path = String::new();
    for step in steps {
        match step {
            Step::Key(key) if path.is_empty() => path.push_str(key),
            Step::Key(key) => {
                path.push('.');
                path.push_str(key);
            }
            Step::Index(index) => path.push_str(&format!("[{index}]")),
        }
    }
    path
}

/// Returns the path of the value of a text in JSON that is read when a reader stops at a
/// byte.
pub(super) fn steps_before(json: &str, byte: usize) -> Vec<Step> {
    // What is open: a table with the key that is read, or a list with its index.
    let mut open: Vec<Step> = Vec::new();
    let mut text = String::new();
    let mut letters = json.get(..byte).unwrap_or(json).chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => {
                text.clear();
                while let Some(letter) = letters.next() {
                    match letter {
                        '\\' => text.extend(letters.next()),
                        '"' => break,
                        letter => text.push(letter),
                    }
                }
                // A key, or the value of one that was read before.
                if let Some(Step::Key(key)) = open.last_mut()
                    && key.is_empty()
                {
                    key.clone_from(&text);
                }
            }
            '{' => open.push(Step::Key(String::new())),
            '[' => open.push(Step::Index(0)),
            ',' => match open.last_mut() {
                Some(Step::Key(key)) => key.clear(),
                Some(Step::Index(index)) => *index = index.saturating_add(1),
                None => {}
            },
            '}' | ']' => {
                open.pop();
            }
            _ => {}
        }
    }
    open.retain(|step| !matches!(step, Step::Key(key) if key.is_empty()));
    open
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(json: &str) -> String {
        let byte = json.find('^').expect("a mark");
        path(&steps_before(&json.replace('^', ""), byte))
    }

    #[test]
    fn a_reader_that_stops_names_the_value_it_reads() {
        for (json, path) in [
            (
                r#"{"order":{"lines":[{"quantity":^1}]}}"#,
                "order.lines[0].quantity",
            ),
            (
                r#"{"order":{"lines":[{"quantity"^:1}]}}"#,
                "order.lines[0].quantity",
            ),
            (r#"{"a":[1,2,{"b":"x,{[","c":^3}]}"#, "a[2].c"),
            (r#"{"a":{},"b":[],"c":{"d":[[1],[2]],"e":^1}}"#, "c.e"),
            (r#"{"a":{"b":1},"c":[{"d":1},{"d":^2}]}"#, "c[1].d"),
            (r#"{"a":"\"","b":"x"^}"#, "b"),
            (r#"{^"a":1}"#, ""),
        ] {
            assert_eq!(at(json), path, "{json}");
        }
    }
}
