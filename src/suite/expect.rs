//! What a case expects, as its file states it.

use crate::domain::facts::{Action, Remedy};
use crate::domain::verdict::{
    Basis, ConditionStatus, NextStep, OptionStatus, Outcome, Party, ReturnPayer,
};
use crate::domain::violation::ViolationKind;
use crate::policy::document::{Item, Table, nearest};

/// Holds what is expected of a request.
#[derive(Clone, Debug)]
pub(super) enum Expected {
    /// It is decided.
    Decided(Box<ExpectedVerdict>),
    /// It is refused with exactly these violations.
    Refused(Vec<ExpectedViolation>),
}

/// Holds what is expected of a verdict; `None`, or none of a list: it is not compared.
#[derive(Clone, Debug)]
pub(super) struct ExpectedVerdict {
    pub outcome: String,
    pub next_step: Option<String>,
    pub payable_now_total: Option<String>,
    pub rows: Option<Vec<ExpectedRow>>,
    pub settlement: Option<ExpectedSettlement>,
    /// Always compared.
    pub missing: Vec<String>,
    pub notices: Option<Vec<String>>,
    pub alternatives: Vec<String>,
    pub no_alternatives: Vec<String>,
}

/// Holds what is expected of a violation.
#[derive(Clone, Debug)]
pub(super) struct ExpectedViolation {
    pub field: String,
    pub kind: String,
}

/// Holds what is expected of a row.
#[derive(Clone, Debug, Default)]
pub(super) struct ExpectedRow {
    pub line: Option<String>,
    pub quantity: Option<i64>,
    pub outcome: Option<String>,
    pub next_step: Option<String>,
    pub reason: Option<String>,
    pub reasons: Option<Vec<ExpectedReason>>,
    pub notes: Vec<String>,
    pub clause: Option<String>,
    pub entitlement: ExpectedEntitlement,
    pub candidates: Vec<ExpectedCandidate>,
    pub no_candidates: Vec<String>,
    pub recommended: Option<String>,
    pub regardless_of: Option<Vec<String>>,
}

/// Holds what is expected of an entitlement, of a row or of a candidate.
#[derive(Clone, Debug, Default)]
pub(super) struct ExpectedEntitlement {
    pub remedy: Option<String>,
    pub amount: Option<String>,
    pub basis: Option<String>,
    pub return_payer: Option<String>,
    pub return_risk: Option<String>,
    pub return_address: Option<String>,
    pub shaped_by: Option<Vec<String>>,
    pub depends_on: Option<Vec<String>>,
    pub conditions: Vec<String>,
    pub no_conditions: Vec<String>,
    pub obligations: Vec<String>,
    pub no_obligations: Vec<String>,
    pub window_opens: Option<String>,
    pub window_closes: Option<String>,
    pub possible_closes: Option<String>,
    pub earliest_due: Option<String>,
    pub latest_due: Option<String>,
}

/// Holds what is expected of a candidate.
#[derive(Clone, Debug)]
pub(super) enum ExpectedCandidate {
    /// In words.
    Words(String),
    /// An entitlement of a clause.
    Entitlement {
        clause: String,
        entitlement: Box<ExpectedEntitlement>,
        recommended: Option<bool>,
    },
    /// A refusal.
    Refusal {
        reason: ExpectedReason,
        recommended: Option<bool>,
    },
}

/// Holds what is expected of a reason.
#[derive(Clone, Debug)]
pub(super) struct ExpectedReason {
    pub code: String,
    pub clause: Option<String>,
    /// All parameters, by name.
    pub parameters: Option<Vec<(String, String)>>,
}

/// Holds what is expected of a settlement.
#[derive(Clone, Debug)]
pub(super) struct ExpectedSettlement {
    pub refund_total: Option<String>,
    pub credit_total: Option<String>,
    pub credit_used_total: Option<String>,
    pub owed_total: Option<String>,
    pub owed_pending_total: Option<String>,
    pub whole_order: Option<bool>,
    pub rounding_difference: Option<String>,
    pub items: Vec<String>,
    pub payouts: Option<Vec<String>>,
    pub release: ExpectedRelease,
    pub due: Option<String>,
}

