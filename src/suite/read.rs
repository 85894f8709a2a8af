//! Reads case files: every mistake of every file, and all cases that have none.

use std::collections::BTreeMap;

use super::expect::Expected;
use super::fixture::{self, Fixture, NotBuilt, Set};
use super::rival::{NoRival, Rival};
use super::tree::{Location, Node, Value};
use super::{Case, CaseFile, Mistake, Side, Suite, put_in_order};
use crate::policy::document::{Diagnostics, Item, Table, nearest, parse};
use crate::policy::source::Source;

/// The version of the case format.
const FORMAT: i64 = 1;

/// Holds a case file.
struct File {
    index: usize,
    policy: Node,
    revision: Node,
    include: Vec<(String, Location)>,
    fixtures: BTreeMap<String, Fixture>,
    cases: Vec<RawCase>,
    rivals: Vec<Rival>,
    no_rivals: Vec<NoRival>,
}

/// Holds a case whose request is not put together yet.
struct RawCase {
    name: String,
    at: Location,
    clauses: Vec<(String, Location)>,
    readings: Vec<(String, Location)>,
    side: Option<Side>,
    uses: Vec<(String, Location)>,
    set: Set,
    /// `None`: the case has a mistake, so that it is looked through and not run.
    expected: Option<Expected>,
}

/// Reads case files, each with its path.
pub(super) fn read(sources: &[Source]) -> Suite {
    let mut suite = Suite {
        files: sources
            .iter()
            .map(|source| CaseFile {
                path: source.path.clone(),
                text: source.text.as_str().into(),
            })
            .collect(),
        ..Suite::default()
    };
    let mut files: BTreeMap<&str, Option<File>> = BTreeMap::new();
    for (index, source) in sources.iter().enumerate() {
        let report = Diagnostics::new(&source.path);
        let read = file(source, index, &report);
        let text = suite.files.get(index).map(|file| file.text.clone());
        for diagnostic in report.into_sorted() {
            let text = text.clone().unwrap_or_default();
            suite.mistakes.push(Mistake { diagnostic, text });
        }
        let name = source.path.rsplit('/').next().unwrap_or(&source.path);
        files.insert(name, read);
    }
    for file in files.values().flatten() {
        join(&mut suite, file, &files);
    }
    put_in_order(&mut suite.mistakes);
    suite
}

/// Puts the requests of a file together.
fn join(suite: &mut Suite, file: &File, files: &BTreeMap<&str, Option<File>>) {
    let mut fixtures: BTreeMap<&str, &Fixture> = BTreeMap::new();
    // What a file that cannot be read would have had is not told twice.
    let mut may_lack = false;
    for (name, at) in &file.include {
        match files.get(name.as_str()) {
            Some(Some(other)) => {
                fixtures.extend(other.fixtures.iter().map(|(n, f)| (n.as_str(), f)));
            }
            Some(None) => may_lack = true,
            None => {
                may_lack = true;
                let message = format!("no case file `{name}` beside this one");
                let mistake = suite.mistake(at, "unknown-file", message, "");
                suite.mistakes.extend(mistake);
            }
        }
    }
    fixtures.extend(file.fixtures.iter().map(|(n, f)| (n.as_str(), f)));
    let revision = file.revision.as_str().unwrap_or_default();
    let of_it = |rival: &Rival| (revision.to_owned(), rival.clone());
    suite.rivals.extend(file.rivals.iter().map(of_it));
    let of_it = |none: &NoRival| (revision.to_owned(), none.clone());
    suite.no_rivals.extend(file.no_rivals.iter().map(of_it));
    for raw in &file.cases {
        if suite.all_cases().any(|c| c.name == raw.name) {
            let message = format!("duplicate case `{}`", raw.name);
            let help = "give each case of a policy a name of its own";
            let mistake = suite.mistake(&raw.at, "duplicate", message, help);
            suite.mistakes.extend(mistake);
        }
        match build(suite, file, &fixtures, raw) {
            Ok(case) if raw.expected.is_some() => suite.cases.push(case),
            Ok(case) => suite.broken.push(case),
            Err(error) if error.lacks_fixture.is_some() && may_lack => {}
            Err(error) => {
                let names = fixtures.keys().copied();
                let help = match &error.lacks_fixture {
                    Some(name) => nearest(name, names),
                    None => String::new(),
                };
                let mistake = suite.mistake(&error.at, "bad-request", error.what, help);
                suite.mistakes.extend(mistake);
            }
        }
    }
}

