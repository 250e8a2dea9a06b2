"""Projection of evaluations: results first, slice after slice, the run last, so that whoever sees a
run sees all of it. Only schemes the pack makes public; only records that are public are named.

Once a run is shown, its change means that results are to be computed again, that results which
waited for their bodies to be told are public now, or that a later run took its place: then only
what changed is projected. Results that wait are not shown, nor are the ranks of their groups and
what is taken from their peers (evaluation.notices says why). An appeal marks the result it is about
at once.

The version of a result's document counts everything it is made from: the result, its appeal, and
whether the ranks of its group and its peers became public.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

from chalicelib.aws.attributes import Item
from chalicelib.aws.events import Change
from chalicelib.aws.platform import Platform
from chalicelib.cases import service as cases
from chalicelib.cases.service import Contest
from chalicelib.disclosure.model import (
    BodyName,
    ExplanationView,
    GradeCount,
    IndicatorView,
    LimitView,
    PackView,
    ResultView,
    ReviewView,
    RunView,
    StaleView,
)
from chalicelib.disclosure.projection import Progress
from chalicelib.evaluation import service as evaluations
from chalicelib.evaluation.runs import STALE_TEXTS, Result, Run
from chalicelib.evaluation.service import Publication
from chalicelib.feed import service as feed
from chalicelib.feed.model import NewDocument, document_id
from chalicelib.kernel.clock import instant_text
from chalicelib.policy import service as policy
from chalicelib.web.model import Caller, Scope

SLICE_BODIES = 100
"""Results projected per message."""
PEERS_WAIT: Final = "同类单位中有的结果暂未公布，计算过程届时公布"
"""For a working that tells of the peers, one of whom is not public yet."""
MAX_RECORDS = 2000
"""Records named per body at most: a document has to fit its item."""
_LOOK_BACK: Final = 50
"""Runs of a jurisdiction a reconciliation looks at, the newest first."""


@dataclass(frozen=True, slots=True)
class _State:
    """What of a run may be shown now, and how some of its results are contested."""

    publication: Publication
    contests: Mapping[str, Contest]

    def is_shown(self, result: Result) -> bool:
        return result.body.subject_id not in self.publication.waiting

    def version_of(self, result: Result) -> int:
        """The version of a result's document; grows with all that is in it."""
        contest = self.contests.get(result.body.subject_id)
        opened = self.publication.times_shown(result)
        return result.version + (contest.version if contest else 0) + opened


def _group_of(result: Result) -> str:
    return result.placing.group if result.placing else ""


def _state_of(platform: Platform, run: Run, results: Sequence[Result]) -> _State:
    publication = evaluations.publication_of(platform, run)
    named = [(run.run_id, result.body.subject_id) for result in results]
    found = cases.contests_of(platform, named)
    return _State(publication, {subject_id: one for (_, subject_id), one in found.items()})


def is_public(run: Run) -> bool:
    """Whether the scheme of a run, in the pack it was pinned to, is public."""
    scheme = policy.pack_version(run.jurisdiction, run.pack).schemes.get(run.scheme)
    return scheme is not None and scheme.disclosure == "public"


def follow_run(platform: Platform, run_id: str, progress: Progress) -> None:
    """A run was completed or has changed: project what of it is not shown as it is now."""
    if not feed.decided(platform, [document_id("run", run_id)]):
        project_run(platform, run_id, "", progress)
        return
    run = evaluations.completed_run(platform, run_id)
    if run is None or not is_public(run):
        return
    results = list(evaluations.results_of(platform, run_id))
    state = _state_of(platform, run, results)
    behind = _behind(platform, run, results, state)
    _project_results(platform, run, behind[:SLICE_BODIES], state, progress)
    if len(behind) > SLICE_BODIES:
        platform.disclosure_queue.send(run_change(run))
        return
    _show_run(platform, run, results, state.publication, progress)


def follow_contest(platform: Platform, run_id: str, subject_id: str, progress: Progress) -> None:
    """A result was contested, or that was decided: show its mark, where the run is shown."""
    run = evaluations.completed_run(platform, run_id)
    if run is None or not is_public(run):
        return
    if not feed.decided(platform, [document_id("run", run_id)]):
        return  # the mark comes with the run
    results = evaluations.results_among(platform, run, [subject_id])
    state = _state_of(platform, run, results)
    behind = _behind(platform, run, results, state)
    _project_results(platform, run, behind, state, progress)


def _show_run(
    platform: Platform,
    run: Run,
    results: Sequence[Result],
    publication: Publication,
    progress: Progress,
) -> None:
    name = document_id("run", run.run_id)
    document = run_view(run, results, publication).model_dump(mode="json")
    if feed.show(platform, NewDocument(name, "run", run.version, document)):
        progress.waiting.append(name)


