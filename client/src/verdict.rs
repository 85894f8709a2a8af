//! A verdict as a program acts on it.

use std::fmt;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::pb;
use crate::pb::bound::Kind;
use crate::{InvalidValue, date_time, parse_amount};

/// What has to be done next. It does not grow: a `match` over it is complete without `_`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NextStep {
    /// Ask for the facts that are missing.
    Ask,
    /// Let a person decide.
    Review,
    /// Pay what may be paid now.
    Pay,
    /// Give goods or credit, or make the change; no money is due back.
    CarryOut,
    /// Wait for an event, or for conditions to be settled.
    Wait,
    /// Tell the customer that it is refused.
    Refuse,
}

impl NextStep {
    fn of(number: i32) -> Result<Self, InvalidValue> {
        match pb::NextStep::try_from(number) {
            Ok(pb::NextStep::Ask) => Ok(Self::Ask),
            Ok(pb::NextStep::Review) => Ok(Self::Review),
            Ok(pb::NextStep::Pay) => Ok(Self::Pay),
            Ok(pb::NextStep::CarryOut) => Ok(Self::CarryOut),
            Ok(pb::NextStep::Wait) => Ok(Self::Wait),
            Ok(pb::NextStep::Refuse) => Ok(Self::Refuse),
            Ok(pb::NextStep::Unspecified) | Err(_) => Err(InvalidValue::new(format!(
                "{number} is not a step that this version knows"
            ))),
        }
    }
}

/// The answer to one request: act on [`next_step`](Self::next_step), not on
/// [`outcome`](Self::outcome).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Verdict {
    /// The order that was asked about.
    pub order_id: String,
    /// What the caller calls the request, empty where it did not say.
    pub claim_id: String,
    /// What was decided. It may grow: unspecified is one that this version does not know.
    pub outcome: pb::Outcome,
    /// What has to be done next.
    pub next_step: NextStep,
    /// What of the refund may be paid now, whatever the step.
    pub payable_now: Decimal,
    /// The answers for units, in the order of the request.
    pub rows: Vec<Row>,
    /// The money of the approved rows. `None`: no row is approved.
    pub settlement: Option<Settlement>,
    /// The facts that can change the answer, each with its question.
    pub missing: Vec<MissingFact>,
    /// One sentence for people, at full view.
    pub summary: String,
    /// All that the contract says.
    pub message: pb::Verdict,
}

/// The answer for units of one line.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Row {
    /// The line of the order.
    pub line_id: String,
    /// How many units.
    pub quantity: i32,
    /// What was decided of them.
    pub outcome: pb::Outcome,
    /// What has to be done with them next.
    pub next_step: NextStep,
    /// What they are worth under the remedy. `None`: not known, no money, or not approved.
    pub amount: Option<Decimal>,
}

/// The money of the approved rows, in the currency of the order.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Settlement {
    /// ISO 4217 code.
    pub currency_code: String,
    /// To pay back now or later; what may be paid now is [`Verdict::payable_now`].
    pub refund_total: Decimal,
    /// To give as credit.
    pub credit_total: Decimal,
    /// What the customer owes.
    pub owed_total: Decimal,
    /// When it is due at the latest. `None`: there is no period, or it waits for an event
    /// that [`Verdict::message`] names.
    pub due: Option<DateTime<Utc>>,
}

/// A fact that can change the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissingFact {
    /// Where in the request it belongs.
    pub path: String,
    /// What to ask, in the language of the verdict.
    pub question: String,
}

impl fmt::Display for MissingFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.question)
    }
}

impl TryFrom<pb::Verdict> for Verdict {
    type Error = InvalidValue;

    /// Reads a verdict; one with a step or an amount that cannot be read is an error.
    fn try_from(message: pb::Verdict) -> Result<Self, InvalidValue> {
        Ok(Self {
            order_id: message.order_id.clone(),
            claim_id: message.claim_id.clone(),
            outcome: message.outcome(),
            next_step: NextStep::of(message.next_step)?,
            payable_now: sum(&message.payable_now_total)?,
            rows: message.rows.iter().map(row).collect::<Result<_, _>>()?,
            settlement: message.settlement.as_ref().map(settlement).transpose()?,
            missing: message.missing.iter().map(missing).collect(),
            summary: message.summary.clone(),
            message,
        })
    }
}

fn row(message: &pb::Row) -> Result<Row, InvalidValue> {
    let amount = message.entitlement.as_ref().map(|e| e.amount.as_str());
    Ok(Row {
        line_id: message.line_id.clone(),
        quantity: message.quantity,
        outcome: message.outcome(),
        next_step: NextStep::of(message.next_step)?,
        amount: parse_amount(amount.unwrap_or_default())?,
    })
}

fn settlement(message: &pb::Settlement) -> Result<Settlement, InvalidValue> {
    let due = match message.due.as_ref().and_then(|due| due.kind.as_ref()) {
        Some(Kind::Time(due)) => Some(date_time(due).ok_or_else(|| {
            InvalidValue::new("the time at which it is due is outside the calendar".to_owned())
        })?),
        Some(Kind::Event(_) | Kind::After(_) | Kind::Range(_) | Kind::Unbounded(_)) | None => None,
    };
    Ok(Settlement {
        currency_code: message.currency_code.clone(),
        refund_total: sum(&message.refund_total)?,
        credit_total: sum(&message.credit_total)?,
        owed_total: sum(&message.owed_total)?,
        due,
    })
}

fn missing(message: &pb::MissingFact) -> MissingFact {
    MissingFact {
        path: message.path.clone(),
        question: message.question.clone(),
    }
}

/// Reads a sum, which the compact view leaves out where it is zero.
fn sum(text: &str) -> Result<Decimal, InvalidValue> {
    Ok(parse_amount(text)?.unwrap_or(Decimal::ZERO))
}
