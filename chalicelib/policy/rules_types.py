"""What must hold for one entry of the catalog (归集目录)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from chalicelib.policy.base import PERSONS
from chalicelib.policy.example import example_value
from chalicelib.policy.fields import ENVELOPE
from chalicelib.policy.model import Exclusion, Field, Pack, RecordType, SeverityRule
from chalicelib.policy.values import DEFAULT_DECIMALS, Refusal, converter

Finding = tuple[str, str]
"""(path inside the entry, reason in Chinese)."""

_MOST_FIELDS = 80
_OWN_ADDRESSES = frozenset({"changes"})
"""What stands behind /v1/catalog/ and is no type."""


def check_type(pack: Pack, record_type: RecordType) -> Iterator[Finding]:
    """Every rule broken by one record type."""
    if record_type.category not in pack.categories:
        yield "category", f"类别 {record_type.category} 没有定义"
    if record_type.code in _OWN_ADDRESSES:
        yield "", f"{record_type.code} 是归集目录接口自己的地址，不能用作信息类型代码"
    if not record_type.about:
        yield "about", "没有写明关于哪类主体"
    if set(record_type.dishonesty_about) - set(record_type.about):
        yield "dishonesty_about", "列出的主体类别不在 about 之内"
    if not record_type.legal_basis:
        yield "legal_basis", "没有写明法律或文件依据"
    if not 0 < len(record_type.fields) <= _MOST_FIELDS:
        yield "fields", f"字段数应在 1 至 {_MOST_FIELDS} 之间"
    yield from _check_references(record_type)
    yield from _check_disclosure(record_type)
    yield from _check_dishonesty(record_type)
    yield from _check_names(record_type)
    yield from _check_layouts(record_type)
    yield from _check_counterpart(record_type)
    yield from _check_placeholder(record_type)
    for field in record_type.fields:
        for path, reason in _check_field(pack, record_type, field):
            yield f"fields.{field.code}.{path}" if path else f"fields.{field.code}", reason


def _check_references(record_type: RecordType) -> Iterator[Finding]:
    if not record_type.natural_key:
        yield "natural_key", "自然键不能为空，否则同一主体只能有一条这类信息"
    for code, count in Counter(record_type.natural_key).items():
        field = record_type.field(code)
        if field is None:
            yield "natural_key", f"字段 {code} 没有定义"
        elif not field.required:
            yield "natural_key", f"字段 {code} 属于自然键，必须是必填字段"
        if count > 1:
            yield "natural_key", f"字段 {code} 重复"
    occurred = record_type.field(record_type.date_field)
    if occurred is None or occurred.kind != "date" or not occurred.required:
        yield "date_field", f"{record_type.date_field} 应为已定义的必填日期字段"
    limit = record_type.time_limit
    if limit is not None and not _is_date(record_type, limit.from_field):
        yield "time_limit.from_field", f"{limit.from_field} 应为已定义的日期字段"
    end = record_type.publicity_end_field
    if end is not None and not _is_date(record_type, end):
        yield "publicity_end_field", f"{end} 应为已定义的日期字段"


def _check_disclosure(record_type: RecordType) -> Iterator[Finding]:
    disclosure = record_type.disclosure
    persons = set(record_type.about) & PERSONS
    others = set(record_type.about) - PERSONS
    basis = disclosure.persons_basis
    if persons and disclosure.persons == "public" and (basis is None or not basis.document):
        yield "disclosure.persons", "自然人的信息默认不公开；要公开必须写明 persons_basis"
    if not others and disclosure.scope == "public":
        yield "disclosure.scope", "只关于自然人的信息，scope 不能是 public"
    if not disclosure.basis.document:
        yield "disclosure.basis", "没有写明公开属性的依据"
    shown = (others and disclosure.scope == "public") or (
        persons and disclosure.persons == "public"
    )
    if shown and not any(field.public for field in record_type.fields):
        yield "fields", "信息公开，却没有任何可公开的字段"
    if shown and record_type.dishonesty and not record_type.notice_required:
        yield "notice_required", "公开的政务失信记录须两书同达后才能公示"
    if record_type.notice_required and not record_type.dishonesty:
        yield "notice_required", "两书同达只适用于政务失信记录，不得推迟许可、处罚等信息的公示"


def _check_dishonesty(record_type: RecordType) -> Iterator[Finding]:
    rule = record_type.severity
    if rule is None:
        if record_type.dishonesty or record_type.dishonesty_about:
            yield "severity", "政务失信记录须写明失信等级如何确定"
        return
    given = record_type.field(rule.field) if rule.field else None
    if rule.field and (given is None or given.kind != "enum"):
        yield "severity.field", f"{rule.field} 应为已定义的选项字段"
    elif given and {choice.code for choice in given.values} - {"minor", "general", "serious"}:
        yield "severity.field", "失信等级字段的选项只能是 minor、general、serious"
    yield from _check_mapping(record_type, rule)
    always = rule.default or (given is not None and given.required)
    if not always:
        yield "severity.default", "失信等级字段不是必填，须有默认等级"


def _check_mapping(record_type: RecordType, rule: SeverityRule) -> Iterator[Finding]:
    source = record_type.field(rule.mapped_from) if rule.mapped_from else None
    if bool(rule.mapped_from) != bool(rule.mapping):
        yield "severity.mapping", "mapped_from 与 mapping 须同时写明"
    if rule.mapped_from and (source is None or source.kind != "enum"):
        yield "severity.mapped_from", f"{rule.mapped_from} 应为已定义的选项字段"
    elif source:
        for code in rule.mapping.keys() - {choice.code for choice in source.values}:
            yield f"severity.mapping.{code}", f"不是“{source.title}”的选项"


def _check_names(record_type: RecordType) -> Iterator[Finding]:
    """No column name may mean two things."""
    owners: dict[str, str] = {}
    for column, target in record_type.envelope_aliases.items():
        owners[column.casefold()] = target
        if target not in ENVELOPE:
            known = "、".join(ENVELOPE)
            yield f"envelope_aliases.{column}", f"{target} 不存在，可用的有：{known}"
    for target, names in ENVELOPE.items():
        owners.update((name.casefold(), target) for name in names)
    for field in record_type.fields:
        for name in (field.code, field.title, *field.aliases):
            owner = owners.setdefault(name.casefold(), field.code)
            if owner != field.code:
                yield f"fields.{field.code}", f"名称“{name}”已用于 {owner}"


def _check_layouts(record_type: RecordType) -> Iterator[Finding]:
    """Every column of a published layout names something the type has; every exclusion, too."""
    targets = {*ENVELOPE, *(f"fields.{field.code}" for field in record_type.fields), ""}
    for name, layout in record_type.layouts.items():
        for column, target in layout.items():
            if target not in targets:
                yield f"layouts.{name}.{column}", f"{target} 不存在"
    yield from _check_holding(record_type, "exclusions", record_type.exclusions)
    yield from _check_holding(record_type, "withholdings", record_type.withholdings)
    known = {field.code for field in record_type.fields}
    for spelling in record_type.spellings:
        for code in {spelling.field, *spelling.beside} - known:
            yield "spellings", f"字段 {code} 没有定义"


def _check_holding(
    record_type: RecordType, section: str, rules: tuple[Exclusion, ...]
) -> Iterator[Finding]:
    for rule in rules:
        field = record_type.field(rule.field)
        if field is None:
            yield f"{section}.{rule.code}.field", f"字段 {rule.field} 没有定义"
        elif field.kind == "enum" and set(rule.values) - {c.code for c in field.values}:
            yield f"{section}.{rule.code}.values", f"不是“{field.title}”的选项"
        elif field.personal and section == "withholdings":
            yield f"{section}.{rule.code}.field", f"{rule.field} 是个人信息，加密保存，不能作为条件"


def _check_placeholder(record_type: RecordType) -> Iterator[Finding]:
    rule = record_type.placeholder
    if rule is None:
        return
    for code in rule.fields:
        field = record_type.field(code)
        if field is None or field.kind != "text":
            yield "placeholder.fields", f"{code} 应为已定义的文字字段"
    for code in rule.told_apart_by:
        field = record_type.field(code)
        if field is None or not field.required:
            yield "placeholder.told_apart_by", f"{code} 应为已定义的必填字段"
    if set(rule.fields) & set(record_type.natural_key) and not rule.told_apart_by:
        yield "placeholder.told_apart_by", "自然键可以没有内容时，须写明另以哪些字段区分各条"


def _check_counterpart(record_type: RecordType) -> Iterator[Finding]:
    rule = record_type.counterpart
    if rule is None:
        return
    category = record_type.field(rule.category)
    choices = {choice.code for choice in category.values} if category else set()
    if category is None or not category.required:
        yield "counterpart.category", f"{rule.category} 应为已定义的必填选项字段"
    elif {rule.natural_person, rule.sole_trader} - choices:
        yield "counterpart", f"natural_person、sole_trader 应为“{category.title}”的选项"
    named = {"registration_number": rule.registration_number, "id_type": rule.id_type}
    for name, code in named.items():
        field = record_type.field(code)
        if field is None or field.kind != "text":
            yield f"counterpart.{name}", f"{code} 应为已定义的文字字段"
    if not rule.id_types:
        yield "counterpart.id_types", "须列出可以识别自然人的证件类型"


def _check_field(pack: Pack, record_type: RecordType, field: Field) -> Iterator[Finding]:
    yield from check_field_alone(pack, field)
    yield from _check_relations(record_type, field)


def check_field_alone(pack: Pack, field: Field) -> Iterator[Finding]:
    """What must hold for a field whatever it belongs to: a record type or a register."""
    yield from _check_kind(field)
    if field.public and field.personal and field.mask is None:
        yield "mask", "公开的个人信息字段必须写明遮蔽方式"
    if field.mask is not None and not field.personal:
        yield "mask", "只有个人信息字段才需要遮蔽方式"
    if field.kind == "citizen_code" and not field.personal:
        yield "personal", "公民身份号码必须标为个人信息（personal: true）"
    if field.kind == "citizen_code" and field.mask == "name":
        yield "mask", "公民身份号码不能按姓名遮蔽"
    for item in pack.forbidden.values():
        words = [word for word in item.names if word in field.code or word in field.title]
        if words and not item.with_consent:
            yield "", f"不得归集“{item.title}”（{item.basis.document}）"
        elif words and "consent" not in field.note:
            yield "", f"“{item.title}”须经本人书面同意才能归集，请在 note 中写明 consent 依据"
    if field.example is None:
        yield "example", "没有写示例值，目录和接口文档要用"
    elif isinstance(converter(field)(example_value(field)), Refusal):
        yield "example", "示例值不符合字段自己的规则"


def _check_kind(field: Field) -> Iterator[Finding]:
    if field.kind == "text" and field.max_length is None:
        yield "max_length", "文字字段必须写明最大长度"
    if field.kind not in ("text", "url") and field.max_length is not None:
        yield "max_length", "只有文字和网址字段有最大长度"
    if (field.kind == "enum") != bool(field.values):
        yield "values", "选项字段必须有选项，其他字段不能有"
    if field.multiple and field.kind != "enum":
        yield "multiple", "只有选项字段可以多选"
    if field.decimals is not None and field.kind not in DEFAULT_DECIMALS:
        yield "decimals", "只有金额和小数字段有小数位数"
    numeric = field.kind == "integer" or field.kind in DEFAULT_DECIMALS
    if (field.minimum is not None or field.maximum is not None) and not numeric:
        yield "minimum", "只有数字字段有取值范围"
    if field.minimum is not None and field.maximum is not None and field.minimum > field.maximum:
        yield "minimum", "最小值大于最大值"
    names = Counter(
        name for choice in field.values for name in {choice.code, choice.title, *choice.aliases}
    )
    for name, count in names.items():
        if count > 1:
            yield "values", f"选项“{name}”重复"


def _check_relations(record_type: RecordType, field: Field) -> Iterator[Finding]:
    if field.not_future and field.kind != "date":
        yield "not_future", "只有日期字段可以要求不晚于今天"
    if field.not_past and field.kind != "date":
        yield "not_past", "只有日期字段可以要求不早于今天"
    if field.not_before is not None:
        other = field.not_before
        if field.kind != "date" or other == field.code or not _is_date(record_type, other):
            yield "not_before", f"{other} 应为另一个已定义的日期字段"
    rule = field.required_when
    if rule is None:
        return
    other_field = record_type.field(rule.field)
    if other_field is None:
        yield "required_when.field", f"字段 {rule.field} 没有定义"
    elif other_field.kind == "enum":
        for value in set(rule.values) - {choice.code for choice in other_field.values}:
            yield "required_when.values", f"{value} 不是“{other_field.title}”的选项"


def _is_date(record_type: RecordType, code: str) -> bool:
    field = record_type.field(code)
    return field is not None and field.kind == "date"
