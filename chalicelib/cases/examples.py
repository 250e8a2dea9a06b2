"""Examples of cases, as the document and the error pages show them."""

from __future__ import annotations

from typing import Any, Final

_CASE_ID: Final = "c_5b1cqk3vwtz2m7h4n6p8rs2d4e"
_CLOCK: Final[dict[str, Any]] = {
    "limit": "forwarding",
    "title": "受理和转办期限",
    "due_on": "2026-06-17",
    "overdue": False,
    "days_left": 2,
    "stopped_for": None,
    "rule": "受理和转办期限：2个工作日",
    "basis": "上海市社会信用条例第三十六条（未核实）",
    "started_on": "2026-06-15",
    "provisional": False,
    "days": [
        {"date": "2026-06-15", "counted": False, "why": "起算当日，不计入"},
        {"date": "2026-06-16", "counted": True, "why": "星期二，工作日，第1日"},
    ],
}
CASE: Final[dict[str, Any]] = {
    "case_id": _CASE_ID,
    "kind": "objection",
    "kind_title": "异议",
    "about": "违约失信",
    "record_id": "r_7c2a",
    "subject": {
        "subject_id": "b_11990100MB0000019L",
        "kind": "department",
        "name": "示例市住房局",
        "unified_code": "11990100MB0000019L",
    },
    "region": "990100",
    "state": "received",
    "state_title": "待受理",
    "final": False,
    "owner": "信用办",
    "opened_at": "2026-06-15T04:00:00.000Z",
    "changed_at": "2026-06-15T04:00:00.000Z",
    "version": 1,
    "pack": "2024-09-13",
    "parent": None,
    "relations": ["subject"],
    "clocks": [_CLOCK],
    "actions": [{"code": "abandon", "title": "撤回异议"}],
}
STEP: Final[dict[str, Any]] = {**CASE, "results": {}}
OPENING: Final[dict[str, Any]] = {
    "record_id": "r_7c2a",
    "fields": {"ground": "content_wrong", "statement": "决定书文号与原件不符"},
}
ACTION: Final[dict[str, Any]] = {"fields": {"reason": "与原件不符，予以更正"}}
CASES: Final[dict[str, Any]] = {
    "items": [
        {
            "case_id": _CASE_ID,
            "kind": "objection",
            "kind_title": "异议",
            "about": "违约失信",
            "record_id": "r_7c2a",
            "subject_id": "b_11990100MB0000019L",
            "state": "received",
            "state_title": "待受理",
            "final": False,
            "owner": "信用办",
            "opened_at": "2026-06-15T04:00:00.000Z",
            "changed_at": "2026-06-15T04:00:00.000Z",
            "next_due_on": "2026-06-17",
            "overdue": False,
        }
    ],
    "next_page_token": None,
}
HISTORY: Final[dict[str, Any]] = {
    "items": [
        {
            "version": 1,
            "what": "acted",
            "code": "file",
            "title": "提出异议",
            "at": "2026-06-15T04:00:00.000Z",
            "by": "subject",
            "by_title": "当事主体",
            "agency": None,
            "state": "received",
            "state_title": "待受理",
            "values": [{"code": "ground", "title": "异议理由", "text": "内容有误"}],
            "papers": [],
            "results": {},
        }
    ],
    "next_page_token": None,
}
LETTERS: Final[dict[str, Any]] = {
    "items": [
        {
            "case_id": _CASE_ID,
            "case_version": 1,
            "kind": "objection",
            "to": "credit_office",
            "text": "收到“示例市住房局”的异议，请在2026-06-17前受理、转办。",
            "at": "2026-06-15T04:00:00.000Z",
        }
    ],
    "next_page_token": None,
}
PAPER_IN: Final[dict[str, Any]] = {"title": "付款凭证", "about": {"record_id": "r_7c2a"}}
PAPER: Final[dict[str, Any]] = {
    "evidence_id": "e_5b1cqk3vwtz2m7h4n6p8rs2d4e",
    "record_id": "r_7c2a",
    "subject_id": None,
    "case_id": None,
    "title": "付款凭证",
    "state": "archived",
    "media_type": "application/pdf",
    "size": 182044,
    "sha256": "5f1d",
    "received_at": "2026-06-15T04:00:00.000Z",
    "form": None,
}
PAPER_AWAITED: Final[dict[str, Any]] = {
    **PAPER,
    "state": "awaiting_file",
    "media_type": None,
    "size": None,
    "sha256": None,
    "received_at": None,
    "form": {
        "url": "https://www.example.com/inbox",
        "fields": {"key": "uploads/evidence/e_5b1cqk3vwtz2m7h4n6p8rs2d4e"},
        "largest_bytes": 10_485_760,
        "valid_seconds": 3600,
    },
}
PAPERS: Final[dict[str, Any]] = {"items": [PAPER], "next_page_token": None}
PAPER_PROOF: Final[dict[str, Any]] = {
    "evidence": PAPER,
    "intact": True,
    "link": "https://www.example.com/e",
}
OPENINGS: Final[dict[str, Any]] = {
    "items": [
        {
            "kind": "objection",
            "kind_title": "异议",
            "action": "file",
            "action_title": "提出异议",
            "allowed": True,
            "reasons": [],
            "case_id": None,
        },
        {
            "kind": "repair",
            "kind_title": "信用修复",
            "action": "apply_general",
            "action_title": "申请修复（一般）",
            "allowed": False,
            "reasons": ["最短公示期还没有届满，2026-09-01起可以提出"],
            "case_id": None,
        },
    ]
}
OVERVIEW: Final[dict[str, Any]] = {
    "subject_id": "b_11990100MB0000019L",
    "counts": {
        "records": 3,
        "dishonesty": 1,
        "honours": 1,
        "archived": 0,
        "pending": 0,
        "complete": True,
    },
    "dishonesty": [
        {
            "record_id": "r_7c2a",
            "type": "commitment_breach",
            "type_title": "违约失信",
            "severity": "general",
            "occurred_on": "2026-06-01",
            "reporter": "11990100MB0000027F",
            "publicity": "公示中",
            "public_until": "2027-06-01",
            "repairable_from": "2026-09-01",
            "marks": ["异议处理中"],
            "stated": True,
            "openings": OPENINGS["items"],
        }
    ],
    "cases": CASES["items"],
    "more_cases": False,
    "letters": {"since": "2026-05-16", "count": 1, "more": False, "items": LETTERS["items"]},
    "readers": [],
    "as_of": "2026-06-15T04:00:00.000Z",
}
