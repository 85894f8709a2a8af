//! Shapes an entitlement: what additions, refusals and referrals make of a grant.

use super::draft::{Drafting, concerns};
use crate::domain::facts::Remedy;
use crate::domain::path::FieldPath;
use crate::domain::verdict::{
    Answer, Cite, Condition, ConditionStatus, Decision, Entitlement, LayerKind, Missing,
    Obligation, Outcome, TermPart,
};
use crate::engine::judge::activity::Active;
use crate::engine::money::{MoneyTerms, RowMoney, Shaped};
use crate::engine::read::guard::{Holds, tests_of};
use crate::engine::read::world::{Key, World};
use crate::policy::plan::{Bits, PlanClause, indexes};
use crate::policy::terms::{Addition, ConditionSpec, Effect, Part, Pending, SettledBy, Test};

impl<'a> Drafting<'a, '_, '_> {
    /// Builds the entitlement of a granting clause with all that shapes it; its
    /// conditions are in order where nothing is assumed.
    pub(crate) fn shape(&self, at: usize) -> Result<Option<Shaped<'a>>, Key<'a>> {
        let Some((clause, grant)) = self.grant(at) else {
            return Ok(None);
        };
        let shows_conditions = self.world.shows_conditions();
        // Most clauses that stay away wait for no more than two facts.
        let room = match shows_conditions {
            true => self.judged.active.held_off.count_ones().saturating_mul(2) as usize,
            false => 0,
        };
        let granting = self.route.clauses.get(at).map_or(usize::MAX, |c| c.clause);
        let mut shaped = Shaped {
            entitlement: Entitlement {
                remedy: grant.remedy,
                clause: clause.cite(),
                basis: grant.basis,
                layer: LayerKind::Terms,
                window: self.window(at),
                possible: None,
                conditions: Vec::with_capacity(room),
                obligations: Vec::new(),
                return_payer: None,
                return_risk: None,
                return_address: None,
                shaped_by: Vec::new(),
                depends_on: Vec::new(),
            },
            terms: Box::new(MoneyTerms::new(grant, clause.cite())),
            money: RowMoney::default(),
            missing: Missing::default(),
            notices: self.notices(Some((granting, grant.remedy))),
            failed: None,
            foreign_currency: None,
        };
        if shows_conditions {
            if self.state(at) == Active::Assumed {
                self.open_conditions(&mut shaped, at, clause, Some(Outcome::Denied));
            }
            self.held_off_conditions(&mut shaped, grant.remedy);
        }
        for index in indexes(self.judged.active.any() & self.route.additions) {
            let Some(added) = self.clause(index) else {
                continue;
            };
            let Some(addition) = added.effect.addition() else {
                continue;
            };
            if !concerns(addition, granting, grant.remedy) {
                continue;
            }
            match self.state(index) {
                Active::Yes => self.add(&mut shaped, added, addition)?,
                Active::HeldOff if shows_conditions && counts(addition) => {
                    self.open_conditions(&mut shaped, index, added, None);
                }
                Active::Needs(key) if counts(addition) => return Err(key),
                Active::No
                | Active::HeldOff
                | Active::Assumed
                | Active::Review
                | Active::Needs(_) => {}
            }
        }
        // Where what is kept counts, answers with and without other rows are compared.
        let compared = self.world.completing || self.route.looks_at_kept_units;
        crate::engine::money::value(self.world, &mut shaped, compared);
        // Completions are only compared; what they agree on is put in order then.
        if !self.world.completing {
            shaped.entitlement.conditions.sort_by_key(in_order);
        }
        Ok(Some(shaped))
    }

    /// Adds the conditions under which refusals and referrals stay away.
    fn held_off_conditions(&self, shaped: &mut Shaped<'a>, remedy: Remedy) {
        let held_off = self.judged.active.held_off;
        let refusals = indexes(held_off & self.route.refusals);
        for at in refusals.chain(indexes(held_off & self.route.referrals)) {
            let Some(clause) = self.clause(at) else {
                continue;
            };
            let (failed, remedies) = match &clause.effect {
                Effect::Refuses(refusal) => (Outcome::Denied, &refusal.remedies),
                Effect::Refers(referral) => (Outcome::NeedsReview, &referral.remedies),
                Effect::Grants(_) | Effect::Adds(_) | Effect::Extends(..) => continue,
            };
            if remedies.is_empty() || remedies.contains(&remedy) {
                self.open_conditions(shaped, at, clause, Some(failed));
            }
        }
    }

