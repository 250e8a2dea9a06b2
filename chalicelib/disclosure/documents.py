"""From records, bodies and packs to the documents the public is shown. Pure.

Whether, until when and with which fields a record is public is not decided here but in
`publicity.rules`; this module turns facts into its question and its answer into a document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

from chalicelib.creditfile.model import Record, Subject
from chalicelib.creditfile.rules import publicity_facts
from chalicelib.creditfile.rules_standing import notices_of
from chalicelib.disclosure.model import (
    ArchiveView,
    BodyName,
    BodyView,
    FieldView,
    MarkView,
    NoticesView,
    PackView,
    PublicityView,
    ReasonView,
    RecordView,
    StatementView,
    SubjectView,
)
from chalicelib.kernel.clock import civil_date, instant_text, parse_instant
from chalicelib.policy.base import (
    LEVEL_TITLES,
    PERSONS,
    SEVERITY_TITLES,
    SUBJECT_KINDS,
    SubjectKind,
)
from chalicelib.policy.model import Field, FieldValue, Pack
from chalicelib.publicity.model import Decision, PublicityFacts
from chalicelib.publicity.rules import needs_notice


@dataclass(frozen=True, slots=True)
class Opened:
    """What of a record is otherwise sealed: only for records already decided to be public."""

    subject_name: str
    fields: Mapping[str, FieldValue]


def facts_of(
    record: Record, pack: Pack, *, settled: bool, opened: Opened | None = None
) -> PublicityFacts | None:
    """The question to the publicity decision. None if the pack does not know the record's type or
    the subject's kind: what nobody can judge is not published.

    Without `opened` the personal values are left out, which never changes whether and until when
    a record is public.
    """
    facts = publicity_facts(record, pack, settled=settled)
    if facts is None or opened is None:
        return facts
    subject = replace(facts.subject, name=opened.subject_name)
    return replace(facts, subject=subject, fields=opened.fields)


def needs_opening(record: Record, pack: Pack) -> bool:
    """Whether the public document of this record shows something that is sealed."""
    if record.subject_kind in PERSONS:
        return True
    record_type = pack.types[record.type]
    shown = {field.code for field in record_type.fields if field.public and field.mask}
    return any(code in shown for code in record.sealed)


def record_view(
    record: Record,
    pack: Pack,
    facts: PublicityFacts,
    decision: Decision,
    reporter_name: str,
    archive_digest: str,
) -> RecordView:
    """The public document of a record that `decision` makes public. `archive_digest`: the salted
    one of its original (`files.archive_commitment`)."""
    record_type = facts.type
    category = pack.categories.get(record.category)
    region = pack.regions.get(record.region)
    said = decision.statement
    return RecordView(
        id=record.record_id,
        version=record.version,
        type=record.type,
        type_title=record_type.title,
        category=record.category,
        category_title=category.title if category else record.category,
        dishonesty=record.dishonesty,
        severity=facts.severity,
        severity_title=SEVERITY_TITLES.get(record.severity),
        subject=SubjectView(
            code=decision.subject_code,
            name=decision.subject_name,
            kind=record.subject_kind,
            kind_title=kind_title(record.subject_kind),
        ),
        reporter=BodyName(code=record.reporter, name=reporter_name),
        region=record.region,
        region_title=region.title if region else record.region,
        occurred_on=record.occurred_on,
        reported_on=civil_date(parse_instant(record.received_at)).isoformat(),
        due_on=record.due_on or None,
        on_time=record.on_time if record.due_on else None,
        fields=tuple(
            field_view(field, decision.fields[field.code])
            for field in record_type.fields
            if field.code in decision.fields
        ),
        notices=_notices_view(record) if needs_notice(facts) else None,
        publicity=_publicity_view(decision),
        marks=tuple(
            MarkView(code=mark.code, text=mark.text, since=mark.since.isoformat())
            for mark in decision.marks
        ),
        statement=None
        if said is None
        else StatementView(text=said.text, made_on=str(said.made_on)),
        archive=ArchiveView(sha256_salted=archive_digest, received_at=record.received_at),
        pack=PackView(jurisdiction=pack.jurisdiction, version=pack.version),
        as_of=record.changed_at,
    )


def _notices_view(record: Record) -> NoticesView:
    """When the two notices were delivered. The proof is free text about the delivery to somebody:
    it stays inside."""
    delivered = notices_of(record)
    return NoticesView(
        decision_delivered_on=delivered.decision_delivered_on or None,
        repair_delivered_on=delivered.repair_delivered_on or None,
    )


def _publicity_view(decision: Decision) -> PublicityView:
    """The term as decided, with its grounds."""
    return PublicityView(
        last_day=decision.last_day.isoformat() if decision.last_day else None,
        until=instant_text(decision.until) if decision.until else None,
        repairable_from=decision.repairable_from.isoformat() if decision.repairable_from else None,
        reasons=tuple(
            ReasonView(code=reason.code, text=reason.text) for reason in decision.reasons
        ),
    )


def field_view(field: Field, value: FieldValue) -> FieldView:
    """A field as data and as text."""
    return FieldView(
        code=field.code,
        title=field.title,
        value=value,
        text=field.text_of(value),
        standard_code=field.aliases[0] if field.aliases else None,
    )


def kind_title(kind: str) -> str:
    """A kind of subject in Chinese."""
    return SUBJECT_KINDS.get(cast(SubjectKind, kind), kind)


def is_listed(subject: Subject) -> bool:
    """Whether a subject has a public entry of its own: registered, and no human being. A body
    created at first sight is shown through its public records only."""
    return subject.registered and not subject.is_person and bool(subject.unified_code)


def body_view(subject: Subject, pack: Pack, superior_name: str) -> BodyView:
    """The public basic data of a registered body."""
    region = pack.regions.get(subject.region)
    return BodyView(
        code=subject.unified_code,
        name=subject.name,
        kind=subject.kind,
        kind_title=kind_title(subject.kind),
        region=subject.region,
        region_title=region.title if region else subject.region,
        level=subject.level or None,
        level_title=LEVEL_TITLES.get(subject.level),
        superior=BodyName(code=subject.superior, name=superior_name) if subject.superior else None,
        registered=True,
        as_of=subject.updated_at,
    )
