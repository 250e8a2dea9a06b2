"""Items of the evaluation table, and the objects a run pins in the archive.

| item | pk | sk | read by |
|---|---|---|---|
| run | RUN#<run_id> | - | id; by_listing `runs#<jurisdiction>` in order of creation |
| chunk: what it froze | RUN#<run_id> | CHUNK#<chunk> | run and chunk |
| chunk: done, with its standings | RUN#<run_id> | STANDING#<chunk> | run |
| result | RUN#<run_id> | BODY#<subject_id> | run, body; by_listing `results#<run_id>` |
| explanation (runs until 2026) | RUN#<run_id> | WHY#<subject_id> | run and body |
| replay | RUN#<run_id> | REPLAY#<replay_id> | id; by_listing `replays#<jurisdiction>` |
| replay: findings of a chunk | RUN#<run_id> | FOUND#<replay_id>#<chunk> | replay |
| record that changed while the run was under way | RUN#<run_id> | LATE#<record_id> | run |

Chunks' items are written by `chunkstore`. Objects under `evaluations/<run_id>/`: `plan.jsonl`,
`manifest/<chunk>.json`, and explanations.

Only a completed run is an entity, so that the stream tells of a run when it is complete, and when
one of its results is found stale (`stalestore`) or a later run supersedes it; a change names a
partition only, therefore results are none: who is told of the run reads them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from chalicelib.aws.attributes import Item
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import batch_get
from chalicelib.aws.writes import (
    ABSENT,
    MAX_TRANSACTION_ITEMS,
    Condition,
    Key,
    Put,
    Update,
    commit,
    update,
    version_is,
)
from chalicelib.evaluation.explanations import Place, explained_before, read_explanation
from chalicelib.evaluation.roster import Roster
from chalicelib.evaluation.runs import Basis, Body, Pin, Placing, Result, Run, Stale

RUN_ENTITY = "evaluation_run"

_RUN_PLAIN = (
    "run_id",
    "jurisdiction",
    "scheme",
    "title",
    "period",
    "first_day",
    "last_day",
    "pack",
    "pack_digest",
    "trigger",
    "requested_by",
    "created_at",
    "status",
    "started_at",
    "updated_at",
    "completed_at",
    "results_digest",
)


def run_item(run: Run) -> Item:
    """The item of a run that is not yet completed."""
    item: Item = {name: getattr(run, name) for name in _RUN_PLAIN}
    item |= {name: True for name in ("of_persons", "draft") if getattr(run, name)}
    if run.scheme_pin is not None:
        item["scheme_pin"] = dict(asdict(run.scheme_pin))
    return item | {
        "pk": f"RUN#{run.run_id}",
        "sk": "-",
        "version": run.version,
        "regions": list(run.regions),
        "bodies": run.bodies,
        "chunks": run.chunks,
        "listing": f"runs#{run.jurisdiction}",
        "position": f"{run.created_at}#{run.run_id}",
    }


def run_from(item: Item) -> Run:
    """The run an item holds."""
    entry: dict[str, Any] = item
    return Run(
        **{name: entry[name] for name in _RUN_PLAIN},
        version=entry["version"],
        regions=tuple(entry["regions"]),
        bodies=entry["bodies"],
        chunks=entry["chunks"],
        gathered=entry.get("gathered", 0),
        settled=entry.get("settled", len(entry.get("done", ()))),
        tally=pin_of(entry.get("tally")),
        looked_at=entry.get("looked_at", ""),
        raw_form=entry.get("raw_form", 0),
        basis=entry.get("basis", ""),
        changes=pin_of(entry.get("changes")),
        of_persons=entry.get("of_persons", False),
        draft=entry.get("draft", False),
        scheme_pin=pin_of(entry.get("scheme_pin")),
        plan=pin_of(entry.get("plan")),
        line_bytes=entry.get("line_bytes", 0),
        ranked=entry.get("ranked", 0),
        told_to=entry.get("told_to", ""),
        all_told=entry.get("all_told", False),
        stale_results=entry.get("stale_results", 0),
        superseded_by=entry.get("superseded_by", ""),
    )


def pin_of(value: Any) -> Pin | None:
    """The pin an item may hold."""
    return Pin(**value) if value else None


def new_run_put(platform: Platform, run: Run) -> Put:
    """The write that starts a run, once."""
    return Put(platform.evaluation.name, run_item(run), ABSENT)


def load_run(platform: Platform, run_id: str) -> Run | None:
    """A run by its id."""
    item = platform.evaluation.get(f"RUN#{run_id}")
    return None if item is None else run_from(item)


def runs_of(platform: Platform, jurisdiction: str, *, unfinished: bool = False) -> Iterator[Run]:
    """The runs of a jurisdiction, the oldest first."""
    for item in platform.evaluation.each_in_index("by_listing", f"runs#{jurisdiction}"):
        if not unfinished or item["status"] != "completed":
            yield run_from(item)


def begin_run(platform: Platform, run: Run, roster: Roster, basis: Basis, at: str) -> Run:
    """planned -> running, with its plan. Raises ConditionFailed if it is no longer planned."""
    changes = None if basis.changes is None else dict(asdict(basis.changes))
    return _changed(
        platform,
        run,
        "SET #status = :running, #version = :next, #plan = :plan, #line_bytes = :line_bytes,"
        " #bodies = :bodies, #chunks = :chunks, #started_at = :at, #updated_at = :at,"
        " #looked_at = :looked_at, #basis = :basis, #changes = :changes, #raw_form = :raw_form",
        {
            "running": "running",
            "next": run.version + 1,
            "plan": dict(asdict(roster.pin)),
            "line_bytes": roster.line_bytes,
            "bodies": roster.bodies,
            "chunks": roster.chunks,
            "at": at,
            "looked_at": basis.looked_at,
            "raw_form": basis.raw_form,
            "basis": basis.run_id,
            "changes": changes,
        },
        Condition("#status = :planned", {"planned": "planned"}),
    )


def tally_run(platform: Platform, run: Run, tally: Pin, at: str) -> Run:
    """Pin what all raw values come to, once; the run as it is then."""
    try:
        return _changed(
            platform,
            run,
            "SET #tally = :tally, #updated_at = :at",
            {"tally": dict(asdict(tally)), "at": at},
            Condition(
                "#status = :running AND attribute_not_exists(#tally)", {"running": "running"}
            ),
        )
    except ConditionFailed:
        return load_run(platform, run.run_id) or run


def complete_run(platform: Platform, run: Run, digest: str, at: str) -> Run:
    """running -> completed, once. Raises ConditionFailed if it is not running."""
    values: dict[str, Any] = {
        "completed": "completed",
        "next": run.version + 1,
        "digest": digest,
        "at": at,
    }
    expression = (
        "SET #status = :completed, #version = :next, #results_digest = :digest,"
        " #completed_at = :at, #updated_at = :at"
    )
    if not run.draft:  # of a draft nobody is told
        expression += ", #entity = :entity"
        values["entity"] = RUN_ENTITY
    running = Condition("#status = :running", {"running": "running"})
    return _changed(platform, run, expression, values, running)


def _changed(
    platform: Platform, run: Run, expression: str, values: dict[str, Any], condition: Condition
) -> Run:
    key = platform.evaluation.key(f"RUN#{run.run_id}")
    return run_from(update(Update(key, expression, values, condition)))


def result_item(result: Result) -> Item:
    """The item of a body's result before it is ranked."""
    body = result.body
    return {
        "pk": f"RUN#{result.run_id}",
        "sk": f"BODY#{body.subject_id}",
        "version": 1,
        "run_id": result.run_id,
        "body": dict(asdict(body)),
        "region": body.region,
        "level": body.level,
        "chunk": result.chunk,
        "total": str(result.total),
        "grade": result.grade,
        "grade_title": result.grade_title,
        "points": dict(result.points),
        "explanation_sha256": result.explanation_sha256,
    }


