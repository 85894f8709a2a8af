//! A policy file as it was read.

/// Holds one policy file as read: where it came from and its text.
#[derive(Clone, Debug)]
pub struct Source {
    /// Path for messages; its last two parts must be `POLICY/REVISION.toml`.
    pub path: String,
    /// The text.
    pub text: String,
}
