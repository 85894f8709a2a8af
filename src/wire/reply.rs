//! The replies of calls that decide, as they leave: what the engine says stands
//! in them in its encoded form.
//!
//! On the wire a nested message is its length and its bytes. Each type here is
//! therefore a message of the contract with the same fields, in which a verdict or
//! an option is declared as bytes: it is written once, and read by who wants it.

use prost::Message;
use redress_client::pb;

use super::error::CallError;

/// Holds a verdict in its encoded form, `redress.v1.Verdict`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodedVerdict(Vec<u8>);

impl EncodedVerdict {
    /// Takes the bytes of a verdict.
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Returns the bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Reads the verdict.
    ///
    /// # Errors
    /// The bytes are no verdict, which is a fault of ours.
    pub fn decode(&self) -> Result<pb::Verdict, CallError> {
        pb::Verdict::decode(self.as_bytes()).map_err(|_| CallError::Internal)
    }
}

/// `redress.v1.DecideResponse`.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct DecideReply {
    #[prost(bytes = "vec", tag = "1")]
    verdict: Vec<u8>,
}

impl From<EncodedVerdict> for DecideReply {
    fn from(EncodedVerdict(verdict): EncodedVerdict) -> Self {
        Self { verdict }
    }
}

/// `redress.v1.BatchDecideResponse`.
#[derive(Clone, PartialEq, Message)]
pub struct BatchReply {
    /// A result for each item, in their order.
    #[prost(message, repeated, tag = "1")]
    pub results: Vec<ItemReply>,
}

/// `redress.v1.StreamDecideResponse`.
#[derive(Clone, PartialEq, Message)]
pub struct StreamReply {
    /// The result of one item.
    #[prost(message, optional, tag = "1")]
    pub result: Option<ItemReply>,
}

/// `redress.v1.ItemResult`.
#[derive(Clone, PartialEq, Message)]
pub struct ItemReply {
    #[prost(string, tag = "1")]
    item_id: String,
    #[prost(oneof = "ItemAnswer", tags = "2, 3")]
    answer: Option<ItemAnswer>,
}

impl ItemReply {
    /// Answers an item.
    pub fn new(item_id: String, answer: Result<EncodedVerdict, CallError>) -> Self {
        let answer = match answer {
            Ok(EncodedVerdict(verdict)) => ItemAnswer::Verdict(verdict),
            Err(error) => ItemAnswer::Error(error.into_item()),
        };
        Self {
            item_id,
            answer: Some(answer),
        }
    }
}

/// The result in `redress.v1.ItemResult`.
#[derive(Clone, PartialEq, prost::Oneof)]
enum ItemAnswer {
    #[prost(bytes = "vec", tag = "2")]
    Verdict(Vec<u8>),
    #[prost(message, tag = "3")]
    Error(pb::ItemError),
}

/// `redress.v1.ListOptionsResponse`.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct OptionsReply {
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub(super) options: Vec<Vec<u8>>,
    #[prost(bytes = "vec", tag = "2")]
    pub(super) receipt: Vec<u8>,
    #[prost(string, tag = "3")]
    pub(super) language_code: String,
}

impl OptionsReply {
    /// Reads the reply.
    ///
    /// # Errors
    /// The bytes are no such reply, which is a fault of ours.
    pub fn to_message(&self) -> Result<pb::ListOptionsResponse, CallError> {
        pb::ListOptionsResponse::decode(self.encode_to_vec().as_slice())
            .map_err(|_| CallError::Internal)
    }
}

#[cfg(test)]
mod tests {
    use pb::item_result::Result as Item;

    use super::*;

    fn verdict() -> (pb::Verdict, EncodedVerdict) {
        let verdict = pb::Verdict {
            order_id: "1001".to_owned(),
            ..Default::default()
        };
        let encoded = EncodedVerdict(verdict.encode_to_vec());
        (verdict, encoded)
    }

    #[test]
    fn replies_have_the_bytes_of_the_contract() {
        let (plain, encoded) = verdict();
        assert_eq!(encoded.decode().as_ref(), Ok(&plain));
        let reply = pb::DecideResponse {
            verdict: Some(plain.clone()),
        };
        let twin = DecideReply::from(encoded.clone());
        assert_eq!(twin.encode_to_vec(), reply.encode_to_vec());

        let error = CallError::MessageTooLarge { limit: 7 };
        let plain = [Item::Verdict(plain), Item::Error(error.clone().into_item())];
        let results: Vec<pb::ItemResult> = plain
            .into_iter()
            .map(|result| pb::ItemResult {
                item_id: "a".to_owned(),
                result: Some(result),
            })
            .collect();
        let twins = [Ok(encoded), Err(error)].map(|answer| ItemReply::new("a".to_owned(), answer));
        for (twin, result) in twins.iter().zip(&results) {
            let reply = pb::StreamDecideResponse {
                result: Some(result.clone()),
            };
            let twin = StreamReply {
                result: Some(twin.clone()),
            };
            assert_eq!(twin.encode_to_vec(), reply.encode_to_vec());
        }
        let twin = BatchReply {
            results: twins.to_vec(),
        };
        let reply = pb::BatchDecideResponse { results };
        assert_eq!(twin.encode_to_vec(), reply.encode_to_vec());
    }

    #[test]
    fn options_have_the_bytes_of_the_contract() {
        let option = pb::OrderOption {
            line_ids: vec!["ring".to_owned()],
            ..Default::default()
        };
        let receipt = pb::Receipt {
            policy: "acme".to_owned(),
            ..Default::default()
        };
        let twin = OptionsReply {
            options: vec![option.encode_to_vec(); 2],
            receipt: receipt.encode_to_vec(),
            language_code: "en".to_owned(),
        };
        let reply = pb::ListOptionsResponse {
            options: vec![option; 2],
            receipt: Some(receipt),
            language_code: "en".to_owned(),
        };
        assert_eq!(twin.encode_to_vec(), reply.encode_to_vec());
        assert_eq!(twin.to_message(), Ok(reply));
    }
}
