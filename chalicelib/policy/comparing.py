"""What changes, and for whom, between two packs: sentences for those who have to live with it.

Pure. Comparing never touches what was decided: records, cases and runs are pinned to their version
and are read with it (`service.pack_version`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from chalicelib.policy.base import AUDIENCES, Audience, Frozen
from chalicelib.policy.comparing_entries import compare_entries
from chalicelib.policy.comparing_parts import Found, Kind, compare_lists
from chalicelib.policy.comparing_types import compare_types
from chalicelib.policy.model import Pack
from chalicelib.policy.scheme import Indicator, Prior, Ratio, Scheme
from chalicelib.policy.wording import quoted, said


class Change(Frozen):
    """One thing that is different in the later pack, told to those it concerns."""

    affects: Audience
    section: str
    """The part of the pack (`types`, `mechanisms` ...)."""
    entry: str
    """The code of the entry in it; empty for the pack itself."""
    kind: Kind
    text: str
    """One Chinese sentence."""


def changes(before: Pack, after: Pack) -> tuple[Change, ...]:
    """Every difference between two packs, by audience, then in the order of the pack."""
    sections: Mapping[str, Iterator[Found]] = {
        "pack": _compare_head(before, after),
        "mechanisms": _compare_mechanisms(before, after),
        "types": compare_types(before, after),
        "publicity": _compare_publicity(before, after),
        "schemes": _compare_schemes(before, after),
        **compare_entries(before, after),
        "calendar": _compare_calendar(before, after),
    }
    found = chain.from_iterable(
        ((section, one) for one in each) for section, each in sections.items()
    )
    order = list(AUDIENCES)
    told = [
        Change(affects=affects, section=section, entry=entry, kind=kind, text=text)
        for section, (affects, entry, kind, text) in found
    ]
    return tuple(sorted(told, key=lambda change: order.index(change.affects)))


def _compare_head(before: Pack, after: Pack) -> Iterator[Found]:
    if before.document != after.document:
        old, new = said(before.document), said(after.document)
        yield "credit_office", "", "changed", (
            f"所依据的文件由《{old}》改为《{new}》" if old != new else "所依据文件的说明有变化"
        )
    for document in sorted(set(after.replaces) - set(before.replaces)):
        yield "credit_office", "", "added", f"{document} 同时废止"
    for document in sorted(set(before.replaces) - set(after.replaces)):
        yield "credit_office", "", "removed", f"不再写明废止 {document}"


def _compare_mechanisms(before: Pack, after: Pack) -> Iterator[Found]:
    known = {**before.mechanisms, **after.mechanisms}
    for code, mechanism in known.items():
        old, new = before.mechanisms.get(code), after.mechanisms.get(code)
        was, is_now = old.state if old else "off", new.state if new else "off"
        if was != is_now:
            kind: Kind = (
                "added" if was == "off" else "removed" if is_now == "off" else "changed"
            )
            text = f"“{mechanism.title}”由{_state(was)}改为{_state(is_now)}"
            for affects in mechanism.concerns:
                yield affects, code, kind, text
        elif old != new:
            yield "credit_office", code, "changed", f"“{mechanism.title}”的依据或说明有变化"


def _state(state: str) -> str:
    return f"“{said(state)}”"


def _compare_publicity(before: Pack, after: Pack) -> Iterator[Found]:
    for code in _codes(before.publicity, after.publicity):
        old, new = before.publicity.get(code), after.publicity.get(code)
        if old is None or new is None:
            title = (new or old or after.publicity[code]).title
            kind: Kind = "added" if old is None else "removed"
            yield "credit_office", code, kind, f"{_verb(kind)}公示期规则“{title}”"
            continue
        told = False
        terms, later = _terms(before, code), _terms(after, code)
        for name in _codes(terms, later):
            if terms.get(name) != later.get(name):
                told = True
                said_of = f"{quoted(terms.get(name))}改为{quoted(later.get(name))}"
                text = f"“{new.title}”{name}由{said_of}"
                yield from ((a, code, "changed", text) for a in _SEEN_BY)
        if old != new and not told:
            yield "credit_office", code, "changed", f"公示期规则“{new.title}”的依据或说明有变化"


_SEEN_BY: tuple[Audience, ...] = ("bodies", "public")


def _terms(pack: Pack, code: str) -> dict[str, str]:
    """What a rule says for each span of decision days and each severity."""
    found = {}
    for rule_set in pack.publicity[code].rule_sets:
        span = "".join(
            (
                f"{rule_set.decided_from}起" if rule_set.decided_from else "",
                f"至{rule_set.decided_until}止" if rule_set.decided_until else "",
            )
        )
        for severity, term in rule_set.terms.items():
            decided = f"{span}决定、" if span else ""
            found[f"（{decided}{said(severity)}）"] = said(term)
    return found


def _compare_schemes(before: Pack, after: Pack) -> Iterator[Found]:
    for code in _codes(before.schemes, after.schemes):
        old, new = before.schemes.get(code), after.schemes.get(code)
        scheme = new or old or after.schemes[code]
        whom: Audience = "officials" if scheme.of_persons else "bodies"
        if old is None or new is None:
            kind: Kind = "added" if old is None else "removed"
            yield whom, code, kind, f"{_verb(kind)}评价办法“{scheme.title}”"
        elif old != new:
            told = list(_compare_scheme(old, new))
            for text in told:
                yield whom, code, "changed", f"评价办法“{new.title}”：{text}"
            if not told:
                text = f"评价办法“{new.title}”的依据或说明有变化"
                yield "credit_office", code, "changed", text


_SCHEME_PARTS = {
    "title": "名称",
    "subjects": "评价对象",
    "period": "评价周期",
    "schedule": "评价时间",
    "total": "总分",
    "decimals": "小数位数",
    "rank_within": "排名范围",
    "peers_within": "比较范围",
    "grades": "等级",
    "notice": "公开前告知",
    "appeal": "申诉期限",
    "disclosure": "结果公开范围",
}


def _compare_scheme(old: Scheme, new: Scheme) -> Iterator[str]:
    for name, title in _SCHEME_PARTS.items():
        given, later = getattr(old, name), getattr(new, name)
        if said(given) != said(later):
            yield f"{title}由{quoted(given)}改为{quoted(later)}"
    yield from compare_lists("限制", old.vetoes, new.vetoes)
    was, is_now = dict(_indicators(old.indicators)), dict(_indicators(new.indicators))
    for path in _codes(was, is_now):
        before, after = was.get(path), is_now.get(path)
        if before is None and after is not None:
            yield f"新增指标“{after.title}”（{after.weight}分）"
        elif after is None and before is not None:
            yield f"取消指标“{before.title}”（{before.weight}分）"
        elif before is not None and after is not None:
            yield from _compare_indicator(before, after)


def _compare_indicator(before: Indicator, after: Indicator) -> Iterator[str]:
    if before.title != after.title:
        yield f"指标“{before.title}”更名为“{after.title}”"
    if before.weight != after.weight:
        yield f"指标“{after.title}”由{before.weight}分改为{after.weight}分"
    if _smoothing(before) != _smoothing(after):
        was, is_now = quoted(_smoothing(before)), quoted(_smoothing(after))
        yield f"指标“{after.title}”的小样本修正由{was}改为{is_now}"
    elif (before.source, before.score) != (after.source, after.score):
        yield f"指标“{after.title}”的取数或计分方法有变化"


def _smoothing(indicator: Indicator) -> Prior | None:
    return indicator.score.prior if isinstance(indicator.score, Ratio) else None


def _indicators(
    indicators: tuple[Indicator, ...], path: str = ""
) -> Iterator[tuple[str, Indicator]]:
    for indicator in indicators:
        here = f"{path}.{indicator.code}"
        yield here, indicator
        yield from _indicators(indicator.children, here)


def _compare_calendar(before: Pack, after: Pack) -> Iterator[Found]:
    was = {str(year.year): year for year in before.calendar.years}
    is_now = {str(year.year): year for year in after.calendar.years}
    for year in _codes(was, is_now):
        old, new = was.get(year), is_now.get(year)
        if old is None:
            yield "reporters", year, "added", f"{year}年放假安排已公布，期限不再是暂定"
        elif new is None:
            yield "reporters", year, "removed", f"{year}年放假安排取消，期限改为暂定"
        elif (old.holidays, old.working_weekends) != (new.holidays, new.working_weekends):
            yield "reporters", year, "changed", f"{year}年放假和调休安排有变化，期限随之重算"
        elif old != new:
            yield "credit_office", year, "changed", f"{year}年放假安排的依据有变化"


def _codes(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    """The codes of either, those of the earlier in their order, then the new ones."""
    return list(dict.fromkeys((*before, *after)))


def _verb(kind: Kind) -> str:
    return "新增" if kind == "added" else "取消"
