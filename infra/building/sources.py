"""Reads the template sources and merges them, refusing to overwrite anything silently."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias, cast

import yaml

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Node: TypeAlias = dict[str, Json]

INFRA = Path(__file__).resolve().parent.parent
SECTIONS = ("Parameters", "Conditions", "Resources", "Outputs")


class SourceError(Exception):
    """A source contradicts another one or itself; the message names the file."""


def load_yaml(path: Path) -> Node:
    """The mapping in a YAML file (plain data: no tags, no code)."""
    content = json.loads(_as_json(path.read_text(encoding="utf-8")))
    if not isinstance(content, dict):
        raise SourceError(f"{path.name}: expected a mapping")
    return cast(Node, content)


@lru_cache(maxsize=64)
def _as_json(text: str) -> str:
    # Parsing YAML is slow and tests read the sources hundreds of times; each caller gets a copy.
    return json.dumps(yaml.safe_load(text))


def node(value: Json, where: str) -> Node:
    """The value as a mapping. Raises SourceError naming `where` if it is not one."""
    if not isinstance(value, dict):
        raise SourceError(f"{where}: expected a mapping, found {type(value).__name__}")
    return value


def merge_section(into: Node, section: str, entries: Mapping[str, Json], where: str) -> None:
    """Adds entries to a section of the template. Raises SourceError when a name is taken."""
    target = node(into.setdefault(section, {}), section)
    for name, entry in entries.items():
        if name in target:
            raise SourceError(f"{where}: {section}.{name} is already defined elsewhere")
        target[name] = entry


def load_resources(folder: Path = INFRA / "template") -> Node:
    """All files of `infra/template` as one template document."""
    merged: Node = {section: {} for section in SECTIONS}
    for path in sorted(folder.glob("*.yaml")):
        for section, entries in load_yaml(path).items():
            if section not in SECTIONS:
                raise SourceError(f"{path.name}: unknown section {section}")
            merge_section(merged, section, node(entries, path.name), path.name)
    return merged


def resources_of(template: Node, kind: str | None = None) -> Iterator[tuple[str, Node]]:
    """(logical id, resource) of a template, optionally of one type only."""
    for logical_id, entry in node(template["Resources"], "Resources").items():
        resource = node(entry, logical_id)
        if kind is None or resource.get("Type") == kind:
            yield logical_id, resource


def properties_of(resource: Node) -> Node:
    """The properties of a resource; empty if it has none."""
    return node(resource.get("Properties", {}), "Properties")
