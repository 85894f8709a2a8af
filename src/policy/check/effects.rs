//! Reads what a clause does.

use super::Names;
use super::ends::{due, end, event};
use super::guards::list;
use crate::domain::facts::Remedy;
use crate::domain::money::{Amount, Currency};
use crate::domain::verdict::{Basis, Outcome, Party, ReturnPayer};
use crate::domain::vocabulary::{Class, Fact};
use crate::policy::checked::Guard;
use crate::policy::document::{Item, Table, nearest};
use crate::policy::terms::{
    Addition, ConditionSpec, Deduction, DeliveryShare, Effect, FactRef, Grant, ObligationSpec,
    Part, Payee, Recommendation, Referral, Refusal, SettledBy, StatedAmount, Test, Where,
    WindowSpec, Worth,
};

/// Keys of effects.
const EFFECTS: &[&str] = &["grants", "refuses", "refers", "asks", "adds", "extends"];

/// Reads the one effect of a clause. A window that is not a grant's own is one
/// more test, that the act is inside.
pub(super) fn read(
    clause: &Table<'_, '_>,
    names: &Names<'_>,
    within: Option<WindowSpec>,
    guard: &mut Guard,
) -> Option<Effect> {
    let given: Vec<(&str, Item<'_, '_>)> = EFFECTS
        .iter()
        .filter_map(|key| clause.get(key).map(|item| (*key, item)))
        .collect();
    let [(key, item)] = given.as_slice() else {
        clause.report().add(
            "one-effect",
            clause.span(),
            format!("expected one effect, found {}", given.len()),
            "give exactly one of `grants`, `refuses`, `refers`, `asks`, `adds`, `extends`, `inert`",
        );
        return None;
    };
    if *key == "grants" {
        return grant(item, names, within).map(Effect::Grants);
    }
    if let Some(window) = within {
        guard.all.push(Test::Window(window, Where::Inside));
    }
    let table = item.table()?;
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
        _ => addition(&table, names).map(Effect::Adds),
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
        let message = format!("`{text}` is no code");
        item.bad(
            "bad-code",
            message,
            "write lower_snake_case, at most 63 characters",
        );
        return None;
    }
    Some(text)
}

fn need_code<'t>(table: &Table<'t, '_>, key: &'t str) -> Option<String> {
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
        | Remedy::PriceReduction => Worth::Nothing,
        Remedy::CreditUse => Worth::Credit,
    }
}

