"""What readers and other rooms may know of evaluations; how they begin stands in `starting`.

Other rooms (disclosure) use `completed_run`, `result_of` and `results_of`, and `look_again` of what
the stream may have failed to tell.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from chalicelib.access.service import record_read
from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import Page
from chalicelib.creditfile import service as creditfile
from chalicelib.evaluation import (
    holdstore,
    notices,
    replaystore,
    stale,
    stalestore,
    starting,
    store,
)
from chalicelib.evaluation.figures import figures_of as figures_of
from chalicelib.evaluation.paging import page_of
from chalicelib.evaluation.runs import Replay, Result, Run
from chalicelib.evaluation.visibility import must_be_of_bodies, sees_result, sees_run
from chalicelib.kernel.errors import Conflict, NotFound, Unavailable
from chalicelib.policy.base import PERSONS
from chalicelib.web.idempotency import IdempotencyClaim
from chalicelib.web.model import Answer, Caller, Scope

Order = starting.Order
Draft = starting.Draft
start_run = starting.start_run
start_draft = starting.start_draft
start_due_runs = starting.start_due_runs
resend_lost = starting.resend_lost
look_again = stale.look_again
publish_due = notices.publish_due
publication_of = notices.publication_of
Publication = notices.Publication
Beside = notices.Beside
beside = notices.beside

_PERIODS_DRAWN = 9
"""Earlier periods a trend goes back to."""
LATEST: Final = 50
_READ_AHEAD: Final = 500
"""Items looked at per call where a caller may not see all of them."""
OWN_READING: Final = "self"
"""The purpose in the audit trail where a person reads its own results."""


@dataclass(frozen=True, slots=True)
class ResultQuery:
    """Which results of a run: at a level, in a region (either empty: all)."""

    level: str = ""
    region: str = ""

    def keeps(self, level: object, region: object) -> bool:
        """Whether results of this level and region are asked for."""
        return self.level in ("", level) and self.region in ("", region)


def completed_run(platform: Platform, run_id: str) -> Run | None:
    """The run if it is completed, else None: nothing of an unfinished run is for others, nor of a
    draft."""
    run = store.load_run(platform, run_id)
    return run if run is not None and run.status == "completed" and not run.draft else None


def latest_runs(platform: Platform, jurisdiction: str) -> list[Run]:
    """The completed runs, no drafts, among the latest LATEST of a jurisdiction."""
    page = platform.evaluation.query_index(
        "by_listing", f"runs#{jurisdiction}", descending=True, limit=LATEST
    )
    runs = [store.run_from(item) for item in page.items]
    return [run for run in runs if run.status == "completed" and not run.draft]


def result_of(platform: Platform, run_id: str, subject_id: str) -> Result | None:
    """The result of one body in a completed run, else None."""
    if completed_run(platform, run_id) is None:
        return None
    return store.load_result(platform, run_id, subject_id)


def results_of(platform: Platform, run_id: str, after: str = "") -> Iterator[Result]:
    """The results of a completed run by subject id, those behind `after`; nothing of another."""
    if completed_run(platform, run_id) is not None:
        yield from store.results_of(platform, run_id, after)


def scores_of(platform: Platform, run: Run, subject_id: str) -> list[tuple[str, str]]:
    """(period, score) of one body over the last periods of the same scheme up to this run's, the
    oldest first; of a period that was evaluated again the run that counts. Never of a draft."""
    runs = {run.period: run}
    for other in stalestore.newest_runs(platform, run.jurisdiction):
        counts = other.status == "completed" and not (other.superseded_by or other.draft)
        if counts and other.scheme == run.scheme and other.period < run.period:
            runs.setdefault(other.period, other)
        if len(runs) > _PERIODS_DRAWN:
            break
    found = (
        (period, store.load_result(platform, one.run_id, subject_id))
        for period, one in sorted(runs.items())
    )
    return [(period, format(result.total, "f")) for period, result in found if result is not None]


def results_among(platform: Platform, run: Run, subject_ids: Iterable[str]) -> list[Result]:
    """The results of some bodies in a completed run, by subject id."""
    found = store.load_results(platform, run.run_id, subject_ids)
    return [found[each] for each in sorted(found)]


def is_held(platform: Platform, run_id: str, subject_id: str) -> bool:
    """Whether the body was told of a result that is not published (yet, or at all): nothing may
    follow from it outside."""
    hold = holdstore.load_hold(platform, run_id, subject_id)
    return hold is not None and not hold.is_over


def find_run(platform: Platform, caller: Caller, scope: Scope, run_id: str) -> Run:
    """A run the caller may see. Raises NotFound."""
    run = store.load_run(platform, run_id)
    if run is None or not sees_run(caller, scope, run):
        raise NotFound("没有这次评价")
    return run


def list_runs(
    platform: Platform, caller: Caller, scope: Scope, limit: int, start: Item | None
) -> tuple[list[Run], Item | None]:
    """The runs of the caller's jurisdiction, the newest first, and where the next page starts."""

    def fetch(begin: Item | None) -> Page:
        return platform.evaluation.query_index(
            "by_listing",
            f"runs#{caller.jurisdiction}",
            descending=True,
            limit=_READ_AHEAD,
            start=begin,
        )

    def keep(item: Item) -> bool:
        return sees_run(caller, scope, store.run_from(item))

    items, cursor = page_of(platform, fetch, keep, limit, start)
    return [store.run_from(item) for item in items], cursor


