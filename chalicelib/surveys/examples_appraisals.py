"""Examples of appraisals."""

from __future__ import annotations

from typing import Any, Final

from chalicelib.surveys.examples import WANTED as SURVEY_WANTED

_CODE: Final = SURVEY_WANTED["unified_codes"][0]
_QUESTIONS: Final = SURVEY_WANTED["questions"]
_CATEGORY: Final[dict[str, Any]] = {
    "code": "people_congress",
    "title": "人大代表",
    "weight": 60,
    "seats": 20,
}
APPRAISAL_WANTED: Final[dict[str, Any]] = {
    "title": "2026年政务诚信社会评议",
    "purpose": "请各位代表对下列单位的政务诚信建设情况作出评议，不记名",
    "questions": _QUESTIONS,
    "unified_codes": [_CODE],
    "categories": [_CATEGORY],
    "opens_on": "2026-06-20",
    "closes_on": "2026-06-30",
    "least_answers": 3,
}
APPRAISAL_EXAMPLE: Final[dict[str, Any]] = {
    "round_id": "ap_5b1cqk3vwtz2m7h4n6p8rs2d4e",
    "title": APPRAISAL_WANTED["title"],
    "purpose": APPRAISAL_WANTED["purpose"],
    "jurisdiction": "nanjing",
    "region": "329900",
    "opens_on": "2026-06-20",
    "closes_on": "2026-06-30",
    "state": "closed",
    "ended_at": None,
    "reason": None,
    "least_answers": 3,
    "version": 2,
    "questions": _QUESTIONS,
    "bodies": [{"unified_code": _CODE, "name": "示例市住房局"}],
    "categories": [{**_CATEGORY, "issued": True}],
    "results": [
        {
            "unified_code": _CODE,
            "name": "示例市住房局",
            "answers": 18,
            "score": "82.50",
            "categories": [
                {
                    "code": "people_congress",
                    "title": "人大代表",
                    "answers": 18,
                    "score": "82.50",
                }
            ],
        }
    ],
}
APPRAISALS_EXAMPLE: Final[dict[str, Any]] = {
    "items": [
        {
            name: APPRAISAL_EXAMPLE[name]
            for name in ("round_id", "title", "region", "opens_on", "closes_on", "state")
        }
    ],
    "next_page_token": None,
}
SEATS_EXAMPLE: Final[dict[str, Any]] = {
    "category": "people_congress",
    "title": "人大代表",
    "issue": 1,
    "codes": ["0001-7Q2M-4TZB-9K3W-E0HX-5RVN-8CPD-1GJY-6SAF"],
}
APPRAISAL_ENDING: Final[dict[str, Any]] = {"reason": "名单有误，另行开展"}
APPRAISAL_ANSWER: Final[dict[str, Any]] = {
    "code": SEATS_EXAMPLE["codes"][0],
    "unified_code": _CODE,
    "answers": {"promises_kept": 5},
}
APPRAISAL_ANSWERED: Final[dict[str, Any]] = {"counted": True, "text": "已收到您的评议，谢谢"}
