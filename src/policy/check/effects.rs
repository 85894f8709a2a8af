//! Reads what a clause does.

use super::ClauseIndex;
use super::bands::{Band, BandOf, Said, said};
use super::conditions;
use super::ends::{counted_end, due, end};
use super::sums::granted;
use crate::domain::facts::{PaymentMethod, Remedy};
use crate::domain::verdict::{Basis, Party, ReasonCode, ReturnPayer};
use crate::domain::vocabulary::{Class, Fact};
use crate::policy::checked::Guard;
use crate::policy::document::{Item, Table, nearest};
use crate::policy::terms::{
    Addition, BackTo, Cheaper, DeliveryShare, Effect, FactRef, Grant, Part, Payee, Recommendation,
    Referral, Refusal, Sum, Test, Where, WindowSpec, Worth,
};

/// Keys of effects.
const EFFECTS: &[&str] = &["grants", "refuses", "refers", "asks", "adds", "extends"];

/// Reads the one effect of a clause. A window that is not a grant's own is one
/// more test, that the act is inside.
pub(super) fn read(
    clause: &Table<'_, '_>,
    names: &ClauseIndex<'_>,
    within: Option<WindowSpec>,
    guard: &mut Guard,
) -> Option<(Effect, Vec<BandOf>)> {
    let mut bands = Vec::new();
    let effect = effect(clause, names, within, guard, &mut bands)?;
    Some((effect, bands))
}

fn effect(
    clause: &Table<'_, '_>,
    names: &ClauseIndex<'_>,
    within: Option<WindowSpec>,
    guard: &mut Guard,
    bands: &mut Vec<BandOf>,
) -> Option<Effect> {
    let given: Vec<(&str, Item<'_, '_>)> = EFFECTS
        .iter()
        .filter_map(|key| clause.get(key).map(|item| (*key, item)))
        .collect();
    let [(key, item)] = given.as_slice() else {
        let Some((second, item)) = given.get(1) else {
            let help = "give it one of `grants`, `refuses`, `refers`, `asks`, `adds`, `extends` \
                        and `inert`";
            clause.lack(EFFECTS, "one-effect", "the clause has no effect", help);
            return None;
        };
        let message = format!("a second effect, `{second}`");
        item.bad(
            "one-effect",
            message,
            "give each effect a clause of its own",
        );
        return None;
    };
    if *key == "grants" {
        return grant(item, names, within).map(Effect::Grants);
    }
    if let Some(window) = within {
        guard.all.push(Test::Window(window, Where::Inside));
    }
    let example = match *key {
        "refuses" => "{ reason = \"worn\" }",
        "refers" => "{ reason = \"fraud_suspected\" }",
        "asks" => "{ fact = \"photos\" }",
        "extends" => "{ clause = \"CLAUSE\", to = { days = 60, after = \"deliver\" } }",
        _ => "{ return_payer = \"customer\" }",
    };
    let table = item.table_like(example)?;
    let effect = match *key {
        "refuses" => refusal(&table).map(Effect::Refuses),
        "refers" => referral(&table, names).map(Effect::Refers),
        "asks" => asks(&table, names, guard),
        "extends" => {
            let clause = table.need("clause").and_then(|c| names.grant(&c));
            let to = table.need("to").and_then(|t| end(&t, names));
            clause
                .zip(to)
                .map(|(clause, to)| Effect::Extends(clause, to))
        }
        _ => addition(&table, names, bands).map(Effect::Adds),
    };
    table.finish_ref().then_some(effect).flatten()
}

fn remedies(table: &Table<'_, '_>) -> Vec<Remedy> {
    let items = table
        .get("remedies")
        .map(|r| r.one_or_more())
        .unwrap_or_default();
    items
        .iter()
        .filter_map(|r| r.word(Remedy::WORDS, Remedy::from_word, "remedy"))
        .collect()
}

/// Reads a stable code.
fn code(item: &Item<'_, '_>) -> Option<String> {
    let text = item.text()?;
    let fits = text.len() <= 63
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !fits {
        item.bad(
            "bad-code",
            format!("`{text}` is not a valid code"),
            "start with a lower-case letter; then lower-case letters, digits and `_`, at most 63 \
             characters",
        );
        return None;
    }
    Some(text)
}

/// Reads the code of a reason, which no reason of the engine's own has; a clause can say by
/// itself that a request is too early or too late.
fn reason(item: &Item<'_, '_>) -> Option<String> {
    let text = code(item)?;
    let shared = [ReasonCode::TooEarly, ReasonCode::WindowClosed].map(ReasonCode::word);
    let words = ReasonCode::WORDS.iter().copied();
    let reserved: Vec<&str> = words.filter(|word| !shared.contains(word)).collect();
    if reserved.contains(&text.as_str()) {
        item.bad(
            "reserved-code",
            format!("`{text}` is a reason of the engine's own"),
            format!(
                "choose another code; reserved are `{}`",
                reserved.join("`, `")
            ),
        );
        return None;
    }
    Some(text)
}

