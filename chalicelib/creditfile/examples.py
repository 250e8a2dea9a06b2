"""Examples of the larger answers, for the document. Everybody in them is made up."""

from __future__ import annotations

from typing import Any, Final

SUBJECT: Final[dict[str, Any]] = {
    "subject_id": "b_11329900MA9900191A",
    "kind": "department",
    "kind_title": "政府部门",
    "unified_code": "11329900MA9900191A",
    "name": "示例市住房和城乡建设局",
    "region": "329900",
    "region_title": "示例市",
    "level": "city",
    "level_title": "市级",
    "superior": "11329900MA9900001B",
    "employer": None,
    "post": None,
    "registered": True,
    "erased": False,
    "version": 1,
    "updated_at": "2026-03-02T01:20:30.000Z",
}

RECORD: Final[dict[str, Any]] = {
    "record_id": "r_mfrggzdfmztwq2lknnwg23tpoa",
    "version": 1,
    "type": "honour",
    "type_title": "表彰奖励",
    "category": "honour",
    "category_title": "表彰荣誉",
    "dishonesty": False,
    "severity": None,
    "severity_title": None,
    "status": "active",
    "settled": True,
    "subject_id": SUBJECT["subject_id"],
    "occurred_on": "2026-05-20",
    "fields": [
        {
            "code": "honour_level",
            "title": "荣誉级别",
            "value": "city",
            "text": "市级",
            "masked": False,
        }
    ],
    "fields_withheld": False,
    "reporter": {"code": "11329900MA9900001B", "name": "示例市人民政府"},
    "received_at": "2026-05-22T02:00:00.000Z",
    "due_on": None,
    "on_time": True,
    "publicity": {
        "state": "public",
        "state_title": "公示中",
        "starts_at": "2026-05-22T02:00:00.000Z",
        "until": None,
        "last_day": None,
        "reasons": [{"code": "scope_public", "text": "归集目录规定公开，依据：国发〔2016〕76号"}],
    },
    "marks": [{"code": "objection", "text": "有异议", "since": "2026-06-01"}],
    "statement": {
        "text": "已就荣誉级别提出异议。",
        "made_on": "2026-06-01",
        "withheld": False,
    },
    "conclusions": [],
}

RECORD_DETAIL: Final[dict[str, Any]] = {
    **RECORD,
    "subject": SUBJECT,
    "notices": {"decision_delivered_on": None, "repair_delivered_on": None, "proof": None},
    "deadline": None,
    "pack": "2024-09-13",
    "changed_at": "2026-05-22T02:00:00.000Z",
    "reason": None,
    "supersedes": None,
    "superseded_by": None,
}

RECORDS: Final[dict[str, Any]] = {"items": [RECORD], "next_page_token": None}
HISTORY: Final[dict[str, Any]] = {"items": [RECORD_DETAIL]}

_SUMMARY: Final[dict[str, Any]] = {
    "records": 1,
    "dishonesty": 0,
    "honours": 1,
    "archived": 0,
    "on_time": 0,
    "late": 0,
    "pending": 0,
    "complete": True,
}
_EMPTY: Final[dict[str, Any]] = {"count": 0, "records": [], "more": None}

FILE: Final[dict[str, Any]] = {
    "subject": SUBJECT,
    "summary": _SUMMARY,
    "supervision": None,
    "categories": [{"category": "lawful_administration", "title": "依法行政", **_EMPTY}],
    "dishonesty": _EMPTY,
    "honours": {"count": 1, "records": [RECORD], "more": None},
    "archive": _EMPTY,
    "reporters": [{"code": "11329900MA9900001B", "name": "示例市人民政府", "records": 1}],
    "as_of": "2026-06-15T04:00:00.000Z",
}

LOOKUP: Final[dict[str, Any]] = {
    "subject": SUBJECT,
    "summary": _SUMMARY,
    "location": f"/v1/credit-files/{SUBJECT['subject_id']}",
}

IMPORT: Final[dict[str, Any]] = {
    "rows": 2,
    "created": 1,
    "updated": 0,
    "unchanged": 0,
    "rejected": 1,
    "results": [
        {"row": 2, "outcome": "created", "subject_id": SUBJECT["subject_id"], "errors": []},
        {
            "row": 3,
            "outcome": "rejected",
            "subject_id": None,
            "errors": [
                {
                    "field": "superior",
                    "rule": "not_registered",
                    "message": "“上级单位”没有登记，请先登记",
                }
            ],
        },
    ],
}
