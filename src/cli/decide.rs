//! `redress decide`: one verdict, in process.

use std::path::PathBuf;

use redress_client::pb;

use super::input;
use super::output::{self, Failure};
use super::render::{self, Clauses, Detail};
use super::target::{Languages, Local, Now, ViewArg};

/// Decide a request in process
///
/// Prints what to tell the customer; --full prints everything, --json the reply as proto
/// JSON.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Proto JSON of one redress.v1.DecideRequest; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    local: Local,
    #[command(flatten)]
    now: Now,
    #[command(flatten)]
    form: Form,
}

/// How a verdict is printed.
#[derive(Clone, Debug, clap::Args)]
pub struct Form {
    /// Print the reply as proto JSON
    #[arg(long)]
    json: bool,
    /// Print everything: facts compared, arithmetic, sources and receipt too
    #[arg(long, conflicts_with = "json")]
    full: bool,
    /// How much the JSON holds [default: as the request says]
    #[arg(long, value_enum, requires = "json")]
    view: Option<ViewArg>,
    #[command(flatten)]
    languages: Languages,
}

impl Form {
    /// Sets how much the reply holds, people are shown all there is, and in which
    /// language. Returns the currency of the order.
    pub fn apply(&self, request: &mut pb::DecideRequest) -> String {
        match (self.json, self.view) {
            (false, _) => request.view = pb::View::Full.into(),
            (true, Some(view)) => request.view = pb::View::from(view).into(),
            (true, None) => {}
        }
        self.languages.apply(&mut request.language_codes);
        let order = request.order.as_ref();
        order
            .map(|order| order.currency_code.clone())
            .unwrap_or_default()
    }

    /// Prints a reply. `clauses` is asked for only where people read.
    ///
    /// # Errors
    /// It could not be written.
    pub fn print(
        &self,
        reply: &pb::DecideResponse,
        currency: &str,
        clauses: impl FnOnce(&pb::Receipt) -> Clauses,
    ) -> Result<(), Failure> {
        if self.json {
            return output::print_data(&input::json(reply, "redress.v1.DecideResponse")?);
        }
        let verdict = reply.verdict.clone().unwrap_or_default();
        let clauses = verdict.receipt.as_ref().map(clauses).unwrap_or_default();
        output::print(&render::verdict(
            &verdict,
            currency,
            &clauses,
            Detail::of(self.full),
        ))
    }
}

/// Runs the command.
///
/// # Errors
/// The request or the policies cannot be read or used.
pub fn run(args: &Args) -> Result<(), Failure> {
    let mut request: pb::DecideRequest = input::request(&args.file, "redress.v1.DecideRequest")?;
    let currency = args.form.apply(&mut request);
    let local = args.local.open()?;
    let reply = local.decide(request, args.now.instant())?;
    args.form
        .print(&reply, &currency, |receipt| local.clauses(receipt))
}
