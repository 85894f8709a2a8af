//! The engine against a second settlement, written from the design alone and in exact
//! fractions: on random policies that say all that terms can say of money, and on the
//! policies of the five shops.
//!
//! A number makes an order, so that a difference is told by it. The suite looks at ten
//! thousand of each kind; `just differential` looks at a million in release. Both print
//! what was reached and name what never was. `REDRESS_ORDERS` says how many orders, and
//! `REDRESS_SEED` which is the first; a single one prints its facts and its verdict.
//!
//! Compared are outcomes, grants and their windows, conditions, duties, amounts of rows,
//! items, sums, payouts, what money waits for, due dates, and options with their status,
//! remedy and amount; notices where all rows are approved. Not compared are reasons,
//! candidates of a review and alternatives. Events known by their day alone and given
//! facts that nobody knows are only those that amounts look at: `missing` looks for the
//! others through all completions.

mod kept;
pub mod money;
mod options;
pub mod orders;
pub mod policies;
mod reach;
mod returns;
mod shops;
mod told;
mod uses;

use crate::within::decide;
use redress::domain::facts::{Action, Facts};
use redress::domain::verdict::Outcome;
use redress::engine::View;
use redress::policy::checked::CheckedPolicy;
use redress::policy::compile::compile;
use redress::policy::plan::Plan;

use crate::generate::Seed;
use crate::oracle::{Oracle, RowAnswer, settle, shares};
use reach::Reach;
use shops::Instants;
use told::{Rows, Told, ToldMoney};

/// Orders that one policy is tried with.
const ORDERS_PER_POLICY: u64 = 8;

/// Every order in which rows of one line can follow each other: the design does not say
/// which of them comes first.
fn orders_of(rows: &Rows<'_>) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = vec![Vec::new()];
    for (at, (_, row)) in rows.iter().enumerate() {
        let mut longer = Vec::new();
        for order in &all {
            // Behind rows of other lines, and before or behind each of its own.
            let own = |place: &usize| rows[order[*place]].1.place.line == row.place.line;
            let places = (0..order.len()).filter(own).chain([order.len()]);
            for place in places {
                let mut next = order.clone();
                next.insert(place, at);
                longer.push(next);
            }
        }
        all = longer;
    }
    all
}

/// Everything that the second settlement allows to say.
fn allowed(facts: &Facts<'_>, rows: &Rows<'_>) -> Vec<Told> {
    let mut shares: Vec<_> = shares(rows).into_iter().map(Some).collect();
    if shares.is_empty() {
        shares.push(None);
    }
    let mut all = Vec::new();
    for order in orders_of(rows) {
        for share in &shares {
            let told = Told::by_second(rows, settle(facts, rows, &order, *share));
            if !all.contains(&told) {
                all.push(told);
            }
        }
    }
    all
}

/// Decides the rows of a request one by one.
fn decide_rows<'f>(
    policy: &'f CheckedPolicy,
    facts: &'f Facts<'f>,
    route: Action,
) -> Vec<(Oracle<'f>, RowAnswer<'f>)> {
    let rows = facts.rows().iter().map(|row| {
        let mut oracle = Oracle::new(policy, facts, row.location(), route);
        let answer = oracle.decide(facts.request().wants);
        (oracle, answer)
    });
    rows.collect()
}

/// Returns why the second settlement does not cover a request; `None`: it does.
fn left_out(rows: &Rows<'_>) -> Option<String> {
    if let Some(name) = rows.iter().find_map(|(oracle, _)| oracle.untold.get()) {
        return Some(format!("{name} is not told"));
    }
    // Whether something untold matters is looked at for each row alone; where units pay next
    // to nothing, that turns on which of them come first.
    let dust = |(oracle, row): &(Oracle<'_>, RowAnswer<'_>)| {
        let line = row.place.line;
        let several = rows
            .iter()
            .filter(|(_, row)| row.place.line == line)
            .count()
            > 1;
        several
            && oracle
                .line()
                .unit_price
                .is_some_and(|price| price.minor() < 5)
    };
    if rows.iter().any(|(_, row)| row.turned) && rows.iter().any(dust) {
        return Some("cents of units that follow each other".to_owned());
    }
    None
}

