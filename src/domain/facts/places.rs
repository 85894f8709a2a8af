//! Finds the lines of an order by the caller's id.

use std::cmp::Ordering;

use super::Line;
use crate::domain::id::CallerId;

/// Lines up to which looking at each in turn is the quickest way to find one.
const FEW_LINES: usize = 8;
/// Lines behind the expected one that are looked at before others: a parcel leaves out
/// a few lines that came with another.
const AHEAD: usize = 4;

/// Finds lines by their ids.
///
/// Callers name lines in the order in which they list them, and number them more
/// often than not: both are tried before anything is sorted.
pub(super) struct Places<'o, 't> {
    lines: &'o [Line<'t>],
    /// Places of the lines by id; empty where they are few, or stand in that order.
    sorted: Vec<usize>,
}

/// Compares ids by length and then by text, the order of numbers.
fn compare(a: CallerId<'_>, b: CallerId<'_>) -> Ordering {
    let (a, b) = (a.as_str(), b.as_str());
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// Whether ids ascend, so that none stands twice.
pub(super) fn ascend<'t>(ids: impl ExactSizeIterator<Item = CallerId<'t>> + Clone) -> bool {
    // Most orders have one line and one parcel.
    if ids.len() < 2 {
        return true;
    }
    let next = ids.clone().skip(1);
    ids.zip(next).all(|(a, b)| compare(a, b) == Ordering::Less)
}

impl<'o, 't> Places<'o, 't> {
    /// Takes the lines; the second result names those whose id stands before.
    pub(super) fn new(lines: &'o [Line<'t>]) -> (Self, Vec<usize>) {
        let mut places = Self {
            lines,
            sorted: Vec::new(),
        };
        if ascend(lines.iter().map(|l| l.id)) {
            return (places, Vec::new());
        }
        let mut sorted: Vec<usize> = (0..lines.len()).collect();
        sorted.sort_by(|a, b| match (lines.get(*a), lines.get(*b)) {
            (Some(a), Some(b)) => compare(a.id, b.id),
            _ => Ordering::Equal,
        });
        let id = |index: &usize| lines.get(*index).map(|l| l.id);
        let pairs = sorted.iter().zip(sorted.iter().skip(1));
        let again = pairs.filter(|(a, b)| id(a) == id(b)).map(|(_, b)| *b);
        let again = again.collect();
        if lines.len() > FEW_LINES {
            places.sorted = sorted;
        }
        (places, again)
    }

    /// Returns the line at an index.
    pub(super) fn line(&self, index: usize) -> Option<&'o Line<'t>> {
        self.lines.get(index)
    }

    /// Returns the index of a line; `hint` is where it is expected.
    pub(super) fn find(&self, id: CallerId<'_>, hint: usize) -> Option<usize> {
        if self.lines.get(hint).is_some_and(|line| line.id == id) {
            return Some(hint);
        }
        self.search(id, hint.saturating_add(1))
    }

    fn search(&self, id: CallerId<'_>, next: usize) -> Option<usize> {
        let is = |line: &Line<'t>| line.id == id;
        if self.lines.len() <= FEW_LINES {
            return self.lines.iter().position(is);
        }
        if self.sorted.is_empty() {
            let ahead = self.lines.iter().skip(next).take(AHEAD);
            let near = ahead.zip(next..).find(|(line, _)| is(line));
            if let Some((_, index)) = near {
                return Some(index);
            }
            return self.lines.binary_search_by(|l| compare(l.id, id)).ok();
        }
        let by_id = |index: &usize| match self.lines.get(*index) {
            Some(line) => compare(line.id, id),
            None => Ordering::Less,
        };
        let at = self.sorted.binary_search_by(by_id).ok()?;
        self.sorted.get(at).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns lines with these ids.
    fn lines<'t>(ids: &[&'t str]) -> Vec<Line<'t>> {
        let line = |id: &&'t str| Line {
            id: CallerId::new(id).expect("an id"),
            ..Line::unknown()
        };
        ids.iter().map(line).collect()
    }

    #[test]
    fn finds_lines_in_any_order_and_number() {
        let numbered: Vec<String> = (0..20).map(|n| format!("line-{n}")).collect();
        let mixed: Vec<String> = (0..20).map(|n| format!("{}", n * 7 % 20)).collect();
        for ids in [&numbered, &mixed] {
            for count in [1, 3, 8, 9, 20] {
                let ids: Vec<&str> = ids.iter().take(count).map(String::as_str).collect();
                let lines = lines(&ids);
                let (places, again) = Places::new(&lines);
                assert_eq!(again, [0_usize; 0]);
                for (index, id) in ids.iter().enumerate() {
                    let id = CallerId::new(id).expect("an id");
                    for hint in [0, index, 99] {
                        assert_eq!(places.find(id, hint), Some(index), "{id}");
                    }
                }
                let other = CallerId::new("other").expect("an id");
                assert_eq!(places.find(other, 0), None);
            }
        }
    }

    #[test]
    fn names_every_later_line_with_the_same_id() {
        let lines = lines(&["a", "b", "a", "c", "a"]);
        assert_eq!(Places::new(&lines).1, [2, 4]);
    }
}
