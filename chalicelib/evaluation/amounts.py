"""Turn records into amounts: what each record adds to which input of a leaf.

A record that belongs to the source but does not count adds 0, so that the explanation shows it was
looked at; one that has nothing to add (no value in the field, or exempted) adds no amount and is
left out.
"""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Final, TypeAlias

from chalicelib.evaluation.model import Amounts, FactRow
from chalicelib.policy.model import FieldValue
from chalicelib.policy.scheme import (
    Bonus,
    Condition,
    Deduction,
    EventKey,
    Manual,
    Measure,
    Ratio,
    Score,
    Tiers,
)

Test: TypeAlias = Callable[[FactRow], bool]
Reader: TypeAlias = Callable[[Sequence[FactRow]], Iterable[Amounts]]
"""Amounts of each row, in the rows' order; an empty tuple where a row adds nothing."""

_ZERO: Final = Decimal(0)
_ONE: Final = Decimal(1)


def all_of(conditions: Sequence[Condition]) -> Test | None:
    """Whether a row meets all conditions; None if there are none to meet."""
    if not conditions:
        return None
    wanted = [(condition.field, frozenset(condition.values)) for condition in conditions]

    def meets(row: FactRow) -> bool:
        return all(_holds(row.values.get(field), values) for field, values in wanted)

    return meets


def reader_of(score: Score) -> Reader:
    """How records become amounts under that score."""
    if isinstance(score, Ratio):
        return _pair(
            _measured(score.numerator, "numerator"), _measured(score.denominator, "denominator")
        )
    if isinstance(score, Deduction):
        return _deducted(score)
    if isinstance(score, Tiers):
        return _every_value(score.measure) if takes_latest(score) else _measured(
            score.measure, "value"
        )
    if isinstance(score, Manual):
        mark = Measure(of=score.of, field=score.value)
        return _every_value(mark) if takes_latest(score) else _measured(mark, "value")
    return _earned(score)


def takes_latest(score: Score) -> bool:
    """Whether of all rows that have amounts only those of the latest count."""
    if isinstance(score, Manual):
        return score.of == "latest"
    return isinstance(score, Tiers) and score.measure.of == "latest"


def _holds(value: FieldValue | None, wanted: frozenset[str | int | bool]) -> bool:
    if value is None:
        return False
    if value in wanted:
        return True
    # An enum with several choices is stored as its codes joined by commas.
    return isinstance(value, str) and "," in value and not wanted.isdisjoint(value.split(","))


def _pair(first: Reader, second: Reader) -> Reader:
    def read(rows: Sequence[FactRow]) -> Iterable[Amounts]:
        return [one + other for one, other in zip(first(rows), second(rows), strict=True)]

    return read


def _measured(measure: Measure, name: str) -> Reader:
    if measure.of in ("count", "on_time", "matching"):
        return _counted(measure, name)
    return _latest(measure, name) if measure.of == "latest" else _valued(measure, name)


def _counted(measure: Measure, name: str) -> Reader:
    meets = all_of(measure.where)
    timely = measure.of == "on_time"
    # Two shared values instead of one per row keep large explanations small in memory.
    counts: Amounts = ((name, _ONE),)
    not_counted: Amounts = ((name, _ZERO),)

    def read(rows: Sequence[FactRow]) -> Iterable[Amounts]:
        return [
            ()
            if row.exempted
            else counts
            if (not timely or row.on_time is True) and (meets is None or meets(row))
            else not_counted
            for row in rows
        ]

    return read


def _valued(measure: Measure, name: str) -> Reader:
    value_of = _value_reader(measure)
    average = measure.of == "average"
    total, count = f"{name}_sum", f"{name}_count"

    def amounts(row: FactRow) -> Amounts:
        value = value_of(row)
        if value is None:
            return ()
        return ((total, value), (count, _ONE)) if average else ((name, value),)

    return lambda rows: [amounts(row) for row in rows]


def _every_value(measure: Measure) -> Reader:
    value_of = _value_reader(measure)

    def amounts(row: FactRow) -> Amounts:
        value = value_of(row)
        return () if value is None else (("value", value),)

    return lambda rows: [amounts(row) for row in rows]


def _latest(measure: Measure, name: str) -> Reader:
    value_of = _value_reader(measure)

    def read(rows: Sequence[FactRow]) -> Iterable[Amounts]:
        values = [value_of(row) for row in rows]
        candidates = [
            (row.occurred_on, row.record_id, position)
            for position, row in enumerate(rows)
            if values[position] is not None
        ]
        chosen = max(candidates)[2] if candidates else -1
        return [
            ((name, value),) if position == chosen and value is not None else ()
            for position, value in enumerate(values)
        ]

    return read


def _value_reader(measure: Measure) -> Callable[[FactRow], Decimal | None]:
    meets = all_of(measure.where)
    field = measure.field or ""

    def value_of(row: FactRow) -> Decimal | None:
        value = row.values.get(field)
        if value is None or row.exempted or (meets is not None and not meets(row)):
            return None
        return Decimal(value)

    return value_of


def _deducted(score: Deduction) -> Reader:
    others = score.points.get("any", _ZERO)
    keys: tuple[EventKey, ...] = ("minor", "general", "serious", "any")
    by_severity: dict[str | None, Amounts] = {
        key: (("deducted", score.points.get(key, others)),) for key in keys
    }
    by_severity[None] = by_severity["any"]
    nothing: Amounts = (("deducted", _ZERO),)
    return lambda rows: [nothing if row.exempted else by_severity[row.severity] for row in rows]


def _earned(score: Bonus) -> Reader:
    others: Amounts = (("earned", score.points.get("any", _ZERO)),)
    by, amounts = score.by, {key: (("earned", value),) for key, value in score.points.items()}
    if by is None:
        return lambda rows: [others for _ in rows]

    def earned(row: FactRow) -> Amounts:
        keys = _text(row.values.get(by)).split(",")
        # A record with several choices earns the best of them, not their sum.
        return max((amounts.get(key, others) for key in keys), key=lambda found: found[0][1])

    return lambda rows: [earned(row) for row in rows]


def _text(value: FieldValue | None) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
