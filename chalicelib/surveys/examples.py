"""Examples of surveys."""

from __future__ import annotations

from typing import Any, Final

_CODE: Final = "11990100MB0000019L"
_SCALE: Final[list[dict[str, Any]]] = [
    {"score": 1, "title": "不满意"},
    {"score": 3, "title": "基本满意"},
    {"score": 5, "title": "非常满意"},
]
_QUESTION: Final[dict[str, Any]] = {
    "code": "promises_kept",
    "title": "承诺的事项是否按期办成？",
    "scale": _SCALE,
}
WANTED: Final[dict[str, Any]] = {
    "title": "2026年政务诚信满意度调查",
    "purpose": "请对办过事的单位作出评价，不记名，不保存网络地址",
    "questions": [_QUESTION],
    "unified_codes": [_CODE],
    "opens_on": "2026-06-15",
    "closes_on": "2026-06-30",
    "least_answers": 10,
}
SURVEY: Final[dict[str, Any]] = {
    "survey_id": "sv_5b1cqk3vwtz2m7h4n6p8rs2d4e",
    "title": WANTED["title"],
    "purpose": WANTED["purpose"],
    "jurisdiction": "nanjing",
    "region": "329900",
    "opens_on": "2026-06-15",
    "closes_on": "2026-06-30",
    "state": "closed",
    "ended_at": None,
    "reason": None,
    "least_answers": 10,
    "version": 1,
    "questions": [_QUESTION],
    "bodies": [{"unified_code": _CODE, "name": "示例市住房局"}],
    "results": [
        {
            "unified_code": _CODE,
            "name": "示例市住房局",
            "answers": 12,
            "satisfaction": "75.0",
            "questions": [
                {
                    "code": "promises_kept",
                    "title": _QUESTION["title"],
                    "average": "4.00",
                    "counts": [
                        {"score": 1, "title": "不满意", "count": 1},
                        {"score": 3, "title": "基本满意", "count": 4},
                        {"score": 5, "title": "非常满意", "count": 7},
                    ],
                }
            ],
        }
    ],
}
SURVEYS: Final[dict[str, Any]] = {
    "items": [
        {
            name: SURVEY[name]
            for name in ("survey_id", "title", "region", "opens_on", "closes_on", "state")
        }
    ],
    "next_page_token": None,
}
ENDING: Final[dict[str, Any]] = {"reason": "问题有误，另行开展"}
ANSWER: Final[dict[str, Any]] = {"unified_code": _CODE, "answers": {"promises_kept": 5}}
ANSWERED: Final[dict[str, Any]] = {"counted": True, "text": "已收到您的评价，谢谢"}
