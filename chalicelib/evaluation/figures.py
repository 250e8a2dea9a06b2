"""Rows of figures: what an evaluation counts that is no record, read from the rooms that keep it.

What a code means stands in `policy.figures`; how it is counted in the rooms and in
`rules_figures`. Only what is asked for is read, for all bodies of a chunk together: accounts one
call per 100 months; coverage one per government; registers and cases one per body and register (or
part in cases), whatever the number of kinds; tasks, surveys and reported figures a few for all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final, TypeAlias

from chalicelib.accounts import service as accounts
from chalicelib.accounts.model import FigureCode
from chalicelib.accounts.rules import collection_of
from chalicelib.aws.platform import Platform
from chalicelib.cases import service as cases
from chalicelib.evaluation import reported
from chalicelib.evaluation.figures_third_parties import third_party_rows
from chalicelib.evaluation.model import FactRow, Period
from chalicelib.evaluation.rules_figures import (
    Made,
    account_rows,
    case_rows,
    coverage_row,
    months_in,
    register_rows,
    scored_row,
)
from chalicelib.evaluation.runs import Body
from chalicelib.kernel.clock import civil_date, parse_instant
from chalicelib.policy.figures import (
    WHOSE_TURN,
    FigureSource,
    case_parts,
    figure_of,
    register_parts,
)
from chalicelib.policy.model import Pack
from chalicelib.registers import service as registers
from chalicelib.surveys import service as surveys

Found: TypeAlias = Iterator[tuple[str, FactRow]]
"""Subject id and row."""

_COVERAGE: Final[Mapping[str, FigureCode]] = {
    "coverage.bodies": "bodies_recorded_share",
    "coverage.officials": "officials_recorded_share",
}


@dataclass(frozen=True)
class Asked:
    """Which figures are wanted, of whom, over which days."""

    platform: Platform
    pack: Pack
    bodies: Sequence[Body]
    period: Period

    @cached_property
    def today(self) -> date:
        """The civil day on which is read."""
        return civil_date(self.platform.clock())

    @cached_property
    def by_code(self) -> Mapping[str, Body]:
        """The bodies by unified code; persons have none."""
        return {body.unified_code: body for body in self.bodies if body.unified_code}

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day."""
        return self.period.first, self.period.last


def figures_of(
    platform: Platform,
    pack: Pack,
    codes: frozenset[str],
    bodies: Sequence[Body],
    period: Period,
) -> dict[str, tuple[FactRow, ...]]:
    """Subject id -> its rows of these figures whose day is in the period, by code, day and what
    they were made from, as `pack` has them counted: a run passes the one it is pinned to. Of a code
    the pack does not have, and of what a body has not, nothing. Raises Unavailable."""
    asked = Asked(platform, pack, bodies, period)
    wanted: dict[FigureSource, list[str]] = defaultdict(list)
    for code in sorted(codes):
        figure = figure_of(pack, code)
        if figure is not None:
            wanted[figure.source].append(code)
    rows: dict[str, list[FactRow]] = {body.subject_id: [] for body in bodies}
    for source, some in wanted.items():
        for subject_id, row in _READERS[source](asked, some):
            if period.holds(row.occurred_on):
                rows[subject_id].append(row)
    return {
        subject_id: tuple(sorted(found, key=lambda one: (one.type, one.occurred_on, one.record_id)))
        for subject_id, found in rows.items()
    }


def _of_accounts(asked: Asked, codes: Sequence[str]) -> Found:
    assessment = collection_of(asked.pack)
    if assessment is None:
        return
    months = months_in(asked.period)
    found = accounts.accounts_of(asked.platform, asked.by_code, months)
    for agency, kept in found.items():
        for row in account_rows(codes, kept, assessment, asked.today):
            yield asked.by_code[agency].subject_id, row


def _of_coverage(asked: Asked, codes: Sequence[str]) -> Found:
    """As last counted: a count later than the period stands for its last day."""
    for body in asked.bodies:
        for code in codes if body.kind == "government" else ():
            figure = accounts.figure(
                asked.platform,
                _COVERAGE[code],
                jurisdiction=asked.pack.jurisdiction,
                on=asked.today,
                region=body.region,
            )
            if figure.computed_at:
                counted_on = civil_date(parse_instant(figure.computed_at))
                day = min(counted_on, asked.period.last)
                yield body.subject_id, coverage_row(code, body.region, figure, day)


