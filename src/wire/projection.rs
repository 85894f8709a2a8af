//! Proto JSON of encoded messages, or of parts of them, written while they are read.
//!
//! What is written of a message is settled once, field by field, from the contract; each
//! message is then one pass over its bytes, and nothing is built in between.
//!
//! It reads what this program encodes: entries of a list stand together, and a field that
//! is no list is there at most once.

mod selection;

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use prost::Message;
use prost::encoding::{WireType, decode_key, decode_varint};
use prost_types::Timestamp;
use serde::Serialize;

pub use self::selection::{NoSuchField, Selection};

/// How messages of one kind are written, whole or in part.
#[derive(Debug, Default)]
pub struct Projection {
    /// By number; what is not written is not among them.
    fields: Vec<Field>,
}

/// How a field is written.
#[derive(Debug)]
struct Field {
    number: u32,
    /// The name in quotes and a colon.
    key: String,
    is_list: bool,
    form: Form,
}

/// How the value of a field, or an entry of a list, is written.
#[derive(Debug)]
enum Form {
    Number(Number),
    Text(Text),
    Message(Arc<Projection>),
    /// As the name of the entry says.
    ByName(Box<ByName>),
    /// It is left out, by the mask of this index.
    Masked(usize),
}

/// What is encoded as a number.
#[derive(Debug)]
enum Number {
    Bool,
    Int32,
    Int64,
    /// The names of the numbers.
    Enum(Vec<(i64, String)>),
}

/// What is encoded as bytes, and written as text.
#[derive(Clone, Copy, Debug)]
enum Text {
    Plain,
    Base64,
    Time,
}

/// How entries of a list are written that have names.
#[derive(Debug)]
struct ByName {
    /// The number of the field with the name.
    number: u32,
    named: Vec<(String, Form)>,
    others: Form,
}

/// Says that bytes are not those of the message that they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are not those of the message")]
pub struct Malformed;

/// A value as it is encoded.
#[derive(Clone, Copy)]
enum Encoded<'b> {
    Number(u64),
    Bytes(&'b [u8]),
}

impl<'b> Encoded<'b> {
    fn bytes(self) -> Result<&'b [u8], Malformed> {
        match self {
            Self::Number(_) => Err(Malformed),
            Self::Bytes(bytes) => Ok(bytes),
        }
    }
}

/// Takes the first field off an encoded message.
fn take<'b>(message: &mut &'b [u8]) -> Result<(u32, Encoded<'b>), Malformed> {
    let malformed = |_| Malformed;
    let (number, wire_type) = decode_key(message).map_err(malformed)?;
    let value = match wire_type {
        WireType::Varint => Encoded::Number(decode_varint(message).map_err(malformed)?),
        WireType::LengthDelimited => {
            let length = decode_varint(message).map_err(malformed)?;
            let length = usize::try_from(length).map_err(|_| Malformed)?;
            Encoded::Bytes(message.split_off(..length).ok_or(Malformed)?)
        }
        // The contract has none.
        WireType::SixtyFourBit
        | WireType::ThirtyTwoBit
        | WireType::StartGroup
        | WireType::EndGroup => return Err(Malformed),
    };
    Ok((number, value))
}

impl Projection {
    /// Writes an encoded message to the end of `out`, and adds the indexes of masks that left
    /// something out to `masked`, each once.
    ///
    /// # Errors
    /// The bytes are not those of such a message; `out` then ends in the middle of one.
    pub fn write(
        &self,
        mut message: &[u8],
        out: &mut Vec<u8>,
        masked: &mut Vec<usize>,
    ) -> Result<(), Malformed> {
        out.push(b'{');
        let start = out.len();
        // The list that is being written.
        let mut list = None;
        while !message.is_empty() {
            let (number, value) = take(&mut message)?;
            let Some(field) = self.field(number) else {
                continue;
            };
            let Some(form) = field.form.of(value, masked)? else {
                continue;
            };
            if list.is_some_and(|open| open != number) {
                out.push(b']');
                list = None;
            }
            if out.len() > start {
                out.push(b',');
            }
            if list.is_none() {
                out.extend_from_slice(field.key.as_bytes());
                if field.is_list {
                    out.push(b'[');
                    list = Some(number);
                }
            }
            form.write(value, out, masked)?;
        }
        if list.is_some() {
            out.push(b']');
        }
        out.push(b'}');
        Ok(())
    }

    fn field(&self, number: u32) -> Option<&Field> {
        let found = self
            .fields
            .binary_search_by_key(&number, |field| field.number);
        self.fields.get(found.ok()?)
    }
}

impl Form {
    /// Returns how a value is written; `None`: it is left out.
    fn of(&self, value: Encoded<'_>, masked: &mut Vec<usize>) -> Result<Option<&Self>, Malformed> {
        match self {
            Self::Number(_) | Self::Text(_) | Self::Message(_) => Ok(Some(self)),
            Self::ByName(by_name) => by_name.form(value.bytes()?)?.of(value, masked),
            Self::Masked(mask) => {
                if !masked.contains(mask) {
                    masked.push(*mask);
                }
                Ok(None)
            }
        }
    }

    fn write(
        &self,
        value: Encoded<'_>,
        out: &mut Vec<u8>,
        masked: &mut Vec<usize>,
    ) -> Result<(), Malformed> {
        match (self, value) {
            (Self::Number(form), Encoded::Number(number)) => form.write(number, out),
            // Several numbers that share a tag.
            (Self::Number(form), Encoded::Bytes(mut numbers)) => {
                let start = out.len();
                while !numbers.is_empty() {
                    if out.len() > start {
                        out.push(b',');
                    }
                    form.write(decode_varint(&mut numbers).map_err(|_| Malformed)?, out)?;
                }
                Ok(())
            }
            (Self::Text(form), value) => form.write(value.bytes()?, out),
            (Self::Message(form), value) => form.write(value.bytes()?, out, masked),
            (Self::ByName(_) | Self::Masked(_), _) => Ok(()),
        }
    }
}

impl Number {
    fn write(&self, number: u64, out: &mut Vec<u8>) -> Result<(), Malformed> {
        let number = number.cast_signed();
        match self {
            Self::Bool => json(&(number != 0), out),
            Self::Int32 => json(&number, out),
            // As text: many readers of JSON lose digits above 2^53.
            Self::Int64 => json(&number.to_string(), out),
            Self::Enum(names) => match names.iter().find(|(of, _)| *of == number) {
                Some((_, name)) => json(name, out),
                None => json(&number, out),
            },
        }
    }
}

impl Text {
    fn write(self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
        match self {
            Self::Plain => json(std::str::from_utf8(bytes).map_err(|_| Malformed)?, out),
            Self::Base64 => json(&BASE64_STANDARD.encode(bytes), out),
            Self::Time => {
                let time = Timestamp::decode(bytes).map_err(|_| Malformed)?;
                json(&time.to_string(), out)
            }
        }
    }
}

impl ByName {
    fn form(&self, mut entry: &[u8]) -> Result<&Form, Malformed> {
        while !entry.is_empty() {
            let (number, value) = take(&mut entry)?;
            if number == self.number {
                let name = value.bytes()?;
                let mut named = self.named.iter();
                let form = named.find(|(of, _)| of.as_bytes() == name);
                return Ok(form.map_or(&self.others, |(_, form)| form));
            }
        }
        Ok(&self.others)
    }
}

fn json(value: &(impl Serialize + ?Sized), out: &mut Vec<u8>) -> Result<(), Malformed> {
    serde_json::to_writer(out, value).map_err(|_| Malformed)
}
