"""The two phases of a chunk: `gather` what its bodies are scored from, `settle` what comes of it.

Between them lies the tally over everybody: points may depend on how a body's peers are doing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.evaluation import chunkstore, scoring, store
from chalicelib.evaluation.chunkstore import Gathered, Standings
from chalicelib.evaluation.explanations import keep_explanations
from chalicelib.evaluation.figures import figures_of
from chalicelib.evaluation.freezing import FinishedUploads, freeze, frozen_facts, read_bodies
from chalicelib.evaluation.incremental import taken_over
from chalicelib.evaluation.model import BodyFacts, FactRow, RawBody
from chalicelib.evaluation.rawstore import keep_raws, read_raws, read_tally, tally_text
from chalicelib.evaluation.roster import read_chunk
from chalicelib.evaluation.rules import Plan, gather
from chalicelib.evaluation.runs import Body, FrozenBody, Pin, Run, chunk_digest
from chalicelib.kernel.clock import instant_text


def gather_chunk(platform: Platform, run: Run, number: int, finished: FinishedUploads) -> None:
    """Freeze what a chunk is scored from, keep the raw values and what they come to. Raises
    Unavailable."""
    chunk = read_chunk(platform, run, number)
    plan = scoring.plan_for(platform, run)
    figures: Mapping[str, tuple[FactRow, ...]] = {}
    if codes := plan.types["figure"]:
        pack = scoring.pinned_pack(run)
        figures = figures_of(platform, pack, codes, chunk.bodies, run.window)
    entries, raws = _read(platform, run, plan, chunk.bodies, figures, finished)
    manifest, is_mine = freeze(platform, run, number, entries)
    if not is_mine:
        raws = gathered_from(plan, run, frozen_facts(platform, plan, manifest))
    found = Gathered(
        manifest,
        keep_raws(platform, run.run_id, number, raws),
        tally_text(scoring.tally_of(plan, chunk.bodies, raws)),
    )
    with suppress(ConditionFailed):  # another delivery has done this chunk
        at = instant_text(platform.clock())
        chunkstore.mark_gathered(platform, run, number, found, at)


def gathered_from(plan: Plan, run: Run, facts: Sequence[BodyFacts]) -> list[RawBody]:
    """The raw values of bodies."""
    window = run.window
    return [gather(plan, each, window) for each in facts]


def _read(
    platform: Platform,
    run: Run,
    plan: Plan,
    bodies: Sequence[Body],
    figures: Mapping[str, tuple[FactRow, ...]],
    finished: FinishedUploads,
) -> tuple[list[FrozenBody], list[RawBody]]:
    taken = taken_over(platform, run, bodies, figures)
    rest = [body for body in bodies if body.subject_id not in taken]
    read = {
        reading.entry.subject_id: reading
        for reading in read_bodies(platform, run, plan, rest, figures, finished)
    }
    raws = {each: found.raw for each, found in taken.items()}
    entries = {each: found.entry for each, found in taken.items()}
    for subject_id, reading in read.items():
        entries[subject_id] = reading.entry
        raws[subject_id] = gather(plan, reading.facts, run.window)
    order = [body.subject_id for body in bodies]
    return [entries[each] for each in order], [raws[each] for each in order]


def settle_chunk(platform: Platform, run: Run, number: int, tally: Pin) -> None:
    """Keep the results of a chunk that has been gathered, and what they are ranked by. Raises
    Unavailable."""
    gathered = chunkstore.load_chunk(platform, run.run_id, number)
    if gathered is None or gathered.raws is None:
        raise ValueError(f"chunk {number} of run {run.run_id} has not been gathered")
    chunk = read_chunk(platform, run, number)
    plan = scoring.plan_for(platform, run)
    raws = read_raws(platform, gathered.raws)
    scored = scoring.score(chunk, plan, raws, read_tally(platform, tally))
    places = keep_explanations(platform, run.run_id, number, scored)
    results = store.put_results(platform, [result for result, _ in scored], places)
    found = Standings(number, chunk_digest(results), scoring.entries_of(plan.scheme, results))
    with suppress(ConditionFailed):  # another delivery has done this chunk
        chunkstore.mark_settled(platform, run, found, instant_text(platform.clock()))
