"""Code never names a city: what is particular to a place stands in its pack (design §2.5)."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
import yaml

from chalicelib.policy.compile import PACKS
from tests.invariants.source import Source, sources

SAID_OF_EXAMPLES = ("examples", "example", "json_schema_extra")


def names_of_places() -> set[str]:
    """Jurisdictions, region codes and region titles of every pack that is not the base."""
    found: set[str] = set()
    for path in sorted(PACKS.glob("*/*/pack.yaml")):
        jurisdiction = path.parts[-3]
        regions = (yaml.safe_load(path.read_text("utf-8")) or {}).get("regions") or {}
        if jurisdiction == "national":
            continue
        found.add(jurisdiction)
        for code, region in regions.items():
            title = str(region["title"])
            # 示例 is also a word; the names of real places are not.
            found |= {str(code), title, title if region.get("made_up") else title.rstrip("市区县")}
    assert {"nanjing", "南京", "329900"} <= found
    return found


def texts(source: Source) -> Iterator[ast.Constant]:
    """The strings a program works with: no docstrings, no examples of the document."""
    waiting: list[ast.AST] = [source.tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.keyword) and node.arg in SAID_OF_EXAMPLES:
            continue
        if isinstance(node, ast.Assign | ast.AnnAssign) and "EXAMPLE" in ast.unparse(node):
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node
        waiting.extend(ast.iter_child_nodes(node))


@pytest.mark.requirement("R-10")
def test_no_line_of_code_names_a_city() -> None:
    places = names_of_places()
    found = [
        f"{source.place}:{text.lineno}: {text.value!r}"
        for source in sources()
        if source.path.stem not in SAID_OF_EXAMPLES
        for text in texts(source)
        if any(place in str(text.value).lower() for place in places)
    ]
    assert not found, "\n".join(found)
