//! Builds the programs that are run beside this one, so that none is older than its
//! source.

use std::path::PathBuf;
use std::process::Command;

/// Builds programs with the features of this one, where this one was built.
pub fn build(programs: &[(&str, &str)]) {
    let own = std::env::current_exe().expect("the path of this program");
    let target = own.ancestors().nth(2).expect("the folder of builds");
    let mut command = Command::new("cargo");
    command
        .args(["build", "--release", "--quiet", "--locked", "--target-dir"])
        .arg(target)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    for (package, program) in programs {
        command.args(["-p", package, "--bin", program]);
    }
    if cfg!(feature = "peers") {
        command.args(["--features", "redress-bench/peers"]);
    }
    let built = command.status().expect("cargo");
    assert!(built.success(), "{programs:?} do not build");
}

/// Returns the path of a program built with this one.
pub fn beside(program: &str) -> PathBuf {
    let own = std::env::current_exe().expect("the path of this program");
    own.with_file_name(program)
}
