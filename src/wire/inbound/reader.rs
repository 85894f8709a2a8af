//! Reads single fields and collects what is wrong with them.

use crate::domain::facts::Value;
use crate::domain::few::Few;
use crate::domain::id::{CallerId, has_control};
use crate::domain::limits::{MAX_CHOICES, MAX_WORD_CHARS, MAX_WORDS};
use crate::domain::money::{Amount, Currency, InvalidAmount};
use crate::domain::path::At;
use crate::domain::printable::printable;
use crate::domain::violation::{ViolationKind, Violations};
use crate::wire::enums::Wire;

/// Reads fields. What is wrong is collected, and reads as unknown meanwhile: the
/// caller looks at [`Reader::violations`] before it uses anything.
///
/// A field is told by the message that it stands in and its name, so that nothing is
/// put together for one that is right. Most fields of most requests are left out:
/// that is seen where the field is read, and what follows stands apart.
pub(super) struct Reader {
    currency: Currency,
    /// Whether every element of every list was read: then facts can be checked against
    /// each other although other fields are wrong.
    pub(super) whole: bool,
    pub(super) violations: Violations,
}

/// Reads itself from a message of a list.
pub(super) trait ReadMessage<'t, M>: Sized {
    /// Returns one of which nothing is known.
    fn unknown() -> Self;

    /// Reads what the message says.
    fn read(&mut self, r: &mut Reader, at: &At<'_>, message: &'t M);
}

impl Reader {
    /// Starts with a currency of two minor digits, so that amounts can be checked
    /// for their form even where the order's currency is wrong.
    pub(super) fn new() -> Self {
        Self {
            currency: Currency::euro(),
            whole: true,
            violations: Violations::default(),
        }
    }

    /// Records what is wrong with a field, see [`Violations::add`].
    #[cold]
    pub(super) fn wrong(
        &mut self,
        at: &At<'_>,
        name: &'static str,
        kind: ViolationKind,
        why: impl Into<String>,
    ) {
        self.violations.add(at.field(name), kind, why);
    }

    fn wrong_text(&mut self, at: &At<'_>, name: &'static str, why: impl Into<String>) {
        self.wrong(at, name, ViolationKind::InvalidText, why);
    }

    /// Records that a required field is not set.
    #[cold]
    pub(super) fn missing(&mut self, at: &At<'_>, name: &'static str, mend: &str) {
        let why = format!("is not set; {mend}");
        self.wrong(at, name, ViolationKind::Required, why);
    }

