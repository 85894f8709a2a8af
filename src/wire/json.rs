//! Proto JSON of the contract's messages.
//!
//! Field names may be those of the contract or their lowerCamelCase form, as in
//! any other tool; a field that the contract does not know is an error, and so is one
//! that is set twice, in whichever form.

use std::collections::BTreeMap;
use std::fmt;

use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor};
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

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
        Self::of(FILE_DESCRIPTOR_SET)
    }

    pub(super) fn message(&self, name: &str) -> Result<MessageDescriptor, JsonError> {
        let unknown = || JsonError::whole(format!("the contract has no `{name}`"));
        self.0.get_message_by_name(name).ok_or_else(unknown)
    }

    /// Reads other descriptors, an encoded `google.protobuf.FileDescriptorSet` that holds
    /// everything it imports.
    ///
    /// # Errors
    /// It is something else.
    pub fn of(descriptors: &[u8]) -> Result<Self, JsonError> {
        DescriptorPool::decode(descriptors)
            .map(Self)
            .map_err(|error| JsonError::whole(error.to_string()))
    }

    /// Lists the methods of all services.
    pub fn methods(&self) -> impl Iterator<Item = Method> {
        let services: Vec<_> = self.0.services().collect();
        services.into_iter().flat_map(|service| {
            let methods: Vec<_> = service.methods().collect();
            methods.into_iter().map(move |method| Method {
                path: format!("/{}/{}", service.full_name(), method.name()),
                request: Codec(method.input()),
                reply: Codec(method.output()),
                is_client_streaming: method.is_client_streaming(),
                is_server_streaming: method.is_server_streaming(),
            })
        })
    }

    /// Returns the two forms of a message, encoded and JSON; `name` is its full name.
    ///
    /// # Errors
    /// There is no such message.
    pub fn codec(&self, name: &str) -> Result<Codec, JsonError> {
        self.message(name).map(Codec)
    }

    /// Reads a message from text; `name` is its full name, such as
    /// `redress.v1.DecideRequest`.
    ///
    /// # Errors
    /// The text is not the JSON of one such message, or sets a field twice.
    pub fn read<M: Message + Default>(&self, text: &str, name: &str) -> Result<M, JsonError> {
        parse(text, self.message(name)?)?
            .transcode_to()
            .map_err(|error| JsonError::whole(error.to_string()))
    }

    /// Writes a message as indented text.
    ///
    /// # Errors
    /// The contract has no such message.
    pub fn write<M: Message>(&self, message: &M, name: &str) -> Result<String, JsonError> {
        Ok(serde_json::to_string_pretty(
            &self.document(message, name)?,
        )?)
    }

    /// Returns a message as what serializes to its JSON.
    pub(super) fn document<M: Message>(
        &self,
        message: &M,
        name: &str,
    ) -> Result<DynamicMessage, JsonError> {
        let bytes = message.encode_to_vec();
        DynamicMessage::decode(self.message(name)?, bytes.as_slice())
            .map_err(|error| JsonError::whole(error.to_string()))
    }
}

/// A method of a service.
#[derive(Clone, Debug)]
pub struct Method {
    /// Path of its calls, such as `/redress.v1.DecisionService/Decide`.
    pub path: String,
    /// What is asked.
    pub request: Codec,
    /// What is answered.
    pub reply: Codec,
    /// Whether a call can ask several times.
    pub is_client_streaming: bool,
    /// Whether a call can be answered several times.
    pub is_server_streaming: bool,
}

/// Takes one kind of message from its encoded form to JSON and back.
#[derive(Clone, Debug)]
pub struct Codec(MessageDescriptor);

impl Codec {
    /// Encodes a message that is given as JSON.
    ///
    /// # Errors
    /// The text is not the JSON of one such message, or sets a field twice.
    pub fn encode(&self, json: &[u8]) -> Result<Vec<u8>, JsonError> {
        let text = std::str::from_utf8(json)
            .map_err(|error| JsonError::whole(format!("not UTF-8: {error}")))?;
        Ok(parse(text, self.0.clone())?.encode_to_vec())
    }

    /// Writes an encoded message as JSON, without spaces.
    ///
    /// # Errors
    /// The bytes are no such message.
    pub fn to_json(&self, encoded: &[u8]) -> Result<Vec<u8>, JsonError> {
        Ok(serde_json::to_vec(&self.read(encoded)?)?)
    }

    /// Returns an encoded message as a value of JSON.
    ///
    /// # Errors
    /// The bytes are no such message.
    pub fn to_value(&self, encoded: &[u8]) -> Result<serde_json::Value, JsonError> {
        Ok(serde_json::to_value(self.read(encoded)?)?)
    }

    fn read(&self, encoded: &[u8]) -> Result<DynamicMessage, JsonError> {
        DynamicMessage::decode(self.0.clone(), encoded)
            .map_err(|error| JsonError::whole(error.to_string()))
    }
}

/// Reads the JSON of a message.
fn parse(text: &str, message: MessageDescriptor) -> Result<DynamicMessage, JsonError> {
    serde_json::from_str::<EachKeyOnce>(text)?;
    let mut json = serde_json::Deserializer::from_str(text);
    let parsed = DynamicMessage::deserialize(message, &mut json)?;
    json.end()?;
    Ok(parsed)
}

/// JSON in which no object has a key twice: of two, common readers take the last, and
/// what a person checked may be the first.
struct EachKeyOnce;

impl<'de> Deserialize<'de> for EachKeyOnce {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for EachKeyOnce {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self, A::Error> {
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        while let Some(key) = object.next_key::<String>()? {
            if let Some(first) = seen.get(&field(&key)) {
                return Err(A::Error::custom(if *first == key {
                    format!("duplicate key `{key}`")
                } else {
                    format!("duplicate key `{key}`: it is the same field as `{first}`")
                }));
            }
            seen.insert(field(&key), key);
            object.next_value::<Self>()?;
        }
        Ok(self)
    }
}

/// Returns what the two forms of a field's name, `order_id` and `orderId`, have in
/// common. The contract has no maps, whose keys would be the caller's.
fn field(key: &str) -> String {
    key.replace('_', "").to_ascii_lowercase()
}
