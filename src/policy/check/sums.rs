//! Reads the arithmetic of money: how much, in what it counts once, and under which code.

use super::ClauseIndex;
use super::amounts::{amount, currency};
use super::counts::count;
use super::effects::need_code;
use crate::domain::money::{Amount, Currency, Rounding};
use crate::domain::path::{Field, Owner};
use crate::domain::vocabulary::{Event, Fact, Kind};
use crate::policy::document::{Item, Table};
use crate::policy::limits::MAX_FORMULA_DEPTH;
use crate::policy::terms::{Allowance, Base, Count, Formula, Scope, Sum};

/// How an amount is written.
const EXAMPLE: &str = "{ fixed = \"9.50\", currency = \"EUR\", per = \"unit\" }";
/// Keys of which each says how much; one of them has to be there.
const KINDS: &[&str] = &[
    "fixed",
    "per_piece",
    "per_order",
    "amount",
    "percent",
    "used",
    "unused",
    "greatest",
    "least",
    "all",
];

/// Holds the scope and the code of an amount.
#[derive(Clone)]
pub(super) struct Around {
    scope: Option<Scope>,
    code: Option<String>,
}

impl Around {
    /// Reads what is there; `None`: it is wrong.
    pub(super) fn read(table: &Table<'_, '_>) -> Option<Self> {
        let scope = match table.get("per") {
            None => None,
            Some(per) => Some(per.word(Scope::WORDS, Scope::from_word, "scope")?),
        };
        let code = match table.get("code") {
            None => None,
            Some(_) => Some(need_code(table, "code")?),
        };
        Some(Self { scope, code })
    }
}

/// Reads an amount with its code and its scope; the name of a fact alone is that amount.
pub(super) fn sum(item: &Item<'_, '_>, names: &ClauseIndex<'_>) -> Option<Sum> {
    if item.as_str().is_some() {
        let formula = Formula::Stated(stated(item, names)?);
        return scoped(item, formula, None, None, false);
    }
    let table = item.table_like(EXAMPLE)?;
    in_table(item, &table, names, None)
}

/// Reads an amount of a table; what the table does not say of scope and code is said around
/// it.
pub(super) fn in_table(
    item: &Item<'_, '_>,
    table: &Table<'_, '_>,
    names: &ClauseIndex<'_>,
    around: Option<&Around>,
) -> Option<Sum> {
    let formula = of_table(item, table, names, 0);
    let own = Around::read(table);
    if !table.finish_ref() {
        return None;
    }
    let own = own?;
    // The two that are said most often have a form of their own.
    let short = ["per_piece", "per_order"]
        .into_iter()
        .find(|key| table.has(key));
    let scope = match short {
        Some("per_piece") => Some(Scope::Unit),
        Some(_) => Some(Scope::Order),
        None => own.scope,
    };
    if let (Some(short), Some(_)) = (short, own.scope) {
        let message = format!("`{short}` has no `per`");
        item.bad("unused", message, "remove it, or say `fixed`");
        return None;
    }
    let scope = scope.or(around.and_then(|around| around.scope));
    let code = own.code.or(around.and_then(|around| around.code.clone()));
    scoped(item, formula?, scope, code, short.is_some())
}

/// Reads what a grant pays for units: it counts row by row, or unit by unit.
pub(super) fn granted(item: &Item<'_, '_>, names: &ClauseIndex<'_>) -> Option<Sum> {
    let sum = sum(item, names)?;
    if !sum.scope.is_of_row() {
        item.bad(
            "bad-scope",
            "what a grant pays counts unit by unit",
            "add `per = \"unit\"`; what counts once for more is a `deduct` or a `reimburse`",
        );
        return None;
    }
    Some(sum)
}

