//! Reads single fields and collects what is wrong with them.

use prost_types::Timestamp;
use redress_client::pb;

use crate::domain::few::Few;
use crate::domain::id::{CallerId, InvalidId, has_control};
use crate::domain::limits::{MAX_QUANTITY, MAX_VIOLATIONS, MAX_WORD_CHARS, MAX_WORDS};
use crate::domain::money::{Amount, Currency};
use crate::domain::time::{Day, EventTime, Instant, Zone};
use crate::domain::violation::{Violation, ViolationKind};
use crate::rpc::enums::Wire;

/// Names the place of a message in the request. It is a chain on the stack, and
/// becomes text only where something is wrong.
#[derive(Clone, Copy)]
pub(super) struct At<'p> {
    parent: Option<&'p At<'p>>,
    name: &'static str,
    index: Option<usize>,
}

impl<'p> At<'p> {
    /// The request as a whole.
    pub(super) const ROOT: At<'static> = At {
        parent: None,
        name: "",
        index: None,
    };

    /// Returns the place of a field.
    pub(super) const fn field(&'p self, name: &'static str) -> At<'p> {
        At {
            parent: Some(self),
            name,
            index: None,
        }
    }

    /// Returns the place of an element of a repeated field.
    pub(super) const fn element(&'p self, name: &'static str, index: usize) -> At<'p> {
        At {
            parent: Some(self),
            name,
            index: Some(index),
        }
    }

    fn text(&self) -> String {
        let mut path = self.parent.map(At::text).unwrap_or_default();
        if !path.is_empty() && !self.name.is_empty() {
            path.push('.');
        }
        path.push_str(self.name);
        if let Some(index) = self.index {
            path.push_str(&format!("[{index}]"));
        }
        path
    }
}

/// Reads fields. What is wrong is collected, and reads as unknown meanwhile: the
/// caller looks at [`Reader::violations`] before it uses anything.
pub(super) struct Reader {
    currency: Option<Currency>,
    /// Whether every element of every list was read: then places are those of the
    /// message, and facts can be checked against each other all the same.
    pub(super) whole: bool,
    pub(super) violations: Vec<Violation>,
}

impl Reader {
    /// Starts with a currency of two minor digits, so that amounts can be checked
    /// for their form even where the order's currency is wrong.
    pub(super) fn new() -> Self {
        Self {
            currency: Some(Currency::euro()),
            whole: true,
            violations: Vec::new(),
        }
    }

    /// Records what is wrong with a field, up to [`MAX_VIOLATIONS`] times.
    #[cold]
    pub(super) fn wrong(&mut self, at: At<'_>, kind: ViolationKind, why: impl Into<String>) {
        if self.violations.len() < MAX_VIOLATIONS {
            self.violations.push(Violation::new(at.text(), kind, why));
        }
    }

    fn wrong_text(&mut self, at: At<'_>, why: impl Into<String>) {
        self.wrong(at, ViolationKind::InvalidText, why);
    }

    /// Records that a required field is not set.
    #[cold]
    pub(super) fn missing(&mut self, at: At<'_>, mend: &str) {
        self.wrong(at, ViolationKind::Required, format!("is not set; {mend}"));
    }

    /// Whether a list is inside its limit; what is longer is not read at all.
    pub(super) fn fits(&mut self, at: At<'_>, count: usize, limit: usize) -> bool {
        if count > limit {
            let why = format!("has {count} entries; at most {limit} are allowed");
            self.wrong(at, ViolationKind::TooMany, why);
        }
        count <= limit
    }

