"""Why there is no answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from redress import v1

# The domain of every reason that the service gives.
DOMAIN = "redress.v1"
DETAILS = "grpc-status-details-bin"


@dataclass(frozen=True)
class Violation:
    """One thing that is wrong with a request."""

    # Path, such as `order.lines[2].quantity`.
    field: str
    # What is wrong, a name of `v1.ErrorReason`.
    reason: str
    # What is wrong and how to mend it, for people, in English.
    description: str


class RedressError(Exception):
    """There is no answer."""


class InvalidReplyError(RedressError):
    """The reply holds something that this version of the client cannot read."""


class CallError(RedressError):
    """The call failed, or the server refused it."""

    def __init__(
        self,
        message: str,
        *,
        code: grpc.StatusCode | None = None,
        reason: str = "",
        metadata: Mapping[str, str] | None = None,
        violations: Iterable[Violation] = (),
        retry_delay: float = 0.0,
    ) -> None:
        super().__init__(message)
        # For people, in English.
        self.message = message
        # None: the error of one item of a batch.
        self.code = code
        # A name of `v1.ErrorReason`, such as `ERROR_REASON_OVERLOADED`; empty: none was given.
        self.reason = reason
        # What belongs to the reason, such as `policy` or `limit`.
        self.metadata = dict(metadata or {})
        # All that is wrong with the request. A long list is cut: `metadata["count"]` tells.
        self.violations = tuple(violations)
        # Seconds that the server asks to wait; zero: it does not say.
        self.retry_delay = retry_delay

    def __str__(self) -> str:
        return "\n".join(f"{v.field}: {v.description}" for v in self.violations) or self.message


class InvalidRequestError(CallError):
    """The request has mistakes; `violations` names each with its field."""


class NotFoundError(CallError):
    """There is no such policy or revision."""


class UnauthenticatedError(CallError):
    """The server knows no caller by this token or certificate."""


class UnavailableError(CallError):
    """The server cannot be reached or has too much to do, and the deadline leaves no time."""


class DeadlineExceededError(CallError):
    """The deadline of the call has passed."""


_BY_CODE: dict[grpc.StatusCode, type[CallError]] = {
    grpc.StatusCode.INVALID_ARGUMENT: InvalidRequestError,
    grpc.StatusCode.NOT_FOUND: NotFoundError,
    grpc.StatusCode.UNAUTHENTICATED: UnauthenticatedError,
    grpc.StatusCode.UNAVAILABLE: UnavailableError,
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineExceededError,
}
_BY_REASON: dict[str, type[CallError]] = {
    "ERROR_REASON_INVALID_REQUEST": InvalidRequestError,
    "ERROR_REASON_POLICY_NOT_FOUND": NotFoundError,
    "ERROR_REASON_REVISION_NOT_FOUND": NotFoundError,
}


def of_status(
    code: grpc.StatusCode, message: str, trailers: Iterable[tuple[str, str | bytes]]
) -> CallError:
    """Reads a status with the details that it carries."""
    reason, metadata, violations, retry_delay = "", {}, [], 0.0
    for detail in _details(trailers):
        info = error_details_pb2.ErrorInfo()
        bad = error_details_pb2.BadRequest()
        retry = error_details_pb2.RetryInfo()
        if detail.Unpack(info) and info.domain == DOMAIN:
            reason, metadata = info.reason, dict(info.metadata)
        elif detail.Unpack(bad):
            violations = [Violation(v.field, v.reason, v.description) for v in bad.field_violations]
        elif detail.Unpack(retry):
            # Not as a timedelta, which cannot hold what the wire can say.
            retry_delay = max(retry.retry_delay.seconds + retry.retry_delay.nanos / 1e9, 0.0)
    return _BY_CODE.get(code, CallError)(
        message,
        code=code,
        reason=reason,
        metadata=metadata,
        violations=violations,
        retry_delay=retry_delay,
    )


def _details(trailers: Iterable[tuple[str, str | bytes]]) -> list[Any]:
    for key, value in trailers:
        if key == DETAILS and isinstance(value, bytes):
            try:
                return list(status_pb2.Status.FromString(value).details)
            except DecodeError:
                # What a proxy put there is not ours to read.
                return []
    return []


def of_item(error: v1.ItemError) -> CallError:
    """Reads why one item of a batch got no verdict."""
    reason = reason_name(error.reason)
    violations = [
        Violation(v.field, reason_name(v.reason), v.description) for v in error.violations
    ]
    return _BY_REASON.get(reason, CallError)(error.message, reason=reason, violations=violations)


def reason_name(number: v1.ErrorReason.ValueType) -> str:
    """Returns the name of a reason; of one that this version does not know, its number."""
    try:
        return v1.ErrorReason.Name(number)
    except ValueError:
        return str(number)