/// Holds what is expected of the release of money.
#[derive(Clone, Debug, Default)]
pub(super) struct ExpectedRelease {
    pub events: Option<Vec<String>>,
    pub any: Option<bool>,
    pub conditions: Option<Vec<String>>,
}

/// What a value is that a verdict leaves out.
const NOTHING: &[&str] = &["none", "unspecified"];

impl Expected {
    /// Reads `expect` of a case; `None`: it is wrong and reported.
    pub(super) fn read(item: &Item<'_, '_>) -> Option<Self> {
        let table = item.table_like("{ outcome = \"approved\" }")?;
        if let Some(refused) = table.get("refused") {
            let violations = refused.one_or_more();
            let violations: Vec<_> = violations.iter().map(violation).collect();
            table.finish();
            return Some(Self::Refused(
                violations.into_iter().collect::<Option<_>>()?,
            ));
        }
        let outcome = table
            .need("outcome")
            .and_then(|item| word(&item, Outcome::WORDS, "outcome"));
        let rows = table.get("rows").map(|item| {
            let rows: Vec<_> = item.one_or_more().iter().map(row).collect();
            rows.into_iter().collect::<Option<Vec<_>>>()
        });
        let settlement = table.get("settlement").map(|item| settlement(&item));
        let verdict = ExpectedVerdict {
            missing: texts(&table, "missing").unwrap_or_default(),
            notices: texts(&table, "notices"),
            alternatives: phrases(&table, "alternatives", alternative),
            no_alternatives: phrases(&table, "no_alternatives", alternative),
            outcome: outcome.unwrap_or_default(),
            next_step: one_of(&table, "next_step", NextStep::WORDS),
            payable_now_total: text(&table, "payable_now_total"),
            rows: rows.flatten(),
            settlement: settlement.flatten(),
        };
        table.finish();
        Some(Self::Decided(Box::new(verdict)))
    }

    pub(super) fn is_refused(&self) -> bool {
        matches!(self, Self::Refused(_))
    }
}

fn violation(item: &Item<'_, '_>) -> Option<ExpectedViolation> {
    let table =
        item.table_like("{ field = \"order.lines[0].quantity\", kind = \"out_of_range\" }")?;
    let field = table.need("field").and_then(|item| item.text());
    let kind = table
        .need("kind")
        .and_then(|item| word(&item, ViolationKind::WORDS, "kind of violation"));
    table.finish();
    Some(ExpectedViolation {
        field: field?,
        kind: kind?,
    })
}

fn row(item: &Item<'_, '_>) -> Option<ExpectedRow> {
    let table = item.table_like("{ remedy = \"refund\", clause = \"ACM-07\" }")?;
    let candidates = list(&table, "candidates").iter().map(candidate).collect();
    let candidates: Vec<Option<ExpectedCandidate>> = candidates;
    let row = ExpectedRow {
        line: text(&table, "line"),
        quantity: table
            .get("quantity")
            .and_then(|item| item.integer(0, i64::from(i32::MAX))),
        outcome: one_of(&table, "outcome", Outcome::WORDS),
        next_step: one_of(&table, "next_step", NextStep::WORDS),
        reason: text(&table, "reason"),
        reasons: table.get("reasons").map(|item| {
            let reasons = item.one_or_more();
            reasons.iter().filter_map(reason).collect()
        }),
        notes: texts(&table, "notes").unwrap_or_default(),
        clause: text(&table, "clause"),
        entitlement: entitlement(&table),
        candidates: candidates.into_iter().flatten().collect(),
        no_candidates: phrases(&table, "no_candidates", candidate_words),
        recommended: table.get("recommended").and_then(|item| {
            let text = item.text()?;
            candidate_words(&item, &text);
            Some(text)
        }),
        regardless_of: texts(&table, "regardless_of"),
    };
    table.finish();
    Some(row)
}

