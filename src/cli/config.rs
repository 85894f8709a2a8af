//! `redress config`: the settings that a server would have, and where they come from.

use clap::{ArgMatches, Command};
use toml::Value;

use super::output::{self, Failure};
use super::settings::Settings;
use super::settings::layers::{Layered, origin, settings_of};
use super::settings::reference::{markdown, split_default};

/// Show the settings of the server
///
/// Takes the flags, the environment and the file that `redress serve` takes, prints every
/// setting with where its value comes from, and checks them all, certificates included.
/// What is printed is a settings file itself.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print what every setting means, in Markdown
    #[arg(long)]
    reference: bool,
    #[command(flatten)]
    settings: Settings,
}

/// Columns that a setting and its value take before the origin.
const WIDTH: usize = 44;

/// Runs the command.
///
/// # Errors
/// The settings cannot be used.
pub fn run(args: &Args, command: &Command, layered: &Layered) -> Result<(), Failure> {
    let named = layered.matches.subcommand();
    let Some((command, given)) =
        named.and_then(|(name, given)| Some((command.find_subcommand(name)?, given)))
    else {
        return Ok(());
    };
    if args.reference {
        return output::print_data(&markdown(command));
    }
    output::print(&effective(command, layered, given))?;
    args.settings.check().map(|_| ())
}

/// Writes every setting as a line of a settings file.
fn effective(command: &Command, layered: &Layered, given: &ArgMatches) -> String {
    let mut page = String::new();
    for arg in settings_of(command) {
        let id = arg.get_id().as_str();
        let value = given.get_raw(id).and_then(|mut values| values.next());
        let (setting, origin) = match value {
            Some(value) => {
                let text = value.to_string_lossy();
                let value = match (text.parse::<i64>(), text.parse::<bool>()) {
                    (Ok(number), _) => Value::Integer(number),
                    (_, Ok(yes)) => Value::Boolean(yes),
                    _ => Value::String(without_secrets(&text)),
                };
                (format!("{id} = {value}"), origin(arg, layered, given))
            }
            None => {
                let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
                let default = split_default(&help).1.unwrap_or("not set");
                (format!("# {id}"), format!("default: {default}"))
            }
        };
        page.push_str(&format!("{setting:WIDTH$} # {origin}\n"));
    }
    page
}

/// Returns a value that is shown; of a URL, name, password, query and fragment are not.
fn without_secrets(value: &str) -> String {
    let Some((scheme, rest)) = value.split_once("://") else {
        return value.to_owned();
    };
    let (rest, hidden_end) = match rest.split_once(['?', '#']) {
        Some((rest, _)) => (rest, "?***"),
        None => (rest, ""),
    };
    match rest.rsplit_once('@') {
        Some((_, rest)) => format!("{scheme}://***@{rest}{hidden_end}"),
        None => format!("{scheme}://{rest}{hidden_end}"),
    }
}

#[cfg(test)]
mod tests {
    use super::without_secrets;

    #[test]
    fn what_is_secret_in_a_url_is_not_shown() {
        for (value, shown) in [
            ("info,h2=debug", "info,h2=debug"),
            ("https://shop.example/a", "https://shop.example/a"),
            (
                "https://me:secret@shop.example/a",
                "https://***@shop.example/a",
            ),
            (
                "https://me:se/cr@et@shop.example",
                "https://***@shop.example",
            ),
            (
                "https://shop.example/a?sig=secret",
                "https://shop.example/a?***",
            ),
            (
                "https://me@shop.example/a#secret",
                "https://***@shop.example/a?***",
            ),
            (
                "https://shop.example/?a=me@secret",
                "https://shop.example/?***",
            ),
        ] {
            assert_eq!(without_secrets(value), shown);
        }
    }
}