    /// Returns the tests that a clause waits for.
    fn awaited(&self, at: usize) -> Bits {
        let clause = self.route.clauses.get(at);
        match clause.map(|clause| self.judged.results.guard(&clause.guard)) {
            Some(Holds::Waits(tests)) => tests,
            Some(Holds::Yes | Holds::No) | None => 0,
        }
    }

    /// Adds a condition for each fact that the clause at an index of the route waits for.
    /// `failed` is the outcome where it is not met.
    fn open_conditions(
        &self,
        shaped: &mut Shaped<'a>,
        at: usize,
        clause: &'a PlanClause,
        failed: Option<Outcome>,
    ) {
        let conditions = &mut shaped.entitlement.conditions;
        let others = conditions.len();
        for (_, test) in tests_of(self.route, self.awaited(at)) {
            let Some(key) = self.waits_for(test) else {
                continue;
            };
            let path = self.world.path(key);
            // Several tests of a clause can read one fact.
            if conditions.iter().skip(others).any(|c| c.path == path) {
                continue;
            }
            conditions.push(Condition {
                code: &clause.averted_code,
                status: ConditionStatus::Open,
                clause: clause.cite(),
                path,
                failed,
                presumed: clause.pending == Pending::Presumed,
                holds_money: clause.pending != Pending::Presumed,
            });
        }
    }

    /// Returns the fact for which a test waits that is not decided.
    fn waits_for(&self, test: &'a Test) -> Option<Key<'a>> {
        match test.fact() {
            // It can wait for nothing else, so that it need not be read again.
            Some(fact) => Some(self.world.key(fact)),
            None => self.world.test(test).err(),
        }
    }

    fn add(
        &self,
        shaped: &mut Shaped<'a>,
        clause: &'a PlanClause,
        addition: &'a Addition,
    ) -> Result<(), Key<'a>> {
        let cite = clause.cite();
        let mut shapes = false;
        for part in &addition.parts {
            shapes |= !matches!(part, Part::Notice(_));
            let entitlement = &mut shaped.entitlement;
            match part {
                Part::Condition(spec) => self.condition(shaped, spec, cite),
                // A hypothetical ask gives nobody a task.
                Part::Obligation(_) if self.world.brief => {}
                Part::Obligation(spec) => {
                    let due = spec.due.as_ref().map(|end| self.world.due(end));
                    entitlement.obligations.push(Obligation {
                        code: &spec.code,
                        party: spec.party,
                        clause: cite,
                        due,
                    });
                }
                Part::ReturnPayer(payer) => entitlement.return_payer = Some(*payer),
                Part::ReturnRisk(party) => entitlement.return_risk = Some(*party),
                Part::ReturnAddress(address) => entitlement.return_address = Some(address),
                Part::Payee(_)
                | Part::BackTo(_)
                | Part::Due(_)
                | Part::Release(..)
                | Part::Deduct(_)
                | Part::Charge(_)
                | Part::Reimburse(_)
                | Part::Delivery(_)
                | Part::Options(_)
                | Part::Difference { .. } => {
                    crate::engine::money::add(self.world, shaped, part, cite)?
                }
                Part::Notice(_) => {}
            }
        }
        // Nor does anybody ask why it is as it is.
        if shapes && !self.world.brief {
            shaped.entitlement.shaped_by.push(cite);
        }
        Ok(())
    }

