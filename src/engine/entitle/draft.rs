//! Drafts a row: the judgement turned into what the customer gets, or not.

use std::borrow::Cow;

use super::shape::same_conditions;
use crate::domain::facts::Remedy;
use crate::domain::few::Few;
use crate::domain::verdict;
use crate::domain::verdict::{
    Candidate, Cite, Decision, Missing, Notice, OptionStatus, Outcome, Reason, ReasonCode, Window,
    WindowStatus,
};
use crate::engine::judge::activity::{Active, Activity};
use crate::engine::judge::{Judged, Ruling, window_of};
use crate::engine::money::{MoneyTerms, RowMoney};
use crate::engine::read::guard::{Holds, bit, tests_of};
use crate::engine::read::waiting::Prospect;
use crate::engine::read::world::{Key, World};
use crate::policy::plan::{PlanClause, RemedyBits, RoutePlan, indexes};
use crate::policy::terms::{Addition, Effect, Grant, Part, Recommendation, Test, Where};

/// Holds what is decided of units, and what settling them takes. Rows that are alike
/// share it.
#[derive(Clone, Debug)]
pub(crate) struct Draft<'a> {
    /// What is decided.
    pub decision: Box<Decision<'a>>,
    /// The terms of its money; `None`: there is none.
    pub terms: Option<Box<MoneyTerms<'a>>>,
    /// Warnings.
    pub notices: Vec<Notice<'a>>,
    /// Remedies whose grants are active, whatever their windows say: a bit for each index
    /// in [`RoutePlan::remedies`].
    pub remedies: RemedyBits,
    /// The option of which each unit uses up one.
    pub consumes: Option<&'a str>,
    /// What its answers can come to for the order, where facts are missing.
    pub prospects: Vec<Prospect>,
    /// Whether it holds what is the row's own: the facts that it misses, or what
    /// candidates would pay.
    pub own: bool,
}

/// Holds a row that was decided by itself.
#[derive(Clone, Debug)]
pub(crate) struct Drafted<'a> {
    /// What is decided.
    pub draft: Draft<'a>,
    /// Its money.
    pub money: RowMoney<'a>,
}

impl<'a> From<Draft<'a>> for Drafted<'a> {
    fn from(draft: Draft<'a>) -> Self {
        Self {
            draft,
            money: RowMoney::default(),
        }
    }
}

impl<'a> Draft<'a> {
    /// Returns a draft of a decision and nothing else.
    pub(crate) const fn of(decision: Box<Decision<'a>>) -> Self {
        Self {
            decision,
            terms: None,
            notices: Vec::new(),
            remedies: 0,
            consumes: None,
            prospects: Vec::new(),
            own: false,
        }
    }

    /// Whether it is not decided yet, and nobody knows whether it will be granted.
    pub(crate) fn is_undecided(&self) -> bool {
        matches!(
            self.decision.outcome,
            Outcome::NeedsReview | Outcome::NeedsInformation
        )
    }

    /// Returns what its answers can come to for the order.
    pub(crate) fn prospects(&self) -> Cow<'_, [Prospect]> {
        match self.decision.outcome {
            Outcome::NeedsInformation => Cow::Borrowed(&self.prospects),
            Outcome::Approved => Cow::Owned(vec![Prospect::of(self.terms.as_deref())]),
            Outcome::Denied | Outcome::NeedsReview | Outcome::Mixed => {
                Cow::Borrowed(&[Prospect::NONE])
            }
        }
    }
}

/// Returns a decision with an outcome and its reasons, and nothing else.
pub(crate) fn bare<'a>(outcome: Outcome, reasons: Few<Reason<'a>>) -> Box<Decision<'a>> {
    Box::new(Decision {
        outcome,
        reasons,
        entitlement: None,
        candidates: Vec::new(),
        missing: Missing::default(),
        window: None,
        regardless_of: Vec::new(),
    })
}

