//! The calls over a real connection, as far as they go without policies.

use redress::rpc::service::{CatalogHandle, Decisions, PinnedClock, Policies};
use redress_client::pb::item_result::Result as Item;
use redress_client::pb::policy_service_server::PolicyServiceServer;
use redress_client::pb::{self, ErrorReason as Reason};
use redress_client::{Client, ClientError, Config};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::Code;
use tonic::transport::Server;

use crate::samples;

/// Serves without policies on a free port, and connects.
async fn connect() -> Client {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("an address");
    let catalog = CatalogHandle::default();
    let decisions = Decisions::new(catalog.clone(), PinnedClock(samples::now()));
    let server = Server::builder()
        .add_service(decisions)
        .add_service(PolicyServiceServer::new(Policies::new(catalog)))
        .serve_with_incoming(TcpListenerStream::new(listener));
    tokio::spawn(server);
    Client::connect(format!("http://{address}"), Config::default())
        .await
        .expect("a connection")
}

fn item(id: &str, decide: Option<pb::DecideRequest>) -> pb::BatchItem {
    pb::BatchItem {
        item_id: id.into(),
        decide,
    }
}

/// Returns id, reason and fields of results that are all errors.
fn errors(results: &[pb::ItemResult]) -> Vec<(String, Reason, Vec<String>)> {
    let read = |result: &pb::ItemResult| match &result.result {
        Some(Item::Error(error)) => {
            let fields = error.violations.iter().map(|v| v.field.clone()).collect();
            (result.item_id.clone(), error.reason(), fields)
        }
        other => panic!("not an error: {other:?}"),
    };
    results.iter().map(read).collect()
}

#[tokio::test]
async fn a_batch_answers_each_item_in_order() {
    let items = vec![
        item("b", Some(samples::decide())),
        item("a", None),
        item("c", Some(pb::DecideRequest::default())),
    ];
    let mut stub = connect().await.decisions();
    let reply = stub.batch_decide(pb::BatchDecideRequest { items }).await;
    let reply = reply.expect("a reply").into_inner();
    let fields = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
    assert_eq!(
        errors(&reply.results),
        [
            ("b".to_owned(), Reason::CatalogUnusable, Vec::new()),
            ("a".to_owned(), Reason::InvalidRequest, fields(&["decide"])),
            (
                "c".to_owned(),
                Reason::InvalidRequest,
                fields(&["order", "policy", "request"])
            ),
        ]
    );
}

#[tokio::test]
async fn a_batch_is_refused_as_a_whole_only_if_it_is_broken() {
    let client = connect().await;
    let many = (0..201).map(|i| item(&i.to_string(), None)).collect();
    let cases = [
        (vec![], vec![("items", Reason::Required)]),
        (many, vec![("items", Reason::TooMany)]),
        (
            vec![item("a", None), item("", None), item("a", None)],
            vec![
                ("items[1].item_id", Reason::Required),
                ("items[2].item_id", Reason::Duplicate),
            ],
        ),
    ];
    for (items, wanted) in cases {
        let batch = pb::BatchDecideRequest { items };
        let refused = client.decisions().batch_decide(batch).await;
        let error = ClientError::from(refused.expect_err("a refusal"));
        let found: Vec<(&str, Reason)> = error
            .violations()
            .iter()
            .map(|v| (v.field.as_str(), v.reason.expect("a known reason")))
            .collect();
        assert_eq!(found, wanted);
    }
}

#[tokio::test]
async fn a_stream_answers_each_item_in_order() {
    let messages = vec![
        pb::StreamDecideRequest {
            item: Some(item("1", Some(samples::decide()))),
        },
        pb::StreamDecideRequest { item: None },
        pb::StreamDecideRequest {
            item: Some(item("", Some(samples::decide()))),
        },
        pb::StreamDecideRequest {
            item: Some(item("2", None)),
        },
    ];
    let mut stub = connect().await.decisions();
    let mut replies = stub
        .stream_decide(tokio_stream::iter(messages))
        .await
        .expect("a stream")
        .into_inner();
    let mut results = Vec::new();
    while let Some(reply) = replies.message().await.expect("a reply") {
        results.extend(reply.result);
    }
    let found: Vec<(String, Reason)> = errors(&results)
        .into_iter()
        .map(|(id, reason, _)| (id, reason))
        .collect();
    assert_eq!(
        found,
        [
            ("1".to_owned(), Reason::CatalogUnusable),
            (String::new(), Reason::InvalidRequest),
            (String::new(), Reason::InvalidRequest),
            ("2".to_owned(), Reason::InvalidRequest),
        ]
    );
}

#[tokio::test]
async fn a_request_with_much_wrong_still_gets_its_reason() {
    let mut request = samples::decide();
    let broken = pb::Line {
        category: "\u{e9}".repeat(200),
        unit_price: "\u{e9}".repeat(200),
        ..Default::default()
    };
    if let Some(order) = &mut request.order {
        order.lines = vec![broken; 200];
    }
    let error = connect()
        .await
        .decide(request)
        .await
        .expect_err("a refusal");
    assert_eq!(error.reason(), Some(Reason::InvalidRequest));
    let refusal = error.refusal().expect("a refusal");
    assert_eq!(refusal.code(), Code::InvalidArgument);
    // Id, quantity, price and category of each of 200 lines are wrong, of which
    // 200 are reported and as many listed as a trailer holds.
    assert_eq!(refusal.metadata("count"), Some("200"));
    assert!(refusal.violations().len() < 200);
}

#[tokio::test]
async fn options_and_policies_answer_without_policies() {
    let client = connect().await;
    let mut stub = client.policies();
    let list = stub.list_policies(pb::ListPoliciesRequest::default()).await;
    let list = list.expect("an empty list").into_inner();
    assert_eq!(list.policies, []);
    assert_eq!(list.next_page_token, "");
    let set = list.policy_set.expect("what the server decides by");
    assert_eq!(set.rejected_load, None);

    let bad_page = pb::ListPoliciesRequest {
        page_size: -1,
        page_token: "?".into(),
        policy: "A".into(),
    };
    let refused = stub.list_policies(bad_page).await;
    let error = ClientError::from(refused.expect_err("a refusal"));
    let fields: Vec<&str> = error
        .violations()
        .iter()
        .map(|v| v.field.as_str())
        .collect();
    assert_eq!(fields, ["page_size", "page_token", "policy"]);

    for (name, wanted) in [
        ("", Reason::InvalidRequest),
        ("acme-shop", Reason::InvalidRequest),
        ("policies/acme-shop/revisions/x", Reason::InvalidRequest),
        ("policies/acme-shop", Reason::CatalogUnusable),
        (
            "policies/acme-shop/revisions/always",
            Reason::CatalogUnusable,
        ),
    ] {
        let error = client.get_policy(name).await.expect_err("a refusal");
        assert_eq!(error.reason(), Some(wanted), "{name}");
    }

    let mut options = samples::list_options();
    options.policy.clear();
    let error = client.list_options(options).await.expect_err("a refusal");
    assert_eq!(error.violations().len(), 1);
}
