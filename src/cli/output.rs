//! What is printed, and how the process ends. The only place of exit codes.

use std::io::{self, Write};
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use redress_client::{Refusal, pb};
use tonic::{Code, Status};

use crate::domain::printable::{printable, printable_page};
use crate::policy::diagnostic::Diagnostic;
use crate::rpc::status::CallError;
use crate::server::reload::CatalogError;

/// Explains the exit codes at the end of `--help`.
pub const EXIT_HELP: &str = "\
Exit codes:
  0  done; a verdict of any outcome is done
  1  the request is refused, a check or a case failed, the server does not serve, or a
     second signal stopped it at once
  2  wrong usage, or something could not be read, written or reached
  3  a policy is not valid";

const ERROR: Style = AnsiColor::Red.on_default().bold();
const HELP: Style = AnsiColor::Cyan.on_default().bold();

/// Names how the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The command did what it was asked for; a denial is an answer.
    Done,
    /// The request has violations, a check or a case failed, the server does not serve, or
    /// a second signal stopped it at once.
    Refused,
    /// The command line is wrong, or something could not be read, written or reached.
    Usage,
    /// A policy is not valid.
    InvalidPolicy,
}

impl Exit {
    /// Returns the code of the process.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Refused => 1,
            Self::Usage => 2,
            Self::InvalidPolicy => 3,
        }
    }
}

/// Says why a command did not do what it was asked for.
#[derive(Debug)]
pub struct Failure {
    exit: Exit,
    /// Diagnostics that are rendered already and stand before the message.
    diagnostics: String,
    message: String,
    details: Vec<String>,
    help: Option<String>,
}

impl Failure {
    /// Creates a failure with its message: lower case, no final period.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            diagnostics: String::new(),
            message: message.into(),
            details: Vec::new(),
            help: None,
        }
    }

    /// Creates a failure that the log has said already: nothing is printed, since standard
    /// error may be a log that nobody reads any more.
    pub fn logged(exit: Exit) -> Self {
        Self::new(exit, "")
    }

    /// Creates the failure of a policy file with its mistakes.
    pub fn invalid(found: &[Diagnostic], text: &str) -> Self {
        let rendered: Vec<String> = found.iter().map(|d| d.render(text, false)).collect();
        Self::new(Exit::InvalidPolicy, "the policies are not valid").diagnostics(&rendered)
    }

    /// Adds diagnostics that are rendered already.
    pub fn diagnostics(self, rendered: &[String]) -> Self {
        Self {
            diagnostics: format!("{}\n\n", rendered.join("\n\n")),
            ..self
        }
    }

    /// Adds what to do about it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds one line a detail.
    pub fn details(mut self, details: impl IntoIterator<Item = String>) -> Self {
        self.details.extend(details);
        self
    }

    /// Creates the failure of a request that was refused: its violations line
    /// by line, or the message where there are none.
    fn refused(
        exit: Exit,
        message: String,
        count: usize,
        violations: impl Iterator<Item = (String, String)>,
    ) -> Self {
        let details: Vec<String> = violations
            .map(|(field, description)| format!("{field}: {description}"))
            .collect();
        let cut = count.saturating_sub(details.len());
        let message = match (details.len(), count) {
            (0, _) => message,
            (_, 1) => "the request has a violation".to_owned(),
            (_, count) => format!("the request has {count} violations"),
        };
        let failure = Self::new(exit, message).details(details);
        if cut == 0 {
            failure
        } else {
            failure.details([format!("and {cut} more")])
        }
    }

    /// Returns how the process ends.
    pub fn exit(&self) -> Exit {
        self.exit
    }

    fn text(&self) -> String {
        let mut text = format!(
            "{}{ERROR}error{ERROR:#}: {}\n",
            self.diagnostics,
            printable(&self.message)
        );
        for detail in &self.details {
            text.push_str("  ");
            // A detail may have lines of its own.
            text.push_str(&printable_page(detail));
            text.push('\n');
        }
        if let Some(help) = &self.help {
            text.push_str(&format!("{HELP}help{HELP:#}: {}\n", printable(help)));
        }
        text
    }
}

impl From<crate::load::LoadError> for Failure {
    fn from(error: crate::load::LoadError) -> Self {
        Self::new(Exit::Usage, error.to_string())
    }
}

impl From<CatalogError> for Failure {
    fn from(error: CatalogError) -> Self {
        match error {
            CatalogError::Load(error) => error.into(),
            CatalogError::Invalid(diagnostics) => Self {
                diagnostics: format!("{}\n\n", diagnostics.render(false).trim_end()),
                ..Self::new(Exit::InvalidPolicy, "the policies are not valid")
            },
        }
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        let exit = exit_of(error.code());
        let pb::ItemError {
            reason: _,
            message,
            violations,
        } = error.into_item();
        let count = violations.len();
        let lines = violations.into_iter().map(|v| (v.field, v.description));
        Self::refused(exit, message, count, lines)
    }
}

impl From<&Refusal> for Failure {
    fn from(refusal: &Refusal) -> Self {
        let violations = refusal.violations();
        // The wire may carry fewer violations than there are.
        let count = refusal
            .metadata("count")
            .and_then(|count| count.parse().ok())
            .unwrap_or(violations.len());
        let lines = violations
            .iter()
            .map(|v| (v.field.clone(), v.description.clone()));
        Self::refused(
            exit_of(refusal.code()),
            refusal.message().to_owned(),
            count,
            lines,
        )
    }
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        Self::from(&Refusal::from(status))
    }
}

fn exit_of(code: Code) -> Exit {
    match code {
        Code::InvalidArgument | Code::NotFound | Code::FailedPrecondition => Exit::Refused,
        _ => Exit::Usage,
    }
}

/// Counts things of which the plural ends with an "s".
pub fn counted(count: usize, thing: &str) -> String {
    match count {
        1 => format!("1 {thing}"),
        count => format!("{count} {thing}s"),
    }
}

/// Prints a page for people to standard output. Styles go only to a terminal that wants
/// them, and what would change how the page is shown is escaped.
///
/// # Errors
/// The text could not be written. A reader that went away is none.
pub fn print(page: &str) -> Result<(), Failure> {
    print_data(&printable_page(page))
}

/// Prints a text for programs to standard output, as it is.
///
/// # Errors
/// The text could not be written. A reader that went away is none.
pub fn print_data(text: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::new(
            Exit::Usage,
            format!("cannot write to standard output: {error}"),
        )),
        _ => Ok(()),
    }
}

/// Prints to standard error. Where that fails nobody is left to be told.
pub fn print_error(text: &str) {
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}

/// Ends a command.
pub fn finish(done: Result<(), Failure>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::from(Exit::Done.code()),
        Err(failure) => {
            if !failure.message.is_empty() {
                print_error(&failure.text());
            }
            ExitCode::from(failure.exit.code())
        }
    }
}

/// Ends a process whose command line was wrong, or asked for help or the version.
pub fn usage(error: &clap::Error) -> ExitCode {
    // Where printing fails, the code still tells.
    let _ = error.print();
    ExitCode::from(if error.use_stderr() {
        Exit::Usage.code()
    } else {
        Exit::Done.code()
    })
}
