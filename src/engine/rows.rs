//! Decides the rows of a request together: limited rights, then money.
//!
//! Rows that are alike are decided once: the same results of every test, for units of
//! the same parcel, give the same decision, and only the money is each row's own. A
//! decision that read anything else of its row ([`Scratch::has_read_own`]) is not shared.
//!
//! [`Scratch::has_read_own`]: super::case::Scratch::has_read_own

use std::cell::OnceCell;

use super::case::{Asked, Case};
use super::complete::{decide_row, needs, review};
use super::draft::{Draft, Drafted, bare, own_reason};
use super::guard::Results;
use super::judge::Judged;
use super::missing::{available, together};
use super::money::{RowMoney, row_money};
use super::options::status;
use super::read::asks_whole_order;
use super::rounds::Rounds;
use super::settle::{Unsettled, price_of, prospective, settle};
use super::settled::{open_with, settled_with};
use super::waiting::Question;
use super::world::World;
use crate::domain::facts::Value;
use crate::domain::facts::{Facts, Remedy, RowIndex, UnitGroup};
use crate::domain::few::Few;
use crate::domain::id::CallerId;
use crate::domain::verdict::{Missing, MissingFact, OptionStatus, Outcome, ReasonCode, Settlement};
use crate::domain::vocabulary::Fact;
use crate::policy::plan::RoutePlan;

/// Kinds of rows that are remembered; the rows of further kinds are decided one by one.
const MAX_KINDS: usize = 16;

/// Holds decided rows and their money.
pub(super) struct Decided<'a> {
    /// The rows; a unit group is split where a limited right covers a part of it.
    pub rows: Few<DecidedRow<'a>>,
    /// What was decided, each for one row or for several that are alike.
    pub drafts: Few<Draft<'a>>,
    /// The rows whose units counted as not kept by the customer; empty where nothing looks at
    /// that.
    pub back: Vec<RowIndex>,
    /// Their money.
    pub settlement: Option<Settlement<'a>>,
}

/// Holds a decided row.
pub(super) struct DecidedRow<'a> {
    /// Where it stands.
    pub index: RowIndex,
    /// What was decided, by its place in [`Decided::drafts`].
    pub draft: usize,
    /// Its money.
    pub money: RowMoney<'a>,
}

impl<'a> Decided<'a> {
    /// Returns the rows, each with what was decided.
    pub(super) fn each(&self) -> impl Iterator<Item = (&DecidedRow<'a>, &Draft<'a>)> + Clone {
        each(&self.rows, &self.drafts)
    }

    /// Returns nothing decided yet.
    #[inline]
    pub(super) const fn new() -> Self {
        Self {
            rows: Few::new(),
            drafts: Few::new(),
            back: Vec::new(),
            settlement: None,
        }
    }

    /// Settles the money of what was decided.
    fn settle(&mut self, case: Case<'a, '_>, ask: Asked<'a>) {
        self.number_units(case, ask);
        let settled = settle(case, ask, (&self.rows, &self.drafts), &mut self.settlement);
        if let Err(unsettled) = settled {
            self.wait_for(case.facts, unsettled);
        }
        self.ask_for_order_level(case, ask);
    }

