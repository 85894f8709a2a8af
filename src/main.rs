//! The program `redress`: the command line of the library.

use std::process::ExitCode;

/// A served request allocates some dozens of times; programs that use the library
/// choose for themselves. Without huge pages an idle server holds half as much.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    redress::cli::run()
}