def list_results(
    platform: Platform,
    caller: Caller,
    scope: Scope,
    run: Run,
    query: ResultQuery,
    limit: int,
    start: Item | None,
) -> tuple[list[Result], Item | None]:
    """The results the caller may see, by group and rank; of an evaluation of persons the person's
    own. Raises Conflict before completion, and for anybody else's look at one of persons."""
    _require_completed(run)
    if run.of_persons and not caller.subject_id:
        must_be_of_bodies(run)
    if run.of_persons or scope is Scope.OWN:
        return _own_results(platform, caller, scope, run, query), None

    def fetch(begin: Item | None) -> Page:
        return platform.evaluation.query_index(
            "by_listing", f"results#{run.run_id}", limit=_READ_AHEAD, start=begin
        )

    def keep(item: Item) -> bool:
        if not query.keeps(item["level"], item["region"]):
            return False
        return sees_result(caller, scope, store.result_from(item).body)

    items, cursor = page_of(platform, fetch, keep, limit, start)
    return [store.result_from(item) for item in items], cursor


def _own_results(
    platform: Platform, caller: Caller, scope: Scope, run: Run, query: ResultQuery
) -> list[Result]:
    """The caller's own by key: a run has hundreds of thousands, of which these are one or two."""
    own = {caller.subject_id}
    if caller.agency_code:
        own.add(creditfile.body_id(caller.agency_code))
    found = [
        result
        for result in results_among(platform, run, own - {""})
        if query.keeps(result.body.level, result.body.region)
        and sees_result(caller, scope, result.body)
    ]
    for result in found:
        _note(platform, caller, result)
    return found


def _note(platform: Platform, caller: Caller, result: Result) -> None:
    """A look at a person's result is noted before it is answered; only the person comes here."""
    if result.body.kind in PERSONS:
        record_read(platform, caller, result.body.subject_id, OWN_READING, "")


def explained_result(
    platform: Platform, caller: Caller, scope: Scope, run: Run, subject_id: str
) -> tuple[Result, dict[str, Any]]:
    """A body's result and the document that explains every point by rule, inputs and records; a
    person's look at its own is noted first. Raises NotFound, Conflict before completion."""
    result = store.load_result(platform, run.run_id, subject_id)
    if result is None or not sees_result(caller, scope, result.body):
        raise NotFound("这次评价中没有这个单位的结果")
    _require_completed(run)
    _note(platform, caller, result)
    return result, explanation_of(platform, result)


def explanation_of(platform: Platform, result: Result) -> dict[str, Any]:
    """The document that explains a result. Raises Unavailable if it is not what was kept."""
    text = store.load_explanation(platform, result.run_id, result.body.subject_id)
    if text is None or hashlib.sha256(text).hexdigest() != result.explanation_sha256:
        raise Unavailable("评价说明与登记的摘要不符，请联系平台管理单位")
    explanation: dict[str, Any] = json.loads(text)
    return explanation


def start_replay(
    platform: Platform,
    caller: Caller,
    run: Run,
    *,
    claim: IdempotencyClaim | None,
    present: Callable[[Replay], Answer],
) -> Answer:
    """Have a completed run computed again from what it froze. Raises Conflict before that."""
    _require_completed(run)
    return starting.start_replay(platform, caller, run, claim=claim, present=present)


def find_replay(platform: Platform, run: Run, replay_id: str) -> Replay:
    """A replay of a run. Raises NotFound."""
    replay = replaystore.load_replay(platform, run.run_id, replay_id)
    if replay is None:
        raise NotFound("没有这次复算")
    return replay


def _require_completed(run: Run) -> None:
    if run.status != "completed":
        raise Conflict("评价尚未完成，结果要等全部单位评完并排名后才能查看", code="not_completed")
