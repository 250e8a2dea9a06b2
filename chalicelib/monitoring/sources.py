"""Rows of bodies: what is on record about them and what they reported, and their figures.

What was withdrawn, repaired or recognised as a good-faith error is left out, and so are rows of
files that are not finished: another row may still take their place.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from chalicelib.aws.platform import Platform
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Record
from chalicelib.creditfile.rules_standing import is_archived
from chalicelib.evaluation.model import FactRow, Period
from chalicelib.evaluation.runs import Body as EvaluatedBody
from chalicelib.evaluation.service import figures_of
from chalicelib.kernel.clock import civil_date, parse_instant
from chalicelib.monitoring.model import Row
from chalicelib.monitoring.model_runs import Body
from chalicelib.monitoring.rules import earliest_day
from chalicelib.policy.model import Pack
from chalicelib.policy.warnings import (
    Concentration,
    Overdue,
    Quotient,
    Rate,
    Sum,
    WarningRule,
)

FinishedUploads: TypeAlias = Callable[[Platform, Collection[str]], Collection[str]]
"""Which of these uploads are finished."""


@dataclass(frozen=True, slots=True)
class Span:
    """The civil days rows are wanted of, both inclusive, per link; a link that is left out is not
    wanted."""

    last: date
    first: Mapping[str, date]
    repaired: bool = False
    """Wanted is also what was repaired: whoever looks at past days says until when it counted."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    row: Row
    upload_id: str


def span_of(rules: Iterable[WarningRule], day: date) -> Span:
    """What these rules look at on `day`."""
    first: dict[str, date] = {}
    for rule in rules:
        earliest = earliest_day(rule, day)
        link = rule.source.link
        first[link] = min(first.get(link, earliest), earliest)
    return Span(day, first)


def fields_of(rules: Iterable[WarningRule]) -> frozenset[str]:
    """The fields of records these rules look at."""
    found: set[str] = set()
    for rule in rules:
        metric = rule.metric
        found |= {condition.field for condition in rule.source.where}
        if isinstance(metric, Rate):
            found |= {condition.field for condition in metric.where}
        elif isinstance(metric, Concentration | Sum):
            found |= {metric.field or ""}
        elif isinstance(metric, Overdue):
            found |= {metric.due_field, metric.state_field}
        elif isinstance(metric, Quotient):
            found |= {metric.numerator, metric.denominator}
        found |= {rule.trade_field or ""}
    return frozenset(found - {""})


def rows_of(
    platform: Platform,
    bodies: Sequence[Body],
    span: Span,
    fields: frozenset[str],
    finished: FinishedUploads,
) -> dict[str, list[Row]]:
    """Subject id -> its rows within the span."""
    found = {body.subject_id: list(_candidates(platform, body, span, fields)) for body in bodies}
    uploads = {one.upload_id for rows in found.values() for one in rows} - {""}
    final = set(finished(platform, sorted(uploads))) if uploads else set()
    return {
        subject_id: [one.row for one in rows if not one.upload_id or one.upload_id in final]
        for subject_id, rows in found.items()
    }


def figure_rows(
    platform: Platform,
    pack: Pack,
    bodies: Sequence[Body],
    rules: Iterable[WarningRule],
    day: date,
) -> dict[str, list[Row]]:
    """Subject id -> the rows of the figures these rules look at on `day`; nothing is read where
    none does."""
    mine = [rule for rule in rules if rule.source.link == "figure"]
    if not mine:
        return {}
    first = min(earliest_day(rule, day) for rule in mine)
    codes = frozenset(code for rule in mine for code in rule.source.types)
    evaluated = [
        EvaluatedBody(one.subject_id, one.unified_code, one.name, one.kind, one.region, "")
        for one in bodies
    ]
    found = figures_of(platform, pack, codes, evaluated, Period(first, day))
    return {subject_id: [_of_figure(subject_id, row) for row in rows]
            for subject_id, rows in found.items()}  # fmt: skip


def _of_figure(subject_id: str, row: FactRow) -> Row:
    return Row(
        row_id=row.record_id,
        version=row.version,
        link="figure",
        type=row.type,
        subject=subject_id,
        reporter="",
        occurred_on=row.occurred_on,
        known_from=row.occurred_on,
        values=row.values,
    )


def _candidates(
    platform: Platform, body: Body, span: Span, fields: frozenset[str]
) -> Iterator[_Candidate]:
    last = span.last.isoformat()
    if (first := span.first.get("about")) is not None:
        records = files.records_about(platform, body.subject_id, first.isoformat(), last)
        yield from _counting(records, "about", fields, span.repaired)
    first = span.first.get("reported_by")
    if first is not None and body.unified_code:
        records = files.records_reported(platform, body.unified_code, first.isoformat(), last)
        yield from _counting(records, "reported_by", fields, span.repaired)


def _counting(
    records: Iterable[Record], link: str, fields: frozenset[str], repaired: bool
) -> Iterator[_Candidate]:
    for record in records:
        # How well an agency reports is no matter of what became of the record for its subject.
        over = record.standing.exempted is not None if repaired else is_archived(record.standing)
        settled = link == "about" and over
        if record.status == "active" and not settled:
            upload_id = record.upload.upload_id if record.upload else ""
            yield _Candidate(_row(record, link, fields), upload_id)


def _row(record: Record, link: str, fields: frozenset[str]) -> Row:
    repaired = record.standing.repaired
    return Row(
        row_id=record.record_id,
        version=record.version,
        link=link,
        type=record.type,
        subject=record.subject_id,
        reporter=record.reporter,
        occurred_on=date.fromisoformat(record.occurred_on),
        known_from=civil_date(parse_instant(record.received_at)),
        counts_until=date.fromisoformat(repaired.on) if repaired and link == "about" else None,
        severity=record.severity,
        dishonesty=record.dishonesty,
        late=None if not record.due_on else not record.on_time,
        values={code: record.fields[code] for code in fields if code in record.fields},
    )
