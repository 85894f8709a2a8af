//! Exact money: whole minor units of one currency, and the sharing of them.
//!
//! Amounts are decimals outside and whole minor units inside, so that nothing
//! here can round unless its name says so.

use std::fmt;

use rust_decimal::{Decimal, RoundingStrategy};

use super::limits::MAX_AMOUNT;
use super::spell::{Spell, last_digit, number};

/// Names a currency and its minor unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Currency {
    code: [u8; 3],
    digits: u8,
}

/// ISO 4217 codes of circulating currencies with two minor digits.
const TWO_DIGITS: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG";
/// ISO 4217 codes without minor digits.
const NO_DIGITS: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
/// ISO 4217 codes with three minor digits.
const THREE_DIGITS: &str = "BHD IQD JOD KWD LYD OMR TND";

/// Codes that three capital letters can make.
const CODES: usize = 26 * 26 * 26;

/// For each code one more than its minor digits; 0: it is not listed. Looked up for
/// every order, so that it is worked out when the program is compiled.
static MINOR_DIGITS: [u8; CODES] = {
    let mut digits = [0; CODES];
    list(&mut digits, TWO_DIGITS.as_bytes(), 2);
    list(&mut digits, NO_DIGITS.as_bytes(), 0);
    list(&mut digits, THREE_DIGITS.as_bytes(), 3);
    digits
};

#[expect(
    clippy::indexing_slicing,
    reason = "worked out when it is compiled: a place that is not there stops the build"
)]
const fn list(digits: &mut [u8; CODES], codes: &[u8], minor: u8) {
    let mut at = 0;
    while at + 3 <= codes.len() {
        if let Some(index) = place([codes[at], codes[at + 1], codes[at + 2]]) {
            digits[index] = minor + 1;
        }
        at += 4;
    }
}

const fn letter(capital: u8) -> usize {
    capital.saturating_sub(b'A') as usize
}

/// Returns the index of a code among all; `None`: it is not three capital letters.
const fn place(code: [u8; 3]) -> Option<usize> {
    let [a, b, c] = code;
    if !a.is_ascii_uppercase() || !b.is_ascii_uppercase() || !c.is_ascii_uppercase() {
        return None;
    }
    Some((letter(a) * 26 + letter(b)) * 26 + letter(c))
}

impl Currency {
    /// Returns the currency with this ISO 4217 code.
    pub fn from_code(code: &str) -> Option<Self> {
        let bytes: [u8; 3] = code.as_bytes().try_into().ok()?;
        let digits = match MINOR_DIGITS.get(place(bytes)?)? {
            0 => return None,
            listed => listed.saturating_sub(1),
        };
        Some(Self {
            code: bytes,
            digits,
        })
    }

    /// Returns the euro, whose amounts have two minor digits.
    pub const fn euro() -> Self {
        Self {
            code: *b"EUR",
            digits: 2,
        }
    }

    /// Returns the ISO 4217 code.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.code).unwrap_or_default()
    }

    /// Returns the minor units of one major unit.
    pub const fn minor_units(&self) -> i64 {
        match self.digits {
            0 => 1,
            2 => 100,
            other => 10_i64.saturating_pow(other as u32),
        }
    }

    /// Returns the number of minor digits.
    pub fn digits(&self) -> u32 {
        u32::from(self.digits)
    }

    /// Rounds a decimal text half up to the minor digits; `None`: it is no decimal, or too
    /// long to say.
    pub fn rounded(&self, text: &str) -> Option<Decimal> {
        let exact = Decimal::from_str_exact(text).ok()?;
        let half_up = RoundingStrategy::MidpointAwayFromZero;
        let mut rounded = exact.round_dp_with_strategy(self.digits(), half_up);
        rounded.rescale(self.digits());
        Some(rounded)
    }
}

/// Names how a fraction of a minor unit is rounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Rounding {
    /// To the nearest, a half up; the default.
    #[default]
    HalfUp,
    /// Up.
    Up,
    /// Down.
    Down,
}

