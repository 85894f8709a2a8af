//! Puts flags, environment and a settings file together.
//!
//! What the file says becomes the default of a flag before the command line is parsed: so
//! the parser itself makes flags and variables stronger, and checks values the same way
//! wherever they come from.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::cli::output::{Exit, Failure};
use crate::load;
use crate::policy::document::near;

/// Commands that take the settings of the server.
const COMMANDS: [&str; 2] = ["serve", "config"];
/// What the names of our variables begin with.
const PREFIX: &str = "REDRESS_";
/// Variable of the settings file itself, which is no setting in it.
const CONFIG: &str = "config";

/// The command line, with the file behind it.
#[derive(Debug)]
pub struct Layered {
    /// What was parsed.
    pub matches: ArgMatches,
    /// The file, and the settings that it has.
    pub file: Option<(PathBuf, BTreeSet<String>)>,
}

/// Says why there is no command to run.
#[derive(Debug)]
pub enum NotParsed {
    /// The command line is wrong, or asks for help.
    CommandLine(clap::Error),
    /// The environment or the file is wrong.
    Settings(Failure),
}

impl From<clap::Error> for NotParsed {
    fn from(error: clap::Error) -> Self {
        Self::CommandLine(error)
    }
}

impl From<Failure> for NotParsed {
    fn from(failure: Failure) -> Self {
        Self::Settings(failure)
    }
}

/// Parses a command line. `variables` are the names of the environment, with values.
///
/// # Errors
/// The command line, the file or a variable of ours is wrong.
pub fn parse(
    mut command: Command,
    line: &[OsString],
    variables: &[(String, String)],
) -> Result<Layered, NotParsed> {
    let matches = command.clone().try_get_matches_from(line)?;
    let Some((name, given)) = matches
        .subcommand()
        .filter(|(name, _)| COMMANDS.contains(name))
    else {
        let file = None;
        return Ok(Layered { matches, file });
    };
    check_variables(&command, variables)?;
    let Some(path) = given.get_one::<PathBuf>(CONFIG).cloned() else {
        let file = None;
        return Ok(Layered { matches, file });
    };
    let name = name.to_owned();
    let settings = command.find_subcommand(&name);
    let known: Vec<Arg> = settings
        .into_iter()
        .flat_map(settings_of)
        .cloned()
        .collect();
    let values = read(&path, &known)?;
    let keys = values.iter().map(|(key, _)| key.clone()).collect();
    command = command.mut_subcommand(name, |settings| {
        values.into_iter().fold(settings, |settings, (key, value)| {
            settings.mut_arg(key, |arg| arg.default_value(value))
        })
    });
    Ok(Layered {
        matches: command.try_get_matches_from(line)?,
        file: Some((path, keys)),
    })
}

/// Returns the settings among the arguments of a command: those that have a variable.
pub fn settings_of(command: &Command) -> impl Iterator<Item = &Arg> {
    command
        .get_arguments()
        .filter(|arg| arg.get_env().is_some() && arg.get_id() != CONFIG)
}

/// Refuses variables that begin like ours and are none: each is a setting that does not
/// do what somebody wants.
fn check_variables(command: &Command, variables: &[(String, String)]) -> Result<(), Failure> {
    let commands = command.get_subcommands();
    let known: BTreeSet<String> = commands
        .flat_map(Command::get_arguments)
        .filter_map(|arg| Some(arg.get_env()?.to_string_lossy().into_owned()))
        .collect();
    let unknown: Vec<String> = variables
        .iter()
        .filter(|(name, value)| name.starts_with(PREFIX) && !is_of_a_service(name, value))
        .filter(|(name, _)| !known.contains(name))
        .map(|(name, _)| not_a_setting(name, known.iter().map(String::as_str)))
        .collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let failure = Failure::new(Exit::Usage, "the environment has variables of no setting");
    Err(failure.details(unknown))
}

