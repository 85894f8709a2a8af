//! Verdicts in, encoded replies out.
//!
//! A verdict is written straight into the bytes of its message: building the
//! messages first and encoding them then costs twice what deciding leaves over.
//! Everything a verdict holds is taken apart by name, and a field of a reply that
//! nobody writes is a warning of the compiler (see `tag`), so that nothing is
//! left unsaid on the wire by accident. Sentences, facts compared and arithmetic
//! are written at full view only: most callers are programs, and these are most
//! of the bytes.

mod due;
mod encoder;
mod entitlement;
mod missing;
mod money;
mod policy;
mod request;
mod row;
#[rustfmt::skip]
mod standard;
mod tag;
mod window;

pub use policy::policy;
pub use request::customer_request;

use super::reply::{EncodedVerdict, OptionsReply};
use crate::domain::money::{Amount, Currency};
use crate::domain::time::{Instant, Zone};
use crate::domain::verdict as v;
use crate::engine::View;
use crate::policy::terms::WordList;
use crate::text::Localizer;
use crate::wire::enums::{self, Wire};
use encoder::Encoder;

/// Bytes of a verdict and of what it holds most of, as most have them at basic view;
/// sentences double them. More than that costs a move.
const VERDICT_BYTES: usize = 384;
const ROW_BYTES: usize = 192;
const CONDITION_BYTES: usize = 88;
const ALTERNATIVE_BYTES: usize = 160;
/// Bytes of an option, in the same way.
const OPTION_BYTES: usize = 512;

/// Holds what every part of an answer is written with.
struct RenderContext<'p> {
    currency: Currency,
    zone: Zone,
    full: bool,
    compact: bool,
    localizer: Localizer<'p>,
    /// The words that the policy lists of standard facts.
    word_lists: &'p [WordList],
}

impl<'p> RenderContext<'p> {
    fn new(
        receipt: &v::Receipt<'_>,
        currency: Currency,
        view: View,
        localizer: Localizer<'p>,
        word_lists: &'p [WordList],
    ) -> Self {
        Self {
            localizer,
            word_lists,
            currency,
            zone: receipt.zone.unwrap_or_else(Zone::utc),
            full: match view {
                View::Compact | View::Basic => false,
                View::Full => true,
            },
            compact: view == View::Compact,
        }
    }

    /// Writes an amount; nothing where it is not known.
    fn amount(&self, to: &mut Encoder, tag: u32, amount: Option<Amount>) {
        self::amount(self.currency, to, tag, amount);
    }

    /// Writes a sum of a settlement; zero is left out at the compact view.
    fn sum(&self, to: &mut Encoder, tag: u32, sum: Amount) {
        if !self.compact || !sum.is_zero() {
            self.amount(to, tag, Some(sum));
        }
    }

