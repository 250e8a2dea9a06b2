"""From subjects and records to what a reader is shown: masking, titles, publicity, sections."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast
from urllib.parse import urlencode

from pydantic import BaseModel
from pydantic import JsonValue as JsonAny

from chalicelib.aws.platform import Platform
from chalicelib.creditfile import service
from chalicelib.creditfile.contents import File, Section
from chalicelib.creditfile.model import FieldValue, ImportOutcome, PersonProfile, Record, Subject
from chalicelib.creditfile.presenting_standing import (
    filed_conclusions,
    filed_marks,
    filed_statement,
)
from chalicelib.creditfile.reading import Sight, names_of
from chalicelib.creditfile.rules import (
    HONOUR_CATEGORIES,
    code_notes,
    is_personal,
    mask_value,
    publicity_facts,
    reporting_deadline,
)
from chalicelib.creditfile.rules_standing import notices_of
from chalicelib.creditfile.supervision import standing_of
from chalicelib.creditfile.views import (
    CategorySection,
    CreditFile,
    FiledField,
    FiledNotices,
    FiledPublicity,
    FiledRecord,
    FileSection,
    FileSummary,
    ImportedRow,
    ImportResult,
    NamedBody,
    PublicityReason,
    RecordDetail,
    ReporterCount,
    RowFault,
    SubjectBasics,
)
from chalicelib.kernel.clock import civil_date, instant_text
from chalicelib.kernel.keyring import Erased
from chalicelib.kernel.masking import mask_name, scrub
from chalicelib.policy.base import (
    LEVEL_TITLES,
    PERSONS,
    SEVERITY_TITLES,
    SUBJECT_KINDS,
    SubjectKind,
)
from chalicelib.policy.model import Field, Pack
from chalicelib.policy.service import pack_for, pack_version
from chalicelib.publicity.rules import decide, state_at

_STATE_TITLES: Final = {
    "unsettled": "所在文件尚未处理完毕",
    "withheld": "不公示",
    "pending": "待公示",
    "public": "公示中",
    "ended": "公示期满",
}


@dataclass(frozen=True, slots=True)
class Lens:
    """What records are looked at through: whose they are, names, what is settled, which moment."""

    platform: Platform
    now: datetime
    sights: Mapping[str, Sight]
    """By subject id; a person without one is not opened."""
    names: Mapping[str, str]
    settled: frozenset[str]


def lens_for(platform: Platform, records: Sequence[Record], sights: Iterable[Sight]) -> Lens:
    """A lens for these records: names of their reporters, which of their uploads are finished."""
    uploads = {record.upload.upload_id for record in records if record.upload is not None}
    return Lens(
        platform,
        platform.clock(),
        {sight.subject.subject_id: sight for sight in sights},
        names_of(platform, {record.reporter for record in records}),
        frozenset(service.settled_uploads(platform, uploads)),
    )


def bodies_in(platform: Platform, records: Iterable[Record]) -> list[Sight]:
    """A masked sight of each body whose record holds something sealed. Persons are not opened."""
    wanted = {
        record.subject_id
        for record in records
        if record.sealed and record.subject_kind not in PERSONS
    }
    found = service.subjects_by_id(platform, sorted(wanted)) if wanted else {}
    return [Sight(subject) for subject in found.values() if not subject.is_person]


def basics(platform: Platform, subject: Subject, sight: Sight | None = None) -> SubjectBasics:
    """A subject's basic data. Of a person name and post are opened only with a `sight`."""
    pack = pack_for(subject.jurisdiction, civil_date(platform.clock()))
    region = pack.regions.get(subject.region)
    name, post = subject.name, ""
    if subject.is_person and sight is not None and not subject.is_erased:
        profile = service.open_profile(platform, subject)
        name, post = _seen(profile, sight)
    return SubjectBasics(
        subject_id=subject.subject_id,
        kind=cast(SubjectKind, subject.kind),
        kind_title=SUBJECT_KINDS[cast(SubjectKind, subject.kind)],
        unified_code=subject.unified_code or None,
        registration_number=subject.registration_number or None,
        name=name or None,
        region=subject.region,
        region_title=region.title if region else None,
        level=subject.level or None,
        level_title=LEVEL_TITLES.get(subject.level),
        superior=subject.superior or None,
        employer=subject.employer or None,
        post=post or None,
        registered=subject.registered,
        erased=subject.is_erased,
        version=subject.version,
        updated_at=subject.updated_at,
    )


def _seen(profile: PersonProfile, sight: Sight) -> tuple[str, str]:
    return (profile.name, profile.post) if sight.full else (mask_name(profile.name), "")