def _behind(
    platform: Platform, run: Run, results: Sequence[Result], state: _State
) -> list[Result]:
    """The results that may be shown and are not shown as they are now."""
    changed = {
        _name_of(run, result): result
        for result in results
        if state.is_shown(result)
        and (
            result.stale is not None
            or result.body.subject_id in state.contests
            or state.publication.times_shown(result)
        )
    }
    decided = feed.decided(platform, changed)
    return [
        result
        for name, result in changed.items()
        if name not in decided or decided[name].version != state.version_of(result)
    ]


def _name_of(run: Run, result: Result) -> str:
    return document_id("result", run.run_id, result.body.unified_code)


def project_run(platform: Platform, run_id: str, after: str, progress: Progress) -> None:
    """Project the results behind subject id `after`, one slice; the rest is a message of its own,
    and the run itself comes with the last. An unfinished run, or one not public, is left alone."""
    run = evaluations.completed_run(platform, run_id)
    if run is None or not is_public(run):
        return
    results = evaluations.results_of(platform, run_id, after)
    part = list(islice(results, SLICE_BODIES))
    state = _state_of(platform, run, part)
    shown = [result for result in part if state.is_shown(result)]
    _project_results(platform, run, shown, state, progress)
    if next(results, None) is not None:
        last = part[-1].body.subject_id
        platform.disclosure_queue.send({"run_id": run_id, "after": last})
        return
    every = list(evaluations.results_of(platform, run_id))
    _show_run(platform, run, every, state.publication, progress)


def _project_results(
    platform: Platform, run: Run, results: Sequence[Result], state: _State, progress: Progress
) -> None:
    caller = _itself(run.jurisdiction)
    for result in results:
        _, explanation = evaluations.explained_result(
            platform, caller, Scope.ALL, run, result.body.subject_id
        )
        public = _public_among(platform, explanation["leaves"])
        why = ExplanationView(
            result=result_view(
                run,
                result,
                ranked=state.publication.ranks_of(_group_of(result)),
                contest=state.contests.get(result.body.subject_id),
            ),
            indicators=indicators_of(
                explanation, public, peers_told=state.publication.peers_of(result.body)
            ),
            limits=limits_of(explanation),
        )
        name = _name_of(run, result)
        document = why.model_dump(mode="json")
        version = state.version_of(result)
        if feed.show(platform, NewDocument(name, "result", version, document)):
            progress.waiting.append(name)


def _itself(jurisdiction: str) -> Caller:
    # The projection asks for the platform itself, not for anybody; what leaves is decided here.
    return Caller("disclosure", "", "", jurisdiction, "", "", frozenset())


def _public_among(platform: Platform, leaves: Sequence[Mapping[str, Any]]) -> set[str]:
    named = {record["record_id"] for leaf in leaves for record in leaf["records"]}
    decided = feed.decided(platform, sorted(named)[:MAX_RECORDS])
    return {record_id for record_id, found in decided.items() if not found.is_gone}


def result_view(
    run: Run, result: Result, *, ranked: bool = True, contest: Contest | None = None
) -> ResultView:
    """The public result of a body; `ranked`: the ranks of its group are public."""
    placing = result.placing if ranked else None
    return ResultView(
        run=run.run_id,
        title=run.title,
        period=run.period,
        body=BodyName(code=result.body.unified_code, name=result.body.name),
        kind=result.body.kind,
        region=result.body.region,
        level=result.body.level,
        score=format(result.total, "f"),
        grade=result.grade,
        grade_title=result.grade_title,
        group=_group_of(result),
        ranks_pending=not ranked,
        place=placing.place if placing else None,
        place_of=placing.of if placing else None,
        stale=StaleView(since=result.stale.since, text=STALE_TEXTS[result.stale.reason])
        if result.stale
        else None,
        review=ReviewView(since=contest.at, text=contest.text)
        if contest is not None and contest.is_marked
        else None,
        as_of=run.completed_at,
    )