def result_from(item: Item) -> Result:
    """The result an item holds."""
    entry: dict[str, Any] = item
    stale = None
    if "stale_since" in entry:
        records = tuple(entry["stale_records"])
        stale = Stale(entry["stale_since"], entry["stale_reason"], records)
    return Result(
        run_id=entry["run_id"],
        body=Body(**entry["body"]),
        chunk=entry["chunk"],
        total=Decimal(entry["total"]),
        grade=entry["grade"],
        grade_title=entry["grade_title"],
        points=entry["points"],
        explanation_sha256=entry["explanation_sha256"],
        placing=_placing_from(item),
        version=entry["version"],
        stale=stale,
    )


def put_results(
    platform: Platform, results: Sequence[Result], places: Mapping[str, Place]
) -> Sequence[Result]:
    """Keep results and where their explanations lie; the results as they are kept now. What is
    there already stays: a late repetition of a chunk must not undo a rank."""
    kept = True
    for begin in range(0, len(results), MAX_TRANSACTION_ITEMS):
        part = results[begin : begin + MAX_TRANSACTION_ITEMS]
        items = [
            result_item(result) | {"why": places[result.body.subject_id].value()}
            for result in part
        ]
        puts = [Put(platform.evaluation.name, item, ABSENT) for item in items]
        kept = _put_missing(puts) and kept
    if kept or not results:
        return results
    found = load_results(platform, results[0].run_id, [each.body.subject_id for each in results])
    return [found[each.body.subject_id] for each in results]


