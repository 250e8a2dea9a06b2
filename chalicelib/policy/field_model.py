"""One data item: of a record type in the catalog, or of an entry in a register."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field as Constrained

from chalicelib.policy.base import Code, Frozen, LegalBasis, Title

FieldKind = Literal[
    "text",
    "date",
    "amount_yuan",
    "amount_wan",
    "decimal",
    "integer",
    "enum",
    "unified_code",
    "citizen_code",
    "url",
    "boolean",
]
"""Stored as: text, ISO date, exact decimal text (yuan, 万元, plain), int, choice code, text, bool.

An enum with `multiple` is stored as its codes joined by commas in catalog order.
"""

FieldValue = str | int | bool

LONG_TERM = "2099-12-31"
"""How the double-publicity standard writes 长期 (no end)."""


class Choice(Frozen):
    """One value of an enum: stored by `code`, accepted by code, title or alias."""

    code: Code
    title: Title
    aliases: tuple[str, ...] = ()


class RequiredWhen(Frozen):
    """The field is required if `field` holds one of `values` (as stored)."""

    field: Code
    values: tuple[FieldValue, ...]


class Field(Frozen):
    """One data item of a record type."""

    code: Code
    title: Title
    kind: FieldKind = "text"
    required: bool = False
    required_when: RequiredWhen | None = None
    max_length: Annotated[int, Constrained(ge=1, le=10_000)] | None = None
    minimum: int | None = None
    maximum: int | None = None
    decimals: Annotated[int, Constrained(ge=0, le=8)] | None = None
    """For amounts and decimals; default 2 for yuan, 6 for 万元, 4 for plain decimals."""
    values: tuple[Choice, ...] = ()
    multiple: bool = False
    not_future: bool = False
    not_past: bool = False
    not_before: Code | None = None
    """The date may not be before the one in this field."""
    personal: bool = False
    """Personal data: sealed at rest, never in a message, log or URL."""
    public: bool = False
    """Shown where the record itself is public."""
    mask: Literal["name", "code", "hidden"] | None = None
    """How a personal field is masked where shown: name 张*, first six digits, or not at all."""
    aliases: tuple[str, ...] = ()
    """Names in the national data standard (XK_WSH ...), accepted as CSV columns."""
    example: FieldValue | None = None
    """A valid made-up value, for documentation and tests; dates may be `today` or `today-3`."""
    verified: bool = False
    note: str = ""
    basis: LegalBasis | None = None
    """Where this item comes from, if not from what it belongs to."""

    def text_of(self, value: FieldValue) -> str:
        """A value as people read it: choices by title, yes and no in words, amounts with unit, the
        last day of 2099 as 长期."""
        if self.kind == "boolean":
            return "是" if value is True else "否"
        if self.kind == "enum":
            titles = {choice.code: choice.title for choice in self.values}
            return "、".join(titles.get(code, code) for code in str(value).split(","))
        if self.kind == "date" and value == LONG_TERM:
            return "长期"
        unit = {"amount_yuan": "元", "amount_wan": "万元"}.get(self.kind, "")
        return f"{value}{unit}"


class Placeholder(Frozen):
    """What a data standard has written where there is no value. In the fields it is prescribed for
    it is the value; in every other field it is the same as an empty one."""

    value: Annotated[str, Constrained(min_length=1, max_length=16)]
    fields: tuple[Code, ...] = ()
    told_apart_by: tuple[Code, ...] = ()
    """Fields that tell facts apart, too, where one of the natural key holds the placeholder."""
    basis: LegalBasis
