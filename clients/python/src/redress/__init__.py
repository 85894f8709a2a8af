"""Client for the redress decision service, which decides what a shop's customer is owed.

`Client` and `AsyncClient` connect, keep a deadline and retry while the server is
unavailable. `v1` holds the messages of the contract. What to do with a verdict is its
`next_step`, and what may be paid now its `payable_now`: an approval may have to wait.
A denial is an answer; `RedressError` says why there is none.
"""

from redress import v1
from redress._aio import AsyncClient
from redress._client import Client
from redress._config import Config, Identity, Tls
from redress._errors import (
    CallError,
    DeadlineExceededError,
    InvalidReplyError,
    InvalidRequestError,
    NotFoundError,
    RedressError,
    UnauthenticatedError,
    UnavailableError,
    Violation,
)
from redress._values import (
    amount,
    answer,
    at,
    happened,
    not_yet,
    on,
    parse_amount,
    parse_time,
    timestamp,
)
from redress._verdict import MissingFact, NextStep, Outcome, Row, Settlement, Verdict

__all__ = [
    "AsyncClient",
    "CallError",
    "Client",
    "Config",
    "DeadlineExceededError",
    "Identity",
    "InvalidReplyError",
    "InvalidRequestError",
    "MissingFact",
    "NextStep",
    "NotFoundError",
    "Outcome",
    "RedressError",
    "Row",
    "Settlement",
    "Tls",
    "UnauthenticatedError",
    "UnavailableError",
    "Verdict",
    "Violation",
    "amount",
    "answer",
    "at",
    "happened",
    "not_yet",
    "on",
    "parse_amount",
    "parse_time",
    "timestamp",
    "v1",
]
