"""What must hold in a pack beyond its shape. Pure: from a pack to (path, reason) pairs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import pairwise

from chalicelib.policy.base import SEVERITIES, Frozen, LegalBasis
from chalicelib.policy.model import Pack, PublicityRule, PublicityRuleSet, RecordType, TermKey
from chalicelib.policy.rules_case_kinds import check_case_kind
from chalicelib.policy.rules_measures import check_measures
from chalicelib.policy.rules_programme import check_programme
from chalicelib.policy.rules_schemes import check_scheme
from chalicelib.policy.rules_types import Finding, check_type
from chalicelib.policy.rules_warnings import check_warning_rule
from chalicelib.policy.rules_warnings import drafted_warning_rule as drafted_warning_rule

_SATURDAY = 5


def check_pack(pack: Pack) -> Iterator[Finding]:
    """Every rule broken in a pack that already has the right shape."""
    for code, record_type in pack.types.items():
        yield from _under(f"types.{code}", check_type(pack, record_type))
        yield from _under(f"types.{code}", _check_publicity_of(pack, record_type))
    for code, rule in pack.publicity.items():
        yield from _under(f"publicity.{code}", _check_publicity(rule))
    for code, scheme in pack.schemes.items():
        yield from _under(f"schemes.{code}", check_scheme(pack, scheme))
    yield from check_programme(pack)
    for code, kind in pack.case_kinds.items():
        yield from _under(f"case_kinds.{code}", check_case_kind(pack, kind))
    for code, warning_rule in pack.warning_rules.items():
        yield from _under(f"warning_rules.{code}", check_warning_rule(pack, warning_rule))
    yield from check_measures(pack)
    yield from _check_calendar(pack)
    yield from _check_regions(pack)
    for path, basis in _bases(pack):
        yield from _under(path, check_basis(basis))


def check_basis(basis: LegalBasis) -> Iterator[Finding]:
    """A basis marked verified must say what was read where."""
    if basis.verified and not basis.document:
        yield "document", "标为已核实（verified: true），却没有写文件名称"
    if basis.verified and not (basis.clause or basis.note):
        yield "clause", "标为已核实（verified: true），却没有写条款或出处"


def _under(path: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    for inner, reason in findings:
        yield f"{path}.{inner}" if inner else path, reason


def _bases(value: object, path: str = "") -> Iterator[tuple[str, LegalBasis]]:
    """Every legal basis anywhere in a value, with its path; list entries go by their code."""
    if isinstance(value, LegalBasis):
        yield path, value
    elif isinstance(value, Frozen):
        for name in type(value).model_fields:
            yield from _bases(getattr(value, name), f"{path}.{name}".lstrip("."))
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _bases(inner, f"{path}.{name}")
    elif isinstance(value, tuple):
        for position, inner in enumerate(value):
            yield from _bases(inner, f"{path}.{getattr(inner, 'code', position)}")


def _check_publicity_of(pack: Pack, record_type: RecordType) -> Iterator[Finding]:
    """The type's publicity rule must exist, answer for each severity, and end before retention."""
    shown = "public" in {record_type.scope_for(kind) for kind in record_type.about}
    code = record_type.publicity_term
    if code is None:
        if shown:
            yield "publicity_term", "信息公开，却没有指定公示期规则"
        return
    rule = pack.publicity.get(code)
    if rule is None:
        yield "publicity_term", f"公示期规则 {code} 没有定义"
        return
    years = record_type.retention.years
    for rule_set in rule.rule_sets:
        severities = SEVERITIES if record_type.severity else (None,)
        terms = [rule_set.term(severity) for severity in severities]
        if None in terms:
            yield "severity", f"公示期规则 {rule_set.code} 缺少与该类信息失信等级对应的期限"
        longest = max((term.max_months or 0 for term in terms if term), default=0)
        if years is not None and longest > years * 12:
            reason = f"保存 {years} 年，短于公示期规则 {rule_set.code} 的 {longest} 个月"
            yield "retention.years", reason


def _check_publicity(rule: PublicityRule) -> Iterator[Finding]:
    if not rule.rule_sets:
        yield "rule_sets", "至少要有一套规则"
        return
    if rule.rule_sets[0].decided_from is not None:
        yield "rule_sets", "第一套规则应适用于此前的全部决定（不写 decided_from）"
    if rule.rule_sets[-1].decided_until is not None:
        yield "rule_sets", "最后一套规则应一直有效（不写 decided_until）"
    for before, after in pairwise(rule.rule_sets):
        ends, starts = before.decided_until, after.decided_from
        if ends is None or starts is None or starts != ends + timedelta(days=1):
            path = f"rule_sets.{after.code}.decided_from"
            yield path, f"应紧接 {before.code} 的截止日，不能有空档或重叠"
    for rule_set in rule.rule_sets:
        yield from _under(f"rule_sets.{rule_set.code}.terms", _check_terms(rule_set))


def _check_terms(rule_set: PublicityRuleSet) -> Iterator[Finding]:
    lower = 0
    keys: tuple[TermKey, ...] = (*SEVERITIES, "any")
    for key in keys:
        term = rule_set.terms.get(key)
        if term is None:
            continue
        if term.max_months is not None and (term.min_months or 0) > term.max_months:
            yield f"{key}.min_months", "最短公示期不能长于最长公示期"
        if key != "any" and (term.max_months or 1200) < lower:
            yield f"{key}.max_months", "失信越重，最长公示期不能越短"
        lower = term.max_months or lower
    if not rule_set.terms:
        yield "", "至少要有一个期限"


def _check_calendar(pack: Pack) -> Iterator[Finding]:
    seen: set[int] = set()
    for year in pack.calendar.years:
        path = f"calendar.{year.year}"
        if year.year in seen:
            yield path, "年份重复"
        seen.add(year.year)
        yield from _under(f"{path}.basis", check_basis(year.basis))
        for day in year.working_weekends:
            if day.weekday() < _SATURDAY:
                yield f"{path}.working_weekends", f"{day} 不是周末"
            if day in year.holidays:
                yield f"{path}.working_weekends", f"{day} 同时列为放假"
        for day in {*year.holidays, *year.working_weekends}:
            if day.year != year.year:
                yield path, f"{day} 不在 {year.year} 年内"


def _check_regions(pack: Pack) -> Iterator[Finding]:
    if pack.jurisdiction == "national" and pack.regions:
        yield "regions", "国家基础包适用于所有未列明的区划，不应列出区划"
    for code, region in pack.regions.items():
        if region.parent is not None and region.parent not in pack.regions:
            yield f"regions.{code}.parent", f"上级区划 {region.parent} 没有定义"