/// Decides the rows of a request in every way in which the uses that are left of an option
/// can go to units; `None`: they are too many.
fn decide_all<'f>(
    policy: &'f CheckedPolicy,
    facts: &'f Facts<'f>,
    route: Action,
) -> Option<Vec<Vec<(Oracle<'f>, RowAnswer<'f>)>>> {
    let rows = decide_rows(policy, facts, route);
    let asked = rows.iter().map(|(_, row)| i64::from(row.quantity)).sum();
    match uses::run_out(&rows, asked) {
        Some(left) => uses::ways(policy, facts, route, left),
        None => Some(vec![rows]),
    }
}

/// Compares what both say of a request; returns the difference.
fn compare(
    (policy, plan): (&CheckedPolicy, &Plan),
    facts: &Facts<'_>,
    route: Action,
    reach: &mut Reach,
) -> Option<String> {
    let verdict = decide(plan, facts, View::Full);
    let got = Told::by_engine(&verdict);
    let unexplained = got.money.as_ref().map_or(0, ToldMoney::unexplained);
    let Some(ways) = decide_all(policy, facts, route) else {
        reach.count("left out:", "uses of options run out in too many ways");
        return None;
    };
    if ways.len() > 1 {
        reach.count("orders", "for which uses of an option run out");
    }
    let mut all = Vec::new();
    for rows in &ways {
        if let Some(why) = left_out(rows) {
            reach.count("left out:", why);
            return None;
        }
        let allowed = allowed(facts, rows);
        let same = allowed.iter().find(|told| told.is_said_by(&got));
        if let Some(told) = same.filter(|_| unexplained == 0) {
            reach.order(policy, rows, told);
            reach.count("orders", "compared");
            return None;
        }
        all.extend(allowed);
    }
    reach.count("orders", "that differ");
    if number("REDRESS_ORDERS", 0) == 1 {
        println!("{policy:#?}\n{facts:#?}\n{verdict:#?}");
    }
    let differences = all.iter().map(|told| difference(&got, told));
    let least = differences.min_by_key(String::len)?;
    let reasons = verdict.each().map(|(row, decision)| {
        let reasons = decision.reasons.iter();
        let reasons = reasons.map(|r| format!("{} {}", r.code, r.clause.map_or("", |c| &c.id)));
        format!(
            "{}: {}",
            row.line_id,
            reasons.collect::<Vec<_>>().join(", ")
        )
    });
    let reasons: Vec<String> = reasons.collect();
    let missing: Vec<&str> = verdict.missing.iter().map(|m| m.path.as_str()).collect();
    Some(format!(
        "{least}\n    unexplained {unexplained}, reasons {reasons:?}, missing {missing:?}"
    ))
}

/// Writes the lines that only one of two has.
fn difference(engine: &Told, second: &Told) -> String {
    let lines = |told: &Told| -> Vec<String> {
        format!("{told:?}").split(", ").map(str::to_owned).collect()
    };
    let (engine, second) = (lines(engine), lines(second));
    let only = |these: &[String], those: &[String]| -> Vec<String> {
        these
            .iter()
            .filter(|l| !those.contains(l))
            .cloned()
            .collect()
    };
    let (engine, second) = (only(&engine, &second), only(&second, &engine));
    format!("\n    engine {engine:?}\n    second {second:?}")
}

/// Reads a number from the environment.
fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

/// Makes orders one after the other, and compares what both say of each.
fn run(
    name: &str,
    reach: &mut Reach,
    mut one: impl FnMut(u64, &mut Reach) -> Result<Option<String>, &'static str>,
) -> u64 {
    let (first, count) = (number("REDRESS_SEED", 0), number("REDRESS_ORDERS", 10_000));
    let mut differ = Vec::new();
    for order in first..first + count {
        match one(order, reach) {
            Ok(None) => {}
            Ok(Some(difference)) => {
                println!("{name}, seed {order}: {difference}");
                differ.push(order);
            }
            Err(why) => reach.count("left out:", why),
        }
    }
    println!(
        "{name}, seeds {first} to {}\n{}",
        first + count - 1,
        reach.report()
    );
    assert!(differ.is_empty(), "{name}: orders differ: {differ:?}");
    count
}

