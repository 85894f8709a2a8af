//! `redress proto`: the contract that the program carries, as files.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::output::{self, Exit, Failure, counted};
use crate::load;

/// Write the contract that this program speaks, as proto files
///
/// Compilers of any language take DIR as their import path. Files that are there already
/// are replaced, others are left alone.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Directory to write to, made if it is not there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Runs the command.
///
/// # Errors
/// A file cannot be written.
pub fn run(args: &Args) -> Result<(), Failure> {
    let files = load::contract();
    let mut text = String::new();
    for (path, proto) in files {
        let path = args.out.join(path);
        write(&path, proto).map_err(|error| {
            let message = format!("cannot write `{}`: {error}", path.display());
            Failure::new(Exit::Usage, message)
        })?;
        text.push_str(&format!("{}\n", path.display()));
    }
    text.push_str(&format!("{} written\n", counted(files.len(), "file")));
    output::print(&text)
}

/// Writes a file, and the folders that it lies in.
fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}