/// Says in what an amount counts once, and whether it can: what is of units cannot count once
/// for the order. `short`: the key says the scope, as `per_piece` does.
fn scoped(
    item: &Item<'_, '_>,
    formula: Formula,
    scope: Option<Scope>,
    code: Option<String>,
    short: bool,
) -> Option<Sum> {
    let (scope, named) = match (&formula, scope) {
        (_, Some(scope)) => (scope, true),
        (Formula::Stated(fact), None) => (of_field(fact.spec().field), false),
        (formula, None) if formula.is_proportional() => (Scope::Row, false),
        (_, None) => {
            item.bad(
                "missing-key",
                "`per` is missing",
                "state what the amount counts once in: `per = \"unit\"`, or `line`, `group`, \
                 `parcel`, `return_parcel`, `request` or `order`",
            );
            return None;
        }
    };
    let facts = formula.facts().into_iter();
    let facts = facts.map(|fact| (fact.word(), fact.spec().field, fact.is_of_group()));
    let events = events(&formula).into_iter();
    let events = events.map(|event| (event.word(), event.field(), false));
    for (name, field, is_of_group) in facts.chain(events) {
        let counts_in = match is_of_group {
            true => Scope::Group,
            false => of_field(field),
        };
        let narrow = match counts_in {
            Scope::Row => !scope.is_of_row(),
            Scope::Line => !scope.is_of_row() && scope != Scope::Line,
            Scope::Group => !scope.is_of_row() && !matches!(scope, Scope::Line | Scope::Group),
            Scope::Parcel => !scope.is_of_row() && scope != Scope::Parcel,
            // Of several return parcels the one with the greatest amount counts.
            Scope::Unit | Scope::ReturnParcel | Scope::Request | Scope::Order => false,
        };
        if narrow {
            let (what, help) = match counts_in {
                Scope::Row => ("units", "choose a narrower `per`"),
                Scope::Line => ("a line", "choose a narrower `per`"),
                Scope::Group => ("a group", "say `per = \"group\"`"),
                Scope::Unit
                | Scope::Parcel
                | Scope::ReturnParcel
                | Scope::Request
                | Scope::Order => ("a parcel", "choose a narrower `per`"),
            };
            item.bad(
                "bad-scope",
                format!("`{name}` is of {what}, and cannot count once in what is wider"),
                help,
            );
            return None;
        }
    }
    if formula.bases().contains(&Base::KeptDiscount) && scope.is_of_row() {
        item.bad(
            "bad-scope",
            "the discount on what is kept counts once in what it is kept of",
            "say `per = \"line\"`, `group` or `order`",
        );
        return None;
    }
    let code = match (code, &formula) {
        (Some(code), _) => code,
        (None, Formula::Stated(fact)) => fact.word().to_owned(),
        (None, _) if named && !short && scope.is_remembered() => {
            item.bad(
                "missing-key",
                "an amount that an earlier request can have taken needs a code",
                "add `code = \"handling_fee\"`; earlier remedies say by it what was taken",
            );
            return None;
        }
        (None, _) => String::new(),
    };
    Some(Sum {
        code,
        formula,
        scope,
    })
}

/// Returns the events that a formula counts from and to.
fn events(formula: &Formula) -> Vec<Event> {
    let mut events = Vec::new();
    for count in formula.counts() {
        if let Count::Periods { from, to, .. }
        | Count::Beyond(_, Allowance::Each(_, (from, to), ..)) = count
        {
            events.extend([from, to]);
        }
    }
    events
}

/// Returns in what a fact or an event counts once.
fn of_field(field: Field) -> Scope {
    match field.owner() {
        _ if field.is_of_return() => Scope::ReturnParcel,
        Owner::Units => Scope::Row,
        Owner::Line => Scope::Line,
        Owner::Parcel => Scope::Parcel,
        Owner::Request | Owner::Action(_) => Scope::Request,
        Owner::Order => Scope::Order,
    }
}

/// Reads how much, in a list of several.
fn formula(item: &Item<'_, '_>, names: &ClauseIndex<'_>, depth: usize) -> Option<Formula> {
    if item.as_str().is_some() {
        return stated(item, names).map(Formula::Stated);
    }
    let table = item.table_like(EXAMPLE)?;
    let formula = of_table(item, &table, names, depth);
    table.finish_ref().then_some(formula).flatten()
}

