//! The words of the field as types: ids, money, time, facts and verdicts.
//!
//! Nothing here knows policies, files, clocks or wires. What arrives from
//! outside becomes one of these types or is refused with the field that is wrong.

pub mod facts;
pub mod few;
pub mod id;
pub mod limits;
pub mod money;
pub mod path;
pub mod printable;
pub mod spell;
pub mod text;
pub mod time;
pub mod verdict;
pub mod violation;
pub mod vocabulary;
mod words;
