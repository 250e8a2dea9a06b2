"""Examples of answers about ratings."""

from __future__ import annotations

from typing import Any, Final

OPINION: Final[dict[str, Any]] = {
    "subject_id": "b_11990100MB0000019L",
    "kind": "department",
    "year": 2026,
    "pack": "2024-09-13",
    "verdicts": [
        {
            "rating": "annual_excellent",
            "title": "年度考核优秀",
            "answer": "barred",
            "text": "2026年度年度考核结果不得确定为优秀",
            "basis": "宁政发〔2024〕89号五（二）",
            "reasons": [
                {
                    "what": "record",
                    "bars": True,
                    "text": "2026-06-01认定的“违约失信”是有效的一般政务失信记录，"
                    "年度考核结果不得确定为优秀",
                    "basis": "宁政发〔2024〕89号五（二）",
                    "since": "2026-06-01",
                    "record_id": "r_7c2a",
                    "case_id": None,
                    "kind": "commitment_breach",
                }
            ],
        },
        {
            "rating": "award",
            "title": "荣誉评选、评优评先",
            "answer": "allowed",
            "text": "没有不得参加2026年度荣誉评选、评优评先的情形",
            "basis": "发改财金〔2023〕1103号惩戒措施",
            "reasons": [],
        },
    ],
}
ASKED: Final[dict[str, Any]] = {"year": 2026, "subject_ids": ["b_11990100MB0000019L"]}
OPINIONS: Final[dict[str, Any]] = {"items": [OPINION]}
