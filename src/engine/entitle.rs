//! What a judged row is entitled to: an entitlement with its conditions and its money.

pub(crate) mod decided;
pub(crate) mod draft;
mod due;
pub(crate) mod shape;
