"""Batches, as both clients send and read them."""

from collections.abc import Sequence

from redress import v1
from redress._errors import CallError, InvalidReplyError, of_item
from redress._verdict import Verdict


def batch(requests: Sequence[v1.DecideRequest]) -> v1.BatchDecideRequest:
    """Numbers the requests of a batch."""
    items = [
        v1.BatchItem(item_id=str(index), decide=request) for index, request in enumerate(requests)
    ]
    return v1.BatchDecideRequest(items=items)


def results(reply: v1.BatchDecideResponse) -> list[Verdict | CallError]:
    """Reads the results of a batch, in the order of its items."""
    return [result(item) for item in reply.results]


def result(item: v1.ItemResult) -> Verdict | CallError:
    """Reads one result."""
    match item.WhichOneof("result"):
        case "verdict":
            return Verdict.of(item.verdict)
        case "error":
            return of_item(item.error)
        case None:
            raise InvalidReplyError(f"item `{item.item_id}` has no result")
