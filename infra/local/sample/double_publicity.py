"""Licences and penalties (双公示).

Whether one was on time is for the platform to find: it counts to the day of receipt. So what is on
time was decided in the days before loading; what a few slow agencies send in from the two years
before that is late.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from infra.local.sample.city import Body, Firm, Person, bodies, firms, reporters, residents
from infra.local.sample.frame import SampleRecord, Value, Window, notices, stream, subject_of

_RECENT_DAYS = 9
"""Seven working days are never fewer than nine calendar days."""
_LATE_SHARE = 3
"""One in so many is late."""
_NO_DECISIONS = frozenset({"府", "信用", "公管", "监", "财", "统", "司"})
_SLOW = (
    "示例市城市管理局",
    "示例市住房和城乡建设局",
    "示例市农业农村局",
    "示例市南湖区市场监督管理局",
    "示例市云岭县行政审批局",
)

# (document, certificate, content)
_LICENCES = (
    ("准予行政许可决定书", "食品经营许可证", "准予从事食品销售经营"),
    ("准予行政许可决定书", "道路运输经营许可证", "准予从事普通货物道路运输"),
    ("建设工程规划许可决定书", "建设工程规划许可证", "准予按批准图纸建设厂房一栋"),
    ("准予行政许可决定书", "公共场所卫生许可证", "准予从事住宿场所经营"),
    ("排污许可决定书", "排污许可证", "准予按许可限值排放水污染物"),
    ("准予行政许可决定书", "户外广告设置许可证", "准予设置户外广告一处"),
)
# (kind of violation, facts, category, content, fine in 万元)
_PENALTIES = (
    (
        "未按规定公示收费标准",
        "经查，当事人未在营业场所公示收费标准",
        "fine",
        "罚款人民币二千元",
        "0.2",
    ),
    ("未落实进货查验制度", "经查，当事人未查验供货者的许可证明", "warning", "警告", ""),
    ("超标排放污染物", "经监测，当事人排放口数值超过许可限值", "fine", "罚款人民币五万元", "5"),
    ("占道经营", "经查，当事人在门窗外墙外摆卖物品", "fine", "罚款人民币五百元", "0.05"),
    ("无证从事建设活动", "经查，当事人未取得许可即开工建设", "suspension", "责令停产停业", ""),
    ("出具失实检测数据", "经查，当事人出具的数据与原始记录不符", "restriction", "限制从业一年", ""),
)
_BLAMED_SHARE = 5
"""In so many hundredths of the late penalties a body of government is the counterpart."""


def double_publicity(window: Window, count: int) -> Iterator[SampleRecord]:
    """`count` licences and penalties, three to two."""
    random = stream("double_publicity")
    agencies = [body for body in reporters() if body.short[1:] not in _NO_DECISIONS]
    agencies = [body for body in agencies if body.kind == "department"]
    slow = [body for body in agencies if body.name in _SLOW]
    blamed = [body for body in bodies() if body.conduct == 0 and body.level != "township"]
    for number in range(1, count + 1):
        is_late = number % _LATE_SHARE == 0
        agency = random.choice(slow if is_late else agencies)
        day = window.any_day(random) if is_late else _recent_day(window, random)
        if number % 5 < 3:
            yield _licence(agency, _applicant(random), day, number, random)
        else:
            counterpart: Body | Firm | Person = _applicant(random)
            if is_late and random.randrange(100) < _BLAMED_SHARE and blamed:
                counterpart = random.choice(blamed)
            yield _penalty(window, agency, counterpart, day, number, random)


def _recent_day(window: Window, random: Random) -> date:
    days = (window.today - timedelta(days=back) for back in range(_RECENT_DAYS))
    return random.choice([day for day in days if day.weekday() < 5])


def _applicant(random: Random) -> Firm | Person:
    return random.choice(residents()) if random.randrange(12) == 0 else random.choice(firms())


def _category(counterpart: Body | Firm | Person) -> str:
    if isinstance(counterpart, Person):
        return "natural_person"
    return "sole_trader" if counterpart.kind == "sole_trader" else "legal_entity"


def _by(agency: Body) -> dict[str, Value]:
    return {
        "authority": agency.name,
        "authority_code": agency.code,
        "source_unit": agency.name,
        "source_unit_code": agency.code,
    }


def _licence(
    agency: Body, applicant: Firm | Person, day: date, number: int, random: Random
) -> SampleRecord:
    document, certificate, content = random.choice(_LICENCES)
    fields: dict[str, Value] = {
        "counterpart_category": _category(applicant),
        "document_name": document,
        "decision_number": f"{agency.short}许准〔{day.year}〕{number}号",
        "licence_category": random.choice(("ordinary", "ordinary", "verification", "registration")),
        "certificate_name": certificate,
        "certificate_number": f"SL{day.year}{number:06}",
        "content": content,
        "decided_on": day.isoformat(),
        "valid_from": day.isoformat(),
        "valid_until": (day + timedelta(days=365 * random.choice((1, 3, 5)))).isoformat(),
        "status": "valid",
        **_by(agency),
    }
    if isinstance(applicant, Firm) and random.randrange(4) == 0:
        fields["legal_representative"] = f"示例代表{random.randrange(1, 60):04}"
    return SampleRecord(agency.code, "administrative_licence", subject_of(applicant), fields)


def _penalty(
    window: Window,
    agency: Body,
    counterpart: Body | Firm | Person,
    day: date,
    number: int,
    random: Random,
) -> SampleRecord:
    violation, facts, category, content, fine = random.choice(_PENALTIES)
    decision = f"{agency.short}罚〔{day.year}〕{number}号"
    fields: dict[str, Value] = {
        "counterpart_category": _category(counterpart),
        "decision_number": decision,
        "violation_kind": violation,
        "facts": facts,
        "grounds": "依据有关法律条款",
        "penalty_category": category,
        "content": content,
        "decided_on": day.isoformat(),
        **_by(agency),
    }
    if fine:
        fields["fine_wan"] = fine
    return SampleRecord(
        agency.code,
        "administrative_penalty",
        subject_of(counterpart),
        fields,
        notices(window, day, decision, random) if fine or category != "warning" else {},
    )
