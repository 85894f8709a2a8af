//! `redress calendar`: the days of a policy's calendar, to compare with a list.

use super::output::{self, Exit, Failure};
use super::target::Local;
use crate::domain::time::Day;

/// List the days of a calendar that a policy counts with, one a line
///
/// Weekly days of rest are not listed.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Id of a shop's policy
    #[arg(value_name = "SHOP")]
    shop: String,
    /// Name of the calendar in the policy
    #[arg(value_name = "NAME")]
    name: String,
    /// First year
    #[arg(long, value_name = "YEAR", value_parser = clap::value_parser!(i32).range(1900..=2200))]
    from: i32,
    /// Last year [default: the first]
    #[arg(long, value_name = "YEAR", value_parser = clap::value_parser!(i32).range(1900..=2200))]
    to: Option<i32>,
    #[command(flatten)]
    local: Local,
}

/// Runs the command.
///
/// # Errors
/// The policies cannot be loaded, or there is no such shop or calendar.
pub fn run(args: &Args) -> Result<(), Failure> {
    let engine = args.local.open()?;
    let Some(calendars) = engine.calendars(&args.shop) else {
        let message = format!("no policy `{}` is loaded", args.shop);
        return Err(Failure::new(Exit::Refused, message));
    };
    let Some(calendar) = calendars.iter().find(|c| c.name == args.name) else {
        let names: Vec<&str> = calendars.iter().map(|c| c.name.as_str()).collect();
        let message = format!("`{}` has no calendar `{}`", args.shop, args.name);
        let failure = Failure::new(Exit::Refused, message);
        return Err(if names.is_empty() {
            failure
        } else {
            failure.help(format!("it has: {}", names.join(", ")))
        });
    };
    let end = Day::new(args.to.unwrap_or(args.from), 12, 31);
    let mut day = Day::new(args.from, 1, 1);
    let mut text = String::new();
    while let (Some(at), Some(last)) = (day, end)
        && at <= last
    {
        if calendar.contains(at) {
            text.push_str(&format!("{at} {}\n", at.weekday()));
        }
        day = Some(at.plus_days(1));
    }
    output::print(&text)
}
