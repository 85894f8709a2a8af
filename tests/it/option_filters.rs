//! What a list of options is filtered by.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use prost::Message;
use redress::domain::limits::MAX_CHOICES;
use redress::domain::time::Instant;
use redress::engine::Budget;
use redress::load;
use redress::policy::catalog::Catalog;
use redress::rpc::status::CallError;
use redress::wire::answer;
use redress::wire::json::Schema;
use redress_client::pb;

/// Returns a question about an order of two lines in two parcels.
fn question() -> pb::ListOptionsRequest {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("examples/return_two_parcels.json")).unwrap();
    let schema = Schema::new().unwrap();
    let decide: pb::DecideRequest = schema.read(&text, "redress.v1.DecideRequest").unwrap();
    pb::ListOptionsRequest {
        policy: decide.policy,
        order: decide.order,
        request_time: decide.request.unwrap().request_time,
        with_requests: true,
        ..Default::default()
    }
}

fn list(question: &pb::ListOptionsRequest) -> Result<Vec<pb::OrderOption>, CallError> {
    let catalog = Catalog::load(&load::embedded()).unwrap();
    let now = Instant::from_unix(0, 0).unwrap();
    let reply = answer::list_options(&catalog, question, now, &Budget::default())?;
    Ok(reply.to_message().unwrap().options)
}

#[test]
fn a_filtered_list_is_the_part_of_the_whole_one() {
    let whole = list(&question()).unwrap();
    let part = |holds: &dyn Fn(&pb::OrderOption) -> bool| -> Vec<pb::OrderOption> {
        whole
            .iter()
            .filter(|option| holds(option))
            .cloned()
            .collect()
    };
    let statuses: BTreeSet<i32> = whole.iter().map(|option| option.status).collect();
    let actions: BTreeSet<i32> = whole.iter().map(|option| option.action).collect();
    assert!(statuses.len() > 1 && actions.len() > 1);
    for status in statuses {
        let of = pb::ListOptionsRequest {
            statuses: vec![status],
            ..question()
        };
        assert_eq!(list(&of).unwrap(), part(&|option| option.status == status));
    }
    for action in &actions {
        let of = pb::ListOptionsRequest {
            actions: vec![*action],
            ..question()
        };
        assert_eq!(list(&of).unwrap(), part(&|option| option.action == *action));
    }
    let both: Vec<i32> = actions.iter().take(2).copied().collect();
    let of = pb::ListOptionsRequest {
        actions: both.clone(),
        ..question()
    };
    assert_eq!(
        list(&of).unwrap(),
        part(&|option| both.contains(&option.action))
    );

    let of = pb::ListOptionsRequest {
        whole_order_only: true,
        ..question()
    };
    let together = list(&of).unwrap();
    assert!(together.len() < whole.len());
    assert_eq!(together, part(&|option| option.together));
}

#[test]
fn requests_are_told_where_they_are_asked_for() {
    let whole = list(&question()).unwrap();
    assert!(whole.iter().all(|option| option.request.is_some()));
    let bare = list(&pb::ListOptionsRequest {
        with_requests: false,
        ..question()
    });
    assert!(bare.unwrap().iter().all(|option| option.request.is_none()));
}

#[test]
fn what_is_wrong_with_a_filter_is_told_by_its_place() {
    let open = i32::from(pb::OptionStatus::Open);
    let fields = |question: pb::ListOptionsRequest| -> Vec<String> {
        let Err(CallError::Invalid(violations)) = list(&question) else {
            panic!("not refused");
        };
        violations.into_iter().map(|v| v.field).collect()
    };
    let wrong = pb::ListOptionsRequest {
        statuses: vec![open, 99, open, 0],
        actions: vec![-1],
        ..question()
    };
    let told = ["statuses[1]", "statuses[2]", "statuses[3]", "actions[0]"];
    assert_eq!(fields(wrong), told);
    let long = pb::ListOptionsRequest {
        statuses: vec![open; MAX_CHOICES + 1],
        ..question()
    };
    assert_eq!(fields(long), ["statuses"]);
}

/// Returns the same order with so many rings, each a line of its own, all delivered at once.
fn rings(count: usize) -> pb::ListOptionsRequest {
    let mut question = question();
    let order = question.order.as_mut().unwrap();
    let mut ring = order.lines[1].clone();
    ring.quantity = 1;
    order.lines = (0..count)
        .map(|number| pb::Line {
            line_id: format!("ring-{number}"),
            ..ring.clone()
        })
        .collect();
    order.shipments.truncate(1);
    order.shipments[0].items.clear();
    order.total_paid.clear();
    order.payments.clear();
    question.with_requests = false;
    question
}

#[test]
fn a_folded_list_says_what_the_whole_one_says() {
    let whole = list(&question()).unwrap();
    let folded = list(&pb::ListOptionsRequest {
        with_requests: false,
        ..question()
    })
    .unwrap();
    let mut stood_for = 0;
    for row in &folded {
        let scopes = usize::from(row.together) + usize::from(row.alone) * row.line_ids.len();
        stood_for += scopes * row.reason_classes.len().max(1);
    }
    assert_eq!(stood_for, whole.len());
    for option in &whole {
        let is_of = |row: &&pb::OrderOption| {
            let class = match option.reason_classes.first() {
                None => row.reason_classes.is_empty(),
                Some(class) => row.reason_classes.contains(class),
            };
            let lines = match option.together {
                true => row.together && row.line_ids == option.line_ids,
                false => row.alone && row.line_ids.contains(&option.line_ids[0]),
            };
            let bare = |option: &pb::OrderOption| pb::OrderOption {
                reason_classes: Vec::new(),
                line_ids: Vec::new(),
                together: false,
                alone: false,
                request: None,
                ..option.clone()
            };
            class && lines && bare(row) == bare(option)
        };
        assert_eq!(folded.iter().filter(is_of).count(), 1, "{option:#?}");
    }
}

#[test]
fn lists_are_short() {
    // Two lines that came in two parcels, at different times.
    let two = list(&pb::ListOptionsRequest {
        with_requests: false,
        ..question()
    })
    .unwrap();
    assert!(two.len() <= 40, "{}", two.len());
    // 200 lines that agree.
    let agree = list(&rings(200)).unwrap();
    assert!(agree.len() <= 40, "{}", agree.len());
    assert!(
        agree
            .iter()
            .any(|row| row.alone && row.line_ids.len() == 200)
    );
    // 200 lines of which each has another price.
    let mut differ = rings(200);
    for (number, line) in differ.order.as_mut().unwrap().lines.iter_mut().enumerate() {
        line.unit_price = format!("{}.00", 10 + number);
    }
    let catalog = Catalog::load(&load::embedded()).unwrap();
    let now = Instant::from_unix(0, 0).unwrap();
    let reply = answer::list_options(&catalog, &differ, now, &Budget::default()).unwrap();
    let bytes = reply.to_message().unwrap().encoded_len();
    assert!(bytes < 1_000_000, "{bytes} bytes");
}
