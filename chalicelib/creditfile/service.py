"""Credit files (信用档案): subjects, records in versions, and what a reader of a file is shown.

Other capabilities reach subjects and records through this module. Writes are returned as values,
for the outermost use case to commit once.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import unquote

from chalicelib.access.permissions import PERSONNEL
from chalicelib.access.service import may_act_on, record_read
from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import batch_get
from chalicelib.aws.writes import Key, Write
from chalicelib.creditfile import briefs, contents, model, reach, rules_standing, store
from chalicelib.creditfile.model import (
    FieldValue,
    Identification,
    PersonProfile,
    Record,
    RecordBrief,
    RecordReference,
    Statement,
    Subject,
)
from chalicelib.kernel.clock import instant_text
from chalicelib.kernel.errors import Fault, Forbidden, Invalid, NotFound
from chalicelib.kernel.keyring import Keyring, SubjectKey
from chalicelib.web.model import Caller, Scope

new_record_put = store.new_record_put
displacing_put = store.displacing_put
next_version_writes = store.next_version_writes
record_from = store.record_from
record_item = store.record_item
subject_from = store.subject_from
load_record = store.load_record
subject_writes = store.subject_writes
record_key = store.record_key
subject_place_of = store.subject_key
provisional_page = store.provisional_page
with_standing = rules_standing.with_standing
settled_uploads = briefs.settled_uploads
facts_about = briefs.facts_about
facts_reported = briefs.facts_reported
subjects_reported = briefs.subjects_reported
read_file = contents.read_file
body_id = model.body_id
check_scope = reach.check_scope


def known_id(identification: Identification) -> str:
    """The subject id of whom it names, where the code itself tells it: anybody but a person."""
    if identification.registration_number:
        return f"g_{identification.registration_number}"
    return body_id(identification.unified_code)


def code_mac(keyring: Keyring, citizen_code: str) -> str:
    """The keyed digest under which a person is looked up."""
    return keyring.mac("citizen_code", citizen_code).hex()


def name_mac(keyring: Keyring, name: str) -> str:
    """The keyed digest a submitted name is compared by: width and spaces do not matter."""
    plain = "".join(unicodedata.normalize("NFKC", name).split())
    return keyring.mac("subject_name", plain).hex()[:32]


def subject_place(platform: Platform, identification: Identification) -> Key:
    """The one item that tells whether this subject is known (a person: the look-up item)."""
    if identification.is_person:
        mac = code_mac(platform.keyring, identification.citizen_code)
        return store.person_key(platform, mac)
    return store.subject_key(platform, known_id(identification))


def new_subject(
    platform: Platform,
    identification: Identification,
    *,
    kind: str,
    jurisdiction: str,
    region: str,
    registered: bool,
    details: Mapping[str, str] | None = None,
) -> Subject:
    """A subject as it will be when first written. `details`: level, superior, employer, post."""
    keyring, more = platform.keyring, details or {}
    is_person = identification.is_person
    subject_id = platform.ids.new("p") if is_person else known_id(identification)
    wrapped = keyring.wrap_new_key(subject_id, platform.ids)
    profile = ""
    if is_person:
        key = keyring.open_key(subject_id, wrapped)
        profile = seal_profile(
            key,
            PersonProfile(identification.name, identification.citizen_code, more.get("post", "")),
            platform,
        )
    return Subject(
        subject_id=subject_id,
        kind=kind,
        jurisdiction=jurisdiction,
        region=region,
        wrapped_key=wrapped,
        name_mac=name_mac(keyring, identification.name),
        unified_code=identification.unified_code,
        registration_number=identification.registration_number,
        name="" if is_person else identification.name,
        level=more.get("level", ""),
        superior=more.get("superior", ""),
        employer=more.get("employer", ""),
        sealed_profile=profile,
        registered=registered,
        updated_at=instant_text(platform.clock()),
    )


def seal_profile(key: SubjectKey, profile: PersonProfile, platform: Platform) -> str:
    """A person's name, code and post under the person's own key."""
    values = {
        "name": profile.name,
        "citizen_code": profile.citizen_code,
        "post": profile.post,
    }
    return key.seal(json.dumps(values, ensure_ascii=False), platform.ids)


def open_profile(platform: Platform, subject: Subject) -> PersonProfile:
    """A person's name, code and post. Raises Erased. Callers answer for the audit entry."""
    key = platform.keyring.open_key(subject.subject_id, subject.wrapped_key)
    return PersonProfile(**json.loads(key.unseal(subject.sealed_profile)))