    /// Settles rows that are decided, and returns their money; `None`: a fact is missing.
    pub(super) fn settled(mut self, case: Case<'a, '_>, ask: Asked<'a>) -> Option<Settlement<'a>> {
        self.number_units(case, ask);
        let rows = (&*self.rows, &*self.drafts);
        settle(case, ask, rows, &mut self.settlement).ok()?;
        self.settlement
    }

    /// Values the approved rows of a line that pay as units that follow each other, so that
    /// their parts add up. They follow in an order of their own: how the request lists them
    /// changes nothing.
    fn number_units(&mut self, case: Case<'a, '_>, ask: Asked<'a>) {
        if self.rows.len() < 2 {
            return;
        }
        let (drafts, back) = (&self.drafts, &self.back);
        let same_line = |a: &DecidedRow<'a>, b: &DecidedRow<'a>| a.index.line == b.index.line;
        for rows in self
            .rows
            .chunk_by_mut(same_line)
            .filter(|rows| rows.len() > 1)
        {
            let mut rows: Vec<_> = rows.iter_mut().collect();
            let facts = case.facts;
            rows.sort_by(|a, b| canonical(facts, &a.index).cmp(&canonical(facts, &b.index)));
            let mut before = 0_i32;
            for row in rows {
                let draft = drafts.get(row.draft);
                let approved = draft.filter(|d| d.decision.outcome == Outcome::Approved);
                let terms = approved.and_then(|draft| draft.terms.as_ref());
                // What gets a remedy without money does not move the cents of the others.
                let Some(terms) = terms.filter(|terms| terms.values_units()) else {
                    continue;
                };
                if before > 0 {
                    row.index.earlier = row.index.earlier.saturating_add(before);
                    let world = World {
                        rows: back,
                        back,
                        ..World::new(case, ask, row.index)
                    };
                    if let Some(money) = row_money(&world, terms) {
                        row.money = money;
                    }
                }
                before = before.saturating_add(row.index.quantity);
            }
        }
    }

    /// Puts rows in the order of the request, and drafts in the order in which rows need
    /// them.
    fn put_in_request_order(&mut self) {
        self.rows
            .sort_by_key(|row| (row.index.request_line, row.index.group, row.index.offset));
        self.put_drafts_in_order();
    }

    /// Puts drafts in the order in which rows need them, without those that none needs.
    pub(super) fn put_drafts_in_order(&mut self) {
        let drafts = std::mem::take(&mut self.drafts);
        let mut drafts: Vec<_> = drafts.into_iter().map(Some).collect();
        let mut moved_to = vec![0; drafts.len()];
        for row in &mut self.rows {
            let places = (drafts.get_mut(row.draft), moved_to.get_mut(row.draft));
            if let (Some(draft), Some(to)) = places {
                if let Some(draft) = draft.take() {
                    *to = self.drafts.len();
                    self.drafts.push(draft);
                }
                row.draft = *to;
            }
        }
    }

    /// Asks with the facts of rows for those of the order that their answers can need, so
    /// that nothing is asked for later.
    fn ask_for_order_level(&mut self, case: Case<'a, '_>, ask: Asked<'a>) {
        let waits = |draft: &Draft<'a>| !draft.prospects.is_empty();
        if !self.drafts.iter().any(waits) {
            return;
        }
        // Nobody waits for what nobody can tell: what is approved is reviewed then.
        let of_order = Missing::of(prospective(case.facts, ask, self.each()));
        let (Missing { facts: missing, .. }, _) = available(case.facts, of_order);
        // What waits is a draft of its own for each row.
        for row in &self.rows {
            let draft = self.drafts.get_mut(row.draft);
            let Some(draft) = draft.filter(|draft| waits(draft)) else {
                continue;
            };
            let (mut more, _) = available(case.facts, price_of(case.facts, row, draft));
            if draft.prospects.iter().any(|p| p.pays || p.credit) && !missing.is_empty() {
                let known = draft.decision.missing.facts.iter_mut();
                let guides = known.filter_map(|fact| fact.guide.as_mut());
                guides.for_each(|guide| guide.ask_for_order_level());
                more.facts.extend_from_slice(&missing);
            }
            if !more.is_empty() {
                draft.decision.missing.append(more);
                MissingFact::each_once(&mut draft.decision.missing.facts);
            }
        }
    }

    /// Lets what was approved wait for facts of the order that can be asked for; where
    /// there is none, for a person who decides without those that nobody can tell.
    fn wait_for(&mut self, facts: &Facts<'a>, unsettled: Unsettled) {
        let (of_order, mut unavailable) = available(facts, Missing::of(unsettled.of_order));
        let (prices, unknown) = available(facts, unsettled.prices);
        unavailable.extend(unknown);
        let all = together(facts, std::iter::once(&prices), false);
        let nothing = of_order.is_empty() && prices.is_empty();
        let is_approved = |draft: &Draft<'a>| draft.decision.outcome == Outcome::Approved;
        for row in &mut self.rows {
            let Some(draft) = self.drafts.get(row.draft).filter(|d| is_approved(d)) else {
                continue;
            };
            row.money = RowMoney::default();
            if !prices.is_empty() {
                // What its own units cost is a row's own.
                let (mut own, _) = available(facts, price_of(facts, row, draft));
                let mut all = all.iter();
                own.other_prices |= all.any(|price| !own.facts.contains(price));
                own.append(of_order.clone());
                let waiting = needs(own, draft.remedies);
                row.draft = self.drafts.len();
                self.drafts.push(waiting);
            }
        }
        for draft in self.drafts.iter_mut().filter(|draft| is_approved(draft)) {
            let remedies = draft.remedies;
            *draft = match nothing {
                true => Draft {
                    remedies,
                    ..review(facts, &[draft.clone().into()], unavailable.clone())
                },
                false => needs(of_order.clone(), remedies),
            };
        }
        if !prices.is_empty() {
            self.put_drafts_in_order();
        }
    }

    /// Returns the outcome of all rows if they agree, otherwise mixed.
    pub(super) fn outcome(&self) -> Outcome {
        let mut outcomes = self.drafts.iter().map(|d| d.decision.outcome);
        let first = outcomes.next().unwrap_or(Outcome::NeedsReview);
        if outcomes.all(|o| o == first) {
            first
        } else {
            Outcome::Mixed
        }
    }
}

/// Returns rows, each with what was decided.
pub(super) fn each<'d, 'a>(
    rows: &'d [DecidedRow<'a>],
    drafts: &'d [Draft<'a>],
) -> impl Iterator<Item = (&'d DecidedRow<'a>, &'d Draft<'a>)> + Clone {
    rows.iter()
        .filter_map(|row| drafts.get(row.draft).map(|draft| (row, draft)))
}

