//! The wire: messages in, facts out; verdicts in, encoded messages out.
//!
//! What arrives is a message of the contract; what leaves is a [`reply`] or a
//! status. [`inbound`] turns messages into checked facts, [`outbound`] writes
//! verdicts in their encoded form, [`answer`] joins them around the engine,
//! [`service`] serves the calls, and [`status`] alone knows the codes of errors. Sockets,
//! configuration and limits on load are not here.

pub mod answer;
mod enums;
pub mod inbound;
pub mod json;
pub mod outbound;
mod page;
pub mod reply;
pub mod service;
pub mod status;

/// Descriptors of the contract and of everything it imports, comments included,
/// as an encoded `google.protobuf.FileDescriptorSet`.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/redress.bin"));
