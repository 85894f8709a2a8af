//! Counts of allocations, made by a program of its own: an allocator that counts takes
//! time, which is then nobody's.

use std::process::Command;

use crate::build::{beside, build};

/// The program that counts, and its package.
const PROGRAM: (&str, &str) = ("redress-bench", "allocations");

/// Holds the allocations of a decision in a part of the bench, by case and contender.
pub struct Allocations(Vec<(String, f64)>);

impl Allocations {
    /// Builds the program that counts, and asks it about a part.
    pub fn count(part: &str) -> Self {
        build(&[PROGRAM]);
        let output = Command::new(beside(PROGRAM.1)).arg(part).output();
        let output = output.expect("the program that counts");
        assert!(output.status.success(), "allocations are not counted");
        let text = String::from_utf8(output.stdout).expect("its lines");
        let line = |line: &str| {
            let (key, count) = line.rsplit_once('\t').expect("a key and a count");
            (key.to_owned(), count.parse().expect("a number"))
        };
        Self(text.lines().map(line).collect())
    }

    /// Returns the allocations of a contender in a case.
    pub fn of(&self, case: &str, contender: &str) -> f64 {
        let key = key(case, contender);
        let known = self.0.iter().find(|(of, _)| *of == key);
        known.expect("a count for every contender").1
    }
}

/// Names a count as the program that counts writes it.
pub fn key(case: &str, contender: &str) -> String {
    [case, contender].join("\t")
}
