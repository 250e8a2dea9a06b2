"""Examples of the answers, for the document. Everybody in them is made up."""

from __future__ import annotations

from typing import Any, Final

_LAW: Final[dict[str, Any]] = {
    "document": "重大行政决策程序暂行条例",
    "clause": "第二十二条",
    "verified": False,
}
_CLERK: Final[dict[str, Any]] = {
    "agency_code": "11990100MB0000019L",
    "agency_name": "示例市住房和城乡建设局",
}
_MATERIAL: Final[dict[str, Any]] = {
    "title": "公开征求意见公告",
    "url": "https://www.example.gov.cn/notices/12.html",
    "file_number": "",
    "sha256": "",
}
_AT: Final = "2026-06-11T01:00:00.000Z"

REGISTER: Final[dict[str, Any]] = {
    "code": "major_decisions",
    "title": "重大行政决策台账",
    "purpose": "逐件登记重大行政决策，各法定步骤有证明，缺少的步骤一目了然",
    "kept_by": "agency",
    "fields": [
        {
            "code": "decision_name",
            "title": "决策事项",
            "kind": "text",
            "required": True,
            "values": [],
        },
        {
            "code": "planned_on",
            "title": "拟决定日期",
            "kind": "date",
            "required": True,
            "values": [],
        },
    ],
    "key": ["decision_name"],
    "steps": [
        {
            "code": "risk_assessment",
            "title": "风险评估",
            "required": True,
            "required_when": None,
            "evidence": True,
            "follows": None,
            "basis": _LAW,
        }
    ],
    "due_field": "planned_on",
    "valid_until_field": None,
    "at_least": 0,
    "target": None,
    "remind_days": [7, 1],
    "basis": _LAW,
}

REGISTERS: Final[dict[str, Any]] = {"items": [REGISTER], "policy_version": "2024-09-13"}

NEW_ENTRY: Final[dict[str, Any]] = {
    "fields": {"decision_name": "城区公交线网优化方案", "planned_on": "2026-07-10"}
}

ENTRY: Final[dict[str, Any]] = {
    "register_code": "major_decisions",
    "entry_id": "reg_mfrggzdfmztwq2lknnwg23tpoa",
    "title": "重大行政决策台账",
    "version": 2,
    "keeper": _CLERK["agency_code"],
    "keeper_name": _CLERK["agency_name"],
    "region": "990100",
    "policy_version": "2024-09-13",
    "fields": [
        {
            "code": "decision_name",
            "title": "决策事项",
            "value": "城区公交线网优化方案",
            "text": "城区公交线网优化方案",
        },
        {
            "code": "planned_on",
            "title": "拟决定日期",
            "value": "2026-07-10",
            "text": "2026-07-10",
        },
    ],
    "task": None,
    "status": "in_progress",
    "status_title": "进行中",
    "computed": False,
    "working": [
        "公众参与：2026-06-10 完成",
        "风险评估：应当完成，依据：重大行政决策程序暂行条例 第二十二条",
        "应于 2026-07-10 前完成",
    ],
    "due": {
        "due_on": "2026-07-10",
        "due_soon_from": "2026-07-03",
        "days_left": 25,
        "rule": "本条填写的完成期限，按自然日计算",
        "basis": "重大行政决策程序暂行条例 第二十二条",
    },
    "valid_until": None,
    "steps": [
        {
            "code": "public_participation",
            "title": "公众参与",
            "state": "done",
            "state_title": "已完成",
            "why": "2026-06-10 完成",
            "reports": [
                {
                    **_CLERK,
                    "done_on": "2026-06-10",
                    "evidence": [_MATERIAL],
                    "note": "",
                    "reported_at": _AT,
                }
            ],
            "basis": {**_LAW, "clause": "第十四条"},
        },
        {
            "code": "risk_assessment",
            "title": "风险评估",
            "state": "missing",
            "state_title": "未完成",
            "why": "应当完成，依据：重大行政决策程序暂行条例 第二十二条",
            "reports": [],
            "basis": _LAW,
        },
    ],
    "missing": [{"code": "risk_assessment", "title": "风险评估", "basis": _LAW}],
    "supervision": [],
    "withdrawn": False,
    "created_at": "2026-06-01T01:00:00.000Z",
    "updated_at": _AT,
}

_DEED: Final[dict[str, Any]] = {
    **_CLERK,
    "reason": "",
    "fields": NEW_ENTRY["fields"],
}
DETAIL: Final[dict[str, Any]] = {
    **ENTRY,
    "history": [
        {**_DEED, "version": 1, "kind": "create", "at": ENTRY["created_at"], "reports": 0},
        {**_DEED, "version": 2, "kind": "report", "at": _AT, "reports": 1},
    ],
}

TASK: Final[dict[str, Any]] = {
    **ENTRY,
    "register_code": "tasks",
    "entry_id": "credit_records",
    "title": "建立健全政务信用记录",
    "version": 1,
    "keeper": None,
    "keeper_name": None,
    "fields": [],
    "task": {
        "content": "建立政府部门和公务员政务领域信用档案",
        "stated_lead": ["市信用办"],
        "stated_cooperating": ["市各有关部门"],
        "term": "unstated",
        "starts_on": None,
        "lead": [_CLERK],
        "cooperating": [],
    },
    "working": [
        "工作进展：可选步骤",
        "任务完成：应当完成，依据：示例市政务诚信建设实施方案 二（二）",
        "没有规定完成期限",
    ],
    "due": None,
    "steps": [],
    "missing": [
        {
            "code": "completion",
            "title": "任务完成",
            "basis": {
                "document": "示例市政务诚信建设实施方案",
                "clause": "二（二）",
                "verified": False,
            },
        }
    ],
}

SUPERVISED: Final[dict[str, Any]] = {
    **ENTRY,
    "supervision": [
        {
            "supervision_id": "sv_mfrggzdfmztwq2lknnwg23tpoa",
            "message": "请尽快补做风险评估",
            "office": "示例市信用办",
            "issued_at": "2026-06-15T01:00:00.000Z",
            "due_on": "2026-06-30",
            "deadline": None,
            "overdue": False,
            "answer": {
                **_CLERK,
                "text": "已补做，见附件",
                "evidence": [_MATERIAL],
                "answered_at": "2026-06-20T01:00:00.000Z",
            },
        }
    ],
}

ENTRIES: Final[dict[str, Any]] = {"items": [ENTRY], "next_page_token": None}

_COUNTS: Final[dict[str, Any]] = {
    "complete": 2,
    "in_progress": 0,
    "due_soon": 0,
    "overdue": 0,
    "incomplete": 1,
    "lapsed": 0,
}
SUMMARY: Final[dict[str, Any]] = {
    "register_code": "major_decisions",
    "title": "重大行政决策台账",
    "at_least": 0,
    "counts": _COUNTS,
    "lacking": 0,
    "items": [
        {
            **_CLERK,
            "region": "990100",
            "entries": 3,
            "counts": _COUNTS,
            "lacking": 0,
            "missing": [
                {"code": "risk_assessment", "title": "风险评估", "basis": _LAW, "entries": 1}
            ],
            "figure": None,
            "fine": False,
        }
    ],
    "next_page_token": None,
}

REMINDERS: Final[dict[str, Any]] = {
    "items": [
        {
            "day": "2026-07-03",
            "kind": "due",
            "due_on": "2026-07-10",
            "late": False,
            "open": True,
            "text": "“重大行政决策台账”有一条应于 2026-07-10 前完成",
            "entry": ENTRY,
        }
    ],
    "next_page_token": None,
}
