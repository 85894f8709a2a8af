//! Ids that cannot be confused and cannot be malformed.

use std::borrow::Borrow;
use std::fmt;

use super::limits::MAX_ID_CHARS;

/// Says why a text is not an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidId {
    /// The text is empty.
    Empty,
    /// The text has more than [`MAX_ID_CHARS`] characters.
    TooLong,
    /// The text has a character or a form that the id does not allow.
    Form,
}

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("is empty"),
            Self::TooLong => write!(f, "has more than {MAX_ID_CHARS} characters"),
            Self::Form => f.write_str("has a form that is not allowed"),
        }
    }
}

/// Names something by an id that the caller chose: opaque, 1 to 128 characters, none
/// of them a control character. The text stays the caller's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallerId<'t>(&'t str);

impl<'t> CallerId<'t> {
    /// Stands for an id that could not be read, where nothing is decided any more.
    pub(crate) const UNREAD: Self = Self("unread");

    /// Takes a caller's id.
    ///
    /// # Errors
    /// The text is empty, too long, or has a control character.
    pub fn new(text: &'t str) -> Result<Self, InvalidId> {
        if text.is_empty() {
            return Err(InvalidId::Empty);
        }
        if text.len() > MAX_ID_CHARS && text.chars().count() > MAX_ID_CHARS {
            return Err(InvalidId::TooLong);
        }
        if has_control(text) {
            return Err(InvalidId::Form);
        }
        Ok(Self(text))
    }

    /// Returns the text.
    pub const fn as_str(&self) -> &'t str {
        self.0
    }
}

impl fmt::Display for CallerId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Whether a text has a control character.
pub(crate) fn has_control(text: &str) -> bool {
    match text.is_ascii() {
        true => text.bytes().any(|byte| byte.is_ascii_control()),
        false => text.chars().any(char::is_control),
    }
}

/// Holds the id of a policy: `^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyId(Box<str>);

impl PolicyId {
    /// Takes the id of a policy.
    ///
    /// # Errors
    /// The text does not match the pattern.
    pub fn new(text: &str) -> Result<Self, InvalidId> {
        Self::check(text).map(|()| Self(text.into()))
    }

    /// Checks the form of an id of a policy.
    ///
    /// # Errors
    /// The text does not match the pattern.
    pub fn check(text: &str) -> Result<(), InvalidId> {
        let bytes = text.as_bytes();
        let Some(first) = bytes.first() else {
            return Err(InvalidId::Empty);
        };
        let body = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        let fits = bytes.len() <= 63
            && first.is_ascii_lowercase()
            && bytes.iter().all(body)
            && bytes.last() != Some(&b'-');
        if fits { Ok(()) } else { Err(InvalidId::Form) }
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for PolicyId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PolicyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Holds the id of a clause: capital letters and digits in groups joined by
/// hyphens, such as `RET-07`, at most 32 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClauseId(Box<str>);

impl ClauseId {
    /// Takes the id of a clause.
    ///
    /// # Errors
    /// The text has another form.
    pub fn new(text: &str) -> Result<Self, InvalidId> {
        if text.is_empty() {
            return Err(InvalidId::Empty);
        }
        let group = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b.is_ascii_lowercase())
        };
        let starts = text.bytes().next().is_some_and(|b| b.is_ascii_uppercase());
        if text.len() <= 32 && starts && text.split('-').all(group) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidId::Form)
        }
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClauseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policy_ids_follow_the_pattern() {
        for good in ["a", "acme", "acme-shop", "a1", &"a".repeat(63)] {
            assert!(PolicyId::new(good).is_ok(), "{good}");
        }
        for bad in ["", "1a", "A", "a-", "-a", "a_b", "a b", &"a".repeat(64)] {
            assert!(PolicyId::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn policy_ids_are_checked_at_every_place() {
        for length in 1..20 {
            for index in 0..length {
                for byte in 0..128_u8 {
                    let mut text = "x".repeat(length).into_bytes();
                    text[index] = byte;
                    let text = String::from_utf8(text).expect("ASCII");
                    let fits = match byte {
                        b'a'..=b'z' => true,
                        b'0'..=b'9' => index > 0,
                        b'-' => index > 0 && index + 1 < length,
                        _ => false,
                    };
                    assert_eq!(PolicyId::check(&text).is_ok(), fits, "{text:?}");
                }
            }
        }
        assert!(PolicyId::check("é").is_err());
        assert!(PolicyId::check("shop-of-é-and-others").is_err());
    }

    #[test]
    fn control_characters_are_found_at_every_place() {
        for length in 0..20 {
            assert!(!has_control(&"x".repeat(length)));
            for index in 0..length {
                for byte in 0..128_u8 {
                    let mut text = "x".repeat(length).into_bytes();
                    text[index] = byte;
                    let text = String::from_utf8(text).expect("ASCII");
                    assert_eq!(has_control(&text), byte.is_ascii_control(), "{text:?}");
                }
            }
        }
        assert!(!has_control("é"));
        assert!(has_control("café\u{85}"));
    }

    #[test]
    fn caller_ids_count_characters_not_bytes() {
        assert!(CallerId::new(&"é".repeat(MAX_ID_CHARS)).is_ok());
        assert_eq!(
            CallerId::new(&"é".repeat(MAX_ID_CHARS + 1)),
            Err(InvalidId::TooLong)
        );
        assert_eq!(CallerId::new("a\nb"), Err(InvalidId::Form));
    }
}
