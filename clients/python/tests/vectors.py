"""The vectors, and how what is stated is compared; `clients/vectors/README.md` describes them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict, ParseDict

from redress import CallError, Verdict, v1

FOLDER = Path(__file__).parents[2] / "vectors"


@dataclass(frozen=True)
class Vector:
    name: str
    request: v1.DecideRequest
    verdict: dict[str, Any] | None
    error: dict[str, Any] | None


def load() -> list[Vector]:
    found = []
    for path in sorted(FOLDER.glob("*/*.json")):
        read = json.loads(path.read_text(encoding="utf-8"))
        request = ParseDict(read["request"], v1.DecideRequest())
        name = str(path.relative_to(FOLDER).with_suffix(""))
        found.append(Vector(name, request, read.get("verdict"), read.get("error")))
    assert len(found) > 70
    return found


def check(vector: Vector, got: Verdict | CallError, *, in_batch: bool = False) -> None:
    """Compares an answer with what the vector states."""
    if isinstance(got, CallError):
        shown = sorted(({"field": v.field, "reason": v.reason} for v in got.violations), key=str)
        stated = dict(vector.error or {})
        code = stated.pop("code", None)
        assert {"reason": got.reason, "violations": shown} == stated, vector.name
        assert in_batch or (got.code and got.code.name == code), vector.name
        return
    assert vector.verdict is not None, f"{vector.name}: got a verdict"
    shown_verdict = MessageToDict(
        got.message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    holds(vector.name, vector.verdict, shown_verdict)
    # What the client reads of it says the same.
    assert got.outcome.name == vector.verdict["outcome"].removeprefix("OUTCOME_")
    if "next_step" in vector.verdict:
        assert got.next_step.name == vector.verdict["next_step"].removeprefix("NEXT_STEP_")
    assert [m.path for m in got.missing] == [m["path"] for m in vector.verdict["missing"]]


def holds(at: str, stated: Any, got: Any) -> None:
    """Checks that a value holds what is stated; lists are compared whole."""
    if isinstance(stated, dict) and isinstance(got, dict):
        for key, value in stated.items():
            holds(f"{at}.{key}", value, got.get(key))
    elif isinstance(stated, list) and isinstance(got, list):
        assert len(stated) == len(got), f"{at}: {len(stated)} are stated, {len(got)} are there"
        for index, (one, other) in enumerate(zip(stated, got, strict=True)):
            holds(f"{at}[{index}]", one, other)
    else:
        assert stated == got, f"{at}: {stated} is stated, {got} is there"
