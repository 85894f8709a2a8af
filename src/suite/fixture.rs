//! Builds the request of a case from fixtures and set values.

use std::collections::BTreeMap;

use toml::{Table, Value};

/// A part of a request; `use` and `set` are not fields of it.
pub(super) type Fixture = Table;

/// The value that removes a field.
const UNSET: &str = "unset";
/// Fixtures inside fixtures.
const MAX_DEPTH: usize = 16;

/// Merges fixtures into a request, in order.
pub(super) fn apply(
    request: &mut Table,
    fixtures: &BTreeMap<&str, &Fixture>,
    names: &[String],
    depth: usize,
) -> Result<(), String> {
    if depth > MAX_DEPTH {
        return Err(format!(
            "fixtures inside fixtures, more than {MAX_DEPTH} deep"
        ));
    }
    for name in names {
        let fixture = fixtures
            .get(name.as_str())
            .ok_or_else(|| format!("no fixture `{name}`"))?;
        let mut fields = (*fixture).clone();
        let inner = match fields.remove("use") {
            None => Vec::new(),
            Some(list) => words(&list).ok_or_else(|| format!("`use` of `{name}` is no list"))?,
        };
        let values = match fields.remove("set") {
            None => Table::new(),
            Some(Value::Table(values)) => values,
            Some(_) => return Err(format!("`set` of `{name}` is no table")),
        };
        apply(request, fixtures, &inner, depth.saturating_add(1))?;
        merge(request, fields);
        set(request, &values)?;
    }
    Ok(())
}

fn words(list: &Value) -> Option<Vec<String>> {
    list.as_array()?
        .iter()
        .map(|v| v.as_str().map(str::to_owned))
        .collect()
}

/// Merges tables by key; everything else replaces, lists as a whole.
fn merge(into: &mut Table, from: Table) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(Value::Table(old)), Value::Table(new)) => merge(old, new),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

/// Puts values at paths, in order of path.
pub(super) fn set(request: &mut Table, values: &Table) -> Result<(), String> {
    for (path, value) in values {
        let steps = steps(path).ok_or_else(|| format!("`{path}` is no path"))?;
        put(request, &steps, value).map_err(|what| format!("`{path}`: {what}"))?;
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

fn put(table: &mut Table, steps: &[Step<'_>], value: &Value) -> Result<(), String> {
    let [(key, indexes), rest @ ..] = steps else {
        return Ok(());
    };
    let remove = value.as_str() == Some(UNSET);
    if indexes.is_empty() {
        if rest.is_empty() {
            if remove {
                table.remove(*key);
            } else {
                table.insert((*key).to_owned(), value.clone());
            }
            return Ok(());
        }
        let inner = table
            .entry(*key)
            .or_insert_with(|| Value::Table(Table::new()));
        return put(
            inner.as_table_mut().ok_or("a step is no table")?,
            rest,
            value,
        );
    }
    let mut slot = table
        .entry(*key)
        .or_insert_with(|| Value::Array(Vec::new()));
    for index in indexes {
        let list = slot.as_array_mut().ok_or("a step is no list")?;
        if *index == list.len() {
            list.push(Value::Table(Table::new()));
        }
        slot = list
            .get_mut(*index)
            .ok_or("an index is beyond the next one")?;
    }
    if rest.is_empty() {
        *slot = value.clone();
        return Ok(());
    }
    put(
        slot.as_table_mut().ok_or("a step is no table")?,
        rest,
        value,
    )
}