const NOTHING_LEFT: &str = "nothing is left to ask for";
const TOO_MUCH_BEFORE: &str = "more was given back than was paid";

#[test]
fn settlements_agree_on_random_policies() {
    let mut reach = Reach::of_everything();
    let count = run("random policies", &mut reach, |number, reach| {
        let mut seed = Seed::new(0x0D1F_0000_0000 + number / ORDERS_PER_POLICY);
        let (policy, action) = policies::policy(&mut seed);
        let plan = compile(&policy).unwrap();
        let mut seed = Seed::new(0x0E1F_0000_0000 + number);
        let now = orders::now(&mut seed);
        let mut order = orders::order(&mut seed, orders::placed(), now);
        let request = orders::request(&mut seed, &order, action, now);
        let mut request = request.ok_or(NOTHING_LEFT)?;
        money::tell(&mut seed, &mut order, orders::placed(), now);
        money::tell_of_request(&mut seed, &mut request);
        let facts = Facts::new(order, request, None).map_err(|_| TOO_MUCH_BEFORE)?;
        Ok(compare((&policy, &plan), &facts, action, reach))
    });
    // The comparison is worth something only if most orders are looked at, and all that
    // terms can say is reached.
    if count >= 10_000 {
        let compared = u64::try_from(reach.get("orders compared")).unwrap();
        assert!(compared * 10 > count * 9, "{compared} of {count} orders");
        assert_eq!(reach.never(), Vec::<&str>::new());
    }
}

#[test]
fn settlements_agree_on_the_policies_of_shops() {
    let shops = shops::all();
    let mut reach = Reach::of_clauses(shops.iter().map(|shop| &shop.policy));
    let count = run("shops", &mut reach, |number, reach| {
        let mut seed = Seed::new(0x0F1F_0000_0000 + number);
        let shop = seed.pick(&shops);
        let instants = Instants::new(&mut seed);
        let order = shop.order(&mut seed, &instants);
        let request = shop
            .request(&mut seed, &order, &instants)
            .ok_or(NOTHING_LEFT)?;
        let decided = Some(instants.decided);
        let facts = Facts::new(order, request, decided).map_err(|_| TOO_MUCH_BEFORE)?;
        let Some(route) = shop.route(facts.request().ask.action) else {
            let verdict = decide(&shop.plan, &facts, View::Full);
            let mut rows = verdict.each();
            assert!(rows.all(|(_, decision)| decision.outcome == Outcome::NeedsReview));
            assert_eq!(verdict.settlement, None);
            reach.count("orders", "that the terms do not cover");
            return Ok(None);
        };
        Ok(compare((&shop.policy, &shop.plan), &facts, route, reach)
            .map(|d| format!("{} {route} {d}", shop.policy.id)))
    }); // What is never reached is named; it is little.
    if count >= 10_000 {
        let compared = u64::try_from(reach.get("orders compared")).unwrap();
        assert!(compared * 10 > count * 8, "{compared} of {count} orders");
        let mut never = reach.never();
        never.retain(|name| name.starts_with("clause "));
        assert!(never.len() < 30, "{never:?}");
    }
}

#[test]
fn options_agree_with_the_second_settlement() {
    let shops = shops::all();
    let mut reach = Reach::default();
    run("options", &mut reach, |number, reach| {
        // An order has dozens of options, each of which is an order to compare.
        if number % 50 != 0 {
            return Ok(None);
        }
        let mut seed = Seed::new(0x0A1F_0000_0000 + number);
        let shop = seed.pick(&shops);
        let instants = Instants::new(&mut seed);
        let order = shop.order(&mut seed, &instants);
        options::compare(shop, &order, instants.now, reach)
    });
}
