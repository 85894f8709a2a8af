//! Proto JSON of the contract's messages.
//!
//! Field names may be those of the contract or their lowerCamelCase form, as in
//! any other tool; a field that the contract does not know is an error.

use std::fmt;

use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor};

use super::FILE_DESCRIPTOR_SET;

/// Says why a text is not the JSON of a message, or a message has none.
#[derive(Debug)]
pub struct JsonError {
    /// Line, from 1; 0: the text as a whole.
    pub line: usize,
    /// Column, from 1; 0: the text as a whole.
    pub column: usize,
    /// What is wrong.
    pub what: String,
}

impl JsonError {
    fn whole(what: impl Into<String>) -> Self {
        Self {
            line: 0,
            column: 0,
            what: what.into(),
        }
    }
}

impl From<serde_json::Error> for JsonError {
    fn from(error: serde_json::Error) -> Self {
        let what = error.to_string();
        // The place leads the message elsewhere, in the form that editors follow.
        let what = what
            .split(" at line ")
            .next()
            .unwrap_or_default()
            .to_owned();
        Self {
            line: error.line(),
            column: error.column(),
            what,
        }
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for JsonError {}

/// Holds the contract, read once.
pub struct Schema(DescriptorPool);

impl Schema {
    /// Reads the contract.
    ///
    /// # Errors
    /// It was not built in whole.
    pub fn new() -> Result<Self, JsonError> {
        DescriptorPool::decode(FILE_DESCRIPTOR_SET)
            .map(Self)
            .map_err(|error| JsonError::whole(error.to_string()))
    }

    fn message(&self, name: &str) -> Result<MessageDescriptor, JsonError> {
        let unknown = || JsonError::whole(format!("the contract has no `{name}`"));
        self.0.get_message_by_name(name).ok_or_else(unknown)
    }

    /// Reads a message from text; `name` is its full name, such as
    /// `redress.v1.DecideRequest`.
    ///
    /// # Errors
    /// The text is not the JSON of one such message.
    pub fn read<M: Message + Default>(&self, text: &str, name: &str) -> Result<M, JsonError> {
        let mut json = serde_json::Deserializer::from_str(text);
        let parsed = DynamicMessage::deserialize(self.message(name)?, &mut json)?;
        json.end()?;
        parsed
            .transcode_to()
            .map_err(|error| JsonError::whole(error.to_string()))
    }

    /// Writes a message as indented text.
    ///
    /// # Errors
    /// The contract has no such message.
    pub fn write<M: Message>(&self, message: &M, name: &str) -> Result<String, JsonError> {
        let bytes = message.encode_to_vec();
        let dynamic = DynamicMessage::decode(self.message(name)?, bytes.as_slice())
            .map_err(|error| JsonError::whole(error.to_string()))?;
        Ok(serde_json::to_string_pretty(&dynamic)?)
    }
}
