//! `redress verify`: whether recorded decisions would be made again.

use std::path::PathBuf;

use super::output::{self, Exit, Failure, counted};
use super::target::{Engine, Local};
use crate::load::records::records;
use crate::wire::json::{JsonError, Schema};
use crate::wire::record::{Difference, Recorded, Verdicts};

/// Records that are shown; others are counted.
const MAX_SHOWN: usize = 100;
/// Differences of one record that are shown; others are counted.
const MAX_DIFFERENCES: usize = 10;

/// Decide recorded decisions again, and report those that differ
///
/// FILE is a decision log of `redress serve` whose records carry requests
/// (`decision_log_requests`). What was masked cannot be decided by: such a record that
/// differs is counted and does not fail.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Decision log, a line of JSON for each decision; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    local: Local,
}

/// What became of the records.
#[derive(Debug, Default)]
struct Tally {
    same: usize,
    different: usize,
    masked: usize,
    without_request: usize,
    unreadable: usize,
    page: String,
}

/// What became of one record.
enum Outcome {
    Same,
    Different(Vec<String>),
    /// It differs, and the request is not whole.
    Masked,
    WithoutRequest,
}

/// Runs the command.
///
/// # Errors
/// The log or the policies cannot be read, a record is none or differs, or no record
/// carries its request.
pub fn run(args: &Args) -> Result<(), Failure> {
    let no_schema =
        |error: JsonError| Failure::new(Exit::Usage, format!("no schema of requests: {error}"));
    let schema = Schema::new().map_err(no_schema)?;
    let verifier = Verifier {
        engine: args.local.open()?,
        verdicts: Verdicts::new(&schema).map_err(no_schema)?,
        schema,
    };
    let mut tally = Tally::default();
    for (index, line) in records(&args.file)?.enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        tally.add(index.saturating_add(1), &line, &verifier);
    }
    output::print(&tally.text())?;
    let Tally {
        same,
        different,
        masked,
        unreadable,
        ..
    } = tally;
    if different > 0 || unreadable > 0 {
        let wrong = different.saturating_add(unreadable);
        let why = match wrong {
            1 => "1 record does not hold".to_owned(),
            wrong => format!("{wrong} records do not hold"),
        };
        return Err(Failure::new(Exit::Refused, why));
    }
    if same == 0 && masked == 0 {
        // A log that cannot be verified must not pass for one that holds.
        let failure = Failure::new(Exit::Usage, "no record carries its request");
        return Err(failure.help("set `decision_log_requests` for the server"));
    }
    Ok(())
}

impl Tally {
    fn add(&mut self, number: usize, line: &str, verifier: &Verifier) {
        let recorded = match Recorded::read(line) {
            Ok(recorded) => recorded,
            Err(error) => return self.unreadable(number, &error),
        };
        match verifier.decide_again(&recorded) {
            Ok(Outcome::Same) => self.same = self.same.saturating_add(1),
            Ok(Outcome::Masked) => self.masked = self.masked.saturating_add(1),
            Ok(Outcome::WithoutRequest) => {
                self.without_request = self.without_request.saturating_add(1);
            }
            Ok(Outcome::Different(how)) => self.different(number, &recorded, &how),
            Err(error) => self.unreadable(number, &error),
        }
    }

    fn unreadable(&mut self, number: usize, error: &JsonError) {
        self.unreadable = self.unreadable.saturating_add(1);
        self.show(&format!("line {number}: not a record: {error}\n"));
    }

    fn different(&mut self, number: usize, recorded: &Recorded, how: &[String]) {
        self.different = self.different.saturating_add(1);
        let mut text = format!("line {number}: order `{}`", recorded.text("orderId"));
        match recorded.text("claimId") {
            "" => text.push('\n'),
            claim => text.push_str(&format!(", claim `{claim}`\n")),
        }
        for line in how.iter().take(MAX_DIFFERENCES) {
            text.push_str(&format!("  {line}\n"));
        }
        let more = how.len().saturating_sub(MAX_DIFFERENCES);
        if more > 0 {
            text.push_str(&format!("  and {more} more\n"));
        }
        self.show(&text);
    }

    fn show(&mut self, text: &str) {
        if self.different.saturating_add(self.unreadable) <= MAX_SHOWN {
            self.page.push_str(text);
        }
    }

    fn text(&self) -> String {
        let Self {
            same,
            different,
            masked,
            without_request,
            unreadable,
            page,
        } = self;
        let mut text = page.clone();
        let hidden = different
            .saturating_add(*unreadable)
            .saturating_sub(MAX_SHOWN);
        if hidden > 0 {
            text.push_str(&format!("and {hidden} more\n"));
        }
        let mut parts = vec![format!("{}: same decision", counted(*same, "record"))];
        for (count, what) in [
            (different, "different"),
            (unreadable, "not readable"),
            (masked, "cannot be compared: fields are masked"),
            (without_request, "cannot be compared: no request"),
        ] {
            if *count > 0 {
                parts.push(format!("{}: {what}", counted(*count, "record")));
            }
        }
        text.push_str(&parts.join("\n"));
        text.push('\n');
        text
    }
}

/// Decides records again.
struct Verifier {
    engine: Engine,
    schema: Schema,
    verdicts: Verdicts,
}

impl Verifier {
    fn decide_again(&self, recorded: &Recorded) -> Result<Outcome, JsonError> {
        let request = recorded.request(&self.schema).transpose()?;
        let (Some(request), Some(now)) = (request, recorded.now()) else {
            return Ok(Outcome::WithoutRequest);
        };
        let differences = self
            .engine
            .verdict(&request, now)
            .and_then(|verdict| recorded.differences(&self.verdicts, &verdict));
        let how: Vec<String> = match differences {
            Ok(found) => found.iter().map(in_words).collect(),
            Err(error) => vec![format!("refused now: {}", error.message())],
        };
        Ok(match (how.is_empty(), recorded.masked().is_empty()) {
            (true, _) => Outcome::Same,
            (false, true) => Outcome::Different(how),
            (false, false) => Outcome::Masked,
        })
    }
}

fn in_words(difference: &Difference) -> String {
    let Difference {
        path,
        recorded,
        now,
    } = difference;
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
    format!(
        "{path}: recorded {}, decided now {}",
        value(recorded),
        value(now)
    )
}
