//! The reference of all settings, in Markdown: `docs/settings.md` is what stands here.

use std::fmt::Write;

use clap::{Arg, Command};

use super::layers::settings_of;

/// Begins the reference.
const HEAD: &str = "\
# Settings of the server

This page is generated: `redress config --reference` prints it, and a test compares.

A setting is a flag, a variable of the environment, or a key of a TOML file that `--config` or `REDRESS_CONFIG` names; a flag is stronger than a variable, and a variable than the file.
`redress config` takes the same flags as `redress serve`, prints every setting with its value and where that comes from, in the form of such a file, and checks all of them, certificates included.
A key or a variable `REDRESS_...` that is no setting is an error that names the nearest one; variables that Kubernetes sets for a service of the name `redress` are no settings and are left alone.
No setting is a secret: keys are files.
Times are whole seconds of at most a day.

";

/// What one setting is, in words.
struct Entry {
    key: String,
    flag: String,
    variable: String,
    default: String,
    help: String,
}

impl Entry {
    fn of(arg: &Arg) -> Self {
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let (help, default) = split_default(&help);
        let default = match arg.get_default_values() {
            [] => default.unwrap_or("not set").to_owned(),
            [value, ..] => format!("`{}`", value.to_string_lossy()),
        };
        let words: Vec<String> = arg
            .get_possible_values()
            .iter()
            .map(|word| format!("`{}`", word.get_name()))
            .collect();
        let help = match words.as_slice() {
            [] => help.to_owned(),
            words => format!("{help}: {}", words.join(" or ")),
        };
        Self {
            key: arg.get_id().to_string(),
            flag: format!("--{}", arg.get_long().unwrap_or_default()),
            variable: arg
                .get_env()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default(),
            default,
            help,
        }
    }
}

/// Takes a default that only words can tell off the end of a help text.
pub fn split_default(help: &str) -> (&str, Option<&str>) {
    match help.split_once(" [default: ") {
        Some((help, default)) => (help, Some(default.trim_end_matches(']'))),
        None => (help, None),
    }
}

/// Writes the reference of a command's settings.
pub fn markdown(command: &Command) -> String {
    let mut page = String::from(HEAD);
    page.push_str("| key | flag | variable | default | what |\n|---|---|---|---|---|\n");
    for arg in settings_of(command) {
        let Entry {
            key,
            flag,
            variable,
            default,
            help,
        } = Entry::of(arg);
        // Writing to a text does not fail.
        let _ = writeln!(
            page,
            "| `{key}` | `{flag}` | `{variable}` | {default} | {help} |"
        );
    }
    page
}
