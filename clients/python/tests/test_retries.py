"""When calls are retried, and when they end."""

import socket
import threading
import time
from itertools import pairwise

import grpc
import pytest
from asking import BOTH, Ask
from fake import Fake, Refuse, running

from redress import (
    CallError,
    Client,
    Config,
    DeadlineExceededError,
    InvalidReplyError,
    NextStep,
    UnavailableError,
    v1,
)

UNAVAILABLE = Refuse(grpc.StatusCode.UNAVAILABLE)
PAY = v1.Verdict(outcome=v1.OUTCOME_APPROVED, next_step=v1.NEXT_STEP_PAY, payable_now_total="59.00")
both = pytest.mark.parametrize("ask", BOTH)


@both
def test_unavailable_is_retried(ask: Ask) -> None:
    fake = Fake([UNAVAILABLE, UNAVAILABLE, UNAVAILABLE, UNAVAILABLE, PAY])
    with running(fake) as url:
        verdict = ask(url, Config(backoff=0.01))
    assert verdict.next_step is NextStep.PAY
    assert len(fake.times) == 5


@both
@pytest.mark.parametrize(
    "code",
    [
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNAUTHENTICATED,
    ],
)
def test_nothing_else_is_retried(ask: Ask, code: grpc.StatusCode) -> None:
    fake = Fake([Refuse(code), PAY])
    with running(fake) as url, pytest.raises(CallError) as raised:
        ask(url, Config())
    assert raised.value.code is code
    assert len(fake.times) == 1


@both
def test_retries_wait_as_long_as_the_server_asks(ask: Ask) -> None:
    asked = 0.3
    fake = Fake([Refuse(grpc.StatusCode.UNAVAILABLE, retry_delay=asked)] * 2 + [PAY])
    with running(fake) as url:
        ask(url, Config(backoff=0.01))
    waits = [later - earlier for earlier, later in pairwise(fake.times)]
    assert len(waits) == 2
    assert min(waits) >= asked


@both
def test_no_retry_waits_beyond_the_deadline(ask: Ask) -> None:
    fake = Fake([Refuse(grpc.StatusCode.UNAVAILABLE, retry_delay=60), PAY])
    began = time.monotonic()
    with running(fake) as url, pytest.raises(UnavailableError) as raised:
        ask(url, Config(timeout=5))
    assert time.monotonic() - began < 4
    assert len(fake.times) == 1
    error = raised.value
    assert (error.reason, error.metadata) == ("ERROR_REASON_OVERLOADED", {"limit": "1024"})
    assert error.retry_delay == 60


@both
@pytest.mark.parametrize("asked", [300_000_000_000, 2**63 - 1])
def test_a_wait_of_centuries_is_not_a_retry(ask: Ask, asked: int) -> None:
    fake = Fake([Refuse(grpc.StatusCode.UNAVAILABLE, retry_delay=asked), PAY])
    with running(fake) as url, pytest.raises(UnavailableError) as raised:
        ask(url, Config())
    assert len(fake.times) == 1
    assert raised.value.retry_delay == pytest.approx(asked)


@both
def test_retries_end_with_the_deadline(ask: Ask) -> None:
    fake = Fake([UNAVAILABLE])
    began = time.monotonic()
    # Also where the deadline ends the last attempt.
    with running(fake) as url, pytest.raises(UnavailableError):
        ask(url, Config(timeout=0.5, backoff=0.01, max_backoff=0.05))
    assert time.monotonic() - began < 3
    assert len(fake.times) > 3


@both
def test_the_server_is_told_what_is_left_of_the_deadline(ask: Ask) -> None:
    fake = Fake([Refuse(grpc.StatusCode.UNAVAILABLE, retry_delay=1), PAY])
    with running(fake) as url:
        ask(url, Config(timeout=7))
    first, second = fake.left
    assert 6 < first < 7.5
    assert second < first - 0.5


@both
def test_a_call_without_an_answer_ends_with_the_deadline(ask: Ask) -> None:
    fake = Fake([PAY], delay=2)
    began = time.monotonic()
    with running(fake) as url:
        with pytest.raises(DeadlineExceededError) as raised:
            ask(url, Config(timeout=0.2))
        assert time.monotonic() - began < 1.5
    assert raised.value.code is grpc.StatusCode.DEADLINE_EXCEEDED


def test_one_call_can_have_a_deadline_of_its_own() -> None:
    with running(Fake([PAY], delay=1)) as url, Client(url) as client:
        with pytest.raises(DeadlineExceededError):
            client.decide(v1.DecideRequest(), timeout=0.1)
        assert client.decide(v1.DecideRequest()).next_step is NextStep.PAY


@both
def test_a_server_that_starts_late_is_reached(ask: Ask) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
    stop = threading.Event()

    def serve() -> None:
        time.sleep(0.5)
        with running(Fake([PAY]), address):
            stop.wait()

    server = threading.Thread(target=serve)
    server.start()
    try:
        assert ask(f"http://{address}", Config(timeout=8)).next_step is NextStep.PAY
    finally:
        stop.set()
        server.join()


@both
def test_where_nobody_listens_the_server_is_unavailable(ask: Ask) -> None:
    with pytest.raises(UnavailableError):
        ask("http://127.0.0.1:1", Config(timeout=1.5))


@both
def test_a_reason_of_somebody_else_is_not_ours(ask: Ask) -> None:
    fake = Fake([Refuse(grpc.StatusCode.INTERNAL, domain="proxy.example")])
    with running(fake) as url, pytest.raises(CallError) as raised:
        ask(url, Config())
    assert raised.value.reason == ""


@both
def test_a_step_that_nobody_knows_is_not_acted_on(ask: Ask) -> None:
    strange = v1.Verdict(outcome=v1.OUTCOME_APPROVED)
    with running(Fake([strange])) as url, pytest.raises(InvalidReplyError, match="step"):
        ask(url, Config())


def test_an_item_without_a_result_is_told() -> None:
    with running(Fake([PAY])) as url, Client(url) as client, pytest.raises(InvalidReplyError):
        client.batch_decide([v1.DecideRequest()])


@both
def test_the_token_is_carried_and_not_shown(ask: Ask) -> None:
    fake = Fake([PAY])
    config = Config(token="a-secret")  # noqa: S106
    with running(fake) as url:
        ask(url, config)
    assert fake.headers[0]["authorization"] == "Bearer a-secret"
    assert "a-secret" not in repr(config)
