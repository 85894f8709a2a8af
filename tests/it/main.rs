//! Tests of the crate as a whole, one binary.

mod client_gen;

#[cfg(feature = "server")]
mod calls;
#[cfg(feature = "server")]
mod proto_style;
#[cfg(feature = "server")]
mod samples;
#[cfg(feature = "server")]
mod status;
