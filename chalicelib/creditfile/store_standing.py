"""The attribute `standing` of a record's item; records nothing was done to have none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from chalicelib.aws.attributes import Value
from chalicelib.creditfile.model import Deed, Delivery, Mark, Standing, Statement

EMPTY = Standing()
_DEEDS = ("repaired", "exempted", "eased")
_FLAGS = ("sharing_ended", "measures_ended")


def standing_value(standing: Standing) -> dict[str, Value]:
    """What is kept of a standing: only what there is of it."""
    value: dict[str, Value] = {}
    if standing.marks:
        value["marks"] = [asdict(mark) for mark in standing.marks]
    if standing.deliveries:
        value["deliveries"] = [asdict(delivery) for delivery in standing.deliveries]
    if standing.statement is not None:
        value["statement"] = asdict(standing.statement)
    for name in _DEEDS:
        deed: Deed | None = getattr(standing, name)
        if deed is not None:
            value[name] = asdict(deed)
    value.update({name: True for name in _FLAGS if getattr(standing, name)})
    return value


def standing_from(value: Mapping[str, Any] | None) -> Standing:
    """The inverse of `standing_value`; None: nothing was done to the record."""
    if not value:
        return EMPTY
    deeds = {name: Deed(**value[name]) if name in value else None for name in _DEEDS}
    return Standing(
        marks=tuple(Mark(**one) for one in value.get("marks", ())),
        statement=Statement(**value["statement"]) if "statement" in value else None,
        deliveries=tuple(Delivery(**one) for one in value.get("deliveries", ())),
        repaired=deeds["repaired"],
        exempted=deeds["exempted"],
        eased=deeds["eased"],
        sharing_ended=bool(value.get("sharing_ended")),
        measures_ended=bool(value.get("measures_ended")),
    )
