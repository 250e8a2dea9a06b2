"""The value of a warning rule, from rows. Pure, and made of sums: what is true of a region is found
by adding up its bodies, in any order and in any grouping.

    rows of an object -> selected -> part (sums) -> merged with others -> value
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from chalicelib.kernel.deadlines import add_months
from chalicelib.monitoring.model import Part, Row
from chalicelib.policy.model import FieldValue
from chalicelib.policy.scheme import Condition
from chalicelib.policy.warnings import (
    Concentration,
    Count,
    Growth,
    Overdue,
    Quotient,
    Rate,
    Sum,
    WarningRule,
    Window,
)

_ZERO, _ONE = Decimal(0), Decimal(1)
_DIGITS: Final = Decimal("0.0001")
_GROUP: Final = "group:"


def first_day(window: Window, day: date) -> date:
    """The first day of the window that ends with `day`."""
    if window.unit == "days":
        return day - timedelta(days=window.amount - 1)
    return add_months(day, -window.amount) + timedelta(days=1)


def earliest_day(rule: WarningRule, day: date) -> date:
    """The earliest day a row may lie on and still matter to the value on `day`."""
    first = first_day(rule.window, day)
    if isinstance(rule.metric, Growth):
        return first_day(rule.window, first - timedelta(days=1))
    return first


def selected(rule: WarningRule, rows: Iterable[Row]) -> list[Row]:
    """The rows that are of the rule's source, whatever their day."""
    source = rule.source
    types, severities = frozenset(source.types), frozenset(source.severities)
    return [
        row
        for row in rows
        if row.link == source.link
        and (row.type in types or (source.dishonesty and row.dishonesty))
        and (not severities or row.severity in severities)
        and _meets(row, source.where)
    ]


def trades_of(rule: WarningRule, row: Row) -> list[str]:
    """The trades a row belongs to: one, or several where several choices were made."""
    found = row.values.get(rule.trade_field or "")
    return [] if found in (None, "") else str(found).split(",")


def part_of(rule: WarningRule, rows: Sequence[Row], day: date) -> dict[str, Decimal]:
    """What these selected rows of one object add to the rule's value on `day`."""
    first = first_day(rule.window, day)
    inside = [row for row in rows if first <= row.occurred_on <= day]
    metric = rule.metric
    part = {"n": Decimal(len(inside))}
    if isinstance(metric, Growth):
        before = first_day(rule.window, first - timedelta(days=1))
        part["before"] = Decimal(sum(before <= row.occurred_on < first for row in rows))
    elif isinstance(metric, Rate):
        measured = [row for row in inside if metric.part != "late" or row.late is not None]
        part["n"] = Decimal(len(measured))
        part["part"] = Decimal(sum(_is_part(metric, row) for row in measured))
    elif isinstance(metric, Overdue):
        part["overdue"] = Decimal(sum(_is_overdue(metric, row, day) for row in inside))
    elif isinstance(metric, Concentration):
        for row in inside:
            for group in _groups(metric, row):
                name = _GROUP + group
                part[name] = part.get(name, _ZERO) + 1
    elif isinstance(metric, Sum):
        part["sum"] = sum((_number(row, metric.field) for row in inside), _ZERO)
    elif isinstance(metric, Quotient):
        counted = _counted(metric, inside)
        part["numerator"] = sum((_number(row, metric.numerator) for row in counted), _ZERO)
        part["denominator"] = sum((_number(row, metric.denominator) for row in counted), _ZERO)
    return part


def merged(parts: Iterable[Part]) -> dict[str, Decimal]:
    """The part of all these objects together."""
    total: dict[str, Decimal] = {}
    for part in parts:
        for name, amount in part.items():
            total[name] = total.get(name, _ZERO) + amount
    return total