pub(super) fn need_code<'t>(table: &Table<'t, '_>, key: &'t str) -> Option<String> {
    code(&table.need(key)?)
}

/// Returns what units are worth under a remedy where its clause does not say: a remedy
/// in goods pays no money.
const fn default_worth(remedy: Remedy) -> Worth {
    match remedy {
        Remedy::Refund | Remedy::PartialRefund | Remedy::StoreCredit => Worth::Paid,
        Remedy::Exchange
        | Remedy::Replacement
        | Remedy::Repair
        | Remedy::Change
        | Remedy::PriceReduction
        | Remedy::Cancellation => Worth::Nothing,
        Remedy::CreditUse => Worth::Credit,
    }
}

fn worth(item: &Item<'_, '_>, names: &ClauseIndex<'_>) -> Option<Worth> {
    if item.as_str().is_none() {
        return granted(item, names).map(|sum| Worth::Said(Box::new(sum)));
    }
    let words = ["paid", "nothing", "credit"];
    let worth = |word: &str| match word {
        "paid" => Some(Worth::Paid),
        "nothing" => Some(Worth::Nothing),
        "credit" => Some(Worth::Credit),
        _ => None,
    };
    item.word(&words, worth, "worth")
}

fn grant(
    item: &Item<'_, '_>,
    names: &ClauseIndex<'_>,
    window: Option<WindowSpec>,
) -> Option<Grant> {
    let table = item.table_like("{ remedy = \"refund\" }")?;
    let remedy = table
        .need("remedy")
        .and_then(|r| r.word(Remedy::WORDS, Remedy::from_word, "remedy"));
    let worth = match table.get("worth") {
        None => remedy.map(default_worth),
        Some(item) => worth(&item, names),
    };
    let rank = table.get("rank").map(|item| item.integer(0, 1000));
    let consumes = table.get("consumes").map(|item| {
        let code = item.text()?;
        names.option(&code, item.span.clone()).then_some(code)
    });
    let delivery = table
        .get("delivery")
        .map_or(Some(DeliveryShare::None), |i| delivery(&i));
    let options = table
        .get("options")
        .map_or(Some(false), |item| item.yes_no());
    let basis = table.get("basis").map_or(Some(Basis::Goodwill), |item| {
        item.word(Basis::WORDS, Basis::from_word, "basis")
    });
    if !table.finish_ref() {
        return None;
    }
    let rank = match rank {
        None => None,
        Some(rank) => Some(u32::try_from(rank?).ok()?),
    };
    let consumes = match consumes {
        None => None,
        Some(code) => Some(code?),
    };
    let (remedy, worth, delivery, options) = (remedy?, worth?, delivery?, options?);
    let pays = worth != Worth::Nothing || delivery != DeliveryShare::None || options;
    if remedy == Remedy::Cancellation && pays {
        item.bad(
            "pays-nothing",
            "`cancellation` pays nothing back",
            "grant `refund`, or leave out `worth`, `delivery` and `options`",
        );
        return None;
    }
    Some(Grant {
        remedy,
        window,
        worth,
        rank,
        consumes,
        delivery,
        options,
        basis: basis?,
    })
}

fn delivery(item: &Item<'_, '_>) -> Option<DeliveryShare> {
    let words = ["none", "paid", "standard", "paid_always"];
    let share = |word: &str| match word {
        "none" => Some(DeliveryShare::None),
        "paid" => Some(DeliveryShare::Paid),
        "standard" => Some(DeliveryShare::Standard),
        "paid_always" => Some(DeliveryShare::PaidAlways),
        _ => None,
    };
    item.word(&words, share, "share of the delivery")
}

fn refusal(table: &Table<'_, '_>) -> Option<Refusal> {
    let reason = table.need("reason").and_then(|item| reason(&item));
    let remedies = remedies(table);
    Some(Refusal {
        reason: reason?,
        remedies,
    })
}

fn referral(table: &Table<'_, '_>, names: &ClauseIndex<'_>) -> Option<Referral> {
    let reason = table.need("reason").and_then(|item| reason(&item));
    let remedies = remedies(table);
    let recommends = match table.get("recommends") {
        None => Some(Recommendation::None),
        Some(item) if item.as_str() == Some("refuse") => Some(Recommendation::Refuse),
        Some(item) => names.grant(&item).map(Recommendation::Grant),
    };
    Some(Referral {
        reason: reason?,
        remedies,
        recommends: recommends?,
    })
}

