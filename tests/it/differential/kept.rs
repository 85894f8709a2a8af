//! Terms that look at what the customer keeps: rows are decided by what becomes of the others.

use redress::domain::facts::{Action, Facts};
use redress::domain::money::{Amount, Currency, Rounding};
use redress::domain::path::UnitsLocation;
use redress::domain::verdict::Outcome;
use redress::domain::vocabulary::Fact;
use redress::engine::View;
use redress::policy::checked::CheckedPolicy;
use redress::policy::compile::compile;
use redress::policy::terms::{AmountRange, Base, Count, Effect, Formula, Part, Scope, Sum, Test};

use super::reach::Reach;
use super::told::{Told, ToldMoney};
use super::{NOTHING_LEFT, ORDERS_PER_POLICY, TOO_MUCH_BEFORE, allowed, difference, money, orders};
use super::{left_out, number, policies, run};
use crate::generate::{self, Seed, fact};
use crate::oracle::{Oracle, RowAnswer};
use crate::within::decide;

type Row<'f> = (Oracle<'f>, RowAnswer<'f>);

/// A test of what stays.
fn test(seed: &mut Seed) -> Test {
    let units = |of, seed: &mut Seed| {
        let least = i64::try_from(seed.below(4)).unwrap();
        let most = least + i64::try_from(seed.below(3)).unwrap();
        Test::Range(
            fact(of),
            least,
            if seed.one_in(3) { i64::MAX } else { most },
        )
    };
    match seed.below(5) {
        0 | 1 => Test::YesNo(fact(Fact::WholeGroup), seed.one_in(2)),
        2 => units(Fact::GroupKept, seed),
        3 => units(Fact::GroupGone, seed),
        _ => {
            let low = Amount::from_minor(*seed.pick(&[0, 1, 3000, 8000]));
            let high = Amount::from_minor(*seed.pick(&[4999, 12_000, 30_000]));
            let range = AmountRange {
                low,
                high: Some(high).filter(|high| *high > low && !seed.one_in(4)),
                currency: Currency::euro(),
            };
            Test::Amount(fact(Fact::KeptValue), range)
        }
    }
}

/// An amount that looks at what stays.
fn sum(seed: &mut Seed, number: usize) -> Sum {
    let scopes = [Scope::Group, Scope::Group, Scope::Line, Scope::Order];
    let scope = *seed.pick(&scopes);
    let formula = match seed.below(3) {
        // Rows of several groups have no one count for the order.
        0 if scope != Scope::Order => Formula::Times(
            Box::new(Formula::Fixed(Amount::from_minor(150), Currency::euro())),
            Count::Stated(*seed.pick(&[Fact::GroupKept, Fact::GroupGone])),
        ),
        _ => Formula::Percent(
            *seed.pick(&[5000, 10_000]),
            Base::KeptDiscount,
            Rounding::HalfUp,
        ),
    };
    Sum {
        code: format!("kept_{number}"),
        formula,
        scope,
    }
}

/// Lets clauses look at what stays.
fn look_at_kept_units(seed: &mut Seed, policy: &mut CheckedPolicy) {
    for (number, clause) in policy.clauses.iter_mut().enumerate() {
        if !matches!(clause.effect, Effect::Extends(..)) && number > 0 && seed.one_in(2) {
            clause.guard.all.push(test(seed));
        }
        match &mut clause.effect {
            // Which units a limited right covers is compared elsewhere.
            Effect::Grants(grant) => grant.consumes = None,
            Effect::Adds(addition) if seed.one_in(2) => {
                let sum = sum(seed, number);
                addition.parts.push(match seed.one_in(3) {
                    true => Part::Charge(sum),
                    false => Part::Deduct(sum),
                });
            }
            _ => {}
        }
    }
}

/// Decides each row where these units do not stay.
fn once<'f>(
    policy: &'f CheckedPolicy,
    facts: &'f Facts<'f>,
    route: Action,
    back: &[(UnitsLocation, i32)],
) -> Vec<Row<'f>> {
    let rows = facts.rows().iter().map(|row| {
        let mut oracle = Oracle::new(policy, facts, row.location(), route);
        oracle.back = back.to_vec();
        let answer = oracle.decide(facts.request().wants);
        (oracle, answer)
    });
    rows.collect()
}

