"""Evaluations of persons (R-67): internal. A personnel department reads them for a stated purpose,
a person its own; every look is noted first, where the person can see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chalicelib.access.rules import region_covers
from chalicelib.access.service import record_read, record_reads
from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import Page
from chalicelib.creditfile import service as files
from chalicelib.evaluation import service, stalestore, store
from chalicelib.evaluation.paging import page_of
from chalicelib.evaluation.runs import Body, Result, Run
from chalicelib.kernel.errors import NotFound
from chalicelib.policy.base import PERSONS
from chalicelib.web.model import Caller, Scope

_READ_AHEAD = 500


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, how far the right reaches, and what for (the two request headers)."""

    caller: Caller
    scope: Scope
    purpose: str = ""
    approval: str = ""


def runs_of_persons(
    platform: Platform, asking: Asking, limit: int, start: Item | None
) -> tuple[list[Run], Item | None]:
    """The completed evaluations of persons in the caller's jurisdiction, the newest first."""

    def fetch(begin: Item | None) -> Page:
        listing = f"runs#{asking.caller.jurisdiction}"
        return platform.evaluation.query_index(
            "by_listing", listing, descending=True, limit=_READ_AHEAD, start=begin
        )

    items, cursor = page_of(
        platform, fetch, lambda item: _is_shown(store.run_from(item)), limit, start
    )
    return [store.run_from(item) for item in items], cursor


def results_of_persons(
    platform: Platform, asking: Asking, run_id: str, limit: int, start: Item | None
) -> tuple[list[Result], Item | None]:
    """A page of the results within the caller's reach, by group and rank; everybody shown is noted
    first. Raises NotFound, Invalid without a purpose."""
    run = _run(platform, asking.caller, run_id)
    purpose = files.purpose_of(asking.caller, asking.purpose, asking.approval)

    def fetch(begin: Item | None) -> Page:
        return platform.evaluation.query_index(
            "by_listing", f"results#{run.run_id}", limit=_READ_AHEAD, start=begin
        )

    def keep(item: Item) -> bool:
        return _reaches(asking, store.result_from(item).body)

    items, cursor = page_of(platform, fetch, keep, limit, start)
    found = [store.result_from(item) for item in items]
    record_reads(platform, asking.caller, [each.body.subject_id for each in found], *purpose)
    return found, cursor


def result_of_person(
    platform: Platform, asking: Asking, run_id: str, subject_id: str
) -> tuple[Result, dict[str, Any]]:
    """A person's result and the document that explains it; the look is noted first. Raises
    NotFound, Invalid without a purpose."""
    run = _run(platform, asking.caller, run_id)
    purpose = files.purpose_of(asking.caller, asking.purpose, asking.approval)
    result = store.load_result(platform, run.run_id, subject_id)
    if result is None or not _reaches(asking, result.body):
        raise NotFound("这次评价中没有这个人的结果")
    record_read(platform, asking.caller, subject_id, *purpose)
    return result, service.explanation_of(platform, result)


def own_results(platform: Platform, caller: Caller) -> list[tuple[Run, Result]]:
    """What a subject's own results were in the newest completed evaluations, the newest first; a
    person's look at its own is noted first."""
    runs = {
        run.run_id: run
        for run in stalestore.newest_runs(platform, caller.jurisdiction)
        if run.status == "completed" and not run.draft
    }
    found = stalestore.results_in(platform, runs, [caller.subject_id]) if runs else []
    if any(result.body.kind in PERSONS for result in found):
        record_read(platform, caller, caller.subject_id, service.OWN_READING, "")
    return [(runs[result.run_id], result) for result in found]


def _run(platform: Platform, caller: Caller, run_id: str) -> Run:
    run = service.completed_run(platform, run_id)
    if run is None or not _is_shown(run) or run.jurisdiction != caller.jurisdiction:
        raise NotFound("没有这次评价")
    return run


def _is_shown(run: Run) -> bool:
    return run.of_persons and run.status == "completed" and not run.draft


def _reaches(asking: Asking, body: Body) -> bool:
    return asking.scope is Scope.ALL or region_covers(asking.caller.region, body.region)