def run_view(
    run: Run, results: Sequence[Result], publication: Publication | None = None
) -> RunView:
    """The public face of a run: what was evaluated, and how the grades fell, of those results that
    are public."""
    waiting = publication.waiting if publication else frozenset()
    counted = Counter(
        (result.grade, result.grade_title)
        for result in results
        if result.body.subject_id not in waiting
    )
    groups = {result.placing.group for result in results if result.placing}
    return RunView(
        run=run.run_id,
        title=run.title,
        jurisdiction=run.jurisdiction,
        scheme=run.scheme,
        period=run.period,
        first_day=run.first_day,
        last_day=run.last_day,
        completed_at=run.completed_at,
        bodies=len(results),
        groups=tuple(sorted(groups)),
        grades=tuple(
            GradeCount(grade=grade, title=title, count=count)
            for (grade, title), count in sorted(counted.items())
        ),
        pack=PackView(jurisdiction=run.jurisdiction, version=run.pack),
        results_digest=run.results_digest,
        pending_results=len(waiting),
        stale_results=run.stale_results,
        superseded_by=run.superseded_by or None,
    )


def indicators_of(
    explanation: Mapping[str, Any], public: set[str], *, peers_told: bool = True
) -> tuple[IndicatorView, ...]:
    """The indicator tree with points, rules and workings; only `public` records are named.
    `peers_told`: what points take from the peers is public."""
    leaves = {leaf["indicator"]: leaf for leaf in explanation["leaves"]}
    if not peers_told:
        leaves = {
            code: {**leaf, "working": PEERS_WAIT} if leaf.get("among") else leaf
            for code, leaf in leaves.items()
        }
    return tuple(_indicator(node, leaves, public) for node in explanation["tree"])


def limits_of(explanation: Mapping[str, Any]) -> tuple[LimitView, ...]:
    """What held the result down, without naming records: those that are public stand under their
    indicators."""
    return tuple(
        LimitView(
            title=veto["title"],
            basis=veto["basis"],
            working=veto["working"],
            record_count=len(veto["records"]),
            score_without=explanation["without_vetoes"]["total"],
            grade_without=explanation["without_vetoes"]["grade"]["title"],
        )
        for veto in explanation.get("vetoes", ())
        if veto["met"]
    )


def _indicator(
    node: Mapping[str, Any], leaves: Mapping[str, Mapping[str, Any]], public: set[str]
) -> IndicatorView:
    leaf = leaves.get(node["indicator"])
    records = [record["record_id"] for record in leaf["records"]] if leaf else []
    return IndicatorView(
        code=node["indicator"],
        title=node["title"],
        weight=node["max_points"],
        points=node["points"],
        rule=leaf["rule"] if leaf else None,
        working=leaf["working"] if leaf else None,
        record_count=len(records),
        records=tuple(record_id for record_id in records if record_id in public),
        children=tuple(_indicator(child, leaves, public) for child in node.get("children", ())),
    )


def runs_behind(platform: Platform) -> Iterator[dict[str, object]]:
    """Changes of completed public runs not shown as they are now, among the latest."""
    for run in _runs(platform, _LOOK_BACK):
        name = document_id("run", run.run_id)
        shown = feed.decided(platform, [name]).get(name)
        if shown is None or shown.version < run.version:
            yield run_change(run)


def contests_behind(
    platform: Platform, since: datetime, until: datetime
) -> Iterator[dict[str, object]]:
    """The changes of appeals from `since` to `until` whose marks are not to be seen as they are."""
    last = instant_text(until)
    for contest in cases.contests_since(platform, instant_text(since)):
        run = evaluations.completed_run(platform, contest.run_id) if contest.at <= last else None
        if run is None or not is_public(run):
            continue
        results = evaluations.results_among(platform, run, [contest.subject_id])
        if _behind(platform, run, results, _state_of(platform, run, results)):
            yield contest_change(contest)


def contest_change(contest: Contest) -> dict[str, object]:
    """The message that has the mark of a contested result looked at."""
    key = f"CONTEST#{contest.run_id}#{contest.subject_id}"
    return Change("cases", key, contest.version, cases.CONTEST_ENTITY).message()


def all_runs(platform: Platform) -> Iterator[dict[str, object]]:
    """Messages that have all completed public runs projected, shown or not."""
    for run in _runs(platform, None):
        yield {"run_id": run.run_id, "after": ""}


def run_change(run: Run) -> dict[str, object]:
    """The message that has a run projected."""
    return Change("evaluation", f"RUN#{run.run_id}", run.version, "evaluation_run").message()


def _runs(platform: Platform, most: int | None) -> Iterator[Run]:
    for jurisdiction in policy.jurisdictions():
        found = _runs_of(platform, jurisdiction)
        for run in islice(found, most):
            if run.status == "completed" and is_public(run):
                yield run


def _runs_of(platform: Platform, jurisdiction: str) -> Iterator[Run]:
    caller = _itself(jurisdiction)
    start: Item | None = None
    while True:
        page, start = evaluations.list_runs(platform, caller, Scope.ALL, 50, start)
        yield from page
        if start is None:
            return
