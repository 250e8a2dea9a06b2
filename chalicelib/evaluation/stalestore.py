"""Results found stale, runs superseded, records that changed too early to tell (see `store`)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from chalicelib.aws.attributes import Item
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import batch_get
from chalicelib.aws.writes import Condition, Key, Update, commit
from chalicelib.evaluation import chunkstore, store
from chalicelib.evaluation.runs import Pin, Result, Run, StaleReason

LOOK_BACK_RUNS = 200
"""Runs of a jurisdiction looked at when a record changes, the newest."""
MOST_RECORDS = 20
"""Changed records listed on a result: what has to be done is the same, however many there are."""


def newest_runs(platform: Platform, jurisdiction: str) -> Iterator[Run]:
    """The newest LOOK_BACK_RUNS runs of a jurisdiction."""
    left, start = LOOK_BACK_RUNS, None
    while left:
        page = platform.evaluation.query_index(
            "by_listing", f"runs#{jurisdiction}", descending=True, limit=left, start=start
        )
        yield from map(store.run_from, page.items)
        left, start = left - len(page.items), page.next_start
        if start is None:
            return


def results_in(
    platform: Platform, run_ids: Iterable[str], subject_ids: Collection[str]
) -> list[Result]:
    """The results of some bodies in some runs, where there are any."""
    keys = [
        platform.evaluation.key(f"RUN#{run_id}", f"BODY#{subject_id}")
        for run_id in run_ids
        for subject_id in sorted(subject_ids)
    ]
    found = batch_get(keys)
    return [store.result_from(found[key]) for key in keys if key in found]


def manifests(
    platform: Platform, chunks: Collection[tuple[str, int]]
) -> dict[tuple[str, int], Pin]:
    """Where the manifests of chunks (run and number) lie."""
    keys = {
        platform.evaluation.key(f"RUN#{run_id}", f"CHUNK#{chunk:06d}"): (run_id, chunk)
        for run_id, chunk in chunks
    }
    found = batch_get(list(keys), names=("manifest",))
    return {keys[key]: chunkstore.gathered_from(item).manifest for key, item in found.items()}


def mark_stale(
    platform: Platform, result: Result, record_id: str, reason: StaleReason, at: str
) -> None:
    """Mark a result of a completed run, and count it on the run, once; a further record joins the
    list until MOST_RECORDS are on it. Repeating changes nothing."""
    if result.stale is None and _marked_first(platform, result, record_id, reason, at):
        return
    if result.stale is not None and (
        record_id in result.stale.records or len(result.stale.records) >= MOST_RECORDS
    ):
        return
    joined = Update(
        _key(platform, result),
        "SET #stale_records = list_append(#stale_records, :records), #version = #version + :one",
        {"records": [record_id], "one": 1},
        Condition(
            "NOT contains(#stale_records, :record) AND size(#stale_records) < :most",
            {"record": record_id, "most": MOST_RECORDS},
        ),
    )
    try:
        commit([joined])
    except ConditionFailed:
        return


def _marked_first(
    platform: Platform, result: Result, record_id: str, reason: StaleReason, at: str
) -> bool:
    marked = Update(
        _key(platform, result),
        "SET #stale_since = :at, #stale_reason = :reason, #stale_records = :records,"
        " #version = #version + :one",
        {"at": at, "reason": reason, "records": [record_id], "one": 1},
        Condition("attribute_exists(#pk) AND attribute_not_exists(#stale_since)"),
    )
    counted = Update(
        platform.evaluation.key(f"RUN#{result.run_id}"),
        "SET #version = #version + :one ADD #stale_results :one",
        {"one": 1},
        Condition("#status = :completed", {"completed": "completed"}),
    )
    try:
        commit([marked, counted])
    except ConditionFailed:
        return False
    return True


def _key(platform: Platform, result: Result) -> Key:
    return platform.evaluation.key(f"RUN#{result.run_id}", f"BODY#{result.body.subject_id}")


def put_late(platform: Platform, run_id: str, record_id: str, version: int) -> None:
    """Remember that a record changed while a run was under way."""
    item: Item = {
        "pk": f"RUN#{run_id}",
        "sk": f"LATE#{record_id}",
        "version": version,
        "record_id": record_id,
    }
    platform.evaluation.put(item)


def late_records(platform: Platform, run_id: str) -> Iterator[tuple[str, int]]:
    """The records (id and version) that changed while a run was under way."""
    for item in platform.evaluation.each(f"RUN#{run_id}", prefix="LATE#"):
        version = item["version"]
        yield str(item["record_id"]), version if isinstance(version, int) else 1


def supersede(platform: Platform, run: Run, later: Run) -> None:
    """Note that `later` took the place of a completed run; the first to do so stays."""
    noted = Update(
        platform.evaluation.key(f"RUN#{run.run_id}"),
        "SET #superseded_by = :later, #version = #version + :one",
        {"later": later.run_id, "one": 1},
        Condition("attribute_exists(#pk) AND attribute_not_exists(#superseded_by)"),
    )
    try:
        commit([noted])
    except ConditionFailed:
        return