def seal_fields(
    key: SubjectKey, personal: Mapping[str, FieldValue], platform: Platform
) -> dict[str, str]:
    """Personal fields sealed for their subject; a number comes back as a number."""
    return {
        code: key.seal(json.dumps(value, ensure_ascii=False), platform.ids)
        for code, value in personal.items()
    }


def open_fields(platform: Platform, record: Record, subject: Subject) -> Mapping[str, FieldValue]:
    """All fields of a record, the personal ones opened. Raises Erased."""
    if not record.sealed:
        return record.fields
    key = platform.keyring.open_key(subject.subject_id, subject.wrapped_key)
    opened = {code: json.loads(key.unseal(sealed)) for code, sealed in record.sealed.items()}
    return {**record.fields, **opened}


def statement_of(
    platform: Platform, subject: Subject, text: str, made_on: str, case_id: str
) -> Statement:
    """A subject's statement as it is kept: a body's in the clear, a person's sealed under the
    person's own key. Raises Erased."""
    if not subject.is_person:
        return Statement(text, "", made_on, case_id)
    key = platform.keyring.open_key(subject.subject_id, subject.wrapped_key)
    return Statement("", key.seal(text, platform.ids), made_on, case_id)


def open_statement(platform: Platform, statement: Statement, subject: Subject) -> str:
    """The text of a statement. Raises Erased. Callers answer for the audit entry."""
    if not statement.sealed:
        return statement.text
    key = platform.keyring.open_key(subject.subject_id, subject.wrapped_key)
    return key.unseal(statement.sealed)


def find_record(platform: Platform, record_id: str) -> Record:
    """The current version of a record. Raises NotFound."""
    record = store.load_record(platform, record_id)
    if record is None:
        raise NotFound("没有这条信用信息")
    return record


def find_versions(platform: Platform, record_id: str) -> Sequence[Record]:
    """Every version of a record, the oldest first. Raises NotFound."""
    versions = store.load_versions(platform, record_id)
    if not versions:
        raise NotFound("没有这条信用信息")
    return versions


def find_subject(platform: Platform, subject_id: str) -> Subject:
    """A subject by its id. Raises NotFound."""
    subject = store.load_subject(platform, subject_id)
    if subject is None:
        raise NotFound("没有这个信用主体")
    return subject


def region_of(platform: Platform, subject_id: str) -> str | None:
    """The region of a subject, None for nobody known. What access asks before somebody may speak
    for a subject."""
    subject = store.load_subject(platform, subject_id)
    return None if subject is None else subject.region


def find_by_code(platform: Platform, identification: Identification) -> Subject:
    """A subject by its unified code, registration number or citizen code. Raises NotFound."""
    if not identification.is_person:
        return find_subject(platform, known_id(identification))
    mac = code_mac(platform.keyring, identification.citizen_code)
    looked_up = store.load_person(platform, mac)
    if looked_up is None:
        raise NotFound("没有这个信用主体")
    return find_subject(platform, looked_up.subject_id)


def subjects_by_id(platform: Platform, subject_ids: Iterable[str]) -> dict[str, Subject]:
    """The subjects that exist among `subject_ids`."""
    return store.load_subjects(platform, subject_ids)


def records_at(
    platform: Platform, references: Sequence[RecordReference]
) -> dict[RecordReference, Record]:
    """Records exactly as they were at the pinned versions, however often corrected since."""
    return store.load_references(platform, references)


def records_about(
    platform: Platform, subject_id: str, first_day: str = "0000", last_day: str = "9999"
) -> Iterator[Record]:
    """Current records about a subject that occurred on the days [first_day, last_day]."""
    return store.records_about(platform, subject_id, first_day, last_day)


def records_reported(
    platform: Platform, reporter: str, first_day: str = "0000", last_day: str = "9999"
) -> Iterator[Record]:
    """Current records reported by an agency that occurred on the days [first_day, last_day]."""
    return store.records_reported(platform, reporter, first_day, last_day)


def reported_in_brief(
    platform: Platform, reporter: str, first_day: str, last_day: str
) -> Iterator[RecordBrief]:
    """`records_reported`, with no more of each record than counting needs."""
    return briefs.reported_in_brief(platform, reporter, first_day, last_day)


def page_of_late(
    platform: Platform, reporter: str, days: tuple[str, str], limit: int, start: Item | None
) -> tuple[list[Record], Item | None]:
    """A page of the records an agency reported late, oldest first, and where the next starts."""
    page = briefs.page_of_late(platform, reporter, days, limit, start)
    return [store.record_from(item) for item in page.items], page.next_start


def briefs_of(platform: Platform, record_ids: Iterable[str]) -> dict[str, RecordBrief]:
    """The briefs of the records that exist among `record_ids`; one call per 100."""
    return briefs.load_briefs(platform, record_ids)


