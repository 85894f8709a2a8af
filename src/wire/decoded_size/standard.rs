// Generated from the options of `proto/redress/v1` by `cargo run -p redress-generate`.

use std::mem::size_of;

use redress_client::pb;

use super::{FieldLayout, Layout, Request};

impl Request for pb::BatchDecideRequest {
    const LAYOUT: &'static Layout = &BATCH_DECIDE_REQUEST;
}

impl Request for pb::DecideRequest {
    const LAYOUT: &'static Layout = &DECIDE_REQUEST;
}

impl Request for pb::ListOptionsRequest {
    const LAYOUT: &'static Layout = &LIST_OPTIONS_REQUEST;
}

impl Request for pb::StreamDecideRequest {
    const LAYOUT: &'static Layout = &STREAM_DECIDE_REQUEST;
}

static BATCH_DECIDE_REQUEST: Layout = Layout::of(&[
    FieldLayout::Once,
    FieldLayout::Messages(size_of::<pb::BatchItem>(), &BATCH_ITEM),
]);

static BATCH_ITEM: Layout = Layout::of(&[
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Message(&DECIDE_REQUEST),
]);

static CUSTOMER_REQUEST: Layout = Layout::of(&[
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Messages(size_of::<pb::RequestLine>(), &REQUEST_LINE),
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Entries(size_of::<String>()),
    FieldLayout::Message(&UNIT_GROUP),
    FieldLayout::Entries(size_of::<pb::Fact>()),
    FieldLayout::Once,
    FieldLayout::Entries(size_of::<pb::ReturnParcel>()),
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
]);

static DECIDE_REQUEST: Layout = Layout::of(&[
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Message(&ORDER),
    FieldLayout::Message(&CUSTOMER_REQUEST),
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Entries(size_of::<String>()),
]);

static EARLIER_REMEDY: Layout = Layout::of(&[
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Entries(size_of::<pb::PaymentShare>()),
    FieldLayout::Entries(size_of::<pb::TakenAmount>()),
    FieldLayout::Once,
    FieldLayout::Once,
]);

static LINE: Layout = Layout::of(&[
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Entries(size_of::<String>()),
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Entries(size_of::<pb::Fact>()),
    FieldLayout::Once,
    FieldLayout::Entries(size_of::<String>()),
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
]);

static LIST_OPTIONS_REQUEST: Layout = Layout::of(&[
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Message(&ORDER),
    FieldLayout::Once,
    FieldLayout::Messages(size_of::<pb::RequestLine>(), &REQUEST_LINE),
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Entries(size_of::<String>()),
    FieldLayout::Numbers(size_of::<i32>()),
    FieldLayout::Numbers(size_of::<i32>()),
    FieldLayout::Once,
    FieldLayout::Once,
]);

static ORDER: Layout = Layout::of(&[
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Entries(size_of::<String>()),
    FieldLayout::Once,
    FieldLayout::Entries(size_of::<pb::Fact>()),
    FieldLayout::Messages(size_of::<pb::Line>(), &LINE),
    FieldLayout::Messages(size_of::<pb::Shipment>(), &SHIPMENT),
    FieldLayout::Messages(size_of::<pb::PurchasedOption>(), &PURCHASED_OPTION),
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Entries(size_of::<pb::Payment>()),
    FieldLayout::Messages(size_of::<pb::EarlierRemedy>(), &EARLIER_REMEDY),
    FieldLayout::Message(&LINE),
    FieldLayout::Message(&SHIPMENT),
    FieldLayout::Entries(size_of::<pb::Adjustment>()),
    FieldLayout::Entries(size_of::<pb::OpenRequest>()),
]);

static PURCHASED_OPTION: Layout = Layout::of(&[
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Entries(size_of::<String>()),
]);

static REQUEST_LINE: Layout = Layout::of(&[
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Messages(size_of::<pb::UnitGroup>(), &UNIT_GROUP),
]);

static SHIPMENT: Layout = Layout::of(&[
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Entries(size_of::<pb::ShipmentItem>()),
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Entries(size_of::<pb::Fact>()),
]);

static STREAM_DECIDE_REQUEST: Layout = Layout::of(&[
    FieldLayout::Once,
    FieldLayout::Message(&BATCH_ITEM),
]);

static UNIT_GROUP: Layout = Layout::of(&[
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Once,
    FieldLayout::Entries(size_of::<pb::Fact>()),
    FieldLayout::Once,
    FieldLayout::Once,
]);
