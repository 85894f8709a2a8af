//! What is known of a row: facts and events, tests and windows, and which fact is missing.
//!
//! [`World`](world::World) is one row's view; all other stages read through it.

pub(crate) mod askable;
pub(crate) mod context;
pub(crate) mod guard;
pub(crate) mod instants;
pub(crate) mod kept;
pub(crate) mod lookup;
pub(crate) mod path;
pub(crate) mod prices;
mod sequence;
pub(crate) mod untimed;
pub(crate) mod waiting;
pub(crate) mod window;
pub(crate) mod world;
