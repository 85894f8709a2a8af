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

/// Names an element of a list.
#[derive(Clone, Copy)]
enum Element<'p> {
    /// By its index.
    At(usize),
    /// By its `name`, as the entries of declared facts have one.
    Named(&'p str),
}

/// One step of a path: a key and the elements behind it.
type Step<'p> = (&'p str, Vec<Element<'p>>);

fn steps(path: &str) -> Option<Vec<Step<'_>>> {
    path.split('.')
        .map(|part| {
            let (key, rest) = part.split_at(part.find('[').unwrap_or(part.len()));
            let elements = rest.split_terminator(']').map(element);
            let elements = elements.collect::<Option<Vec<_>>>()?;
            (!key.is_empty()).then_some((key, elements))
        })
        .collect()
}

/// Reads `[2` or `[NAME`.
fn element(part: &str) -> Option<Element<'_>> {
    let element = part
        .strip_prefix('[')
        .filter(|element| !element.is_empty())?;
    Some(element.parse().map_or(Element::Named(element), Element::At))
}

/// Returns the name of an entry of a list.
fn name_of(entry: &Node) -> Option<&str> {
    match &entry.value {
        Value::Table(fields) => fields.get("name")?.as_str(),
        _ => None,
    }
}

fn put(
    table: &mut BTreeMap<String, Node>,
    steps: &[Step<'_>],
    value: &Node,
) -> Result<(), &'static str> {
    let [(key, elements), rest @ ..] = steps else {
        return Ok(());
    };
    let remove = value.as_str() == Some(UNSET);
    if elements.is_empty() && rest.is_empty() {
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
        made(if elements.is_empty() {
            empty()
        } else {
            Value::List(Vec::new())
        })
    });
    for element in elements {
        let Value::List(list) = &mut slot.value else {
            return Err("leads into something that is not a list");
        };
        let index = match element {
            Element::At(index) => *index,
            Element::Named(name) => {
                if remove && rest.is_empty() {
                    list.retain(|entry| name_of(entry) != Some(name));
                    return Ok(());
                }
                let found = list.iter().position(|entry| name_of(entry) == Some(name));
                found.unwrap_or(list.len())
            }
        };
        if index == list.len() && !remove {
            list.push(made(empty()));
        }
        slot = list
            .get_mut(index)
            .ok_or("names an element beyond the next one")?;
        if let (Element::Named(name), Value::Table(entry)) = (element, &mut slot.value) {
            let name = Value::String((*name).to_owned());
            entry.insert("name".to_owned(), made(name));
        }
    }
    if rest.is_empty() {
        if remove {
            return Err("names an element of a list, which cannot be unset; set the list");
        }
        match (elements.last(), &value.value, &mut slot.value) {
            (Some(Element::Named(name)), Value::Table(fields), Value::Table(entry)) => {
                *entry = fields.clone();
                entry.insert("name".to_owned(), made(Value::String((*name).to_owned())));
            }
            _ => *slot = value.clone(),
        }
        return Ok(());
    }
    match &mut slot.value {
        Value::Table(table) => put(table, rest, value),
        _ => Err("leads into something that is not a table"),
    }
}
