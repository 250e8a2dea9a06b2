"""Templates to fill in, per record type: the columns a file may have, and what belongs in them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from chalicelib.aws.platform import Platform
from chalicelib.kernel.errors import NotFound
from chalicelib.policy.base import PERSONS, LegalBasis
from chalicelib.policy.example import example_value
from chalicelib.policy.fields import ENVELOPE, column_map
from chalicelib.policy.model import Field, Pack, RecordType
from chalicelib.sheets.model import TemplateColumn
from chalicelib.sheets.rules import csv_line
from chalicelib.sheets.service import template_workbook

TemplateForm = Literal["csv", "xlsx"]
_DESIGN = 1
"""Counted up when templates with the same columns come out differently."""
_SECONDS = 300
_MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FORMS = {
    "text": "文本",
    "date": "日期，如 2026-03-01",
    "amount_yuan": "金额（元）",
    "amount_wan": "金额（万元）",
    "decimal": "数值",
    "integer": "整数",
    "enum": "从下拉列表选择",
    "unified_code": "18位统一社会信用代码",
    "citizen_code": "18位公民身份号码",
    "url": "网址",
    "boolean": "是或否",
}
_SUBJECT_NOTES = {
    "subject.name": "信息所涉单位或个人的全称",
    "subject.unified_code": "信息所涉单位的18位统一社会信用代码；涉及个人时不填",
    "subject.citizen_code": "信息所涉个人的18位公民身份号码；涉及单位时不填。平台加密保存，不外显",
    "notices.decision_delivered_on": "决定书送达当事人的日期",
    "notices.repair_delivered_on": "信用修复告知书送达当事人的日期",
    "notices.proof": "送达回证的文号或其他凭据",
}
_SUBJECT_EXAMPLES = {
    "subject.name": "示例单位",
    "subject.unified_code": "11329901MA00000158",
    "notices.decision_delivered_on": "2026-03-02",
    "notices.repair_delivered_on": "2026-03-02",
    "notices.proof": "送达回证〔2026〕1号",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One column of a template: what it fills, and its line in the notes."""

    target: str
    column: TemplateColumn
    form: str
    basis: str
    example: str


def template_link(
    platform: Platform, pack: Pack, record_type: RecordType, form: TemplateForm, layout: str
) -> str:
    """Where the template can be fetched for five minutes. It is made once per version of the
    policy. Raises NotFound for a layout the type does not have."""
    entries = entries_of(record_type, layout)
    name = f"{record_type.code}-{layout or 'template'}.{form}"
    content = repr((_DESIGN, pack.digest, entries)).encode()
    key = f"templates/{hashlib.sha256(content).hexdigest()}/{name}"
    # A link rather than the bytes: API Gateway hands out binary only where every request of the
    # API is taken for binary.
    if not platform.work.exists(key):
        body = template_bytes(pack, record_type, entries, form)
        platform.work.put_once(key, body, content_type=_MEDIA[form])
    return platform.work.presign_get(key, name, _SECONDS)


def template_bytes(
    pack: Pack, record_type: RecordType, entries: list[Entry], form: TemplateForm
) -> bytes:
    """The template itself."""
    if form == "csv":
        header = csv_line([entry.column.name for entry in entries])
        return b"\xef\xbb\xbf" + header.encode()
    columns = [entry.column for entry in entries]
    return template_workbook("填报", columns, list(_notes(pack, record_type, entries)))


def entries_of(record_type: RecordType, layout: str) -> list[Entry]:
    """The columns in the type's own order by title, or those of a published standard."""
    if layout and layout not in record_type.layouts:
        raise NotFound(f"“{record_type.title}”没有列名方案“{layout}”", code="unknown_layout")
    columns = record_type.layouts.get(layout) if layout else None
    if columns is not None:
        return [_entry(record_type, name, target) for name, target in columns.items()]
    targets = [*_envelope(record_type), *(f"fields.{field.code}" for field in record_type.fields)]
    return [_entry(record_type, _title(record_type, at), at) for at in targets]


def _envelope(record_type: RecordType) -> Iterator[str]:
    yield "subject.name"
    if not set(record_type.about) <= PERSONS:
        yield "subject.unified_code"
    if set(record_type.about) & PERSONS:
        yield "subject.citizen_code"
    if record_type.notice_required:
        yield from (target for target in ENVELOPE if target.startswith("notices."))


def _title(record_type: RecordType, target: str) -> str:
    """The Chinese name by which a column is known; the code where another column has that name."""
    part, _, code = target.partition(".")
    field = record_type.field(code) if part == "fields" else None
    names = (field.title, field.code) if field else (ENVELOPE[target][1], ENVELOPE[target][0])
    return next((one for one in names if column_map(record_type, [one])[0] == [target]), target)


