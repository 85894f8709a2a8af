//! What a message takes in memory once it is decoded, told from its encoded form.
//!
//! An empty line of an order is three bytes on the wire and 320 as a value, so
//! that bytes alone bound nothing. Entries of lists are counted here before the message is
//! decoded, each with the size of its type; what repeats, and its size, is generated from
//! the contract. Texts are not counted: they take about their bytes.

#[rustfmt::skip]
mod standard;

use prost::encoding::{WireType, decode_key, decode_varint};

use super::error::CallError;

/// Bytes that the entries of a message's lists may take. A batch of 200 requests with 200
/// lines each takes 13 MB beside its texts.
pub const MAX_DECODED_BYTES: usize = 16 * 1024 * 1024;

/// A request in which something repeats.
pub trait Request {
    /// What repeats in it.
    const LAYOUT: &'static Layout;
}

/// What repeats in a message.
#[derive(Debug)]
pub struct Layout {
    /// By the number of the field.
    fields: &'static [FieldLayout],
    /// The most that a byte of such a message can take.
    per_byte: usize,
}

/// What a field of a message holds.
#[derive(Clone, Copy, Debug)]
enum FieldLayout {
    /// One value in which nothing repeats, or no field has the number.
    Once,
    /// One message.
    Message(&'static Layout),
    /// Messages of a size, in each of which something repeats.
    Messages(usize, &'static Layout),
    /// Values of a size, each with a tag.
    Entries(usize),
    /// Numbers of a size, which can share a tag.
    Numbers(usize),
}

/// Bytes of the smallest entry: its tag and its length.
const ENTRY_BYTES: usize = 2;

impl Layout {
    const fn of(fields: &'static [FieldLayout]) -> Self {
        let (mut rest, mut per_byte) = (fields, 1);
        while let [field, after @ ..] = rest {
            let (own, inner) = match field {
                FieldLayout::Once => (0, 0),
                FieldLayout::Message(layout) => (0, layout.per_byte),
                FieldLayout::Messages(size, layout) => {
                    (size.div_ceil(ENTRY_BYTES), layout.per_byte)
                }
                FieldLayout::Entries(size) => (size.div_ceil(ENTRY_BYTES), 0),
                FieldLayout::Numbers(size) => (*size, 0),
            };
            let field = if own > inner { own } else { inner };
            per_byte = if field > per_byte { field } else { per_byte };
            rest = after;
        }
        Self { fields, per_byte }
    }
}

/// Checks that the lists of a message take no more than [`MAX_DECODED_BYTES`] once it is
/// decoded. A message that is cut short or malformed counts up to there, which is as far as
/// it would be decoded.
///
/// # Errors
/// They take more: [`CallError::TooManyEntries`].
pub fn check<M: Request>(message: &[u8]) -> Result<(), CallError> {
    // No entries of an ordinary message could be that many, so that it is not looked at, and
    // of an ordinary batch no more than where its items end.
    if message.len().saturating_mul(M::LAYOUT.per_byte) <= MAX_DECODED_BYTES {
        return Ok(());
    }
    for depth in [Depth::Items, Depth::All] {
        let mut left = MAX_DECODED_BYTES;
        if count(M::LAYOUT, depth, message, &mut left) != Counted::TooMany {
            return Ok(());
        }
    }
    Err(CallError::TooManyEntries {
        limit: MAX_DECODED_BYTES,
    })
}

/// How far a message is looked into.
#[derive(Clone, Copy, Debug)]
enum Depth {
    /// What is in the messages of a list counts as the most that it can be.
    Items,
    All,
}

/// How counting ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counted {
    All,
    /// Decoding fails at this place too.
    Malformed,
    TooMany,
}

/// Takes what the entries of a message take off what is left.
fn count(layout: &Layout, depth: Depth, mut message: &[u8], left: &mut usize) -> Counted {
    while !message.is_empty() {
        let Ok((number, wire_type)) = decode_key(&mut message) else {
            return Counted::Malformed;
        };
        let number = usize::try_from(number).unwrap_or(usize::MAX);
        let layout = layout.fields.get(number);
        let layout = layout.copied().unwrap_or(FieldLayout::Once);
        let value = match wire_type {
            WireType::LengthDelimited => decode_varint(&mut message)
                .ok()
                .and_then(|length| usize::try_from(length).ok())
                .and_then(|length| message.split_off(..length)),
            // Its digits do not matter, and it ends with the first byte that says so.
            WireType::Varint => decode_varint(&mut message).ok().map(|_| &[][..]),
            WireType::SixtyFourBit => message.split_off(..8),
            WireType::ThirtyTwoBit => message.split_off(..4),
            // What stands in a group that no field has is counted as if it did not.
            WireType::StartGroup | WireType::EndGroup => continue,
        };
        let Some(value) = value else {
            return Counted::Malformed;
        };
        let (size, inner) = match (layout, depth) {
            (FieldLayout::Once, _) => continue,
            (FieldLayout::Message(inner), _) => (0, Some(inner)),
            (FieldLayout::Messages(size, inner), Depth::Items) => {
                let most = value.len().saturating_mul(inner.per_byte);
                (size.saturating_add(most), None)
            }
            (FieldLayout::Messages(size, inner), Depth::All) => (size, Some(inner)),
            (FieldLayout::Entries(size), _) => (size, None),
            (FieldLayout::Numbers(size), _) => (size.saturating_mul(value.len().max(1)), None),
        };
        match left.checked_sub(size) {
            Some(rest) => *left = rest,
            None => return Counted::TooMany,
        }
        if let Some(inner) = inner {
            match count(inner, depth, value, left) {
                Counted::All => {}
                ended => return ended,
            }
        }
    }
    Counted::All
}