def filed_record(record: Record, lens: Lens) -> FiledRecord:
    """A record as lists and files show it."""
    pack = pack_version(record.jurisdiction, record.pack)
    record_type = pack.types[record.type]
    category = pack.categories.get(record.category)
    is_settled = record.upload is None or record.upload.upload_id in lens.settled
    withheld = record.subject_kind in PERSONS and record.subject_id not in lens.sights
    return FiledRecord(
        record_id=record.record_id,
        version=record.version,
        type=record.type,
        type_title=record_type.title,
        category=record.category,
        category_title=category.title if category else record.category,
        dishonesty=record.dishonesty,
        severity=record.severity or None,
        severity_title=SEVERITY_TITLES.get(record.severity),
        status=record.status,
        settled=is_settled,
        subject_id=record.subject_id,
        occurred_on=record.occurred_on,
        fields=[] if withheld else _fields(record, record_type.fields, lens),
        fields_withheld=withheld,
        reporter=NamedBody(code=record.reporter, name=lens.names.get(record.reporter)),
        received_at=record.received_at,
        due_on=record.due_on or None,
        due_provisional=record.due_provisional,
        on_time=record.on_time,
        publicity=publicity_of(record, pack, lens.now, settled=is_settled),
        marks=filed_marks(record),
        statement=filed_statement(lens.platform, record, lens.sights.get(record.subject_id)),
        conclusions=filed_conclusions(record, lens.sights.get(record.subject_id)),
    )


def record_detail(record: Record, lens: Lens, subject: SubjectBasics) -> RecordDetail:
    """A record with everything that is known of it."""
    pack = pack_version(record.jurisdiction, record.pack)
    settled_by = record.due_calendar
    counted_with = pack_version(record.jurisdiction, settled_by) if settled_by else pack
    found = reporting_deadline(pack, pack.types[record.type], record.occurred_on, counted_with)
    notices = notices_of(record)
    return RecordDetail(
        **_parts(filed_record(record, lens)),
        subject=subject,
        notices=FiledNotices(
            decision_delivered_on=notices.decision_delivered_on or None,
            repair_delivered_on=notices.repair_delivered_on or None,
            proof=scrub(notices.proof) or None,
        ),
        deadline=None if found is None else cast(dict[str, JsonAny], found.as_json()),
        notes=code_notes(record, pack.types[record.type]),
        pack=record.pack,
        changed_at=record.changed_at,
        reason=scrub(record.reason) or None,
        supersedes=record.supersedes or None,
        superseded_by=record.superseded_by or None,
    )


def _parts(shown: FiledRecord) -> dict[str, Any]:
    """The members of a model, as they are."""
    return dict(shown)


def _fields(record: Record, catalog: Sequence[Field], lens: Lens) -> list[FiledField]:
    sight = lens.sights.get(record.subject_id)
    full = sight is not None and sight.full
    values: Mapping[str, FieldValue] = record.fields
    if sight is not None:
        try:
            values = service.open_fields(lens.platform, record, sight.subject)
        except Erased:
            values = record.fields
    return [
        filed_field(entry, values.get(entry.code), full=full)
        for entry in catalog
        if entry.code in values or entry.code in record.sealed
    ]


def filed_field(entry: Field, value: FieldValue | None, *, full: bool) -> FiledField:
    """A field as shown: in full, or personal values masked and other text without citizen codes
    and mobile numbers. None: sealed, and not opened or erased."""
    shown = value if full or value is None else cast("FieldValue | None", mask_value(entry, value))
    return FiledField(
        code=entry.code,
        title=entry.title,
        value=shown,
        text=None if shown is None else entry.text_of(shown),
        masked=is_personal(entry) and not (full and value is not None),
    )


def publicity_of(record: Record, pack: Pack, now: datetime, *, settled: bool) -> FiledPublicity:
    """What the publicity decision says of a record at `now`."""
    facts = publicity_facts(record, pack, settled=settled)
    if facts is None:
        return _publicity("withheld", [])
    decision = decide(facts)
    state = state_at(decision, now) if settled else "unsettled"
    reasons = [PublicityReason(code=one.code, text=one.text) for one in decision.reasons]
    shown = _publicity(state, reasons)
    return shown.model_copy(
        update={
            "starts_at": instant_text(decision.starts_at) if decision.starts_at else None,
            "until": instant_text(decision.until) if decision.until else None,
            "last_day": decision.last_day.isoformat() if decision.last_day else None,
        }
    )


def _publicity(state: str, reasons: list[PublicityReason]) -> FiledPublicity:
    return FiledPublicity.model_validate(
        {
            "state": state,
            "state_title": _STATE_TITLES[state],
            "starts_at": None,
            "until": None,
            "last_day": None,
            "reasons": reasons,
        }
    )


