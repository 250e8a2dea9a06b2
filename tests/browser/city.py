"""What is public of a made-up city: its bodies, their records, an evaluation, a motion answered.

Documents as the projection hands them to the feed, in the order in which they come; then what
happens to some of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from chalicelib.feed.model import NewDocument, WithdrawalReason, document_id
from chalicelib.replica.examples_ratings import RATING_EXAMPLE
from tests.intake.town import BUREAU, CITY, EAST, HOUSING, JURISDICTION, body_code

Json = dict[str, Any]
PACK: Json = {"jurisdiction": JURISDICTION, "version": "2024-09-13"}
AS_OF = "2026-06-14T02:00:00.000Z"
ARCHIVE: Json = {"sha256_salted": "5e" * 32, "received_at": "2026-06-13T01:30:00.000Z"}
WEST, HILLS = "329902", "329921"
AREAS = {CITY: "示例市", EAST: "东城区", WEST: "西湖区", HILLS: "云岭县"}
GOVERNMENT, OFFICE = body_code(90), body_code(91)
TRANSPORT, MARKET, SCHOOLS = body_code(3), body_code(4), body_code(5)
EASTERN, WESTERN, HILLY, VILLAGE = (body_code(number) for number in (6, 7, 8, 9))
LEVELS = {"city": "市级", "county": "县级", "township": "乡级"}
FIRM = body_code(900, "91")


@dataclass(frozen=True)
class Withdrawn:
    """A document is taken back."""

    id: str
    version: int
    reason: WithdrawalReason = "withdrawn"


def record_id(name: str) -> str:
    """The id of a record by a name for it; looks like a real one."""
    return "r_" + hashlib.sha256(name.encode()).hexdigest()[:26]


BREACH, SERIOUS, JUDGMENT, HONOUR = map(record_id, ("breach", "ppp", "judgment", "honour"))
PERSON, ODD, GONE, ENDED = map(record_id, ("person", "odd", "gone", "ended"))
COMMITMENT = record_id("commitment")
RUN, EARLIER_RUN = "ev_nanjing-annual-2025", "ev_nanjing-annual-2024"
SUPERVISION = "c_5b1cqk3vwtz2m7h4n6p8rs2d4e"
ODD_TEXT = '<script>document.title="bad"</script><b onclick=x>&"\''

BODIES = (
    (GOVERNMENT, "示例市人民政府", "government", "city", CITY, ""),
    (OFFICE, "示例市信用办", "department", "city", CITY, GOVERNMENT),
    (BUREAU, "示例市综合执法局", "department", "city", CITY, GOVERNMENT),
    (HOUSING, "示例市住房局", "department", "city", CITY, GOVERNMENT),
    (TRANSPORT, "示例市交通运输局", "department", "city", CITY, GOVERNMENT),
    (MARKET, "示例市市场监督管理局", "department", "city", CITY, GOVERNMENT),
    (SCHOOLS, "示例市教育局", "department", "city", CITY, GOVERNMENT),
    (EASTERN, "示例市东城区人民政府", "government", "county", EAST, GOVERNMENT),
    (WESTERN, "示例市西湖区人民政府", "government", "county", WEST, GOVERNMENT),
    (HILLY, "示例市云岭县人民政府", "government", "county", HILLS, GOVERNMENT),
    (VILLAGE, "云岭县柳河镇人民政府", "government", "township", HILLS, HILLY),
)
NAMES = {code: name for code, name, *_ in BODIES}
KINDS = {"government": "政府", "department": "政府部门", "enterprise": "企业", "person": "自然人"}


def story() -> Iterator[NewDocument | Withdrawn]:
    """Everything that happens, in order."""
    yield from map(_body, BODIES)
    yield from _licences(40)
    yield from _penalties(12)
    yield from _named_records()
    yield from _evaluation(EARLIER_RUN, "2024", "2025-03-01", 0)
    yield from _evaluation(RUN, "2025", "2026-03-01", 1)
    yield _supervision()
    yield _rating()
    yield Withdrawn(GONE, 2)
    yield record("breach", **_BREACH, **_ANNOTATIONS, version=2)


def _body(row: tuple[str, str, str, str, str, str]) -> NewDocument:
    code, name, kind, level, region, above = row
    document: Json = {
        "code": code,
        "name": name,
        "kind": kind,
        "kind_title": KINDS[kind],
        "region": region,
        "region_title": AREAS[region],
        "level": level,
        "level_title": LEVELS[level],
        "superior": {"code": above, "name": NAMES[above]} if above else None,
        "registered": True,
        "as_of": AS_OF,
    }
    return NewDocument(document_id("subject", code), "subject", 1, document)


# -- records --------------------------------------------------------------------------------------


def record(name: str, *, day: date, version: int = 1, **given: Any) -> NewDocument:
    """A record; `given` are members of its document, or short for them (`code`, `who`, `kind` of
    the subject, `reporter`, `facts`: title -> text, `until`)."""
    document: Json = {
        "id": record_id(name),
        "version": version,
        "type": "administrative_licence",
        "type_title": "行政许可",
        "category": "double_publicity",
        "category_title": "双公示信息",
        "dishonesty": False,
        "severity": None,
        "severity_title": None,
        "occurred_on": day.isoformat(),
        "reported_on": (day + timedelta(days=3)).isoformat(),
        "due_on": (day + timedelta(days=7)).isoformat(),
        "on_time": None,
        "archive": ARCHIVE,
        "notices": None,
        "marks": [],
        "statement": None,
        "pack": PACK,
        "as_of": AS_OF,
    }
    code, region = given.pop("code", FIRM), given.pop("region", CITY)
    kind = given.pop("kind", "enterprise")
    reporter = given.pop("reporter", BUREAU)
    until = given.pop("until", "")
    who = given.pop("who", "") or NAMES.get(code, "示例市新开张食品有限公司")
    document |= {
        "subject": {"code": code, "name": who, "kind": kind, "kind_title": KINDS[kind]},
        "reporter": {"code": reporter, "name": NAMES[reporter]},
        "region": region,
        "region_title": AREAS[region],
        "fields": [_field(*row) for row in given.pop("facts")],
        "publicity": {
            "last_day": until[:10] or None,
            "until": until or None,
            "repairable_from": given.pop("repairable_from", None),
            "reasons": [{"code": "scope_public", "text": "归集目录规定公开，依据：市政府文件"}],
        },
    }  # fmt: skip
    document |= given
    return NewDocument(document["id"], "record", version, document, until, until[:10])


def _field(code: str, title: str, text: str, standard: str | None = None) -> Json:
    return {"code": code, "title": title, "value": text, "text": text, "standard_code": standard}


_WORKS = ("食品销售经营", "户外广告设施", "道路挖掘", "建筑工程施工", "餐饮服务", "危险货物运输")


def _licences(count: int) -> Iterator[NewDocument]:
    for number in range(count):
        work, area = _WORKS[number % 6], list(AREAS)[number % 4]
        text = f"准予从事{work}，有效期三年"
        yield record(
            f"licence{number}",
            day=date(2026, 6, 12) - timedelta(days=number * 11),
            code=body_code(900 + number % 9, "91"),
            who=f"示例{work[:2]}第{number % 9}有限公司",
            reporter=(BUREAU, MARKET, TRANSPORT, HOUSING)[number % 4],
            region=area,
            on_time=number % 7 != 0,
            facts=[
                ("decision_number", "行政许可决定文书号", f"示许决〔2026〕{number}号", "XK_WSH"),
                ("content", "许可内容", text, "XK_NR"),
            ],
        )


_PENALTY = {
    "type": "administrative_penalty",
    "type_title": "行政处罚",
}


def _penalties(count: int) -> Iterator[NewDocument]:
    for number in range(count):
        yield record(
            f"penalty{number}",
            day=date(2026, 6, 1) - timedelta(days=number * 23),
            code=body_code(900 + number % 9, "91"),
            who=f"示例建设第{number % 9}有限公司",
            reporter=(BUREAU, MARKET)[number % 2],
            on_time=number % 5 != 0,
            severity=("minor", "general", "serious")[number % 3],
            severity_title=("轻微", "一般", "严重")[number % 3],
            until="2027-06-01T16:00:00.000Z",
            repairable_from="2026-09-01",
            facts=[
                ("document_number", "行政处罚决定书文号", f"示执罚〔2026〕{number}号", "CF_WSH"),
                ("facts", "违法事实", "未取得施工许可证擅自开工", "CF_SY"),
            ],
            **_PENALTY,
        )


_BREACH: Json = {
    "day": date(2026, 4, 20),
    "type": "commitment_breach",
    "type_title": "违约失信",
    "category": "social_integrity",
    "category_title": "社会诚信信息",
    "dishonesty": True,
    "severity": "general",
    "severity_title": "一般",
    "code": HOUSING,
    "kind": "department",
    "until": "2027-04-20T16:00:00.000Z",
    "repairable_from": "2026-10-20",
    "notices": {"decision_delivered_on": "2026-04-21", "repair_delivered_on": "2026-04-21"},
    "facts": [
        ("determination_number", "认定文书号", "示信认〔2026〕1号"),
        ("facts", "失信事实", "未按合同约定支付已验收保障房门窗的价款"),
        ("amount_yuan", "涉及金额（元）", "1860000"),
    ],
}
_ANNOTATIONS: Json = {
    "marks": [{"code": "objection", "text": "有异议", "since": "2026-06-10"}],
    "statement": {"text": "合同余款已于2026年6月10日付清。", "made_on": "2026-06-11"},
}


def _named_records() -> Iterator[NewDocument]:
    yield record("breach", **_BREACH)
    yield record("gone", **{**_BREACH, "day": date(2026, 5, 6), "code": SCHOOLS})
    ended = {"day": date(2025, 6, 1), "until": "2026-06-01T16:00:00.000Z", "code": TRANSPORT}
    yield record("ended", **{**_BREACH, **ended})
    serious = {
        "type": "ppp_breach", "type_title": "政府和社会资本合作失信违约", "day": date(2026, 3, 9),
        "severity": "serious", "severity_title": "严重", "code": WESTERN, "kind": "government",
        "region": WEST, "until": "2029-03-09T16:00:00.000Z",
        "facts": [("facts", "失信事实", "单方面终止污水处理特许经营协议，未依约补偿")],
    }  # fmt: skip
    yield record("ppp", **{**_BREACH, **serious})
    yield from _court_and_honours()
    yield record(
        "person", day=date(2026, 6, 8), code=None, who="张**", kind="person", on_time=True,
        facts=[("content", "许可内容", "准予从事网络预约出租汽车经营服务", "XK_NR")],
    )  # fmt: skip
    yield record(
        "odd", day=date(2026, 5, 30), who=f"示例{ODD_TEXT}有限公司", code=body_code(950, "91"),
        facts=[("content", "许可内容", ODD_TEXT * 3, "XK_NR")],
    )  # fmt: skip


def _court_and_honours() -> Iterator[NewDocument]:
    yield record(
        "judgment", day=date(2026, 2, 11), type="court_judgment", type_title="司法判决",
        category="lawful_administration", category_title="依法行政信息", dishonesty=True,
        severity="minor", severity_title="轻微", code=HILLY, kind="government", region=HILLS,
        reporter=GOVERNMENT, until="2027-02-11T16:00:00.000Z",
        facts=[
            ("judgment_number", "裁判文书号", "（2026）示01行终23号"),
            ("judgment_url", "裁判文书链接", "https://wenshu.court.gov.cn/"),
            ("outcome", "裁判结果", "确认行政协议违约，判令继续履行"),
        ],
    )  # fmt: skip
    yield record(
        "honour", day=date(2026, 5, 20), type="honour", type_title="表彰奖励", category="honour",
        category_title="诚实守信相关荣誉", code=HOUSING, kind="department", reporter=GOVERNMENT,
        facts=[
            ("honour_name", "荣誉名称", "政务服务先进集体"),
            ("decision_number", "表彰文号", "示政发〔2026〕12号"),
        ],
    )  # fmt: skip
    yield record(
        "commitment", day=date(2026, 1, 15), type="commitment", type_title="政务承诺",
        category="commitment", category_title="政务承诺信息", code=TRANSPORT, kind="department",
        reporter=TRANSPORT,
        facts=[
            ("content", "承诺内容", "2026年底前建成城东公交枢纽并投入使用"),
            ("due_on", "承诺期限", "2026-12-31"),
            ("status", "履行状态", "履行中"),
        ],
    )  # fmt: skip


# -- an evaluation, a supervision result ----------------------------------------------------------

_INDICATORS = (
    ("lawful_administration", "依法行政", 25),
    ("openness", "政务公开", 15),
    ("social_integrity", "社会诚信", 30),
    ("double_publicity", "双公示", 15),
    ("satisfaction", "群众满意度", 10),
    ("commitment", "守信践诺", 5),
)
_GRADES = ((90, "A", "优秀"), (80, "B", "良好"), (60, "C", "中等"), (0, "D", "差"))


def _evaluation(run: str, period: str, done_on: str, better: int) -> Iterator[NewDocument]:
    at = f"{done_on}T01:00:00.000Z"
    scored = [(row, _lost(place, better)) for place, row in enumerate(BODIES)]
    results = []
    for group in LEVELS:
        ranked = sorted(((sum(lost), row, lost) for row, lost in scored if row[3] == group))
        for place, (gone, row, lost) in enumerate(ranked, start=1):
            view = _result(run, period, at, row, 100 - gone)
            view |= {"place": place, "place_of": len(ranked)}
            results.append(view)
            yield NewDocument(
                document_id("result", run, row[0]), "result", 1,
                {"result": view, "indicators": _indicators(row[0], lost)},
            )  # fmt: skip
    grades = [
        {"grade": grade, "title": title, "count": sum(one["grade"] == grade for one in results)}
        for _, grade, title in _GRADES
    ]
    document: Json = {
        "run": run, "title": "年度政务诚信评价", "jurisdiction": JURISDICTION, "scheme": "annual",
        "period": period, "first_day": f"{period}-01-01", "last_day": f"{period}-12-31",
        "completed_at": at, "bodies": len(results), "groups": list(LEVELS), "grades": grades,
        "pack": PACK, "results_digest": hashlib.sha256(run.encode()).hexdigest(),
        "stale_results": 0, "superseded_by": None,
    }  # fmt: skip
    yield NewDocument(document_id("run", run), "run", 1, document)


def _lost(place: int, better: int) -> list[int]:
    """Points a body loses by indicator."""
    return [(place * 7 + at * 3 + 2 - better) % (2 + weight // 4) for at, (*_, weight) in
            enumerate(_INDICATORS)]  # fmt: skip


def _result(run: str, period: str, at: str, row: Sequence[str], score: int) -> Json:
    code, name, kind, level, region, _ = row
    grade, title = next((grade, title) for least, grade, title in _GRADES if score >= least)
    return {
        "run": run, "title": "年度政务诚信评价", "period": period,
        "body": {"code": code, "name": name}, "kind": kind, "region": region, "level": level,
        "score": f"{score}.00", "grade": grade, "grade_title": title, "group": level,
        "stale": None, "as_of": at,
    }  # fmt: skip


def _indicators(code: str, lost: Sequence[int]) -> list[Json]:
    found = []
    for (name, title, weight), gone in zip(_INDICATORS, lost, strict=True):
        named: Mapping[str, list[str]] = {
            f"{HOUSING} social_integrity": [BREACH],
            f"{HILLY} lawful_administration": [JUDGMENT],
        }
        records = named.get(f"{code} {name}", [])
        leaf = {
            "code": f"{name}_records", "title": f"{title}记录", "weight": str(weight),
            "points": str(weight - gone), "rule": "按条扣分，扣完为止",
            "working": f"{weight} - {gone} = {weight - gone}",
            "record_count": len(records), "records": records, "children": [],
        }  # fmt: skip
        found.append(
            {**leaf, "code": name, "title": title, "rule": None, "working": None,
             "record_count": 0, "records": [], "children": [leaf]}
        )  # fmt: skip
    return found


def _supervision() -> NewDocument:
    document: Json = {
        "id": SUPERVISION, "version": 4, "kind": "npc_suggestion", "kind_title": "人大代表建议",
        "body": {"code": TRANSPORT, "name": NAMES[TRANSPORT]},
        "region": CITY, "region_title": AREAS[CITY], "published_on": "2026-06-12",
        "fields": [_field("result", "办理情况", "已优化公交站点12处并投入使用")],
        "basis": "代表法第五十一条", "pack": PACK, "as_of": AS_OF,
    }  # fmt: skip
    return NewDocument(document_id("supervision", SUPERVISION), "supervision", 4, document)


def _rating() -> NewDocument:
    """A university has rated the housing bureau in the year of the evaluation."""
    body = {"code": HOUSING, "name": "示例市住房局"}
    place = f"{RATING_EXAMPLE['system']}/2025/{HOUSING}"
    document = {**RATING_EXAMPLE, "id": place, "period": "2025", "body": body, "region": CITY}
    return NewDocument(document_id("rating", place), "rating", 1, document)