/// Reads how much of a table that may say more.
fn of_table(
    item: &Item<'_, '_>,
    table: &Table<'_, '_>,
    names: &ClauseIndex<'_>,
    depth: usize,
) -> Option<Formula> {
    if depth > MAX_FORMULA_DEPTH {
        let message = format!("amounts inside amounts, more than {MAX_FORMULA_DEPTH} deep");
        item.bad("too-many", message, "nest it less deeply");
        // What is inside is not looked at.
        table.entries();
        return None;
    }
    let kinds: Vec<(&str, Item<'_, '_>)> = KINDS
        .iter()
        .filter_map(|kind| Some((*kind, table.get(kind)?)))
        .collect();
    let currency = table.get("currency");
    let of = table.get("of");
    let whole = table.get("whole");
    let rounding = table.get("round");
    let times = table.get("times");
    let (at_least, at_most) = (table.get("at_least"), table.get("at_most"));
    let said = match kinds.as_slice() {
        [(kind, said)] => one_of(
            kind,
            said,
            names,
            depth,
            &Beside {
                item,
                currency: currency.as_ref(),
                of: of.as_ref(),
                whole: whole.as_ref(),
                rounding: rounding.as_ref(),
            },
        ),
        [] => {
            let help = "give one of `fixed`, `amount`, `percent`, `used`, `unused`, `greatest`, \
                        `least` and `all`";
            table.lack(KINDS, "bad-amount", "nothing says how much", help);
            table.finish_ref();
            None
        }
        [_, (second, said), ..] => {
            let message = format!("a second amount, `{second}`");
            let help = "write a list of amounts, or `all = [...]`, `greatest` or `least` of them";
            said.bad("bad-amount", message, help);
            None
        }
    };
    let fixed = |item: &Item<'_, '_>| {
        let (amount, currency) = fixed(item, currency.as_ref())?;
        Some(Formula::Fixed(amount, currency))
    };
    if let (Some(least), Some(most)) = (&at_least, &at_most)
        && let (Some(Formula::Fixed(low, _)), Some(Formula::Fixed(high, _))) =
            (fixed(least), fixed(most))
        && low > high
    {
        let help = "swap the two, or say the amount by itself";
        least.bad("bad-range", "`at_least` is above `at_most`", help);
        return None;
    }
    let mut formula = said;
    if let Some(times) = times {
        let count = count(&times, names);
        formula = formula
            .zip(count)
            .map(|(of, count)| Formula::Times(Box::new(of), count));
    }
    if let Some(least) = at_least {
        let least = fixed(&least);
        formula = formula
            .zip(least)
            .map(|(of, least)| Formula::Greatest(vec![of, least]));
    }
    if let Some(most) = at_most {
        let most = fixed(&most);
        formula = formula
            .zip(most)
            .map(|(of, most)| Formula::Least(vec![of, most]));
    }
    formula
}

/// Holds what stands beside the key that says how much.
struct Beside<'b, 't, 'i> {
    item: &'b Item<'t, 'i>,
    currency: Option<&'b Item<'t, 'i>>,
    of: Option<&'b Item<'t, 'i>>,
    whole: Option<&'b Item<'t, 'i>>,
    rounding: Option<&'b Item<'t, 'i>>,
}

/// Reads the amount that a key says. `kind` is the key and `said` its value.
fn one_of(
    kind: &str,
    said: &Item<'_, '_>,
    names: &ClauseIndex<'_>,
    depth: usize,
    beside: &Beside<'_, '_, '_>,
) -> Option<Formula> {
    let parts = matches!(kind, "percent" | "used" | "unused");
    let unused = [
        ("of", beside.of.filter(|_| !parts)),
        ("round", beside.rounding.filter(|_| kind != "percent")),
        (
            "whole",
            beside.whole.filter(|_| !parts || kind == "percent"),
        ),
    ];
    let mut fits = true;
    for (key, item) in unused {
        if let Some(item) = item {
            let message = format!("`{kind}` has no `{key}`");
            item.bad("unused", message, "remove it");
            fits = false;
        }
    }
    if !fits {
        return None;
    }
    let base = || match beside.of {
        None => Some(Base::Paid),
        Some(item) => base(item, names),
    };
    let list = || {
        let items = said.one_or_more();
        let each = items
            .iter()
            .map(|item| formula(item, names, depth.saturating_add(1)));
        let list: Option<Vec<Formula>> = each.collect();
        if list.as_ref().is_some_and(|list| list.len() < 2) {
            said.bad(
                "empty-list",
                format!("`{kind}` needs at least two amounts"),
                "",
            );
            return None;
        }
        list
    };
    match kind {
        "fixed" | "per_piece" | "per_order" => {
            let (amount, currency) = fixed(said, beside.currency)?;
            Some(Formula::Fixed(amount, currency))
        }
        "amount" => stated(said, names).map(Formula::Stated),
        "percent" => {
            let rounding = match beside.rounding {
                None => Some(Rounding::default()),
                Some(item) => rounding(item),
            };
            let (points, base) = (basis_points(said)?, base()?);
            if points > 10_000 && base == Base::Paid {
                said.bad(
                    "bad-amount",
                    "more than 100 % of what was paid",
                    "name another base, such as `of = \"price\"`, or write 0 to 100",
                );
                return None;
            }
            Some(Formula::Percent(points, base, rounding?))
        }
        "used" | "unused" => {
            let used = count(said, names);
            let Some(whole) = beside.whole else {
                beside.item.bad(
                    "missing-key",
                    "nothing says how many there are in all",
                    "add `whole`, counted like what is used",
                );
                return None;
            };
            Some(Formula::Part {
                of: base()?,
                whole: count(whole, names)?,
                used: used?,
                unused: kind == "unused",
            })
        }
        "greatest" => list().map(Formula::Greatest),
        "least" => list().map(Formula::Least),
        _ => list().map(Formula::All),
    }
}

