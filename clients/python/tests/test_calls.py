"""The calls beside deciding, and how a verdict reads, against a real server."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import assert_never

import pytest
from google.protobuf.json_format import Parse
from vectors import load

from redress import AsyncClient, Client, InvalidRequestError, NextStep, NotFoundError, v1

EXAMPLES = Path(__file__).parents[3] / "examples"
SHOPS = ["greek-eshop", "jona", "melina-paris", "milona-paris", "passione-kustom"]


def by_name(name: str) -> v1.DecideRequest:
    return next(vector.request for vector in load() if vector.name == name)


def test_policies_are_listed_page_by_page(url: str) -> None:
    with Client(url) as client:
        assert [policy.policy for policy in client.list_policies()] == SHOPS
        assert [policy.policy for policy in client.list_policies("jona")] == ["jona"]
        policy = client.get_policy("policies/jona")
        assert len(policy.clauses) > 20
        with pytest.raises(NotFoundError) as raised:
            client.get_policy("policies/no-such-shop")
    assert raised.value.metadata["policy"] == "no-such-shop"


async def test_policies_are_listed_by_asyncio(url: str) -> None:
    async with AsyncClient(url) as client:
        assert [policy.policy async for policy in client.list_policies()] == SHOPS
        policy = await client.get_policy("policies/jona")
        assert len(policy.clauses) > 20


def options_request() -> v1.ListOptionsRequest:
    text = (EXAMPLES / "options_delivered_order.json").read_text(encoding="utf-8")
    assert "goods_return" not in json.loads(text)
    return Parse(text, v1.ListOptionsRequest())


async def test_options_are_listed(url: str) -> None:
    with Client(url) as client:
        reply = client.list_options(options_request())
    assert any(option.action == v1.ACTION_RETURN for option in reply.options)
    async with AsyncClient(url) as other:
        assert await other.list_options(options_request()) == reply


def test_a_verdict_has_decimals_and_times_with_a_zone(url: str) -> None:
    with Client(url) as client:
        verdict = client.decide(by_name("greek-eshop/withdrawal_paid"))
    # 30.00 for the ring and 4.00 for its delivery; the statement came on 2 March in Athens,
    # and the 14 days end with the 16th there.
    assert verdict.payable_now == Decimal("34.00")
    assert verdict.settlement is not None
    assert verdict.settlement.refund_total == Decimal("34.00")
    assert verdict.settlement.due == datetime(2026, 3, 15, 22, tzinfo=UTC)
    (row,) = verdict.rows
    assert row.next_step is NextStep.PAY


def test_a_date_that_waits_is_no_date(url: str) -> None:
    with Client(url) as client:
        verdict = client.decide(by_name("jona/cancellation_waits"))
    assert verdict.settlement is not None
    assert verdict.settlement.due is None
    assert verdict.settlement.message.due.after.event == "confirm_mail"


def test_a_denial_has_no_settlement(url: str) -> None:
    with Client(url) as client:
        verdict = client.decide(by_name("milona-paris/return_late"))
    assert verdict.settlement is None
    assert verdict.payable_now == 0


def test_a_missing_fact_can_be_asked_for(url: str) -> None:
    with Client(url) as client:
        verdict = client.decide(by_name("milona-paris/return_delivery_unknown"))
    (fact,) = verdict.missing
    assert fact.path == "order.shipments[0].deliver_time"
    assert fact.question.endswith("?")


def test_an_error_shows_what_to_mend(url: str) -> None:
    with Client(url) as client, pytest.raises(InvalidRequestError) as raised:
        client.decide(by_name("errors/too_many_units"))
    assert str(raised.value).startswith("request.lines[0].groups: ")


def test_a_batch_has_its_limit(url: str) -> None:
    with Client(url) as client, pytest.raises(InvalidRequestError):
        client.batch_decide([])


def todo(step: NextStep) -> str:
    """A type checker refuses this function as soon as a step is left out."""
    match step:
        case NextStep.ASK | NextStep.REVIEW:
            return "a person"
        case NextStep.PAY | NextStep.CARRY_OUT:
            return "do it"
        case NextStep.WAIT:
            return "wait"
        case NextStep.REFUSE:
            return "tell"
        case _:
            assert_never(step)


def test_every_step_of_the_contract_has_a_member() -> None:
    values = v1.NextStep.values()
    assert {step.value for step in NextStep} == set(values) - {v1.NEXT_STEP_UNSPECIFIED}
    assert all(todo(step) for step in NextStep)
