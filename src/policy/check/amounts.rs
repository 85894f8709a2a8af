//! Reads amounts and currencies.

use crate::domain::money::{Amount, Currency};
use crate::policy::document::Item;

/// Reads the code of a currency.
pub(super) fn currency(code: &Item<'_, '_>) -> Option<Currency> {
    let text = code.text()?;
    let currency = Currency::from_code(&text);
    if currency.is_none() {
        code.bad(
            "unknown-currency",
            format!("unknown currency `{text}`"),
            "write an ISO 4217 code, such as `EUR`",
        );
    }
    currency
}

/// Reads an amount.
pub(super) fn amount(item: &Item<'_, '_>, currency: Currency) -> Option<Amount> {
    let text = item.text()?;
    match Amount::parse(&text, currency) {
        Ok(amount) => Some(amount),
        Err(why) => {
            let help = "write digits with a point, such as `9.50`";
            item.bad("bad-amount", format!("`{text}` {why}"), help);
            None
        }
    }
}
