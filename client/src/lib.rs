//! A typed client for the redress decision service, which decides what a shop's
//! customer is owed.
//!
//! [`Client`] connects, keeps a deadline for each call and tries again where the
//! server says that it is unavailable. [`pb`] holds the messages of the contract,
//! and the bare stubs for what [`Client`] does not wrap. [`ClientError`] tells why
//! there is no answer; a denial is an answer.
//!
//! What to do with a verdict is [`pb::Verdict::next_step`], and what may be paid now is
//! its `payable_now_total`: an approval may have to wait.
//!
//! Amounts are decimal texts in the order's one currency, and an absent fact is
//! unknown, never no: [`amount_text`], [`parse_amount`], [`timestamp`] and the
//! constructors on [`pb::EventTime`] keep callers from mixing these up.

#[cfg(feature = "client")]
mod client;
#[cfg(feature = "client")]
mod config;
#[cfg(feature = "client")]
mod connections;
mod convert;
#[cfg(feature = "client")]
mod error;
pub mod pb;

#[cfg(feature = "client")]
pub use client::{Authorization, Authorized, Client};
#[cfg(feature = "client")]
pub use config::{Config, Identity, Tls};
pub use convert::{InvalidValue, amount_text, answer, date_time, parse_amount, timestamp};
#[cfg(feature = "client")]
pub use error::{ClientError, ERROR_DOMAIN, Refusal, Violation};
