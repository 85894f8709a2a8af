//! Redress, as the bench uses it: the one place that knows its functions.
//!
//! Nothing else in the bench names an item of the library, so that a change of the
//! library is a change of this file.

use std::hint::black_box;

use redress::domain::facts::Facts;
use redress::domain::time::Instant;
use redress::domain::verdict::{Bound, Outcome, Verdict};
use redress::domain::vocabulary::Event;
use redress::engine::{Budget, View, decide};
use redress::policy::catalog::{Catalog, LoadError};
use redress::policy::plan::Plan;
use redress::policy::source::Source;
use redress::rpc::status::CallError;
use redress::wire::answer;
use redress::wire::inbound::DecideInput;
use redress::wire::json::Schema;
use redress::wire::reply::{EncodedVerdict, OptionsReply};
use redress_client::pb;
use rust_decimal::Decimal;

use crate::hand;
use crate::orders::Sample;

/// Decides within the budget that a request has by default.
fn within<'a>(plan: &'a Plan, facts: &'a Facts<'a>, view: View) -> Verdict<'a> {
    decide(plan, facts, view, &Budget::default()).expect("within the budget")
}

/// The policy that every contender decides by.
const BASELINE: &str = include_str!("../policies/baseline/always.toml");

/// Policies that are not read yet: an id for each, and the shop whose files it has.
pub struct Files(Vec<(String, String)>);

impl Files {
    /// Names so many policies: the shops', each over and over under ids of its own.
    pub fn copies(policies: usize) -> Self {
        let shops = shops();
        let named = shops.iter().cycle().take(policies).enumerate();
        let copy = |(number, shop): (usize, &String)| (copy_id(shop, number), shop.clone());
        Self(named.map(copy).collect())
    }
}

/// Returns the files of a shop under another id.
fn renamed(embedded: &[Source], (copy, shop): &(String, String)) -> Vec<Source> {
    let own = format!("{shop}/");
    let files = embedded.iter().filter_map(|source| {
        let file = source.path.strip_prefix(&own)?;
        Some(Source {
            path: format!("{copy}/{file}"),
            text: with_id(&source.text, shop, copy),
        })
    });
    files.collect()
}

/// Returns the ids of the shops whose policies are built in.
pub fn shops() -> Vec<String> {
    let mut shops: Vec<String> = Vec::new();
    for source in redress::load::embedded() {
        let shop = source.path.split('/').next().unwrap_or_default();
        if shops.last().is_none_or(|last| last != shop) {
            shops.push(shop.to_owned());
        }
    }
    shops
}

/// Returns the id of the copy that stands at a place; copies of all shops take turns.
pub fn copy_id(shop: &str, number: usize) -> String {
    format!("{shop}-{number}")
}

/// Renames the policy of a file; files of sentences name none.
fn with_id(text: &str, shop: &str, copy: &str) -> String {
    let is_head = |line: &str| {
        line.split_once('=')
            .is_some_and(|(k, _)| k.trim() == "policy")
    };
    let rename = |line: &str| match is_head(line) {
        true => line.replace(&format!("\"{shop}\""), &format!("\"{copy}\"")),
        false => line.to_owned(),
    };
    text.split_inclusive('\n').map(rename).collect()
}

/// Reads requests in proto JSON, as the command line does.
pub struct Requests(Schema);

impl Requests {
    /// Reads the contract.
    pub fn new() -> Self {
        Self(Schema::new().expect("the contract"))
    }

    /// Reads a request for a verdict.
    pub fn decide(&self, text: &str) -> pb::DecideRequest {
        let read = self.0.read(text, "redress.v1.DecideRequest");
        read.expect("a request for a verdict")
    }
}

/// Facts that were read and checked.
pub struct Checked<'m>(Facts<'m>);

/// What came of a request, as far as the bench tells requests apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Facts are missing.
    NeedsInformation,
    /// Every row is denied.
    Denied,
    /// Anything else that is decided.
    Decided,
    /// Deciding takes more than the budget.
    OutOfBudget,
}

/// Loaded policies.
pub struct Engine {
    catalog: Catalog,
    now: Instant,
}

impl Engine {
    /// Loads policies one by one, as from a directory: parses, checks, compiles them.
    pub fn load(files: &Files) -> Self {
        let embedded = redress::load::embedded();
        let read = |file: &(String, String)| Ok::<_, LoadError>(renamed(&embedded, file));
        Self::of(Catalog::load_each(&files.0, read).expect("valid policies"))
    }

