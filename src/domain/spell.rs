//! Values that have a plain text: ids of fields, amounts, times.

use std::fmt;

/// Room for most texts, so that they do not move as they grow.
const ROOM: usize = 48;

/// Writes its text piece by piece. A reply has many such texts, and formatting them
/// the general way, by a table of what to call for each piece, costs several times
/// what the pieces do.
pub trait Spell {
    /// Appends the text.
    ///
    /// # Errors
    /// What takes the text refuses it; memory never does.
    fn spell(&self, to: &mut impl fmt::Write) -> fmt::Result;

    /// Returns the text.
    fn spelled(&self) -> String {
        let mut text = String::with_capacity(ROOM);
        // Memory takes every text.
        let _ = self.spell(&mut text);
        text
    }
}

/// Appends a whole number in decimal digits.
///
/// # Errors
/// What takes the text refuses it.
pub fn number(to: &mut impl fmt::Write, number: u64) -> fmt::Result {
    if number >= 10 {
        self::number(to, number / 10)?;
    }
    last_digit(to, number)
}

/// Appends the last decimal digit of a number.
///
/// # Errors
/// What takes the text refuses it.
pub fn last_digit(to: &mut impl fmt::Write, number: u64) -> fmt::Result {
    to.write_char(char::from(b'0' | (number % 10) as u8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_of_the_library() {
        for n in [0, 1, 9, 10, 11, 99, 100, 1_234_567_890, u64::MAX] {
            let mut text = String::new();
            assert_eq!(number(&mut text, n), Ok(()));
            assert_eq!(text, n.to_string());
        }
    }
}
