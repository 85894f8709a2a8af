//! Messages of many small entries: what they would take in memory is refused before it is
//! taken, in every protocol.

use std::fs;
use std::process::Command;

use prost::Message;
use prost::bytes::Bytes;
use redress::wire::decoded_size::{self, MAX_DECODED_BYTES};
use redress::wire::error::CallError;
use redress_client::{Refusal, pb};
use tokio::task::JoinSet;
use tonic::codegen::http::Version;
use tonic::{Code, Status};

use crate::http::{BATCH, DECIDE, STREAM, granted, post};
use crate::process::Process;
use crate::raw::framed_bytes;

/// Bytes of the largest message.
const MESSAGE_BYTES: usize = 4 * 1024 * 1024;
/// Messages that are sent at once.
const AT_ONCE: usize = 8;
/// What the server may hold at most: itself, the bytes of the messages, some copies of them,
/// and the two that are taken out of JSON at once.
const MEMORY_BYTES: usize = 300 * 1024 * 1024;

/// Repeats an entry, as many times as bytes allow.
fn repeated(entry: &[u8], bytes: usize) -> Vec<u8> {
    entry.repeat(bytes / entry.len())
}

/// Puts bytes into a field.
fn field(number: u8, value: &[u8]) -> Vec<u8> {
    let mut encoded = vec![number << 3 | 2];
    prost::encoding::encode_varint(value.len().try_into().unwrap(), &mut encoded);
    encoded.extend_from_slice(value);
    encoded
}

/// An empty entry of a field below 16.
const fn empty(number: u8) -> [u8; 2] {
    [number << 3 | 2, 0]
}

/// Lines of an order, field 16, in the order of a request.
fn lines(bytes: usize) -> Vec<u8> {
    field(ORDER, &repeated(&[0x82, 0x01, 0x00], bytes))
}

/// The order of a request, the request of the customer, its lines, and the message of an
/// item, as the contract numbers them.
const ORDER: u8 = 3;
const REQUEST: u8 = 4;
const REQUEST_LINES: u8 = 9;
const ITEMS: u8 = 1;
const ITEM_DECIDE: u8 = 2;

#[test]
fn fields_are_numbered_as_the_contract_does() {
    let order = pb::Order {
        lines: vec![pb::Line::default(); 2],
        ..pb::Order::default()
    };
    let request = pb::CustomerRequest {
        lines: vec![pb::RequestLine::default(); 2],
        ..pb::CustomerRequest::default()
    };
    let decide = pb::DecideRequest {
        order: Some(order),
        request: Some(request),
        ..pb::DecideRequest::default()
    };
    let asked = field(REQUEST, &repeated(&empty(REQUEST_LINES), 4));
    let encoded = [lines(6), asked].concat();
    assert_eq!(decide.encode_to_vec(), encoded);
    let batch = pb::BatchDecideRequest {
        items: vec![pb::BatchItem {
            decide: Some(decide),
            ..pb::BatchItem::default()
        }],
    };
    let item = field(ITEM_DECIDE, &encoded);
    assert_eq!(batch.encode_to_vec(), field(ITEMS, &item));
}

#[test]
fn entries_count_with_the_size_of_their_type() {
    let most = |size: usize| MAX_DECODED_BYTES / size;
    let too_many = Err(CallError::TooManyEntries {
        limit: MAX_DECODED_BYTES,
    });
    let check = |count: usize| {
        let items = empty(ITEMS).repeat(count);
        decoded_size::check::<pb::BatchDecideRequest>(&items)
    };
    let items = most(size_of::<pb::BatchItem>());
    assert_eq!(check(items), Ok(()));
    assert_eq!(check(items + 1), too_many);

    // In messages in messages, and in two orders that are one when they are decoded.
    let check = |counts: &[usize]| {
        let orders = counts.iter().map(|count| lines(count * 3));
        let item = field(ITEM_DECIDE, &orders.collect::<Vec<_>>().concat());
        decoded_size::check::<pb::StreamDecideRequest>(&field(ITEMS, &item))
    };
    let count = most(size_of::<pb::Line>());
    assert_eq!(check(&[count]), Ok(()));
    assert_eq!(check(&[count - 10, 10]), Ok(()));
    assert_eq!(check(&[count - 10, 11]), too_many);

    // What is cut off counts as far as it goes.
    let mut cut = field(ORDER, &[0x82, 0x01, 0x00].repeat(count + 1));
    cut.pop();
    let check = decoded_size::check::<pb::DecideRequest>;
    assert_eq!(
        check(&cut),
        Ok(()),
        "the length is wrong, and nothing is read"
    );
    let mut cut = [0x82, 0x01, 0x00].repeat(count + 1);
    cut.push(0xff);
    assert_eq!(check(&field(ORDER, &cut)), too_many);

    // Words by one tag, and by one each.
    let statuses = field(9, &vec![1; most(size_of::<i32>())]);
    let check = decoded_size::check::<pb::ListOptionsRequest>;
    assert_eq!(check(&statuses), Ok(()));
    assert_eq!(check(&[statuses, vec![9 << 3, 1]].concat()), too_many);
}

