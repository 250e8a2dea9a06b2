"""Published results of cases: from what a case laid out for the public to the public table.

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
from chalicelib.disclosure import resultstore, store
from chalicelib.disclosure.documents import field_view
from chalicelib.disclosure.model import BodyName, PackView, SupervisionResultView
from chalicelib.kernel.clock import civil_date, instant_text, parse_instant
from chalicelib.policy.model import Field
from chalicelib.policy.service import pack_version
from chalicelib.publicity.rules import fields_shown

SLICE = 100
"""Results compared at a time."""


def project_result(platform: Platform, case_id: str) -> CaseResult | None:
    """Bring the public table in line with what is published of a case. Returns that; None where
    nothing ever was."""
    result = cases.find_result(platform, case_id)
    if result is None:
        return None
    if result.withdrawn:
        now = platform.clock()
        today = civil_date(now).isoformat()
        pk = resultstore.pk_of(case_id)
        store.bury(platform, pk, result.version, instant_text(now), today)
    else:
        store.show(platform, resultstore.result_item(view_of(result)))
    return result


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
        keys = {one.case_id: resultstore.result_key(platform, one.case_id) for one in part}
        shown = store.find_items(platform, list(keys.values()))
        for one in part:
            item = shown.get(keys[one.case_id])
            is_gone = item is None or "gone" in item
            is_right = is_gone if one.withdrawn else not is_gone
            if not is_right or (item is not None and item["version"] != one.version):
                yield change_of(one)


def all_results(platform: Platform) -> Iterable[dict[str, object]]:
    """A change for every result there ever was: to build everything again."""
    return map(change_of, cases.results_since(platform, "0000"))


def change_of(result: CaseResult) -> dict[str, object]:
    """The message that has a published result looked at."""
    key = f"RESULT#{result.case_id}"
    return Change("cases", key, result.version, cases.RESULT_ENTITY).message()
