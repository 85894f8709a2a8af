//! What all completions of a row have in common, where nothing is missing.

use super::diagram::{Diagram, Leaf};
use crate::domain::time::Instant;
use crate::domain::verdict::{
    Answer, Bound, Cite, Due, Entitlement, Missing, Obligation, Outcome, PossibleDates, Reason,
    ReasonCode, Window, WindowStatus,
};
use crate::engine::entitle::draft::{Drafted, draft};
use crate::engine::entitle::shape::put_conditions_in_order;
use crate::engine::judge::Judged;
use crate::engine::read::world::{Key, World};
use crate::policy::plan::RemedyBits;

/// Keeps of the answers what every completion agrees on. Whichever parcel is listed first,
/// the same completion speaks for all.
pub(super) fn agree<'a>(diagram: &Diagram<'a, '_>, remedies: RemedyBits) -> Drafted<'a> {
    let speaks = diagram
        .leaves
        .iter()
        .min_by_key(|leaf| rests_on(&leaf.drafted));
    match speaks {
        Some(leaf) => Agreeing { diagram }.agree(leaf.drafted.clone(), remedies),
        None => super::needs(Missing::default(), remedies).into(),
    }
}

/// Returns the answer of every completion, with its dates by what is known.
pub(super) fn every_answer<'a>(diagram: &Diagram<'a, '_>) -> Vec<Drafted<'a>> {
    let mut answers = Agreeing { diagram }.shown();
    for drafted in &mut answers {
        put_conditions_in_order(&mut drafted.draft.decision);
    }
    answers
}

struct Agreeing<'d, 'a, 'w> {
    diagram: &'d Diagram<'a, 'w>,
}

