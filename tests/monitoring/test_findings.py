"""Regions and trades: what bodies add up to, whatever chunks they came in."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from chalicelib.monitoring.model_runs import Body
from chalicelib.monitoring.rules_findings import Pool, finding_of, pooled_findings
from chalicelib.policy.compile import PACKS, build
from chalicelib.policy.model import Pack
from chalicelib.policy.source import read_sources
from tests.monitoring.builders import DAY, row

pytestmark = pytest.mark.requirement("R-64")


@cache
def lingyuan() -> Pack:
    """The pack of the city that warns by region and by trade."""
    pack, problems = build(read_sources(PACKS), "lingyuan", date(2024, 1, 1))
    assert pack is not None and problems == []
    return pack


def body(number: int, region: str, kind: str = "department") -> Body:
    return Body(f"b_{number}", f"C{number}", f"局{number}", kind, region, "")


def breach(number: int, of: Body, sphere: str) -> Any:
    values = {"sphere": sphere, "breach_kind": "arrears", "amount_yuan": "10"}
    return row(
        number, type="commitment_breach", dishonesty=True, subject=of.subject_id, values=values
    )


def found(bodies: dict[Body, list[Any]], chunks: int) -> dict[tuple[str, str], Decimal | None]:
    """Object and rule -> value, with the bodies looked at in so many chunks, each sent as JSON."""
    pack, whole = lingyuan(), Pool()
    for chunk in range(chunks):
        pool = Pool()
        for one in list(bodies)[chunk::chunks]:
            finding_of(pack, one, bodies[one], DAY, pool)
        whole.join(json.loads(json.dumps(pool.document())))
    return {
        (finding.subject.key, value.rule): value.value
        for finding in pooled_findings(pack, whole)
        for value in finding.values
    }


def test_lingyuan_is_warned_by_region_and_by_trade_however_the_work_is_cut() -> None:
    (city,) = lingyuan().regions
    first, second = body(1, city), body(2, city)
    bodies: dict[Body, list[Any]] = {
        first: [breach(n, first, "procurement") for n in range(3)],
        second: [breach(10 + n, second, "bidding") for n in range(3)],
    }
    values = found(bodies, 1)
    assert values == found(bodies, 2)
    assert values["trade:procurement", "trade_breaches"] == 3
    assert values["trade:bidding", "trade_growth"] is None  # fewer than five
    assert values["trade:ppp", "trade_breaches"] == 0
    assert values[f"region:{city}", "dishonesty_concentration"] == Decimal("0.5")
    assert values[f"region:{city}", "breach_kind_concentration"] == 1


def test_two_governments_of_one_region_are_told_apart_by_their_codes() -> None:
    pool = Pool()
    (top,) = lingyuan().regions
    for number in (5, 3, 4):
        finding_of(lingyuan(), body(number, top, "government"), [], DAY, pool)
    finding = next(one for one in pooled_findings(lingyuan(), pool) if one.subject.code == top)
    assert finding.body is not None and finding.body.unified_code == "C3"