fn grant(item: &Item<'_, '_>, names: &Names<'_>, window: Option<WindowSpec>) -> Option<Grant> {
    let table = item.table()?;
    let remedy = table
        .need("remedy")
        .and_then(|r| r.word(Remedy::WORDS, Remedy::from_word, "remedy"));
    let worth = match table.get("worth") {
        None => remedy.map(default_worth),
        Some(item) => {
            let words = ["paid", "nothing", "credit"];
            let worth = |word: &str| match word {
                "paid" => Some(Worth::Paid),
                "nothing" => Some(Worth::Nothing),
                "credit" => Some(Worth::Credit),
                _ => None,
            };
            item.word(&words, worth, "worth")
        }
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
    Some(Grant {
        remedy: remedy?,
        window,
        worth: worth?,
        rank,
        consumes,
        delivery: delivery?,
        options: options?,
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
    let reason = need_code(table, "reason");
    let remedies = remedies(table);
    Some(Refusal {
        reason: reason?,
        remedies,
    })
}

fn referral(table: &Table<'_, '_>, names: &Names<'_>) -> Option<Referral> {
    let reason = need_code(table, "reason");
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
fn asks(table: &Table<'_, '_>, names: &Names<'_>, guard: &mut Guard) -> Option<Effect> {
    let fact = table.need("fact").and_then(|item| asked_fact(&item));
    let until = table.get("until").map(|item| end(&item, names));
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
        Some(item) => code(&item),
    };
    let until = match until {
        None => None,
        Some(end) => Some(end?),
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

fn asked_fact(item: &Item<'_, '_>) -> Option<Fact> {
    let name = item.text()?;
    let asked = |fact: &&Fact| fact.spec().class == Class::Asked;
    let found = Fact::from_name(&name).filter(|fact| asked(&fact));
    if found.is_none() {
        let known = Fact::ALL.iter().filter(asked).map(|f| f.spec().name);
        let message = format!("`{name}` is no fact that a customer can supply");
        item.bad("unknown-fact", message, nearest(&name, known));
    }
    found
}

fn addition(table: &Table<'_, '_>, names: &Names<'_>) -> Option<Addition> {
    let remedies = remedies(table);
    let to = table
        .get("to")
        .map(|item| item.one_or_more())
        .unwrap_or_default();
    let to = to.iter().filter_map(|item| names.grant(item)).collect();
    let mut parts = Vec::new();
    let items = |key: &'static str| table.get(key).map(|i| i.one_or_more()).unwrap_or_default();
    for item in items("condition") {
        parts.extend(condition(&item, names).map(Part::Condition));
    }
    for item in items("obliges") {
        parts.extend(obligation(&item, names).map(Part::Obligation));
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
        let payee = |word: &str| match word {
            "payer" => Some(Part::Payee(Payee::Payer)),
            "buyer" => Some(Part::Payee(Payee::Buyer)),
            _ => None,
        };
        parts.extend(item.word(&["payer", "buyer"], payee, "payee"));
    }
    if let Some(item) = table.get("due") {
        parts.extend(due(&item, names).map(Part::Due));
    }
    if let Some(item) = table.get("release") {
        parts.extend(release(&item));
    }
    for item in items("deduct") {
        parts.extend(deduction(&item).map(Part::Deduct));
    }
    if let Some(item) = table.get("charge") {
        parts.extend(stated(&item).map(Part::Charge));
    }
    if let Some(item) = table.get("reimburse") {
        parts.extend(stated(&item).map(Part::Reimburse));
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
    // Before all keys are looked at, so that an unknown one is still told.
    table.finish_ref();
    let filters = ["remedies", "to"];
    if table
        .entries()
        .iter()
        .all(|(key, ..)| filters.contains(key))
    {
        table
            .report()
            .add("empty-list", table.span(), "the clause adds nothing", "");
    }
    Some(Addition {
        remedies,
        to,
        parts,
    })
}

fn condition(item: &Item<'_, '_>, names: &Names<'_>) -> Option<ConditionSpec> {
    let table = item.table()?;
    let code = need_code(&table, "code");
    let on_event = table.get("event").map(|e| event(&e));
    let when = table.get("when").map(|w| (w.clone(), list(&w, names)));
    let failed = table.get("failed").map(|item| {
        let outcome = |word: &str| {
            Outcome::from_word(word).filter(|o| matches!(o, Outcome::Denied | Outcome::NeedsReview))
        };
        item.word(
            &["denied", "needs_review"],
            outcome,
            "consequence of a failed condition",
        )
    });
    table.finish_ref();
    let settled_by = match (on_event, when) {
        (Some(event), None) => SettledBy::Event(event?),
        (None, Some((item, tests))) => {
            let [test] = tests.as_slice() else {
                item.bad("one-test", "a condition is settled by one test", "");
                return None;
            };
            SettledBy::Finding(test.clone())
        }
        _ => {
            item.bad("missing-key", "expected either `event` or `when`", "");
            return None;
        }
    };
    let failed = match (failed, &settled_by) {
        (Some(failed), _) => failed?,
        (None, SettledBy::Event(_)) => Outcome::NeedsReview,
        (None, SettledBy::Finding(_)) => {
            item.bad(
                "missing-key",
                "nothing says what a failed condition leads to",
                "add `failed = \"denied\"` or `failed = \"needs_review\"`",
            );
            return None;
        }
    };
    Some(ConditionSpec {
        code: code?,
        settled_by,
        failed,
    })
}

fn obligation(item: &Item<'_, '_>, names: &Names<'_>) -> Option<ObligationSpec> {
    let table = item.table()?;
    let code = need_code(&table, "code");
    let party = table
        .need("party")
        .and_then(|p| p.word(Party::WORDS, Party::from_word, "side"));
    let due = match table.get("by") {
        None => Some(None),
        Some(item) => due(&item, names).map(Some),
    };
    table.finish_ref();
    Some(ObligationSpec {
        code: code?,
        party: party?,
        due: due?,
    })
}

fn release(item: &Item<'_, '_>) -> Option<Part> {
    if item.as_str().is_some() {
        return Some(Part::Release(vec![event(item)?], false));
    }
    let table = item.table()?;
    let (first, all) = (table.get("first"), table.get("all"));
    table.finish_ref();
    let (list, any) = match (first, all) {
        (Some(list), None) => (list, true),
        (None, Some(list)) => (list, false),
        _ => {
            item.bad(
                "missing-key",
                "expected either `first` or `all`",
                "name the events",
            );
            return None;
        }
    };
    let events = list
        .one_or_more()
        .iter()
        .map(event)
        .collect::<Option<Vec<_>>>()?;
    Some(Part::Release(events, any))
}

fn stated(item: &Item<'_, '_>) -> Option<StatedAmount> {
    let words = [
        "deterioration",
        "value_loss",
        "return_paid",
        "collection_cost",
        "undelivered_cost",
    ];
    let amount = |word: &str| match word {
        "deterioration" => Some(StatedAmount::Deterioration),
        "value_loss" => Some(StatedAmount::ValueLoss),
        "return_paid" => Some(StatedAmount::ReturnPaid),
        "collection_cost" => Some(StatedAmount::CollectionCost),
        "undelivered_cost" => Some(StatedAmount::UndeliveredCost),
        _ => None,
    };
    item.word(&words, amount, "amount that facts state")
}

fn deduction(item: &Item<'_, '_>) -> Option<Deduction> {
    let table = item.table()?;
    let per_piece = table.get("per_piece");
    let per_order = table.get("per_order");
    let percent = table.get("percent");
    let amount = table.get("amount");
    let currency = table.get("currency");
    table.finish_ref();
    match (per_piece, per_order, percent, amount) {
        (Some(each), None, None, None) => {
            let (amount, currency) = fixed(&each, currency.as_ref())?;
            Some(Deduction::PerPiece(amount, currency))
        }
        (None, Some(once), None, None) => {
            let (amount, currency) = fixed(&once, currency.as_ref())?;
            Some(Deduction::PerOrder(amount, currency))
        }
        (None, None, Some(percent), None) => basis_points(&percent).map(Deduction::Percent),
        (None, None, None, Some(name)) => stated(&name).map(Deduction::Stated),
        _ => {
            item.bad(
                "bad-deduction",
                "expected one kind of deduction",
                "give exactly one of `per_piece`, `per_order`, `percent` and `amount`",
            );
            None
        }
    }
}

fn fixed(item: &Item<'_, '_>, currency: Option<&Item<'_, '_>>) -> Option<(Amount, Currency)> {
    let Some(code) = currency else {
        item.bad(
            "missing-key",
            "a fixed amount needs its currency",
            "add `currency = \"EUR\"`",
        );
        return None;
    };
    let text = code.text()?;
    let Some(currency) = Currency::from_code(&text) else {
        code.bad(
            "unknown-currency",
            format!("`{text}` is no currency"),
            "write an ISO 4217 code",
        );
        return None;
    };
    let amount = item.text()?;
    match Amount::parse(&amount, currency) {
        Ok(amount) => Some((amount, currency)),
        Err(why) => {
            item.bad("bad-amount", format!("`{amount}` {why}"), "");
            None
        }
    }
}

/// Reads per cent as a text with at most two digits after the point.
fn basis_points(item: &Item<'_, '_>) -> Option<u32> {
    let text = item.text()?;
    let hundredths = Currency::from_code("EUR").and_then(|c| Amount::parse(&text, c).ok());
    let points = hundredths
        .and_then(|a| u32::try_from(a.minor()).ok())
        .filter(|p| *p <= 10_000);
    if points.is_none() {
        let message = format!("`{text}` is no percentage");
        item.bad(
            "bad-amount",
            message,
            "write 0 to 100 with at most two digits after the point",
        );
    }
    points
}

fn difference(item: &Item<'_, '_>) -> Option<Part> {
    let table = item.table()?;
    let one = |key: &'static str, word: &'static str| {
        table
            .get(key)
            .map(|item| item.word(&[word], |w| (w == word).then_some(()), "treatment"))
    };
    let (dearer, cheaper) = (one("dearer", "owed"), one("cheaper", "credit"));
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
        cheaper_credit: cheaper.flatten().is_some(),
    })
}
