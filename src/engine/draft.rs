//! Drafts a row: the judgement turned into what the customer gets, or not.

use super::activity::Active;
use super::guard::{Holds, bit};
use super::judge::{Answer, Judged};
use super::money::{MoneyTerms, RowMoney};
use super::world::{Key, World};
use crate::domain::facts::Remedy;
use crate::domain::few::Few;
use crate::domain::verdict::{
    self, Candidate, Decision, Notice, Outcome, Reason, ReasonCode, Window, WindowStatus,
};
use crate::policy::plan::{PlanClause, RoutePlan, places};
use crate::policy::terms::{Addition, Effect, Grant, Part, Recommendation};

/// Holds what is decided of units, and what settling them takes. Rows that are alike
/// share it.
#[derive(Clone, Debug)]
pub(super) struct Draft<'a> {
    /// What is decided.
    pub decision: Decision<'a>,
    /// The terms of its money; `None`: there is none.
    pub terms: Option<MoneyTerms<'a>>,
    /// Warnings.
    pub notices: Vec<Notice<'a>>,
    /// Remedies whose grants are active, whatever their windows say.
    pub remedies: Few<Remedy>,
    /// The option of which each unit uses up one.
    pub consumes: Option<&'a str>,
    /// Whether it rests on facts of the row that no test of the route reads, so that
    /// a row with the same results need not be alike.
    pub own: bool,
}

/// Holds a row that was decided by itself.
#[derive(Clone, Debug)]
pub(super) struct Drafted<'a> {
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

impl Draft<'_> {
    /// Returns a draft with an outcome and nothing else.
    pub(super) const fn bare(outcome: Outcome) -> Self {
        Self {
            decision: Decision {
                outcome,
                reasons: Few::new(),
                entitlement: None,
                candidates: Vec::new(),
                missing: Vec::new(),
                window: None,
            },
            terms: None,
            notices: Vec::new(),
            remedies: Few::new(),
            consumes: None,
            own: false,
        }
    }
}

impl PartialEq for Drafted<'_> {
    /// Whether two rows get the same answer: the outcome and, when approved, the
    /// remedy, the money, the window and the conditions.
    fn eq(&self, other: &Self) -> bool {
        let (one, two) = (&self.draft.decision, &other.draft.decision);
        if one.outcome != two.outcome {
            return false;
        }
        match (&one.entitlement, &two.entitlement) {
            (Some(a), Some(b)) => {
                let same_conditions = a.conditions.len() == b.conditions.len()
                    && a.conditions.iter().zip(&b.conditions).all(|(x, y)| {
                        (x.code, x.status, x.path, x.failed) == (y.code, y.status, y.path, y.failed)
                    });
                let same_terms = match (&self.draft.terms, &other.draft.terms) {
                    (Some(a), Some(b)) => a.same(b),
                    (None, None) => true,
                    _ => false,
                };
                a.remedy == b.remedy
                    && same_conditions
                    && same_window(a.window.as_ref(), b.window.as_ref())
                    && same_terms
                    && self.money == other.money
                    && one.missing == two.missing
            }
            (None, None) => true,
            _ => false,
        }
    }
}

fn same_window(a: Option<&Window>, b: Option<&Window>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => {
            (a.opens, a.closes, a.review_until) == (b.opens, b.closes, b.review_until)
        }
        (None, None) => true,
        _ => false,
    }
}

/// Drafts the row that a judgement stands for.
pub(super) fn draft<'a>(
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

pub(super) struct Drafting<'a, 'j, 'w> {
    pub world: &'j World<'a, 'w>,
    pub route: &'a RoutePlan,
    pub judged: &'j Judged<'a>,
}

