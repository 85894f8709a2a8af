//! What is possible with an order, against the second settlement of the request that each
//! option names.

use redress::domain::facts::{Facts, Order, Value};
use redress::domain::few::Few;
use redress::domain::time::Instant;
use redress::domain::verdict::{OptionStatus, Outcome};
use redress::engine::{Budget, Options, OptionsQuery, View};

use super::reach::Reach;
use super::shops::Shop;
use super::told::Rows;
use super::{allowed, decide_rows, left_out, uses};

/// The status of an option over rows that differ: that of the best of them.
fn status(rows: &Rows<'_>) -> OptionStatus {
    let of = rows.iter().map(|(oracle, row)| match row.outcome {
        Outcome::Approved => OptionStatus::Open,
        Outcome::Denied if oracle.early.get() => OptionStatus::NotOpenYet,
        Outcome::Denied => OptionStatus::Closed,
        Outcome::NeedsInformation => OptionStatus::NeedsInformation,
        Outcome::NeedsReview | Outcome::Mixed => OptionStatus::NeedsReview,
    });
    let of: Vec<OptionStatus> = of.collect();
    let best = [
        OptionStatus::Open,
        OptionStatus::NeedsInformation,
        OptionStatus::NeedsReview,
        OptionStatus::NotOpenYet,
        OptionStatus::Closed,
    ];
    let best = best.into_iter().find(|status| of.contains(status));
    best.expect("a request has rows")
}

/// Compares every option of an order at an instant; returns the first difference.
pub fn compare(
    shop: &Shop,
    order: &Order<'static>,
    now: Instant,
    reach: &mut Reach,
) -> Result<Option<String>, &'static str> {
    let query = OptionsQuery {
        order: order.clone(),
        request_time: now,
        lines: Few::new(),
        requester: Value::Word("buyer"),
        actions: Vec::new(),
        line_by_line: true,
    };
    let options = Options::new(query).map_err(|_| super::TOO_MUCH_BEFORE)?;
    let asks = options.asks(&shop.plan, &Budget::default()).unwrap();
    let (options, _) = asks
        .list(&shop.plan, View::Full, &Budget::default())
        .unwrap();
    for option in &options {
        let Some(route) = shop.route(option.action) else {
            return Ok(Some(format!(
                "an option of the uncovered {}",
                option.action
            )));
        };
        let facts = Facts::new(order.clone(), option.request.clone(), None).unwrap();
        let rows = decide_rows(&shop.policy, &facts, route);
        let asked = rows.iter().map(|(_, row)| i64::from(row.quantity)).sum();
        let run_out = uses::run_out(&rows, asked).map(|_| "uses of an option run out".to_owned());
        if let Some(why) = left_out(&rows).or(run_out) {
            reach.count("option left out:", why);
            continue;
        }
        reach.count("option", option.status);
        let want = status(&rows);
        let head = format!(
            "{} {} {:?} {:?}",
            shop.policy.id, option.action, option.reason_class, option.remedy
        );
        if want != option.status {
            return Ok(Some(format!("{head}: {}, not {want}", option.status)));
        }
        let approved = rows
            .iter()
            .filter(|(_, row)| row.outcome == Outcome::Approved);
        let mut remedies = approved.map(|(_, row)| row.grant.map(|g| g.remedy));
        if want == OptionStatus::Open && !remedies.any(|remedy| remedy == option.remedy) {
            return Ok(Some(format!("{head}: no row gets the remedy")));
        }
        let Some(amount) = option.amount.filter(|_| want == OptionStatus::Open) else {
            continue;
        };
        reach.count("option", "with an amount");
        let mut allowed = allowed(&facts, &rows).into_iter();
        let pays = allowed.any(|told| told.money.is_some_and(|m| m.comes_back() == amount.minor()));
        if !pays {
            return Ok(Some(format!("{head}: pays {amount:?}")));
        }
    }
    Ok(None)
}