def value_of(rule: WarningRule, part: Part) -> Decimal | None:
    """The value; None where there are too few rows, or nothing to divide by."""
    metric, sample = rule.metric, part.get("n", _ZERO)
    if sample < rule.min_sample:
        return None
    if isinstance(metric, Count):
        return sample
    if isinstance(metric, Overdue):
        return part.get("overdue", _ZERO)
    if isinstance(metric, Sum):
        return part.get("sum", _ZERO)
    if isinstance(metric, Growth):
        before = part.get("before", _ZERO)
        return _quotient(sample - before, max(before, _ONE))
    if isinstance(metric, Rate):
        return _quotient(part.get("part", _ZERO), sample)
    if isinstance(metric, Quotient):
        return _quotient(part.get("numerator", _ZERO), part.get("denominator", _ZERO))
    _, largest = _largest(part)
    return _quotient(largest, sample)


def sample_of(part: Part) -> int:
    """How many rows a value is made of."""
    return int(part.get("n", _ZERO))


def rows_behind(rule: WarningRule, rows: Iterable[Row], day: date) -> list[Row]:
    """The rows a reader has to look at to understand the value, the newest first: those in the
    window that make it what it is."""
    first = first_day(rule.window, day)
    inside = [row for row in rows if first <= row.occurred_on <= day]
    metric = rule.metric
    if isinstance(metric, Rate):
        inside = [row for row in inside if _is_part(metric, row)]
    elif isinstance(metric, Overdue):
        inside = [row for row in inside if _is_overdue(metric, row, day)]
    elif isinstance(metric, Quotient):
        inside = _counted(metric, inside)
    elif isinstance(metric, Concentration):
        group, _ = _largest(part_of(rule, inside, day))
        inside = [row for row in inside if group in _groups(metric, row)]
    return sorted(inside, key=lambda row: (row.occurred_on, row.row_id), reverse=True)


def _quotient(numerator: Decimal, denominator: Decimal) -> Decimal | None:
    if denominator <= 0:
        return None
    found = (numerator / denominator).quantize(_DIGITS, ROUND_HALF_UP)
    return found.normalize() if found else _ZERO


def _largest(part: Part) -> tuple[str, Decimal]:
    groups = [
        (amount, name.removeprefix(_GROUP))
        for name, amount in part.items()
        if name.startswith(_GROUP)
    ]
    if not groups:
        return "", _ZERO
    amount, name = max(groups)
    return name, amount


def _groups(metric: Concentration, row: Row) -> list[str]:
    if metric.by == "type":
        return [row.type]
    if metric.by == "subject":
        return [row.subject]
    if metric.by == "reporter":
        return [row.reporter]
    found = row.values.get(metric.field or "")
    return [] if found in (None, "") else sorted(set(str(found).split(",")))


def _is_part(metric: Rate, row: Row) -> bool:
    return row.late is True if metric.part == "late" else _meets(row, metric.where)


def _is_overdue(metric: Overdue, row: Row, day: date) -> bool:
    due, state = row.values.get(metric.due_field), row.values.get(metric.state_field)
    return bool(due) and str(due) < day.isoformat() and state not in metric.done


def _counted(metric: Quotient, rows: Sequence[Row]) -> list[Row]:
    """All rows, or the latest of each subject."""
    if metric.rows == "all":
        return list(rows)
    latest: dict[str, Row] = {}
    for row in rows:
        known = latest.get(row.subject)
        if known is None or (row.occurred_on, row.row_id) > (known.occurred_on, known.row_id):
            latest[row.subject] = row
    return list(latest.values())


def _number(row: Row, field: str) -> Decimal:
    found = row.values.get(field)
    return _ZERO if found in (None, "") else Decimal(str(found))


def _meets(row: Row, conditions: Sequence[Condition]) -> bool:
    return all(_holds(row.values, condition) for condition in conditions)


def _holds(values: Mapping[str, FieldValue], condition: Condition) -> bool:
    value = values.get(condition.field)
    if value is None:
        return False
    if value in condition.values:
        return True
    # An enum with several choices is stored as its codes joined by commas.
    chosen = value.split(",") if isinstance(value, str) else []
    return any(one in condition.values for one in chosen)
