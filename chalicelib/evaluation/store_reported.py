"""Items of reported figures in the evaluation table.

| item | pk | sk | read by |
|---|---|---|---|
| report | REPORTED#<code> | F#<figure>#<period> | body, figure and period; body; by_listing |
| report as it was | REPORTED#<code> | V#<figure>#<period>#<version> | body, figure and period |

The code is the body's unified code. Reports are listed `reported#<jurisdiction>` by
`<state>#<region>#<figure>#<period>#<code>`, so that one listing serves whoever reviews a region and
those below it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import batch_get
from chalicelib.aws.writes import ABSENT, Key, Put, Write, version_is
from chalicelib.evaluation.model_reported import Report

_DIGITS = 6


def place_of(platform: Platform, code: str, figure: str, period: str) -> Key:
    """Where the report of a body lies."""
    return platform.evaluation.key(f"REPORTED#{code}", f"F#{figure}#{period}")


def load(platform: Platform, code: str, figure: str, period: str) -> Report | None:
    """The report of a body about a figure and period."""
    place = place_of(platform, code, figure, period)
    item = platform.evaluation.get(place.pk, place.sk)
    return None if item is None else report_from(item)


def load_some(
    platform: Platform, wanted: Iterable[tuple[str, str, str]]
) -> dict[tuple[str, str, str], Report]:
    """The reports that exist among (unified code, figure, period); one call per 100."""
    found = batch_get([place_of(platform, *one) for one in wanted])
    reports = [report_from(item) for item in found.values()]
    return {(one.unified_code, one.figure, one.period): one for one in reports}


def writes_of(platform: Platform, report: Report, before: Report | None) -> list[Write]:
    """The writes that bring a report from `before` (None: nothing) to `report`, and keep the one
    before."""
    condition = ABSENT if before is None else version_is(before.version)
    place = place_of(platform, report.unified_code, report.figure, report.period)
    parts = (report.state, report.region, report.figure, report.period, report.unified_code)
    item: Item = {
        **_content(report),
        "pk": place.pk,
        "sk": place.sk,
        "listing": f"reported#{report.jurisdiction}",
        "position": "#".join(parts),
    }
    writes: list[Write] = [Put(place.table, item, condition)]
    if before is not None:
        sk = f"V#{before.figure}#{before.period}#{before.version:0{_DIGITS}d}"
        kept: Item = {**_content(before), "pk": place.pk, "sk": sk}
        writes.append(Put(place.table, kept, ABSENT))
    return writes


def history(platform: Platform, report: Report) -> list[Report]:
    """The earlier versions of a report, oldest first."""
    prefix = f"V#{report.figure}#{report.period}#"
    items = platform.evaluation.each(f"REPORTED#{report.unified_code}", prefix=prefix)
    return [report_from(item) for item in items]


def page_of_own(
    platform: Platform, code: str, limit: int, start: Item | None
) -> tuple[list[Report], Item | None]:
    """One page of the reports of a body, by figure and period."""
    page = platform.evaluation.query(f"REPORTED#{code}", prefix="F#", limit=limit, start=start)
    return [report_from(item) for item in page.items], page.next_start


def page_of_region(
    platform: Platform, jurisdiction: str, prefix: str, limit: int, start: Item | None
) -> tuple[list[Report], Item | None]:
    """One page of the reports whose place in the list begins so: a state, and a region."""
    listing = f"reported#{jurisdiction}"
    page = platform.evaluation.query_index(
        "by_listing", listing, prefix=prefix, limit=limit, start=start
    )
    return [report_from(item) for item in page.items], page.next_start


def report_from(item: Item) -> Report:
    """The report an item holds."""
    body: dict[str, Any] = {name: item[name] for name in Report.__dataclass_fields__}
    return Report(**{**body, "evidence": tuple(body["evidence"])})


def _content(report: Report) -> Item:
    return {**asdict(report), "evidence": list(report.evidence)}