/// Says why a text is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidAmount {
    /// Not plain digits with an optional decimal point.
    Form,
    /// Below zero.
    Negative,
    /// More digits after the point than the currency has.
    TooFine,
    /// Above [`MAX_AMOUNT`].
    TooLarge,
}

impl fmt::Display for InvalidAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form => f.write_str("is not a plain decimal such as `59.00`"),
            Self::Negative => f.write_str("is negative; amounts cannot be negative"),
            Self::TooFine => f.write_str("has more digits than the currency's minor unit"),
            Self::TooLarge => write!(f, "is above {MAX_AMOUNT}"),
        }
    }
}

/// Holds an amount in whole minor units of the currency of its order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(i64);

impl Amount {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// Takes whole minor units.
    pub const fn from_minor(minor: i64) -> Self {
        Self(minor)
    }

    /// Returns whole minor units.
    pub const fn minor(self) -> i64 {
        self.0
    }

    /// Reads a decimal text, such as `59.00`.
    ///
    /// # Errors
    /// The text is not a plain non-negative decimal that the currency can hold.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, InvalidAmount> {
        match hundredths(text.as_bytes()) {
            Some(minor) if currency.digits == 2 => Ok(Self(minor)),
            _ => Self::parse_any(text, currency),
        }
    }

    /// Reads a decimal text of any form.
    fn parse_any(text: &str, currency: Currency) -> Result<Self, InvalidAmount> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (digits, zeros) = without_zeros(digits, currency);
        let mut minor = 0_i64;
        let mut point = None;
        for (index, byte) in digits.bytes().enumerate() {
            match byte {
                b'0'..=b'9' => minor = minor.wrapping_mul(10).wrapping_add(digit(byte)),
                b'.' if point.is_none() && index > 0 => point = Some(index),
                _ => return Err(InvalidAmount::Form),
            }
        }
        let fraction = point.map_or(0, |point| digits.len().saturating_sub(point + 1));
        let bare_point = point.is_some() && fraction == 0 && zeros == 0;
        if digits.is_empty() || bare_point || text.len() > 32 {
            return Err(InvalidAmount::Form);
        }
        if text.starts_with('-') {
            return Err(InvalidAmount::Negative);
        }
        // Up to eighteen digits fit.
        if digits.len() > 18 {
            minor = saturated(digits);
        }
        if fraction != usize::from(currency.digits) {
            minor = scaled(minor, fraction, currency)?;
        }
        if minor > limit(currency) {
            return Err(InvalidAmount::TooLarge);
        }
        Ok(Self(minor))
    }

    /// Returns the decimal, with the currency's minor digits.
    pub fn decimal(self, currency: Currency) -> Decimal {
        Decimal::new(self.0, currency.digits())
    }

    /// Returns the sum, at most the largest number there is.
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// Returns the difference, not below zero.
    pub const fn less(self, other: Self) -> Self {
        let rest = self.0.saturating_sub(other.0);
        Self(if rest < 0 { 0 } else { rest })
    }

    /// Returns the smaller of two.
    pub fn at_most(self, cap: Self) -> Self {
        self.min(cap)
    }

    /// Returns this amount for a number of units.
    pub const fn times(self, count: i32) -> Self {
        Self(self.0.saturating_mul(count as i64))
    }

    /// Returns `self x numerator / denominator`, rounded half up; zero where the
    /// denominator is not above zero.
    pub fn fraction_half_up(self, numerator: i64, denominator: i64) -> Self {
        self.fraction(numerator, denominator, Rounding::HalfUp)
    }

    /// Returns `self x numerator / denominator`, rounded; zero where the denominator is not
    /// above zero.
    pub fn fraction(self, numerator: i64, denominator: i64, rounding: Rounding) -> Self {
        if denominator <= 0 {
            return Self::ZERO;
        }
        let product = i128::from(self.0).saturating_mul(i128::from(numerator));
        let denominator = i128::from(denominator);
        let (twice, whole) = (product.saturating_mul(2), denominator.saturating_mul(2));
        let added = match rounding {
            Rounding::HalfUp => denominator,
            Rounding::Up => whole.saturating_sub(1),
            Rounding::Down => 0,
        };
        let rounded = twice.saturating_add(added).div_euclid(whole);
        Self(i64::try_from(rounded).unwrap_or(i64::MAX))
    }

    /// Whether it is nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Formats with the currency's minor digits.
    pub fn text(self, currency: Currency) -> String {
        self.shown(currency).spelled()
    }

    /// Shows the amount with the currency's minor digits.
    pub fn shown(self, currency: Currency) -> impl Spell {
        Shown {
            minor: self.0,
            digits: currency.digits,
        }
    }
}

