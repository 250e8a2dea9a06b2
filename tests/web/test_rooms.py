"""Held against every room: access declared, codes documented, nothing heavy imported."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.access.permissions import PERMISSIONS
from chalicelib.web.error_pages import pages_by_code
from chalicelib.web.routes import PUBLIC, Routes

ROOT = Path(__file__).parents[2]


def all_routes() -> list[tuple[str, Routes]]:
    """Every `Routes` in a `routes.py` of any room, and the pages of docs."""
    found: list[tuple[str, Routes]] = []
    names = [
        f"chalicelib.{path.parent.name}.{path.stem}"
        for path in sorted((ROOT / "chalicelib").glob("*/routes*.py"))
    ]
    for name in [*names, "chalicelib.web.docs"]:
        for value in vars(importlib.import_module(name)).values():
            if isinstance(value, Routes):
                found.append((name, value))
    return found


@pytest.mark.requirement("R-26")
def test_every_route_declares_who_may() -> None:
    for name, routes in all_routes():
        for spec in routes.specs:
            place = f"{name}: {spec.method} {spec.path}"
            is_open = not spec.path.startswith("/v1/")
            assert (spec.operation == PUBLIC) is is_open, place
            assert is_open or spec.operation in PERMISSIONS, place
            assert spec.answers or spec.operation == PUBLIC, f"{place}: describe the answer"


def test_every_code_raised_anywhere_has_a_page() -> None:
    pages = pages_by_code(page for _, routes in all_routes() for page in routes.error_pages)
    missing = [
        f"{path.relative_to(ROOT)}:{line}: {code}"
        for path in sorted((ROOT / "chalicelib").glob("*/*.py"))
        for code, line in codes_in(path)
        if code not in pages
    ]
    assert not missing, "\n".join(missing)


def codes_in(path: Path) -> Iterator[tuple[str, int]]:
    """Codes written as literals: `code="..."` of a refusal, a Fault's second argument, the type
    of a validator's own error."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", "")
        values = [
            keyword.value for keyword in node.keywords if keyword.arg == "code" and name in REFUSALS
        ]
        if name == "Fault" and len(node.args) > 1:
            values.append(node.args[1])
        if name in ("PydanticCustomError", "Refusal", "SheetRefused"):
            values.append(node.args[0])
        for value in values:
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield value.value, node.lineno


REFUSALS = frozenset(
    {
        "GovcreditError",
        "Malformed",
        "Unauthenticated",
        "Forbidden",
        "NotFound",
        "Conflict",
        "PreconditionFailed",
        "TooLarge",
        "UnsupportedMediaType",
        "Invalid",
        "PreconditionRequired",
        "TooManyRequests",
        "Misconfigured",
        "Unavailable",
        "Fault",
    }
)


def test_importing_the_edge_loads_nothing_heavy_and_reads_no_environment() -> None:
    code = (
        "import os, sys\n"
        "os.environ.clear()\n"
        "import chalicelib.access.routes, chalicelib.access.handlers, chalicelib.web.docs\n"
        "heavy = {'jwt', 'cryptography', 'boto3', 'yaml', 'jsonschema', 'urllib.request'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("room", ["web", "access"])
def test_these_rooms_import_only_what_lies_below(room: str) -> None:
    # Charts are answered like any other body: the room that draws them is pure.
    below = {
        "web": {"kernel", "aws", "pictures", "web"},
        "access": {"kernel", "aws", "web", "access"},
    }[room]
    for path in sorted((ROOT / "chalicelib" / room).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("chalicelib."):
                assert node.module is not None
                assert node.module.split(".")[1] in below, f"{path.name}: {node.module}"
