"""Say in Chinese, with a path through the YAML, what pydantic found wrong with a pack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pydantic import ValidationError

_REASONS: Mapping[str, str] = {
    "missing": "缺少必填的属性",
    "extra_forbidden": "未知的属性",
    "literal_error": "取值只能是 {expected}",
    "string_type": "应为文字",
    "string_pattern_mismatch": "格式不符，应匹配 {pattern}",
    "string_too_short": "不能为空",
    "string_too_long": "不能超过 {max_length} 个字符",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_parsing_size": "数字过大",
    "int_from_float": "应为整数",
    "finite_number": "应为有限的数字",
    "decimal_max_digits": "数字的位数过多",
    "too_long": "最多 {max_length} 项",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "date_from_datetime_parsing": "应为 YYYY-MM-DD 形式的日期",
    "date_from_datetime_inexact": "应为 YYYY-MM-DD 形式的日期",
    "date_type": "应为 YYYY-MM-DD 形式的日期",
    "date_parsing": "应为 YYYY-MM-DD 形式的日期",
    "decimal_type": "应为数字",
    "decimal_parsing": "应为数字",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "不能小于 {ge}",
    "less_than": "应小于 {lt}",
    "less_than_equal": "不能大于 {le}",
    "tuple_type": "应为列表",
    "dict_type": "应为“名称: 内容”的形式",
    "mapping_type": "应为“名称: 内容”的形式",
    "model_type": "应为“属性: 值”的形式",
    "model_attributes_type": "应为“属性: 值”的形式",
    "dataclass_type": "应为“属性: 值”的形式",
    "too_short": "至少要有 {min_length} 项",
    "union_tag_invalid": "kind 只能是 {expected_tags}",
    "union_tag_not_found": "缺少 kind",
}
_OTHERWISE = "取值不符合要求"


def explain(error: ValidationError, source: object) -> Iterator[tuple[str, str]]:
    """(path, reason) for each error; positions in lists are named by the entry's `code`."""
    for detail in error.errors(include_url=False, include_input=False):
        template = _REASONS.get(detail["type"], _OTHERWISE)
        context = {name: _listed(value) for name, value in detail.get("ctx", {}).items()}
        yield _path(detail["loc"], source), template.format(**context)


def _listed(value: object) -> object:
    """The choices pydantic lists in English, as a Chinese list."""
    if not isinstance(value, str) or "'" not in value:
        return value
    return value.replace("' or '", "、").replace("', '", "、").replace("'", "")


def _path(location: Sequence[int | str], source: object) -> str:
    names: list[str] = []
    for step in location:
        if isinstance(step, int):
            source = source[step] if isinstance(source, (list, tuple)) else None
            code = source.get("code") if isinstance(source, Mapping) else None
            names.append(str(code or step))
            continue
        if isinstance(source, Mapping) and step not in source and _is_tag(step, source):
            continue  # the name of a union member, which the YAML does not spell out
        source = source.get(step) if isinstance(source, Mapping) else None
        if step != "[key]":
            names.append(str(step))
    return ".".join(names)


def _is_tag(step: str, source: Mapping[str, object]) -> bool:
    return source.get("kind") == step