def _put_missing(puts: Sequence[Put]) -> bool:
    """Whether nothing was there before."""
    missing = list(puts)
    while missing:
        try:
            commit(missing)
        except ConditionFailed:
            there = batch_get([_key_of(put) for put in missing])
            if not there:
                raise
            missing = [put for put in missing if _key_of(put) not in there]
        else:
            return len(missing) == len(puts)
    return False


def _key_of(put: Put) -> Key:
    return Key(put.table, str(put.item["pk"]), str(put.item["sk"]))


def load_explanation(platform: Platform, run_id: str, subject_id: str) -> bytes | None:
    """The canonical JSON that explains a result."""
    item = platform.evaluation.get(f"RUN#{run_id}", f"BODY#{subject_id}")
    if item is not None and "why" in item:
        return read_explanation(platform, Place.of(item["why"]))
    return explained_before(platform, run_id, subject_id)


def results_of(platform: Platform, run_id: str, after: str = "") -> Iterator[Result]:
    """Every result of a run by subject id, those behind `after`."""
    pk = f"RUN#{run_id}"
    start: Item | None = {"pk": pk, "sk": f"BODY#{after}"} if after else None
    while True:
        page = platform.evaluation.query(pk, prefix="BODY#", start=start)
        yield from map(result_from, page.items)
        start = page.next_start
        if start is None:
            return


def placings_of(platform: Platform, run_id: str) -> Iterator[tuple[str, Placing | None]]:
    """The rank of every result of a run by subject id."""
    names = ("sk", "rank_group", "place", "place_of")
    for item in platform.evaluation.each(f"RUN#{run_id}", prefix="BODY#", names=names):
        yield str(item["sk"]).removeprefix("BODY#"), _placing_from(item)


def _placing_from(item: Item) -> Placing | None:
    entry: dict[str, Any] = item
    if "place" not in entry:
        return None
    return Placing(entry["rank_group"], entry["place"], entry["place_of"])


def load_result(platform: Platform, run_id: str, subject_id: str) -> Result | None:
    """The result of one body."""
    item = platform.evaluation.get(f"RUN#{run_id}", f"BODY#{subject_id}")
    return None if item is None else result_from(item)


def load_results(platform: Platform, run_id: str, subject_ids: Iterable[str]) -> dict[str, Result]:
    """The results of some bodies."""
    keys = [platform.evaluation.key(f"RUN#{run_id}", f"BODY#{each}") for each in subject_ids]
    found = map(result_from, batch_get(keys).values())
    return {result.body.subject_id: result for result in found}


def chunks_of(platform: Platform, run_id: str, subject_ids: Iterable[str]) -> dict[str, int]:
    """In which chunk of a run each of some bodies was, of those that were in it."""
    keys = [platform.evaluation.key(f"RUN#{run_id}", f"BODY#{each}") for each in subject_ids]
    found: Iterable[dict[str, Any]] = batch_get(keys, names=("chunk",)).values()
    return {str(item["sk"]).removeprefix("BODY#"): item["chunk"] for item in found}


def put_placings(
    platform: Platform, run_id: str, placings: Iterable[tuple[str, Placing]]
) -> None:
    """Write ranks into results that have none, once each, as many at a time as a transaction
    takes; those a repetition has ranked already are left alone."""
    found = iter(placings)
    while waiting := dict(itertools.islice(found, MAX_TRANSACTION_ITEMS)):
        while waiting:
            try:
                commit([_placing_update(platform, run_id, *each) for each in waiting.items()])
            except ConditionFailed:
                there = load_results(platform, run_id, waiting)
                ranked = [each for each, result in there.items() if result.placing is not None]
                if not ranked:
                    raise
                for subject_id in ranked:
                    del waiting[subject_id]
            else:
                break


def _placing_update(platform: Platform, run_id: str, subject_id: str, placing: Placing) -> Update:
    return Update(
        platform.evaluation.key(f"RUN#{run_id}", f"BODY#{subject_id}"),
        "SET #rank_group = :group, #place = :place, #place_of = :of, #version = :two,"
        " #listing = :listing, #position = :position",
        {
            "group": placing.group,
            "place": placing.place,
            "of": placing.of,
            "two": 2,
            "listing": f"results#{run_id}",
            "position": f"{placing.group}#{placing.place:08d}#{subject_id}",
        },
        version_is(1),
    )
