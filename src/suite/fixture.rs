//! Builds the request of a case from fixtures and set values.

use std::collections::BTreeMap;

use super::tree::{Location, Node, Value};

/// A part of a request, with the fixtures that come before it and the values that are set
/// after it.
#[derive(Clone, Debug)]
pub(super) struct Fixture {
    pub uses: Vec<(String, Location)>,
    pub fields: BTreeMap<String, Node>,
    pub set: Set,
}

/// Values by path, in the order of the file, with where the path stands.
pub(super) type Set = Vec<(String, Location, Node)>;

/// Says why a request cannot be put together, and where.
#[derive(Debug)]
pub(super) struct NotBuilt {
    pub at: Location,
    pub what: String,
    /// The fixture that is missing, which another file may have.
    pub lacks_fixture: Option<String>,
}

/// The value that removes a field.
const UNSET: &str = "unset";
/// Fixtures inside fixtures.
const MAX_DEPTH: usize = 16;

/// Merges fixtures into a request, in order.
pub(super) fn apply(
    request: &mut BTreeMap<String, Node>,
    fixtures: &BTreeMap<&str, &Fixture>,
    names: &[(String, Location)],
    depth: usize,
) -> Result<(), NotBuilt> {
    for (name, at) in names {
        let wrong = |what: String, lacks_fixture: Option<String>| NotBuilt {
            at: at.clone(),
            what,
            lacks_fixture,
        };
        if depth > MAX_DEPTH {
            let what = format!("fixtures inside fixtures, more than {MAX_DEPTH} deep");
            return Err(wrong(what, None));
        }
        let Some(fixture) = fixtures.get(name.as_str()) else {
            return Err(wrong(format!("no fixture `{name}`"), Some(name.clone())));
        };
        apply(request, fixtures, &fixture.uses, depth.saturating_add(1))?;
        merge(request, fixture.fields.clone());
        set(request, &fixture.set)?;
    }
    Ok(())
}

/// Merges tables by key; everything else replaces, lists as a whole.
fn merge(into: &mut BTreeMap<String, Node>, from: BTreeMap<String, Node>) {
    for (key, node) in from {
        match into.get_mut(&key) {
            Some(Node {
                value: Value::Table(old),
                ..
            }) if matches!(node.value, Value::Table(_)) => {
                if let Value::Table(new) = node.value {
                    merge(old, new);
                }
            }
            _ => {
                into.insert(key, node);
            }
        }
    }
}

/// Puts values at paths, in order.
pub(super) fn set(request: &mut BTreeMap<String, Node>, values: &Set) -> Result<(), NotBuilt> {
    for (path, at, value) in values {
        let wrong = |what: &str| NotBuilt {
            at: at.clone(),
            what: format!("`{path}` {what}"),
            lacks_fixture: None,
        };
        let steps = steps(path).ok_or_else(|| wrong("is not a valid path"))?;
        put(request, &steps, value).map_err(wrong)?;
    }
    Ok(())
}

/// One step of a path: a key and the indexes behind it.
type Step<'p> = (&'p str, Vec<usize>);

fn steps(path: &str) -> Option<Vec<Step<'_>>> {
    path.split('.')
        .map(|part| {
            let (key, rest) = part.split_at(part.find('[').unwrap_or(part.len()));
            let indexes = rest
                .split_terminator(']')
                .map(|i| i.strip_prefix('[')?.parse().ok())
                .collect::<Option<Vec<usize>>>()?;
            (!key.is_empty()).then_some((key, indexes))
        })
        .collect()
}

fn put(
    table: &mut BTreeMap<String, Node>,
    steps: &[Step<'_>],
    value: &Node,
) -> Result<(), &'static str> {
    let [(key, indexes), rest @ ..] = steps else {
        return Ok(());
    };
    let remove = value.as_str() == Some(UNSET);
    if indexes.is_empty() && rest.is_empty() {
        if remove {
            table.remove(*key);
        } else {
            table.insert((*key).to_owned(), value.clone());
        }
        return Ok(());
    }
    // Tables and lists on the way stand where the value does.
    let made = |made: Value| Node {
        at: value.at.clone(),
        value: made,
    };
    let empty = || Value::Table(BTreeMap::new());
    let mut slot = table.entry((*key).to_owned()).or_insert_with(|| {
        made(if indexes.is_empty() {
            empty()
        } else {
            Value::List(Vec::new())
        })
    });
    for index in indexes {
        let Value::List(list) = &mut slot.value else {
            return Err("leads into something that is not a list");
        };
        if *index == list.len() && !remove {
            list.push(made(empty()));
        }
        slot = list
            .get_mut(*index)
            .ok_or("names an element beyond the next one")?;
    }
    if rest.is_empty() {
        if remove {
            return Err("names an element of a list, which cannot be unset; set the list");
        }
        *slot = value.clone();
        return Ok(());
    }
    match &mut slot.value {
        Value::Table(table) => put(table, rest, value),
        _ => Err("leads into something that is not a table"),
    }
}
