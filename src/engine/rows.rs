//! Decides the rows of a request together: limited rights, then money.
//!
//! Rows that are alike are decided once: the same results of every test, for units of
//! the same parcel, give the same decision, and only the money is each row's own. A
//! decision that read anything else of its row ([`Scratch::has_read_own`]) is not shared.
//!
//! [`Scratch::has_read_own`]: crate::engine::read::context::Scratch::has_read_own

mod gone;
mod rounds;
mod settling;

use std::cell::OnceCell;

use crate::domain::facts::{Remedy, RowIndex, Value};
use crate::domain::few::Few;
use crate::domain::verdict::{OptionStatus, Outcome, ReasonCode};
use crate::domain::vocabulary::Fact;
use crate::engine::entitle::decided::{Decided, DecidedRow};
use crate::engine::entitle::draft::{Draft, Drafted, bare, own_reason};
use crate::engine::judge::Judged;
use crate::engine::missing::{decide_row, facts_missing};
use crate::engine::money::{RowMoney, row_money};
use crate::engine::read::context::{Asked, DecisionContext};
use crate::engine::read::guard::TestResults;
use crate::engine::read::lookup::{self, asks_whole_order};
use crate::engine::read::waiting::{Awaited, WaitKey};
use crate::engine::read::world::World;
use crate::policy::plan::RoutePlan;
use gone::{open_with, settled_with};
use rounds::Rounds;
use settling::canonical;

/// Kinds of rows that are remembered; the rows of further kinds are decided one by one.
const MAX_KINDS: usize = 16;

/// What rows have in common that are alike.
#[derive(PartialEq)]
struct RowKind {
    results: TestResults,
    shipment: usize,
    return_parcel: Option<u8>,
}

/// Decides rows one after the other.
struct Deciding<'a, 'w> {
    context: DecisionContext<'a, 'w>,
    asked: Asked<'a>,
    route: &'a RoutePlan,
    rows: &'w [RowIndex],
    back: &'w [RowIndex],
    wants: Option<Remedy>,
    used: Vec<(&'a str, i32)>,
    kinds: Vec<(RowKind, usize)>,
    /// Whether the rows are the whole order, once that is worked out.
    whole_order: OnceCell<bool>,
    /// Whether rows that are closed are only counted.
    only_open: bool,
    closed: usize,
    decided: &'w mut Decided<'a>,
}

/// Decides rows on a route under a wish, and settles them. `decided` is an out-parameter,
/// and has to be empty.
pub(crate) fn decide_rows<'a>(
    context: DecisionContext<'a, '_>,
    asked: Asked<'a>,
    route: &'a RoutePlan,
    rows: &[RowIndex],
    wants: Option<Remedy>,
    decided: &mut Decided<'a>,
) {
    if rows.len() > 1 && route.looks_at_kept_units {
        Rounds::new(context, asked, route, rows, wants).decide(decided);
    } else {
        decide_once(context, asked, route, rows, wants, rows, decided);
    }
    decided.settle(context, asked);
}

/// Decides rows one after the other where those of `back` do not stay with the customer.
/// `decided` is an out-parameter, and has to be empty. Nothing is settled.
pub(crate) fn decide_once<'a>(
    context: DecisionContext<'a, '_>,
    asked: Asked<'a>,
    route: &'a RoutePlan,
    rows: &[RowIndex],
    wants: Option<Remedy>,
    back: &[RowIndex],
    decided: &mut Decided<'a>,
) {
    let mut deciding = Deciding::new(context, asked, route, rows, wants, decided);
    deciding.back = back;
    if rows.len() > 1 && route.is_limited {
        // How the request lists units does not say which of them a limited right covers.
        let mut rows = rows.to_vec();
        rows.sort_by(|a, b| canonical(context.facts, a).cmp(&canonical(context.facts, b)));
        for row in rows {
            deciding.decide(row);
        }
        decided.put_in_request_order();
    } else {
        for row in rows {
            deciding.decide(*row);
        }
    }
}

