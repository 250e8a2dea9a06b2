"""Classified supervision (信用分类监管): which class of its pack a body is in, by the dishonesty
records that still count against it. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from chalicelib.creditfile.model import Record
from chalicelib.creditfile.rules_standing import is_archived
from chalicelib.kernel.deadlines import add_months
from chalicelib.policy.base import SEVERITIES, Severity
from chalicelib.policy.model import Pack, SupervisionClass


def supervision_class_of(
    pack: Pack, kind: str, in_force: Mapping[Severity, int]
) -> SupervisionClass | None:
    """The first class for bodies of `kind`, in the pack's order, whose bounds `in_force` keeps: the
    dishonesty records in force of each severity. The last one if it keeps none; None where the
    pack does not classify such bodies."""
    classes = sorted(
        (one for one in pack.supervision.values() if kind in one.about),
        key=lambda one: one.order,
    )
    for one in classes:
        if all(in_force.get(level, 0) <= most for level, most in one.most_dishonesty.items()):
            return one
    return classes[-1] if classes else None


def counts_in_force(dishonest: Iterable[tuple[Record, Pack]], today: date) -> dict[Severity, int]:
    """How many of the dishonesty records, each with the pack it was decided under, are in force on
    `today`, by severity; a record without one counts as general."""
    counted = Counter(
        next((level for level in SEVERITIES if level == record.severity), "general")
        for record, pack in dishonest
        if is_in_force(record, pack, today)
    )
    return {level: counted[level] for level in SEVERITIES}


def is_in_force(record: Record, pack: Pack, today: date) -> bool:
    """Whether a dishonesty record still counts: it is not withdrawn, repaired or exempted, and the
    longest publicity term
    for its decision date and severity, or an earlier end the record states, has not passed. That
    it is withheld from the public for another reason does not matter here."""
    if record.status == "withdrawn" or is_archived(record.standing):
        return False
    last_day = last_day_of(record, pack)
    return last_day is None or today <= last_day


def last_day_of(record: Record, pack: Pack) -> date | None:
    """The last day on which a record of the pack counts, if nothing ends it before; None: it has no
    end of its own."""
    record_type = pack.types.get(record.type)
    rule = pack.publicity.get(record_type.publicity_term or "") if record_type else None
    if record_type is None or rule is None:
        return None
    decided_on = date.fromisoformat(record.occurred_on)
    level = next((one for one in SEVERITIES if one == record.severity), None)
    term = rule.rule_set_on(decided_on).term(level)
    stated = record.fields.get(record_type.publicity_end_field or "")
    ends = [date.fromisoformat(str(stated))] if stated is not None else []
    if term is not None and term.max_months is not None:
        ends.append(add_months(decided_on, term.max_months))
    return min(ends, default=None)
