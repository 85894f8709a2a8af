//! Decides what a shop's customer is owed, from the shop's published terms.
//!
//! An [`Engine`] holds policies, and answers with the messages of the contract, which are in
//! [`pb`]. With default features off this is all that the crate is: it carries no network
//! stack, has no clock and reads no file but the policies it is given.
//!
//! # Load a policy, decide, and ask for what is missing
//!
//! A policy is a text; `docs/first-policy.md` shows how one comes about. An amount is a
//! decimal text in the currency of the order, and what is left out is unknown, never no.
//!
//! ```
//! use std::time::{Duration, SystemTime};
//!
//! use redress::pb;
//! use redress::{Engine, Source};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let engine = Engine::from_sources(&[Source {
//!     path: "lamp-shop/always.toml".to_owned(),
//!     text: r#"
//!         format    = 1
//!         policy    = "lamp-shop"
//!         revision  = "always"
//!         title     = "Lamp Shop"
//!         kind      = "terms"
//!         time_zone = "Europe/Paris"
//!
//!         [routes]
//!         return = "return"
//!
//!         [[clause]]
//!         id     = "LAM-01"
//!         says   = "Lamps come back for their price within 30 days of delivery."
//!         source = "Returns, 1"
//!         on     = "return"
//!         within = { days = 30, after = "deliver" }
//!         grants = { remedy = "refund" }
//!     "#
//!     .to_owned(),
//! }])?;
//!
//! // 1 April 2026, 10:00 in UTC.
//! let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_775_037_600);
//! let order = pb::Order::new("L-1", "EUR")
//!     .with_lines([pb::Line::new("lamp", 1, "30.00").with_discount("0.00")])
//!     .with_discount("0.00");
//! let request = pb::CustomerRequest::default()
//!     .with_goods_return(pb::ReturnAction::default())
//!     .with_lines([pb::RequestLine::units("lamp", 1)]);
//!
//! // Nobody said when the lamp was delivered: the verdict names that fact.
//! let asked = pb::DecideRequest::new("lamp-shop", order.clone(), request);
//! let verdict = engine.decide(&asked, now)?;
//! assert_eq!(verdict.outcome(), pb::Outcome::NeedsInformation);
//! assert!(verdict.missing.iter().any(|fact| fact.path == "order.shipments[0].deliver_time"));
//!
//! let delivered = pb::EventTime::on("2026-03-20".parse()?);
//! let order = order
//!     .with_shipments([pb::Shipment::new("parcel").with_deliver_time(delivered)])
//!     .with_options_complete(true)
//!     .with_delivery(pb::Delivery::default().with_paid("0.00"));
//! let asked = asked.with_order(order);
//! let verdict = engine.decide(&asked, now)?;
//! assert_eq!(verdict.outcome(), pb::Outcome::Approved);
//! assert_eq!(verdict.settlement.unwrap_or_default().refund_total, "30.00");
//! # Ok(())
//! # }
//! ```
//!
//! # Explain
//!
//! At full view a verdict holds the sentence of each reason, the facts compared and the
//! arithmetic of each amount, in the languages asked for. A request can be written as JSON,
//! in the form that every tool around Protobuf reads:
//!
//! ```
//! use std::time::SystemTime;
//!
//! use redress::{Engine, pb};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let text = include_str!("../examples/return_plain_piece.json");
//! let engine = Engine::builtin()?;
//! let mut request: pb::DecideRequest = engine.from_json(text)?;
//! request.view = pb::View::Full.into();
//! let verdict = engine.decide(&request, SystemTime::UNIX_EPOCH)?;
//! for row in &verdict.rows {
//!     for reason in &row.reasons {
//!         println!("{} ({})", reason.text, reason.clause_id);
//!     }
//! }
//! println!("{}", engine.to_json(&verdict)?);
//! # Ok(())
//! # }
//! ```
//!
//! # List options
//!
//! What a customer can ask for comes of the same decisions: each option that is open is one
//! that [`Engine::decide`] approves.
//!
//! ```
//! use std::time::SystemTime;
//!
//! use redress::{Engine, pb};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let text = include_str!("../examples/return_plain_piece.json");
//! let engine = Engine::builtin()?;
//! let asked: pb::DecideRequest = engine.from_json(text)?;
//! let request = pb::ListOptionsRequest {
//!     policy: asked.policy,
//!     order: asked.order,
//!     request_time: asked.request.unwrap_or_default().request_time,
//!     ..Default::default()
//! };
//! let reply = engine.list_options(&request, SystemTime::UNIX_EPOCH)?;
//! assert!(reply.options.iter().any(|option| option.status() == pb::OptionStatus::Open));
//! # Ok(())
//! # }
//! ```
//!
//! # Inside
//!
//! [`policy`] turns text into a plan once, at load; [`wire`] reads messages into checked facts
//! of [`domain`]; [`engine`] is a pure function of the two, and [`wire`] writes what it says
//! with sentences of [`text`]. These modules are for this crate's own program, tests and
//! benches: only what stands at the root keeps its form between versions. Server and command
//! line are behind the feature `server`.

#[cfg(feature = "server")]
pub mod cli;
pub mod domain;
pub mod embedded;
pub mod engine;
mod library;
pub mod load;
pub mod policy;
#[cfg(feature = "server")]
pub mod rpc;
#[cfg(feature = "server")]
pub mod server;
#[cfg(feature = "server")]
pub mod suite;
pub mod text;
pub mod wire;

pub use domain::violation::{Violation, ViolationKind};
pub use engine::Stopped;
pub use library::{Engine, Error, LoadError};
pub use policy::source::Source;
pub use redress_client::pb;
pub use redress_client::{InvalidValue, amount_text, date_time, parse_amount, timestamp};
pub use wire::json::JsonError;
