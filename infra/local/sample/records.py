"""The 5 000 records of the sample. Pure: the same seed and the same day give the same bytes."""

from __future__ import annotations

import json
from datetime import date

from infra.local.sample.about_bodies import reported_of_bodies
from infra.local.sample.about_officials import about_officials
from infra.local.sample.dishonesty import dishonesty
from infra.local.sample.double_publicity import double_publicity
from infra.local.sample.frame import SampleRecord, Window

RECORDS = 5_000


def sample_records(today: date) -> list[SampleRecord]:
    """The sample as of `today` (civil date in Shanghai); licences and penalties fill it up."""
    window = Window(today)
    found = [
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
