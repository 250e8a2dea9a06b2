"""Published results of cases: from what a case laid out for the public to the feed.

A case's own item is never read here: what is to be published lies apart (`cases.find_result`), and
that alone can be shown. Every deed may be repeated, doubled, late or out of order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from chalicelib.aws.events import Change
from chalicelib.aws.platform import Platform
from chalicelib.cases import service as cases
from chalicelib.cases.service import CaseResult
from chalicelib.disclosure.documents import field_view
from chalicelib.disclosure.model import BodyName, PackView, SupervisionResultView
from chalicelib.disclosure.projection import Progress
from chalicelib.feed import service as feed
from chalicelib.feed.model import NewDocument, document_id
from chalicelib.kernel.clock import civil_date, instant_text, parse_instant
from chalicelib.policy.model import Field
from chalicelib.policy.service import pack_version
from chalicelib.publicity.rules import fields_shown

SLICE = 100
"""Results compared at a time."""


def project_result(platform: Platform, case_id: str, progress: Progress) -> None:
    """Bring the feed in line with what is published of a case."""
    result = cases.find_result(platform, case_id)
    if result is None:
        return
    name = _name_of(case_id)
    if result.withdrawn:
        waits = feed.hide(platform, name, "supervision", result.version, "withdrawn", stand=True)
    else:
        document = view_of(result).model_dump(mode="json")
        waits = feed.show(platform, NewDocument(name, "supervision", result.version, document))
    if waits:
        progress.waiting.append(name)
    progress.saw_change(result.at, platform.clock())


def _name_of(case_id: str) -> str:
    return document_id("supervision", case_id)


def view_of(result: CaseResult) -> SupervisionResultView:
    """The public document of a published result: public fields that are not personal, their free
    text without citizen codes and mobile numbers."""
    pack = pack_version(result.jurisdiction, result.pack)
    kind = pack.case_kinds[result.kind]
    catalog: dict[str, Field] = {}
    for action in kind.actions:
        for field in action.fields:
            catalog.setdefault(field.code, field)
    shown = fields_shown(tuple(catalog.values()), result.values)
    region = pack.regions.get(result.region)
    basis = f"{kind.basis.document}{kind.basis.clause}"
    return SupervisionResultView(
        id=result.case_id,
        version=result.version,
        kind=kind.code,
        kind_title=kind.title,
        body=BodyName(code=result.subject_code, name=result.subject_name),
        region=result.region,
        region_title=region.title if region else result.region,
        published_on=civil_date(parse_instant(result.at)).isoformat(),
        fields=tuple(field_view(catalog[code], value) for code, value in shown.items()),
        basis=basis if kind.basis.verified else f"{basis}（未核实）",
        pack=PackView(jurisdiction=pack.jurisdiction, version=pack.version),
        as_of=result.at,
    )


def results_behind(
    platform: Platform, since: datetime, until: datetime
) -> Iterator[dict[str, object]]:
    """The changes of results from `since` to `until` that are not yet to be seen."""
    last = instant_text(until)
    found = (one for one in cases.results_since(platform, instant_text(since)) if one.at <= last)
    while part := list(islice(found, SLICE)):
        decided = feed.decided(platform, [_name_of(one.case_id) for one in part])
        for one in part:
            done = decided.get(_name_of(one.case_id))
            if done is None or done.version != one.version or done.is_gone != one.withdrawn:
                yield change_of(one)


def all_results(platform: Platform) -> Iterable[dict[str, object]]:
    """A change for every result there ever was: to build everything again."""
    return map(change_of, cases.results_since(platform, "0000"))


def change_of(result: CaseResult) -> dict[str, object]:
    """The message that has a published result looked at."""
    key = f"RESULT#{result.case_id}"
    return Change("cases", key, result.version, cases.RESULT_ENTITY).message()
