"""A server that answers as it is told, in order."""

import time
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass, field

import grpc
from google.protobuf.any_pb2 import Any as Packed
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2, status_pb2

from redress import v1
from redress.v1.decision_service_pb2_grpc import (
    DecisionServiceServicer,
    add_DecisionServiceServicer_to_server,
)

DETAILS = "grpc-status-details-bin"


@dataclass
class Refuse:
    """Ends the call with a code, and asks to wait."""

    code: grpc.StatusCode
    retry_delay: float | None = None
    domain: str = "redress.v1"


@dataclass
class Fake(DecisionServiceServicer):
    """Answers each call with the next of its answers, and the last for ever."""

    answers: list[Refuse | v1.Verdict]
    # Seconds before each answer.
    delay: float = 0.0
    # When each call came, and with which deadline and headers.
    times: list[float] = field(default_factory=list)
    left: list[float] = field(default_factory=list)
    headers: list[dict[str, str | bytes]] = field(default_factory=list)

    def Decide(  # noqa: N802
        self, _request: v1.DecideRequest, context: grpc.ServicerContext
    ) -> v1.DecideResponse:
        self.times.append(time.monotonic())
        self.left.append(context.time_remaining() or 0.0)
        self.headers.append(dict(context.invocation_metadata()))
        time.sleep(self.delay)
        answer = self.answers[min(len(self.times), len(self.answers)) - 1]
        if isinstance(answer, Refuse):
            refuse(context, answer)
        else:
            return v1.DecideResponse(verdict=answer)
        raise AssertionError

    def BatchDecide(  # noqa: N802
        self, _request: v1.BatchDecideRequest, _context: grpc.ServicerContext
    ) -> v1.BatchDecideResponse:
        return v1.BatchDecideResponse(results=[v1.ItemResult(item_id="0")])

    # What is not asked of it.
    StreamDecide = ListOptions = None  # type: ignore[assignment]


def refuse(context: grpc.ServicerContext, answer: Refuse) -> None:
    info = error_details_pb2.ErrorInfo(reason="ERROR_REASON_OVERLOADED", domain=answer.domain)
    info.metadata["limit"] = "1024"
    details = [info]
    packed = [Packed() for _ in details]
    for into, detail in zip(packed, details, strict=True):
        into.Pack(detail)
    if answer.retry_delay is not None:
        seconds = int(answer.retry_delay)
        delay = Duration(seconds=seconds, nanos=int((answer.retry_delay - seconds) * 1e9))
        packed.append(Packed())
        packed[-1].Pack(error_details_pb2.RetryInfo(retry_delay=delay))
    number: int = answer.code.value[0]
    status = status_pb2.Status(code=number, message="no", details=packed)
    context.set_trailing_metadata(((DETAILS, status.SerializeToString()),))
    context.abort(answer.code, "no")


@contextmanager
def running(fake: Fake, address: str = "127.0.0.1:0") -> Iterator[str]:
    """Serves, and gives the address."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    add_DecisionServiceServicer_to_server(fake, server)
    port = server.add_insecure_port(address)
    server.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop(None).wait()
