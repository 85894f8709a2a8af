//! A client of the redress decision service, which decides what a shop's customer is owed.
//!
//! [`Client`] connects, keeps a deadline for each call and retries where the server says
//! that it is unavailable. [`Verdict`] is the answer: act on its
//! [`next_step`](Verdict::next_step), since an approval may have to wait. [`ClientError`]
//! tells why there is none; a denial is an answer. [`pb`] holds the messages of the contract,
//! and the bare stubs for what [`Client`] does not wrap.
//!
//! ```
//! # #[cfg(feature = "fake")] {
//! use redress_client::fake::FakeServer;
//! use redress_client::pb::{CustomerRequest, DecideRequest, Line, Order, RequestLine};
//! use redress_client::{Client, Config, NextStep, pb};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = FakeServer::start(|_| Ok(pb::Verdict {
//! #     next_step: pb::NextStep::Refuse.into(),
//! #     ..Default::default()
//! # }))?;
//! # let address = server.uri();
//! let order = Order::new("1001", "EUR")
//!     .with_lines([Line::new("ring", 1, "59.00").with_personalized(true)]);
//! let request = CustomerRequest::default()
//!     .with_goods_return(pb::ReturnAction::default())
//!     .with_lines([RequestLine::units("ring", 1)]);
//!
//! let client = Client::connect(address, Config::default()).await?;
//! let verdict = client.decide(DecideRequest::new("acme-shop", order, request)).await?;
//! match verdict.next_step {
//!     NextStep::Ask => verdict.missing.iter().for_each(|fact| println!("{}", fact.question)),
//!     NextStep::Review => println!("let a person decide"),
//!     NextStep::Pay => println!("pay {}", verdict.payable_now),
//!     NextStep::CarryOut => println!("give what was granted"),
//!     NextStep::Wait => println!("wait"),
//!     NextStep::Refuse => println!("tell the customer that it is refused"),
//! }
//! # Ok(())
//! # }
//! # main().unwrap();
//! # }
//! ```
//!
//! Amounts are decimals in the order's one currency, and an absent fact is unknown, never
//! no: [`amount_text`], [`parse_amount`], [`timestamp`], the constructors and `with_...`
//! methods of the messages keep callers from mixing these up.
//!
//! # Features
//!
//! | feature | what |
//! |---|---|
//! | `client`, on by default | [`Client`]; without it the crate holds the messages, and carries no network stack |
//! | `tls`, on by default | addresses of `https` |
//! | `blocking` | a client for programs without async |
//! | `serde` | messages and verdicts as proto JSON |
//! | `fake` | a server with answers that a test gives |
//! | `server` | the stubs of the server |

#[cfg(feature = "blocking")]
pub mod blocking;
#[cfg(feature = "client")]
mod client;
#[cfg(feature = "client")]
mod config;
#[cfg(feature = "client")]
mod connections;
mod convert;
#[cfg(feature = "client")]
mod endpoints;
#[cfg(feature = "client")]
mod error;
#[cfg(feature = "fake")]
pub mod fake;
#[cfg(feature = "client")]
mod headers;
#[cfg(feature = "serde")]
mod json;
pub mod pb;
mod verdict;

#[cfg(feature = "client")]
pub use client::{Client, Connection};
#[cfg(feature = "client")]
pub use config::{Config, Identity, Tls};
pub use convert::{InvalidValue, amount_text, answer, date_time, parse_amount, timestamp};
#[cfg(feature = "client")]
pub use error::{ClientError, ERROR_DOMAIN, Refusal, Violation};
#[cfg(feature = "client")]
pub use headers::{CallHeaders, Intercept};
#[cfg(feature = "client")]
pub use tonic::{self, Code, Status};
pub use verdict::{MissingFact, NextStep, Row, Settlement, Verdict};
pub use {chrono, rust_decimal};

/// The programs of the README compile.
#[cfg(all(doctest, feature = "blocking", feature = "fake", feature = "serde"))]
#[doc = include_str!("../README.md")]
struct Readme;
