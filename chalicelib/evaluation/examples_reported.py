"""Examples of reported figures."""

from __future__ import annotations

from typing import Any, Final

_CODE: Final = "11990100MB0000019L"
_PAPER: Final = "e_5b1cqk3vwtz2m7h4n6p8rs2d4e"
STATEMENT: Final[dict[str, Any]] = {
    "value": "92.5",
    "text": "对照方案逐项自查，七项任务已完成六项",
    "evidence": [_PAPER],
}
REVIEW: Final[dict[str, Any]] = {
    "verdict": "amend",
    "value": "90",
    "reason": "第三项没有证明材料，不予认定",
}
FIGURE: Final[dict[str, Any]] = {
    "code": "self_evaluation",
    "title": "政务诚信建设自评得分",
    "purpose": "对照本地文件的任务和考核要点自评，满分100分，附自评报告和佐证材料",
    "unit": "分",
    "least": "0",
    "most": "100",
    "decimals": 2,
    "about": ["government", "department", "committee"],
    "period": "year",
    "evidence": True,
    "text": True,
    "reviewed_by": "credit_office",
    "latest_period": "2025",
    "due_on": "2026-01-31",
    "basis": {
        "document": "宁政发〔2024〕89号",
        "clause": "四（一）",
        "verified": False,
        "note": "自评的办法和时限是本平台约定",
    },
}
FIGURES: Final[dict[str, Any]] = {"items": [FIGURE]}
REPORT_EXAMPLE: Final[dict[str, Any]] = {
    "figure": "self_evaluation",
    "title": FIGURE["title"],
    "unit": "分",
    "period": "2025",
    "unified_code": _CODE,
    "name": "示例市住房局",
    "region": "329900",
    "value": "92.5",
    "text": STATEMENT["text"],
    "evidence": [_PAPER],
    "state": "accepted",
    "state_title": "已认定",
    "accepted_value": "90",
    "reason": REVIEW["reason"],
    "submitted_at": "2026-01-20T02:00:00.000Z",
    "late": False,
    "due_on": "2026-01-31",
    "review_due_on": "2026-02-19",
    "review_overdue": False,
    "reviewed_at": "2026-02-03T02:00:00.000Z",
    "reviewed_by": "11990100MB0000027F",
    "version": 2,
    "history": [
        {
            "version": 1,
            "value": "92.5",
            "state": "submitted",
            "accepted_value": None,
            "reason": None,
            "submitted_at": "2026-01-20T02:00:00.000Z",
            "reviewed_at": None,
        }
    ],
}
REPORTS: Final[dict[str, Any]] = {
    "items": [{**REPORT_EXAMPLE, "history": []}],
    "next_page_token": None,
}
OBLIGED_EXAMPLE: Final[dict[str, Any]] = {
    "items": [
        {
            "unified_code": _CODE,
            "name": "示例市住房局",
            "region": "329900",
            "state": "missing",
            "state_title": "未填报",
            "due_on": "2026-01-31",
            "overdue": True,
            "version": 0,
        }
    ],
    "next_page_token": None,
}
PAPER: Final[dict[str, Any]] = {
    "evidence_id": _PAPER,
    "title": "自评打分表",
    "intact": True,
    "link": "https://archive.example.cn/evidence/1",
}
