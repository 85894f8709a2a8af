"""Generates `redress.v1`, the messages and stubs, from the contract before a wheel is built.

`pip install` and `python -m build` run it by themselves; `python hatch_build.py` does it alone.
"""

import sys
from importlib import metadata, resources
from pathlib import Path
from subprocess import run
from tempfile import TemporaryDirectory
from typing import Any

from google.protobuf.descriptor_pb2 import FileDescriptorSet
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# The contract, in the repository and in a source distribution.
PROTO = ("../../proto", "proto")
OUT = "src"
PACKAGE = "src/redress/v1"


class Generate(BuildHookInterface[Any]):
    """Runs the compiler, and puts what it writes into the wheel."""

    def initialize(self, _version: str, build_data: dict[str, Any]) -> None:
        generate(Path(self.root))
        build_data["artifacts"].append(f"/{PACKAGE}")


def generate(root: Path) -> None:
    """Writes the package below a root."""
    proto = next(path for name in PROTO if (path := root / name).is_dir())
    files = sorted(str(path.relative_to(proto)) for path in proto.glob("redress/v1/*.proto"))
    services = [file for file in files if "service" in file]
    out = root / OUT
    plugin = _plugin("protoc-gen-mypy")
    grpc_plugin = _plugin("protoc-gen-mypy_grpc")
    with TemporaryDirectory() as temporary:
        descriptors = Path(temporary) / "descriptors"
        _compile(proto, files, f"--python_out={out}", f"--mypy_out=quiet:{out}", *plugin)
        _compile(
            proto,
            services,
            f"--grpc_python_out={out}",
            f"--mypy_grpc_out=quiet:{out}",
            *grpc_plugin,
        )
        _compile(proto, files, f"--descriptor_set_out={descriptors}")
        described = FileDescriptorSet.FromString(descriptors.read_bytes())
    (root / PACKAGE / "__init__.py").write_text(_exports(described), encoding="utf-8")


def _plugin(name: str) -> list[str]:
    """Names the script of a plugin, which need not be on the search path."""
    scripts = metadata.files("mypy-protobuf") or []
    path = next(file.locate() for file in scripts if file.name == name)
    return [f"--plugin={name}={path}"]


def _compile(proto: Path, files: list[str], *options: str) -> None:
    well_known = resources.files("grpc_tools") / "_proto"
    includes = [f"--proto_path={proto}", f"--proto_path={well_known}"]
    run([sys.executable, "-m", "grpc_tools.protoc", *includes, *options, *files], check=True)


def _exports(described: FileDescriptorSet) -> str:
    """Returns a module from which every message, enum and value can be imported."""
    lines = ['"""The messages of the contract `redress.v1`."""', ""]
    for file in described.file:
        module = file.name.removesuffix(".proto").replace("/", ".") + "_pb2"
        names = [message.name for message in file.message_type]
        for enum in file.enum_type:
            names.append(enum.name)
            names.extend(value.name for value in enum.value)
        lines.extend(f"from {module} import {name} as {name}" for name in sorted(names))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    generate(Path(__file__).parent)
