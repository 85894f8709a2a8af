//! Names for what clauses say again and again: lists of words, and ends.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::ClauseIndex;
use super::ends::end;
use crate::policy::document::{Item, Table, nearest};
use crate::policy::terms::End;

/// What a policy gave a name.
#[derive(Default)]
pub(super) struct Shorthand {
    lists: BTreeMap<String, Vec<String>>,
    ends: BTreeMap<String, End>,
    /// Where each name stands.
    spans: Vec<(String, Range<usize>)>,
    used: RefCell<BTreeSet<String>>,
}

impl Shorthand {
    /// Reads `[lists]`.
    pub(super) fn read(root: &Table<'_, '_>) -> Self {
        let mut read = Self::default();
        let table = root.get("lists").and_then(|item| item.table());
        for (name, span, item) in table.iter().flat_map(Table::entries) {
            let words = item.one_or_more();
            let words: Option<Vec<String>> = words.iter().map(Item::text).collect();
            if words.as_ref().is_some_and(Vec::is_empty) {
                item.bad("empty-list", "the list of words is empty", "name a word");
            }
            read.lists
                .insert(name.to_owned(), words.unwrap_or_default());
            read.spans.push((name.to_owned(), span));
        }
        read
    }

    /// Reads `[ends]`, which can name events and calendars.
    pub(super) fn read_ends(root: &Table<'_, '_>, names: &mut ClauseIndex<'_>) {
        let table = root.get("ends").and_then(|item| item.table());
        for (name, span, item) in table.iter().flat_map(Table::entries) {
            // One that is wrong is reported, and found all the same.
            let read = end(&item, names).unwrap_or(End::Never);
            names.shorthand.ends.insert(name.to_owned(), read);
            names.shorthand.spans.push((name.to_owned(), span));
        }
    }

    /// Returns the words of a list.
    pub(super) fn list(&self, item: &Item<'_, '_>) -> Option<Vec<String>> {
        self.named(item, &self.lists, "list", "unknown-list")
    }

    /// Returns an end.
    pub(super) fn end(&self, item: &Item<'_, '_>) -> Option<End> {
        self.named(item, &self.ends, "end", "unknown-end")
    }

    /// Returns what is known by a name. `what` says in the error what it would name, and
    /// `code` is that of the error.
    fn named<T: Clone>(
        &self,
        item: &Item<'_, '_>,
        known: &BTreeMap<String, T>,
        what: &str,
        code: &'static str,
    ) -> Option<T> {
        let name = item.text()?;
        let found = known.get(&name);
        if found.is_none() {
            let near = nearest(&name, known.keys().map(String::as_str));
            let help = match near.as_str() {
                "" => format!("declare it: `[{what}s]`"),
                _ => near,
            };
            item.bad(code, format!("unknown {what} `{name}`"), help);
        }
        self.used.borrow_mut().insert(name);
        found.cloned()
    }

    /// Returns the names that nothing uses, with where they stand.
    pub(super) fn unused(&self) -> Vec<(String, Range<usize>)> {
        let used = self.used.borrow();
        let unused = self.spans.iter().filter(|(name, _)| !used.contains(name));
        unused.cloned().collect()
    }
}
