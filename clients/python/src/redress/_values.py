"""Conversions between values of the contract and types of Python.

Amounts are decimals in the order's one currency, times know their zone, and what is
absent is unknown: never zero, and never a no.
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

from google.protobuf.timestamp_pb2 import Timestamp

from redress import v1
from redress._errors import InvalidReplyError

_PLAIN = re.compile(r"[0-9]+(\.[0-9]+)?")


def amount(value: Decimal | int | None) -> str:
    """Writes an amount; None, unknown, is the empty text. A float is refused."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise TypeError("an amount is a `Decimal` or an `int`")
    text = format(Decimal(value), "f")
    if not _PLAIN.fullmatch(text):
        raise ValueError(f"`{text}` is no amount: it is not a number of zero or more")
    return text


def parse_amount(text: str) -> Decimal | None:
    """Reads an amount, exactly; the empty text is None: unknown, or not known yet."""
    if not text:
        return None
    if not _PLAIN.fullmatch(text):
        raise InvalidReplyError(f"`{text}` is not a decimal")
    return Decimal(text)


def timestamp(time: datetime) -> Timestamp:
    """Writes an instant. A time without a zone is refused: it names none."""
    if time.utcoffset() is None:
        raise ValueError(f"`{time.isoformat()}` has no zone: set `tzinfo`")
    written = Timestamp()
    written.FromDatetime(time)
    return written


def parse_time(time: Timestamp) -> datetime:
    """Reads an instant, in UTC; what is finer than a microsecond is cut off."""
    try:
        return time.ToDatetime(tzinfo=UTC)
    except (OverflowError, ValueError) as error:
        raise InvalidReplyError("the instant is outside the calendar") from error


def answer(known: bool | None) -> v1.Answer.ValueType:  # noqa: FBT001
    """Writes a yes, a no, or None for unknown."""
    if known is None:
        return v1.ANSWER_UNSPECIFIED
    return v1.ANSWER_YES if known else v1.ANSWER_NO


def at(time: datetime) -> v1.EventTime:
    """Says that an event happened at an instant."""
    return v1.EventTime(time=timestamp(time))


def on(day: date) -> v1.EventTime:
    """Says that an event happened on a day, in the zone of the policy; the hour is unknown."""
    if isinstance(day, datetime):
        raise TypeError("a day is a `date`; for an instant there is `at`")
    return v1.EventTime(date=day.isoformat())


def not_yet() -> v1.EventTime:
    """Says that an event has not happened. One of which nothing is known is left out instead."""
    return v1.EventTime(not_yet=v1.NotYet())


def happened() -> v1.EventTime:
    """Says that an event has happened, and that nobody can tell when."""
    return v1.EventTime(happened=v1.Happened())