/// Returns a reason of the engine's own, with the clause that it is about.
pub(crate) const fn own_reason<'a>(code: ReasonCode, clause: Option<Cite<'a>>) -> Reason<'a> {
    Reason {
        code: code.word(),
        clause,
        facts: Vec::new(),
    }
}

impl PartialEq for Drafted<'_> {
    fn eq(&self, other: &Self) -> bool {
        same_answer(&self.draft, &self.money, &other.draft, &other.money)
    }
}

/// Whether two rows get the same answer: the outcome and, when approved, the remedy, the
/// money and the conditions. `pays` is the money of `one`, and `other_pays` that of `other`.
/// What is approved is in time, whenever that is.
pub(crate) fn same_answer(
    one: &Draft<'_>,
    pays: &RowMoney<'_>,
    other: &Draft<'_>,
    other_pays: &RowMoney<'_>,
) -> bool {
    let (terms, other_terms) = (&one.terms, &other.terms);
    let (one, two) = (&one.decision, &other.decision);
    if one.outcome != two.outcome {
        return false;
    }
    match (&one.entitlement, &two.entitlement) {
        (Some(a), Some(b)) => {
            let is_known = one.missing.is_empty() && two.missing.is_empty();
            let same_terms = match (terms, other_terms) {
                (Some(a), Some(b)) => a.same(b) && (is_known || a.same_at_any_price(b)),
                (None, None) => true,
                _ => false,
            };
            a.remedy == b.remedy
                && same_terms
                && pays == other_pays
                && one.missing == two.missing
                && same_conditions(&a.conditions, &b.conditions)
        }
        (None, None) => true,
        _ => false,
    }
}

/// Drafts the row that a judgement stands for.
pub(crate) fn draft<'a>(
    world: &World<'a, '_>,
    route: &'a RoutePlan,
    judged: &Judged<'a>,
) -> Result<Drafted<'a>, Key<'a>> {
    Drafting {
        world,
        route,
        judged,
    }
    .draft()
}

pub(crate) struct Drafting<'a, 'j, 'w> {
    pub world: &'j World<'a, 'w>,
    pub route: &'a RoutePlan,
    pub judged: &'j Judged<'a>,
}

