"""A verdict as a program acts on it; `message` holds all that the contract says."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Self

from redress import v1
from redress._errors import InvalidReplyError
from redress._values import parse_amount, parse_time


class NextStep(Enum):
    """What has to be done next. It does not grow: a `match` over it can be complete."""

    # Ask for the facts that are missing.
    ASK = v1.NEXT_STEP_ASK
    # Let a person decide.
    REVIEW = v1.NEXT_STEP_REVIEW
    # Pay what may be paid now.
    PAY = v1.NEXT_STEP_PAY
    # Give goods or credit, or make the change; no money is due back.
    CARRY_OUT = v1.NEXT_STEP_CARRY_OUT
    # Wait for an event, or for conditions to be settled.
    WAIT = v1.NEXT_STEP_WAIT
    # Tell the customer that it is refused.
    REFUSE = v1.NEXT_STEP_REFUSE

    @classmethod
    def of(cls, number: v1.NextStep.ValueType) -> Self:
        try:
            return cls(number)
        except ValueError as error:
            raise InvalidReplyError(f"{number} is not a step that this version knows") from error


class Outcome(Enum):
    """What was decided. It may grow."""

    APPROVED = v1.OUTCOME_APPROVED
    DENIED = v1.OUTCOME_DENIED
    NEEDS_REVIEW = v1.OUTCOME_NEEDS_REVIEW
    NEEDS_INFORMATION = v1.OUTCOME_NEEDS_INFORMATION
    # The rows differ.
    MIXED = v1.OUTCOME_MIXED
    # One that this version does not know: `message.outcome` has its number.
    UNKNOWN = v1.OUTCOME_UNSPECIFIED

    @classmethod
    def of(cls, number: v1.Outcome.ValueType) -> "Outcome":
        try:
            return cls(number)
        except ValueError:
            return cls.UNKNOWN


@dataclass(frozen=True)
class MissingFact:
    """A fact that can change the answer."""

    # Where in the request it belongs.
    path: str
    # What to ask, in the language of the verdict.
    question: str
    message: v1.MissingFact = field(repr=False)


@dataclass(frozen=True)
class Row:
    """The answer for units of one line."""

    line_id: str
    quantity: int
    outcome: Outcome
    next_step: NextStep
    # What the units are worth under the remedy; None: not known, no money, or not approved.
    amount: Decimal | None
    message: v1.Row = field(repr=False)

    @classmethod
    def of(cls, message: v1.Row) -> Self:
        return cls(
            line_id=message.line_id,
            quantity=message.quantity,
            outcome=Outcome.of(message.outcome),
            next_step=NextStep.of(message.next_step),
            amount=parse_amount(message.entitlement.amount),
            message=message,
        )


@dataclass(frozen=True)
class Settlement:
    """The money of the approved rows, in the currency of the order."""

    currency_code: str
    # To pay back now or later; what may be paid now is `Verdict.payable_now`.
    refund_total: Decimal
    credit_total: Decimal
    # What the customer owes.
    owed_total: Decimal
    # When it is due at the latest; None: there is no period, or it waits for an event that
    # `message` names.
    due: datetime | None
    message: v1.Settlement = field(repr=False)

    @classmethod
    def of(cls, message: v1.Settlement) -> Self:
        return cls(
            currency_code=message.currency_code,
            refund_total=_sum(message.refund_total),
            credit_total=_sum(message.credit_total),
            owed_total=_sum(message.owed_total),
            due=parse_time(message.due.time) if message.due.HasField("time") else None,
            message=message,
        )


@dataclass(frozen=True)
class Verdict:
    """The answer to one request: act on `next_step`, not on `outcome`."""

    order_id: str
    claim_id: str
    outcome: Outcome
    next_step: NextStep
    # What of the refund may be paid now, whatever the step.
    payable_now: Decimal
    rows: tuple[Row, ...]
    # None: no row is approved.
    settlement: Settlement | None
    missing: tuple[MissingFact, ...]
    # One sentence for people, at full view.
    summary: str
    message: v1.Verdict = field(repr=False)

    @classmethod
    def of(cls, message: v1.Verdict) -> Self:
        settled = message.HasField("settlement")
        return cls(
            order_id=message.order_id,
            claim_id=message.claim_id,
            outcome=Outcome.of(message.outcome),
            next_step=NextStep.of(message.next_step),
            payable_now=_sum(message.payable_now_total),
            rows=tuple(Row.of(row) for row in message.rows),
            settlement=Settlement.of(message.settlement) if settled else None,
            missing=tuple(MissingFact(m.path, m.question, m) for m in message.missing),
            summary=message.summary,
            message=message,
        )


def _sum(text: str) -> Decimal:
    """Reads a sum, which the compact view leaves out where it is zero."""
    read = parse_amount(text)
    return Decimal(0) if read is None else read