    /// Writes a text for people, at full view only.
    fn text<T: AsRef<str>>(
        &self,
        to: &mut Encoder,
        tag: u32,
        text: impl FnOnce(&Localizer<'p>) -> T,
    ) {
        if self.full {
            to.text(tag, text(&self.localizer).as_ref());
        }
    }

    /// Returns about how many bytes there are at this view.
    fn bytes(&self, basic: usize) -> usize {
        if self.full {
            basic.saturating_mul(2)
        } else {
            basic
        }
    }
}

/// Returns about how many bytes a verdict has at basic view.
fn basic_bytes(verdict: &v::Verdict<'_>) -> usize {
    let decisions = verdict.each().map(|(_, decision)| decision);
    let entitlements = decisions.filter_map(|decision| decision.entitlement.as_ref());
    let conditions = entitlements.map(|e| e.conditions.len()).sum();
    [
        (ROW_BYTES, verdict.rows.len()),
        (CONDITION_BYTES, conditions),
        (ALTERNATIVE_BYTES, verdict.alternatives.len()),
    ]
    .into_iter()
    .fold(VERDICT_BYTES, |sum, (each, count)| {
        sum.saturating_add(each.saturating_mul(count))
    })
}

/// Writes a verdict on an order in this currency, with its texts in the localizer's language.
/// `word_lists` are the words that the policy lists of standard facts.
pub fn verdict<'p>(
    verdict: &v::Verdict<'p>,
    currency: Currency,
    view: View,
    localizer: Localizer<'p>,
    word_lists: &'p [WordList],
) -> EncodedVerdict {
    use tag::verdict as t;
    let v::Verdict {
        order_id,
        claim_id,
        outcome,
        action,
        route,
        rows: _,
        decisions: _,
        settlement,
        missing,
        notices,
        alternatives,
        receipt,
    } = verdict;
    let m = &RenderContext::new(receipt, currency, view, localizer, word_lists);
    let to = &mut Encoder::with_capacity(m.bytes(basic_bytes(verdict)));
    to.text(t::ORDER_ID, order_id.as_str());
    to.text(t::CLAIM_ID, claim_id.map_or("", |id| id.as_str()));
    to.number(t::OUTCOME, outcome.write());
    to.number(t::ACTION, action.write());
    to.number(t::ROUTE, enums::write(*route));
    to.list(t::ROWS, verdict.each(), |to, (row, decision)| {
        row::row(m, to, row, decision);
    });
    to.optional(t::SETTLEMENT, settlement.as_ref(), |to, x| {
        money::settlement(m, to, x);
    });
    to.list(t::MISSING, missing, |to, x| missing::fact(m, to, x));
    to.list(t::NOTICES, notices, |to, x| notice(m, to, x));
    to.list(t::ALTERNATIVES, alternatives, |to, x| alternative(m, to, x));
    to.message(t::RECEIPT, |to| self::receipt(to, receipt));
    let window = |decision: &v::Decision<'_>| match (decision.reasons.first(), decision.window) {
        (Some(reason), Some(window)) => window::parameters(m, reason.code, window),
        _ => Vec::new(),
    };
    m.text(to, t::SUMMARY, |s| s.summary(verdict, currency, window));
    // Questions are all that is said at the compact view.
    if !m.compact || !missing.is_empty() {
        to.text(t::LANGUAGE_CODE, localizer.language());
    }
    to.number(t::NEXT_STEP, verdict.next_step().write());
    m.sum(to, t::PAYABLE_NOW_TOTAL, verdict.payable_now());
    EncodedVerdict::new(std::mem::take(to).into_bytes())
}

/// Writes the answer of options for an order in this currency, with the requests of
/// options where these are told. `word_lists` are the words that the policy lists of standard
/// facts.
pub fn options<'p>(
    options: &[v::OptionRow<'p>],
    receipt: &v::Receipt<'_>,
    currency: Currency,
    view: View,
    with_requests: bool,
    localizer: Localizer<'p>,
    word_lists: &'p [WordList],
) -> OptionsReply {
    let m = &RenderContext::new(receipt, currency, view, localizer, word_lists);
    let alone = |write: &dyn Fn(&mut Encoder)| {
        let mut to = Encoder::with_capacity(m.bytes(OPTION_BYTES));
        write(&mut to);
        to.into_bytes()
    };
    OptionsReply {
        options: options
            .iter()
            .map(|x| alone(&|to| order_option(m, to, x, with_requests)))
            .collect(),
        receipt: alone(&|to| self::receipt(to, receipt)),
        language_code: m.localizer.language().to_owned(),
    }
}

/// Writes an amount; nothing where it is not known.
fn amount(currency: Currency, to: &mut Encoder, tag: u32, amount: Option<Amount>) {
    if let Some(amount) = amount {
        to.spelled(tag, &amount.shown(currency));
    }
}

/// Returns the id of a clause; empty where none speaks.
fn clause_id<'p>(clause: Option<v::Cite<'p>>) -> &'p str {
    clause.map_or("", |c| &c.id)
}

fn notice<'p>(m: &RenderContext<'p>, to: &mut Encoder, notice: &v::Notice<'p>) {
    use tag::notice as t;
    let v::Notice {
        code,
        clause,
        lines,
    } = notice;
    to.text(t::CODE, code);
    to.text(t::CLAUSE_ID, clause_id(*clause));
    to.texts(t::LINE_IDS, lines.iter().map(|id| id.as_str()));
    m.text(to, t::TEXT, |s| s.notice(code, *clause));
}