struct Shown {
    minor: i64,
    digits: u8,
}

impl Spell for Shown {
    fn spell(&self, to: &mut impl fmt::Write) -> fmt::Result {
        if self.minor < 0 {
            to.write_char('-')?;
        }
        with_point(to, self.minor.unsigned_abs(), self.digits)
    }
}

/// Appends a number with a point before its last digits.
fn with_point(to: &mut impl fmt::Write, minor: u64, digits: u8) -> fmt::Result {
    match digits {
        0 => number(to, minor),
        1 => {
            number(to, minor / 10)?;
            to.write_char('.')?;
            last_digit(to, minor)
        }
        more => {
            with_point(to, minor / 10, more.saturating_sub(1))?;
            last_digit(to, minor)
        }
    }
}

/// Returns the minor units of [`MAX_AMOUNT`].
const fn limit(currency: Currency) -> i64 {
    MAX_AMOUNT.saturating_mul(currency.minor_units())
}

/// Reads the form that nearly all amounts have: digits, the point and two more. They
/// are fewer than those of [`MAX_AMOUNT`].
fn hundredths(text: &[u8]) -> Option<i64> {
    // The discount of nearly every line.
    if text == b"0.00" {
        return Some(0);
    }
    let [whole @ .., b'.', tenths, rest] = text else {
        return None;
    };
    if whole.is_empty() || whole.len() > 12 {
        return None;
    }
    let append = |sum: i64, byte: &u8| {
        let fits = byte.is_ascii_digit();
        fits.then(|| sum.wrapping_mul(10).wrapping_add(digit(*byte)))
    };
    let whole = whole.iter().try_fold(0, append)?;
    append(append(whole, tenths)?, rest)
}

/// Leaves out zeros behind the minor unit, and tells how many they were.
fn without_zeros(text: &str, currency: Currency) -> (&str, usize) {
    let whole = text.find('.').unwrap_or(text.len());
    let least = whole
        .saturating_add(1)
        .saturating_add(usize::from(currency.digits));
    let cut = text.trim_end_matches('0').len().max(least).min(text.len());
    let (kept, zeros) = text.split_at_checked(cut).unwrap_or((text, ""));
    (kept, zeros.len())
}

/// Returns the value of a digit.
const fn digit(ascii: u8) -> i64 {
    (ascii & 0x0f) as i64
}

/// Returns the number that many digits make, at most the largest there is.
#[cold]
fn saturated(digits: &str) -> i64 {
    let digits = digits.bytes().filter(u8::is_ascii_digit).map(digit);
    digits.fold(0, |sum: i64, digit| {
        sum.saturating_mul(10).saturating_add(digit)
    })
}

/// Brings a number with so many digits after the point to minor units.
fn scaled(number: i64, fraction: usize, currency: Currency) -> Result<i64, InvalidAmount> {
    let fraction = u32::try_from(fraction).unwrap_or(u32::MAX);
    if let Some(missing) = currency.digits().checked_sub(fraction) {
        return Ok(number.saturating_mul(10_i64.saturating_pow(missing)));
    }
    // A whole part above the limit is what is wrong first.
    let limit = limit(currency);
    let cut = 10_i64.saturating_pow(fraction.saturating_sub(currency.digits()));
    let above = number.checked_div(cut).is_none_or(|cut| cut > limit);
    Err(if above {
        InvalidAmount::TooLarge
    } else {
        InvalidAmount::TooFine
    })
}