fn build(
    suite: &Suite,
    file: &File,
    fixtures: &BTreeMap<&str, &Fixture>,
    raw: &RawCase,
) -> Result<Case, NotBuilt> {
    let mut request = BTreeMap::new();
    request.insert("policy".to_owned(), file.policy.clone());
    request.insert("revision".to_owned(), file.revision.clone());
    fixture::apply(&mut request, fixtures, &raw.uses, 0)?;
    fixture::set(&mut request, &raw.set)?;
    let texts = |cited: &[(String, Location)]| cited.iter().map(|(id, _)| id.clone()).collect();
    let cited = raw.clauses.iter().chain(&raw.readings);
    Ok(Case {
        name: raw.name.clone(),
        path: suite
            .files
            .get(file.index)
            .map(|file| file.path.clone())
            .unwrap_or_default(),
        revision: file.revision.as_str().unwrap_or_default().to_owned(),
        clauses: texts(&raw.clauses),
        readings: texts(&raw.readings),
        side: raw.side,
        at: raw.at.clone(),
        cited_at: cited.map(|(_, at)| at.clone()).collect(),
        request: Node {
            at: raw.at.clone(),
            value: Value::Table(request),
        },
        expected: raw
            .expected
            .clone()
            .unwrap_or(Expected::Refused(Vec::new())),
    })
}

/// Reads one file; `None`: its head or its form is wrong, which is reported.
fn file(source: &Source, index: usize, report: &Diagnostics<'_>) -> Option<File> {
    let document = parse(&source.text, report, "split the cases")?;
    let root = Table::new(document.get_ref(), document.span(), report);
    if let Some(item) = root.need("format") {
        item.format(FORMAT);
    }
    let text = |item: Item<'_, '_>| {
        item.text()?;
        Node::read(&item, index)
    };
    let policy = root.need("policy").and_then(text);
    let revision = root.need("revision").and_then(text);
    let include = names(&root, "include", index);
    let fixtures = root.get("fixtures").and_then(|item| item.table());
    let fixtures = fixtures.map(|table| table.entries()).unwrap_or_default();
    let fixtures = fixtures
        .iter()
        .filter_map(|(name, _, item)| Some(((*name).to_owned(), fixture(item, index)?)))
        .collect();
    let items = |key| {
        let item: Option<Item<'_, '_>> = root.get(key);
        item.map(|item| item.one_or_more()).unwrap_or_default()
    };
    let cases = items("case");
    let cases = cases.iter().filter_map(|item| case(item, index)).collect();
    let rivals = items("rival");
    let rivals = rivals.iter().filter_map(|item| Rival::read(item, index));
    let rivals = rivals.collect();
    let no_rivals = items("no_rival");
    let no_rivals = no_rivals.iter().filter_map(NoRival::read).collect();
    root.finish();
    Some(File {
        index,
        policy: policy?,
        revision: revision?,
        include,
        fixtures,
        cases,
        rivals,
        no_rivals,
    })
}

fn names<'t>(table: &Table<'t, '_>, key: &'t str, file: usize) -> Vec<(String, Location)> {
    let items = table.get(key).map(|item| item.one_or_more());
    let name = |item: &Item<'_, '_>| Some((item.text()?, Location::new(file, &item.span)));
    items.iter().flatten().filter_map(name).collect()
}

fn fixture(item: &Item<'_, '_>, file: usize) -> Option<Fixture> {
    let table = item.table()?;
    let uses = names(&table, "use", file);
    let set = table.get("set").map(|item| set(&item, file));
    let mut fields = BTreeMap::new();
    for (key, _, item) in table.entries() {
        if !["use", "set"].contains(&key) {
            fields.insert(key.to_owned(), Node::read(&item, file)?);
        }
    }
    Some(Fixture {
        uses,
        fields,
        set: set.unwrap_or_default(),
    })
}

fn set(item: &Item<'_, '_>, file: usize) -> Set {
    let table = item.table_like("{ \"order.gift\" = \"ANSWER_YES\" }");
    let entries = table.map(|table| table.entries()).unwrap_or_default();
    entries
        .iter()
        .filter_map(|(path, span, item)| {
            let at = Location::new(file, span);
            Some(((*path).to_owned(), at, Node::read(item, file)?))
        })
        .collect()
}

fn case(item: &Item<'_, '_>, file: usize) -> Option<RawCase> {
    let table = item.table()?;
    let report = table.report();
    let before = report.count();
    let name = table.need("name");
    let at = name.as_ref().map(|item| Location::new(file, &item.span));
    let name = name.and_then(|item| item.sentence("name"));
    // For whoever reads the case.
    if let Some(item) = table.need("why") {
        item.sentence("why");
    }
    let side = table.get("side").map(|item| {
        let side = |word: &str| match word {
            "inside" => Some(Side::Inside),
            "outside" => Some(Side::Outside),
            "missing" => Some(Side::Missing),
            _ => None,
        };
        item.word(&["inside", "outside", "missing"], side, "side")
    });
    let clauses = names(&table, "clauses", file);
    let readings = names(&table, "readings", file);
    let uses = names(&table, "use", file);
    let values = table.get("set").map(|item| set(&item, file));
    let expected = table.need("expect").and_then(|item| {
        let expected = Expected::read(&item)?;
        let cited = clauses.first().or(readings.first());
        if expected.is_refused() && cited.is_some() {
            item.bad(
                "unused",
                "a refused request proves no clause and no reading",
                "remove `clauses` and `readings`",
            );
        }
        Some(expected)
    });
    table.finish();
    Some(RawCase {
        name: name?,
        at: at?,
        clauses,
        readings,
        side: side.flatten(),
        uses,
        set: values.unwrap_or_default(),
        expected: expected.filter(|_| report.count() == before),
    })
}
