//! Tests of the crate as a whole, one binary.

mod client_gen;
mod serve;
