//! Proto JSON of the contract's messages.
//!
//! Field names may be those of the contract or their lowerCamelCase form, as in
//! any other tool; a field that the contract does not know is an error, and so is one
//! that is set twice, in whichever form.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;

use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::FILE_DESCRIPTOR_SET;

/// Bytes of memory that the values of one text may take, by what one takes when it is parsed.
/// Those of the largest batch whose lists are within their limits, if small, are fewer.
pub const MAX_PARSED_BYTES: usize = 64 * 1024 * 1024;
/// Bytes that a value takes beside its text.
const VALUE_BYTES: usize = 64;
/// Bytes that an object takes with its first field.
const OBJECT_BYTES: usize = 768;

/// Says why a text is not the JSON of a message, or a message has none.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[error("{what}")]
pub struct JsonError {
    /// Line, from 1; 0: the text as a whole.
    pub line: usize,
    /// Column, from 1; 0: the text as a whole.
    pub column: usize,
    /// What is wrong.
    pub what: String,
    /// Whether it is that the text would take more than [`MAX_PARSED_BYTES`].
    pub is_too_large: bool,
}

impl JsonError {
    pub(super) fn whole(what: impl Into<String>) -> Self {
        Self {
            line: 0,
            column: 0,
            what: what.into(),
            is_too_large: false,
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
            is_too_large: false,
        }
    }
}

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
    fn document<M: Message>(&self, message: &M, name: &str) -> Result<DynamicMessage, JsonError> {
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
    let left = Cell::new(Some(MAX_PARSED_BYTES));
    let mut json = serde_json::Deserializer::from_str(text);
    if let Err(error) = Scan(&left).deserialize(&mut json) {
        return Err(JsonError {
            is_too_large: left.get().is_none(),
            ..error.into()
        });
    }
    json.end()?;
    let mut json = serde_json::Deserializer::from_str(text);
    let parsed = DynamicMessage::deserialize(message, &mut json)?;
    json.end()?;
    Ok(parsed)
}

/// Looks at JSON before it is parsed. No object may have a key twice: of two, common readers
/// take the last, and what a person checked may be the first. And all values together may
/// take no more memory than is left; `None`: they would.
#[derive(Clone, Copy)]
struct Scan<'a>(&'a Cell<Option<usize>>);

impl Scan<'_> {
    fn take<E: Error>(self, bytes: usize) -> Result<(), E> {
        self.0.set(self.0.get().and_then(|n| n.checked_sub(bytes)));
        if self.0.get().is_some() {
            return Ok(());
        }
        Err(E::custom(format_args!(
            "the values would take more than {MAX_PARSED_BYTES} bytes of memory; \
             send fewer items, lines and other entries"
        )))
    }
}

impl<'de> DeserializeSeed<'de> for Scan<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        self.take(VALUE_BYTES)?;
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Scan<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        while let Some(key) = object.next_key::<String>()? {
            if seen.is_empty() {
                self.take(OBJECT_BYTES)?;
            }
            if let Some(first) = seen.get(&field(&key)) {
                return Err(A::Error::custom(if *first == key {
                    format!("duplicate key `{key}`")
                } else {
                    format!("duplicate key `{key}`: it is the same field as `{first}`")
                }));
            }
            seen.insert(field(&key), key);
            object.next_value_seed(self)?;
        }
        Ok(())
    }
}

/// Returns what the two forms of a field's name, `order_id` and `orderId`, have in
/// common. The contract has no maps, whose keys would be the caller's.
fn field(key: &str) -> String {
    key.replace('_', "").to_ascii_lowercase()
}
