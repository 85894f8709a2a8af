//! Decides rows together where their answers turn on what becomes of each other: tests and
//! amounts can look at the units that the customer keeps, and what is denied is kept.
//!
//! Rows are decided as if all that is asked for came back, then without what was denied, and
//! so on until nothing changes. A row counts its own units in any case. Rows that would
//! change each other for ever count as asked for. What a row comes to that is not decided yet
//! is not known: rows that turn on it wait for its facts, or for a person.

use super::decide_once;
use crate::domain::facts::{Remedy, RowIndex};
use crate::domain::path::{At, UnitsLocation};
use crate::domain::verdict::{Missing, Outcome, ReasonCode};
use crate::engine::entitle::decided::{Decided, DecidedRow};
use crate::engine::entitle::draft::{Draft, Drafted, own_reason, same_answer};
use crate::engine::missing::{choice, needs};
use crate::engine::money::RowMoney;
use crate::engine::read::context::{Asked, DecisionContext};
use crate::engine::read::waiting::Prospect;
use crate::policy::plan::RoutePlan;

/// Undecided rows of which every combination is tried: that each comes back or is kept. Of
/// more of them each alone is tried, all but each, and all.
const MAX_COMBINED: usize = 4;

/// Decides the rows of a request in rounds.
pub(crate) struct Rounds<'a, 'w> {
    context: DecisionContext<'a, 'w>,
    asked: Asked<'a>,
    route: &'a RoutePlan,
    rows: &'w [RowIndex],
    wants: Option<Remedy>,
}

/// What rows come to where these are kept, of those that are not decided yet.
struct Ending<'a> {
    kept: Vec<UnitsLocation>,
    decided: Decided<'a>,
}

impl<'a, 'w> Rounds<'a, 'w> {
    /// Names what is decided.
    pub(crate) const fn new(
        context: DecisionContext<'a, 'w>,
        asked: Asked<'a>,
        route: &'a RoutePlan,
        rows: &'w [RowIndex],
        wants: Option<Remedy>,
    ) -> Self {
        Self {
            context,
            asked,
            route,
            rows,
            wants,
        }
    }

    /// Decides the rows. Nothing is settled.
    pub(crate) fn decide(&self, decided: &mut Decided<'a>) {
        *decided = self.come_to_rest(&[]);
        let open = undecided(decided);
        if open.is_empty() {
            return;
        }
        let endings = combinations(&open).into_iter().map(|kept| Ending {
            decided: self.come_to_rest(&kept),
            kept,
        });
        let endings: Vec<Ending<'a>> = endings.collect();
        let waiting = self.rows.iter().filter_map(|row| {
            let draft = waiting(decided, &endings, row.location(), &open)?;
            Some((*row, draft))
        });
        let waiting: Vec<_> = waiting.collect();
        for (row, draft) in waiting {
            replace(decided, row, draft);
        }
        decided.put_drafts_in_order();
    }

