"""One call by each of the two clients, so that a test holds for both."""

import asyncio
from collections.abc import Callable

from redress import AsyncClient, Client, Config, Verdict, v1

Ask = Callable[[str, Config], Verdict]


def sync(url: str, config: Config, request: v1.DecideRequest | None = None) -> Verdict:
    with Client(url, config) as client:
        return client.decide(request or v1.DecideRequest())


def by_asyncio(url: str, config: Config, request: v1.DecideRequest | None = None) -> Verdict:
    async def ask() -> Verdict:
        async with AsyncClient(url, config) as client:
            return await client.decide(request or v1.DecideRequest())

    return asyncio.run(ask())


BOTH: list[Ask] = [sync, by_asyncio]
