"""Example answers of the public API, for its document. Made up; a test holds them to the models."""

from __future__ import annotations

from typing import Any, Final

Example = dict[str, Any]

_AGENCY: Final = "11320100MB0X00001R"
_BODY_CODE: Final = "113201007XX000021T"
_RUN_ID: Final = "ev_nanjing-annual-2025"

RECORD: Final[Example] = {
    "id": "r_o5lzu3c4kq6h2mxw7tq5a3bv4e",
    "version": 1,
    "type": "administrative_penalty",
    "type_title": "行政处罚",
    "category": "penalty",
    "category_title": "行政处罚信息",
    "dishonesty": False,
    "severity": "general",
    "severity_title": "一般",
    "subject": {
        "code": "91320100MA00000000",
        "name": "示例市某某建设有限公司",
        "kind": "enterprise",
        "kind_title": "企业",
    },
    "reporter": {"code": _AGENCY, "name": "示例市市场监督管理局"},
    "region": "320100",
    "region_title": "示例市",
    "occurred_on": "2026-06-01",
    "reported_on": "2026-06-03",
    "due_on": "2026-06-10",
    "on_time": True,
    "fields": [
        {
            "code": "document_number",
            "title": "行政处罚决定书文号",
            "value": "示市监处罚〔2026〕8号",
            "text": "示市监处罚〔2026〕8号",
            "standard_code": "CF_WSH",
        }
    ],
    "notices": None,
    "publicity": {
        "last_day": "2027-06-01",
        "until": "2027-06-01T16:00:00.000Z",
        "repairable_from": "2026-09-01",
        "reasons": [{"code": "scope_public", "text": "归集目录规定公开，依据：《行政处罚法》"}],
    },
    "marks": [{"code": "objection", "text": "有异议", "since": "2026-06-15"}],
    "statement": {"text": "已申请复核，复核期间继续履行。", "made_on": "2026-06-15"},
    "archive": {"sha256_salted": "77d0" * 16, "received_at": "2026-06-03T01:20:30.000Z"},
    "pack": {"jurisdiction": "nanjing", "version": "2024-09-13"},
    "as_of": "2026-06-03T01:20:30.000Z",
}

BODY: Final[Example] = {
    "code": _BODY_CODE,
    "name": "示例市交通运输局",
    "kind": "department",
    "kind_title": "政府部门",
    "region": "320100",
    "region_title": "示例市",
    "level": "city",
    "level_title": "市级",
    "superior": {"code": "11320100XX00000010", "name": "示例市人民政府"},
    "registered": True,
    "as_of": "2026-06-01T00:00:00.000Z",
}

RESULT: Final[Example] = {
    "run": _RUN_ID,
    "title": "年度政务诚信评价",
    "period": "2025",
    "body": {"code": _BODY_CODE, "name": "示例市交通运输局"},
    "kind": "department",
    "region": "320100",
    "level": "city",
    "score": "92.50",
    "grade": "A",
    "grade_title": "优秀",
    "group": "city",
    "place": 3,
    "place_of": 24,
    "stale": {
        "since": "2026-05-11T02:30:00.000Z",
        "text": "所依据的信用信息已更正，结果待重新计算",
    },
    "as_of": "2026-03-01T01:00:00.000Z",
}

RUN: Final[Example] = {
    "run": _RUN_ID,
    "title": "年度政务诚信评价",
    "jurisdiction": "nanjing",
    "scheme": "annual",
    "period": "2025",
    "first_day": "2025-01-01",
    "last_day": "2025-12-31",
    "completed_at": "2026-03-01T01:00:00.000Z",
    "bodies": 62,
    "groups": ["city", "county"],
    "grades": [{"grade": "A", "title": "优秀", "count": 20}],
    "pack": {"jurisdiction": "nanjing", "version": "2024-09-13"},
    "results_digest": "4f6c" * 16,
    "stale_results": 1,
    "superseded_by": None,
}

LOG: Final[Example] = {
    "seq": 184,
    "salt": "00112233445566778899aabbccddeeff",
    "salted_sha256": "4f6c" * 16,
    "proof": "/public/v1/records/r_o5lzu3c4kq6h2mxw7tq5a3bv4e/proof",
}
LOGGED_RECORD: Final[Example] = {**RECORD, "log": LOG}
LOGGED_RUN: Final[Example] = {
    **RUN,
    "log": {**LOG, "proof": f"/public/v1/evaluations/{_RUN_ID}/proof"},
}
BODY_LOG: Final[Example] = {**LOG, "proof": f"/public/v1/subjects/{_BODY_CODE}/proof"}

RECORD_PAGE: Final[Example] = {"items": [LOGGED_RECORD], "next_page_token": None}
BODY_LIST: Final[Example] = {"items": [{**BODY, "log": BODY_LOG}], "next_page_token": None}
RUN_LIST: Final[Example] = {"items": [LOGGED_RUN], "next_page_token": None}
RESULT_LIST: Final[Example] = {"items": [RESULT], "next_page_token": None}

BODY_PAGE: Final[Example] = {
    "body": BODY,
    "categories": [
        {"category": "penalty", "title": "行政处罚信息", "count": 1, "records": [LOGGED_RECORD]}
    ],
    "dishonesty": {"count": 0, "records": []},
    "honours": {"count": 0, "records": []},
    "evaluation": RESULT,
    "log": BODY_LOG,
}

