"""Two completed evaluations compared, and one read as a whole: for the offices that decide.

What there is to compare is read from the standings, a fraction of the results, and who may be seen
from the frozen list of subjects; results are read for the page that is shown. Only results the
caller may see are listed; the counts are over everybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Final

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.evaluation import chunkstore, roster, scoring, store
from chalicelib.evaluation.model import Standing
from chalicelib.evaluation.ranking import Entry, ranked
from chalicelib.evaluation.rules_comparing import Move, Stood, Summary, moves, summary
from chalicelib.evaluation.runs import Result, Run
from chalicelib.evaluation.sensitivity import Sensitivity, sensitivity
from chalicelib.evaluation.visibility import must_be_of_bodies, sees_result
from chalicelib.kernel.errors import Conflict, Fault, Invalid
from chalicelib.web.model import Caller, Scope

MOST_COMPARED: Final = 50_000
"""Subjects of an evaluation that two standings are held in memory for."""
MOST_READ: Final = 10_000
"""Results read one and all within a request."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Somebody's result in both evaluations."""

    move: Move
    before: Result
    after: Result


@dataclass(frozen=True, slots=True)
class Comparison:
    """A page of moves, the count of all, and where the next page starts."""

    summary: Summary
    items: Sequence[Compared]
    cursor: Item | None


def require_completed(run: Run) -> None:
    """Raises Conflict for a run that is not completed."""
    if run.status != "completed":
        raise Conflict("评价尚未完成，结果要等全部单位评完并排名后才能查看", code="not_completed")


def standings(platform: Platform, run: Run) -> dict[str, Stood]:
    """Where everybody stood in a completed run. Raises Conflict for too large a run."""
    require_completed(run)
    if run.bodies > MOST_COMPARED:
        message = f"这次评价有 {run.bodies} 个参评对象，超过可以一次比较的 {MOST_COMPARED} 个"
        raise Conflict(message, code="too_many_bodies")
    entries = [
        entry
        for chunk in chunkstore.standings_of(platform, run.run_id)
        for entry in chunk.entries
    ]
    if len(entries) != run.bodies:  # a run of an earlier form: only its results say
        entries = [_entry(result) for result in store.results_of(platform, run.run_id)]
    totals = {entry.subject_id: Decimal(entry.total) for entry in entries}
    return {
        subject_id: Stood(totals[subject_id], placing) for subject_id, placing in ranked(entries)
    }


def _entry(result: Result) -> Entry:
    group = result.placing.group if result.placing else ""
    return Entry(result.body.subject_id, str(result.total), group)


def compare(
    platform: Platform,
    caller: Caller,
    scope: Scope,
    runs: tuple[Run, Run],
    limit: int,
    start: Item | None,
) -> Comparison:
    """Who moves between the first run and the second, `limit` that the caller may see. Raises
    Conflict, for runs of persons too, and Invalid for runs of different jurisdictions."""
    first, second = runs
    if first.jurisdiction != second.jurisdiction:
        message = "只能比较同一辖区的评价"
        raise Invalid(message, faults=[Fault("/with", "incomparable", message)])
    for run in runs:
        must_be_of_bodies(run)
    before, after = standings(platform, first), standings(platform, second)
    found = moves(before, after)
    begin = 0 if start is None else int(str(start["from"]))
    seen = _seen(platform, caller, scope, second, found, begin)
    page = list(islice(seen, limit))
    following = next(seen, None)
    cursor: Item | None = None if following is None else {"from": following[0]}
    shown = _compared(platform, runs, [move for _, move in page])
    return Comparison(summary(before, after, found), shown, cursor)


def _seen(
    platform: Platform, caller: Caller, scope: Scope, run: Run, found: Sequence[Move], begin: int
) -> Iterator[tuple[int, Move]]:
    """From `begin` on, each move of a body the caller may see, and its place in the list."""
    bodies = {body.subject_id: body for body in roster.read_bodies(platform, run)}
    for place, move in enumerate(found[begin:], begin):
        if sees_result(caller, scope, bodies[move.subject_id]):
            yield place, move


def _compared(
    platform: Platform, runs: tuple[Run, Run], shown: Sequence[Move]
) -> list[Compared]:
    named = [move.subject_id for move in shown]
    before, after = (store.load_results(platform, run.run_id, named) for run in runs)
    return [Compared(move, before[move.subject_id], after[move.subject_id]) for move in shown]


def every_result(platform: Platform, run: Run) -> list[Result]:
    """All results of a completed run. Raises Conflict for too large a run and one of persons."""
    require_completed(run)
    must_be_of_bodies(run)
    if run.bodies > MOST_READ:
        message = f"这次评价有 {run.bodies} 个参评对象，超过可以一次读取的 {MOST_READ} 个"
        raise Conflict(message, code="too_many_bodies")
    return list(store.results_of(platform, run.run_id))


def weigh(
    platform: Platform, run: Run, variation: Decimal
) -> tuple[Sensitivity, dict[str, Result]]:
    """How far ranks depend on the weights, and the results by subject. Raises Conflict."""
    results = every_result(platform, run)
    bodies = [
        (
            Standing(
                result.body.subject_id,
                result.total,
                level=result.body.level,
                kind=result.body.kind,
                region=result.body.region,
            ),
            {code: Decimal(points) for code, points in result.points.items()},
        )
        for result in results
    ]
    found = sensitivity(scoring.scheme_of(platform, run), bodies, variation)
    return found, {result.body.subject_id: result for result in results}
