//! Counts the instructions of decisions: a figure that does not move with the load of
//! the machine, so that a growth can be refused.
//!
//! The program runs itself under callgrind, which counts inside of [`measured`] alone
//! and writes a file each time it is left.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::Args;
use redress_client::pb;
use serde_json::{Value, json};

use crate::measure::Contender;
use crate::orders;
use crate::redress_side::Engine;
use crate::shops;

/// Orders of one case.
const ORDERS: usize = 16;
/// Growth beyond it is refused, and shrinking beyond it is worth keeping; in percent.
const TOLERANCE: u64 = 5;
/// The function that callgrind counts in, as its patterns name it.
const COUNTED: &str = "*redress_bench*count*measured*";
/// The same function, which it writes a file after. The patterns have to differ: of two
/// settings for one pattern callgrind keeps the first alone.
const DUMPED: &str = "*count*measured*";

/// What to do with the counts.
#[derive(Args)]
pub struct Options {
    /// Compare with the figures of a file, and fail where one has grown
    #[arg(long, value_name = "FILE", conflicts_with = "write")]
    check: Option<PathBuf>,
    /// Write the figures to a file
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

/// Instructions of one decision, by case.
type Counts = BTreeMap<String, u64>;

/// Counts, prints, and compares or writes.
pub fn run(options: &Options) -> ExitCode {
    let counts = match count() {
        Ok(counts) => counts,
        Err(what) => {
            eprintln!("error: {what}");
            return ExitCode::from(2);
        }
    };
    let kept = options.check.as_deref().map(read).transpose();
    let kept = match kept {
        Ok(kept) => kept,
        Err(what) => {
            eprintln!("error: {what}");
            return ExitCode::from(2);
        }
    };
    for (case, count) in &counts {
        println!("{case:<44} {count:>10} instructions");
    }
    if let Some(path) = &options.write {
        let text = format!("{:#}\n", json!(counts));
        if let Err(error) = std::fs::write(path, text) {
            eprintln!("error: cannot write {}: {error}", path.display());
            return ExitCode::from(2);
        }
    }
    match kept {
        Some(kept) => judge(&compare(&counts, &kept)),
        None => ExitCode::SUCCESS,
    }
}

/// What two lists of counts differ in.
#[derive(Debug, Default, PartialEq, Eq)]
struct Changes {
    /// What is refused.
    errors: Vec<String>,
    /// What is worth keeping.
    notes: Vec<String>,
}

/// Compares counts with those that are kept.
fn compare(counts: &Counts, kept: &Counts) -> Changes {
    let mut changes = Changes::default();
    for (case, count) in counts {
        let Some(before) = kept.get(case) else {
            let what = format!("`{case}` is counted, but not kept: write the figures anew");
            changes.errors.push(what);
            continue;
        };
        let percent = (*count as f64 / *before as f64 - 1.0) * 100.0;
        let moved = format!("`{case}`: {count} instructions, {before} are kept, {percent:+.1} %");
        if count * 100 > before * (100 + TOLERANCE) {
            let help = "find out why, or write the figures anew and say why";
            changes.errors.push(format!("{moved}; {help}"));
        } else if count * 100 < before * (100 - TOLERANCE) {
            let help = "write the figures anew to keep the gain";
            changes.notes.push(format!("{moved}; {help}"));
        }
    }
    for case in kept.keys().filter(|case| !counts.contains_key(*case)) {
        let what = format!("`{case}` is kept, but not counted: write the figures anew");
        changes.errors.push(what);
    }
    changes
}

/// Prints what has moved, and fails where that is refused.
fn judge(changes: &Changes) -> ExitCode {
    for note in &changes.notes {
        eprintln!("note: {note}");
    }
    for error in &changes.errors {
        eprintln!("error: {error}");
    }
    match changes.errors.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn read(path: &Path) -> Result<Counts, String> {
    let wrong = |what: String| format!("{}: {what}", path.display());
    let text = std::fs::read_to_string(path).map_err(|e| wrong(e.to_string()))?;
    let json: Value = serde_json::from_str(&text).map_err(|e| wrong(e.to_string()))?;
    let figures = json
        .as_object()
        .ok_or_else(|| wrong("no object".to_owned()))?;
    figures
        .iter()
        .map(|(case, count)| count.as_u64().map(|count| (case.clone(), count)))
        .collect::<Option<Counts>>()
        .ok_or_else(|| wrong("a figure is no count".to_owned()))
}

/// Runs this program under callgrind and reads what it wrote.
fn count() -> Result<Counts, String> {
    if cfg!(debug_assertions) {
        return Err("a debug build says nothing: cargo run --release".to_owned());
    }
    let program = std::env::current_exe().map_err(|e| e.to_string())?;
    let directory = std::env::temp_dir().join(format!("redress-bench-{}", std::process::id()));
    std::fs::create_dir_all(&directory).map_err(|e| e.to_string())?;
    let run = Command::new("valgrind")
        .arg("--tool=callgrind")
        .arg(format!("--toggle-collect={COUNTED}"))
        .arg(format!("--dump-after={DUMPED}"))
        .arg(format!("--callgrind-out-file={}/out", directory.display()))
        .arg(program)
        .arg("counted")
        // The environment lies on the stack and moves what follows.
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .output();
    let result = match run {
        Err(error) => Err(format!("valgrind does not start, is it installed? {error}")),
        Ok(run) if !run.status.success() => {
            let said = String::from_utf8_lossy(&run.stderr).into_owned();
            Err(format!("valgrind failed:\n{said}"))
        }
        Ok(run) => gather(&directory, &String::from_utf8_lossy(&run.stdout)),
    };
    // What is left behind lies in a folder for such things.
    let _ = std::fs::remove_dir_all(&directory);
    result
}

/// Reads the file of every case: they are numbered in the order of the cases.
fn gather(directory: &Path, names: &str) -> Result<Counts, String> {
    let mut counts = Counts::new();
    for (place, case) in names.lines().enumerate() {
        let path = directory.join(format!("out.{}", place + 1));
        let text = std::fs::read_to_string(&path);
        let text = text.map_err(|e| format!("no count of `{case}`: {}: {e}", path.display()))?;
        let total = text.lines().find_map(|l| l.strip_prefix("summary: "));
        let total: Option<u64> = total.and_then(|t| t.trim().parse().ok());
        let total = total.filter(|total| *total > 0);
        let total = total.ok_or_else(|| format!("`{case}` was not counted"))?;
        counts.insert(case.to_owned(), total / ORDERS as u64);
    }
    match counts.is_empty() {
        true => Err("no case was counted".to_owned()),
        false => Ok(counts),
    }
}

/// Decides every case, each once inside of [`measured`], and prints their names.
pub fn counted() {
    let baseline = Engine::baseline();
    for lines in orders::LINES {
        let samples = orders::samples(lines, ORDERS);
        let checked: Vec<_> = samples.iter().map(|s| baseline.check(&s.message)).collect();
        let name = format!("engine alone, lines: {lines}");
        let alone = |n: usize| baseline.engine_alone(&checked[n]);
        case(Contender::new(&name, ORDERS, alone));
        let name = format!("message to verdict, lines: {lines}");
        let verdict = |n: usize| baseline.decide_message(&samples[n].message);
        case(Contender::new(&name, ORDERS, verdict));
    }
    let engine = Engine::shops();
    for shop in shops::typical() {
        let messages = vec![shop.message.clone(); ORDERS];
        let name = format!("message to reply, {}", shop.shop);
        case(Contender::each(&name, &messages, |m| {
            black_box(engine.answer(m));
        }));
        let compact = pb::DecideRequest {
            view: pb::View::Compact.into(),
            ..shop.message.clone()
        };
        let messages = vec![compact; ORDERS];
        let name = format!("message to compact reply, {}", shop.shop);
        case(Contender::each(&name, &messages, |m| {
            black_box(engine.answer(m));
        }));
    }
    if let Some(shop) = shops::typical().first() {
        let messages = vec![shops::options_of(&shop.message); ORDERS];
        let name = format!("list of options, {}", shop.shop);
        case(Contender::each(&name, &messages, |m| {
            black_box(engine.list_options(m));
        }));
    }
}

fn case(mut contender: Contender<'_>) {
    println!("{}", contender.name);
    // What is made once and kept is not a decision's.
    contender.pass();
    measured(&mut contender);
}

/// Decides every order of a case: what callgrind counts.
#[inline(never)]
fn measured(contender: &mut Contender<'_>) {
    contender.pass();
    // Without something after the call, it could become a jump that callgrind does
    // not see the end of.
    black_box(contender.samples());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(list: &[(&str, u64)]) -> Counts {
        let own = |(case, count): &(&str, u64)| ((*case).to_owned(), *count);
        list.iter().map(own).collect()
    }

    #[test]
    fn more_than_a_twentieth_is_told() {
        let kept = counts(&[("a", 1000), ("b", 1000), ("c", 1000), ("d", 1000)]);
        let now = counts(&[("a", 1050), ("b", 1051), ("c", 950), ("d", 949)]);
        let Changes { errors, notes } = compare(&now, &kept);
        let begin = |list: &[String]| -> Vec<String> {
            list.iter().map(|what| what[..3].to_owned()).collect()
        };
        assert_eq!(begin(&errors), ["`b`"]);
        assert_eq!(begin(&notes), ["`d`"]);
        assert!(errors[0].contains("1051 instructions, 1000 are kept, +5.1 %"));
    }

    #[test]
    fn a_case_on_one_side_alone_is_refused() {
        let changes = compare(&counts(&[("a", 1)]), &counts(&[("b", 1)]));
        assert_eq!(changes.errors.len(), 2);
    }
}
