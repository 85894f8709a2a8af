//! Writes messages in their encoded form, field by field, as `prost` would.
//!
//! The length of a nested message stands before it and is known after it, so that
//! one byte is kept for it; the few messages that need a longer length are moved.
//! Fields that have their default are left out, and whoever writes a message
//! writes its fields in ascending order: the bytes are those of the generated code.

use std::fmt;

use prost::encoding::WireType;

use crate::domain::spell::Spell;

/// A number below this has one byte, such as the length of a short message.
const ONE_BYTE: u64 = 0x80;

/// Holds the bytes of a message that is being written.
#[derive(Debug, Default)]
pub(super) struct Encoder {
    bytes: Vec<u8>,
}

impl Encoder {
    /// Begins a message that will have about so many bytes.
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(bytes),
        }
    }

    /// Returns the bytes of the message.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Writes a text, unless it is empty.
    pub(super) fn text(&mut self, tag: u32, text: &str) {
        if !text.is_empty() {
            self.element(tag, text);
        }
    }

    /// Writes bytes, unless there are none.
    pub(super) fn bytes(&mut self, tag: u32, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.pair(key(tag, WireType::LengthDelimited), bytes.len() as u64);
            self.bytes.extend_from_slice(bytes);
        }
    }

    /// Writes a list of texts.
    pub(super) fn texts<'t>(&mut self, tag: u32, texts: impl IntoIterator<Item = &'t str>) {
        for text in texts {
            self.element(tag, text);
        }
    }

    /// Writes a text, also an empty one.
    fn element(&mut self, tag: u32, text: &str) {
        self.pair(key(tag, WireType::LengthDelimited), text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// Writes what spells itself, unless it is empty.
    pub(super) fn spelled(&mut self, tag: u32, value: &impl Spell) {
        self.unless_empty(tag, |to| {
            // Memory takes every text.
            let _ = value.spell(&mut TextWriter(&mut to.bytes));
        });
    }

    /// Writes a number or the number of an enum's value, unless it is zero.
    pub(super) fn number(&mut self, tag: u32, number: i32) {
        self.large(tag, i64::from(number));
    }

    /// Writes a large number, unless it is zero.
    pub(super) fn large(&mut self, tag: u32, number: i64) {
        if number != 0 {
            // A number below zero has the bytes of the large one that it is.
            self.pair(key(tag, WireType::Varint), number.cast_unsigned());
        }
    }

    /// Writes a number where there is one, also a zero.
    pub(super) fn known_number(&mut self, tag: u32, number: Option<i32>) {
        if let Some(number) = number {
            let number = i64::from(number).cast_unsigned();
            self.pair(key(tag, WireType::Varint), number);
        }
    }

    /// Writes that something is so; nothing is written where it is not.
    pub(super) fn flag(&mut self, tag: u32, flag: bool) {
        self.number(tag, i32::from(flag));
    }

    /// Writes a nested message, also one that has no fields.
    pub(super) fn message(&mut self, tag: u32, fields: impl FnOnce(&mut Self)) {
        self.pair(key(tag, WireType::LengthDelimited), 0);
        let start = self.bytes.len();
        fields(self);
        self.put_length(start);
    }

    /// Writes a nested message that the generated code encodes.
    pub(super) fn encoded(&mut self, tag: u32, message: &impl prost::Message) {
        self.message(tag, |to| {
            // Memory takes every message.
            let _ = message.encode(&mut to.bytes);
        });
    }

    /// Writes a nested message or a text, unless it is empty.
    pub(super) fn unless_empty(&mut self, tag: u32, fields: impl FnOnce(&mut Self)) {
        let before = self.bytes.len();
        self.pair(key(tag, WireType::LengthDelimited), 0);
        let start = self.bytes.len();
        fields(self);
        if self.bytes.len() == start {
            self.bytes.truncate(before);
        } else {
            self.put_length(start);
        }
    }

    /// Puts the length of a message that starts here before it, where one byte was
    /// kept for it.
    fn put_length(&mut self, start: usize) {
        let length = self.bytes.len().saturating_sub(start) as u64;
        if let Some(kept) = self.bytes.get_mut(start.saturating_sub(1)) {
            *kept = length as u8;
        }
        if length >= ONE_BYTE {
            self.put_long_length(start, length);
        }
    }

    /// Puts a length that one byte cannot hold; each byte more moves the message.
    fn put_long_length(&mut self, start: usize, mut length: u64) {
        let mut index = start;
        while length >= ONE_BYTE {
            if let Some(before) = self.bytes.get_mut(index.saturating_sub(1)) {
                // The highest bit says that another byte follows.
                *before = length as u8 | 0x80;
            }
            length >>= 7;
            self.bytes.insert(index, length as u8);
            index = index.saturating_add(1);
        }
    }

    /// Writes a list of messages.
    pub(super) fn list<T>(
        &mut self,
        tag: u32,
        list: impl IntoIterator<Item = T>,
        fields: impl Fn(&mut Self, T),
    ) {
        for one in list {
            self.message(tag, |to| fields(to, one));
        }
    }

    /// Writes a message, where there is one.
    pub(super) fn optional<T>(
        &mut self,
        tag: u32,
        value: Option<T>,
        fields: impl FnOnce(&mut Self, T),
    ) {
        if let Some(value) = value {
            self.message(tag, |to| fields(to, value));
        }
    }

    /// Writes what a field begins with and a number; most have one byte each.
    fn pair(&mut self, key: u64, number: u64) {
        if key < ONE_BYTE && number < ONE_BYTE {
            self.bytes.extend_from_slice(&[key as u8, number as u8]);
        } else {
            self.long_pair(key, number);
        }
    }

    fn long_pair(&mut self, key: u64, number: u64) {
        self.varint(key);
        self.varint(number);
    }

    /// Writes a plain number.
    fn varint(&mut self, mut number: u64) {
        while number >= ONE_BYTE {
            // The highest bit says that another byte follows.
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }
}

/// Returns what a field begins with.
const fn key(tag: u32, kind: WireType) -> u64 {
    (tag << 3 | kind as u32) as u64
}

/// Appends text to bytes.
struct TextWriter<'b>(&'b mut Vec<u8>);

impl fmt::Write for TextWriter<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn write_char(&mut self, letter: char) -> fmt::Result {
        if letter.is_ascii() {
            // Digits come one by one.
            self.0.push(letter as u8);
            return Ok(());
        }
        self.write_str(letter.encode_utf8(&mut [0; 4]))
    }
}

