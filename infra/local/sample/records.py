"""The 5 000 records of the sample. Pure: the same seed and the same day give the same bytes."""

from __future__ import annotations

import json
from datetime import date, timedelta

from infra.local.sample.about_bodies import reported_of_bodies
from infra.local.sample.about_officials import about_officials
from infra.local.sample.city import body_named
from infra.local.sample.dishonesty import dishonesty
from infra.local.sample.double_publicity import double_publicity
from infra.local.sample.frame import SampleRecord, Window, subject_of

RECORDS = 5_000


def launch_record(today: date) -> SampleRecord:
    """The first record: a commitment of the credit office whose number no day changes. What the
    platform keeps under it tells on which day the sample was loaded."""
    office = body_named("示例市社会信用体系建设办公室")
    return SampleRecord(
        office.code,
        "commitment",
        subject_of(office),
        {
            "commitment_number": "CN-000-00",
            "commitment_kind": "service_quality",
            "content": "自平台启用之日起归集、评价并公示政务诚信信息",
            "beneficiary": "全体办事企业和群众",
            "committed_on": today.isoformat(),
            "due_on": (today + timedelta(days=90)).isoformat(),
            "responsible_unit": office.name,
            "status": "open",
        },
    )


def sample_records(today: date) -> list[SampleRecord]:
    """The sample as of `today` (civil date in Shanghai); licences and penalties fill it up."""
    window = Window(today)
    found = [
        launch_record(today),
        *reported_of_bodies(window),
        *about_officials(window),
        *dishonesty(window),
    ]
    return [*found, *double_publicity(window, RECORDS - len(found))]


def sample_bytes(today: date) -> bytes:
    """The sample as JSON Lines, one submission a line: for comparing and for looking at."""
    return b"".join(
        json.dumps({"reporter": record.reporter, **record.as_json()}, ensure_ascii=False).encode()
        + b"\n"
        for record in sample_records(today)
    )
