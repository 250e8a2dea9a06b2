"""Evaluations, their results and reasons; published results of supervision cases."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from chalicelib.disclosure.rules import region_prefix
from chalicelib.feed.model import document_id
from chalicelib.replica.queries import find_document
from chalicelib.replica.reading import COLUMNS, LIVE, LOG_BYTES, Reading, Shown
from chalicelib.web.answer import fitting_texts


@dataclass(frozen=True, slots=True)
class ShownPage:
    """Some documents, and behind which place the next page begins (None: that was all)."""

    items: tuple[Shown, ...]
    after: tuple[str | int, ...] | None


_KINDS: Final = "kinds of supervision results"
_RESULT: Final = COLUMNS.replace("document", "document -> '$.result'")


@dataclass(frozen=True, slots=True)
class Explained:
    """An explanation as the log has it, as it may be shown now, and when the records it names
    end."""

    logged: Shown
    document: str
    untils: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SupervisionQuery:
    """Which published results are looked for; empty fields do not narrow."""

    subject: str = ""
    kind: str = ""
    year: int | None = None
    region: str = ""


def list_runs(
    reading: Reading, limit: int, after: tuple[str | int, ...] | None = None
) -> ShownPage:
    """Completed evaluations, the newest first."""
    where, values = LIVE, [reading.now]
    if after is not None:
        where += " AND (completed_at, run) < (?, ?)"
        values += map(str, after)
    rows = reading.all(
        f"SELECT completed_at, run, {COLUMNS} FROM evaluation_runs WHERE {where}"
        " ORDER BY completed_at DESC, run DESC LIMIT ?",
        (*values, limit + 1),
    )
    return page_of(rows, limit, 2)


def find_run(reading: Reading, run: str) -> Shown:
    """A completed evaluation. Raises Gone, NotFound."""
    return find_document(reading, "run", document_id("run", run), "没有这次评价")


def list_results(
    reading: Reading,
    run: str,
    group: str,
    limit: int,
    after: tuple[str | int, ...] | None = None,
) -> ShownPage:
    """The rank lists of an evaluation (or of one group of it), best place first. `document` of an
    item is the result alone, not what the log commits to. Raises Gone, NotFound."""
    find_run(reading, run)
    where = f"run = ? AND {LIVE}"
    values: list[str | int] = [run, reading.now]
    if group:
        where += " AND ranking = ?"
        values.append(group)
    if after is not None:
        where += " AND (ranking, place, code) > (?, ?, ?)"
        values += after
    rows = reading.all(
        f"SELECT ranking, place, code, {_RESULT} FROM evaluation_results WHERE {where}"
        " ORDER BY ranking, place, code LIMIT ?",
        (*values, limit + 1),
    )
    return page_of(rows, limit, 3)


def explain_result(reading: Reading, run: str, code: str) -> Explained:
    """A body's result with its explanation, in which only those records are named that are public
    at this moment. Raises Gone, NotFound."""
    find_run(reading, run)
    missing = "这次评价中没有该单位的结果"
    found = find_document(reading, "result", document_id("result", run, code), missing)
    shown = json.loads(found.document)
    named = sorted(_record_ids(shown["indicators"]))
    live = _live(reading, named)
    if len(live) == len(named):
        return Explained(found, found.document, tuple(live.values()))
    indicators = [_with_records(node, live) for node in shown["indicators"]]
    document = _spelled({**shown, "indicators": indicators})
    return Explained(found, document, tuple(live.values()))


def results_of_body(reading: Reading, code: str) -> tuple[dict[str, Any], ...]:
    """Every result of a body (ResultView as JSON values), the newest evaluation first."""
    rows = reading.all(
        "SELECT found.document -> '$.result' FROM evaluation_results AS found"
        " JOIN evaluation_runs USING (run)"
        " WHERE code = ? AND (found.until IS NULL OR found.until > ?)"
        " ORDER BY completed_at DESC, run DESC",
        (code, reading.now),
    )
    return tuple(json.loads(row[0]) for row in rows)


def latest_result(reading: Reading, code: str) -> str | None:
    """The JSON of a body's result in the newest evaluation that has one."""
    found = results_of_body(reading, code)
    return _spelled(found[0]) if found else None


def search_results(
    reading: Reading,
    query: SupervisionQuery,
    limit: int,
    after: tuple[str | int, ...] | None = None,
) -> ShownPage:
    """Published results of supervision cases, the newest first."""
    parts, values = [LIVE], [reading.now]
    for column, value in (("subject_code", query.subject), ("kind", query.kind)):
        if value:
            parts.append(f"{column} = ?")
            values.append(value)
    if query.year is not None:
        parts.append("published_on BETWEEN ? AND ?")
        values += [f"{query.year:04d}-01-01", f"{query.year:04d}-12-31"]
    if query.region:
        parts.append("substr(region, 1, ?) = ?")
        prefix = region_prefix(query.region)
        values += [str(len(prefix)), prefix]
    if after is not None:
        parts.append("(published_on, id) < (?, ?)")
        values += map(str, after)
    rows = reading.all(
        f"SELECT published_on, id, {COLUMNS} FROM supervision_results WHERE {' AND '.join(parts)}"
        " ORDER BY published_on DESC, id DESC LIMIT ?",
        (*values, limit + 1),
    )
    return page_of(rows, limit, 2)


def result_kinds(reading: Reading) -> tuple[tuple[str, str], ...]:
    """Every kind of case there are published results of, with its title; kept until something
    changes (a result has no end)."""
    if _KINDS not in reading.cache:
        rows = reading.all(
            "SELECT kind, max(document ->> '$.kind_title') FROM supervision_results"
            f" WHERE {LIVE} GROUP BY kind ORDER BY kind",
            (reading.now,),
        )
        reading.cache[_KINDS] = tuple(rows)
    found: tuple[tuple[str, str], ...] = reading.cache[_KINDS]
    return found


def find_result(reading: Reading, case_id: str) -> Shown:
    """A published result of a supervision case. Raises Gone, NotFound."""
    name = document_id("supervision", case_id)
    return find_document(reading, "supervision", name, "没有这项公开的办理结果")


def page_of(rows: list[Any], limit: int, keys: int) -> ShownPage:
    """The first `limit` of the rows, whose first `keys` columns say where they stand."""
    shown = rows[: fitting_texts([row[-1] for row in rows[:limit]], LOG_BYTES)]
    after = tuple(shown[-1][:keys]) if len(rows) > len(shown) else None
    return ShownPage(tuple(Shown(*row[keys:]) for row in shown), after)


def _live(reading: Reading, named: list[str]) -> dict[str, str]:
    """Those of the records that are public now -> when they end."""
    rows = reading.all(
        "SELECT records.id, coalesce(until, '') FROM json_each(?) AS named"
        f" JOIN records ON records.id = named.value WHERE {LIVE} ORDER BY records.id",
        (json.dumps(named), reading.now),
    )
    return dict(rows)


def _record_ids(nodes: Iterable[Mapping[str, Any]]) -> set[str]:
    ids: set[str] = set()
    for node in nodes:
        ids.update(node["records"])
        ids |= _record_ids(node["children"])
    return ids


def _with_records(node: Mapping[str, Any], live: Mapping[str, str]) -> dict[str, Any]:
    return {
        **node,
        "records": [record_id for record_id in node["records"] if record_id in live],
        "children": [_with_records(child, live) for child in node["children"]],
    }


def _spelled(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
