"""The client of programs that run on asyncio."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

import grpc
from grpc import aio

from redress import _calls, v1
from redress._config import Config, target
from redress._errors import CallError, of_status
from redress._retry import Retry
from redress._verdict import Verdict
from redress.v1.decision_service_pb2_grpc import DecisionServiceStub
from redress.v1.policy_service_pb2_grpc import PolicyServiceStub

if TYPE_CHECKING:
    from redress.v1.decision_service_pb2_grpc import DecisionServiceAsyncStub
    from redress.v1.policy_service_pb2_grpc import PolicyServiceAsyncStub

Q = TypeVar("Q")
A = TypeVar("A")


class AsyncClient:
    """Calls the service; tasks of one loop can share one client. Use it with `async with`."""

    def __init__(self, url: str, config: Config | None = None) -> None:
        """Prepares a client, on the running loop, that connects with its first call.

        Raises:
            ValueError: the address is not one such as `http://localhost:50051`.
        """
        self._config = config or Config()
        to = target(url, self._config)
        self._channel = (
            aio.insecure_channel(to.address, options=to.options)
            if to.credentials is None
            else aio.secure_channel(to.address, to.credentials, options=to.options)
        )
        # The bare stubs, such as for `StreamDecide`: without deadline, token and retries.
        self.decisions: DecisionServiceAsyncStub = DecisionServiceStub(self._channel)
        self.policies: PolicyServiceAsyncStub = PolicyServiceStub(self._channel)

    async def close(self) -> None:
        """Ends the connection and all calls."""
        await self._channel.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def decide(self, request: v1.DecideRequest, *, timeout: float | None = None) -> Verdict:
        """Decides one request. A denial is an answer, not an error.

        Raises:
            RedressError: there is no answer.
        """
        reply = await self._call(self.decisions.Decide, request, timeout)
        return Verdict.of(reply.verdict)

    async def batch_decide(
        self, requests: Sequence[v1.DecideRequest], *, timeout: float | None = None
    ) -> list[Verdict | CallError]:
        """Decides 1 to 200 requests at once; each result is a verdict or its own error.

        Raises:
            RedressError: there is no answer to any of them.
        """
        reply = await self._call(self.decisions.BatchDecide, _calls.batch(requests), timeout)
        return _calls.results(reply)

    async def list_options(
        self, request: v1.ListOptionsRequest, *, timeout: float | None = None
    ) -> v1.ListOptionsResponse:
        """Lists what is possible with an order at an instant.

        Raises:
            RedressError: there is no answer.
        """
        return await self._call(self.decisions.ListOptions, request, timeout)

    async def list_policies(self, policy: str = "") -> AsyncIterator[v1.Policy]:
        """Lists the revisions of a policy, or of all, page by page.

        Raises:
            RedressError: there is no answer.
        """
        request = v1.ListPoliciesRequest(policy=policy)
        while True:
            page = await self._call(self.policies.ListPolicies, request, None)
            for revision in page.policies:
                yield revision
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    async def get_policy(self, name: str, *, timeout: float | None = None) -> v1.Policy:
        """Gets a revision with its clauses, by `policies/POLICY` or its full name.

        Raises:
            RedressError: there is no answer.
        """
        request = v1.GetPolicyRequest(name=name)
        return (await self._call(self.policies.GetPolicy, request, timeout)).policy

    async def _call(
        self, method: "aio.UnaryUnaryMultiCallable[Q, A]", request: Q, timeout: float | None
    ) -> A:
        retry = Retry(self._config, timeout)
        while True:
            try:
                left, metadata = retry.left(), self._config.metadata()
                return await method(request, timeout=left, metadata=metadata)
            except aio.AioRpcError as error:
                wait = retry.wait_after(_refusal(error))
            await asyncio.sleep(wait)


def _refusal(error: aio.AioRpcError) -> CallError:
    code: grpc.StatusCode = error.code()
    return of_status(code, error.details() or "", error.trailing_metadata())
