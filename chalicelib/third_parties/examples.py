"""Examples of third-party evaluation."""

from __future__ import annotations

from typing import Any, Final

_INSTITUTION: Final = "12990100MB0000070X"
_BODY: Final = "11990100MB0000019L"
_AT: Final = "2026-06-15T04:00:00Z"
KEY_IN: Final[dict[str, Any]] = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}
INSTITUTION_IN: Final[dict[str, Any]] = {
    "unified_code": _INSTITUTION,
    "kind": "university",
    "key": KEY_IN,
}
INSTITUTION: Final[dict[str, Any]] = {
    "unified_code": _INSTITUTION,
    "name": "示例大学",
    "kind": "university",
    "kind_title": "高等院校、科研院所",
    "region": "990100",
    "keys": [
        {
            "kid": "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U",
            **KEY_IN,
            "added_at": _AT,
            "retired_at": None,
        }
    ],
    "version": 1,
}
INSTITUTIONS: Final[dict[str, Any]] = {"items": [INSTITUTION], "next_page_token": None}
CONTENT_IN: Final[dict[str, Any]] = {
    "title": "示例政务诚信指数",
    "method": "问卷调查和公开信息，按权重合计",
    "scale": {"lowest": "0", "highest": "100", "places": 1, "better": "higher"},
    "grades": [
        {"code": "A", "title": "好", "limit": "80"},
        {"code": "B", "title": "一般", "limit": "0"},
    ],
    "indicators": [
        {"code": "promises", "title": "承诺履行", "weight": "60", "children": []},
        {"code": "voice", "title": "社会评价", "weight": "40", "children": []},
    ],
    "kinds": ["department"],
    "period": "year",
}
SYSTEM_IN: Final[dict[str, Any]] = {
    "code": "sample_trust_index",
    "institution": _INSTITUTION,
    **CONTENT_IN,
}
SYSTEM: Final[dict[str, Any]] = {
    **SYSTEM_IN,
    "institution_name": "示例大学",
    "region": "990100",
    "version": 1,
    "withdrawn_at": None,
    "reason": None,
}
SYSTEMS: Final[dict[str, Any]] = {"items": [SYSTEM], "next_page_token": None}
REASON_IN: Final[dict[str, Any]] = {"reason": "抽样有误，重新评价"}
_FRAME: Final[dict[str, Any]] = {
    "system": "sample_trust_index",
    "period": "2025",
    "reference": "2026-01",
    "note": "样本 1200 份",
}
STATEMENT_IN: Final[dict[str, Any]] = {
    **_FRAME,
    "ratings": [
        {
            "unified_code": _BODY,
            "score": "84.0",
            "grade": "A",
            "indicators": {"promises": "90", "voice": "75"},
            "note": "",
        }
    ],
}
_SIGNATURE: Final = "eyJhbGciOiJFUzI1NiIsImtpZCI6Im9LSXkifQ.eyJjb3VudCI6MX0.c2lnbmF0dXJl"
SUBMISSION_IN: Final[dict[str, Any]] = {**STATEMENT_IN, "signature": _SIGNATURE}
_ROOT: Final = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
STATEMENT: Final[dict[str, Any]] = {
    "statement": (
        '{"count":1,"note":"样本 1200 份","period":"2025","reference":"2026-01",'
        f'"root":"{_ROOT}","system":"sample_trust_index"}}'
    ),
    "root": _ROOT,
    "accepted": 1,
    "refused": 0,
    "refusals": [],
}
SUBMISSION: Final[dict[str, Any]] = {
    "submission_id": "ts_5b1cqk3vwtz2m7h4n6p8rs2d4e",
    "system": "sample_trust_index",
    "system_version": 1,
    "period": "2025",
    "reference": "2026-01",
    "number": 1,
    "received_at": _AT,
    "completed_at": _AT,
    "rows": 2,
    "accepted": 1,
    "refused": 1,
    "refused_positions": [1],
    "refusals": [
        {
            "position": 1,
            "unified_code": "11990100MB0000020A",
            "faults": [
                {
                    "pointer": "/ratings/1/unified_code",
                    "code": "unknown_body",
                    "message": "没有登记这个统一社会信用代码的单位",
                }
            ],
        }
    ],
    "signature": _SIGNATURE,
}
SUBMISSIONS: Final[dict[str, Any]] = {"items": [SUBMISSION], "next_page_token": None}
RATING: Final[dict[str, Any]] = {
    "system": "sample_trust_index",
    "system_version": 1,
    "period": "2025",
    "unified_code": _BODY,
    "name": "示例市住房局",
    "score": "84.0",
    "grade": "A",
    "indicators": {"promises": "90", "voice": "75"},
    "note": None,
    "submission_id": SUBMISSION["submission_id"],
    "at": _AT,
    "version": 1,
    "state": "valid",
    "reason": None,
}
RATINGS: Final[dict[str, Any]] = {"items": [RATING], "next_page_token": None}
