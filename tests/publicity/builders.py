"""Facts for tests of the publicity decision: a public dishonesty record unless told otherwise."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from chalicelib.policy.model import PublicityRule, RecordType
from chalicelib.publicity.model import Notice, PublicityFacts, Subject

BASIS: Mapping[str, Any] = {"document": "测试依据", "verified": False}

FIELDS: tuple[Mapping[str, Any], ...] = (
    {"code": "document_number", "title": "文书号", "public": True},
    {"code": "facts", "title": "失信事实", "public": True},
    {"code": "head", "title": "负责人", "public": True, "personal": True, "mask": "name"},
    {
        "code": "head_code",
        "title": "负责人证件号",
        "kind": "citizen_code",
        "public": True,
        "personal": True,
        "mask": "code",
    },
    {"code": "home", "title": "住址", "public": True, "personal": True, "mask": "hidden"},
    {"code": "health", "title": "健康状况", "public": True, "personal": True},
    {"code": "forgotten", "title": "证件号", "kind": "citizen_code", "public": True},
    {"code": "remark", "title": "内部备注"},
    {"code": "ends_on", "title": "公示截止期", "kind": "date", "public": True},
)

RULE = PublicityRule.model_validate(
    {
        "code": "dishonesty",
        "title": "失信信息公示期",
        "rule_sets": [
            {
                "code": "before_order_36",
                "decided_from": "2023-05-01",
                "decided_until": "2026-03-31",
                "basis": BASIS,
                "terms": {
                    "minor": {"published": False, "verified": False},
                    "general": {
                        "published": True,
                        "min_months": 3,
                        "max_months": 12,
                        "verified": True,
                    },
                    "serious": {
                        "published": True,
                        "min_months": 6,
                        "max_months": 36,
                        "verified": True,
                    },
                },
            },
            {
                "code": "order_36",
                "decided_from": "2026-04-01",
                "basis": {
                    "document": "信用修复管理办法（国家发展改革委令第36号）",
                    "verified": True,
                },
                "terms": {
                    "minor": {"published": False, "max_months": 3, "verified": True},
                    "general": {
                        "published": True,
                        "min_months": 3,
                        "max_months": 12,
                        "verified": True,
                    },
                    "serious": {
                        "published": True,
                        "min_months": 12,
                        "max_months": 36,
                        "verified": True,
                    },
                },
            },
        ],
    }
)

OPEN_RULE = PublicityRule.model_validate(
    {
        "code": "open",
        "title": "长期公示",
        "rule_sets": [
            {
                "code": "all",
                "basis": BASIS,
                "terms": {"any": {"published": True, "verified": False}},
            }
        ],
    }
)


def record_type(**changes: Any) -> RecordType:
    """A type of public dishonesty record behind the two-notices gate."""
    values: dict[str, Any] = {
        "code": "breach",
        "title": "违约失信",
        "category": "dishonesty",
        "about": ["department", "person"],
        "reported_by": "行业主管部门",
        "registration": "required",
        "dishonesty": True,
        "fields": FIELDS,
        "natural_key": ["document_number"],
        "date_field": "decided_on",
        "disclosure": {"scope": "public", "basis": BASIS},
        "notice_required": True,
        "publicity_term": "dishonesty",
        "publicity_end_field": "ends_on",
        "retention": {"years": 5, "basis": BASIS},
        "update_frequency": "realtime",
        "legal_basis": [BASIS],
        "verified": False,
    }
    return RecordType.model_validate(values | changes)


SETTLED = datetime(2026, 5, 10, 2, 0, tzinfo=UTC)
NOTICE = Notice(date(2026, 5, 8), "送达回证第1号")

FACTS = PublicityFacts(
    record_id="r1",
    version=2,
    type=record_type(),
    rule=RULE,
    subject=Subject("department", "示例市甲局", "11320100000000000X"),
    decided_on=date(2026, 5, 6),
    fields={
        "document_number": "示决〔2026〕1号",
        "facts": "未按约履行，电话13812345678",
        "head": "欧阳明",
        "head_code": "11010519491231002X",
        "home": "示例路1号",
        "health": "良好",
        "forgotten": "11010519491231002X",
        "remark": "不外传",
        "not_in_catalog": "不外传",
    },
    severity="general",
    settled_at=SETTLED,
    decision_notice=NOTICE,
    repair_notice=NOTICE,
)


def facts(**changes: Any) -> PublicityFacts:
    """The public record, changed."""
    return replace(FACTS, **changes)