def listed_subjects(
    platform: Platform, jurisdiction: str, region: str, *, persons: bool
) -> Iterator[str]:
    """The ids of a region's registered bodies, or of its registered officials."""
    return briefs.subject_ids_of(platform, store.listing_of(jurisdiction, region, persons))


def dishonest_about(platform: Platform, subject_id: str, last_day: str) -> Iterator[Record]:
    """The dishonesty records about a subject that count: active, not recognised as a good-faith
    error, their file finished, occurred on `last_day` (ISO) at the latest. Repaired ones are among
    them."""
    found = list(briefs.dishonest_about(platform, subject_id, last_day))
    settled = settled_uploads(platform, {one.upload.upload_id for one in found if one.upload})
    return (one for one in found if one.upload is None or one.upload.upload_id in settled)


def has_records(platform: Platform, subject_id: str) -> bool:
    """Whether anything is on file about a subject."""
    return briefs.has_records(platform, subject_id)


def bodies(platform: Platform, jurisdiction: str, regions: Iterable[str]) -> Iterator[Subject]:
    """Registered bodies of the regions, by region and unified code."""
    for region in regions:
        yield from briefs.registered_in(platform, jurisdiction, region, persons=False)


def officials(platform: Platform, jurisdiction: str, regions: Iterable[str]) -> Iterator[Subject]:
    """Registered officials of the regions, by region and employer."""
    for region in regions:
        yield from briefs.registered_in(platform, jurisdiction, region, persons=True)


def people_by_mac(platform: Platform, code_macs: Iterable[str]) -> dict[str, Subject]:
    """Those known among persons named by `code_mac`, a hundred in a call; of each what their
    look-up item holds."""
    places = {store.person_key(platform, mac): mac for mac in code_macs}
    found = batch_get(list(places)) if places else {}
    return {places[place]: store.subject_from(item) for place, item in found.items()}


def is_settled(platform: Platform, record: Record) -> bool:
    """Whether a record is final: it came alone, or its file is finished."""
    upload = record.upload
    return upload is None or bool(settled_uploads(platform, [upload.upload_id]))


def changed_in(platform: Platform, hour: str) -> Iterator[tuple[str, str]]:
    """(item key, instant) of the subjects and records changed in an hour (`2026-11-22T03`)."""
    return briefs.changed_in(platform, hour)


def register_again(platform: Platform, before: Subject, after: Subject) -> list[Write]:
    """The writes that change a registered subject. `after` keeps the id and the version read."""
    mac = ""
    if after.is_person:
        mac = code_mac(platform.keyring, open_profile(platform, after).citizen_code)
    stamped = replace(after, version=before.version, updated_at=instant_text(platform.clock()))
    return store.subject_update(platform, stamped, mac)


def stated_purpose(purpose: str, approval: str) -> tuple[str, str]:
    """The purpose and approval a person's file is read for (design §2.10). Raises Invalid where
    no purpose is stated. A header carries no Chinese: both may be percent-encoded (UTF-8)."""
    code, leave = unquote(purpose).strip(), unquote(approval).strip()
    if not code or len(code) > 64:
        fault = Fault("/headers/Purpose-Code", "purpose_required", "查阅个人信息须注明用途")
        raise Invalid("查阅个人信息须用 Purpose-Code 请求头注明用途", faults=[fault])
    return code, leave[:200]


def purpose_of(caller: Caller, purpose: str, approval: str) -> tuple[str, str]:
    """`stated_purpose`; a personnel department needs the approval too. Raises Invalid."""
    stated, leave = stated_purpose(purpose, approval)
    if PERSONNEL in caller.roles and not leave:
        fault = Fault("/headers/Approval-Reference", "approval_required", "须注明审批文号")
        message = "组织人事部门查阅个人档案，须用 Approval-Reference 请求头注明审批文号"
        raise Invalid(message, faults=[fault])
    return stated, leave


def record_to_prove(
    platform: Platform, caller: Caller, scope: Scope, record_id: str, purpose: str, approval: str
) -> tuple[Record, Subject]:
    """A record whose reporter lies within the caller's scope, and its subject, for whoever looks
    at originals or evidence. A look at a person's is noted first. Raises NotFound, Forbidden,
    Invalid without a purpose."""
    record = find_record(platform, record_id)
    if not may_act_on(caller, scope, record.reporter, record.region):
        raise Forbidden("只能调阅本单位报送的原件和佐证材料", code="not_your_record")
    subject = find_subject(platform, record.subject_id)
    if subject.is_person:
        record_read(platform, caller, subject.subject_id, *stated_purpose(purpose, approval))
    return record, subject