/// Whether a variable is one of those that Kubernetes sets for a service that is called
/// like us, such as `REDRESS_SERVICE_HOST` and `REDRESS_PORT_50051_TCP_ADDR`.
fn is_of_a_service(name: &str, value: &str) -> bool {
    let is_address = |text: &str| {
        ["tcp://", "udp://", "sctp://"]
            .iter()
            .any(|scheme| text.starts_with(scheme))
    };
    name.ends_with("_SERVICE_HOST")
        || name.contains("_SERVICE_PORT")
        || (name.ends_with("_PORT") && is_address(value))
        || name
            .split_once("_PORT_")
            .is_some_and(|(_, port)| port.starts_with(|letter: char| letter.is_ascii_digit()))
}

fn not_a_setting<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> String {
    match near(name, known) {
        Some(near) => format!("`{name}` is not a setting; did you mean `{near}`?"),
        None => format!("`{name}` is not a setting; `redress config` lists them"),
    }
}

/// Reads a settings file, every mistake at once.
fn read(path: &Path, known: &[Arg]) -> Result<Vec<(String, String)>, Failure> {
    let text = load::settings(path)?;
    let at = |start: usize| {
        let before = text.get(..start).unwrap_or_default();
        let line = before.matches('\n').count().saturating_add(1);
        format!("{}:{line}", path.display())
    };
    let wrong = |details: Vec<String>| {
        Failure::new(Exit::Usage, "the settings file cannot be used").details(details)
    };
    let (table, errors) = DeTable::parse_recoverable(&text);
    if !errors.is_empty() {
        let errors = errors.iter().map(|error| {
            let start = error.span().map_or(0, |span| span.start);
            format!("{}: {}", at(start), error.message())
        });
        return Err(wrong(errors.collect()));
    }
    let mut mistakes = Vec::new();
    let mut values = Vec::new();
    for (key, value) in table.get_ref() {
        let (key, start) = (key.get_ref().as_ref(), key.span().start);
        match setting(key, value, known) {
            Ok(value) => values.push((start, key.to_owned(), value)),
            Err(why) => mistakes.push((start, format!("{}: {why}", at(start)))),
        }
    }
    if !mistakes.is_empty() {
        mistakes.sort();
        return Err(wrong(mistakes.into_iter().map(|(_, text)| text).collect()));
    }
    values.sort();
    Ok(values
        .into_iter()
        .map(|(_, key, value)| (key, value))
        .collect())
}

/// Returns the value of a setting, as a flag would have it.
fn setting(key: &str, value: &Spanned<DeValue<'_>>, known: &[Arg]) -> Result<String, String> {
    let ids = known.iter().map(|arg| arg.get_id().as_str());
    let Some(arg) = known.iter().find(|arg| arg.get_id() == key) else {
        return Err(not_a_setting(key, ids));
    };
    let value = match value.get_ref() {
        DeValue::String(text) => text.clone().into_owned(),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_err(|_| format!("`{key}` is too large"))?
            .to_string(),
        DeValue::Boolean(yes) => yes.to_string(),
        _ => {
            return Err(format!(
                "`{key}` is not a text, a whole number or true or false"
            ));
        }
    };
    let alone = Command::new("settings")
        .no_binary_name(true)
        .arg(arg.clone());
    let line = [format!("--{}={value}", arg.get_long().unwrap_or_default())];
    match alone.try_get_matches_from(line) {
        Ok(_) => Ok(value),
        Err(error) => Err(format!("`{key}`: {}", reason(&error, arg))),
    }
}

/// Returns why a value was refused, without what the parser says of flags.
fn reason(error: &clap::Error, arg: &Arg) -> String {
    if let Some(cause) = std::error::Error::source(error) {
        return cause.to_string();
    }
    let words: Vec<String> = arg
        .get_possible_values()
        .iter()
        .map(|word| format!("`{}`", word.get_name()))
        .collect();
    format!("not one of {}", words.join(", "))
}

/// Names where the value of a setting comes from.
pub fn origin(arg: &Arg, layered: &Layered, given: &ArgMatches) -> String {
    let id = arg.get_id().as_str();
    let file = layered.file.as_ref();
    match given.value_source(id) {
        Some(ValueSource::CommandLine) => format!("--{}", arg.get_long().unwrap_or(id)),
        Some(ValueSource::EnvVariable) => arg
            .get_env()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default(),
        _ => match file.filter(|(_, keys)| keys.contains(id)) {
            Some((path, _)) => path.display().to_string(),
            None => "default".to_owned(),
        },
    }
}
