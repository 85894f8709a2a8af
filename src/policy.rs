//! Policies: text -> document -> checked -> plan, and the catalog of plans.

pub mod catalog;
pub mod checked;
pub mod plan;