impl<'a> Agreeing<'_, 'a, '_> {
    fn leaves(&self) -> impl Iterator<Item = &Drafted<'a>> + Clone {
        self.diagram.leaves.iter().map(|leaf| &leaf.drafted)
    }

    /// Keeps of an answer what every completion agrees on.
    fn agree(&self, mut agreed: Drafted<'a>, remedies: RemedyBits) -> Drafted<'a> {
        let draft = &mut agreed.draft;
        draft.remedies = remedies;
        // Other rows of the same results may be completed in other ways.
        draft.own = true;
        let decision = &mut draft.decision;
        if self.dates_differ() || self.assumes_times() {
            let shown = self.shown();
            if decision.outcome == Outcome::Denied {
                decision.window = widest(&shown);
            }
            if let Some(entitlement) = &mut decision.entitlement {
                entitlement.window = narrowest(&shown);
                let possible = PossibleDates {
                    window: widest_possible(&shown).filter(|w| Some(*w) != entitlement.window),
                    due: range_of_dues(&shown),
                };
                let is_any = possible != PossibleDates::default();
                entitlement.possible = is_any.then(|| Box::new(possible));
                for task in &mut entitlement.obligations {
                    task.due = latest(dues_of(&shown, task));
                }
            }
            if let Some(terms) = &mut draft.terms {
                terms.due = latest_due(&shown);
            }
        }
        let decision = &mut draft.decision;
        if let Some(entitlement) = &mut decision.entitlement {
            self.agree_on_terms(entitlement);
        }
        put_conditions_in_order(decision);
        let everywhere = |reason: &Reason<'a>| {
            self.leaves().all(|d| {
                let reasons = &d.draft.decision.reasons;
                reasons
                    .iter()
                    .any(|r| r.code == reason.code && r.clause == reason.clause)
            })
        };
        let first = decision.reasons.first().map(|reason| reason.code);
        decision.reasons.retain(everywhere);
        if decision.reasons.is_empty() {
            let by_code = |code: &str| {
                let says =
                    |d: &Drafted<'a>| d.draft.decision.reasons.iter().any(|r| r.code == code);
                self.leaves().all(says)
            };
            let common =
                first.filter(|code| ReasonCode::from_word(code).is_some() && by_code(code));
            let (code, clause) = match (decision.outcome, self.closed_window()) {
                (Outcome::Denied, Some((reason, window))) => {
                    decision.window = Some(window);
                    (reason.code, reason.clause)
                }
                (Outcome::Denied, None) => {
                    (common.unwrap_or(ReasonCode::DeniedEitherWay.word()), None)
                }
                (Outcome::NeedsReview, _) => {
                    (common.unwrap_or(ReasonCode::ReviewEitherWay.word()), None)
                }
                _ => (ReasonCode::Granted.word(), None),
            };
            decision.reasons.push(Reason {
                code,
                clause,
                facts: Vec::new(),
            });
            decision.window = decision.window.filter(|window| {
                let other = |d: &Drafted<'a>| d.draft.decision.window.is_some_and(|w| w != *window);
                !self.leaves().any(other)
            });
        }
        draft
            .notices
            .retain(|n| self.leaves().all(|d| d.draft.notices.contains(n)));
        agreed
    }

    /// Keeps of obligations and the return shipment what every completion says.
    fn agree_on_terms(&self, entitlement: &mut Entitlement<'a>) {
        let granted = || {
            self.leaves()
                .filter_map(|d| d.draft.decision.entitlement.as_ref())
        };
        entitlement.obligations.retain(|task| {
            let same = |o: &Obligation<'a>| (o.code, o.party) == (task.code, task.party);
            granted().all(|e| e.obligations.iter().any(same))
        });
        entitlement
            .shaped_by
            .retain(|cite| granted().all(|e| e.shaped_by.contains(cite)));
        if granted().any(|e| e.return_payer != entitlement.return_payer) {
            entitlement.return_payer = None;
        }
        if granted().any(|e| e.return_risk != entitlement.return_risk) {
            entitlement.return_risk = None;
        }
        if granted().any(|e| e.return_address != entitlement.return_address) {
            entitlement.return_address = None;
        }
    }

    /// Whether completions show different windows or due dates.
    fn dates_differ(&self) -> bool {
        let mut dates = self.leaves().map(|leaf| {
            let (decision, terms) = (&leaf.draft.decision, &leaf.draft.terms);
            let entitlement = decision.entitlement.as_ref();
            let tasks = entitlement.map_or(&[][..], |e| &e.obligations);
            let due = terms.as_ref().and_then(|terms| terms.due.as_ref());
            let window = entitlement.map_or(decision.window, |e| e.window);
            (
                window,
                due,
                tasks.iter().map(|o| &o.due).collect::<Vec<_>>(),
            )
        });
        let first = dates.next();
        dates.any(|other| Some(other) != first)
    }

    /// Whether completions assume when events happened that happened at a time that nobody
    /// knows: then no date is certain that counts from one, even where all come to the same.
    fn assumes_times(&self) -> bool {
        let world = &self.diagram.world;
        let mut assumed = self.diagram.assumed.iter().flatten();
        world.facts.has_untimed()
            && assumed.any(|(key, _)| matches!(key, Key::Event(..)) && world.is_out_of_reach(*key))
    }

    /// Drafts each completion again, with its dates by what is known: told as counted
    /// from an event where its time is assumed.
    fn shown(&self) -> Vec<Drafted<'a>> {
        let Diagram {
            route,
            wants,
            leaves,
            ..
        } = self.diagram;
        let drafts = leaves.iter().map(|leaf: &Leaf<'a>| {
            let assumed = self.diagram.assumed.get(leaf.assumed);
            let world = World {
                assumed: assumed.map_or(&[], Vec::as_slice),
                ..self.diagram.world
            };
            let mut judged = Judged::empty(leaf.results);
            world.judge(route, *wants, &mut judged);
            world.shown(|world| draft(world, route, &judged)).ok()
        });
        drafts.flatten().collect()
    }

    /// Returns the closed window on which denials rest, if it is the same wherever one
    /// does: the others are refused besides, and late all the same.
    fn closed_window(&self) -> Option<(Reason<'a>, Window)> {
        let resting = |d: &Drafted<'a>| {
            let decision = &d.draft.decision;
            let first = decision.reasons.first()?;
            let code = ReasonCode::from_word(first.code);
            let is_outside = matches!(code, Some(ReasonCode::WindowClosed | ReasonCode::TooEarly));
            is_outside.then(|| Some((first.clone(), decision.window?)))?
        };
        let mut found: Option<(Reason<'a>, Window)> = None;
        for draft in self.leaves() {
            match (resting(draft), &found) {
                (Some(rests), None) => found = Some(rests),
                (Some((_, window)), Some((_, first))) if window != *first => return None,
                _ => {}
            }
        }
        found
    }
}

