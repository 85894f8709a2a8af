"""Every vector, alone and in a batch, by both clients."""

import pytest
from vectors import Vector, check, load

from redress import AsyncClient, CallError, Client, Verdict

VECTORS = load()


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_sync(url: str, vector: Vector) -> None:
    with Client(url) as client:
        got: Verdict | CallError
        try:
            got = client.decide(vector.request)
        except CallError as error:
            got = error
    check(vector, got)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
async def test_asyncio(url: str, vector: Vector) -> None:
    async with AsyncClient(url) as client:
        got: Verdict | CallError
        try:
            got = await client.decide(vector.request)
        except CallError as error:
            got = error
    check(vector, got)


def test_sync_batch(url: str) -> None:
    with Client(url) as client:
        results = client.batch_decide([vector.request for vector in VECTORS])
    for vector, got in zip(VECTORS, results, strict=True):
        check(vector, got, in_batch=True)


async def test_asyncio_batch(url: str) -> None:
    async with AsyncClient(url) as client:
        results = await client.batch_decide([vector.request for vector in VECTORS])
    for vector, got in zip(VECTORS, results, strict=True):
        check(vector, got, in_batch=True)
