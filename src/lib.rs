//! Decides what a shop's customer is owed, from the shop's published terms.
//!
//! The path of a decision: [`policy`] turns text into a plan once, at load;
//! [`domain`] holds checked facts; [`engine`] is a pure function of the two.
//! Everything else serves it: wire, server and command line are behind the
//! feature `server`, and a program that embeds the engine goes without.

#[cfg(feature = "server")]
pub mod cli;
pub mod domain;
pub mod embedded;
pub mod engine;
pub mod load;
pub mod policy;
#[cfg(feature = "server")]
pub mod rpc;
#[cfg(feature = "server")]
pub mod server;
pub mod text;
