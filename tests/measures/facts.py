"""Facts about a subject as its measures are worked out from them, on packs that ship."""

from __future__ import annotations

from datetime import date
from typing import Any

from chalicelib.cases.model import Pending
from chalicelib.creditfile.model import ArchivePointer, Notices, Record
from chalicelib.measures.model import Facts, Graded, Measure, Standing
from chalicelib.measures.rules import measures_of
from chalicelib.policy.model import Pack

TODAY = date(2026, 6, 15)


def record(kind: str = "department", **changes: Any) -> Record:
    """A general breach of promise found on 2026-06-01, changed as told."""
    values: dict[str, Any] = {
        "record_id": "r_1",
        "version": 1,
        "jurisdiction": "nantong",
        "region": "320600",
        "type": "commitment_breach",
        "category": "promise_keeping",
        "dishonesty": True,
        "severity": "general",
        "subject_id": "b_1",
        "subject_kind": kind,
        "subject_code": "",
        "subject_name": "",
        "reporter": "11320600MB0000001A",
        "occurred_on": "2026-06-01",
        "fields": {},
        "sealed": {},
        "notices": Notices(),
        "status": "active",
        "content_mac": "",
        "known": {},
        "pack": "2024-01-01",
        "received_at": "",
        "received_sha256": "",
        "due_on": "",
        "on_time": True,
        "archive": ArchivePointer("", "", "", 0, 0),
        "submitted_by": "",
        "changed_at": "2026-06-02T00:00:00.000Z",
    }
    return Record(**values | changes)


def honour(record_id: str = "r_9", **changes: Any) -> Record:
    """A commendation of 2026-03-01."""
    values: dict[str, Any] = {
        "record_id": record_id,
        "type": "honour",
        "dishonesty": False,
        "severity": "",
        "occurred_on": "2026-03-01",
    }
    return record(**values | changes)


def graded(grade: str, title: str = "") -> Graded:
    """A yearly result completed on 2026-02-01."""
    return Graded("annual_integrity", "run_1", "2025", grade, title or grade, "61.5", "2026-02-01")


def referred(case_id: str = "c_1") -> Pending:
    """A case of accountability that was referred to the competent organ."""
    return Pending(case_id, "accountability", "referred", "2026-06-03T02:00:00.000Z")


def facts(pack: Pack, *records: Record, kind: str = "department", **more: Any) -> Facts:
    """What is known, each record decided under the pack."""
    return Facts(kind, tuple((one, pack) for one in records), **more)


def standing(pack: Pack, found: tuple[Measure, ...], kind: str = "department") -> Standing:
    """A standing with these measures."""
    return Standing(
        "b_1", kind, pack.jurisdiction, "320600", pack.version, 1, TODAY.isoformat(), found
    )


def codes(pack: Pack, known: Facts, today: date = TODAY) -> set[str]:
    """The codes of the measures in force."""
    return {one.code for one in measures_of(pack, known, today)}