    /// Decides the rows until those that come back are those that were taken to; `kept` are
    /// taken to stay.
    fn come_to_rest(&self, kept: &[UnitsLocation]) -> Decided<'a> {
        let mut settled: Vec<UnitsLocation> = Vec::new();
        let is_kept = |row: &&RowIndex| !kept.contains(&row.location());
        let mut back: Vec<RowIndex> = self.rows.iter().filter(is_kept).copied().collect();
        let mut seen: Vec<Vec<RowIndex>> = Vec::new();
        loop {
            let mut decided = Decided::new();
            decide_once(
                self.context,
                self.asked,
                self.route,
                self.rows,
                self.wants,
                &back,
                &mut decided,
            );
            let next = self.left(&decided, kept, &settled);
            if next == back || self.context.scratch.work.result().is_err() {
                decided.back = back;
                return decided;
            }
            seen.push(std::mem::replace(&mut back, next));
            let first = seen.iter().position(|before| *before == back);
            // What rests on nothing that repeats comes to rest in as many rounds as there are
            // rows.
            let last = seen.len().saturating_sub(1);
            let repeats = first.or((seen.len() > self.rows.len()).then_some(last));
            if let Some(first) = repeats {
                let changes = |row: &&RowIndex| {
                    let now = of(&back, row.location());
                    let mut rounds = seen.iter().skip(first);
                    !kept.contains(&row.location())
                        && rounds.any(|round| of(round, row.location()) != now)
                };
                let more = self.rows.iter().filter(changes).map(RowIndex::location);
                settled.extend(more);
                back = self.left(&decided, kept, &settled);
                seen.clear();
            }
        }
    }

    /// Returns the rows that are not kept by a decision; `settled` count as asked for.
    fn left(
        &self,
        decided: &Decided<'a>,
        kept: &[UnitsLocation],
        settled: &[UnitsLocation],
    ) -> Vec<RowIndex> {
        let mut left: Vec<RowIndex> = Vec::new();
        for row in self.rows {
            let location = row.location();
            if settled.contains(&location) {
                left.push(*row);
            } else if !kept.contains(&location) {
                let parts = parts(decided, location);
                let back = parts.filter(|(_, d)| d.decision.outcome != Outcome::Denied);
                left.extend(back.map(|(row, _)| row.index));
            }
        }
        left
    }
}

/// Returns the rows of one location.
fn of(rows: &[RowIndex], location: UnitsLocation) -> Vec<&RowIndex> {
    rows.iter()
        .filter(|row| row.location() == location)
        .collect()
}

/// Returns what became of the units of one location: several rows where a limited right covers
/// only some of them.
fn parts<'d, 'a>(
    decided: &'d Decided<'a>,
    location: UnitsLocation,
) -> impl Iterator<Item = (&'d DecidedRow<'a>, &'d Draft<'a>)> + Clone {
    let own = move |(row, _): &(&DecidedRow<'a>, &Draft<'a>)| row.index.location() == location;
    decided.each().filter(own)
}

/// Whether a row is not decided and may be denied.
fn is_open(draft: &Draft<'_>) -> bool {
    match draft.decision.outcome {
        Outcome::NeedsReview => true,
        Outcome::NeedsInformation => {
            draft.prospects.is_empty() || draft.prospects.contains(&Prospect::NONE)
        }
        Outcome::Approved | Outcome::Denied | Outcome::Mixed => false,
    }
}

/// Returns the locations of rows that are not decided and may be denied.
fn undecided(decided: &Decided<'_>) -> Vec<UnitsLocation> {
    let open = decided.each().filter(|(_, draft)| is_open(draft));
    let mut open: Vec<UnitsLocation> = open.map(|(row, _)| row.index.location()).collect();
    open.dedup();
    open
}

/// Returns which of some locations are kept, in every combination that is tried but none.
fn combinations(open: &[UnitsLocation]) -> Vec<Vec<UnitsLocation>> {
    if open.len() > MAX_COMBINED {
        let each = open.iter().map(|location| vec![*location]);
        let others =
            |location: &UnitsLocation| open.iter().filter(|p| *p != location).copied().collect();
        let all_but_each = open.iter().map(others);
        let all = std::iter::once(open.to_vec());
        return each.chain(all_but_each).chain(all).collect();
    }
    let mut all: Vec<Vec<UnitsLocation>> = vec![Vec::new()];
    for location in open {
        let with = all.iter().map(|kept| [&**kept, &[*location]].concat());
        let with: Vec<_> = with.collect();
        all.extend(with);
    }
    all.split_off(1)
}

/// Whether units get the same answer in two endings.
fn is_same(one: &Decided<'_>, other: &Decided<'_>, location: UnitsLocation) -> bool {
    let (ours, theirs) = (parts(one, location), parts(other, location));
    let same = |((a, one), (b, other)): ((&DecidedRow<'_>, _), (&DecidedRow<'_>, _))| {
        a.index.quantity == b.index.quantity && same_answer(one, &a.money, other, &b.money)
    };
    ours.clone().count() == theirs.clone().count() && ours.zip(theirs).all(same)
}