fn base(item: &Item<'_, '_>, names: &ClauseIndex<'_>) -> Option<Base> {
    let bases = [
        ("paid", Base::Paid),
        ("price", Base::Price),
        ("delivery", Base::Delivery),
        ("standard_delivery", Base::StandardDelivery),
        ("kept_discount", Base::KeptDiscount),
    ];
    let text = item.text()?;
    if let Some((_, base)) = bases.iter().find(|(word, _)| *word == text) {
        return Some(*base);
    }
    let words: Vec<&str> = bases.iter().map(|(word, _)| *word).collect();
    let stated = amounts(names);
    let all: Vec<&str> = words
        .into_iter()
        .chain(stated.iter().map(|f| f.word()))
        .collect();
    let find = |word: &str| names.fact(word).filter(|fact| stated.contains(fact));
    item.word(&all, find, "base of a part").map(Base::Stated)
}

fn rounding(item: &Item<'_, '_>) -> Option<Rounding> {
    let rounding = |word: &str| match word {
        "half_up" => Some(Rounding::HalfUp),
        "up" => Some(Rounding::Up),
        "down" => Some(Rounding::Down),
        _ => None,
    };
    item.word(&["half_up", "up", "down"], rounding, "rounding")
}

/// Returns the amounts that facts state of what is bought and sent; what an action costs is
/// none to take off.
fn amounts(names: &ClauseIndex<'_>) -> Vec<Fact> {
    let is_stated = |fact: &Fact| {
        let spec = fact.spec();
        let told = spec.rule.is_none() || matches!(fact, Fact::OrderValue | Fact::KeptValue);
        spec.kind == Kind::Amount && told && !matches!(spec.field.owner(), Owner::Action(_))
    };
    names.facts().filter(is_stated).collect()
}

fn stated(item: &Item<'_, '_>, names: &ClauseIndex<'_>) -> Option<Fact> {
    let stated = amounts(names);
    let words: Vec<&str> = stated.iter().map(|fact| fact.word()).collect();
    let amount = |word: &str| names.fact(word).filter(|fact| stated.contains(fact));
    item.word(&words, amount, "amount that facts state")
}

fn fixed(item: &Item<'_, '_>, code: Option<&Item<'_, '_>>) -> Option<(Amount, Currency)> {
    let Some(code) = code else {
        item.bad(
            "missing-key",
            "a fixed amount needs its currency",
            "add `currency = \"EUR\"`",
        );
        return None;
    };
    let currency = currency(code)?;
    Some((amount(item, currency)?, currency))
}

/// Reads per cent as a text with at most two digits after the point.
pub(super) fn basis_points(item: &Item<'_, '_>) -> Option<u32> {
    /// Ten times the base: a fee can be more than what was paid.
    const MOST: u32 = 100_000;
    let text = item.text()?;
    let hundredths = Currency::from_code("EUR").and_then(|c| Amount::parse(&text, c).ok());
    let points = hundredths
        .and_then(|a| u32::try_from(a.minor()).ok())
        .filter(|p| *p <= MOST);
    if points.is_none() {
        let message = format!("`{text}` is not a valid percentage");
        item.bad(
            "bad-amount",
            message,
            "write 0 to 1000 with at most two digits after the point",
        );
    }
    points
}