/// Decides rows on a route without a wish, as [`decide_rows`] does, unless all are
/// closed: refused, or late. Nobody is told of these, so that no answer is drafted.
/// Returns whether the route is open.
pub(crate) fn decide_open<'a>(
    context: DecisionContext<'a, '_>,
    asked: Asked<'a>,
    route: &'a RoutePlan,
    rows: &[RowIndex],
    decided: &mut Decided<'a>,
) -> bool {
    let refused = |row: &RowIndex| World::new(context, asked, *row).is_refused(route);
    if route.closing != 0 && rows.iter().all(refused) {
        return false;
    }
    if rows.len() > 1 && route.looks_at_kept_units {
        decide_rows(context, asked, route, rows, None, decided);
        return !decided
            .drafts
            .iter()
            .all(|draft| draft.option_status() == OptionStatus::Closed);
    }
    let mut deciding = Deciding::new(context, asked, route, rows, None, decided);
    deciding.only_open = true;
    for row in rows {
        deciding.decide(*row);
    }
    match deciding.closed {
        0 => decided.settle(context, asked),
        all if all == rows.len() => return false,
        // Rows that do not agree are told of one by one.
        _ => {
            *decided = Decided::new();
            decide_rows(context, asked, route, rows, None, decided);
        }
    }
    true
}

impl<'a, 'w> Deciding<'a, 'w> {
    fn new(
        context: DecisionContext<'a, 'w>,
        asked: Asked<'a>,
        route: &'a RoutePlan,
        rows: &'w [RowIndex],
        wants: Option<Remedy>,
        decided: &'w mut Decided<'a>,
    ) -> Self {
        if rows.len() > 1 {
            decided.rows = Few::with_capacity(rows.len());
        }
        Self {
            context,
            asked,
            route,
            rows,
            back: rows,
            wants,
            used: Vec::new(),
            kinds: Vec::new(),
            whole_order: OnceCell::new(),
            only_open: false,
            closed: 0,
            decided,
        }
    }

    fn world(&self, row: RowIndex) -> World<'a, '_> {
        World {
            rows: self.rows,
            back: self.back,
            used: &self.used,
            ..World::new(self.context, self.asked, row)
        }
    }

    /// Decides a row; where a limited right covers only a part of its units, the
    /// others are a row of their own.
    fn decide(&mut self, row: RowIndex) {
        if row.settled || row.open {
            self.deny_unavailable(row);
            return;
        }
        let world = self.world(row);
        let limited = self.route.is_limited.then(|| world.results(self.route));
        if let Some(draft) = self.cached_wait(&world, limited) {
            self.push(row, draft.into());
            return;
        }
        let results = limited.unwrap_or_else(|| world.results(self.route));
        if self.rows.len() > 1
            && let Some((draft, money)) = self.alike(&world, results)
        {
            self.decided.rows.push(DecidedRow {
                index: row,
                draft,
                money,
            });
            return;
        }
        // The results say all that tests read; what is read from here on is not in them.
        world.scratch.watch();
        let mut judged = Judged::empty(results);
        world.judge(self.route, self.wants, &mut judged);
        if self.only_open && judged.is_closed() {
            self.closed = self.closed.saturating_add(1);
            return;
        }
        let drafted = decide_row(&world, self.route, self.wants, &judged);
        match drafted.draft.consumes {
            None => {
                let waits = drafted.draft.decision.outcome == Outcome::NeedsInformation;
                if waits && self.can_share_waits() {
                    let mut waiting = world.scratch.waiting.borrow_mut();
                    let awaited = Awaited {
                        missing: drafted.draft.decision.missing.clone(),
                        prospects: drafted.draft.prospects.clone(),
                        remedies: drafted.draft.remedies,
                    };
                    waiting.remember(self.wait_key(limited), row, awaited);
                }
                if self.rows.len() > 1 && !world.scratch.has_read_own() {
                    self.cache_kind(row, results, &drafted);
                }
                self.push(row, drafted);
            }
            Some(code) => self.apply_limited_right(row, drafted, code),
        }
    }

