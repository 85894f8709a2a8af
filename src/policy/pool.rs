//! What is equal in plans that are loaded together, each kept once.
//!
//! Shops that share a template share its sentences, in every language, most of its
//! clauses and many of its routes, and one policy says its codes again and again.
//! So plans hold shared parts, and loading looks each up in a pool before it keeps
//! another copy.

use std::borrow::Borrow;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashSet;

use super::plan::{PlanClause, RoutePlan};
use super::terms::Calendar;
use super::translation::Translation;
use crate::domain::text::Text;

/// Entries of one kind in a pool. What recurs is met early; where hardly anything
/// does, a larger pool costs more memory than it saves.
const MAX_ENTRIES: usize = 1 << 17;

/// Keeps each part once, for as long as policies are loaded.
#[derive(Debug, Default)]
pub struct Pool {
    texts: Kept<str>,
    translations: Kept<Translation>,
    calendars: Kept<Calendar>,
    clauses: Kept<PlanClause>,
    routes: Kept<RoutePlan>,
}

impl Pool {
    /// Returns the kept copy of a text.
    pub fn text(&self, text: &str) -> Text {
        self.texts.keep(text).into()
    }

    /// Returns the kept copy of a translation.
    pub(super) fn translation(&self, translation: Translation) -> Arc<Translation> {
        self.translations.keep(translation)
    }

    /// Returns the kept copy of a calendar.
    pub(super) fn calendar(&self, calendar: &Calendar) -> Arc<Calendar> {
        self.calendars.keep(calendar.clone())
    }

    /// Returns the kept copy of a clause.
    pub(super) fn clause(&self, clause: PlanClause) -> Arc<PlanClause> {
        self.clauses.keep(clause)
    }

    /// Returns the kept copy of a route.
    pub(super) fn route(&self, route: RoutePlan) -> Arc<RoutePlan> {
        self.routes.keep(route)
    }
}

/// Values by what they are. The hash is a fixed one, so that loading depends on
/// nothing but the files; it is not iterated.
#[derive(Debug)]
struct Kept<T: ?Sized>(Mutex<FxHashSet<Arc<T>>>);

impl<T: ?Sized> Default for Kept<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: ?Sized + Eq + Hash> Kept<T> {
    fn keep<V: Borrow<T> + Into<Arc<T>>>(&self, value: V) -> Arc<T> {
        // What another thread left behind is whole: an entry is put in at once.
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = kept.get(value.borrow()) {
            return found.clone();
        }
        let made: Arc<T> = value.into();
        if kept.len() < MAX_ENTRIES {
            kept.insert(made.clone());
        }
        made
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_are_one() {
        let pool = Pool::default();
        let (one, same, other) = (pool.text("a"), pool.text("a"), pool.text("b"));
        assert!(one.is_one_with(&same));
        assert_eq!(one, "a");
        assert_ne!(one, other);
    }
}
