//! Numbers, amounts, dates and counts as a language writes them.
//!
//! The rules stand in `texts/`: the groups `number` and `date`, and a pair of keys
//! `.one` and `.other` for each thing that is counted.

use chrono::{Datelike, NaiveDateTime, Timelike};

use super::Localizer;
use crate::domain::money::{Amount, Currency};

/// Digits between two separators of thousands.
const GROUP: usize = 3;
/// How the contract writes a local moment to the minute.
const MINUTE: &str = "%Y-%m-%d %H:%M";

impl Localizer<'_> {
    /// Writes a decimal number such as `1234.50` as the language does. Anything else
    /// stays as it is.
    pub fn number(&self, plain: &str) -> String {
        let unsigned = plain.strip_prefix('-');
        let (whole, rest) = match unsigned.unwrap_or(plain).split_once('.') {
            Some((whole, decimals)) => (whole, Some(decimals)),
            None => (unsigned.unwrap_or(plain), None),
        };
        let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !are_digits(whole) || !rest.is_none_or(are_digits) {
            return plain.to_owned();
        }
        let mut text = String::new();
        if unsigned.is_some() {
            text.push('\u{2212}');
        }
        text.push_str(&self.grouped(whole));
        if let Some(decimals) = rest {
            text.push_str(self.label("number", "decimal"));
            text.push_str(decimals);
        }
        text
    }

    fn grouped(&self, digits: &str) -> String {
        let from = self.label("number", "group_from").parse();
        if digits.len() < from.unwrap_or(usize::MAX) {
            return digits.to_owned();
        }
        let separator = self.label("number", "group");
        let mut text = String::new();
        for (index, digit) in digits.chars().enumerate() {
            let left = digits.len().saturating_sub(index);
            if index != 0 && left.is_multiple_of(GROUP) {
                text.push_str(separator);
            }
            text.push(digit);
        }
        text
    }

    /// Writes an amount that is a text already, such as `59.00`, with its currency: by
    /// the sign that the language has for it, else by its code.
    pub fn money(&self, amount: &str, currency_code: &str) -> String {
        let sign = self.own("number", currency_code).unwrap_or(currency_code);
        let number = self.number(amount);
        if sign.is_empty() {
            return number;
        }
        let values = [("number", number.as_str()), ("currency", sign)];
        self.fill("number", "amount", &values)
    }

    /// Writes an amount without its currency.
    pub(super) fn bare(&self, amount: Amount, currency: Currency) -> String {
        self.number(&amount.text(currency).to_string())
    }

    /// Writes a local moment, to the minute.
    pub fn moment(&self, local: NaiveDateTime) -> String {
        let named = |key: &str, index: u32| {
            let mut names = self.label("date", key).split(' ');
            let index = usize::try_from(index).unwrap_or(usize::MAX);
            names.nth(index).unwrap_or_default()
        };
        let number = |of: u32| of.to_string();
        let two = |of: u32| format!("{of:02}");
        let values = [
            (
                "weekday",
                named("weekdays", local.weekday().num_days_from_monday()),
            ),
            ("day", &number(local.day())),
            ("month", named("months", local.month0())),
            ("year", &local.year().to_string()),
            ("hour", &two(local.hour())),
            ("minute", &two(local.minute())),
        ];
        self.fill("date", "time", &values)
    }

    /// Writes a local moment that the contract holds as `2026-04-08 23:59`. Anything else
    /// stays as it is.
    pub(super) fn minute(&self, plain: &str) -> String {
        NaiveDateTime::parse_from_str(plain, MINUTE)
            .map_or_else(|_| plain.to_owned(), |local| self.moment(local))
    }

    /// Writes how many there are of something, `{count} days`.
    pub fn count(&self, group: &str, thing: &str, count: usize) -> String {
        // Every language that there is has one form for one and one for all others.
        let form = if count == 1 { "one" } else { "other" };
        let values = [("count", count.to_string())];
        let values = values.each_ref().map(|(name, v)| (*name, v.as_str()));
        self.fill(group, &format!("{thing}.{form}"), &values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_language_does() {
        // By the rules of each language: who groups with what, and from how many digits.
        for (language, plain, wanted) in [
            ("en", "1234.50", "1,234.50"),
            ("en", "999.00", "999.00"),
            ("en", "-1234567", "\u{2212}1,234,567"),
            ("fr", "1234.50", "1\u{202f}234,50"),
            ("it", "1234.50", "1.234,50"),
            ("es", "1234.50", "1234,50"),
            ("es", "12345.50", "12.345,50"),
            ("el", "1234.50", "1.234,50"),
            ("fr", "", ""),
            ("fr", "12.", "12."),
            ("fr", "1e3", "1e3"),
        ] {
            let number = Localizer::of(language).number(plain);
            assert_eq!(number, wanted, "{language} {plain}");
        }
    }

    #[test]
    fn amounts_carry_the_sign_or_the_code_of_their_currency() {
        for (language, code, wanted) in [
            ("en", "EUR", "63.90 EUR"),
            ("fr", "EUR", "63,90\u{a0}€"),
            ("fr", "CHF", "63,90\u{a0}CHF"),
            ("el", "EUR", "63,90\u{a0}€"),
            ("es", "", "63,90"),
        ] {
            assert_eq!(Localizer::of(language).money("63.90", code), wanted);
        }
    }

    #[test]
    fn moments_name_weekday_and_month() {
        // 8 April 2026 is a Wednesday.
        for (language, wanted) in [
            ("en", "Wed 8 Apr 2026, 23:59"),
            ("fr", "mer. 8 avr. 2026, 23:59"),
            ("it", "mer 8 apr 2026, 23:59"),
            ("es", "mié 8 abr 2026, 23:59"),
            ("el", "Τετ 8 Απρ 2026, 23:59"),
        ] {
            assert_eq!(Localizer::of(language).minute("2026-04-08 23:59"), wanted);
        }
        assert_eq!(Localizer::english().minute("soon"), "soon");
    }

    #[test]
    fn one_thing_is_told_from_several() {
        let count = |language, of| Localizer::of(language).count("count", "business_day", of);
        assert_eq!(count("en", 1), "1 business day");
        assert_eq!(count("en", 2), "2 business days");
        assert_eq!(count("fr", 14), "14 jours ouvrés");
        assert_eq!(count("el", 1), "1 εργάσιμη ημέρα");
    }
}