    /// Reads every element of a list that is inside its limit.
    pub(super) fn list<'t, T, U>(
        &mut self,
        at: &At<'_>,
        name: &'static str,
        list: &'t [T],
        limit: usize,
        mut read: impl FnMut(&mut Self, &At<'_>, &'t T) -> U,
    ) -> Vec<U> {
        if list.is_empty() {
            return Vec::new();
        }
        if list.len() > limit {
            self.too_many(at, name, list.len(), limit);
            return Vec::new();
        }
        let one = |(index, element)| read(self, &at.element(name, index), element);
        // Collected, they would be read by way of two more calls.
        let mut all = Vec::with_capacity(list.len());
        all.extend(list.iter().enumerate().map(one));
        all
    }

    /// Reads a list like [`Self::list`] that most often has one element.
    pub(super) fn few<'t, T, U>(
        &mut self,
        at: &At<'_>,
        name: &'static str,
        list: &'t [T],
        limit: usize,
        mut read: impl FnMut(&mut Self, &At<'_>, &'t T) -> U,
    ) -> Few<U> {
        match list {
            [only] => Few::one(read(self, &at.element(name, 0), only)),
            more => Few::Many(self.list(at, name, more, limit, read)),
        }
    }

    /// Reads a list like [`Self::list`] whose elements are large, each where it stays.
    pub(super) fn list_into<'t, M, U: ReadMessage<'t, M>>(
        &mut self,
        at: &At<'_>,
        name: &'static str,
        list: &'t [M],
        limit: usize,
        into: &mut Few<U>,
    ) {
        if list.len() > limit {
            self.too_many(at, name, list.len(), limit);
            return;
        }
        into.grow(list.len(), U::unknown);
        for ((index, message), element) in list.iter().enumerate().zip(into) {
            element.read(self, &at.element(name, index), message);
        }
    }

    /// Returns what stands in for a part of an element that could not be read: then
    /// no element is used, nor checked against others.
    #[cold]
    pub(super) fn stand_in<T>(&mut self, stand_in: T) -> T {
        self.whole = false;
        stand_in
    }

    /// Records that a list is longer than its limit; it is not read at all.
    #[cold]
    pub(super) fn too_many(&mut self, at: &At<'_>, name: &'static str, count: usize, limit: usize) {
        self.violations.check_length(at.field(name), count, limit);
        self.whole = false;
    }

    /// Checks words of the caller's, which stay where they are.
    pub(super) fn words<'t>(
        &mut self,
        at: &At<'_>,
        name: &'static str,
        words: &'t [String],
    ) -> &'t [String] {
        if !words.is_empty() {
            self.check_words(at, name, words);
        }
        words
    }

    fn check_words(&mut self, at: &At<'_>, name: &'static str, words: &[String]) {
        if words.len() > MAX_WORDS {
            self.too_many(at, name, words.len(), MAX_WORDS);
            return;
        }
        for (index, word) in words.iter().enumerate() {
            let at = at.element(name, index);
            if self.required_word(&at, At::ITSELF, word).is_none() {
                self.whole = false;
            }
        }
    }

    /// Reads an enum; unspecified is unknown.
    pub(super) fn choice<W: Wire>(
        &mut self,
        at: &At<'_>,
        name: &'static str,
        number: i32,
    ) -> Option<W> {
        if number == 0 {
            return None;
        }
        match W::read(number) {
            Ok(value) => value,
            Err(_) => {
                self.unknown_number(at, name, number, W::NAME);
                None
            }
        }
    }

    /// Reads a list of values of an enum, each of which stands in it once.
    pub(super) fn choices<W: Wire + PartialEq>(
        &mut self,
        at: &At<'_>,
        name: &'static str,
        numbers: &[i32],
    ) -> Vec<W> {
        let mut list = Vec::new();
        self.list(
            at,
            name,
            numbers,
            MAX_CHOICES,
            |r, at, number| match W::read(*number) {
                Ok(Some(value)) if list.contains(&value) => {
                    let why = "duplicate value; name it once";
                    r.wrong(at, At::ITSELF, ViolationKind::Duplicate, why);
                }
                Ok(Some(value)) => list.push(value),
                Ok(None) | Err(_) => r.unknown_number(at, At::ITSELF, *number, W::NAME),
            },
        );
        list
    }

    #[cold]
    fn unknown_number(&mut self, at: &At<'_>, name: &'static str, number: i32, of: &str) {
        let why = format!("{number} is not a valid {of}");
        self.wrong(at, name, ViolationKind::UnknownEnum, why);
    }

    /// Reads an answer that may be unknown.
    pub(super) fn yes_no(
        &mut self,
        at: &At<'_>,
        name: &'static str,
        number: i32,
    ) -> Value<'static> {
        self.choice::<bool>(at, name, number).into()
    }

    /// Reads the enum `of`, whose values are words, from 1 on; unspecified is unknown.
    pub(super) fn one_of(
        &mut self,
        at: &At<'_>,
        name: &'static str,
        number: i32,
        of: &'static str,
        words: &'static [&'static str],
    ) -> Value<'static> {
        if number == 0 {
            return Value::Unknown;
        }
        let index = usize::try_from(number).ok().and_then(|n| n.checked_sub(1));
        let word = index.and_then(|index| words.get(index));
        if word.is_none() {
            self.unknown_number(at, name, number, of);
        }
        word.copied().into()
    }

    /// Reads a number that may be left out.
    pub(super) fn number(
        &mut self,
        at: &At<'_>,
        name: &'static str,
        number: Option<i32>,
        at_least: Option<i64>,
    ) -> Value<'static> {
        let number = number.map(i64::from);
        if let (Some(number), Some(least)) = (number, at_least)
            && number < least
        {
            let why =
                format!("is {number}; give at least {least}, or leave it out if it is unknown");
            self.wrong(at, name, ViolationKind::OutOfRange, why);
        }
        number.into()
    }

    /// Reads an enum that must be there.
    pub(super) fn required_choice<W: Wire>(
        &mut self,
        at: &At<'_>,
        name: &'static str,
        number: i32,
        mend: &str,
    ) -> Option<W> {
        if number == 0 {
            self.missing(at, name, mend);
        }
        self.choice(at, name, number)
    }

    /// Checks a number of units.
    pub(super) fn quantity(&mut self, at: &At<'_>, name: &'static str, quantity: i32) {
        self.violations.check_quantity(at.field(name), quantity);
    }

    /// Reads a caller's id that may be left out.
    pub(super) fn optional_id<'t>(
        &mut self,
        at: &At<'_>,
        name: &'static str,
        text: &'t str,
    ) -> Option<CallerId<'t>> {
        if text.is_empty() {
            return None;
        }
        self.id(at, name, text)
    }

    /// Reads a caller's id.
    pub(super) fn id<'t>(
        &mut self,
        at: &At<'_>,
        name: &'static str,
        text: &'t str,
    ) -> Option<CallerId<'t>> {
        self.violations.check_id(at.field(name), text)
    }

    /// Reads a caller's id that an element of a list cannot do without.
    pub(super) fn element_id<'t>(
        &mut self,
        at: &At<'_>,
        name: &'static str,
        text: &'t str,
    ) -> CallerId<'t> {
        match self.id(at, name, text) {
            Some(id) => id,
            None => self.stand_in(CallerId::UNREAD),
        }
    }

    /// Reads a word that may be left out, at most [`MAX_WORD_CHARS`] characters.
    pub(super) fn word<'t>(
        &mut self,
        at: &At<'_>,
        name: &'static str,
        text: &'t str,
    ) -> Option<&'t str> {
        if text.is_empty() {
            return None;
        }
        self.stated_word(at, name, text)
    }

    fn stated_word<'t>(
        &mut self,
        at: &At<'_>,
        name: &'static str,
        text: &'t str,
    ) -> Option<&'t str> {
        if text.len() > MAX_WORD_CHARS && text.chars().count() > MAX_WORD_CHARS {
            let why = format!("has more than {MAX_WORD_CHARS} characters; shorten it");
            self.wrong_text(at, name, why);
            return None;
        }
        if has_control(text) {
            self.wrong_text(at, name, "has a control character; leave it out");
            return None;
        }
        Some(text)
    }

    /// Reads a word that must be there.
    pub(super) fn required_word<'t>(
        &mut self,
        at: &At<'_>,
        name: &'static str,
        text: &'t str,
    ) -> Option<&'t str> {
        if text.is_empty() {
            self.missing(at, name, "give a word or leave the whole entry out");
        }
        self.word(at, name, text)
    }

    /// Reads a BCP 47 code that may be left out. Only its form is checked.
    pub(super) fn language<'t>(
        &mut self,
        at: &At<'_>,
        name: &'static str,
        text: &'t str,
    ) -> Option<&'t str> {
        if text.is_empty() {
            return None;
        }
        let subtag = |part: &str| {
            (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        };
        let primary = text.split('-').next().unwrap_or_default();
        let fits = text.len() <= 35
            && text.split('-').all(subtag)
            && primary.len() >= 2
            && primary.bytes().all(|b| b.is_ascii_alphabetic());
        if !fits {
            let why = format!(
                "{} is not a language code such as `fr` or `pt-BR`",
                quote(text)
            );
            self.wrong_text(at, name, why);
            return None;
        }
        Some(text)
    }

    /// Reads the code of a country that may be left out.
    pub(super) fn region<'t>(
        &mut self,
        at: &At<'_>,
        name: &'static str,
        text: &'t str,
    ) -> Option<&'t str> {
        if text.is_empty() {
            return None;
        }
        if text.len() != 2 || !text.bytes().all(|b| b.is_ascii_uppercase()) {
            self.wrong_region(at, name, text);
            return None;
        }
        Some(text)
    }

    #[cold]
    fn wrong_region(&mut self, at: &At<'_>, name: &'static str, text: &str) {
        let why = format!("{} is not two capital letters such as `FR`", quote(text));
        self.wrong_text(at, name, why);
    }

    /// Reads amounts in a currency from now on.
    pub(super) fn use_currency(&mut self, currency: Currency) {
        self.currency = currency;
    }

    /// Returns the currency that amounts are read in.
    pub(super) fn amounts_in(&self) -> Currency {
        self.currency
    }

    /// Reads the currency of the order and uses it for every amount after it.
    pub(super) fn currency(
        &mut self,
        at: &At<'_>,
        name: &'static str,
        text: &str,
    ) -> Option<Currency> {
        let known = Currency::from_code(text);
        if let Some(currency) = known {
            self.currency = currency;
        } else if text.is_empty() {
            self.missing(at, name, "give the ISO 4217 code of the order's currency");
        } else {
            let why = format!("{} is not an ISO 4217 code such as `EUR`", quote(text));
            self.wrong(at, name, ViolationKind::UnknownCurrency, why);
        }
        known
    }

    /// Reads an amount that may be left out; the empty text is unknown.
    pub(super) fn amount(&mut self, at: &At<'_>, name: &'static str, text: &str) -> Option<Amount> {
        if text.is_empty() {
            return None;
        }
        let read = Amount::parse(text, self.currency);
        if let Err(why) = read {
            self.wrong_amount(at, name, text, why);
        }
        read.ok()
    }

    #[cold]
    fn wrong_amount(&mut self, at: &At<'_>, name: &'static str, text: &str, why: InvalidAmount) {
        let rounded = match why {
            InvalidAmount::TooFine => self.currency.rounded(text),
            InvalidAmount::Form | InvalidAmount::Negative | InvalidAmount::TooLarge => None,
        };
        let mend = rounded.map_or_else(String::new, |rounded| {
            format!(
                "; round it half up, to `{rounded}`, and give what sums then lack as an \
                 adjustment of the order"
            )
        });
        let why = format!("{} {why}{mend}", quote(text));
        self.wrong(at, name, ViolationKind::InvalidAmount, why);
    }

    /// Reads an amount that must be there, and can be negative.
    pub(super) fn signed_amount(
        &mut self,
        at: &At<'_>,
        name: &'static str,
        text: &str,
    ) -> Option<Amount> {
        let taken_off = text.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
        let amount = self.required_amount(at, name, taken_off.unwrap_or(text))?;
        Some(match taken_off {
            Some(_) => Amount::from_minor(amount.minor().saturating_neg()),
            None => amount,
        })
    }

    /// Reads an amount that must be there.
    pub(super) fn required_amount(
        &mut self,
        at: &At<'_>,
        name: &'static str,
        text: &str,
    ) -> Option<Amount> {
        if text.is_empty() {
            self.missing(
                at,
                name,
                "give a decimal such as `59.00`, or `0.00` for nothing",
            );
        }
        self.amount(at, name, text)
    }
}

/// Shows a value of the caller's in a message: short, and with what hides or changes how
/// it is shown escaped.
pub(crate) fn quote(value: &str) -> String {
    const SHOWN: usize = 40;
    let (shown, dots) = match value.char_indices().nth(SHOWN) {
        Some((end, _)) => (value.get(..end).unwrap_or_default(), "..."),
        None => (value, ""),
    };
    format!("`{}{dots}`", printable(shown))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_short_and_plain() {
        assert_eq!(quote("a\nb\u{202e}"), "`a\\nb\\u{202e}`");
        assert_eq!(quote(&"x".repeat(41)), format!("`{}...`", "x".repeat(40)));
    }

    #[test]
    fn language_codes_are_checked_for_form() {
        for (text, good) in [
            ("fr", true),
            ("pt-BR", true),
            ("zh-Hant-TW", true),
            ("f", false),
            ("12", false),
            ("fr_FR", false),
            ("fr-", false),
            ("fr-verylongsubtag", false),
        ] {
            let mut reader = Reader::new();
            let read = reader.language(&At::ROOT, "l", text);
            assert_eq!(read.is_some(), good, "{text}");
            assert_eq!(reader.violations.is_empty(), good, "{text}");
        }
    }
}