#[test]
fn the_largest_batch_of_small_lines_is_within_the_limit() {
    let line = |number: usize| pb::Line {
        line_id: number.to_string(),
        ..pb::Line::default()
    };
    let order = pb::Order {
        lines: (0..200).map(line).collect(),
        ..pb::Order::default()
    };
    let item = pb::BatchItem {
        decide: Some(pb::DecideRequest {
            order: Some(order),
            ..granted()
        }),
        ..pb::BatchItem::default()
    };
    let batch = pb::BatchDecideRequest {
        items: vec![item; 200],
    };
    let encoded = batch.encode_to_vec();
    assert_eq!(
        decoded_size::check::<pb::BatchDecideRequest>(&encoded),
        Ok(())
    );
}

#[test]
fn the_refusal_names_the_limit_and_what_to_do() {
    let refusal = Refusal::from(Status::from(CallError::TooManyEntries { limit: 2048 }));
    assert_eq!(refusal.code(), Code::ResourceExhausted);
    assert_eq!(refusal.reason(), Some(pb::ErrorReason::MessageTooLarge));
    assert_eq!(refusal.metadata("limit"), Some("2048"));
    assert!(
        refusal.to_string().contains("send fewer items"),
        "{refusal}"
    );
}

/// Returns the most memory that a process has had, in bytes.
fn peak(server: &Process) -> usize {
    let path = format!("/proc/{}/status", server.child.id());
    let status = fs::read_to_string(path).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.unwrap().trim().strip_suffix(" kB").unwrap();
    kibibytes.parse::<usize>().unwrap() * 1024
}

#[tokio::test]
async fn many_small_entries_take_no_more_memory_than_is_stated() {
    const GRPC: &str = "application/grpc";
    const GRPC_WEB: &str = "application/grpc-web+proto";
    let json = |before: &str, entry: &str, after: &str| {
        let entries = MESSAGE_BYTES / (entry.len() + 1) - before.len();
        let entries = vec![entry; entries].join(",");
        Bytes::from(format!("{before}{entries}{after}"))
    };
    // A tag and its length in each of the messages around.
    let room = MESSAGE_BYTES - 32;
    let order = lines(room);
    let asked = field(REQUEST, &repeated(&empty(REQUEST_LINES), room));
    let items = repeated(&empty(ITEMS), room);
    let item = field(ITEMS, &field(ITEM_DECIDE, &order));
    // As many as there may be.
    let most = MAX_DECODED_BYTES / size_of::<pb::Line>() - 16;
    let few = field(ITEMS, &field(ITEM_DECIDE, &lines(most * 3)));
    let unary_json = "application/json";
    let calls: [(&str, &str, Bytes, bool); 11] = [
        (DECIDE, GRPC, framed_bytes(&order), true),
        (DECIDE, GRPC, framed_bytes(&asked), true),
        (BATCH, GRPC, framed_bytes(&items), true),
        (STREAM, GRPC, framed_bytes(&item), true),
        (BATCH, GRPC_WEB, framed_bytes(&items), true),
        (
            STREAM,
            "application/connect+proto",
            framed_bytes(&item),
            true,
        ),
        (BATCH, "application/proto", items.clone().into(), true),
        (
            DECIDE,
            unary_json,
            json(r#"{"order":{"lines":["#, "{}", "]}}"),
            true,
        ),
        (
            DECIDE,
            unary_json,
            json(r#"{"order":{"lines":["#, r#"{"line_id":""}"#, "]}}"),
            true,
        ),
        (STREAM, GRPC, framed_bytes(&few), false),
        (BATCH, GRPC, framed_bytes(&few), false),
    ];
    let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--threads", "2"]);
    let server = Process::start(command);
    let address = server.address.parse().unwrap();
    for (path, content_type, body, is_large) in calls {
        assert!(body.len() <= MESSAGE_BYTES + 5);
        let mut sent = JoinSet::new();
        for _ in 0..AT_ONCE {
            let body = body.clone();
            sent.spawn(post(address, Version::HTTP_2, path, content_type, body));
        }
        while let Some(reply) = sent.join_next().await {
            let reply = reply.unwrap();
            let told = format!(
                "{:?} {}",
                reply.headers,
                String::from_utf8_lossy(&reply.body)
            );
            let mut mends = ["send fewer items", "send%20fewer%20items"].iter();
            let is_refused = mends.any(|mend| told.contains(mend));
            assert_eq!(is_refused, is_large, "{path} {content_type}: {told}");
        }
    }
    assert!(peak(&server) < MEMORY_BYTES, "{}", peak(&server));
}