/// Decides rows in rounds; `kept` stay whatever becomes of them.
fn in_rounds<'f>(
    policy: &'f CheckedPolicy,
    facts: &'f Facts<'f>,
    route: Action,
    kept: &[UnitsLocation],
) -> Vec<Row<'f>> {
    let all: Vec<_> = facts
        .rows()
        .iter()
        .map(|row| (row.location(), row.quantity))
        .collect();
    let mut always: Vec<UnitsLocation> = Vec::new();
    let mut rounds: Vec<Vec<(UnitsLocation, i32)>> = Vec::new();
    let mut back: Vec<_> = all
        .iter()
        .copied()
        .filter(|(of, _)| !kept.contains(of))
        .collect();
    loop {
        let rows = once(policy, facts, route, &back);
        let stays = |place: &UnitsLocation| {
            let denied = rows
                .iter()
                .any(|(_, row)| row.place == *place && row.outcome == Outcome::Denied);
            kept.contains(place) || denied && !always.contains(place)
        };
        let next: Vec<_> = all.iter().copied().filter(|(of, _)| !stays(of)).collect();
        if next == back {
            return rows;
        }
        rounds.push(back);
        back = next;
        // They go round: whoever came in some of these rounds counts in all.
        if let Some(first) = rounds.iter().position(|round| *round == back) {
            for one in &all {
                let came = rounds[first..]
                    .iter()
                    .filter(|round| round.contains(one))
                    .count();
                if came > 0 && came < rounds.len() - first {
                    always.push(one.0);
                }
            }
            back = all
                .iter()
                .copied()
                .filter(|one| back.contains(one) || always.contains(&one.0))
                .collect();
            rounds.clear();
        }
        assert!(rounds.len() < 100, "rounds without an end");
    }
}