    /// Returns the draft of a row that waits for what another one waits for of which the
    /// same is known.
    fn cached_wait(
        &self,
        world: &World<'a, '_>,
        limited: Option<TestResults>,
    ) -> Option<Draft<'a>> {
        let waiting = world.scratch.waiting.borrow();
        if !self.can_share_waits() || waiting.is_empty() {
            return None;
        }
        // It takes as much of the budget as a row that is decided.
        world.scratch.work.spend(1);
        let awaited = waiting.like(&self.wait_key(limited), world)?;
        Some(Draft {
            prospects: awaited.prospects,
            remedies: awaited.remedies,
            own: true,
            ..Draft::of(facts_missing(awaited.missing))
        })
    }

    /// Whether rows of which the same is known wait for the same facts. Where something is
    /// out of reach, one may miss what nobody can tell, and the other what is asked.
    fn can_share_waits(&self) -> bool {
        let facts = self.context.facts;
        // The key does not cover what becomes of other rows.
        facts.rows().len() > 1 && !facts.has_unavailable() && !self.route.looks_at_kept_units
    }

    fn wait_key(&self, results: Option<TestResults>) -> WaitKey {
        WaitKey {
            route: self.route.route,
            ask: std::ptr::from_ref(self.asked.ask).addr(),
            hypothetical: self.asked.hypothetical,
            wants: self.wants,
            rows: self.rows.len(),
            whole_order: *self
                .whole_order
                .get_or_init(|| asks_whole_order(self.context.facts, self.rows)),
            results,
        }
    }

    /// Denies units that earlier remedies used up, or that open requests are about.
    fn deny_unavailable(&mut self, row: RowIndex) {
        if self.only_open {
            self.closed = self.closed.saturating_add(1);
            return;
        }
        let mut reason = match row.settled {
            true => own_reason(ReasonCode::AlreadySettled, None),
            false => own_reason(ReasonCode::RequestOpen, None),
        };
        reason.facts = match row.settled {
            true => settled_with(self.context.facts, row),
            false => open_with(self.context.facts, row),
        };
        let draft = Draft {
            own: true,
            ..Draft::of(bare(Outcome::Denied, Few::one(reason)))
        };
        self.push(row, draft.into());
    }

    /// Takes the units of a row off a limited right, as far as it goes.
    fn apply_limited_right(&mut self, row: RowIndex, drafted: Drafted<'a>, code: &'a str) {
        let world = self.world(row);
        let left = match lookup::read(&world, Fact::OptionLeft, Some(code)) {
            Value::Number(left) => i32::try_from(left).unwrap_or(i32::MAX),
            _ => row.quantity,
        };
        if left <= 0 || left >= row.quantity {
            self.push(row, drafted);
            self.used.push((code, row.quantity));
            return;
        }
        let covered = RowIndex {
            quantity: left,
            ..row
        };
        let world = self.world(covered);
        let mut judged = Judged::empty(world.results(self.route));
        world.judge(self.route, self.wants, &mut judged);
        let drafted = decide_row(&world, self.route, self.wants, &judged);
        self.push(covered, drafted);
        self.used.push((code, left));
        self.decide(RowIndex {
            quantity: row.quantity.saturating_sub(left),
            offset: row.offset.saturating_add(left),
            ..row
        });
    }

    fn push(&mut self, index: RowIndex, drafted: Drafted<'a>) {
        self.decided.rows.push(DecidedRow {
            index,
            draft: self.decided.drafts.len(),
            money: drafted.money,
        });
        self.decided.drafts.push(drafted.draft);
    }

    /// Returns what was decided for a row that this one is alike, and its own money.
    fn alike(&self, world: &World<'a, '_>, results: TestResults) -> Option<(usize, RowMoney<'a>)> {
        let shipment = world.row.shipment?;
        let kind = RowKind {
            results,
            shipment,
            return_parcel: world.row.return_parcel,
        };
        let (_, at) = self.kinds.iter().find(|(known, _)| *known == kind)?;
        let money = match &self.decided.drafts.get(*at)?.terms {
            Some(terms) => row_money(world, terms)?,
            None => RowMoney::default(),
        };
        Some((*at, money))
    }

    /// Remembers what was decided for rows that are alike this one.
    fn cache_kind(&mut self, row: RowIndex, results: TestResults, drafted: &Drafted<'a>) {
        if self.kinds.len() < MAX_KINDS
            && !drafted.draft.own
            && let Some(shipment) = row.shipment
        {
            let kind = RowKind {
                results,
                shipment,
                return_parcel: row.return_parcel,
            };
            self.kinds.push((kind, self.decided.drafts.len()));
        }
    }
}
