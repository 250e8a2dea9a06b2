"""Examples for the API document: a made-up check of a made-up city."""

from __future__ import annotations

CROSSCHECK = {
    "crosscheck_id": "x_5b1c",
    "region": "329900",
    "format": "xlsx",
    "state": "completed",
    "created_at": "2026-05-06T02:03:04.000Z",
    "committed_at": "2026-05-06T02:04:05.000Z",
    "completed_at": "2026-05-06T02:05:06.000Z",
    "rows": 19600,
    "counts": {"unchanged": 19580, "joiner": 12, "transfer": 8, "leaver": 5},
    "notes": [],
    "problem": None,
    "form": None,
}
FINDING = {
    "kind": "transfer",
    "title": "调动：所在单位不同",
    "row": 17,
    "name": "张**",
    "subject_id": "p_7c2a",
    "employer": "11329900MA99000283",
    "employer_on_file": "11329900MA99000363",
    "detail": "所在单位与信用档案中登记的不同",
    "action": "核实后更改信用档案中的所在单位",
}