EXPLANATION: Final[Example] = {
    "result": RESULT,
    "indicators": [
        {
            "code": "double_publicity",
            "title": "双公示",
            "weight": "20",
            "points": "18.50",
            "rule": "按时报送的比例乘以分值",
            "working": "20 × 37 ÷ 40 = 18.50",
            "record_count": 40,
            "records": ["r_o5lzu3c4kq6h2mxw7tq5a3bv4e"],
            "children": [],
        }
    ],
}

LOGGED_EXPLANATION: Final[Example] = {
    **EXPLANATION,
    "log": {**LOG, "proof": f"/public/v1/evaluations/{_RUN_ID}/results/{_BODY_CODE}/proof"},
}

FRESHNESS: Final[Example] = {
    "head": 1840,
    "head_at": "2026-06-15T04:00:00.850Z",
    "as_of_seq": 1840,
    "behind_seqs": 0,
    "last_snapshot": {"seq": 1790, "built_at": "2026-06-14T16:10:31.000Z"},
    "last_change_at": "2026-06-15T04:00:00.000Z",
    "projected_at": "2026-06-15T04:00:00.850Z",
    "lag_seconds": "0.850",
    "checked_at": "2026-06-15T04:00:00.000Z",
    "behind": 0,
    "measured": "每次公开时实测；每小时与数据表逐条核对一次。",
}

CHANGE_LIST: Final[Example] = {
    "items": [
        {
            "seq": 184,
            "kind": "publish",
            "id": RECORD["id"],
            "version": 1,
            "entity": "record",
            "salted_sha256": "4f6c" * 16,
            "leaf": "9d2a" * 16,
            "at": "2026-06-03T01:20:31.200Z",
            "until": "2027-06-01T16:00:00.000Z",
            "reason": None,
            "salt": LOG["salt"],
            "document": RECORD,
        },
        {
            "seq": 185,
            "kind": "withdraw",
            "id": "r_2x7c6dk5hq3m4n2b7v6c5x4z3a",
            "version": 2,
            "entity": "record",
            "salted_sha256": None,
            "leaf": "51b7" * 16,
            "at": "2026-06-03T02:00:00.100Z",
            "until": None,
            "reason": "withdrawn",
            "salt": None,
            "document": None,
        },
    ],
    "head": 1840,
}

FIGURES: Final[Example] = {
    "as_of_day": "2026-06-15",
    "records": 1260,
    "bodies": 62,
    "dishonesty_by_region": [
        {"region": "320100", "title": "示例市", "severity": "general", "count": 3}
    ],
    "dishonesty_by_level": [{"level": "city", "title": "市级", "severity": "general", "count": 2}],
    "by_year": [{"year": "2026", "records": 420, "dishonesty": 2}],
    "by_category": [{"code": "licence", "title": "行政许可信息", "count": 800}],
    "on_time": [
        {
            "reporter": _AGENCY,
            "name": "示例市市场监督管理局",
            "on_time": 195,
            "known": 200,
            "rate": "97.50",
        }
    ],
    "grades": [{"code": "A", "title": "优秀", "count": 20}],
}

KEYS: Final[Example] = {
    "keys": [
        {
            "kty": "EC",
            "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
            "kid": "key_example",
            "use": "sig",
            "alg": "ES256",
        }
    ],
    "log_keys": [
        {
            "name": "govcredit.example/log",
            "verifier_key": "govcredit.example/log"
            "+ee3511bb+AUQpkwZQBKoeTEj03QFYGUwCNJvMZkzZbkAOommRio1R",
            "active": True,
        }
    ],
}

SUPERVISION_RESULT: Final[Example] = {
    "id": "c_5b1cqk3vwtz2m7h4n6p8rs2d4e",
    "version": 4,
    "kind": "npc_suggestion",
    "kind_title": "人大代表建议",
    "body": {"code": "11320100000000001A", "name": "示例市交通运输局"},
    "region": "329900",
    "region_title": "示例市",
    "published_on": "2026-06-15",
    "fields": [
        {
            "code": "result",
            "title": "办理情况",
            "value": "已完成站点优化并投入使用",
            "text": "已完成站点优化并投入使用",
            "standard_code": None,
        }
    ],
    "basis": "代表法第五十一条",
    "pack": {"jurisdiction": "nanjing", "version": "2024-09-13"},
    "as_of": "2026-06-15T04:00:00.000Z",
}
LOGGED_SUPERVISION_RESULT: Final[Example] = {
    **SUPERVISION_RESULT,
    "log": {**LOG, "proof": f"/public/v1/supervision-results/{SUPERVISION_RESULT['id']}/proof"},
}
SUPERVISION_LIST: Final[Example] = {
    "items": [LOGGED_SUPERVISION_RESULT],
    "next_page_token": None,
}

_CHECKPOINT: Final = (
    "govcredit.example/log\n184\n"
    "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo=\n\n"
    "— govcredit.example/log 7jURuwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\n"
)

PROOF: Final[Example] = {
    "document": RECORD,
    "salt": LOG["salt"],
    "entry": {
        "seq": LOG["seq"],
        "kind": "publish",
        "id": RECORD["id"],
        "version": 1,
        "salted_sha256": LOG["salted_sha256"],
    },
    "proof": ["3b" * 32, "c0" * 32, "5d" * 32],
    "checkpoint": _CHECKPOINT,
}
