//! The policies that the crate carries, read when it was built.

/// Every policy file, ascending: its path below the folder of policies, such as
/// `acme-shop/2026-01-01.toml`, and its text.
pub const POLICIES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/policies.rs"));