    /// Reads every element of a list that is inside its limit; elements that
    /// cannot be read are left out.
    pub(super) fn list<'t, T, U>(
        &mut self,
        at: At<'_>,
        name: &'static str,
        list: &'t [T],
        limit: usize,
        read: impl FnMut(&mut Self, At<'_>, &'t T) -> Option<U>,
    ) -> Vec<U> {
        let mut read_ones = Vec::with_capacity(list.len().min(limit));
        self.each(at, name, list, limit, read, |one| read_ones.push(one));
        read_ones
    }

    /// Reads a list like [`Self::list`] that most often has one element.
    pub(super) fn few<'t, T, U>(
        &mut self,
        at: At<'_>,
        name: &'static str,
        list: &'t [T],
        limit: usize,
        read: impl FnMut(&mut Self, At<'_>, &'t T) -> Option<U>,
    ) -> Few<U> {
        let mut read_ones = Few::with_capacity(list.len().min(limit));
        self.each(at, name, list, limit, read, |one| read_ones.push(one));
        read_ones
    }

    /// Checks words of the caller's, which stay where they are.
    pub(super) fn words<'t>(
        &mut self,
        at: At<'_>,
        name: &'static str,
        words: &'t [String],
    ) -> &'t [String] {
        if words.is_empty() {
            return words;
        }
        let required = |r: &mut Self, at: At<'_>, word: &'t String| r.required_word(at, word);
        self.each(at, name, words, MAX_WORDS, required, |_| {});
        words
    }

    fn each<'t, T, U>(
        &mut self,
        at: At<'_>,
        name: &'static str,
        list: &'t [T],
        limit: usize,
        mut read: impl FnMut(&mut Self, At<'_>, &'t T) -> Option<U>,
        mut keep: impl FnMut(U),
    ) {
        if !self.fits(at.field(name), list.len(), limit) {
            self.whole = false;
            return;
        }
        for (index, element) in list.iter().enumerate() {
            match read(self, at.element(name, index), element) {
                Some(one) => keep(one),
                None => self.whole = false,
            }
        }
    }

    /// Reads an enum; unspecified is unknown.
    pub(super) fn choice<W: Wire>(&mut self, at: At<'_>, number: i32) -> Option<W> {
        W::read(number).unwrap_or_else(|_| {
            let why = format!("is {number}, which names no value; use one of the contract's");
            self.wrong(at, ViolationKind::UnknownEnum, why);
            None
        })
    }

    /// Reads an enum that must be there.
    pub(super) fn required_choice<W: Wire>(
        &mut self,
        at: At<'_>,
        number: i32,
        mend: &str,
    ) -> Option<W> {
        if number == 0 {
            self.missing(at, mend);
        }
        self.choice(at, number)
    }

    /// Checks a number of units.
    pub(super) fn quantity(&mut self, at: At<'_>, quantity: i32) {
        if !(1..=MAX_QUANTITY).contains(&quantity) {
            let why = format!("is {quantity}; give 1 to {MAX_QUANTITY}");
            self.wrong(at, ViolationKind::OutOfRange, why);
        }
    }

    /// Reads a caller's id that may be left out.
    pub(super) fn optional_id<'t>(&mut self, at: At<'_>, text: &'t str) -> Option<CallerId<'t>> {
        if text.is_empty() {
            None
        } else {
            self.id(at, text)
        }
    }

    /// Reads a caller's id.
    pub(super) fn id<'t>(&mut self, at: At<'_>, text: &'t str) -> Option<CallerId<'t>> {
        let why = match CallerId::new(text) {
            Ok(id) => return Some(id),
            Err(InvalidId::Empty) => {
                self.missing(at, "give your own id of it");
                return None;
            }
            Err(why @ InvalidId::TooLong) => format!("{why}; shorten it"),
            Err(InvalidId::Form) => "has a control character; leave it out".to_owned(),
        };
        self.wrong_text(at, why);
        None
    }

    /// Reads a word that may be left out, at most [`MAX_WORD_CHARS`] characters.
    pub(super) fn word<'t>(&mut self, at: At<'_>, text: &'t str) -> Option<&'t str> {
        if text.is_empty() {
            return None;
        }
        if text.len() > MAX_WORD_CHARS && text.chars().count() > MAX_WORD_CHARS {
            let why = format!("has more than {MAX_WORD_CHARS} characters; shorten it");
            self.wrong_text(at, why);
            return None;
        }
        if has_control(text) {
            self.wrong_text(at, "has a control character; leave it out");
            return None;
        }
        Some(text)
    }

    /// Reads a word that must be there.
    pub(super) fn required_word<'t>(&mut self, at: At<'_>, text: &'t str) -> Option<&'t str> {
        if text.is_empty() {
            self.missing(at, "give a word or leave the whole entry out");
        }
        self.word(at, text)
    }

    /// Reads a BCP 47 code that may be left out. Only its form is checked.
    pub(super) fn language<'t>(&mut self, at: At<'_>, text: &'t str) -> Option<&'t str> {
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
            self.wrong_text(at, why);
            return None;
        }
        Some(text)
    }

    /// Reads the code of a country that may be left out.
    pub(super) fn region<'t>(&mut self, at: At<'_>, text: &'t str) -> Option<&'t str> {
        if text.is_empty() {
            return None;
        }
        if text.len() != 2 || !text.bytes().all(|b| b.is_ascii_uppercase()) {
            let why = format!("{} is not two capital letters such as `FR`", quote(text));
            self.wrong_text(at, why);
            return None;
        }
        Some(text)
    }

    /// Returns the currency that amounts are read in.
    pub(super) fn amounts_in(&self) -> Option<Currency> {
        self.currency
    }

    /// Reads the currency of the order and uses it for every amount after it.
    pub(super) fn currency(&mut self, at: At<'_>, text: &str) -> Option<Currency> {
        let known = Currency::from_code(text);
        if known.is_some() {
            self.currency = known;
        } else if text.is_empty() {
            self.missing(at, "give the ISO 4217 code of the order's currency");
        } else {
            let why = format!("{} is not an ISO 4217 code such as `EUR`", quote(text));
            self.wrong(at, ViolationKind::UnknownCurrency, why);
        }
        known
    }

    /// Reads an amount that may be left out; the empty text is unknown.
    pub(super) fn amount(&mut self, at: At<'_>, text: &str) -> Option<Amount> {
        if text.is_empty() {
            return None;
        }
        match Amount::parse(text, self.currency?) {
            Ok(amount) => Some(amount),
            Err(why) => {
                let why = format!("{} {why}", quote(text));
                self.wrong(at, ViolationKind::InvalidAmount, why);
                None
            }
        }
    }

    /// Reads an amount that must be there.
    pub(super) fn required_amount(&mut self, at: At<'_>, text: &str) -> Option<Amount> {
        if text.is_empty() {
            self.missing(at, "give a decimal such as `59.00`, or `0.00` for nothing");
        }
        self.amount(at, text)
    }

    /// Reads an instant.
    pub(super) fn instant(&mut self, at: At<'_>, time: &Timestamp) -> Option<Instant> {
        let Timestamp { seconds, nanos } = *time;
        let read = u32::try_from(nanos)
            .ok()
            .filter(|n| *n < 1_000_000_000)
            .and_then(|n| Instant::from_unix(seconds, n));
        if read.is_none() {
            let why = "is outside the years 0001 to 9999, or its `nanos` are not 0 to 999999999";
            self.wrong(at, ViolationKind::InvalidTime, why);
        }
        read
    }

    /// Reads a calendar day that may be left out.
    pub(super) fn day(&mut self, at: At<'_>, text: &str) -> Option<Day> {
        if text.is_empty() {
            return None;
        }
        let read = Day::parse(text);
        if read.is_none() {
            let why = format!("{} is not a day such as `2026-03-14`", quote(text));
            self.wrong(at, ViolationKind::InvalidTime, why);
        }
        read
    }

    /// Reads a time zone that may be left out.
    pub(super) fn zone(&mut self, at: At<'_>, name: &str) -> Option<Zone> {
        if name.is_empty() {
            return None;
        }
        let read = Zone::from_name(name);
        if read.is_none() {
            let why = format!(
                "{} is not an IANA time zone such as `Europe/Paris`",
                quote(name)
            );
            self.wrong(at, ViolationKind::UnknownTimeZone, why);
        }
        read
    }

    /// Reads the state of an event; an absent message is unknown.
    pub(super) fn event(&mut self, at: At<'_>, time: Option<&pb::EventTime>) -> EventTime {
        let Some(pb::EventTime { state }) = time else {
            return EventTime::Unknown;
        };
        let known = match state {
            Some(pb::event_time::State::Time(time)) => {
                self.instant(at.field("time"), time).map(EventTime::At)
            }
            Some(pb::event_time::State::Date(date)) if date.is_empty() => {
                self.missing(at.field("date"), "give a day such as `2026-03-14`");
                None
            }
            Some(pb::event_time::State::Date(date)) => {
                self.day(at.field("date"), date).map(EventTime::On)
            }
            Some(pb::event_time::State::NotYet(pb::NotYet {})) => Some(EventTime::NotYet),
            None => {
                self.missing(
                    at,
                    "set `time`, `date` or `not_yet`, or leave the event out if it is unknown",
                );
                None
            }
        };
        known.unwrap_or(EventTime::Unknown)
    }
}

/// Shows a value of the caller's in a message: short, and without control
/// characters.
pub(crate) fn quote(value: &str) -> String {
    const SHOWN: usize = 40;
    let mut shown: String = value
        .chars()
        .take(SHOWN)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if value.chars().nth(SHOWN).is_some() {
        shown.push_str("...");
    }
    format!("`{shown}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_fields_and_elements() {
        let order = At::ROOT.field("order");
        let line = order.element("lines", 2);
        assert_eq!(line.field("unit_price").text(), "order.lines[2].unit_price");
        assert_eq!(At::ROOT.field("policy").text(), "policy");
    }

    #[test]
    fn quotes_are_short_and_plain() {
        assert_eq!(quote("a\nb"), "`a b`");
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
            let read = reader.language(At::ROOT.field("l"), text);
            assert_eq!(read.is_some(), good, "{text}");
            assert_eq!(reader.violations.is_empty(), good, "{text}");
        }
    }
}
