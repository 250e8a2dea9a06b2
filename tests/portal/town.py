"""A made-up city's public documents, as pages are given them."""

from __future__ import annotations

from typing import Any

from chalicelib.replica import examples
from tests.replica.builders import record_document

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7*7 }}"
BUREAU = "113201007XX000021T"

_FIELDS = (
    ("document_number", "行政处罚决定书文号", "示市监处罚〔2026〕8号"),
    ("facts", "违法事实", "未取得施工许可证擅自开工建设河道清淤工程第12标段，经责令改正后停工。"),
    ("content", "处罚内容", "罚款人民币贰万元整。"),
    ("legal_basis", "处罚依据", "《建设工程质量管理条例》第五十七条"),
)


def penalty(**changes: Any) -> dict[str, Any]:
    """A penalty with an objection under way and a statement; `text` takes the place of its
    number."""
    first, *others = _FIELDS
    shown = ((*first[:2], changes.pop("text", first[2])), *others)
    made = {
        "fields": [
            {"code": code, "title": title, "value": text, "text": text, "standard_code": None}
            for code, title, text in shown
        ],
        "marks": examples.RECORD["marks"],
        "statement": examples.RECORD["statement"],
        "archive": {"sha256_salted": "3f" * 32, "received_at": "2026-06-03T01:20:30.000Z"},
        "subject_code": "91320100MA00000000",
        **changes,
    }
    return record_document(**made)


def breach(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A dishonesty record of the bureau of transport."""
    text = f"未按合同约定支付示例大道改造工程第{number}期款，经法院判决后仍未履行"
    made = {
        "id": f"r_breach{number}",
        "type": "contract_breach",
        "type_title": "合同违约",
        "category": "breach",
        "category_title": "违约失信信息",
        "dishonesty": True,
        "severity": "serious" if number % 3 == 0 else "general",
        "severity_title": "严重" if number % 3 == 0 else "一般",
        "subject_code": BUREAU,
        "subject_name": "示例市交通运输局",
        "subject_kind": "department",
        "occurred_on": f"202{number % 6}-03-{number % 27 + 1:02d}",
        "text": text,
        **changes,
    }
    return record_document(**made)


def honour(**changes: Any) -> dict[str, Any]:
    """A commendation of the bureau."""
    made = {
        "id": "r_honour",
        "type": "honour",
        "type_title": "表彰奖励",
        "category": "honour",
        "category_title": "荣誉信息",
        "severity": None,
        "severity_title": None,
        "subject_code": BUREAU,
        "subject_name": "示例市交通运输局",
        "text": "2025年度全市政务服务先进集体",
        "on_time": None,
        "publicity": {"last_day": None, "until": None, "repairable_from": None, "reasons": []},
        **changes,
    }
    return record_document(**made)


def result(period: str = "2025", score: str = "92.50", **changes: Any) -> dict[str, Any]:
    """The bureau's result of a year."""
    return {
        **examples.RESULT,
        "run": f"ev_nanjing-annual-{period}",
        "period": period,
        "score": score,
        "stale": None,
        **changes,
    }


def explanation() -> dict[str, Any]:
    """The newest result with its indicators."""
    leaf = examples.EXPLANATION["indicators"][0]
    points = (("双公示", "20", "18.50"), ("合同履约", "25", "19"), ("司法判决履行", "20", "20"))
    points += (("政务公开", "15", "14.2"), ("信访与投诉办理", "20", "16"))
    return {
        "result": result(),
        "indicators": [
            {**leaf, "title": title, "weight": weight, "points": got}
            for title, weight, got in points
        ],
    }


def body_page(**changes: Any) -> dict[str, Any]:
    """The bureau's page."""
    faults, praised = [breach(2), breach(3)], [honour()]
    licences = [
        record_document(
            id=f"r_licence{number}",
            type="administrative_licence",
            type_title="行政许可",
            category="licence",
            category_title="行政许可信息",
            severity=None,
            severity_title=None,
            text=f"道路货物运输经营许可 示运许〔2026〕{number}号",
        )
        for number in range(3)
    ]
    return {
        **examples.BODY_PAGE,
        "categories": [
            _category(licences, 1_240),
        ],
        "dishonesty": {"count": 2, "records": faults},
        "honours": {"count": 1, "records": praised},
        **changes,
    }


def _category(records: list[dict[str, Any]], count: int) -> dict[str, Any]:
    first = records[0]
    return {
        "category": first["category"],
        "title": first["category_title"],
        "count": count,
        "records": records,
    }
