"""Examples for the document. Nobody in them exists."""

from __future__ import annotations

from typing import Any, Final

_OURS: Final = {
    "document": "本平台约定",
    "clause": "",
    "verified": False,
    "note": "文件没有写明期限",
}

KINDS: Final[dict[str, Any]] = {
    "jurisdiction": "nanjing",
    "version": "2024-09-13",
    "kinds": [
        {
            "kind": "lead",
            "title": "失信线索",
            "purpose": "七个渠道接到的政务失信线索及时核实处理并反馈",
            "fields": [
                {
                    "code": "matter",
                    "title": "反映的情况",
                    "kind": "text",
                    "required": True,
                    "max_length": 4000,
                    "choices": {},
                }
            ],
            "limits": [{"title": "核实期限", "in_words": "10个工作日", "basis": _OURS}],
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
