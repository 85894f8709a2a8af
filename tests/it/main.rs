//! The one integration binary; each module is one subject.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unreachable,
    reason = "a test that cannot go on has failed; its helpers may say so by panicking"
)]

mod generate;
mod missing;
mod oracle;
