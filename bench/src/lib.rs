//! The parts of the bench, for the program that measures and for the one that counts
//! allocations.

#![expect(
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a measurement reads the clock, divides times and ends where it cannot go on"
)]

mod allocations;
mod build;
pub mod count;
pub mod engine;
pub mod faults;
mod hand;
pub mod measure;
pub mod missing;
mod orders;
#[cfg(feature = "peers")]
mod peers;
mod redress_side;
pub mod report;
pub mod scale;
pub mod shops;
pub mod threads;
pub mod wire;

pub use allocations::key as allocation_key;
