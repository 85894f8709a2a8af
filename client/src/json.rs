//! Messages as proto JSON, which is what `curl` sends and files of requests hold: read and
//! written by their descriptors.

use std::sync::LazyLock;

use prost::{Message, Name};
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor};
use serde::de::{DeserializeSeed, Error as _};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Verdict, pb};

static CONTRACT: LazyLock<Option<DescriptorPool>> = LazyLock::new(|| {
    let written: &[u8] = include_bytes!("gen/redress.v1.binpb");
    DescriptorPool::decode(written).ok()
});

fn descriptor<M: Name>() -> Result<MessageDescriptor, String> {
    let name = M::full_name();
    let pool = CONTRACT.as_ref();
    pool.and_then(|pool| pool.get_message_by_name(&name))
        .ok_or_else(|| format!("the contract has no `{name}`"))
}

fn write<M: Message + Name, S: Serializer>(message: &M, to: S) -> Result<S::Ok, S::Error> {
    let mut dynamic = DynamicMessage::new(descriptor::<M>().map_err(S::Error::custom)?);
    dynamic.transcode_from(message).map_err(S::Error::custom)?;
    dynamic.serialize(to)
}

fn read<'de, M: Message + Name + Default, D: Deserializer<'de>>(from: D) -> Result<M, D::Error> {
    let descriptor = descriptor::<M>().map_err(D::Error::custom)?;
    let dynamic = descriptor.deserialize(from)?;
    dynamic.transcode_to().map_err(D::Error::custom)
}

/// Reads and writes messages as proto JSON.
macro_rules! proto_json {
    ($($message:ident)*) => {$(
        impl Serialize for pb::$message {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                write(self, to)
            }
        }

        impl<'de> Deserialize<'de> for pb::$message {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                read(from)
            }
        }
    )*};
}

proto_json! {
    BatchDecideRequest BatchDecideResponse BatchItem CustomerRequest DecideRequest DecideResponse
    GetPolicyRequest GetPolicyResponse ItemError ItemResult Line ListOptionsRequest
    ListOptionsResponse ListPoliciesRequest ListPoliciesResponse Order OrderOption Policy Receipt
    RequestLine Row Settlement Shipment StreamDecideRequest StreamDecideResponse UnitGroup Verdict
}

impl Serialize for Verdict {
    /// Writes all that the contract says of it.
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        write(&self.message, to)
    }
}

impl<'de> Deserialize<'de> for Verdict {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::try_from(read::<pb::Verdict, D>(from)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_in_both_forms_of_names_and_written_in_one() {
        let line = pb::Line::new("ring", 1, "59.00").with_personalized(false);
        let order = pb::Order::new("1001", "EUR").with_lines([line]);
        for text in [
            r#"{"order_id": "1001", "currency_code": "EUR", "lines": [{"line_id": "ring",
                "quantity": 1, "unit_price": "59.00", "personalized": "ANSWER_NO"}]}"#,
            r#"{"orderId":"1001","currencyCode":"EUR","lines":[{"lineId":"ring","quantity":1,"unitPrice":"59.00","personalized":"ANSWER_NO"}]}"#,
        ] {
            let read: pb::Order = serde_json::from_str(text).expect("an order");
            assert_eq!(read, order);
        }
        let written = serde_json::to_value(&order).expect("JSON");
        let again: pb::Order = serde_json::from_value(written).expect("an order");
        assert_eq!(again, order);
    }

    #[test]
    fn what_the_contract_does_not_know_is_an_error() {
        for text in [r#"{"order": 1}"#, r#"{"lines": [{"prise": "1.00"}]}"#] {
            assert!(serde_json::from_str::<pb::Order>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_verdict_needs_a_step() {
        let text = r#"{"nextStep": "NEXT_STEP_PAY", "payableNowTotal": "59.00"}"#;
        let verdict: Verdict = serde_json::from_str(text).expect("a verdict");
        assert_eq!(verdict.payable_now.to_string(), "59.00");
        assert_eq!(
            serde_json::to_value(&verdict).expect("JSON"),
            text.parse::<serde_json::Value>().expect("JSON")
        );
        assert!(serde_json::from_str::<Verdict>("{}").is_err());
    }
}