/// What rows have in common that are alike.
#[derive(PartialEq)]
struct Kind {
    results: Results,
    shipment: usize,
    return_parcel: Option<u8>,
}

/// Decides rows one after the other.
struct Deciding<'a, 'w> {
    case: Case<'a, 'w>,
    ask: Asked<'a>,
    route: &'a RoutePlan,
    rows: &'w [RowIndex],
    back: &'w [RowIndex],
    wants: Option<Remedy>,
    used: Vec<(&'a str, i32)>,
    kinds: Vec<(Kind, usize)>,
    /// Whether the rows are the whole order, once that is worked out.
    whole_order: OnceCell<bool>,
    /// Whether rows that are closed are only counted.
    only_open: bool,
    closed: usize,
    decided: &'w mut Decided<'a>,
}

/// Decides rows on a route under a wish. `decided` is empty; it is large, and filled
/// where it stays.
pub(super) fn decide_rows<'a>(
    (case, ask): (Case<'a, '_>, Asked<'a>),
    route: &'a RoutePlan,
    (rows, wants): (&[RowIndex], Option<Remedy>),
    decided: &mut Decided<'a>,
) {
    if rows.len() > 1 && route.looks_at_kept_units {
        Rounds::new((case, ask), route, (rows, wants)).decide(decided);
    } else {
        decide_once((case, ask), route, (rows, wants), rows, decided);
    }
    decided.settle(case, ask);
}

/// Decides rows one after the other where those of `back` do not stay with the customer.
/// `decided` is empty. Nothing is settled.
pub(super) fn decide_once<'a>(
    (case, ask): (Case<'a, '_>, Asked<'a>),
    route: &'a RoutePlan,
    (rows, wants): (&[RowIndex], Option<Remedy>),
    back: &[RowIndex],
    decided: &mut Decided<'a>,
) {
    let mut deciding = Deciding::new((case, ask), route, (rows, wants), decided);
    deciding.back = back;
    if rows.len() > 1 && route.is_limited {
        // How the request lists units does not say which of them a limited right covers.
        let mut rows = rows.to_vec();
        rows.sort_by(|a, b| canonical(case.facts, a).cmp(&canonical(case.facts, b)));
        for row in rows {
            deciding.row(row);
        }
        decided.put_in_request_order();
    } else {
        for row in rows {
            deciding.row(*row);
        }
    }
}

/// Returns what units are sorted by where they stand in line: the id of their line, then
/// all that the request says of them.
fn canonical<'d, 't>(
    facts: &'d Facts<'t>,
    row: &RowIndex,
) -> (Option<CallerId<'t>>, Option<&'d UnitGroup<'t>>, i32) {
    let line = facts.order().lines.get(row.line).map(|line| line.id);
    let asked = facts.request().lines.get(row.request_line);
    let group = asked.and_then(|asked| asked.groups.get(row.group));
    (line, group, row.offset)
}

/// Decides rows on a route without a wish, as [`decide_rows`] does, unless all are
/// closed: refused, or late. Nobody is told of these, so that no answer is drafted.
/// Returns whether the route is open.
pub(super) fn decide_open<'a>(
    (case, ask): (Case<'a, '_>, Asked<'a>),
    route: &'a RoutePlan,
    rows: &[RowIndex],
    decided: &mut Decided<'a>,
) -> bool {
    let refused = |row: &RowIndex| World::new(case, ask, *row).is_refused(route);
    if route.closing != 0 && rows.iter().all(refused) {
        return false;
    }
    if rows.len() > 1 && route.looks_at_kept_units {
        decide_rows((case, ask), route, (rows, None), decided);
        return !decided
            .drafts
            .iter()
            .all(|draft| status(draft) == OptionStatus::Closed);
    }
    let mut deciding = Deciding::new((case, ask), route, (rows, None), decided);
    deciding.only_open = true;
    for row in rows {
        deciding.row(*row);
    }
    match deciding.closed {
        0 => decided.settle(case, ask),
        all if all == rows.len() => return false,
        // Rows that do not agree are told of one by one.
        _ => {
            *decided = Decided::new();
            decide_rows((case, ask), route, (rows, None), decided);
        }
    }
    true
}

impl<'a, 'w> Deciding<'a, 'w> {
    fn new(
        (case, ask): (Case<'a, 'w>, Asked<'a>),
        route: &'a RoutePlan,
        (rows, wants): (&'w [RowIndex], Option<Remedy>),
        decided: &'w mut Decided<'a>,
    ) -> Self {
        if rows.len() > 1 {
            decided.rows = Few::with_capacity(rows.len());
        }
        Self {
            case,
            ask,
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
            ..World::new(self.case, self.ask, row)
        }
    }

    /// Decides a row; where a limited right covers only a part of its units, the
    /// others are a row of their own.
    fn row(&mut self, row: RowIndex) {
        if row.settled || row.open {
            self.settled(row);
            return;
        }
        let world = self.world(row);
        let limited = self.route.is_limited.then(|| world.results(self.route));
        if let Some(draft) = self.waiting(&world, limited) {
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
        let mut judged = Judged::of(results);
        world.judge(self.route, self.wants, &mut judged);
        if self.only_open && judged.is_closed() {
            self.closed = self.closed.saturating_add(1);
            return;
        }
        let drafted = decide_row(&world, self.route, self.wants, &judged);
        match drafted.draft.consumes {
            None => {
                let waits = drafted.draft.decision.outcome == Outcome::NeedsInformation;
                if waits && self.remembers() {
                    let mut waiting = world.scratch.waiting.borrow_mut();
                    waiting.remember(self.question(limited), row, &drafted.draft);
                }
                if self.rows.len() > 1 && !world.scratch.has_read_own() {
                    self.remember(row, results, &drafted);
                }
                self.push(row, drafted);
            }
            Some(code) => self.limited(row, drafted, code),
        }
    }

    /// Returns the draft of a row that waits for what another one waits for of which the
    /// same is known.
    fn waiting(&self, world: &World<'a, '_>, limited: Option<Results>) -> Option<Draft<'a>> {
        let waiting = world.scratch.waiting.borrow();
        if !self.remembers() || waiting.is_empty() {
            return None;
        }
        // It takes as much of the budget as a row that is decided.
        world.scratch.work.spend(1);
        waiting.like(&self.question(limited), world)
    }

    /// Whether rows of which the same is known wait for the same facts. Where something is
    /// out of reach, one may miss what nobody can tell, and the other what is asked.
    fn remembers(&self) -> bool {
        let facts = self.case.facts;
        // What becomes of other rows is not in the question.
        facts.rows().len() > 1 && !facts.has_unavailable() && !self.route.looks_at_kept_units
    }

    fn question(&self, results: Option<Results>) -> Question {
        Question {
            route: self.route.route,
            ask: std::ptr::from_ref(self.ask.ask).addr(),
            hypothetical: self.ask.hypothetical,
            wants: self.wants,
            rows: self.rows.len(),
            whole_order: *self
                .whole_order
                .get_or_init(|| asks_whole_order(self.case.facts, self.rows)),
            results,
        }
    }

    /// Denies units that earlier remedies used up, or that open requests are about.
    fn settled(&mut self, row: RowIndex) {
        if self.only_open {
            self.closed = self.closed.saturating_add(1);
            return;
        }
        let mut reason = match row.settled {
            true => own_reason(ReasonCode::AlreadySettled, None),
            false => own_reason(ReasonCode::RequestOpen, None),
        };
        reason.facts = match row.settled {
            true => settled_with(self.case.facts, row),
            false => open_with(self.case.facts, row),
        };
        let draft = Draft {
            own: true,
            ..Draft::of(bare(Outcome::Denied, Few::one(reason)))
        };
        self.push(row, draft.into());
    }

    /// Takes the units of a row off a limited right, as far as it goes.
    fn limited(&mut self, row: RowIndex, drafted: Drafted<'a>, code: &'a str) {
        let world = self.world(row);
        let left = match super::read::read(&world, Fact::OptionLeft, Some(code)) {
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
        let results = world.results(self.route);
        let mut judged = Judged::of(results);
        world.judge(self.route, self.wants, &mut judged);
        let drafted = decide_row(&world, self.route, self.wants, &judged);
        self.push(covered, drafted);
        self.used.push((code, left));
        self.row(RowIndex {
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
    fn alike(&self, world: &World<'a, '_>, results: Results) -> Option<(usize, RowMoney<'a>)> {
        let shipment = world.row.shipment?;
        let kind = Kind {
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
    fn remember(&mut self, row: RowIndex, results: Results, drafted: &Drafted<'a>) {
        if self.kinds.len() < MAX_KINDS
            && !drafted.draft.own
            && let Some(shipment) = row.shipment
        {
            let kind = Kind {
                results,
                shipment,
                return_parcel: row.return_parcel,
            };
            self.kinds.push((kind, self.decided.drafts.len()));
        }
    }
}