def _entry(record_type: RecordType, name: str, target: str) -> Entry:
    part, _, code = target.partition(".")
    field = record_type.field(code) if part == "fields" else None
    if field is not None:
        return _field_entry(record_type, name, field)
    if not target:
        note = "本平台不收集，请留空"
        return Entry("", TemplateColumn(name, note), "", "", "")
    is_date = target.endswith("_on")
    form = _FORMS["date"] if is_date else _FORMS.get(code, _FORMS["text"])
    is_only_code = code.endswith("_code") and len(list(_subject_codes(record_type))) < 2
    note = f"{_SUBJECT_NOTES[target]}\n形式：{form}"
    column = TemplateColumn(name, note, code == "name" or is_only_code, is_date)
    return Entry(target, column, form, "", _SUBJECT_EXAMPLES.get(target, ""))


def _subject_codes(record_type: RecordType) -> Iterator[str]:
    return (target for target in _envelope(record_type) if target.endswith("_code"))


def _field_entry(record_type: RecordType, name: str, field: Field) -> Entry:
    form = _form(field)
    lines = [field.title] if field.title != name else []
    lines += [f"形式：{form}", _need(record_type, field)]
    if field.not_future:
        lines.append("不能晚于报送当天")
    if field.not_past:
        lines.append("不能早于今天")
    if field.not_before:
        other = record_type.field(field.not_before)
        lines.append(f"不能早于“{other.title if other else field.not_before}”")
    if field.note:
        lines.append(field.note)
    basis = _cited(field.basis) if field.basis else ""
    if basis:
        lines.append(f"依据：{basis}")
    choices = tuple(choice.title for choice in field.values)
    column = TemplateColumn(
        name=name,
        note="\n".join(lines),
        is_required=field.required,
        is_date=field.kind == "date",
        choices=("是", "否") if field.kind == "boolean" else () if field.multiple else choices,
    )
    return Entry(f"fields.{field.code}", column, form, basis, _example(field))


def _form(field: Field) -> str:
    form = _FORMS[field.kind]
    if field.kind == "enum" and field.multiple:
        titles = "、".join(choice.title for choice in field.values)
        form = f"可填多项，用逗号隔开：{titles}"
    if field.max_length:
        form += f"，不超过 {field.max_length} 字"
    if field.decimals is not None:
        form += f"，最多 {field.decimals} 位小数"
    bounds = [
        text.format(bound)
        for text, bound in (("不小于 {}", field.minimum), ("不大于 {}", field.maximum))
        if bound is not None
    ]
    return "，".join((form, *bounds))


def _need(record_type: RecordType, field: Field) -> str:
    if field.required:
        return "必填"
    rule = field.required_when
    if rule is None:
        return "可以不填"
    other = record_type.field(rule.field)
    if other is None:
        return "按情况必填"
    values = "、".join(other.text_of(value) for value in rule.values)
    return f"“{other.title}”为 {values} 时必填"


def _example(field: Field) -> str:
    """The example as a clerk would write it."""
    if field.example is None:
        return ""
    value = example_value(field)
    if field.kind == "enum":
        titles = {choice.code: choice.title for choice in field.values}
        return ",".join(titles.get(code, code) for code in str(value).split(","))
    return field.text_of(value) if field.kind == "boolean" else str(value)


def _cited(basis: LegalBasis) -> str:
    return f"{basis.document} {basis.clause}".strip() + ("" if basis.verified else "（待核实）")


def _notes(pack: Pack, record_type: RecordType, entries: list[Entry]) -> Iterator[tuple[str, ...]]:
    """The sheet 填写说明, one line a column; examples are made up and stand nowhere else."""
    yield (f"{pack.title}“{record_type.title}”填报说明（归集目录 {pack.version} 版）",)
    yield ("从“填报”表第2行起逐行填写，列名不要改动；加粗、黄底的列必须填写。",)
    yield ("代码、文号请按文本填写；不要使用公式、合并单元格；日期写成 2026-03-01。",)
    yield ("本页的示例都是虚构的，只供参考，不要当作数据报送。",)
    yield ("依据：" + "；".join(map(_cited, record_type.legal_basis)),)
    yield ()
    yield ("列", "必填", "形式", "说明", "依据", "示例（虚构）")
    for entry in entries:
        column = entry.column
        need = "必填" if column.is_required else "见说明" if "时必填" in column.note else ""
        yield (column.name, need, entry.form, column.note, entry.basis, entry.example)
