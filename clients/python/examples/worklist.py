"""Decides requests of a file, a line of proto JSON each, and prints what is to be done.

python examples/worklist.py requests.jsonl http://localhost:50051
"""

import sys
from pathlib import Path
from typing import assert_never

from google.protobuf.json_format import Parse

from redress import CallError, Client, NextStep, Verdict, v1

# What one batch holds at most.
BATCH = 200


def to_do(verdict: Verdict) -> str:
    """Says what to do; a type checker refuses this as soon as a step is left out."""
    match verdict.next_step:
        case NextStep.ASK:
            return "ask: " + " ".join(fact.question for fact in verdict.missing)
        case NextStep.REVIEW:
            return "let a person decide"
        case NextStep.PAY:
            return f"pay {verdict.payable_now}"
        case NextStep.CARRY_OUT:
            return "give what was granted"
        case NextStep.WAIT:
            return "wait"
        case NextStep.REFUSE:
            return "tell the customer that it is refused"
        case _:
            assert_never(verdict.next_step)


def main(path: str, url: str) -> int:
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    requests = [Parse(line, v1.DecideRequest()) for line in lines]
    refused = 0
    with Client(url) as client:
        for start in range(0, len(requests), BATCH):
            some = requests[start : start + BATCH]
            for request, result in zip(some, client.batch_decide(some), strict=True):
                if isinstance(result, CallError):
                    refused += 1
                    print(f"{request.order.order_id}: not decided, {result}")
                else:
                    print(f"{result.order_id}: {to_do(result)}")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
