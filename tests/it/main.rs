//! Tests of the crate as a whole, one binary.

mod cli;
mod client_gen;
mod serve;
mod tidy;
