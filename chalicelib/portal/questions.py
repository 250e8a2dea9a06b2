"""A search as a form sends it: empty fields mean nothing, what is wrong is said on the page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from chalicelib.policy.base import SEVERITIES
from chalicelib.replica.queries import Filter, RecordQuery, words_of

_CODE = re.compile(r"[0-9A-Z]{18}", re.ASCII)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
_REGION = re.compile(r"[0-9]{6}", re.ASCII)
_EQUAL: tuple[Filter, ...] = ("type", "category", "severity", "reporter")


def tidied(query: Mapping[str, str]) -> dict[str, str]:
    """The fields without spaces around them, codes in capitals."""
    found = {name: value.strip() for name, value in query.items()}
    return {**found, **{name: found[name].upper() for name in ("subject", "reporter")}}


def problems_of(query: Mapping[str, str]) -> tuple[str, ...]:
    """What is wrong with a tidied question, in words for who asked it."""
    checks = (
        (_fits(_CODE, query["subject"]), "主体的统一社会信用代码应为18位数字和大写字母"),
        (_fits(_CODE, query["reporter"]), "报送单位的代码应为18位数字和大写字母"),
        (_fits(_NAME, query["type"]), "没有这种信息类型"),
        (_fits(_NAME, query["category"]), "没有这种信息类别"),
        (_fits(_REGION, query["region"]), "行政区划代码应为6位数字"),
        (query["severity"] in ("", *SEVERITIES), "失信等级只有轻微、一般、严重"),
        (query["dishonesty"] in ("", "true", "false"), "“是否失信”只能是 true 或 false"),
        (_is_day(query["from"]), "起始日期应写作 2026-01-31 的形式"),
        (_is_day(query["to"]), "截止日期应写作 2026-01-31 的形式"),
    )
    found = [words for right, words in checks if not right]
    if not found and query["from"] and query["to"] and query["from"] > query["to"]:
        found.append("起始日期晚于截止日期")
    return tuple(found)


def _fits(pattern: re.Pattern[str], value: str) -> bool:
    return not value or pattern.fullmatch(value) is not None


def _is_day(value: str) -> bool:
    if not value:
        return True
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def record_query(query: Mapping[str, str]) -> RecordQuery:
    """The question to the replica of a tidied one without problems. Raises Invalid for words the
    API would refuse, too."""
    return RecordQuery(
        text=words_of(query["q"] or None, "q"),
        subject=query["subject"],
        equal={name: query[name] for name in _EQUAL if query[name]},
        dishonesty=query["dishonesty"] == "true" if query["dishonesty"] else None,
        region=query["region"],
        first_day=query["from"],
        last_day=query["to"],
    )
