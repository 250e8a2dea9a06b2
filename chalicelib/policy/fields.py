"""Check the fields of a record against its type, fast: the type is compiled once, rows are cheap.

Pure. What comes out is what is stored: text stripped, dates ISO, amounts exact decimal text, enums
as codes. Empty text and null count as absent. A field that is not in the catalog is refused: a
public body may not collect outside its catalog.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Protocol

from chalicelib.kernel.codes import CHECK_FAULTS
from chalicelib.kernel.errors import Fault
from chalicelib.policy.model import Field, FieldValue, RecordType, RequiredWhen
from chalicelib.policy.values import Refusal, converter

ENVELOPE: Mapping[str, tuple[str, ...]] = {
    "subject.name": ("subject_name", "主体名称"),
    "subject.unified_code": ("subject_unified_code", "主体统一社会信用代码", "统一社会信用代码"),
    "subject.citizen_code": ("subject_citizen_code", "主体公民身份号码", "公民身份号码"),
    "notices.decision_delivered_on": ("decision_delivered_on", "决定书送达日期"),
    "notices.repair_delivered_on": ("repair_delivered_on", "信用修复告知书送达日期"),
    "notices.proof": ("notice_proof", "送达证明"),
}
"""CSV columns every type takes: what identifies the subject, and delivery of the two notices."""

_MOST_HINTS = 512
_NAMED = 20
"""Unknown fields named one by one; the rest of a hopeless row is only counted."""


class Fielded(Protocol):
    """What has fields to check: a record type, or a register."""

    @property
    def title(self) -> str:
        """Its name in Chinese."""
        ...

    @property
    def fields(self) -> tuple[Field, ...]:
        """Its fields, in order."""
        ...


class Checker:
    """The compiled checks of one record type or register."""

    def __init__(self, record_type: Fielded) -> None:
        self.record_type = record_type
        fields = record_type.fields
        self._converters = {field.code: converter(field) for field in fields}
        self._titles = {field.code: field.title for field in fields}
        self._position = {f"/fields/{field.code}": at for at, field in enumerate(fields)}
        self._required = frozenset(field.code for field in fields if field.required)
        self._required_when: list[tuple[str, RequiredWhen]] = [
            (field.code, field.required_when) for field in fields if field.required_when
        ]
        self._not_future = tuple(field.code for field in fields if field.not_future)
        self._not_past = tuple(field.code for field in fields if field.not_past)
        self._not_before = tuple((f.code, f.not_before) for f in fields if f.not_before)
        self._names = _names(record_type)
        self._left_empty = _left_empty(record_type)
        rule = record_type.placeholder if isinstance(record_type, RecordType) else None
        self._nothing = rule.value if rule else ""
        self._may_be_nothing = frozenset(rule.fields if rule else ())
        self._hints: dict[str, str | None] = {}

    def normalise(
        self, raw: Mapping[str, object], today: date, allowed: Container[str] = ()
    ) -> tuple[dict[str, FieldValue], list[Fault]]:
        """The stored form of the good fields, and the faults of the others in catalog order.
        `allowed` holds genuine unified codes that fail their check."""
        values: dict[str, FieldValue] = {}
        faults: list[Fault] = []
        unknown: list[str] = []
        converters, nothing, keeping = self._converters, self._nothing, self._may_be_nothing
        for code, value in raw.items():
            convert = converters.get(code)
            if convert is None:
                unknown.append(code)
                continue
            if value is None:
                continue
            if type(value) is str:
                value = value.strip()
                if not value or (value == nothing and code not in keeping):
                    continue
            stored = convert(value)
            if isinstance(stored, Refusal):
                if stored.code in CHECK_FAULTS and (text := str(value).upper()) in allowed:
                    values[code] = text
                    continue
                faults.append(Fault(f"/fields/{code}", stored.code, stored.message))
            else:
                values[code] = stored
        self._relate(values, today.isoformat(), faults)
        if not self._required <= values.keys() or self._required_when:
            self._find_missing(values, faults)
        if unknown:
            self._name_unknown(unknown, faults)
        if len(faults) > 1:
            faults.sort(key=lambda fault: self._position.get(fault.pointer, len(converters)))
        return values, faults

    def _relate(self, values: dict[str, FieldValue], today: str, faults: list[Fault]) -> None:
        """Dates against today and against each other; ISO text compares as dates do."""
        late = [code for code in self._not_future if str(values.get(code, "")) > today]
        for code in late:
            message = f"“{self._titles[code]}”不能晚于今天"
            faults.append(Fault(f"/fields/{code}", "in_future", message))
        for code in self._not_past:
            if str(values.get(code, today)) < today:
                message = f"“{self._titles[code]}”不能早于今天"
                faults.append(Fault(f"/fields/{code}", "in_past", message))
        for code, other in self._not_before:
            value = values.get(code)
            if value is not None and str(value) < str(values.get(other, "")):
                message = f"“{self._titles[code]}”不能早于“{self._titles[other]}”"
                faults.append(Fault(f"/fields/{code}", "before_other", message))

    def _find_missing(self, values: dict[str, FieldValue], faults: list[Fault]) -> None:
        refused = {fault.pointer for fault in faults}
        for code in self.needed(values) - values.keys():
            pointer = f"/fields/{code}"
            if pointer not in refused:
                faults.append(Fault(pointer, "required", f"“{self._titles[code]}”必须填写"))

    def _name_unknown(self, names: Sequence[str], faults: list[Fault]) -> None:
        for name in names[:_NAMED]:
            shown = printable(name)
            message = f"“{self.record_type.title}”没有名为“{shown}”的字段"
            target = self.nearest(name)
            if target:
                code = target.removeprefix("fields.")
                title = self._titles.get(code)
                message += f"，是否应为 {code}（{title}）？" if title else (
                    f"，该内容应填在 {target}"
                )
            pointer = "/fields/" + shown.replace("~", "~0").replace("/", "~1")
            faults.append(Fault(pointer, "unknown_field", message))
        if len(names) > _NAMED:
            message = f"另有 {len(names) - _NAMED} 个未知字段"
            faults.append(Fault("/fields", "unknown_field", message))

    def nearest(self, name: str) -> str | None:
        """The target whose code, title or national alias is that name, or looks most like it."""
        key = _key(name)[:64]
        if key in self._names:
            return self._names[key]
        # A file repeats its wrong names row by row, and comparing costs ten times a good row.
        if key not in self._hints:
            if len(self._hints) >= _MOST_HINTS:
                self._hints.clear()
            close = get_close_matches(key, self._names, n=1, cutoff=0.75)
            self._hints[key] = self._names[close[0]] if close else None
        return self._hints[key]

    def is_blank(self, code: str, value: object) -> bool:
        """Whether a value as it was sent for that field counts as absent."""
        if not isinstance(value, str):
            return value is None
        text = value.strip()
        return not text or (text == self._nothing and code not in self._may_be_nothing)

    def needed(self, values: Mapping[str, FieldValue]) -> frozenset[str]:
        """The codes that have to be filled where these (stored) values are."""
        if not self._required_when:
            return self._required
        return self._required.union(
            code for code, rule in self._required_when if _holds(values.get(rule.field), rule)
        )

    def known(self, names: Sequence[str]) -> int:
        """See `known_columns`."""
        return sum(_key(name) in self._names for name in names)

    def columns(self, header: Sequence[str]) -> tuple[list[str], list[Fault]]:
        """See `column_map`."""
        targets: list[str] = []
        faults: list[Fault] = []
        for position, name in enumerate(header):
            target = self._names.get(_key(name), "")
            if not target:
                if _key(name) not in self._left_empty:
                    faults.append(self._unknown_column(position, name))
            elif target in targets:
                first = printable(header[targets.index(target)])
                message = f"第 {position + 1} 列“{printable(name)}”与“{first}”是同一字段"
                faults.append(Fault(f"/header/{position}", "duplicate_column", message))
            targets.append(target)
        for code in self._position:
            code = code.removeprefix("/fields/")
            if code in self._required and f"fields.{code}" not in targets:
                message = f"缺少必填列“{self._titles[code]}”（{code}）"
                faults.append(Fault("/header", "missing_column", message))
        if not {"subject.unified_code", "subject.citizen_code"} & set(targets):
            message = "缺少主体标识列：统一社会信用代码或公民身份号码"
            faults.append(Fault("/header", "missing_column", message))
        return targets, faults

    def _unknown_column(self, position: int, name: str) -> Fault:
        shown = printable(name)
        message = f"第 {position + 1} 列“{shown}”不是“{self.record_type.title}”的字段"
        nearest = self.nearest(name) if shown else None
        if nearest:
            message += f"，是否应为 {nearest.removeprefix('fields.')}？"
        return Fault(f"/header/{position}", "unknown_column", message)


def normalise(
    record_type: RecordType, raw: Mapping[str, object], today: date
) -> tuple[dict[str, FieldValue], list[Fault]]:
    """Check and convert the fields of one record; pointers are `/fields/<code>`.

    `today` is the civil date in Asia/Shanghai. A record is acceptable if there are no faults.
    """
    return checker_of(record_type).normalise(raw, today)


def column_map(record_type: RecordType, header: Sequence[str]) -> tuple[list[str], list[Fault]]:
    """What each CSV column fills: `fields.<code>`, or an envelope target like `subject.name`.

    Columns go by code, Chinese title or national alias, in any case. An unknown column has the
    target "" and a fault, one that a published standard has and this platform does not collect
    the target "" alone; duplicate and missing required columns are faults too. Pointers are
    `/header/<position from 0>`.
    """
    return checker_of(record_type).columns(header)


def known_columns(record_type: RecordType, names: Sequence[str]) -> int:
    """How many of these names are columns of the type: what tells a header from a title."""
    return checker_of(record_type).known(names)


def checker_of(record_type: Fielded) -> Checker:
    """The compiled checker of a type or register; callers with many rows may keep it."""
    known = _CHECKERS.get(id(record_type))
    if known is None or known.record_type is not record_type:
        if len(_CHECKERS) >= _MOST_CHECKERS:
            _CHECKERS.clear()
        known = _CHECKERS[id(record_type)] = Checker(record_type)
    return known


# By identity, because hashing a type costs more than checking a row. The checker holds the type,
# so an id in this dict cannot be given to another object.
_CHECKERS: dict[int, Checker] = {}
_MOST_CHECKERS = 1024


def printable(name: str) -> str:
    """A column or field name fit for a message: short, without invisible characters."""
    kept = "".join(character for character in name[:60] if character.isprintable()).strip()
    return kept + ("…" if len(name) > 60 else "")


def _names(record_type: Fielded) -> dict[str, str]:
    names: dict[str, str] = {}
    if isinstance(record_type, RecordType):  # an entry of a register has no envelope
        names = {_key(name): target for target, own in ENVELOPE.items() for name in (target, *own)}
        names.update({_key(name): to for name, to in record_type.envelope_aliases.items()})
    for field in record_type.fields:
        for name in (*field.aliases, field.title, field.code):
            names[_key(name)] = f"fields.{field.code}"
    return names


def _left_empty(record_type: Fielded) -> frozenset[str]:
    """Columns of published standards that this platform does not collect."""
    if not isinstance(record_type, RecordType):
        return frozenset()
    layouts = record_type.layouts.values()
    return frozenset(_key(name) for one in layouts for name, target in one.items() if not target)


def _key(name: str) -> str:
    return name.strip().lstrip("\ufeff").strip().casefold()


def _holds(value: FieldValue | None, rule: RequiredWhen) -> bool:
    if isinstance(value, str):
        return any(part in rule.values for part in (value, *value.split(",")))
    return value in rule.values
