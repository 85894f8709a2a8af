//! Bands: one of several amounts, the first whose tests hold. Each becomes a clause of its
//! own, so that whatever is known of clauses holds for bands.

use std::ops::Range;

use super::ClauseIndex;
use super::ends::window;
use super::guards::list as tests_of;
use super::sums::{Around, in_table, sum};
use crate::policy::checked::Clause;
use crate::policy::document::Item;
use crate::policy::limits::MAX_BANDS;
use crate::policy::terms::{Effect, Part, Sum, Test, Where};

/// How a band is written.
const EXAMPLE: &str = "{ within = { days = 7, after = \"place\" }, percent = \"10\" }";

/// One band of what a clause adds: what has to hold, and what is added then.
pub(super) type BandOf = (Vec<Test>, Part);

/// An amount, or one of several, each with what has to hold.
pub(super) enum Said {
    /// One amount.
    One(Sum),
    /// Bands, in order.
    Bands(Vec<Band>),
}

/// One of several amounts.
pub(super) struct Band {
    /// What has to hold, and nothing of the bands before it; empty: nothing more.
    pub tests: Vec<Test>,
    /// The amount.
    pub sum: Sum,
}

/// Reads an amount, or a list of bands of which the first that holds counts.
pub(super) fn said(item: &Item<'_, '_>, names: &ClauseIndex<'_>) -> Option<Said> {
    let bands = item.as_table().and_then(|table| table.get("bands"));
    match bands {
        None => sum(item, names).map(Said::One),
        Some(list) => self::bands(item, &list, names).map(Said::Bands),
    }
}

fn bands(item: &Item<'_, '_>, list: &Item<'_, '_>, names: &ClauseIndex<'_>) -> Option<Vec<Band>> {
    let table = item.table()?;
    let around = Around::read(&table);
    table.know(["bands"]);
    let fits = table.finish_ref();
    let items = list.one_or_more();
    if !(2..=MAX_BANDS).contains(&items.len()) {
        let message = format!("expected 2 to {MAX_BANDS} bands, found {}", items.len());
        list.bad("bad-band", message, "say one amount without bands");
        return None;
    }
    let last = items.len().saturating_sub(1);
    let mut bands = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let Some(table) = item.table_like(EXAMPLE) else {
            continue;
        };
        let mut tests = table
            .get("when")
            .map(|when| tests_of(&when, names))
            .unwrap_or_default();
        let within = table.get("within").map(|within| window(&within, names));
        let given = table.has("when") || table.has("within");
        tests.extend(
            within
                .flatten()
                .map(|spec| Test::Window(spec, Where::Inside)),
        );
        match (given, index == last) {
            (true, true) => item.bad(
                "bad-band",
                "the last band has a test, so other cases have no band",
                "add a band without `when` and `within`, such as `{ percent = \"0\" }`",
            ),
            (false, false) => item.bad(
                "bad-band",
                "the bands after this one never apply, since it has no test",
                "give it `when` or `within`, or move it to the end",
            ),
            _ => {}
        }
        let sum = in_table(item, &table, names, around.as_ref());
        bands.extend(sum.map(|sum| Band { tests, sum }));
    }
    (fits && bands.len() == items.len()).then_some(bands)
}

/// Makes a clause for each band of what one adds; the first stands in its place.
pub(super) fn each(clause: Clause, bands: Vec<BandOf>) -> (Clause, Vec<Clause>) {
    let mut before: Vec<Vec<Test>> = Vec::new();
    let mut clauses = Vec::new();
    for (index, (tests, part)) in bands.into_iter().enumerate() {
        let mut band = clause.clone();
        band.band = Some(index.saturating_add(1));
        band.guard.all.extend(tests.iter().cloned());
        band.guard.unless.extend(before.iter().cloned());
        if let Effect::Adds(addition) = &mut band.effect {
            addition.parts.push(part);
        }
        before.push(tests);
        clauses.push(band);
    }
    let mut clauses = clauses.into_iter();
    (clauses.next().unwrap_or(clause), clauses.collect())
}

/// Puts the further bands of clauses behind all clauses; who overrides a clause overrides
/// each of its bands.
pub(super) fn put_behind(
    clauses: &mut Vec<Clause>,
    spans: &mut Vec<Range<usize>>,
    further: Vec<(Clause, usize, Range<usize>)>,
) {
    for (band, first, span) in further {
        let index = clauses.len();
        clauses.push(band);
        spans.push(span);
        for clause in &mut *clauses {
            if clause.overrides.contains(&first) {
                clause.overrides.push(index);
            }
        }
    }
}
