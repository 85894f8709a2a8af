"""What README and examples show, as it stands there, against a real server."""

import json
import subprocess
import sys
from pathlib import Path

from vectors import FOLDER

HERE = Path(__file__).parents[1]


def test_the_readme_comes_to_its_verdict(url: str) -> None:
    text = (HERE / "README.md").read_text(encoding="utf-8")
    program, rest = text.split("```python\n", 1)[1].split("```", 1)
    shown = rest.split("```text\n", 1)[1].split("```", 1)[0]
    assert "http://localhost:50051" in program
    program = program.replace("http://localhost:50051", url)
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout == shown


def test_the_worklist_names_every_step(url: str, tmp_path: Path) -> None:
    names = {
        "milona-paris/return_delivery_unknown": "ask: When was the parcel delivered",
        "milona-paris/return_worn": "let a person decide",
        "milona-paris/return_paid": "pay 59.00",
        "milona-paris/return_credit": "give what was granted",
        "milona-paris/return_waits": "wait",
        "milona-paris/return_late": "tell the customer that it is refused",
        "errors/too_many_units": "not decided, request.lines[0].groups: ",
    }
    requests = []
    for name in names:
        vector = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
        requests.append(json.dumps(vector["request"]))
    file = tmp_path / "requests.jsonl"
    file.write_text("\n".join(requests), encoding="utf-8")
    program = HERE / "examples" / "worklist.py"
    run = subprocess.run(
        [sys.executable, str(program), str(file), url], capture_output=True, text=True, check=False
    )
    assert run.returncode == 1, run.stderr
    for line, wanted in zip(run.stdout.splitlines(), names.values(), strict=True):
        assert line.split(": ", 1)[1].startswith(wanted), run.stdout
