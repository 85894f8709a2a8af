//! The calls: methods of the contract, and the status of a call that has no answer.
//!
//! What arrives is a message; what leaves is a reply or a status. [`service`] serves the
//! calls, and [`status`] alone knows the codes of errors. Sockets, configuration and limits on
//! load are not here.

mod codec;
mod page;
pub mod service;
pub mod status;
