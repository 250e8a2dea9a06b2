"""The project's own source, read as text: what imports what, what stands where."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]

ROOMS = (
    "kernel",
    "tlog",
    "aws",
    "sheets",
    "pictures",
    "web",
    "policy",
    "access",
    "publicity",
    "creditfile",
    "evidence",
    "intake",
    "accounts",
    "crosscheck",
    "registers",
    "cases",
    "ratings",
    "leads",
    "surveys",
    "commitments",
    "third_parties",
    "evaluation",
    "monitoring",
    "measures",
    "checks",
    "feed",
    "disclosure",
    "replica",
    "snapshots",
    "exchange",
    "portal",
)
"""From the ground up: a room may use those before it (policy has routes, so web comes first). Some
are not built yet."""


@dataclass(frozen=True)
class Import:
    """One module that is imported, where, and whether only for type checkers."""

    module: str
    line: int
    is_for_types: bool


@dataclass(frozen=True)
class Source:
    """One Python file of the project."""

    path: Path

    @property
    def place(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def module(self) -> str:
        parts = self.path.relative_to(ROOT).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def room(self) -> str:
        """The capability it belongs to; empty outside of chalicelib."""
        parts = self.module.split(".")
        return parts[1] if parts[0] == "chalicelib" and len(parts) > 1 else ""

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text("utf-8"))

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        """Everything it imports, also inside functions; of `from x import y` the module."""
        types = {
            id(inner)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
            for inner in ast.walk(node)
        }
        return tuple(
            Import(module, node.lineno, id(node) in types)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for module in _named(node)
        )


def _named(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    assert node.level == 0 and node.module, "imports are written in full"
    for alias in node.names:
        inner = f"{node.module}.{alias.name}"
        yield inner if inner in _modules() else node.module


def sources(*folders: str) -> list[Source]:
    """The files of these folders (or these files)."""
    found: list[Path] = []
    for folder in folders or ("app.py", "chalicelib"):
        path = ROOT / folder
        found += [path] if path.is_file() else sorted(path.rglob("*.py"))
    assert found
    return [_source(path) for path in found]


@cache
def _source(path: Path) -> Source:
    # Parsed once, however many tests look at it.
    return Source(path)


def _modules() -> set[str]:
    if not _known:
        _known.update(source.module for source in sources("app.py", "chalicelib"))
    return _known


_known: set[str] = set()
