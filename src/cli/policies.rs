//! `redress policies`: which terms decide, and what they say.

use redress_client::pb;

use super::input;
use super::output::{self, Exit, Failure};
use super::render::{self, Detail};
use super::target::Local;
use crate::policy::check::check_grammar;
use crate::suite;

/// List the shops, or what the clauses of one say
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Id of a shop's policy, such as `acme-shop`
    #[arg(value_name = "SHOP")]
    shop: Option<String>,
    /// Revision to show, a date or `always` [default: the latest]
    #[arg(long, value_name = "REVISION", requires = "shop")]
    revision: Option<String>,
    #[command(flatten)]
    local: Local,
    /// Print the reply as proto JSON
    #[arg(long)]
    json: bool,
    /// Print everything: digests, and kind, routes and source of each clause
    #[arg(long, conflicts_with_all = ["json", "register"])]
    full: bool,
    /// Print the register: every clause with its source, sentence, effect and
    /// cases, and every reading chosen where the terms are ambiguous
    #[arg(long, requires = "shop", conflicts_with = "json")]
    register: bool,
}

/// Runs the command.
///
/// # Errors
/// The policies cannot be loaded, or there is no such shop or revision.
pub fn run(args: &Args) -> Result<(), Failure> {
    let engine = args.local.open()?;
    let Some(shop) = &args.shop else {
        let reply = pb::ListPoliciesResponse {
            policies: engine.policies(),
            next_page_token: String::new(),
            policy_set: None,
        };
        return if args.json {
            output::print_data(&input::json(&reply, "redress.v1.ListPoliciesResponse")?)
        } else {
            output::print(&render::shops(&reply.policies, Detail::of(args.full)))
        };
    };
    let policy = engine
        .policy(shop, args.revision.as_deref())
        .ok_or_else(|| not_found(shop, args.revision.as_deref(), &engine.policies()))?;
    if args.register {
        return output::print(&register(args, &policy)?);
    }
    if args.json {
        let reply = pb::GetPolicyResponse {
            policy: Some(policy),
        };
        output::print_data(&input::json(&reply, "redress.v1.GetPolicyResponse")?)
    } else {
        output::print(&render::clauses(&policy, Detail::of(args.full)))
    }
}

/// Draws up the register of a revision that is loaded.
fn register(args: &Args, of: &pb::Policy) -> Result<String, Failure> {
    for folder in args.local.folders()? {
        for source in &folder.policies {
            // Loading has checked it already; the cases are what is new.
            let policy = check_grammar(source).map_err(|d| Failure::invalid(&d, &source.text))?;
            if policy.id.as_str() != of.policy {
                break;
            }
            let suite = suite::load(&folder.cases).map_err(|mistakes| {
                Failure::new(Exit::Usage, "the case files have mistakes").details(mistakes)
            })?;
            let register = suite::register::register(&policy, &suite);
            if register.revision == of.revision {
                return Ok(render::register::register(&register));
            }
        }
    }
    Err(not_found(&of.policy, Some(&of.revision), &[]))
}

fn not_found(shop: &str, revision: Option<&str>, loaded: &[pb::Policy]) -> Failure {
    let of_shop: Vec<&str> = loaded
        .iter()
        .filter(|policy| policy.policy == shop)
        .map(|policy| policy.revision.as_str())
        .collect();
    if let (Some(revision), false) = (revision, of_shop.is_empty()) {
        return Failure::new(
            Exit::Refused,
            format!("`{shop}` has no revision `{revision}`"),
        )
        .help(format!("loaded are: {}", of_shop.join(", ")));
    }
    let mut shops: Vec<&str> = loaded.iter().map(|policy| policy.policy.as_str()).collect();
    shops.dedup();
    let failure = Failure::new(Exit::Refused, format!("no policy `{shop}` is loaded"));
    if shops.is_empty() {
        failure
    } else {
        failure.help(format!("loaded are: {}", shops.join(", ")))
    }
}
