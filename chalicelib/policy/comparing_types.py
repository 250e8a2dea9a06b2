"""What changes in the catalog (归集目录) between two packs: types and their fields."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from chalicelib.policy.base import GOVERNMENT_BODIES, OFFICIALS, Audience, Frozen
from chalicelib.policy.comparing_parts import REST, Found, Parts, compare_lists, compare_parts
from chalicelib.policy.model import Exclusion, Field, Pack, RecordType

_TYPE: Final[Parts] = MappingProxyType(
    {
        "title": ("名称", "reporters"),
        "category": ("归入的类别", "credit_office"),
        "about": ("适用主体", "reporters"),
        "reported_by": ("报送单位", "reporters"),
        "reporters": ("可以报送的角色", "reporters"),
        "registration": ("主体登记要求", "reporters"),
        "dishonesty": ("是否属于政务失信记录", None),
        "dishonesty_about": ("属于政务失信记录的主体", None),
        "natural_key": ("区分各条的字段", "reporters"),
        "placeholder": ("没有内容时的写法", "reporters"),
        "date_field": ("决定或发生日期取自", "reporters"),
        "time_limit": ("报送时限", "reporters"),
        "update_frequency": ("更新频率", "reporters"),
        "notice_required": ("是否须两书同达后公示", "reporters"),
        "disclosure": ("公开范围", "public"),
        "publicity_term": ("公示期规则", "public"),
        "publicity_end_field": ("提前截止公示的日期", "public"),
        "severity": ("失信等级的确定", None),
        "retention": ("保存期限", None),
    }
)
_FIELD: Final[Parts] = MappingProxyType(
    {
        "title": ("名称", "reporters"),
        "kind": ("类型", "reporters"),
        "required": ("是否必填", "reporters"),
        "required_when": ("必填条件", "reporters"),
        "max_length": ("最大长度", "reporters"),
        "minimum": ("最小值", "reporters"),
        "maximum": ("最大值", "reporters"),
        "decimals": ("小数位数", "reporters"),
        "values": ("选项", "reporters"),
        "multiple": ("是否可多选", "reporters"),
        "not_future": ("是否不得晚于当天", "reporters"),
        "not_past": ("是否不得早于当天", "reporters"),
        "not_before": ("不得早于", "reporters"),
        "aliases": ("别名", "reporters"),
        "public": ("是否公开", "public"),
        "mask": ("遮蔽方式", "public"),
        "personal": ("是否个人信息", "credit_office"),
    }
)


def compare_types(before: Pack, after: Pack) -> Iterator[Found]:
    """Every difference of the record types, told to those it concerns."""
    for code in dict.fromkeys((*before.types, *after.types)):
        old, new = before.types.get(code), after.types.get(code)
        if old is None and new is not None:
            yield from ((whom, code, "added", text) for whom, text in _whole(new, "新增"))
        elif new is None and old is not None:
            yield from ((whom, code, "removed", text) for whom, text in _whole(old, "取消"))
        elif old is not None and new is not None and old != new:
            found = list(_compare(old, new))
            for whom, text in found or [("credit_office", REST)]:
                yield whom, code, "changed", f"“{new.title}”的{text}"


def _whole(record_type: RecordType, verb: str) -> Iterator[tuple[Audience, str]]:
    """What it means that a type is there, or is no longer there."""
    title = record_type.title
    yield "reporters", f"{verb}信息类型“{title}”，由{record_type.reported_by}报送"
    if record_type.dishonesty or record_type.dishonesty_about:
        for whom in _subjects(record_type):
            yield whom, f"{verb}政务失信记录“{title}”"
    elif "officials" in _subjects(record_type):
        yield "officials", f"信用档案中{verb}“{title}”"
    if record_type.disclosure.scope == "public":
        yield "public", f"{verb}公开的信息“{title}”"


def _compare(old: RecordType, new: RecordType) -> Iterator[tuple[Audience, str]]:
    for name, text in compare_parts(old, new, _TYPE):
        whom = _TYPE[name][1]
        for one in (whom,) if whom else _subjects(new):
            yield one, text
    columns = (old.envelope_aliases, old.layouts)
    if columns != (new.envelope_aliases, new.layouts):
        yield "reporters", "列名或版式有变化"
    for text in compare_lists("不得报送的情形", _named(old.exclusions), _named(new.exclusions)):
        yield "reporters", f"规定有变化：{text}"
    for text in compare_lists("不公示的情形", _named(old.withholdings), _named(new.withholdings)):
        yield "public", f"规定有变化：{text}"
    if _without_basis(old.counterpart) != _without_basis(new.counterpart):
        yield "reporters", "行政相对人的识别方式有变化"
    if [*map(_without_basis, old.spellings)] != [*map(_without_basis, new.spellings)]:
        yield "reporters", "旧数据标准的取值读法有变化"
    yield from _compare_fields(old, new)


def _without_basis(rule: Frozen | None) -> object:
    return None if rule is None else rule.model_dump(exclude={"basis"})


def _named(rules: tuple[Exclusion, ...]) -> tuple[Field, ...]:
    """Exclusions as things with a title: the reason."""
    return tuple(
        Field(code=one.code, title=one.reason[:100], note=f"{one.field}{one.values}")
        for one in rules
    )


def _compare_fields(old: RecordType, new: RecordType) -> Iterator[tuple[Audience, str]]:
    was = {field.code: field for field in old.fields}
    is_now = {field.code: field for field in new.fields}
    for code in dict.fromkeys((*was, *is_now)):
        before, after = was.get(code), is_now.get(code)
        if before is None and after is not None:
            need = "必填" if after.required else "部分情形必填" if after.required_when else "选填"
            yield "reporters", f"字段中新增“{after.title}”（{need}）"
            if after.public and new.disclosure.scope == "public":
                yield "public", f"字段中新增公开的“{after.title}”"
        elif after is None and before is not None:
            yield "reporters", f"字段中取消“{before.title}”"
            if before.public and old.disclosure.scope == "public":
                yield "public", f"字段中不再公开“{before.title}”"
        elif before is not None and after is not None:
            for name, text in compare_parts(before, after, _FIELD):
                yield _FIELD[name][1] or "reporters", f"字段“{after.title}”{text}"


def _subjects(record_type: RecordType) -> tuple[Audience, ...]:
    """Whom records of the type are about."""
    about = set(record_type.about)
    found: list[Audience] = []
    if about & GOVERNMENT_BODIES:
        found.append("bodies")
    if about & OFFICIALS:
        found.append("officials")
    return tuple(found) or ("public",)
