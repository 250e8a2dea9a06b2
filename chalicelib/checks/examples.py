"""Examples for the document. Nobody in them exists."""

from __future__ import annotations

from typing import Any, Final

_BASIS: Final = {
    "document": "国发〔2016〕76号",
    "clause": "招标投标领域",
    "verified": False,
    "note": "",
}
_MEASURE: Final = {
    "code": "bidding_limit",
    "title": "限制参加招标投标",
    "effect": "restrict",
    "text": "不得作为投标人参加政府投资项目的投标",
    "reason": "2026-03-05认定的“失信被执行人”是有效的严重失信记录",
    "since": "2026-03-05",
    "until": "2029-03-04",
    "basis": _BASIS,
}
_SUBJECT: Final = {
    "number": 1,
    "code": "91990100MA99000A0D",
    "reference": "T-1",
    "answer": "restrict",
    "answer_title": "限制",
    "on_file": True,
    "reason": "",
    "reason_title": "",
    "measures": [_MEASURE],
    "until": "2029-03-04",
    "as_of": "2026-06-15",
    "version": 3,
    "needs_feedback": True,
}
_PERSON: Final[dict[str, Any]] = {
    "number": 2,
    "code": None,
    "reference": "T-2",
    "answer": "allow",
    "answer_title": "通过",
    "on_file": False,
    "reason": "not_on_file",
    "reason_title": "没有这个主体的信用档案，因而没有措施",
    "measures": [],
    "until": None,
    "as_of": "2026-06-15",
    "version": 0,
    "needs_feedback": False,
}
CHECK_IN: Final[dict[str, Any]] = {
    "scene": "bidding",
    "purpose": "示例市政务服务中心装修项目投标资格审查",
    "reference": "P-2026-17",
    "subjects": [
        {"unified_code": "91990100MA99000A0D", "name": "示例建设有限公司", "reference": "T-1"}
    ],
}
CHECK: Final[dict[str, Any]] = {
    "check_id": "k_ae3yzq5k4nq6xw2v7hj4m3t2ru",
    "kind": "check",
    "scene": "bidding",
    "scene_title": "招标投标",
    "purpose": "示例市政务服务中心装修项目投标资格审查",
    "reference": "P-2026-17",
    "asked_at": "2026-06-15T04:00:00Z",
    "pack": "2024-09-13",
    "file_id": None,
    "subjects": [_SUBJECT, _PERSON],
    "feedback": {
        "state": "due",
        "due_on": "2026-06-30",
        "due_provisional": False,
        "given_at": None,
        "done": [],
    },
    "version": 1,
}
BRIEF: Final[dict[str, Any]] = {
    "check_id": "k_ae3yzq5k4nq6xw2v7hj4m3t2ru",
    "kind": "check",
    "scene": "bidding",
    "scene_title": "招标投标",
    "purpose": "示例市政务服务中心装修项目投标资格审查",
    "reference": "P-2026-17",
    "asked_at": "2026-06-15T04:00:00Z",
    "subjects": 2,
    "restricted": 1,
    "referred": 0,
    "feedback": "due",
    "due_on": "2026-06-30",
}
FEEDBACK: Final[dict[str, Any]] = {
    "done": [{"number": 1, "act": "excluded", "reason": ""}],
}
SCENES: Final[dict[str, Any]] = {
    "jurisdiction": "nanjing",
    "version": "2024-09-13",
    "items": [
        {
            "scene": "bidding",
            "title": "招标投标",
            "asked_by": "公共资源交易中心、招标人",
            "answers": {"allow": "通过", "restrict": "限制", "refer": "转人工研究"},
            "acts": {"excluded": "取消资格或不予通过", "none": "没有采取措施"},
            "feedback_days": 10,
            "note": "",
            "basis": _BASIS,
        }
    ],
}
REMINDER: Final[dict[str, Any]] = {
    "check_id": "k_ae3yzq5k4nq6xw2v7hj4m3t2ru",
    "kind": "due",
    "scene": "bidding",
    "reference": "P-2026-17",
    "due_on": "2026-06-30",
    "reminded_at": "2026-06-28T22:00:00Z",
}
LATE: Final[dict[str, Any]] = {
    "check_id": "k_ae3yzq5k4nq6xw2v7hj4m3t2ru",
    "agency": "12990100MA990005XX",
    "agency_name": "示例市公共资源交易中心",
    "region": "990100",
    "scene": "bidding",
    "scene_title": "招标投标",
    "asked_on": "2026-06-15",
    "due_on": "2026-06-30",
    "days_late": 3,
    "subjects": 2,
}
_FIGURES: Final = {
    "scene": "bidding",
    "scene_title": "招标投标",
    "agency": "12990100MA990005XX",
    "agency_name": "示例市公共资源交易中心",
    "region": "990100",
    "asked": 40,
    "subjects": 212,
    "allowed": 200,
    "restricted": 9,
    "referred": 3,
    "fed_back": 8,
    "late": 1,
    "overdue": 1,
    "honoured": 10,
    "not_honoured": 1,
}
STATISTICS: Final[dict[str, Any]] = {
    "jurisdiction": "nanjing",
    "month": "2026-06",
    "items": [_FIGURES],
    "total": {**_FIGURES, "scene": "", "scene_title": "", "agency": "", "agency_name": "合计",
              "region": ""},
}  # fmt: skip
PROOF_IN: Final[dict[str, Any]] = {
    "scene": "bidding",
    "purpose": "示例市政务服务中心装修项目投标资格审查",
    "reference": "P-2026-17",
    "subject": {"unified_code": "91990100MA99000A0D", "name": "示例建设有限公司"},
}
PROOF: Final[dict[str, Any]] = {
    "proof_id": "k_ae3yzq5k4nq6xw2v7hj4m3t2ru",
    "statement": "measures",
    "statement_title": "截至当日，这个主体在该场景中有下列生效的措施",
    "proof": "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJnb3ZjcmVkaXQifQ.c2lnbmF0dXJl",
    "salt": None,
    "issued_at": "2026-06-15T04:00:00Z",
    "valid_until": "2026-07-15",
    "subject": _SUBJECT,
}
SUBSCRIPTION_IN: Final[dict[str, Any]] = {
    "scene": "bidding",
    "purpose": "在建项目承包单位的信用变化",
    "reference": "P-2026-17",
    "subjects": [{"unified_code": "91990100MA99000A0D", "reference": "T-1"}],
    "url": "https://hall.example.gov.cn/credit-changes",
}
SUBSCRIPTION: Final[dict[str, Any]] = {
    "subscription_id": "k_ae3yzq5k4nq6xw2v7hj4m3t2ru",
    "scene": "bidding",
    "scene_title": "招标投标",
    "purpose": "在建项目承包单位的信用变化",
    "url": "https://hall.example.gov.cn/credit-changes",
    "state": "active",
    "subjects": 1,
    "created_at": "2026-06-15T04:00:00Z",
    "changes": 1,
    "settled": 1,
    "attempts": 0,
    "next_try": None,
    "version": 1,
}
CHANGE: Final[dict[str, Any]] = {
    "number": 1,
    "delivery_id": "k_ae3yzq5k4nq6xw2v7hj4m3t2ru-1",
    "reference": "T-1",
    "code": "91990100MA99000A0D",
    "before": "allow",
    "answer": "restrict",
    "measures": [_MEASURE],
    "until": "2029-03-04",
    "as_of": "2026-06-15",
    "version": 3,
    "changed_at": "2026-06-15T04:00:00Z",
    "state": "delivered",
    "failure": None,
    "jws": "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJnb3ZjcmVkaXQifQ.c2lnbmF0dXJl",
}
FILE: Final[dict[str, Any]] = {
    "file_id": "k_ae3yzq5k4nq6xw2v7hj4m3t2ru",
    "scene": "subsidy",
    "purpose": "2026年稳岗补贴发放前核查",
    "reference": "B-2026-3",
    "format": "xlsx",
    "state": "completed",
    "created_at": "2026-06-15T04:00:00Z",
    "committed_at": "2026-06-15T04:01:00Z",
    "completed_at": "2026-06-15T04:03:00Z",
    "rows": 1200,
    "rows_done": 1200,
    "allow": 1180,
    "restrict": 12,
    "refer": 5,
    "wrong": 3,
    "percent": 100,
    "estimated_finish": None,
    "problem": None,
    "form": None,
}
