"""The messages the platform sends, as events/schemas describes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from tests.invariants.source import ROOT

EVENTS = ROOT / "events"

QUEUES: Mapping[str, tuple[str, ...]] = {
    "intake": ("intake_work",),
    "accounts": ("accounts_work",),
    "cases": ("cases_work",),
    "disclosure": ("change", "disclosure_work"),
    "evaluation": ("evaluation_work",),
    "sequencer": ("sequencer_work",),
    "snapshots": ("snapshots_work",),
    "measures": ("measures_work",),
    "checks": ("checks_work",),
    "monitoring": ("monitoring_work",),
}
"""Function that works a queue -> the schemas of what may lie in it."""


@cache
def schema(name: str) -> dict[str, Any]:
    """A schema by the beginning of its file's name."""
    found: dict[str, Any] = json.loads(
        (EVENTS / "schemas" / f"{name}.schema.json").read_text("utf-8")
    )
    return found


@cache
def validator(name: str) -> Draft202012Validator:
    """What holds a message against a schema."""
    Draft202012Validator.check_schema(schema(name))
    return Draft202012Validator(schema(name))


def schema_named(queue: str, message: Mapping[str, object]) -> str:
    """Which schema a message of a queue should keep to."""
    if "entity" in message and "change" in QUEUES[queue]:
        return "change"
    return QUEUES[queue][-1]


def kinds_of(queue: str, message: Mapping[str, object] | None = None) -> set[str]:
    """The kinds of message a queue knows, or those `message` is of: the entity of a change, the
    title of an alternative of any other schema."""
    found: set[str] = set()
    for name in QUEUES[queue]:
        if name == "change":
            entities = schema(name)["properties"]["entity"]["enum"]
            found |= {one for one in entities if message is None or message.get("entity") == one}
            continue
        for alternative in schema(name)["oneOf"]:
            alone = {**alternative, "$defs": schema(name).get("$defs", {})}
            if message is None or Draft202012Validator(alone).is_valid(message):
                found.add(str(alternative["title"]))
    return found


def sample(name: str) -> dict[str, Any]:
    """A sample payload of a trigger."""
    found: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text("utf-8"))
    return found