/// Reads `asks`: what follows when an asked-for fact is not supplied.
fn asks(table: &Table<'_, '_>, names: &ClauseIndex<'_>, guard: &mut Guard) -> Option<Effect> {
    let fact = table.need("fact").and_then(|item| asked_fact(&item, names));
    let refuses = table.get("then").map_or(Some(false), |item| {
        let words = ["refers", "refuses"];
        let then = |word: &str| match word {
            "refers" => Some(false),
            "refuses" => Some(true),
            _ => None,
        };
        item.word(&words, then, "consequence")
    });
    let reason = match table.get("reason") {
        None => Some("not_supplied".to_owned()),
        Some(item) => reason(&item),
    };
    let until = match table.get("until") {
        None if refuses == Some(true) => {
            table.lack(
                &["until"],
                "missing-key",
                "nothing says from when a request without the fact is refused",
                "add `until = { days = 14, after = \"deliver\" }`, or `until = \"never\"` if the \
                 fact can be supplied at any time and the request waits for it",
            );
            None
        }
        None => None,
        Some(item) if item.as_str() == Some("never") => None,
        Some(item) => Some(counted_end(&item, names)?),
    };
    guard.all.push(Test::NotSupplied(
        FactRef {
            fact: fact?,
            word: None,
        },
        until,
    ));
    let (reason, remedies) = (reason?, Vec::new());
    Some(if refuses? {
        Effect::Refuses(Refusal { reason, remedies })
    } else {
        Effect::Refers(Referral {
            reason,
            remedies,
            recommends: Recommendation::None,
        })
    })
}

fn asked_fact(item: &Item<'_, '_>, names: &ClauseIndex<'_>) -> Option<Fact> {
    let name = item.text()?;
    let asked = |fact: &Fact| fact.spec().class == Class::Asked;
    let found = names.fact(&name).filter(asked);
    if found.is_none() && !names.has_failed(&name) {
        let known = names.facts().filter(asked).map(Fact::word);
        let message = match names.fact(&name) {
            Some(_) => format!("`{name}` is not a fact that customers are asked for"),
            None => format!("unknown fact `{name}`"),
        };
        item.bad("unknown-fact", message, nearest(&name, known));
    }
    found
}

/// Makes a part of what is added out of an amount.
type PartOf = fn(Sum) -> Part;

fn addition(
    table: &Table<'_, '_>,
    names: &ClauseIndex<'_>,
    bands: &mut Vec<BandOf>,
) -> Option<Addition> {
    let remedies = remedies(table);
    let to = table
        .get("to")
        .map(|item| item.one_or_more())
        .unwrap_or_default();
    let to = to.iter().filter_map(|item| names.grant(item)).collect();
    let mut parts = Vec::new();
    let items = |key: &'static str| table.get(key).map(|i| i.one_or_more()).unwrap_or_default();
    for item in items("condition") {
        parts.extend(conditions::condition(&item, names).map(Part::Condition));
    }
    for item in items("obliges") {
        parts.extend(conditions::obligation(&item, names).map(Part::Obligation));
    }
    if let Some(item) = table.get("return_payer") {
        let payer = item.word(ReturnPayer::WORDS, ReturnPayer::from_word, "payer");
        parts.extend(payer.map(Part::ReturnPayer));
    }
    if let Some(item) = table.get("return_risk") {
        parts.extend(
            item.word(Party::WORDS, Party::from_word, "side")
                .map(Part::ReturnRisk),
        );
    }
    parts.extend(table.text("return_address").map(Part::ReturnAddress));
    if let Some(item) = table.get("payee") {
        parts.extend(payee(&item).map(Part::Payee));
    }
    if let Some(item) = table.get("back_to") {
        parts.extend(back_to(&item).map(Part::BackTo));
    }
    if let Some(item) = table.get("due") {
        parts.extend(due(&item, names).map(Part::Due));
    }
    if let Some(item) = table.get("release") {
        parts.extend(release(&item, names));
    }
    let sums: [(&str, PartOf); 3] = [
        ("deduct", Part::Deduct),
        ("charge", Part::Charge),
        ("reimburse", Part::Reimburse),
    ];
    let mut banded: Vec<Item<'_, '_>> = Vec::new();
    for (key, part) in sums {
        for item in items(key) {
            match said(&item, names) {
                None => {}
                Some(Said::One(sum)) => parts.push(part(sum)),
                Some(Said::Bands(list)) => {
                    let of_one = |Band { tests, sum }: Band| (tests, part(sum));
                    bands.extend(list.into_iter().map(of_one));
                    banded.push(item);
                }
            }
        }
    }
    if let Some(item) = table.get("delivery") {
        parts.extend(delivery(&item).map(Part::Delivery));
    }
    if let Some(item) = table.get("options") {
        parts.extend(item.yes_no().map(Part::Options));
    }
    if let Some(item) = table.get("difference") {
        parts.extend(difference(&item));
    }
    for item in items("notice") {
        parts.extend(code(&item).map(Part::Notice));
    }
    if let Some(item) = banded.first()
        && (banded.len() > 1 || !parts.is_empty())
    {
        item.bad(
            "bad-band",
            "a clause with bands adds something else",
            "give what is added besides a clause of its own",
        );
    }
    // Before all keys are looked at, so that an unknown one is still told.
    table.finish_ref();
    let filters = ["remedies", "to"];
    if table
        .entries()
        .iter()
        .all(|(key, ..)| filters.contains(key))
    {
        table.report().add(
            "empty-list",
            table.span(),
            "the clause adds nothing",
            "add a part, such as `notice = \"CODE\"`",
        );
    }
    Some(Addition {
        remedies,
        to,
        parts,
    })
}

