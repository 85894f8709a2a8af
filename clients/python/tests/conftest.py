"""A real server with the policies that are built in, on a port of its own."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
BUILT = ("target/release/redress", "target/debug/redress")

Start = Callable[..., str]


def program() -> str:
    """Returns the program to start: `REDRESS_BIN`, or what cargo built."""
    named = os.environ.get("REDRESS_BIN")
    if named:
        return str(Path(named).resolve())
    found = [ROOT / path for path in BUILT if (ROOT / path).exists()]
    assert found, "build it with `cargo build`, or set REDRESS_BIN"
    return str(found[0])


@contextmanager
def server(*flags: str) -> Iterator[str]:
    """Starts a server and gives its address, without a scheme."""
    # Settings of whoever runs the tests are not those of the server.
    env = {key: value for key, value in os.environ.items() if not key.startswith("REDRESS_")}
    command = [program(), "serve", "--listen", "127.0.0.1:0", "--drain-delay", "0", *flags]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as run:
        try:
            assert run.stdout is not None
            first = run.stdout.readline()
            assert first.startswith("listening on "), f"the server did not start: {first}"
            yield first.removeprefix("listening on ").strip()
        finally:
            run.terminate()
            run.wait(timeout=30)


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    with server() as address:
        yield f"http://{address}"


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts servers with flags; they end with the test."""
    with ExitStack() as running:
        yield lambda *flags: running.enter_context(server(*flags))