impl<'a> Drafting<'a, '_, '_> {
    pub(super) fn clause(&self, at: usize) -> Option<&'a PlanClause> {
        self.route
            .clauses
            .get(at)
            .and_then(|c| self.world.clause(c))
    }

    pub(super) fn state(&self, at: usize) -> Active<'a> {
        let Judged {
            active, results, ..
        } = self.judged;
        active.get(self.route, results, at)
    }

    fn empty(&self, outcome: Outcome) -> Draft<'a> {
        Draft {
            notices: self.notices(None),
            remedies: self.active_remedies(),
            // What candidates would pay is each row's own.
            own: outcome == Outcome::NeedsReview,
            ..Draft::bare(outcome)
        }
    }

    fn active_remedies(&self) -> Few<Remedy> {
        let mut remedies = Few::new();
        for at in &self.route.grants {
            if self.judged.active.any() & bit(*at) != 0
                && let Some((_, grant)) = self.grant(*at)
                && !remedies.contains(&grant.remedy)
            {
                remedies.push(grant.remedy);
            }
        }
        remedies
    }

    pub(super) fn grant(&self, at: usize) -> Option<(&'a PlanClause, &'a Grant)> {
        let clause = self.clause(at)?;
        match &clause.effect {
            Effect::Grants(grant) => Some((clause, grant)),
            _ => None,
        }
    }

    /// Returns where the act fell in the window of a grant.
    fn status(&self, at: usize) -> Option<WindowStatus> {
        let (_, fallen) = self.judged.windows.iter().find(|(place, _)| *place == at)?;
        fallen.as_ref()?.status.ok()
    }

    pub(super) fn window(&self, at: usize) -> Option<Window> {
        let (_, fallen) = self.judged.windows.iter().find(|(place, _)| *place == at)?;
        let judged = (*fallen)?;
        let status = judged.status.ok();
        // A window counted from a day whose hour is unknown is shown as the
        // range that it is, whatever hour a completion assumes.
        let shown = self.world.without_exact_hours();
        let window = match &shown {
            None => judged.window,
            Some(assumed) => {
                let world = World {
                    assumed,
                    ..*self.world
                };
                let (_, grant) = self.grant(at)?;
                let spec = grant.window.as_ref()?;
                let moved = world.extensions_of(self.route, at, &self.judged.results);
                world.window(spec, &moved).window
            }
        };
        window.map(|w| Window { status, ..w })
    }

    fn draft(&self) -> Result<Drafted<'a>, Key<'a>> {
        match &self.judged.answer {
            Answer::Refused(by) => Ok(self.refused(by).into()),
            Answer::Shut(grants) => Ok(self.shut(grants).into()),
            Answer::Referred { by, grants } => self.referred(by, grants).map(Drafted::from),
            Answer::Rolled { grants } => {
                let mut draft = self.empty(Outcome::NeedsReview);
                let first = grants.first().copied();
                draft.decision.reasons.push(Reason {
                    code: ReasonCode::StatutoryExtension.word(),
                    clause: first.and_then(|at| self.clause(at)).map(PlanClause::cite),
                    facts: Vec::new(),
                });
                draft.decision.window = first.and_then(|at| self.window(at));
                draft.decision.candidates = self.grant_candidates(grants, None)?;
                if let Some(clause) = first.and_then(|at| self.clause(at)) {
                    let refusal = Reason {
                        code: ReasonCode::WindowClosed.word(),
                        clause: Some(clause.cite()),
                        facts: Vec::new(),
                    };
                    draft.decision.candidates.push(Candidate {
                        answer: verdict::Answer::Refusal(refusal),
                        recommended: false,
                    });
                }
                Ok(draft.into())
            }
            Answer::Granted { grant, wish_unmet } => self.granted(*grant, *wish_unmet),
            Answer::Silent => {
                let mut draft = self.empty(Outcome::NeedsReview);
                draft.decision.reasons.push(Reason {
                    code: ReasonCode::TermsSilent.word(),
                    clause: None,
                    facts: Vec::new(),
                });
                Ok(draft.into())
            }
        }
    }

    fn refused(&self, by: &[usize]) -> Draft<'a> {
        let mut draft = self.empty(Outcome::Denied);
        draft.decision.reasons = by.iter().filter_map(|at| self.own_reason(*at)).collect();
        draft
    }

    /// Returns the reason that a refusal or a referral states.
    fn own_reason(&self, at: usize) -> Option<Reason<'a>> {
        let clause = self.clause(at)?;
        let code = match &clause.effect {
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

    fn shut(&self, grants: &[usize]) -> Draft<'a> {
        let mut draft = self.empty(Outcome::Denied);
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
            draft.decision.window = draft.decision.window.or(self.window(*at));
            draft.decision.reasons.push(Reason {
                code: code.word(),
                clause: Some(clause.cite()),
                facts: Vec::new(),
            });
        }
        draft
    }

    fn referred(&self, by: &[usize], grants: &[usize]) -> Result<Draft<'a>, Key<'a>> {
        let mut draft = self.empty(Outcome::NeedsReview);
        draft.decision.reasons = by.iter().filter_map(|at| self.own_reason(*at)).collect();
        let recommended = by.iter().find_map(|at| match &self.clause(*at)?.effect {
            Effect::Refers(referral) => match referral.recommends {
                Recommendation::None => None,
                other => Some((*at, other)),
            },
            _ => None,
        });
        let recommended_grant = match recommended {
            Some((_, Recommendation::Grant(clause))) => Some(clause),
            _ => None,
        };
        let mut listed = grants.to_vec();
        if let Some(clause) = recommended_grant
            && let Some(at) = self.route.clauses.iter().position(|c| c.clause == clause)
            && !listed.contains(&at)
        {
            listed.push(at);
        }
        if listed.is_empty() {
            listed = self.set_aside(by);
        }
        draft.decision.candidates = self.grant_candidates(&listed, recommended_grant)?;
        // Who may grant may refuse too, for the reason that brought it to a person.
        let refuses = match recommended {
            Some((at, Recommendation::Refuse)) => Some((at, true)),
            _ if draft.decision.candidates.is_empty() => None,
            _ => self.first_referral(by).map(|at| (at, false)),
        };
        if let Some((at, recommended)) = refuses
            && let Some(reason) = self.own_reason(at)
        {
            draft.decision.candidates.push(Candidate {
                answer: verdict::Answer::Refusal(reason),
                recommended,
            });
        }
        for at in by {
            if let Some(clause) = self.clause(*at)
                && matches!(clause.effect, Effect::Refuses(_))
                && let Some(reason) = self.own_reason(*at)
            {
                draft.decision.candidates.push(Candidate {
                    answer: verdict::Answer::Refusal(reason),
                    recommended: false,
                });
            }
        }
        Ok(draft)
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

    fn grant_candidates(
        &self,
        grants: &[usize],
        recommended: Option<usize>,
    ) -> Result<Vec<Candidate<'a>>, Key<'a>> {
        let mut candidates = Vec::new();
        for at in grants {
            // What a candidate would pay does not change the outcome, so that a
            // fact it misses is not asked for here.
            let Ok(Some(shaped)) = self.shape(*at) else {
                continue;
            };
            let clause = self.route.clauses.get(*at).map(|c| c.clause);
            candidates.push(Candidate {
                answer: shaped.into_answer(),
                recommended: recommended.is_some() && clause == recommended,
            });
        }
        Ok(candidates)
    }

    fn granted(&self, at: usize, wish_unmet: bool) -> Result<Drafted<'a>, Key<'a>> {
        let Some(shaped) = self.shape(at)? else {
            return Ok(self.empty(Outcome::NeedsReview).into());
        };
        let clause = shaped.entitlement.clause;
        if let Some(cite) = shaped.foreign_currency {
            let mut draft = self.empty(Outcome::NeedsReview);
            draft.decision.reasons.push(Reason {
                code: ReasonCode::CurrencyDiffers.word(),
                clause: Some(cite),
                facts: Vec::new(),
            });
            draft.decision.candidates.push(Candidate {
                answer: shaped.into_answer(),
                recommended: true,
            });
            return Ok(draft.into());
        }
        if let Some((outcome, cite)) = shaped.failed {
            let mut draft = self.empty(outcome);
            draft.decision.reasons.push(Reason {
                code: ReasonCode::ConditionFailed.word(),
                clause: Some(cite),
                facts: Vec::new(),
            });
            if outcome == Outcome::NeedsReview {
                draft.decision.candidates.push(Candidate {
                    answer: shaped.into_answer(),
                    recommended: false,
                });
            }
            return Ok(draft.into());
        }
        let mut draft = self.empty(Outcome::Approved);
        draft.decision.reasons.push(Reason {
            code: ReasonCode::Granted.word(),
            clause: Some(clause),
            facts: Vec::new(),
        });
        if wish_unmet {
            draft.decision.reasons.push(Reason {
                code: ReasonCode::WishUnmet.word(),
                clause: Some(clause),
                facts: Vec::new(),
            });
        }
        draft.consumes = self.grant(at).and_then(|(_, g)| g.consumes.as_deref());
        draft.notices = shaped.notices;
        draft.decision.missing = shaped.missing;
        draft.decision.entitlement = Some(shaped.entitlement);
        draft.terms = Some(shaped.terms);
        draft.own = shaped.own;
        Ok(Drafted {
            draft,
            money: shaped.money,
        })
    }

    /// Returns the warnings of active additions: those without filters, and
    /// those that concern the entitlement.
    pub(super) fn notices(&self, granted: Option<(usize, Remedy)>) -> Vec<Notice<'a>> {
        let mut notices = Vec::new();
        for at in places(self.judged.active.yes & self.route.additions) {
            let Some(clause) = self.clause(at) else {
                continue;
            };
            let Effect::Adds(addition) = &clause.effect else {
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

/// Whether an addition concerns an entitlement.
pub(super) fn concerns(addition: &Addition, granting: usize, remedy: Remedy) -> bool {
    (addition.to.is_empty() || addition.to.contains(&granting))
        && (addition.remedies.is_empty() || addition.remedies.contains(&remedy))
}
