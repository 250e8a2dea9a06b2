"""Dishonesty records about bodies of government: breaches, judgments, accountability and the rest.

They fall on bodies of poor conduct far more often than on good ones, with and without both notices
delivered, so that some are public and some may not be yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from infra.local.sample.city import Body, Firm, Person, bodies, body_named, firms, residents
from infra.local.sample.frame import SampleRecord, Value, Window, notices, stream, subject_of

_SEVERITIES = ("minor", "minor", "general", "general", "general", "serious")
_BREACHES = (
    ("arrears", "procurement", "未按合同约定支付已验收货物的价款"),
    ("unfulfilled_promise", "investment_promotion", "承诺的扶持资金逾期未兑现"),
    ("disowned_by_successor", "government_investment", "以负责人变动为由不履行合同"),
    ("contract_breach", "ppp", "单方面停止执行特许经营协议"),
    ("business_environment", "bidding", "在招标文件中设置不合理的限制条件"),
)
_JUDGMENTS = (
    ("administrative", "act_unlawful", "被告未在法定期限内履行信息公开职责"),
    ("administrative", "duty_ordered", "责令被告对原告的申请作出处理"),
    ("civil", "liability", "被告应承担逾期付款的违约责任"),
    ("compensation", "compensation", "违法行政行为造成损失，判令赔偿"),
)
_ACCOUNTABILITY = (
    ("interview", "政务公开连续两个季度不达标"),
    ("criticism", "对群众投诉长期不予办理"),
    ("inspection", "落实整改要求不力"),
    ("reorganisation", "领导班子严重失职，造成恶劣影响"),
)
_STAGES = ("performance", "acceptance", "payment")
_FABRICATIONS = (
    ("interference", "授意企业虚报产值"),
    ("failed_oversight", "对下级虚报数据监管失察"),
    ("refused", "拒绝提供统计资料"),
)


@dataclass(frozen=True, slots=True)
class _Kind:
    """One type: how many, who reports it, and how one is filled in."""

    type: str
    count: int
    reporter: str
    fill: Callable[[Body, Body, date, int, Random], dict[str, Value]]
    number_field: str


def dishonesty(window: Window) -> Iterator[SampleRecord]:
    """All dishonesty records about bodies, and defaulters of every kind."""
    for kind in _KINDS:
        random = stream(kind.type)
        reporter = body_named(kind.reporter)
        for number in range(1, kind.count + 1):
            body, day = _blamed(random), window.any_day(random)
            fields = kind.fill(body, reporter, day, number, random)
            told = notices(window, day, str(fields[kind.number_field]), random)
            yield SampleRecord(reporter.code, kind.type, subject_of(body), fields, told)
    yield from _defaulters(window)


def _blamed(random: Random) -> Body:
    return random.choice([body for body in bodies() for _ in range((16, 5, 1, 0)[body.conduct])])


def _breach(body: Body, by: Body, day: date, number: int, random: Random) -> dict[str, Value]:
    kind, sphere, facts = random.choice(_BREACHES)
    severity = random.choice(_SEVERITIES)
    fields: dict[str, Value] = {
        "determination_number": f"{by.short}信认〔{day.year}〕{number}号",
        "breach_kind": kind,
        "sphere": sphere,
        "facts": facts,
        "severity": severity,
        "grave": severity == "serious",
        "determined_by": by.name,
        "determined_by_code": by.code,
        "determined_on": day.isoformat(),
    }
    if kind == "arrears":
        fields["amount_yuan"] = f"{random.randrange(20_000, 3_000_000)}.00"
    return fields


def _judgment(body: Body, by: Body, day: date, number: int, random: Random) -> dict[str, Value]:
    kind, outcome, summary = random.choice(_JUDGMENTS)
    return {
        "judgment_number": f"（{day.year}）示99行初{number}号",
        "judgment_url": f"https://www.example.com/judgments/{number}",
        "court": "示例市中级人民法院",
        "case_kind": kind,
        "outcome": outcome,
        "states_dishonesty": True,
        "summary": summary,
        "severity": random.choice(_SEVERITIES),
        "effective_on": day.isoformat(),
    }


def _accountability(
    body: Body, by: Body, day: date, number: int, random: Random
) -> dict[str, Value]:
    place = min(random.randrange(4), random.randrange(4))
    measure, reason = _ACCOUNTABILITY[place]
    return {
        "decision_number": f"{by.short}问责〔{day.year}〕{number}号",
        "measure": measure,
        "reason": reason,
        "decided_by": by.name,
        "decided_on": day.isoformat(),
    }


def _purchaser(body: Body, by: Body, day: date, number: int, random: Random) -> dict[str, Value]:
    return {
        "determination_number": f"{by.short}采认〔{day.year}〕{number}号",
        "project_number": f"SZCG-{day.year}-{number:04}",
        "project_name": random.choice(("办公设备采购", "信息系统运维服务", "物业服务采购")),
        "stage": random.choice(_STAGES),
        "facts": "验收合格后超过约定期限未付款",
        "amount_yuan": f"{random.randrange(10_000, 900_000)}.50",
        "severity": random.choice(_SEVERITIES),
        "determined_by": by.name,
        "determined_on": day.isoformat(),
    }


def _fabrication(body: Body, by: Body, day: date, number: int, random: Random) -> dict[str, Value]:
    conduct, facts = random.choice(_FABRICATIONS)
    return {
        "case_number": f"{by.short}案〔{day.year}〕{number}号",
        "survey": random.choice(("规模以上工业统计", "固定资产投资统计")),
        "conduct": conduct,
        "facts": facts,
        "confirmed_by": by.name,
        "confirmed_on": day.isoformat(),
    }


_KINDS = (
    _Kind("commitment_breach", 70, "示例市发展和改革委员会", _breach, "determination_number"),
    _Kind("court_judgment", 60, "示例市司法局", _judgment, "judgment_number"),
    _Kind("accountability_decision", 30, "示例市监察委员会", _accountability, "decision_number"),
    _Kind("procurement_purchaser_breach", 36, "示例市财政局", _purchaser, "determination_number"),
    _Kind("statistics_fabrication", 12, "示例市统计局", _fabrication, "case_number"),
)


def _defaulters(window: Window) -> Iterator[SampleRecord]:
    """失信被执行人, as the bureau of justice gathers them: bodies, firms and residents."""
    random = stream("judgment_defaulter")
    bureau = body_named("示例市司法局")
    # A party organ cannot be one: the type does not name the kind.
    named = [body for body in bodies() if body.conduct == 0 and body.kind != "party_organ"]
    for number in range(1, 41):
        who: Body | Firm | Person
        if number % 5 == 0:
            who = random.choice(named)
        else:
            who = random.choice(residents()) if number % 5 == 1 else random.choice(firms())
        day = window.any_day(random)
        enforcement = f"（{day.year}）示99执{number}号"
        fields: dict[str, Value] = {
            "enforcement_number": enforcement,
            "judgment_number": f"（{day.year - 1}）示99民初{number}号",
            "court": "示例市中级人民法院",
            "duty": random.choice(("支付工程款", "返还保证金", "支付货款")),
            "performance": random.choice(("none", "none", "partial")),
            "listed_on": day.isoformat(),
        }
        if number % 8 == 0:
            fields["removed_on"] = (day + timedelta(days=200)).isoformat()
        told = notices(window, day, enforcement, random)
        yield SampleRecord(bureau.code, "judgment_defaulter", subject_of(who), fields, told)
