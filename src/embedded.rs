//! What the crate carries, read when it was built.

/// Every file of the folder of policies, ascending: its path below that folder,
/// such as `acme-shop/2026-01-01.toml`, and its text.
pub const POLICIES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/policies.rs"));

/// Every file of the contract, ascending: its path as imports name it, such as
/// `redress/v1/order.proto`, and its text.
pub const CONTRACT: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/contract.rs"));