def _of_registers(asked: Asked, codes: Sequence[str]) -> Found:
    by_register: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for code in codes:
        register, what = register_parts(code)
        by_register[register].append((code, what))
    jurisdiction = asked.pack.jurisdiction
    for unified_code, body in asked.by_code.items():
        for register, some in by_register.items():
            duties = list(
                registers.duties_of_keeper(
                    asked.platform, jurisdiction, register, unified_code, body.region, asked.days
                )
            )
            for code, what in some:
                for row in register_rows(code, what, duties):
                    yield body.subject_id, row


def _of_tasks(asked: Asked, codes: Sequence[str]) -> Found:
    duties = list(
        registers.duties_of_tasks(asked.platform, asked.pack, asked.by_code, asked.days)
    )
    for unified_code, body in asked.by_code.items():
        own = [duty for duty in duties if duty.agency == unified_code]
        for code in codes:
            for row in register_rows(code, register_parts(code)[1], own):
                yield body.subject_id, row


def _of_cases(asked: Asked, codes: Sequence[str]) -> Found:
    by_prefix: dict[str, list[tuple[str, str, bool]]] = defaultdict(list)
    for code in codes:
        prefix, kind, in_time = case_parts(code)
        by_prefix[prefix].append((code, kind, in_time))
    for prefix, some in by_prefix.items():
        kinds = {kind for _, kind, _ in some}
        for body in asked.bodies:
            duties = list(_duties(asked, prefix, body, kinds))
            for code, kind, in_time in some:
                for row in case_rows(code, in_time, [one for one in duties if one.kind == kind]):
                    yield body.subject_id, row


def _duties(asked: Asked, prefix: str, body: Body, kinds: set[str]) -> Iterator[cases.Duty]:
    for part in cases.parts_in(WHOSE_TURN[prefix]):
        whose = body.subject_id if part == "subject" else body.unified_code
        if whose:
            yield from cases.duties_of(asked.platform, part, whose, kinds, asked.days)


def _of_surveys(asked: Asked, codes: Sequence[str]) -> Found:
    jurisdiction = asked.pack.jurisdiction
    for one in surveys.satisfaction_of(asked.platform, jurisdiction, asked.by_code, asked.days):
        made = Made(f"survey/{one.survey_id}", one.version, one.ended_on)
        body = asked.by_code[one.result.body.code]
        for code in codes:
            yield body.subject_id, scored_row(
                code, made, one.result.satisfaction, one.result.answers
            )


def _of_reported(asked: Asked, codes: Sequence[str]) -> Found:
    figures = [
        figure
        for figure in asked.pack.reported_figures.values()
        if f"reported.{figure.code}" in codes
    ]
    codes_of = list(asked.by_code)
    for report, day in reported.accepted_in(asked.platform, figures, codes_of, asked.period):
        made = Made(report.row_id, report.version, day)
        row = made.row(f"reported.{report.figure}", {"value": report.accepted_value})
        yield asked.by_code[report.unified_code].subject_id, row


def _of_third_parties(asked: Asked, codes: Sequence[str]) -> Found:
    codes_of = list(asked.by_code)
    place = asked.pack.jurisdiction
    for code, row in third_party_rows(asked.platform, place, codes, codes_of, asked.period):
        yield asked.by_code[code].subject_id, row


def _of_appraisals(asked: Asked, codes: Sequence[str]) -> Found:
    jurisdiction = asked.pack.jurisdiction
    for one in surveys.outcomes_of(asked.platform, jurisdiction, asked.by_code, asked.days):
        made = Made(f"appraisal/{one.round_id}", one.version, one.ended_on)
        body = asked.by_code[one.result.body.code]
        for code in codes:
            yield body.subject_id, scored_row(code, made, one.result.score, one.result.answers)


_READERS: Final[Mapping[FigureSource, Callable[[Asked, Sequence[str]], Found]]] = {
    "accounts": _of_accounts,
    "coverage": _of_coverage,
    "registers": _of_registers,
    "tasks": _of_tasks,
    "cases": _of_cases,
    "surveys": _of_surveys,
    "appraisals": _of_appraisals,
    "reported": _of_reported,
    "third_party": _of_third_parties,
}
