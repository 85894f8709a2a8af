//! Policies: text -> document -> checked -> plan, and the catalog of plans.

pub mod analysis;
pub mod calendar;
pub mod catalog;
pub mod check;
pub mod checked;
mod closing;
pub mod compile;
pub mod describe;
pub mod diagnostic;
pub(crate) mod document;
pub mod limits;
pub mod plan;
pub mod pool;
pub mod register;
pub mod source;
pub mod terms;
pub mod translation;
pub mod vocabulary;
