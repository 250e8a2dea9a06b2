"""A small kind of case in which everything occurs once, for tests that bend one thing."""

from __future__ import annotations

from tests.policy.builders import UNREAD, Tree

TEXT: Tree = {"title": "说明", "max_length": 100, "required": True, "example": "甲"}
DATE: Tree = {"title": "送达日期", "kind": "date", "required": True, "example": "today"}

CASE_KIND: Tree = {
    "title": "异议",
    "purpose": "提出、核查、答复",
    "about": "record",
    "stops": {"appraisal": "鉴定"},
    "opened_when": {"dishonesty_recorded": "refer"},
    "states": {
        "open": {"title": "核查中", "owner": "source_agency", "limits": ["whole", "views"]},
        "closed": {"title": "已答复", "final": True},
    },
    "limits": {
        "whole": {
            "title": "办结期限",
            "amount": 5,
            "unit": "working_days",
            "starts": "opened",
            "stops_for": ["appraisal"],
            "extension": {"amount": 3, "approved_by": ["credit_office"], "basis": UNREAD},
            "then": "lapse",
            "basis": UNREAD,
        },
        "views": {
            "title": "意见期限",
            "amount": 1,
            "unit": "months",
            "starts": "field",
            "start_field": "delivered_on",
            "basis": UNREAD,
        },
    },
    "actions": {
        "file": {
            "title": "提出",
            "to": "open",
            "by": {"subject": []},
            "needs": ["is_dishonesty"],
            "fields": {"reason": TEXT},
            "evidence": {"letter": "异议书"},
            "effects": [{"kind": "mark_record", "mark": "objection", "text": "异议处理中"}],
            "tells": {"source_agency": "“{subject}”提出异议：{reason}"},
        },
        "refer": {"title": "转办", "to": "open", "by": {"platform": []}},
        "deliver": {
            "title": "送达",
            "states": ["open"],
            "by": {"source_agency": ["clerk"]},
            "fields": {"delivered_on": DATE},
            "evidence": {"proof": "送达回证"},
            "effects": [
                {"kind": "record_notice", "notice": "decision", "delivered_field": "delivered_on"}
            ],
        },
        "stop": {
            "title": "送鉴定",
            "states": ["open"],
            "by": {"source_agency": ["clerk"]},
            "stops_clock": "appraisal",
        },
        "resume": {
            "title": "鉴定结束",
            "states": ["open"],
            "by": {"source_agency": ["clerk"]},
            "resumes_clock": "appraisal",
        },
        "extend": {
            "title": "延长",
            "states": ["open"],
            "by": {"credit_office": ["credit_office"]},
            "extends": "whole",
        },
        "answer": {
            "title": "答复",
            "states": ["open"],
            "to": "closed",
            "by": {"source_agency": ["clerk"]},
            "within": "whole",
            "fields": {"reason": TEXT, "answer": {**TEXT, "public": True}},
            "effects": [
                {"kind": "unmark_record", "mark": "objection"},
                {"kind": "correct_record", "reason_field": "reason"},
                {"kind": "create_record", "types": ["decision"]},
                {"kind": "publish_result", "fields": ["answer"]},
                {"kind": "open_case", "case_kind": "a"},
            ],
        },
        "lapse": {"title": "逾期", "states": ["open"], "to": "closed", "by": {"platform": []}},
    },
    "basis": UNREAD,
}
