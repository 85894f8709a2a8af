//! The messages, enums and stubs of the package `redress.v1`, generated.
//!
//! What callers send is built field by field, with the types that a program has:
//!
//! ```
//! use redress_client::pb::{Answer, Line};
//! let ring = Line::new("ring", 1, "59.00").with_category("ring").with_personalized(false);
//! assert_eq!(ring.personalized(), Answer::No);
//! ```
//!
//! Enum fields are numbers: use the accessor of the same name to read one and
//! `set_...` to write one. A number that this version does not know reads as
//! unspecified.

mod generated {
    #![expect(
        clippy::allow_attributes_without_reason,
        clippy::allow_attributes,
        clippy::large_enum_variant,
        reason = "generated code; the contract is linted instead"
    )]
    #![cfg_attr(
        feature = "client",
        expect(unused_qualifications, reason = "generated code")
    )]

    include!("gen/redress.v1.rs");
    include!("gen/setters.rs");
}

pub use generated::*;