#[cfg(test)]
mod tests {
    use prost::Message;
    use prost_types::{
        DescriptorProto, FieldDescriptorProto, FileDescriptorProto, ListValue, Timestamp, Value,
        value::Kind,
    };

    use redress_client::pb::ReturnJourney;

    use super::*;

    fn encoded(write: impl FnOnce(&mut Encoder)) -> Vec<u8> {
        let mut to = Encoder::with_capacity(0);
        write(&mut to);
        to.into_bytes()
    }

    #[test]
    fn lengths_are_the_shortest_at_every_nesting() {
        // A list of lists of one text: three lengths before each text.
        let nested = |list: ListValue| ListValue {
            values: vec![Value {
                kind: Some(Kind::ListValue(list)),
            }],
        };
        let around = [0_usize, 127, 128, 16_383, 16_384].into_iter();
        for length in around.flat_map(|l| l.saturating_sub(12)..=l + 2) {
            let text = "x".repeat(length);
            let deepest = ListValue {
                values: vec![Value {
                    kind: Some(Kind::StringValue(text.clone())),
                }],
            };
            let wanted = nested(nested(deepest)).encode_to_vec();
            let written = encoded(|to| {
                to.message(1, |to| {
                    to.message(6, |to| {
                        to.message(1, |to| {
                            to.message(6, |to| to.message(1, |to| to.element(3, &text)));
                        });
                    });
                });
            });
            assert!(written == wanted, "{length}");
            let spelled = encoded(|to| to.spelled(1, &Written(&text)));
            let wanted = FileDescriptorProto {
                name: (length > 0).then_some(text),
                ..Default::default()
            };
            assert!(spelled == wanted.encode_to_vec(), "{length}");
        }
    }

    #[test]
    fn defaults_are_left_out_and_empty_messages_are_not() {
        let nothing = encoded(|to| {
            to.text(1, "");
            to.spelled(2, &Written(""));
            to.number(3, 0);
            to.large(4, 0);
            to.flag(5, false);
            to.known_number(5, None);
            to.unless_empty(5, |to| to.text(1, ""));
            to.list(7, &[0; 0], |to, n| to.number(1, *n));
            to.optional(8, None, Encoder::flag_one);
        });
        assert!(nothing.is_empty());
        let zero = encoded(|to| to.known_number(7, Some(0)));
        let known = ReturnJourney {
            parcel_count: Some(0),
            ..Default::default()
        };
        assert_eq!(zero, known.encode_to_vec());
        let empty = encoded(|to| to.message(4, |_| ()));
        let wanted = FileDescriptorProto {
            message_type: vec![DescriptorProto::default()],
            ..Default::default()
        };
        assert_eq!(empty, wanted.encode_to_vec());
    }

    struct Written<'t>(&'t str);

    impl Spell for Written<'_> {
        fn spell(&self, to: &mut impl fmt::Write) -> fmt::Result {
            self.0.chars().try_for_each(|letter| to.write_char(letter))
        }
    }

    impl Encoder {
        fn flag_one(&mut self, flag: bool) {
            self.flag(1, flag);
        }
    }

    #[test]
    fn numbers_are_written_as_the_generated_code_does() {
        for number in [1, -1, 127, 128, i32::MAX, i32::MIN] {
            let time = Timestamp {
                seconds: i64::from(number).saturating_mul(1 << 20),
                nanos: number,
            };
            let written = encoded(|to| {
                to.large(1, time.seconds);
                to.number(2, time.nanos);
            });
            assert_eq!(written, time.encode_to_vec());
        }
        let field = FieldDescriptorProto {
            proto3_optional: Some(true),
            ..Default::default()
        };
        assert_eq!(encoded(|to| to.flag(17, true)), field.encode_to_vec());
    }
}