    fn of(catalog: Catalog) -> Self {
        Self {
            catalog,
            now: Instant::from_unix(0, 0).expect("an instant"),
        }
    }

    /// Loads the policy that every contender decides by.
    pub fn baseline() -> Self {
        let source = Source {
            path: "baseline/always.toml".to_owned(),
            text: BASELINE.to_owned(),
        };
        Self::of(Catalog::load(&[source]).expect("a valid policy"))
    }

    /// Loads the shops' policies.
    pub fn shops() -> Self {
        Self::of(Catalog::load(&redress::load::embedded()).expect("valid policies"))
    }

    fn plan(&self) -> &Plan {
        self.catalog.plans().next().expect("one policy")
    }

    /// Reads and checks the facts of a message.
    pub fn check<'m>(&self, message: &'m pb::DecideRequest) -> Checked<'m> {
        let mut input = DecideInput::new(self.now);
        input.read(message).expect("right fields");
        Checked(input.facts.check().expect("facts that fit").clone())
    }

    /// From the decoded message to the verdict, validation included.
    pub fn decide_message(&self, message: &pb::DecideRequest) {
        let mut input = DecideInput::new(self.now);
        input.read(black_box(message)).expect("right fields");
        let place = input.facts.order().facts.event(Event::Place);
        let plan = self.catalog.find(input.choice.policy, None, place);
        let facts = input.facts.check().expect("facts that fit");
        black_box(&within(plan.expect("the policy"), facts, input.view));
    }

    /// From checked facts to the verdict; one policy is loaded.
    pub fn engine_alone(&self, facts: &Checked<'_>) {
        black_box(&within(self.plan(), black_box(&facts.0), View::Basic));
    }

    /// From the decoded message to the verdict as it leaves.
    pub fn answer(&self, message: &pb::DecideRequest) -> EncodedVerdict {
        let decided = answer::decide(
            &self.catalog,
            black_box(message),
            self.now,
            &Budget::default(),
        );
        decided.expect("a verdict").verdict
    }

    /// From the decoded message to the verdict as it leaves, or to the error of the budget.
    pub fn ending(&self, message: &pb::DecideRequest) -> Ending {
        let message = black_box(message);
        match answer::decide(&self.catalog, message, self.now, &Budget::default()) {
            Ok(decided) => match black_box(&decided).outcome {
                Outcome::NeedsInformation => Ending::NeedsInformation,
                Outcome::Denied => Ending::Denied,
                Outcome::Approved | Outcome::NeedsReview | Outcome::Mixed => Ending::Decided,
            },
            Err(CallError::Stopped(_)) => Ending::OutOfBudget,
            Err(other) => panic!("{other:?}"),
        }
    }

    /// From the decoded message to the list of options.
    pub fn list_options(&self, message: &pb::ListOptionsRequest) -> OptionsReply {
        answer::list_options(
            &self.catalog,
            black_box(message),
            self.now,
            &Budget::default(),
        )
        .expect("options")
    }

    /// Ends where redress and the hand-written function differ.
    pub fn compare(&self, samples: &[Sample]) {
        for sample in samples {
            let facts = self.check(&sample.message).0;
            let verdict = within(self.plan(), &facts, View::Basic);
            let reply = hand::decide(&sample.typed);
            let settlement = verdict.settlement.as_ref();
            let total = settlement.map_or(0, |s| s.refund_total.plus(s.credit_total).minor());
            assert_eq!(Decimal::new(total, 2), reply.total);
            assert_eq!(verdict.rows.len(), reply.rows.len());
            for ((row, decision), expected) in verdict.each().zip(&reply.rows) {
                assert_eq!(decision.outcome == Outcome::Approved, expected.approved);
                let reason = decision.reasons.first().expect("a reason");
                assert_eq!(reason.code, expected.reason);
                assert_eq!(reason.clause.map(|c| c.id.as_str()), Some(expected.clause));
                let cents = row.amount.map_or(0, |a| a.minor());
                assert_eq!(Decimal::new(cents, 2), expected.amount);
                let entitlement = decision.entitlement.as_ref();
                let window = entitlement.and_then(|e| e.window).or(decision.window);
                if let Some(window) = window {
                    let Bound::At(closes) = window.closes else {
                        panic!("{window:?}");
                    };
                    assert_eq!(closes.unix_seconds(), expected.closes.timestamp());
                }
            }
        }
    }
}