fn payee(item: &Item<'_, '_>) -> Option<Payee> {
    if item.as_str().is_some() {
        let payee = |word: &str| match word {
            "payer" => Some(Payee::Payer),
            "buyer" => Some(Payee::Buyer),
            _ => None,
        };
        return item.word(&["payer", "buyer"], payee, "payee");
    }
    let table = item.table_like("{ third_party = \"travel_agency\" }")?;
    let code = need_code(&table, "third_party");
    table.finish_ref().then_some(Payee::ThirdParty(code?))
}

fn back_to(item: &Item<'_, '_>) -> Option<BackTo> {
    let table = item.table_like("{ first = [\"gift_card\"] }")?;
    let first = table.get("first").map(|item| {
        let each = item.one_or_more().into_iter();
        let means = |item: Item<'_, '_>| {
            let words = PaymentMethod::WORDS;
            item.word(words, PaymentMethod::from_word, "payment method")
        };
        each.map(means).collect::<Option<Vec<_>>>()
    });
    let chosen = table.get("chosen").map(|item| item.yes_no());
    let words = PaymentMethod::WORDS;
    let means = table
        .get("means")
        .map(|item| item.word(words, PaymentMethod::from_word, "payment method"));
    if !table.finish_ref() {
        return None;
    }
    if first
        .as_ref()
        .is_some_and(|first| first.as_ref().is_some_and(Vec::is_empty))
    {
        item.bad(
            "empty-list",
            "`first` names no payment method",
            "name one, or remove it",
        );
        return None;
    }
    if first.is_none() && chosen.is_none() && means.is_none() {
        item.bad(
            "missing-key",
            "nothing says where money goes",
            "give `first`, `means` or `chosen`",
        );
        return None;
    }
    if let (Some(_), Some(_)) = (&first, &means) {
        item.bad(
            "unused",
            "`first` and `means` exclude each other",
            "remove one of them",
        );
        return None;
    }
    let means = match means {
        None => None,
        Some(means) => Some(means?),
    };
    Some(BackTo {
        first: first.unwrap_or_else(|| Some(Vec::new()))?,
        chosen: chosen.unwrap_or(Some(false))?,
        means,
    })
}

fn release(item: &Item<'_, '_>, names: &ClauseIndex<'_>) -> Option<Part> {
    if item.as_str().is_some() {
        return Some(Part::Release(vec![names.event(item)?], false));
    }
    let table = item.table_like("{ all = [\"receive\", \"proof\"] }")?;
    let (first, all) = (table.get("first"), table.get("all"));
    table.finish_ref();
    let (list, any) = match (first, all) {
        (Some(list), None) => (list, true),
        (None, Some(list)) => (list, false),
        _ => {
            let help = "write `{ first = [\"receive\", \"proof\"] }`, or `all` in place of `first`";
            item.bad("missing-key", "expected either `first` or `all`", help);
            return None;
        }
    };
    let events = list
        .one_or_more()
        .iter()
        .map(|item| names.event(item))
        .collect::<Option<Vec<_>>>()?;
    Some(Part::Release(events, any))
}

fn difference(item: &Item<'_, '_>) -> Option<Part> {
    let table = item.table()?;
    let dearer = table.get("dearer").map(|item| {
        let owed = |word: &str| (word == "owed").then_some(());
        item.word(&["owed"], owed, "treatment")
    });
    let cheaper = table.get("cheaper").map(|item| {
        let treatment = |word: &str| match word {
            "kept" => Some(Cheaper::Kept),
            "credit" => Some(Cheaper::Credit),
            "refund" => Some(Cheaper::Refund),
            _ => None,
        };
        item.word(&["kept", "credit", "refund"], treatment, "treatment")
    });
    table.finish_ref();
    if dearer.is_none() && cheaper.is_none() {
        item.bad(
            "missing-key",
            "no treatment of a difference",
            "give `dearer` or `cheaper`",
        );
        return None;
    }
    Some(Part::Difference {
        dearer_owed: dearer.flatten().is_some(),
        cheaper: cheaper.flatten().unwrap_or_default(),
    })
}
