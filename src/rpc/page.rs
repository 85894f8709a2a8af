//! Pages of a list: sizes and tokens.
//!
//! A token says after which entry the next page starts and what the list was
//! narrowed to. The server keeps nothing, so that any server can go on with it,
//! also after the policies were loaded anew.

use crate::domain::violation::{Violation, ViolationKind};

/// Entries of a page where the caller does not say.
const DEFAULT_SIZE: usize = 50;
/// Entries of a page at most.
const MAX_SIZE: usize = 100;

/// Names an entry by what the list is sorted by.
pub(super) type Key = (String, String);

/// Reads the size of a page.
///
/// # Errors
/// The size is negative.
pub(super) fn size(asked: i32) -> Result<usize, Violation> {
    match usize::try_from(asked) {
        Ok(0) => Ok(DEFAULT_SIZE),
        Ok(size) => Ok(size.min(MAX_SIZE)),
        Err(_) => {
            let why = format!("is {asked}; give 1 to {MAX_SIZE}, or 0 for {DEFAULT_SIZE}");
            Err(Violation::new("page_size", ViolationKind::OutOfRange, why))
        }
    }
}

/// Writes the token of the page after an entry.
pub(super) fn token(filter: &str, after: &Key) -> String {
    let text = format!("1\n{filter}\n{}\n{}", after.0, after.1);
    text.bytes().map(|b| format!("{b:02x}")).collect()
}

/// Reads a token: the entry after which the page starts; `None`: the first page.
///
/// # Errors
/// The token is not one of ours, or belongs to a list narrowed otherwise.
pub(super) fn after(token: &str, filter: &str) -> Result<Option<Key>, Violation> {
    if token.is_empty() {
        return Ok(None);
    }
    let wrong = |why: &str| Violation::new("page_token", ViolationKind::InvalidText, why);
    let ours = || wrong("is not a token of an earlier reply; leave it out to start over");
    let text = unhex(token).ok_or_else(ours)?;
    let mut parts = text.split('\n');
    match (
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
    ) {
        (Some("1"), Some(of), Some(policy), Some(revision), None) if of == filter => {
            Ok(Some((policy.to_owned(), revision.to_owned())))
        }
        (Some("1"), Some(_), Some(_), Some(_), None) => Err(wrong(
            "is from a list with another `policy`; repeat that `policy` to get the next page",
        )),
        _ => Err(ours()),
    }
}

fn unhex(token: &str) -> Option<String> {
    if !token.len().is_multiple_of(2) || !token.is_ascii() {
        return None;
    }
    let bytes: Option<Vec<u8>> = token
        .as_bytes()
        .chunks(2)
        .map(|pair| {
            let pair = std::str::from_utf8(pair).ok()?;
            u8::from_str_radix(pair, 16).ok()
        })
        .collect();
    String::from_utf8(bytes?).ok()
}

/// Cuts a page out of entries that are sorted by key, and returns the key of its
/// last entry where another page follows.
pub(super) fn cut<T>(
    entries: Vec<(Key, T)>,
    after: Option<&Key>,
    size: usize,
) -> (Vec<T>, Option<Key>) {
    let mut rest = entries
        .into_iter()
        .filter(|(key, _)| after.is_none_or(|a| key > a));
    let mut page = Vec::new();
    let mut last = None;
    for (key, entry) in rest.by_ref().take(size) {
        page.push(entry);
        last = Some(key);
    }
    let more = rest.next().is_some();
    (page, last.filter(|_| more))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(policy: &str, revision: &str) -> Key {
        (policy.to_owned(), revision.to_owned())
    }

    #[test]
    fn pages_follow_each_other_without_gap_or_repeat() {
        let entries =
            || -> Vec<(Key, i32)> { (0..7).map(|i| (key("acme", &format!("{i}")), i)).collect() };
        let mut seen = Vec::new();
        let mut from = String::new();
        loop {
            let start = after(&from, "acme").expect("our own token");
            let (page, last) = cut(entries(), start.as_ref(), 3);
            seen.extend(page);
            match last {
                Some(last) => from = token("acme", &last),
                None => break,
            }
        }
        assert_eq!(seen, (0..7).collect::<Vec<_>>());
    }

    #[test]
    fn sizes_follow_the_contract() {
        assert_eq!(size(0), Ok(50));
        assert_eq!(size(7), Ok(7));
        assert_eq!(size(1000), Ok(100));
        assert!(size(-1).is_err());
    }

    #[test]
    fn tokens_of_others_are_refused() {
        let other = token("acme", &key("acme", "always"));
        assert!(after(&other, "").is_err());
        for bad in ["x", "zz", "31", "+1", "\u{e9}\u{e9}", "310a0a0a0a0a"] {
            assert!(after(bad, "").is_err(), "{bad}");
        }
    }
}