/// What rows come to, with the outcomes that each can have: what is added may differ and come
/// to the same. `Err`: what is not looked at.
fn decide_together<'f>(
    policy: &'f CheckedPolicy,
    facts: &'f Facts<'f>,
    route: Action,
) -> Result<(Vec<Row<'f>>, Vec<Vec<Outcome>>), &'static str> {
    let rows = in_rounds(policy, facts, route, &[]);
    let mut outcomes: Vec<Vec<Outcome>> = rows.iter().map(|(_, row)| vec![row.outcome]).collect();
    let asks = |(_, row): &Row<'_>| row.outcome == Outcome::NeedsInformation;
    if rows.iter().any(asks) {
        return Err("what is missing is looked at elsewhere");
    }
    let open = rows
        .iter()
        .filter(|(_, row)| row.outcome == Outcome::NeedsReview);
    let open: Vec<UnitsLocation> = open.map(|(_, row)| row.place).collect();
    if open.len() > 4 {
        return Err("many rows are reviewed");
    }
    for which in 1..1_u32 << open.len() {
        let kept = open
            .iter()
            .enumerate()
            .filter(|(at, _)| which & (1 << at) != 0);
        let kept: Vec<UnitsLocation> = kept.map(|(_, place)| *place).collect();
        let others = in_rounds(policy, facts, route, &kept);
        if others.iter().any(asks) {
            return Err("what is missing is looked at elsewhere");
        }
        for (at, (_, row)) in others.iter().enumerate() {
            let before = &rows[at].1;
            if kept.contains(&row.place) || row.in_short() == before.in_short() {
                continue;
            }
            match row.told() == before.told() {
                true => outcomes[at].push(Outcome::NeedsReview),
                false => outcomes[at] = vec![Outcome::NeedsReview],
            }
        }
    }
    Ok((rows, outcomes))
}

#[test]
fn settlements_agree_where_terms_look_at_what_is_kept() {
    let mut reach = Reach::default();
    let mut seen = [0; 4];
    run("what is kept", &mut reach, |order_number, reach| {
        // Each is decided several times over.
        if order_number % 3 != 0 {
            return Ok(None);
        }
        let mut seed = Seed::new(0x0B1F_0000_0000 + order_number / ORDERS_PER_POLICY);
        let (mut policy, action) = policies::policy(&mut seed);
        look_at_kept_units(&mut seed, &mut policy);
        let plan = compile(&policy).unwrap();
        let mut seed = Seed::new(0x0C1F_0000_0000 + order_number);
        let now = orders::now(&mut seed);
        let mut order = orders::order(&mut seed, orders::placed(), now);
        for line in order.lines.iter_mut() {
            line.group = seed
                .pick(&[None, Some("one"), Some("one"), Some("two")])
                .map(generate::id);
        }
        let request = orders::request(&mut seed, &order, action, now);
        let mut request = request.ok_or(NOTHING_LEFT)?;
        money::tell(&mut seed, &mut order, orders::placed(), now);
        money::tell_of_request(&mut seed, &mut request);
        // What is given back is looked at in `parts`.
        order
            .earlier
            .iter_mut()
            .for_each(|earlier| earlier.taken.clear());
        let facts = Facts::new(order, request, None).map_err(|_| TOO_MUCH_BEFORE)?;
        let (rows, outcomes) = decide_together(&policy, &facts, action)?;
        if let Some(why) = left_out(&rows) {
            reach.count("left out:", why);
            return Ok(None);
        }
        let verdict = decide(&plan, &facts, View::Full);
        let told: Vec<Outcome> = verdict
            .each()
            .map(|(_, decision)| decision.outcome)
            .collect();
        seen[0] += 1;
        let first = once(&policy, &facts, action, &all_of(&facts));
        let changed = first
            .iter()
            .zip(&rows)
            .any(|(a, b)| a.1.in_short() != b.1.in_short());
        seen[1] += usize::from(changed);
        if !told
            .iter()
            .zip(&outcomes)
            .all(|(told, allowed)| allowed.contains(told))
        {
            let why = format!("outcomes: engine {told:?}, second {outcomes:?}");
            return Ok(Some(shown(why, (&policy, &facts))));
        }
        let waits = rows
            .iter()
            .zip(&told)
            .any(|((_, row), told)| row.outcome != *told);
        seen[2] += usize::from(waits);
        // What turns on rows that are not decided is pending.
        if told.contains(&Outcome::NeedsReview) {
            return Ok(None);
        }
        // Of rows that change each other for ever some count as asked for and are denied: money
        // goes by what is approved.
        let goes_round = rows.iter().any(|(oracle, row)| {
            let counts = oracle.back.iter().any(|(place, _)| *place == row.place);
            counts && row.outcome == Outcome::Denied
        });
        if goes_round {
            return Ok(None);
        }
        seen[3] += 1;
        let got = Told::by_engine(&verdict);
        let unexplained = got.money.as_ref().map_or(0, ToldMoney::unexplained);
        let allowed = allowed(&facts, &rows);
        if unexplained == 0 && allowed.iter().any(|told| told.is_said_by(&got)) {
            return Ok(None);
        }
        let differences = allowed.iter().map(|told| difference(&got, told));
        let why = differences.min_by_key(String::len).unwrap_or_default();
        Ok(Some(shown(
            format!("{why} unexplained {unexplained}"),
            (&policy, &facts),
        )))
    });
    println!("compared, changed by others, waiting for others, settled: {seen:?}");
    if number("REDRESS_ORDERS", 10_000) >= 10_000 {
        let [compared, changed, waiting, settled] = seen;
        assert!(compared > 2800 && settled > 2300, "{seen:?}");
        assert!(changed > 20 && waiting > 8, "{seen:?}");
    }
}

fn all_of(facts: &Facts<'_>) -> Vec<(UnitsLocation, i32)> {
    facts
        .rows()
        .iter()
        .map(|row| (row.location(), row.quantity))
        .collect()
}

/// Shows the order of a single seed.
fn shown(why: String, (policy, facts): (&CheckedPolicy, &Facts<'_>)) -> String {
    if number("REDRESS_ORDERS", 0) == 1 {
        println!("{:#?}\n{facts:#?}", policy.clauses);
    }
    why
}
