//! The messages, enums and stubs of the package `redress.v1`, generated.
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
}

pub use generated::*;
