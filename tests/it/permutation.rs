//! Order decides nothing: lines, groups, parcels, payments, options and earlier remedies
//! of an order can be listed in any order.

use redress::domain::facts::UnitGroup;
use redress::engine::{View, decide};
use redress::policy::plan::Plan;
use redress::policy::terms::Effect;

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
    let mut told = origin.rows(&facts, &verdict);
    told.extend(origin.whole(&facts, &verdict));
    told
}

/// Whether the units of a request share an option that has fewer uses left than there are
/// units: then they go to the rows that are listed first.
pub fn runs_out(plan: &Plan, situation: &Situation) -> bool {
    let Some(route) = plan.route(situation.request.ask.action()) else {
        return false;
    };
    let groups = situation
        .request
        .lines
        .iter()
        .flat_map(|line| line.groups.iter());
    let units: i32 = groups.map(|group| group.quantity).sum();
    let grants = route.grants.iter();
    let clauses = grants.filter_map(|at| plan.clause(route.clauses[*at].clause));
    let mut codes = clauses.filter_map(|clause| match &clause.effect {
        Effect::Grants(grant) => grant.consumes.as_deref(),
        _ => None,
    });
    codes.any(|code| {
        let options = situation
            .order
            .options
            .iter()
            .filter(|option| option.code == code);
        let left = options.filter_map(|option| Some(option.quantity - option.used?));
        left.min().is_some_and(|left| left > 0 && left < units)
    })
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
        if runs_out(plan, situation) {
            return;
        }
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
