"""The client of programs that wait for each answer."""

import time
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Self, TypeVar

import grpc

from redress import _calls, v1
from redress._config import Config, target
from redress._errors import CallError, of_status
from redress._retry import Retry
from redress._verdict import Verdict
from redress.v1.decision_service_pb2_grpc import DecisionServiceStub
from redress.v1.policy_service_pb2_grpc import PolicyServiceStub

Q = TypeVar("Q")
A = TypeVar("A")


class Client:
    """Calls the service; threads can share one client. Close it, or use it with `with`."""

    def __init__(self, url: str, config: Config | None = None) -> None:
        """Prepares a client that connects with its first call.

        Raises:
            ValueError: the address is not one such as `http://localhost:50051`.
        """
        self._config = config or Config()
        to = target(url, self._config)
        self._channel = (
            grpc.insecure_channel(to.address, options=to.options)
            if to.credentials is None
            else grpc.secure_channel(to.address, to.credentials, options=to.options)
        )
        # The bare stubs, such as for `StreamDecide`: without deadline, token and retries.
        self.decisions = DecisionServiceStub(self._channel)
        self.policies = PolicyServiceStub(self._channel)

    def close(self) -> None:
        """Ends the connection and all calls."""
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.close()

    def decide(self, request: v1.DecideRequest, *, timeout: float | None = None) -> Verdict:
        """Decides one request. A denial is an answer, not an error.

        Raises:
            RedressError: there is no answer.
        """
        return Verdict.of(self._call(self.decisions.Decide, request, timeout).verdict)

    def batch_decide(
        self, requests: Sequence[v1.DecideRequest], *, timeout: float | None = None
    ) -> list[Verdict | CallError]:
        """Decides 1 to 200 requests at once; each result is a verdict or its own error.

        Raises:
            RedressError: there is no answer to any of them.
        """
        reply = self._call(self.decisions.BatchDecide, _calls.batch(requests), timeout)
        return _calls.results(reply)

    def list_options(
        self, request: v1.ListOptionsRequest, *, timeout: float | None = None
    ) -> v1.ListOptionsResponse:
        """Lists what is possible with an order at an instant.

        Raises:
            RedressError: there is no answer.
        """
        return self._call(self.decisions.ListOptions, request, timeout)

    def list_policies(self, policy: str = "") -> Iterator[v1.Policy]:
        """Lists the revisions of a policy, or of all, page by page.

        Raises:
            RedressError: there is no answer.
        """
        request = v1.ListPoliciesRequest(policy=policy)
        while True:
            page = self._call(self.policies.ListPolicies, request, None)
            yield from page.policies
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def get_policy(self, name: str, *, timeout: float | None = None) -> v1.Policy:
        """Gets a revision with its clauses, by `policies/POLICY` or its full name.

        Raises:
            RedressError: there is no answer.
        """
        request = v1.GetPolicyRequest(name=name)
        return self._call(self.policies.GetPolicy, request, timeout).policy

    def _call(
        self, method: "grpc.UnaryUnaryMultiCallable[Q, A]", request: Q, timeout: float | None
    ) -> A:
        retry = Retry(self._config, timeout)
        while True:
            try:
                return method(request, timeout=retry.left(), metadata=self._config.metadata())
            except grpc.RpcError as error:
                wait = retry.wait_after(_refusal(error))
            time.sleep(wait)


def _refusal(error: grpc.RpcError) -> CallError:
    """Reads the error of a call, which is the call as well."""
    if not isinstance(error, grpc.Call):
        raise error
    return of_status(error.code(), error.details() or "", error.trailing_metadata() or ())
