"""Parts of a policy pack in plain Chinese, as people compare them: without basis and codes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import singledispatch
from types import MappingProxyType
from typing import Final

from chalicelib.policy.base import LEVEL_TITLES, SEVERITY_TITLES, SUBJECT_KINDS, Frozen, LegalBasis
from chalicelib.policy.field_model import Choice, RequiredWhen
from chalicelib.policy.measures import (
    EFFECT_TITLES,
    KIND_TITLES,
    LIFTED_TITLES,
    CaseGround,
    EvaluationGround,
    InScene,
    MeasureEnd,
    RatingGround,
    RecordGround,
)
from chalicelib.policy.model import Disclosure, Retention, SeverityRule, Term, TimeLimit
from chalicelib.policy.programme import RATING_TITLES, Rate, Target
from chalicelib.policy.scheme import Grade, Prior, Schedule, Veto
from chalicelib.policy.scheme_notice import AppealWindow, Notice
from chalicelib.policy.warnings import LEVEL_TITLES as WARNING_TITLES
from chalicelib.policy.warnings import METRIC_TITLES, WATCHED_TITLES, Hysteresis, Window

_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **SEVERITY_TITLES,
        **LEVEL_TITLES,
        **{str(kind): title for kind, title in SUBJECT_KINDS.items()},
        **{str(effect): title for effect, title in EFFECT_TITLES.items()},
        **{str(kind): title for kind, title in KIND_TITLES.items()},
        **{str(lift): title for lift, title in LIFTED_TITLES.items()},
        "allow": "可以",
        "any": "不分等级",
        "public": "公开",
        "shared": "授权共享",
        "internal": "不公开",
        "own": "本地文件自有",
        "base": "按法律和全国性文件执行",
        "off": "没有",
        "required": "主体须先登记",
        "first_sight": "首次出现时建立主体",
        "realtime": "实时",
        "daily": "每日",
        "weekly": "每周",
        "monthly": "每月",
        "quarterly": "每季度",
        "yearly": "每年",
        "dated": "有完成时限",
        "continuous": "持续实施",
        "unstated": "未写明时限",
        "agency": "各单位",
        "year": "每年",
        "half_year": "每半年",
        "quarter": "每季度",
        "month": "每月",
        "level": "级别",
        "kind": "类别",
        "text": "文字",
        "date": "日期",
        "amount_yuan": "金额（元）",
        "amount_wan": "金额（万元）",
        "decimal": "小数",
        "integer": "整数",
        "enum": "选项",
        "unified_code": "统一社会信用代码",
        "citizen_code": "公民身份号码",
        "url": "网址",
        "boolean": "是否",
        **{str(watched): title for watched, title in WATCHED_TITLES.items()},
        **WARNING_TITLES,
        **METRIC_TITLES,
        "about": "关于本单位的",
        "reported_by": "本单位报送的",
        "days": "日",
        "months": "个月",
        "credit_office": "信用办",
        "supervisor": "上级主管单位",
    }
)


@singledispatch
def said(value: object) -> str:
    """A value in words. Two values that read the same differ at most in their basis or notes."""
    return "未规定" if value in (None, "") else _WORDS.get(str(value), str(value))


def quoted(value: object) -> str:
    """A value in words, in quotation marks if there is one."""
    return "未规定" if said(value) == "未规定" else f"“{said(value)}”"


@said.register(bool)
def _(value: bool) -> str:
    return "是" if value else "否"


@said.register(tuple)
def _(value: tuple[object, ...]) -> str:
    return "、".join(said(item) for item in value) or "未规定"


@said.register(Mapping)
def _(value: Mapping[str, object]) -> str:
    return "、".join(f"{said(key)}：{said(item)}" for key, item in value.items()) or "未规定"


@said.register(Frozen)
def _(value: Frozen) -> str:
    parts = [
        getattr(value, name)
        for name in type(value).model_fields
        if name not in ("basis", "note", "verified", "code")
    ]
    return "，".join(said(part) for part in parts if part not in (None, (), "", {}))


@said.register(TimeLimit)
def _(value: TimeLimit) -> str:
    return f"{value.working_days}个工作日"


@said.register(Disclosure)
def _(value: Disclosure) -> str:
    return f"{said(value.scope)}，自然人{said(value.persons)}"


@said.register(Retention)
def _(value: Retention) -> str:
    return "随档案保存" if value.years is None else f"{value.years}年"


@said.register(SeverityRule)
def _(value: SeverityRule) -> str:
    parts = ["由报送单位填报"] if value.field else []
    parts += [f"按选项推定（{said(value.mapping)}）"] if value.mapping else []
    parts += [f"其余为{said(value.default)}"] if value.default else []
    for rule in value.earlier:
        mapped = said(rule.mapping) if rule.mapping else "不按选项"
        parts.append(f"{rule.decided_until}以前的决定另按{mapped}、其余为{said(rule.default)}")
    return "，".join(parts)


@said.register(Term)
def _(value: Term) -> str:
    if not value.published:
        return "默认不公示"
    least = f"最短{value.min_months}个月" if value.min_months is not None else "无最短期限"
    most = f"最长{value.max_months}个月" if value.max_months is not None else "无截止期"
    return f"{least}、{most}"


@said.register(Choice)
def _(value: Choice) -> str:
    return value.title


@said.register(RequiredWhen)
def _(value: RequiredWhen) -> str:
    return f"{value.field} 为 {'、'.join(said(item) for item in value.values)} 时必填"


@said.register(LegalBasis)
def _(value: LegalBasis) -> str:
    return f"{value.document}{value.clause}"


@said.register(Grade)
def _(value: Grade) -> str:
    return f"{value.title}（{value.at_least}分起）"


@said.register(Schedule)
def _(value: Schedule) -> str:
    return f"期满后第{value.months_after}个月{value.day}日{value.hour}时"


@said.register(Prior)
def _(value: Prior) -> str:
    rate = "同类单位合计的比率" if value.rate == "peers" else f"{value.rate}"
    return f"另计{value.strength}件、按{rate}"


@said.register(Veto)
def _(value: Veto) -> str:
    caps = [f"总分最高{value.total_at_most}分"] if value.total_at_most is not None else []
    caps += [f"等级最高为{value.grade_at_most}"] if value.grade_at_most is not None else []
    return f"{value.title}（达到{value.at_least}件，{'，'.join(caps)}）"


@said.register(Notice)
def _(value: Notice) -> str:
    return f"等级为{said(value.grades)}的，公开前{value.days}个工作日告知"


@said.register(AppealWindow)
def _(value: AppealWindow) -> str:
    return f"{value.days}个工作日"


@said.register(Rate)
def _(value: Rate) -> str:
    return f"达到{value.full_at}得满分{value.points}分"


@said.register(Target)
def _(value: Target) -> str:
    return f"{value.figure} 达到 {value.at_least}"


@said.register(Window)
def _(value: Window) -> str:
    return f"{value.amount}{said(value.unit)}"


@said.register(Hysteresis)
def _(value: Hysteresis) -> str:
    return f"低于阈值{value.margin}以上满{value.calm_days}日"


@said.register(InScene)
def _(value: InScene) -> str:
    return f"{EFFECT_TITLES[value.effect]}（{value.text}）"


_ENDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "publicity_term": "与公示期同时结束",
        "year": "当年年底结束",
        "case": "案件有结论时结束",
        "next_evaluation": "有新的评价结果时结束",
    }
)


@said.register(MeasureEnd)
def _(value: MeasureEnd) -> str:
    if value.when == "months":
        return f"{value.months}个月"
    longest = f"，最长{value.months}个月" if value.months is not None else ""
    return _ENDS[value.when] + longest


@said.register(RecordGround)
def _(value: RecordGround) -> str:
    severity = f"{said(value.severities)}等级的" if value.severities else ""
    return f"{severity}{said(value.types) if value.types else '失信记录'}"


@said.register(RatingGround)
def _(value: RatingGround) -> str:
    return f"评优限制（{RATING_TITLES[value.rating]}）"


@said.register(CaseGround)
def _(value: CaseGround) -> str:
    return f"案件（{said(value.states)}）"


@said.register(EvaluationGround)
def _(value: EvaluationGround) -> str:
    return f"评价结果（{said(value.grades) if value.grades else '各等级'}）"
