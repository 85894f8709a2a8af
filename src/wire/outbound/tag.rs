//! The numbers of the fields of replies, a module for each message, as the build
//! reads them from the contract.
//!
//! Only messages that are written field by field are here, and all their fields.
//! The compiler warns of a number that is not used: a field that is added to the
//! contract has to be written.

include!(concat!(env!("OUT_DIR"), "/tags.rs"));