/// Returns the window of denials that are alike but for their dates: the widest, so that
/// which parcel the units are in, and which is listed first, changes nothing.
fn widest(drafts: &[Drafted<'_>]) -> Option<Window> {
    let windows = || drafts.iter().filter_map(|d| d.draft.decision.window);
    let widest = match windows().next()?.status {
        Some(WindowStatus::NotOpenYet) => windows().min_by_key(|w| w.opens.sort_key()),
        _ => windows().max_by_key(|w| w.closes.sort_key()),
    };
    let widest = widest.filter(|_| windows().count() == drafts.len());
    let zone = windows().next()?.zone;
    let same_zone = windows().all(|window| window.zone == zone);
    widest.map(|window| Window {
        zone: zone.filter(|_| same_zone),
        ..window
    })
}

/// Returns the widest window that is certain: what lies inside of that of every
/// completion.
fn narrowest(drafts: &[Drafted<'_>]) -> Option<Window> {
    let windows = || {
        let decisions = drafts.iter().map(|d| &d.draft.decision);
        decisions.filter_map(|d| d.entitlement.as_ref()?.window)
    };
    let opens = windows().map(|w| w.opens);
    let closes = windows().map(|w| w.closes);
    let first = windows().next()?;
    let same_zone = windows().all(|window| window.zone == first.zone);
    Some(Window {
        opens: opens.max_by_key(|b| b.sort_key())?,
        closes: closes.min_by_key(|b| b.sort_key())?,
        zone: first.zone.filter(|_| same_zone),
        review_until: windows().filter_map(|w| w.review_until).min(),
        ..first
    })
}

/// Returns the widest window that completions allow.
fn widest_possible(drafts: &[Drafted<'_>]) -> Option<Window> {
    let windows = || {
        let decisions = drafts.iter().map(|d| &d.draft.decision);
        decisions.filter_map(|d| d.entitlement.as_ref()?.window)
    };
    let first = windows().next()?;
    let same_zone = windows().all(|window| window.zone == first.zone);
    let at = |bound: Bound, end: fn((Instant, Instant)) -> Instant| match bound.range() {
        Some(range) => Bound::At(end(range)),
        None => bound,
    };
    let opens = windows().map(|w| at(w.opens, |(earliest, _)| earliest));
    let closes = windows().map(|w| at(w.closes, |(_, latest)| latest));
    // Where one completion knows no window, nothing bounds it.
    (windows().count() == drafts.len()).then_some(Window {
        opens: opens.min_by_key(|b| b.sort_key())?,
        closes: closes.max_by_key(|b| b.sort_key())?,
        zone: first.zone.filter(|_| same_zone),
        review_until: windows().filter_map(|w| w.review_until).max(),
        ..first
    })
}

/// Returns the earliest and the latest date by which money is owed, where all are known
/// and they differ.
fn range_of_dues(drafts: &[Drafted<'_>]) -> Option<(Instant, Instant)> {
    let terms = drafts.iter().map(|d| d.draft.terms.as_ref());
    let dues = terms.map(|terms| match terms?.due.as_ref()? {
        Due::By(bound) => bound.range(),
        Due::Waits(_) => None,
    });
    let dues: Option<Vec<(Instant, Instant)>> = dues.collect();
    let dues = dues?;
    let earliest = dues.iter().map(|(earliest, _)| *earliest).min()?;
    let latest = dues.iter().map(|(_, latest)| *latest).max()?;
    let range = (earliest, latest);
    (range.0 != range.1).then_some(range)
}

/// Returns the latest of the dates by which money is owed.
fn latest_due(drafts: &[Drafted<'_>]) -> Option<Due> {
    let terms = drafts.iter().filter_map(|d| d.draft.terms.as_ref());
    latest(terms.filter_map(|t| t.due.as_ref()).collect())
}

/// Returns the dates by which an obligation falls due.
fn dues_of<'d>(drafts: &'d [Drafted<'_>], task: &Obligation<'_>) -> Vec<&'d Due> {
    let granted = drafts
        .iter()
        .filter_map(|d| d.draft.decision.entitlement.as_ref());
    let tasks = granted.flat_map(|e| &e.obligations);
    let same = |other: &&Obligation<'_>| (other.code, other.party) == (task.code, task.party);
    tasks
        .filter(same)
        .filter_map(|other| other.due.as_ref())
        .collect()
}

/// Returns the latest of some dates, whichever comes first.
fn latest(mut dues: Vec<&Due>) -> Option<Due> {
    dues.sort_by_cached_key(|due| format!("{due:?}"));
    dues.dedup();
    dues.into_iter().cloned().reduce(Due::later)
}

/// Returns what a decision rests on: the clauses and codes of what is granted, of what a
/// person can choose and of the reasons, with amounts, the codes of conditions, and the
/// clauses that shape it.
fn rests_on<'a>(drafted: &Drafted<'a>) -> impl Ord + use<'a> {
    let decision = &drafted.draft.decision;
    let clause = |cite: Option<Cite<'a>>| cite.map(|cite| cite.id.clone());
    let granted = |entitlement: &Entitlement<'a>| {
        let conditions = entitlement
            .conditions
            .iter()
            .map(|c| (c.code, c.clause.id.clone()));
        let mut conditions: Vec<_> = conditions.collect();
        conditions.sort();
        let window = entitlement.window;
        let window = window.map(|w| (w.opens.sort_key(), w.closes.sort_key()));
        let mut shaped_by: Vec<_> = entitlement.shaped_by.iter().map(|c| c.id.clone()).collect();
        shaped_by.sort();
        (entitlement.clause.id.clone(), conditions, window, shaped_by)
    };
    let candidates = decision
        .candidates
        .iter()
        .map(|candidate| match &candidate.answer {
            Answer::Entitlement {
                entitlement,
                amount,
            } => (Some(granted(entitlement)), *amount, None),
            Answer::Refusal(reason) => (None, None, Some((reason.code, clause(reason.clause)))),
        });
    let reasons = decision.reasons.iter().map(|r| (r.code, clause(r.clause)));
    (
        decision.entitlement.as_ref().map(granted),
        candidates.collect::<Vec<_>>(),
        reasons.collect::<Vec<_>>(),
    )
}