def credit_file(platform: Platform, sight: Sight, file: File) -> CreditFile:
    """A subject's file: categories in the catalog's order (empty ones too), dishonesty records
    and honours apart."""
    subject = sight.subject
    lens = lens_for(platform, list(file.shown()), [sight])
    names = dict(lens.names)
    names |= names_of(platform, set(file.reporters) - set(names))
    return CreditFile(
        subject=basics(platform, subject, sight),
        summary=summary_of(file),
        supervision=standing_of(subject, file, lens.now),
        categories=_category_sections(platform, subject, file, lens),
        dishonesty=_section(subject, file.dishonesty, lens, dishonesty="true", archived="false"),
        honours=_section(subject, file.honours, lens, **_honour_filter(file)),
        archive=_section(subject, file.archive, lens, archived="true"),
        reporters=[
            ReporterCount(code=code, name=names.get(code), records=count)
            for code, count in sorted(file.reporters.items(), key=lambda one: (-one[1], one[0]))
        ],
        as_of=instant_text(lens.now),
    )


def version_of(platform: Platform, sight: Sight, shown: CreditFile) -> str:
    """What the ETag of a file is made of: the versions of all it shows, and who looks."""
    sections = (*shown.categories, shown.dishonesty, shown.honours, shown.archive)
    parts = [
        f"{shown.subject.subject_id}#{shown.subject.version}#{sight.full}",
        shown.summary.model_dump_json(),
        "" if shown.supervision is None else shown.supervision.model_dump_json(),
        *(
            f"{record.record_id}#{record.version}#{record.publicity.state}"
            for section in sections
            for record in section.records
        ),
    ]
    return platform.keyring.mac("credit_file", *parts).hex()[:32]


def tag_of(platform: Platform, record: Record, shown: BaseModel) -> str:
    """What the ETag of a record is made of: its version, which an edit is based on, and a digest of
    all that is shown, as publicity ends and a person is erased without a new version."""
    digest = platform.keyring.mac("record_shown", shown.model_dump_json()).hex()[:16]
    return f"{record.version}-{digest}"


def summary_of(file: File) -> FileSummary:
    """The file in figures."""
    return FileSummary(
        records=file.total,
        dishonesty=file.dishonesty.count,
        honours=file.honours.count,
        archived=file.archive.count,
        on_time=file.on_time,
        late=file.late,
        pending=file.pending,
        complete=file.complete,
    )


def _category_sections(
    platform: Platform, subject: Subject, file: File, lens: Lens
) -> list[CategorySection]:
    pack = pack_for(subject.jurisdiction, civil_date(platform.clock()))
    part = "person" if subject.is_person else "body"
    order = {
        category.code: (category.order, category.title)
        for category in pack.categories.values()
        if category.code not in HONOUR_CATEGORIES
        and (category.file in (part, "both") or category.code in file.categories)
    }
    for code, section in file.categories.items():
        # A category that only an earlier version of the catalog knows comes last.
        if code not in order:
            title = filed_record(section.records[0], lens).category_title
            order[code] = (10_000, title)
    return [
        _category_section(subject, code, order[code][1], file, lens)
        for code in sorted(order, key=lambda code: (order[code][0], code))
    ]


def _category_section(
    subject: Subject, code: str, title: str, file: File, lens: Lens
) -> CategorySection:
    section = file.categories.get(code, Section())
    part = _section(subject, section, lens, category=code, dishonesty="false", archived="false")
    return CategorySection(
        category=code, title=title, count=part.count, records=part.records, more=part.more
    )


def _honour_filter(file: File) -> dict[str, str]:
    codes = {record.category for record in file.honours.records}
    return {"category": codes.pop(), "dishonesty": "false"} if len(codes) == 1 else {}


def _section(subject: Subject, section: Section, lens: Lens, **wanted: str) -> FileSection:
    query = urlencode({"subject_id": subject.subject_id, **wanted})
    return FileSection(
        count=section.count,
        records=[filed_record(record, lens) for record in section.records],
        more=f"/v1/records?{query}" if section.count > len(section.records) else None,
    )


def import_result(outcomes: Sequence[ImportOutcome]) -> ImportResult:
    """What became of a file of subjects."""
    verdicts = [outcome.outcome for outcome in outcomes]
    return ImportResult(
        rows=len(outcomes),
        created=verdicts.count("created"),
        updated=verdicts.count("updated"),
        unchanged=verdicts.count("unchanged"),
        rejected=verdicts.count("rejected"),
        results=[
            ImportedRow(
                row=outcome.row,
                outcome=outcome.outcome,
                subject_id=outcome.subject_id or None,
                errors=[
                    RowFault(field=field, rule=rule, message=message)
                    for field, rule, message in outcome.faults
                ],
            )
            for outcome in outcomes
        ],
    )
