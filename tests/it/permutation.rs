//! Order decides nothing: lines, groups, parcels, payments, options and earlier remedies
//! of an order can be listed in any order.

use crate::within::decide;
use redress::domain::facts::UnitGroup;
use redress::engine::View;
use redress::policy::plan::Plan;

use crate::generate::Seed;
use crate::random::told::{Origin, only};
use crate::random::{Situation, of_every_shop_and_action, shrink};

/// Shuffles a list; returns where its entries stood.
fn shuffle<T>(seed: &mut Seed, list: &mut [T]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..list.len()).collect();
    for last in (1..list.len()).rev() {
        let other = seed.below(last + 1);
        list.swap(last, other);
        places.swap(last, other);
    }
    places
}

/// Shuffles groups; those that are equal count as the first of them.
fn shuffle_groups(seed: &mut Seed, groups: &mut [UnitGroup<'_>]) -> Vec<usize> {
    let before = groups.to_vec();
    let first = |place: usize| before.iter().position(|group| *group == before[place]);
    let places = shuffle(seed, groups);
    places
        .into_iter()
        .map(|place| first(place).unwrap())
        .collect()
}

/// Shuffles every list of a situation.
fn shuffled(seed: &mut Seed, situation: &Situation) -> (Situation, Origin) {
    let mut other = situation.clone();
    let (order, request) = (&mut other.order, &mut other.request);
    let request_lines = shuffle(seed, &mut request.lines);
    let lines = request.lines.iter_mut();
    let groups = lines
        .map(|line| shuffle_groups(seed, &mut line.groups))
        .collect();
    shuffle(seed, &mut order.payments);
    for items in order
        .shipments
        .iter_mut()
        .filter_map(|parcel| parcel.items.as_mut())
    {
        shuffle(seed, items);
    }
    let origin = Origin {
        lines: shuffle(seed, &mut order.lines),
        shipments: shuffle(seed, &mut order.shipments),
        options: shuffle(seed, &mut order.options),
        earlier: shuffle(seed, &mut order.earlier),
        request_lines,
        groups,
    };
    (other, origin)
}

/// Writes all that is decided of a situation.
fn told(plan: &Plan, origin: &Origin, situation: &Situation) -> Vec<String> {
    let facts = situation.facts().unwrap();
    let verdict = decide(plan, &facts, View::Basic);
    let mut told = origin.rows(&verdict);
    told.extend(Origin::whole(&verdict));
    told
}

/// Returns what is told of a situation as it is, and what only with its lists shuffled.
fn differences(plan: &Plan, number: u64, situation: &Situation) -> Vec<String> {
    let (other, origin) = shuffled(&mut Seed::new(number), situation);
    let one = told(plan, &Origin::of(&situation.request), situation);
    let other = told(plan, &origin, &other);
    [only("<", &one, &other), only(">", &other, &one)].concat()
}

#[test]
fn any_order_of_lists_gives_the_same_verdict() {
    let mut wrong = 0;
    let property = ("any order of lists", 50);
    of_every_shop_and_action(property, |plan, (number, situation)| {
        if !differences(plan, number, situation).is_empty() {
            let of = |least: &Situation| differences(plan, number, least);
            let least = shrink(situation, |least| !of(least).is_empty());
            println!(
                "--- {} order {number}: {:#?}\n{least:?}",
                plan.policy,
                of(&least)
            );
            wrong += 1;
        }
    });
    assert_eq!(
        wrong, 0,
        "orders whose verdict depends on the order of lists"
    );
}
