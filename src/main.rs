//! The program `redress`: the command line of the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    redress::cli::run()
}
