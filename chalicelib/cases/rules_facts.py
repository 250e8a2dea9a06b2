"""What the platform itself knows of a record when an action asks for it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from chalicelib.cases.rules_arising import is_concerned
from chalicelib.creditfile.model import Record
from chalicelib.creditfile.rules import publicity_facts
from chalicelib.kernel.clock import civil_date
from chalicelib.policy.base import OFFICIALS
from chalicelib.policy.case_kinds import Fact
from chalicelib.policy.model import Pack
from chalicelib.publicity.rules import decide, least_term_over, needs_notice, state_at


def facts_of(record: Record | None, pack: Pack, now: datetime) -> frozenset[Fact]:
    """The facts that hold of a record at `now`, by the pack the record was decided under."""
    return frozenset() if record is None else frozenset(_facts(record, pack, now))


def _facts(record: Record, pack: Pack, now: datetime) -> Iterator[Fact]:
    if record.dishonesty and record.status == "active" and record.standing.exempted is None:
        yield "is_dishonesty"
    if record.standing.repaired is None:
        yield "not_repaired"
    if is_concerned(record):
        yield "was_dishonesty"
    if record.severity == "minor":
        yield "severity_minor"
    elif record.severity == "general":
        yield "severity_general"
    elif record.severity == "serious":
        yield "severity_serious"
    if record.subject_kind in OFFICIALS:
        yield "about_official"
    known = publicity_facts(record, pack, settled=True)
    if known is None:
        yield "not_published_yet"
        return
    if needs_notice(known) and not all(
        notice is not None and notice.is_proved
        for notice in (known.decision_notice, known.repair_notice)
    ):
        yield "notices_missing"
    if state_at(decide(known), now) in ("withheld", "pending"):
        yield "not_published_yet"
    if least_term_over(known, civil_date(now)):
        yield "least_publicity_served"
