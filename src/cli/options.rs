//! `redress options`: everything that is possible with an order.

use std::path::PathBuf;

use redress_client::pb;

use super::output::Failure;
use super::render::Detail;
use super::target::{Languages, Local, Now, Remote, Trust, ViewArg};
use super::{input, output, render, small_runtime};

/// List what is possible with an order, until when and for how much
///
/// Decides in process, or asks a server with --to.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Proto JSON of one redress.v1.ListOptionsRequest; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Address of a server to ask, such as 127.0.0.1:50051
    #[arg(long, value_name = "ADDR", conflicts_with_all = ["policies", "at"])]
    to: Option<String>,
    #[command(flatten)]
    trust: Trust,
    #[command(flatten)]
    local: Local,
    #[command(flatten)]
    now: Now,
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

/// Runs the command.
///
/// # Errors
/// The request or the policies cannot be read or used, or the server does not
/// answer.
pub fn run(args: &Args) -> Result<(), Failure> {
    let mut request: pb::ListOptionsRequest =
        input::request(&args.file, "redress.v1.ListOptionsRequest")?;
    match (args.json, args.view) {
        (false, _) => request.view = pb::View::Full.into(),
        (true, Some(view)) => request.view = pb::View::from(view).into(),
        (true, None) => {}
    }
    args.languages.apply(&mut request.language_codes);
    let currency = request
        .order
        .as_ref()
        .map(|order| order.currency_code.clone())
        .unwrap_or_default();
    let reply = match &args.to {
        Some(address) => {
            let runtime = small_runtime()?;
            let remote = runtime.block_on(Remote::connect(address, &args.trust))?;
            runtime.block_on(remote.options(request))?
        }
        None => args.local.open()?.options(request, args.now.instant())?,
    };
    if args.json {
        output::print_data(&input::json(&reply, "redress.v1.ListOptionsResponse")?)
    } else {
        output::print(&render::options(&reply, &currency, Detail::of(args.full)))
    }
}