impl<'a> Drafting<'a, '_, '_> {
    pub(crate) fn clause(&self, at: usize) -> Option<&'a PlanClause> {
        self.route
            .clauses
            .get(at)
            .and_then(|c| self.world.clause(c))
    }

    pub(crate) fn state(&self, at: usize) -> Active<'a> {
        self.judged.active.get(at)
    }

    /// Makes the draft of a decision that pays nothing.
    fn unpaid(&self, decision: Box<Decision<'a>>) -> Draft<'a> {
        Draft {
            notices: self.notices(None),
            remedies: active_remedies(self.route, &self.judged.active),
            // What candidates would pay is each row's own.
            own: decision.outcome == Outcome::NeedsReview,
            ..Draft::of(decision)
        }
    }

    pub(crate) fn grant(&self, at: usize) -> Option<(&'a PlanClause, &'a Grant)> {
        let clause = self.clause(at)?;
        clause.effect.grant().map(|grant| (clause, grant))
    }

    /// Returns where the act fell in the window of a grant.
    fn status(&self, at: usize) -> Option<WindowStatus> {
        window_of(&self.judged.windows, at)?.told()
    }

    pub(crate) fn window(&self, at: usize) -> Option<Window> {
        let judged = window_of(&self.judged.windows, at)?;
        let status = judged.told();
        let window = match judged.window {
            Some(window) if !self.world.shown => Some(window),
            _ => {
                let (_, grant) = self.grant(at)?;
                let spec = grant.window.as_ref()?;
                let world = World {
                    shown: true,
                    ..*self.world
                };
                let moved = world.extensions_of(self.route, at, &self.judged.results);
                world.window(spec, &moved).window
            }
        };
        window.map(|w| Window { status, ..w })
    }

    fn draft(&self) -> Result<Drafted<'a>, Key<'a>> {
        let answer = self.judged.answer.as_ref().map_err(|key| *key)?;
        let decision = match answer {
            Ruling::Granted { grant, wish_unmet } => return self.granted(*grant, *wish_unmet),
            Ruling::Refused(by) => {
                let mut decision = bare(Outcome::Denied, self.reasons(by));
                decision.window = by.iter().find_map(|at| self.refusing_window(*at));
                decision
            }
            Ruling::OutsideWindow(grants) => self.outside_window(grants),
            Ruling::Referred { by, grants } => self.referred(by, grants),
            Ruling::GraceReview { grants } => self.grace_review(grants),
            Ruling::Uncovered => {
                let reason = own_reason(ReasonCode::Uncovered, None);
                bare(Outcome::NeedsReview, Few::one(reason))
            }
        };
        Ok(self.unpaid(decision).into())
    }

    /// Returns the window on which a refusal rests; `None`: it rests on none.
    fn refusing_window(&self, at: usize) -> Option<Window> {
        // Nobody reads why a hypothetical ask is closed.
        if self.world.hypothetical {
            return None;
        }
        let guard = &self.route.clauses.get(at)?.guard;
        let mut holding = tests_of(self.route, guard.tests() & self.judged.results.yes);
        holding.find_map(|(_, test)| match test {
            Test::Window(spec, Where::Past | Where::Outside) => self.world.window(spec, &[]).window,
            Test::Past(clause) => self.window(self.route.position(*clause)?),
            Test::YesNo(..)
            | Test::OneOf(..)
            | Test::NoneOf(..)
            | Test::Range(..)
            | Test::Amount(..)
            | Test::Happened(..)
            | Test::NotSupplied(..)
            | Test::Window(..)
            | Test::Week(..)
            | Test::DayIn(..) => None,
        })
    }

    /// Returns the reasons that refusals or referrals state.
    fn reasons(&self, by: &[usize]) -> Few<Reason<'a>> {
        by.iter().filter_map(|at| self.stated_reason(*at)).collect()
    }

    /// Returns the reason that a refusal or a referral states.
    fn stated_reason(&self, at: usize) -> Option<Reason<'a>> {
        let clause = self.clause(at)?;
        let guard = &self.route.clauses.get(at)?.guard;
        let waits = guard.tests() & self.judged.results.finding;
        let code = match &clause.effect {
            _ if self.world.is_foreign(self.route, waits) => ReasonCode::CurrencyDiffers.word(),
            Effect::Refuses(refusal) => refusal.reason.as_str(),
            Effect::Refers(referral) => referral.reason.as_str(),
            Effect::Grants(_) | Effect::Adds(_) | Effect::Extends(..) => {
                clause.averted_code.as_str()
            }
        };
        Some(Reason {
            code,
            clause: Some(clause.cite()),
            facts: Vec::new(),
        })
    }

    fn outside_window(&self, grants: &[usize]) -> Box<Decision<'a>> {
        let mut decision = bare(Outcome::Denied, Few::new());
        for at in grants {
            let Some(clause) = self.clause(*at) else {
                continue;
            };
            // Where an end is not known the window cannot be shown, although it
            // is known that it has not begun.
            let code = match self.status(*at) {
                Some(WindowStatus::NotOpenYet) => ReasonCode::TooEarly,
                _ => ReasonCode::WindowClosed,
            };
            decision.window = decision.window.or_else(|| self.window(*at));
            let reason = own_reason(code, Some(clause.cite()));
            decision.reasons.push(reason);
        }
        decision
    }

    fn grace_review(&self, grants: &[usize]) -> Box<Decision<'a>> {
        let first = grants.first().copied();
        let clause = first.and_then(|at| self.clause(at)).map(PlanClause::cite);
        let reason = own_reason(ReasonCode::StatutoryExtension, clause);
        let mut decision = bare(Outcome::NeedsReview, Few::one(reason));
        decision.window = first.and_then(|at| self.window(at));
        decision.candidates = self.grant_candidates(grants, None);
        if clause.is_some() {
            let refusal = own_reason(ReasonCode::WindowClosed, clause);
            decision.candidates.push(refuse(refusal, false));
        }
        decision
    }

    fn referred(&self, by: &[usize], grants: &[usize]) -> Box<Decision<'a>> {
        let mut decision = bare(Outcome::NeedsReview, self.reasons(by));
        let recommended = by.iter().find_map(|at| match &self.clause(*at)?.effect {
            Effect::Refers(referral) => match referral.recommends {
                Recommendation::None => None,
                other @ (Recommendation::Refuse | Recommendation::Grant(_)) => Some((*at, other)),
            },
            Effect::Grants(_) | Effect::Refuses(_) | Effect::Adds(_) | Effect::Extends(..) => None,
        });
        let recommended_grant = match recommended {
            Some((_, Recommendation::Grant(clause))) => Some(clause),
            _ => None,
        };
        let mut listed = grants.to_vec();
        if let Some(clause) = recommended_grant
            && let Some(at) = self.route.position(clause)
            && !listed.contains(&at)
        {
            listed.push(at);
        }
        if listed.is_empty() {
            listed = self.set_aside(by);
        }
        decision.candidates = self.grant_candidates(&listed, recommended_grant);
        // Who may grant may refuse too, for the reason that brought it to a person.
        let refuses = match recommended {
            Some((at, Recommendation::Refuse)) => Some((at, true)),
            _ if decision.candidates.is_empty() => None,
            _ => self.first_referral(by).map(|at| (at, false)),
        };
        if let Some((at, recommended)) = refuses {
            let reason = self.stated_reason(at);
            decision
                .candidates
                .extend(reason.map(|reason| refuse(reason, recommended)));
        }
        for at in by {
            if let Some(clause) = self.clause(*at)
                && matches!(clause.effect, Effect::Refuses(_))
            {
                let reason = self.stated_reason(*at);
                decision
                    .candidates
                    .extend(reason.map(|reason| refuse(reason, false)));
            }
        }
        decision
    }

    /// Returns the grants that would apply if these clauses did not set them aside: a
    /// person may still decide for them.
    fn set_aside(&self, by: &[usize]) -> Vec<usize> {
        let grants = self.route.grants.iter().copied();
        grants
            .filter(|at| {
                let Some(clause) = self.route.clauses.get(*at) else {
                    return false;
                };
                let held = self.judged.results.guard(&clause.guard) != Holds::No;
                held && by.iter().any(|over| clause.overriders & bit(*over) != 0)
            })
            .collect()
    }

    fn first_referral(&self, by: &[usize]) -> Option<usize> {
        let refers = |at: &usize| {
            self.clause(*at)
                .is_some_and(|c| matches!(c.effect, Effect::Refers(_)))
        };
        by.iter().copied().find(refers)
    }

    fn grant_candidates(&self, grants: &[usize], recommended: Option<usize>) -> Vec<Candidate<'a>> {
        // Nobody chooses for a hypothetical ask.
        if self.world.hypothetical {
            return Vec::new();
        }
        let candidate = |at: &usize| {
            // What a candidate would pay does not change the outcome, so that a
            // fact it misses is not asked for here.
            let shaped = self.shape(*at).ok()??;
            let clause = self.route.clauses.get(*at).map(|c| c.clause);
            Some(Candidate::of(
                shaped.into_answer(),
                recommended.is_some() && clause == recommended,
            ))
        };
        grants.iter().filter_map(candidate).collect()
    }

    fn granted(&self, at: usize, wish_unmet: bool) -> Result<Drafted<'a>, Key<'a>> {
        let Some(shaped) = self.shape(at)? else {
            return Ok(self.unpaid(bare(Outcome::NeedsReview, Few::new())).into());
        };
        if let Some((outcome, cite)) = shaped.failed {
            let reason = own_reason(ReasonCode::ConditionFailed, Some(cite));
            let mut decision = bare(outcome, Few::one(reason));
            if outcome == Outcome::NeedsReview {
                decision
                    .candidates
                    .push(Candidate::of(shaped.into_answer(), false));
            }
            return Ok(self.unpaid(decision).into());
        }
        if let Some(cite) = shaped.foreign_currency {
            let reason = own_reason(ReasonCode::CurrencyDiffers, Some(cite));
            let mut decision = bare(Outcome::NeedsReview, Few::one(reason));
            decision
                .candidates
                .push(Candidate::of(shaped.into_answer(), true));
            return Ok(self.unpaid(decision).into());
        }
        let clause = Some(shaped.entitlement.clause);
        let mut reasons = Few::one(own_reason(ReasonCode::Granted, clause));
        if wish_unmet {
            reasons.push(own_reason(ReasonCode::WishUnmet, clause));
        }
        Ok(Drafted {
            draft: Draft {
                decision: Box::new(Decision {
                    outcome: Outcome::Approved,
                    reasons,
                    entitlement: Some(shaped.entitlement),
                    candidates: Vec::new(),
                    missing: shaped.missing,
                    window: None,
                    regardless_of: Vec::new(),
                }),
                terms: Some(shaped.terms),
                notices: shaped.notices,
                remedies: active_remedies(self.route, &self.judged.active),
                consumes: self.grant(at).and_then(|(_, g)| g.consumes.as_deref()),
                prospects: Vec::new(),
                own: false,
            },
            money: shaped.money,
        })
    }

    /// Returns the warnings of active additions: those without filters, and
    /// those that concern the entitlement.
    pub(crate) fn notices(&self, granted: Option<(usize, Remedy)>) -> Vec<Notice<'a>> {
        let mut notices = Vec::new();
        if self.world.hypothetical {
            return notices;
        }
        for at in indexes(self.judged.active.yes & self.route.additions) {
            let Some(clause) = self.clause(at) else {
                continue;
            };
            let Some(addition) = clause.effect.addition() else {
                continue;
            };
            let concerned = match granted {
                Some((granting, remedy)) => concerns(addition, granting, remedy),
                None => addition.to.is_empty() && addition.remedies.is_empty(),
            };
            for part in &addition.parts {
                if let Part::Notice(code) = part
                    && concerned
                {
                    notices.push(Notice {
                        code,
                        clause: Some(clause.cite()),
                        lines: Vec::new(),
                    });
                }
            }
        }
        notices
    }
}

