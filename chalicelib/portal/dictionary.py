"""What is collected and shown, told from the catalog of a place: types of records with the fields
of them that are public. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from chalicelib.policy.model import Field, Pack, RecordType
from chalicelib.policy.service import catalog_of

_KINDS: Final = {
    "text": "文字",
    "date": "日期",
    "enum": "选项",
    "integer": "整数",
    "decimal": "小数",
    "amount_yuan": "金额（元）",
    "amount_wan": "金额（万元）",
    "boolean": "是否",
    "url": "网址",
    "unified_code": "统一社会信用代码",
    "region": "行政区划代码",
}


@dataclass(frozen=True, slots=True)
class FieldTold:
    """A field of a type, as it is told."""

    code: str
    title: str
    kind: str
    required: bool
    standard: str
    """Its names in the national data standard."""
    choices: str


@dataclass(frozen=True, slots=True)
class TypeTold:
    """A type of record that may be public, with its public fields."""

    code: str
    title: str
    category: str
    fields: tuple[FieldTold, ...]


def public_types(pack: Pack) -> Iterator[TypeTold]:
    """The types that may be public, in the order of the catalog."""
    for one in catalog_of(pack).types:
        if "public" in (one.disclosure.scope, one.disclosure.persons):
            yield _type(pack, one)


def _type(pack: Pack, one: RecordType) -> TypeTold:
    return TypeTold(
        code=one.code,
        title=one.title,
        category=pack.categories[one.category].title,
        fields=tuple(_field(field) for field in one.fields if field.public),
    )


def _field(field: Field) -> FieldTold:
    return FieldTold(
        code=field.code,
        title=field.title,
        kind=_KINDS.get(field.kind, field.kind),
        required=field.required,
        standard="、".join(field.aliases),
        choices="、".join(f"{choice.code} {choice.title}" for choice in field.values),
    )