/// Returns what units wait for whose answer turns on rows that are not decided yet; `None`:
/// it does not.
fn waiting<'a>(
    decided: &Decided<'a>,
    endings: &[Ending<'a>],
    location: UnitsLocation,
    open: &[UnitsLocation],
) -> Option<Draft<'a>> {
    let others = endings
        .iter()
        .filter(|ending| !ending.kept.contains(&location));
    let all = std::iter::once((&[][..], decided));
    let all = all.chain(others.map(|ending| (&*ending.kept, &ending.decided)));
    let all: Vec<(&[UnitsLocation], &Decided<'a>)> = all.collect();
    // What turns on another row may lead to different answers, or miss different facts.
    let turns_on = |other: &&UnitsLocation| {
        **other != location
            && all.iter().any(|(kept, one)| {
                let also = |more: &[UnitsLocation]| {
                    more.len() == kept.len().saturating_add(1)
                        && more.contains(other)
                        && kept.iter().all(|location| more.contains(location))
                };
                let mut with = all.iter().filter(|(more, _)| also(more));
                with.any(|(_, two)| !is_same(one, two, location))
            })
    };
    let on: Vec<UnitsLocation> = open.iter().filter(turns_on).copied().collect();
    let asks = |(_, draft): &(&DecidedRow<'a>, &Draft<'a>)| {
        draft.decision.outcome == Outcome::NeedsInformation
    };
    let own = all
        .iter()
        .flat_map(|(_, one)| parts(one, location))
        .filter(asks);
    if on.is_empty() {
        let differs = |one: &Decided<'a>| {
            let misses = |of| -> Vec<&Missing> {
                let asking = parts(of, location).filter(asks);
                asking.map(|(_, draft)| &draft.decision.missing).collect()
            };
            misses(one) != misses(decided)
        };
        if !all.iter().any(|(_, one)| differs(one)) {
            return None;
        }
    }
    let theirs = on
        .iter()
        .flat_map(|other| parts(decided, *other))
        .filter(asks);
    let mut missing = Missing::default();
    for (_, draft) in own.chain(theirs) {
        missing.append(draft.decision.missing.clone());
    }
    let each = all.iter().flat_map(|(_, one)| parts(one, location));
    let remedies = each.clone().fold(0, |set, (_, draft)| set | draft.remedies);
    if !missing.is_empty() {
        let mut prospects: Vec<Prospect> = Vec::new();
        for (_, draft) in each {
            for prospect in draft.prospects().iter() {
                if !prospects.contains(prospect) {
                    prospects.push(*prospect);
                }
            }
        }
        return Some(Draft {
            prospects,
            ..needs(missing, remedies)
        });
    }
    let answers = each.map(|(row, draft)| Drafted {
        draft: draft.clone(),
        money: row.money.clone(),
    });
    let answers: Vec<Drafted<'a>> = answers.collect();
    let mut reason = own_reason(ReasonCode::OtherUnitsOpen, None);
    let paths = on.iter().map(|other| {
        let (line, group) = (other.request_line, other.group);
        let line = At::REQUEST.element("lines", line);
        line.element("groups", group).to_string()
    });
    reason.facts = paths
        .map(|path| (path, Outcome::NeedsReview.word().to_owned()))
        .collect();
    Some(Draft {
        remedies,
        ..choice(reason, &answers)
    })
}

/// Puts a draft in the place of what was decided for the units of a row.
fn replace<'a>(decided: &mut Decided<'a>, row: RowIndex, draft: Draft<'a>) {
    let waits = DecidedRow {
        index: row,
        draft: decided.drafts.len(),
        money: RowMoney::default(),
    };
    decided.drafts.push(draft);
    let rows = std::mem::take(&mut decided.rows);
    let mut waits = Some(waits);
    let own = |of: &DecidedRow<'a>| of.index.location() == row.location();
    let kept = rows.into_iter().filter_map(|of| match own(&of) {
        true => waits.take(),
        false => Some(of),
    });
    decided.rows = kept.collect();
}