/// Returns the remedies whose grants are active.
pub(crate) fn active_remedies(route: &RoutePlan, active: &Activity<'_>) -> RemedyBits {
    let remedies = route.remedy_bits();
    let given = remedies.filter(|(_, _, grants)| active.any() & grants != 0);
    given.fold(0, |set, (bit, ..)| set | bit)
}

/// Returns a refusal that a person can choose.
const fn refuse(reason: Reason<'_>, recommended: bool) -> Candidate<'_> {
    Candidate::of(verdict::Answer::Refusal(reason), recommended)
}

/// Whether an addition concerns an entitlement.
pub(crate) fn concerns(addition: &Addition, granting: usize, remedy: Remedy) -> bool {
    (addition.to.is_empty() || addition.to.contains(&granting))
        && (addition.remedies.is_empty() || addition.remedies.contains(&remedy))
}

impl Draft<'_> {
    /// Says what it is as an option.
    pub(crate) fn option_status(&self) -> OptionStatus {
        let early = |r: &Reason<'_>| r.code == ReasonCode::TooEarly.word();
        match self.decision.outcome {
            Outcome::Approved => OptionStatus::Open,
            Outcome::Denied if self.decision.reasons.iter().any(early) => OptionStatus::NotOpenYet,
            Outcome::Denied => OptionStatus::Closed,
            Outcome::NeedsInformation => OptionStatus::NeedsInformation,
            // Rows are never mixed.
            Outcome::NeedsReview | Outcome::Mixed => OptionStatus::NeedsReview,
        }
    }
}