fn entitlement(table: &Table<'_, '_>) -> ExpectedEntitlement {
    ExpectedEntitlement {
        remedy: one_of(table, "remedy", Remedy::WORDS),
        amount: text(table, "amount"),
        basis: one_of(table, "basis", Basis::WORDS),
        return_payer: one_of(table, "return_payer", ReturnPayer::WORDS),
        return_risk: one_of(table, "return_risk", Party::WORDS),
        return_address: text(table, "return_address"),
        shaped_by: texts(table, "shaped_by"),
        depends_on: texts(table, "depends_on"),
        conditions: phrases(table, "conditions", condition),
        no_conditions: phrases(table, "no_conditions", condition),
        obligations: phrases(table, "obligations", obligation),
        no_obligations: phrases(table, "no_obligations", obligation),
        window_opens: text(table, "window_opens"),
        window_closes: text(table, "window_closes"),
        possible_closes: text(table, "possible_closes"),
        earliest_due: text(table, "earliest_due"),
        latest_due: text(table, "latest_due"),
    }
}

fn candidate(item: &Item<'_, '_>) -> Option<ExpectedCandidate> {
    if item.as_str().is_some() {
        let text = item.text()?;
        candidate_words(item, &text);
        return Some(ExpectedCandidate::Words(text));
    }
    let table =
        item.table_like("{ remedy = \"refund\", clause = \"ACM-07\", amount = \"59.00\" }")?;
    let recommended = table.get("recommended").and_then(|item| item.yes_no());
    let candidate = if let Some(code) = table.get("refusal") {
        code.text().map(|code| ExpectedCandidate::Refusal {
            reason: ExpectedReason {
                code,
                clause: text(&table, "clause"),
                parameters: parameters(&table),
            },
            recommended,
        })
    } else {
        let clause = table.need("clause").and_then(|item| item.text());
        let entitlement = Box::new(entitlement(&table));
        clause.map(|clause| ExpectedCandidate::Entitlement {
            clause,
            entitlement,
            recommended,
        })
    };
    table.finish();
    candidate
}

fn reason(item: &Item<'_, '_>) -> Option<ExpectedReason> {
    let table = item.table_like("{ code = \"window_closed\", clause = \"ACM-07\" }")?;
    let code = table.need("code").and_then(|item| item.text());
    let reason = ExpectedReason {
        clause: text(&table, "clause"),
        parameters: parameters(&table),
        code: code.unwrap_or_default(),
    };
    table.finish();
    Some(reason)
}

fn parameters(table: &Table<'_, '_>) -> Option<Vec<(String, String)>> {
    let table = table
        .get("parameters")?
        .table_like("{ closes = \"2026-04-08 23:59\" }")?;
    let entries = table.entries();
    let mut parameters: Vec<(String, String)> = entries
        .iter()
        .filter_map(|(name, _, item)| Some(((*name).to_owned(), item.text()?)))
        .collect();
    parameters.sort();
    Some(parameters)
}

fn settlement(item: &Item<'_, '_>) -> Option<ExpectedSettlement> {
    let table = item.table_like("{ refund_total = \"59.00\" }")?;
    let mut release = table.get("release").and_then(|item| release(&item));
    if let Some(conditions) = texts(&table, "release_conditions") {
        release.get_or_insert_default().conditions = Some(conditions);
    }
    let settlement = ExpectedSettlement {
        refund_total: text(&table, "refund_total"),
        credit_total: text(&table, "credit_total"),
        credit_used_total: text(&table, "credit_used_total"),
        owed_total: text(&table, "owed_total"),
        owed_pending_total: text(&table, "owed_pending_total"),
        whole_order: table.get("whole_order").and_then(|item| item.yes_no()),
        rounding_difference: text(&table, "rounding_difference"),
        items: texts(&table, "items").unwrap_or_default(),
        payouts: texts(&table, "payouts"),
        release: release.unwrap_or_default(),
        due: text(&table, "due"),
    };
    table.finish();
    Some(settlement)
}

