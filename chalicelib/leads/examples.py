"""Examples for the document. Nobody in them exists."""

from __future__ import annotations

from typing import Any, Final

_CODE: Final = "7K3D-9QHM-2X5T-R8WB-4NCE-6VYJ-1PZG-0FSA"
_OURS: Final = {
    "document": "本平台约定",
    "clause": "",
    "verified": False,
    "note": "文件没有写明期限",
}
_MATTER: Final = {
    "code": "matter",
    "title": "反映的情况",
    "kind": "text",
    "required": True,
    "max_length": 4000,
    "choices": {},
}
_SUPPLEMENT: Final = {
    "action": "supplement",
    "title": "补充情况",
    "fields": [{**_MATTER, "code": "message", "title": "补充的情况", "max_length": 2000}],
}
_IN_WORDS: Final = "核实中，由上级主管单位办理；核实期限：10个工作日，2026-07-01到期。"
_SAID: Final = [{"title": "反映的情况", "text": "招商引资承诺的补贴逾期未兑现"}]

KINDS: Final[dict[str, Any]] = {
    "jurisdiction": "nanjing",
    "version": "2024-09-13",
    "kinds": [
        {
            "kind": "lead",
            "title": "失信线索",
            "purpose": "七个渠道接到的政务失信线索及时核实处理并反馈",
            "fields": [_MATTER],
            "limits": [{"title": "核实期限", "in_words": "10个工作日", "basis": _OURS}],
            "channels": {"hotline": "12345政务服务热线", "phone": "监督电话"},
            "basis": {
                "document": "宁政发〔2024〕89号",
                "clause": "五（一）",
                "verified": True,
                "note": "",
            },
        }
    ],
    "attachments": {
        "media_types": ["image/jpeg", "image/png"],
        "most": 5,
        "largest_bytes": 3145728,
        "largest_together": 3932160,
    },
}
LEAD: Final[dict[str, Any]] = {
    "kind": "lead",
    "unified_code": "11990100MB0000019L",
    "fields": {"matter": "招商引资承诺的补贴逾期未兑现"},
    "attachments": [],
}
RECEIPT: Final[dict[str, Any]] = {
    "code": _CODE,
    "kind_title": "失信线索",
    "body": "示例市税务局",
    "state_title": "待转办",
    "in_words": "待转办，由信用办办理；转办期限：1个工作日，2026-06-16到期。",
    "opened_at": "2026-06-15T04:00:00Z",
}
LOOKUP: Final[dict[str, Any]] = {"code": _CODE}
MESSAGE: Final[dict[str, Any]] = {
    "code": _CODE,
    "version": 2,
    "action": "supplement",
    "fields": {"message": "现补充承诺文件"},
}
SHOWN: Final[dict[str, Any]] = {
    "kind": "lead",
    "kind_title": "失信线索",
    "body": "示例市税务局",
    "state": "verifying",
    "state_title": "核实中",
    "final": False,
    "in_words": _IN_WORDS,
    "opened_at": "2026-06-15T04:00:00Z",
    "changed_at": "2026-06-16T02:00:00Z",
    "version": 2,
    "clocks": [
        {
            "limit": "verification",
            "title": "核实期限",
            "due_on": "2026-07-01",
            "overdue": False,
            "days_left": 10,
            "stopped_for": None,
            "rule": "核实期限：10个工作日",
            "basis": "本平台约定",
            "started_on": "2026-06-16",
            "provisional": False,
            "days": [{"date": "2026-06-17", "counted": True, "why": "星期三，工作日，第1日"}],
        }
    ],
    "dialogue": [
        {
            "at": "2026-06-15T04:00:00Z",
            "by": "您",
            "title": "提供线索",
            "state": "待转办",
            "told": None,
            "said": _SAID,
            "attachments": ["承诺文件第一页"],
        },
        {
            "at": "2026-06-16T02:00:00Z",
            "by": "信用办",
            "title": "转上级主管单位核实",
            "state": "核实中",
            "told": "您提供的线索已转有关单位核实。",
            "said": [],
            "attachments": [],
        },
    ],
    "actions": [_SUPPLEMENT],
}
_TALLY: Final = {
    "received": 9,
    "in_progress": 4,
    "explained": 2,
    "rectified": 2,
    "recognised": 1,
}
STATISTICS: Final[dict[str, Any]] = {
    "jurisdiction": "nanjing",
    "region": "320100",
    "kinds": [
        {"kind": "lead", "title": "失信线索", **_TALLY, "regions": [{"region": "320100", **_TALLY}]}
    ],
}
_PICTURE: Final = {
    "number": 1,
    "title": "承诺文件第一页",
    "media_type": "image/jpeg",
    "size": 182044,
}
VOICE: Final[dict[str, Any]] = {
    "case_id": "c_7c2a",
    "version": 2,
    "turns": [
        {
            "version": 1,
            "at": "2026-06-15T04:00:00Z",
            "by": "提出人",
            "title": "提供线索",
            "said": _SAID,
            "pictures": [_PICTURE],
        }
    ],
}
VOICE_PICTURE: Final[dict[str, Any]] = {
    "picture": _PICTURE,
    "intact": True,
    "link": "https://www.example.com/p",
}
