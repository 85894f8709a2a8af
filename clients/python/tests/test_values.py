"""Conversions between values of the contract and types of Python."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, cast

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from redress import (
    InvalidReplyError,
    Outcome,
    amount,
    answer,
    at,
    happened,
    not_yet,
    on,
    parse_amount,
    parse_time,
    timestamp,
    v1,
)


def test_amounts_are_exact_and_absence_is_not_zero() -> None:
    for text in ("59.00", "0.00", "1000000000000.00", "100", "0.005"):
        read = parse_amount(text)
        assert read is not None
        assert amount(read) == text
    assert amount(Decimal("1E+2")) == "100"
    assert amount(59) == "59"
    assert amount(None) == ""
    assert parse_amount("") is None


@pytest.mark.parametrize("bad", ["-1.00", "1e3", "1,00", ".", "NaN", " 1", "1.", "\u0661"])
def test_what_is_no_amount_is_not_read(bad: str) -> None:
    with pytest.raises(InvalidReplyError):
        parse_amount(bad)


def test_what_is_no_amount_is_not_written() -> None:
    for bad in (Decimal(-1), Decimal("NaN"), Decimal("Infinity"), -1):
        with pytest.raises(ValueError, match="is no amount"):
            amount(bad)
    others: list[Any] = [59.0, "59.00", True]
    for other in others:
        with pytest.raises(TypeError):
            amount(other)


def test_times_need_a_zone() -> None:
    paris = timezone(timedelta(hours=1))
    time = datetime(2026, 3, 9, 11, 30, 0, 500, tzinfo=paris)
    written = timestamp(time)
    assert (written.seconds, written.nanos) == (1773052200, 500_000)
    assert parse_time(written) == time
    assert parse_time(written).tzinfo is UTC
    with pytest.raises(ValueError, match="has no zone"):
        timestamp(datetime(2026, 3, 9))  # noqa: DTZ001
    with pytest.raises(InvalidReplyError):
        parse_time(Timestamp(seconds=10**14))


def test_events_are_told_as_far_as_they_are_known() -> None:
    time = datetime(2026, 3, 9, 10, 30, tzinfo=UTC)
    assert at(time).time == timestamp(time)
    assert on(date(2026, 3, 4)).date == "2026-03-04"
    assert not_yet().WhichOneof("state") == "not_yet"
    assert happened().WhichOneof("state") == "happened"
    with pytest.raises(TypeError):
        on(time)


def test_unknown_is_not_no() -> None:
    answers = [answer(known) for known in (True, False, None)]
    assert answers == [v1.ANSWER_YES, v1.ANSWER_NO, v1.ANSWER_UNSPECIFIED]


def test_an_outcome_of_a_later_version_is_unknown() -> None:
    assert Outcome.of(cast("Any", 99)) is Outcome.UNKNOWN
    values = set(v1.Outcome.values())
    assert {outcome.value for outcome in Outcome} == values