/// Reads what money waits for: a list of events, or a table with more.
fn release(item: &Item<'_, '_>) -> Option<ExpectedRelease> {
    let events = |items: Vec<Item<'_, '_>>| -> Vec<String> {
        // An event that the policy declares has a name of its own.
        let word = |item: &Item<'_, '_>| item.text();
        items.iter().filter_map(word).collect()
    };
    let Some(table) = item.as_table() else {
        return Some(ExpectedRelease {
            events: Some(events(item.one_or_more())),
            ..ExpectedRelease::default()
        });
    };
    let release = ExpectedRelease {
        events: table.get("events").map(|item| events(item.one_or_more())),
        any: table.get("any").and_then(|item| item.yes_no()),
        conditions: texts(&table, "conditions"),
    };
    table.finish();
    Some(release)
}

fn text<'t>(table: &Table<'t, '_>, key: &'t str) -> Option<String> {
    table.get(key)?.text()
}

fn list<'t, 'i>(table: &Table<'t, 'i>, key: &'t str) -> Vec<Item<'t, 'i>> {
    table
        .get(key)
        .map(|item| item.one_or_more())
        .unwrap_or_default()
}

fn texts<'t>(table: &Table<'t, '_>, key: &'t str) -> Option<Vec<String>> {
    let items = table.get(key)?.one_or_more();
    Some(items.iter().filter_map(|item| item.text()).collect())
}

/// Reads texts of a form, which is checked: one that is misspelt is never there, so that
/// it would pass wherever it must not be.
fn phrases<'t>(table: &Table<'t, '_>, key: &'t str, check: fn(&Item<'_, '_>, &str)) -> Vec<String> {
    let read = |item: &Item<'_, '_>| {
        let text = item.text()?;
        check(item, &text);
        Some(text)
    };
    list(table, key).iter().filter_map(read).collect()
}

fn one_of<'t>(table: &Table<'t, '_>, key: &'t str, words: &[&str]) -> Option<String> {
    let item = table.get(key)?;
    let text = item.text()?;
    if !NOTHING.contains(&text.as_str()) {
        known(&item, &text, words, key);
    }
    Some(text)
}

fn word(item: &Item<'_, '_>, words: &[&str], what: &str) -> Option<String> {
    let text = item.text()?;
    known(item, &text, words, what);
    Some(text)
}

/// Reports a word that is none of a closed list.
fn known(item: &Item<'_, '_>, word: &str, words: &[&str], what: &str) {
    if !words.contains(&word) {
        let message = format!("unknown {what} `{word}`");
        item.bad(
            "unknown-word",
            message,
            nearest(word, words.iter().copied()),
        );
    }
}

fn malformed(item: &Item<'_, '_>, text: &str, form: &str) {
    let message = format!("`{text}` does not have the form that is expected here");
    item.bad("bad-form", message, format!("write {form}"));
}

fn alternative(item: &Item<'_, '_>, text: &str) {
    match text.split(' ').collect::<Vec<_>>().as_slice() {
        [action, remedy, status] => {
            known(item, action, Action::WORDS, "action");
            if *remedy != "none" {
                known(item, remedy, Remedy::WORDS, "remedy");
            }
            known(item, status, OptionStatus::WORDS, "status");
        }
        _ => malformed(
            item,
            text,
            "`ACTION REMEDY STATUS`, such as `return refund open`",
        ),
    }
}

fn condition(item: &Item<'_, '_>, text: &str) {
    match text.split_once(':') {
        Some((_, status)) => known(item, status, ConditionStatus::WORDS, "status"),
        None => malformed(item, text, "`CODE:STATUS`, such as `goods_received:open`"),
    }
}

fn obligation(item: &Item<'_, '_>, text: &str) {
    match text.split_once(' ') {
        Some((party, _)) => known(item, party, Party::WORDS, "party"),
        None => malformed(
            item,
            text,
            "`PARTY CODE`, such as `customer send_goods_back`",
        ),
    }
}

fn candidate_words(item: &Item<'_, '_>, text: &str) {
    match text.split(' ').collect::<Vec<_>>().as_slice() {
        ["refusal", _] => {}
        [remedy, _] | [remedy, _, _] => known(item, remedy, Remedy::WORDS, "remedy"),
        _ => malformed(
            item,
            text,
            "`REMEDY CLAUSE`, the same with an amount, or `refusal CODE`",
        ),
    }
}
