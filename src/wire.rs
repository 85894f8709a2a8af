//! The wire: messages in, facts out; verdicts in, encoded messages out.
//!
//! [`inbound`] turns messages of the contract into checked facts, [`outbound`] writes
//! verdicts in their encoded form, [`answer`] joins them around the engine, [`json`] is their
//! form as proto JSON, [`record`] what is kept of a decision, written by a [`projection`], and
//! [`error`] says why there is no answer. Calls, codes of statuses and sockets are not here.

pub mod answer;
pub mod decoded_size;
pub(crate) mod enums;
pub mod error;
pub mod inbound;
pub mod json;
pub mod outbound;
pub mod projection;
pub mod record;
pub mod reply;

/// Descriptors of the contract and of everything it imports, comments included,
/// as an encoded `google.protobuf.FileDescriptorSet`.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/redress.bin"));