fn alternative<'p>(m: &RenderContext<'p>, to: &mut Encoder, alternative: &v::Alternative<'p>) {
    use tag::alternative as t;
    let v::Alternative {
        action,
        remedy,
        status,
        clause,
        lines,
        amount,
        window,
        missing,
        reason_class,
        order_items,
        owed,
    } = alternative;
    to.number(t::ACTION, action.write());
    to.number(t::REMEDY, enums::write(*remedy));
    to.number(t::STATUS, status.write());
    to.text(t::CLAUSE_ID, clause_id(*clause));
    to.texts(t::LINE_IDS, lines.iter().map(|id| id.as_str()));
    m.amount(to, t::AMOUNT, *amount);
    to.optional(t::WINDOW, *window, |to, x| window::window(m, to, x));
    to.list(t::MISSING, missing, |to, x| missing::fact(m, to, x));
    to.text(t::REASON_CLASS, reason_class);
    to.list(t::ORDER_ITEMS, order_items, |to, x| money::item(m, to, x));
    m.amount(to, t::OWED_AMOUNT, *owed);
}

fn order_option<'p>(
    m: &RenderContext<'p>,
    to: &mut Encoder,
    row: &v::OptionRow<'p>,
    with_request: bool,
) {
    use tag::order_option as t;
    let v::OptionRow {
        option,
        reason_classes,
        lines,
        together,
        alone,
    } = row;
    let v::OrderOption {
        action,
        // The row says of which classes and lines it is so.
        reason_class: _,
        line_id: _,
        lines: _,
        remedy,
        status,
        window,
        amount,
        order_items,
        owed,
        missing,
        reasons,
        clause,
        request,
    } = option;
    to.number(t::ACTION, action.write());
    to.texts(t::REASON_CLASSES, reason_classes.iter().map(String::as_str));
    to.number(t::REMEDY, enums::write(*remedy));
    to.flag(t::TOGETHER, *together);
    to.number(t::STATUS, status.write());
    to.optional(t::WINDOW, *window, |to, x| window::window(m, to, x));
    m.amount(to, t::AMOUNT, *amount);
    to.list(t::MISSING, missing, |to, x| missing::fact(m, to, x));
    to.list(t::REASONS, reasons, |to, x| row::reason(m, to, x, None));
    to.text(t::CLAUSE_ID, clause_id(*clause));
    if with_request {
        to.encoded(t::REQUEST, &request::message(m.currency, request));
    }
    to.texts(t::LINE_IDS, lines.iter().map(|id| id.as_str()));
    to.flag(t::ALONE, *alone);
    to.list(t::ORDER_ITEMS, order_items, |to, x| money::item(m, to, x));
    m.amount(to, t::OWED_AMOUNT, *owed);
}

fn receipt(to: &mut Encoder, receipt: &v::Receipt<'_>) {
    use tag::receipt as t;
    let v::Receipt {
        policy,
        revision,
        digest,
        engine,
        tzdb,
        // Each window says in which zone it was computed.
        zone: _,
        request_time,
        decide_time,
    } = receipt;
    to.text(t::POLICY, policy.as_str());
    to.text(t::REVISION, revision);
    to.bytes(t::POLICY_DIGEST, digest.as_slice());
    to.text(t::ENGINE_VERSION, engine);
    to.text(t::TZDB_VERSION, tzdb);
    timestamp(to, t::REQUEST_TIME, *request_time);
    timestamp(to, t::DECIDE_TIME, *decide_time);
}

/// Writes an instant.
fn timestamp(to: &mut Encoder, tag: u32, instant: Instant) {
    use tag::timestamp as t;
    to.message(tag, |to| {
        to.large(t::SECONDS, instant.unix_seconds());
        to.number(t::NANOS, nanos(instant));
    });
}

/// Returns the nanoseconds of an instant as a message has them: a leap second is
/// written as the last nanosecond of the one before.
fn nanos(instant: Instant) -> i32 {
    i32::try_from(instant.nanos().min(999_999_999)).unwrap_or(0)
}
