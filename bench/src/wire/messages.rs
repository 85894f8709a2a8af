//! Bodies of calls, encoded before any clock runs.

use bytes::{BufMut, Bytes, BytesMut};
use prost::Message;
use redress::wire::json::Schema;
use redress_client::pb;

/// Items of a batch.
pub const BATCH: usize = 100;
/// Items that one stream has in flight at most.
pub const IN_FLIGHT: usize = 32;
/// What every server is asked: a plain piece goes back, in time.
const EXAMPLE: &str = include_str!("../../../examples/return_plain_piece.json");

/// Paths of the calls.
pub const DECIDE: &str = "/redress.v1.DecisionService/Decide";
/// Path of the batch.
pub const BATCH_DECIDE: &str = "/redress.v1.DecisionService/BatchDecide";
/// Path of the stream.
pub const STREAM_DECIDE: &str = "/redress.v1.DecisionService/StreamDecide";
/// Path of health.
pub const HEALTH: &str = "/grpc.health.v1.Health/Check";

/// The bodies.
#[derive(Clone, Debug)]
pub struct Bodies {
    /// One request.
    pub unary: Bytes,
    /// The same at the compact view.
    pub compact: Bytes,
    /// A request of a few bytes.
    pub little: Bytes,
    /// A batch.
    pub batch: Bytes,
    /// As many items of a stream as may be in flight.
    pub items: Bytes,
    /// Bytes of one of them.
    pub item_bytes: usize,
}

impl Bodies {
    /// Encodes them.
    pub fn new() -> Self {
        let request: pb::DecideRequest = Schema::new()
            .expect("the contract")
            .read(EXAMPLE, "redress.v1.DecideRequest")
            .expect("a request");
        let item = |n: usize| pb::BatchItem {
            item_id: format!("item-{n}"),
            decide: Some(request.clone()),
        };
        let item_of_stream = framed(&pb::StreamDecideRequest {
            item: Some(item(0)),
        });
        let little = pb::DecideRequest {
            policy: "p".to_owned(),
            ..Default::default()
        };
        Self {
            unary: framed(&request),
            compact: framed(&pb::DecideRequest {
                view: pb::View::Compact.into(),
                ..request.clone()
            }),
            little: framed(&little),
            batch: framed(&pb::BatchDecideRequest {
                items: (0..BATCH).map(item).collect(),
            }),
            items: item_of_stream.repeat(IN_FLIGHT).into(),
            item_bytes: item_of_stream.len(),
        }
    }
}

/// Encodes a message as gRPC sends it: not compressed, length first.
fn framed(message: &impl Message) -> Bytes {
    let length = message.encoded_len();
    let mut bytes = BytesMut::with_capacity(5 + length);
    bytes.put_u8(0);
    bytes.put_u32(u32::try_from(length).expect("a short message"));
    message.encode(&mut bytes).expect("room for it");
    bytes.freeze()
}

/// Counts the messages in bytes that arrive piece by piece.
#[derive(Debug, Default)]
pub struct Counter {
    header: Vec<u8>,
    left: usize,
}

impl Counter {
    /// Takes the next piece; returns how many messages ended in it.
    pub fn take(&mut self, mut piece: &[u8]) -> usize {
        let mut ended = 0;
        while !piece.is_empty() {
            if self.left == 0 {
                let (head, rest) = piece.split_at(piece.len().min(5 - self.header.len()));
                self.header.extend_from_slice(head);
                piece = rest;
                if let [_, length @ ..] = self.header.as_slice()
                    && let Ok(length) = <[u8; 4]>::try_from(length)
                {
                    self.left = u32::from_be_bytes(length) as usize;
                    self.header.clear();
                    ended += usize::from(self.left == 0);
                }
            } else {
                let (body, rest) = piece.split_at(piece.len().min(self.left));
                self.left -= body.len();
                piece = rest;
                ended += usize::from(self.left == 0);
            }
        }
        ended
    }
}