impl std::iter::Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Self::plus)
    }
}

/// Returns what `taken` units are worth after `earlier` of `quantity` units
/// were: `part(earlier + taken) - part(earlier)`, where `part(k)` is
/// `net x k / quantity` rounded half up. Parts in any split add up to `net`.
pub fn part(net: Amount, quantity: i32, earlier: i32, taken: i32) -> Amount {
    if earlier == 0 && taken == quantity {
        return net;
    }
    let upto = |k: i32| net.fraction_half_up(i64::from(k), i64::from(quantity));
    upto(earlier.saturating_add(taken)).less(upto(earlier))
}

/// Shares an amount by weight with the largest remainder, ties to the earlier
/// place; the caller orders the weights by id. The shares add up to the amount,
/// unless all weights are zero: then nothing is shared.
pub fn share(amount: Amount, weights: &[Amount]) -> Vec<Amount> {
    let total: i128 = weights.iter().map(|w| i128::from(w.0)).sum();
    if total <= 0 {
        return vec![Amount::ZERO; weights.len()];
    }
    let mut shares = Vec::with_capacity(weights.len());
    let mut rests: Vec<(i128, usize)> = Vec::with_capacity(weights.len());
    let mut given: i64 = 0;
    for (index, weight) in weights.iter().enumerate() {
        let product = i128::from(amount.0).saturating_mul(i128::from(weight.0));
        let floor = i64::try_from(product.div_euclid(total)).unwrap_or(i64::MAX);
        given = given.saturating_add(floor);
        shares.push(Amount(floor));
        rests.push((product.rem_euclid(total), index));
    }
    rests.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let left = usize::try_from(amount.0.saturating_sub(given)).unwrap_or(0);
    for (_, index) in rests.into_iter().take(left) {
        if let Some(slot) = shares.get_mut(index) {
            *slot = slot.plus(Amount(1));
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eur() -> Currency {
        Currency::from_code("EUR").expect("a known code")
    }

    #[test]
    fn every_listed_currency_is_found() {
        for (list, digits) in [(TWO_DIGITS, 2), (NO_DIGITS, 0), (THREE_DIGITS, 3)] {
            for code in list.split(' ') {
                let found = Currency::from_code(code).map(|c| (c.code().to_owned(), c.digits()));
                assert_eq!(found, Some((code.to_owned(), digits)));
            }
        }
        // Small letters that would stand where those of EUR do.
        let aside = ["ETl", "DoR"];
        for code in ["", "EU", "EURO", "AAA", "AAB", "ZZZ", "eur"]
            .into_iter()
            .chain(aside)
        {
            assert!(Currency::from_code(code).is_none(), "{code}");
        }
    }

    #[test]
    fn amounts_are_read_exactly_or_refused() {
        let cases = [
            ("59.00", Ok(5900)),
            ("59", Ok(5900)),
            ("0.01", Ok(1)),
            ("1000000000000.00", Ok(100_000_000_000_000)),
            ("1000000000000.01", Err(InvalidAmount::TooLarge)),
            ("99999999999999999999999", Err(InvalidAmount::TooLarge)),
            // Two to the power of 64.
            ("18446744073709551616", Err(InvalidAmount::TooLarge)),
            ("00000000000000000000000000001.00", Ok(100)),
            ("1000000000000.001", Err(InvalidAmount::TooFine)),
            ("1000000000001.001", Err(InvalidAmount::TooLarge)),
            ("0.001", Err(InvalidAmount::TooFine)),
            ("9899.000", Ok(989_900)),
            ("9899.0000001", Err(InvalidAmount::TooFine)),
            ("59.", Err(InvalidAmount::Form)),
            ("59.00000000000000000000000000", Ok(5900)),
            (
                "59.000000000000000000000000000000",
                Err(InvalidAmount::Form),
            ),
            ("-1.00", Err(InvalidAmount::Negative)),
            ("", Err(InvalidAmount::Form)),
            (".5", Err(InvalidAmount::Form)),
            ("5.", Err(InvalidAmount::Form)),
            ("1e3", Err(InvalidAmount::Form)),
            ("1,00", Err(InvalidAmount::Form)),
            ("NaN", Err(InvalidAmount::Form)),
        ];
        for (text, want) in cases {
            assert_eq!(
                Amount::parse(text, eur()).map(Amount::minor),
                want,
                "{text}"
            );
        }
        let yen = Currency::from_code("JPY").expect("a known code");
        assert_eq!(Amount::parse("100", yen).map(Amount::minor), Ok(100));
        assert_eq!(Amount::parse("9899.00", yen).map(Amount::minor), Ok(9899));
        assert_eq!(Amount::parse("100.5", yen), Err(InvalidAmount::TooFine));
        assert_eq!(Amount::parse("100.", yen), Err(InvalidAmount::Form));
    }

    #[test]
    fn amounts_are_written_with_the_minor_digits() {
        assert_eq!(Amount::from_minor(5900).text(eur()), "59.00");
        assert_eq!(Amount::from_minor(5).text(eur()), "0.05");
        for code in ["EUR", "JPY", "KWD"] {
            let currency = Currency::from_code(code).expect("a known code");
            for minor in [0, 1, 9, 10, 99, 100, 1000, -1, -5900, i64::MAX, i64::MIN] {
                let amount = Amount::from_minor(minor);
                assert_eq!(amount.text(currency), amount.decimal(currency).to_string());
            }
        }
    }

    #[test]
    fn what_is_too_fine_is_rounded_half_up() {
        let yen = Currency::from_code("JPY").expect("a known code");
        for (text, currency, want) in [
            ("12.344", eur(), Some("12.34")),
            ("12.345", eur(), Some("12.35")),
            ("9.9999999", eur(), Some("10.00")),
            ("100.5", yen, Some("101")),
            ("0.00000000000000000000000000001", eur(), None),
            ("about five", eur(), None),
        ] {
            let rounded = currency.rounded(text).map(|rounded| rounded.to_string());
            assert_eq!(rounded.as_deref(), want, "{text}");
        }
    }

    #[test]
    fn parts_of_a_line_add_up_in_any_split() {
        // 100.00 / 3: 33.33, 33.34, 33.33 by cumulative half-up rounding.
        let net = Amount::from_minor(10_000);
        let parts: Vec<i64> = (0..3).map(|k| part(net, 3, k, 1).minor()).collect();
        assert_eq!(parts, [3333, 3334, 3333]);
        assert_eq!(part(net, 3, 0, 2).plus(part(net, 3, 2, 1)), net);
    }

    #[test]
    fn shares_use_the_largest_remainder_and_break_ties_by_place() {
        let weights = [Amount(1), Amount(1), Amount(1)];
        let shares: Vec<i64> = share(Amount(100), &weights)
            .iter()
            .map(|a| a.minor())
            .collect();
        assert_eq!(shares, [34, 33, 33]);
        // 10.00 by 59.00 : 41.00 : 7.50 -> 5.488.., 3.813.., 0.697.. -> 5.49, 3.81, 0.70
        let weights = [Amount(5900), Amount(4100), Amount(750)];
        let shares: Vec<i64> = share(Amount(1000), &weights)
            .iter()
            .map(|a| a.minor())
            .collect();
        assert_eq!(shares, [549, 381, 70]);
        assert_eq!(share(Amount(5), &[Amount::ZERO]), [Amount::ZERO]);
    }
}
