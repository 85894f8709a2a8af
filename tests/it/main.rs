//! Tests of the crate as a whole, one binary; each module is one subject.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::unreachable,
    reason = "tests read the tree and fail by panicking; the settings for tests do not reach helpers"
)]
#![cfg_attr(
    feature = "server",
    expect(clippy::panic, reason = "helpers of tests fail by panicking")
)]

mod across;
mod alike;
mod alone;
mod analysis;
mod asking;
mod calendars;
mod catalogue;
mod differential;
mod docs;
mod due;
mod generate;
mod given_back;
mod group_numbers;
mod guides;
mod known;
mod later;
mod library;
mod loading;
mod missing;
#[cfg(feature = "server")]
mod option_filters;
mod options;
mod oracle;
#[cfg(feature = "server")]
mod orders;
mod parts;
mod periods;
mod permutation;
mod policy;
mod prices;
mod properties;
mod random;
mod shops;
mod slots;
mod standard;
mod steps;
mod texts;
mod tidy;
mod timeline;
mod unavailable;
#[cfg(feature = "server")]
mod unix_socket;
mod untimed;
#[cfg(feature = "server")]
mod untimed_dates;
mod views;
#[cfg(feature = "server")]
mod web;
mod witness;
#[cfg(feature = "server")]
mod wording;
#[cfg(feature = "server")]
mod words;

mod within;

#[cfg(feature = "server")]
mod admin;
#[cfg(feature = "server")]
mod amounts;
#[cfg(feature = "server")]
mod attack;
#[cfg(feature = "server")]
mod budget;
#[cfg(feature = "server")]
mod bundle;
#[cfg(feature = "server")]
mod bytes;
#[cfg(feature = "server")]
mod calls;
#[cfg(feature = "server")]
mod candidates;
#[cfg(feature = "server")]
mod captured;
#[cfg(feature = "server")]
mod cases;
#[cfg(feature = "server")]
mod cli;
mod client_vectors;
#[cfg(feature = "server")]
mod connect;
#[cfg(feature = "server")]
mod connect_random;
#[cfg(feature = "server")]
mod connect_streams;
#[cfg(feature = "server")]
mod decision_log;
#[cfg(feature = "server")]
mod declared;
#[cfg(feature = "server")]
mod deploy;
#[cfg(feature = "server")]
mod drain;
#[cfg(feature = "server")]
mod encoded;
#[cfg(feature = "server")]
mod events;
#[cfg(feature = "server")]
mod examples;
#[cfg(feature = "server")]
mod explanations;
#[cfg(feature = "server")]
mod first_verdict;
#[cfg(feature = "server")]
mod guided;
#[cfg(feature = "server")]
mod http;
#[cfg(feature = "server")]
mod inbound;
#[cfg(feature = "server")]
mod jwt;
#[cfg(feature = "server")]
mod languages;
#[cfg(feature = "server")]
mod large_messages;
#[cfg(feature = "server")]
mod others_reviewed;
#[cfg(feature = "server")]
mod outbound;
#[cfg(feature = "server")]
mod pages;
#[cfg(feature = "server")]
mod process;
#[cfg(feature = "server")]
mod proto_style;
#[cfg(feature = "server")]
mod quotas;
#[cfg(feature = "server")]
mod raw;
#[cfg(feature = "server")]
mod refusals;
#[cfg(feature = "server")]
mod register;
#[cfg(feature = "server")]
mod release;
#[cfg(feature = "server")]
mod reloading;
#[cfg(feature = "object-store")]
mod remote_policies;
#[cfg(feature = "server")]
mod renamed;
mod return_parcels;
#[cfg(feature = "server")]
mod row_order;
#[cfg(feature = "server")]
mod runner;
#[cfg(feature = "server")]
mod running;
#[cfg(feature = "server")]
mod samples;
#[cfg(feature = "server")]
mod sent_records;
#[cfg(feature = "server")]
mod serve;
#[cfg(feature = "server")]
mod settings;
#[cfg(feature = "server")]
mod shared;
#[cfg(feature = "server")]
mod status;
#[cfg(feature = "server")]
mod streams;
mod sums;
#[cfg(feature = "server")]
mod tls;
#[cfg(feature = "server")]
mod tokens;
#[cfg(feature = "server")]
mod traces;
#[cfg(feature = "server")]
mod units;
#[cfg(feature = "server")]
mod vectors;
#[cfg(feature = "server")]
mod vectors_of_cases;
