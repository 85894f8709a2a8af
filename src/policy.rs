//! Policies: text -> document -> checked -> plan, and the catalog of plans.

pub mod calendar;
pub mod catalog;
pub mod checked;
pub mod compile;
pub mod plan;