    fn condition(&self, shaped: &mut Shaped<'a>, spec: &'a ConditionSpec, cite: Cite<'a>) {
        let shows = self.world.shows_conditions();
        let (status, path, failed) = match &spec.settled_by {
            // Without an event a condition is open, and never fails.
            SettledBy::Event(_) if !shows => return,
            SettledBy::Event(event) => {
                let status = match self.world.occurred(*event) {
                    Some(true) => ConditionStatus::Met,
                    Some(false) | None => ConditionStatus::Open,
                };
                let (_, key) = self.world.event(*event);
                (status, self.world.path(key), None)
            }
            SettledBy::Finding(test) => {
                let status = match self.world.test(test) {
                    Ok(true) => ConditionStatus::Met,
                    Ok(false) => ConditionStatus::Failed,
                    Err(_) => ConditionStatus::Open,
                };
                (status, finding_path(self.world, test), Some(spec.failed))
            }
        };
        if status == ConditionStatus::Failed {
            let failed = [Some((spec.failed, cite)), shaped.failed.take()];
            let failed = failed.into_iter().flatten();
            shaped.failed = failed.min_by(|a, b| in_force(a).cmp(&in_force(b)));
        }
        if shows {
            shaped.entitlement.conditions.push(Condition {
                code: &spec.code,
                status,
                clause: cite,
                path,
                failed,
                presumed: false,
                holds_money: failed.is_some(),
            });
        }
    }
}

/// Orders failed conditions by what they lead to: a refusal beats a referral, whichever
/// clause comes first.
fn in_force<'c>((outcome, cite): &'c (Outcome, Cite<'_>)) -> (bool, &'c str) {
    (*outcome != Outcome::Denied, cite.id.as_str())
}

/// Returns the field path of the finding that a test reads.
fn finding_path<'a>(world: &World<'a, '_>, test: &'a Test) -> FieldPath<'a> {
    match (test.fact(), test) {
        (Some(fact), _) => world.path(world.key(fact)),
        (None, Test::Happened(event, _)) => world.path(world.event(*event).1),
        (None, _) => FieldPath::of(""),
    }
}

/// Puts the conditions of what completions agree on in order.
pub(crate) fn put_conditions_in_order(decision: &mut Decision<'_>) {
    let offered = decision.candidates.iter_mut();
    let offered = offered.filter_map(|candidate| match &mut candidate.answer {
        Answer::Entitlement { entitlement, .. } => Some(entitlement.as_mut()),
        Answer::Refusal(_) => None,
    });
    for entitlement in decision.entitlement.iter_mut().chain(offered) {
        entitlement.conditions.sort_by_key(in_order);
    }
}

/// Whether conditions are the same, whichever clauses set them, and whatever order
/// they are in.
pub(crate) fn same_conditions(one: &[Condition<'_>], other: &[Condition<'_>]) -> bool {
    let same = |(x, y): (&Condition<'_>, &Condition<'_>)| {
        (x.status, x.failed) == (y.status, y.failed) && in_order(x) == in_order(y)
    };
    // Nearly always they came in the same order.
    one.len() == other.len()
        && (one.iter().zip(other).all(same) || sorted(one).into_iter().zip(sorted(other)).all(same))
}

fn sorted<'c, 'a>(conditions: &'c [Condition<'a>]) -> Vec<&'c Condition<'a>> {
    let mut sorted: Vec<_> = conditions.iter().collect();
    sorted.sort_by_key(|c| in_order(c));
    sorted
}

/// Returns what conditions are ordered by.
const fn in_order<'a>(condition: &Condition<'a>) -> (&'a str, FieldPath<'a>) {
    (condition.code, condition.path)
}

/// Returns the part of the terms that a part of an addition says; `None`: it says none of
/// those that change no answer.
pub(crate) const fn part_of(part: &Part) -> Option<TermPart> {
    match part {
        Part::ReturnPayer(_) => Some(TermPart::ReturnPayer),
        Part::ReturnRisk(_) => Some(TermPart::ReturnRisk),
        Part::ReturnAddress(_) => Some(TermPart::ReturnAddress),
        Part::Obligation(_) => Some(TermPart::Obligations),
        Part::Condition(_)
        | Part::Due(_)
        | Part::Release(..)
        | Part::Deduct(_)
        | Part::Charge(_)
        | Part::Reimburse(_)
        | Part::Delivery(_)
        | Part::Options(_)
        | Part::Difference { .. }
        | Part::Payee(_)
        | Part::BackTo(_)
        | Part::Notice(_) => None,
    }
}

/// Whether an addition can change money, dates or conditions.
pub(crate) fn counts(addition: &Addition) -> bool {
    let counts = |part: &Part| part_of(part).is_none() && !matches!(part, Part::Notice(_));
    addition.parts.iter().any(counts)
}
