"""Examples of answers about measures."""

from __future__ import annotations

from typing import Any, Final

_BASIS: Final[dict[str, Any]] = {
    "document": "发改财金〔2023〕1103号",
    "clause": "惩戒措施",
    "verified": True,
    "note": "",
}
MEASURE: Final[dict[str, Any]] = {
    "code": "award_ineligible_bodies",
    "title": "取消参加荣誉评选的资格",
    "kind": "sanction",
    "reason": "2026-06-01认定的“违约失信”是有效的一般政务失信记录，取消参加荣誉评选的资格",
    "what": "record",
    "ground": "r_7c2a",
    "since": "2026-06-01",
    "until": "2027-06-01",
    "lifted_by": ["完成信用修复", "认定容错", "记录撤回"],
    "basis": _BASIS,
    "scenes": [
        {
            "scene": "award",
            "title": "荣誉评选、评优评先",
            "effect": "restrict",
            "text": "取消参加各类荣誉评选的资格",
        }
    ],
}
STANDING: Final[dict[str, Any]] = {
    "subject_id": "b_11990100MB0000019L",
    "kind": "department",
    "version": 1,
    "as_of": "2026-06-15",
    "pack": "2024-09-13",
    "measures": [MEASURE],
    "changes": [
        {
            "version": 1,
            "at": "2026-06-02T01:30:00.000Z",
            "cause": "record",
            "cause_id": "r_7c2a",
            "applied": [MEASURE],
            "lifted": [],
        }
    ],
}
LISTED: Final[dict[str, Any]] = {
    "items": [
        {
            "subject_id": "b_11990100MB0000019L",
            "name": "示例市住房局",
            "kind": "department",
            "version": 1,
            "measures": [MEASURE],
        }
    ],
    "next_page_token": None,
}
COUNTS: Final[dict[str, Any]] = {
    "region": "329900",
    "items": [
        {
            "code": "award_ineligible_bodies",
            "title": "取消参加荣誉评选的资格",
            "kind": "sanction",
            "bodies": 3,
            "persons": 0,
        }
    ],
}
CATALOGUE: Final[dict[str, Any]] = {
    "jurisdiction": "nanjing",
    "title": "南京市",
    "version": "2024-09-13",
    "scenes": [],
    "measures": [],
}
