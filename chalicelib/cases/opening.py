"""Opening a case: about a record, a subject or a body, by whoever the kind lets open it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chalicelib.access.service import find_agency
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import Key
from chalicelib.cases import store
from chalicelib.cases.acting import Joined, Taken, request_digest, take
from chalicelib.cases.kinds import find_kind
from chalicelib.cases.model import Actor, Frame, Parties
from chalicelib.cases.rules_parties import relations_of
from chalicelib.cases.scene import Doer, Wish, read_scene
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Record, Subject
from chalicelib.kernel.clock import civil_date
from chalicelib.kernel.errors import Conflict, Fault, Invalid, NotFound, Unavailable
from chalicelib.kernel.ids import id_text
from chalicelib.policy.case_kinds import CaseKind, Relation
from chalicelib.policy.model import Pack
from chalicelib.policy.service import pack_for, pack_version
from chalicelib.web.model import Caller


@dataclass(frozen=True, slots=True)
class Target:
    """What a case is to be about: a record, or a subject by its id or unified code."""

    record_id: str = ""
    subject_id: str = ""


def open_case(
    platform: Platform,
    kind_code: str,
    target: Target,
    caller: Caller,
    wish: Wish,
    joined: Joined | None = None,
    more: tuple[Key, ...] = (),
) -> Taken:
    """Open a case as a caller. Opening it again with the same content on the same day answers the
    case that is there.

    Raises NotFound (no such kind, or nothing the caller may know of), Invalid, Forbidden, Conflict
    (one about this record is open).
    """
    pack = pack_for(caller.jurisdiction, civil_date(platform.clock()))
    kind = find_kind(pack, kind_code)
    seed = (caller.client_id, wish.action, wish.body)
    frame = frame_of(platform, pack, kind, target, seed)
    relations = relations_of(caller, frame)
    if not relations:
        raise NotFound("没有可以办理的对象，或者不属于本单位、本人")
    doer = doer_of(caller, relations)
    return start(platform, frame, doer, wish, joined, more)


def doer_of(caller: Caller, relations: frozenset[Relation]) -> Doer:
    """A caller as whoever acts in a case."""
    actor = Actor(caller.client_id, relations, caller.roles)
    return Doer(actor, caller.agency_code, caller.region, caller.subject_id)


def frame_of(
    platform: Platform, pack: Pack, kind: CaseKind, target: Target, seed: tuple[str | bytes, ...]
) -> Frame:
    """The frame of a case about `target`. Its id is a keyed digest of what is asked, by whom and
    on which day, so that asking twice opens one case. Raises NotFound, Invalid."""
    record = _record(platform, kind, target)
    subject = _subject(platform, kind, target, record)
    today = civil_date(platform.clock()).isoformat()
    about = record.record_id if record is not None else (subject.subject_id if subject else "")
    digest = platform.keyring.mac("case_id", kind.code, about, today, *seed)
    case_id = id_text("c", digest)
    return Frame(
        case_id=case_id,
        jurisdiction=pack.jurisdiction,
        region=_region(record, subject),
        pack=pack.version,
        kind=kind.code,
        title=_title(record, subject),
        parties=parties_of(platform, kind, record, subject),
        wrapped_key=platform.keyring.wrap_new_key(case_id, platform.ids),
        record_id="" if record is None else record.record_id,
    )


def start(
    platform: Platform,
    frame: Frame,
    doer: Doer,
    wish: Wish,
    joined: Joined | None = None,
    more: tuple[Key, ...] = (),
) -> Taken:
    """Take the opening step of a case in its frame. Raises as `open_case`."""
    scene = read_scene(platform, frame, None, doer, wish, more)
    _must_be_open_to_cases(scene.record)
    try:
        return take(scene, doer, wish, joined)
    except ConditionFailed:
        there = store.load(platform, frame.case_id)
        if there is not None:
            first = store.load_entry(platform, frame.case_id, 1)
            if first is not None and first.request == request_digest(
                platform, frame.case_id, doer, wish
            ):
                return Taken(there, first)
        opened = store.open_case_id(platform, frame.kind, frame.record_id)
        if opened:
            message = f"这条信用信息已有一件“{scene.kind.title}”在办，办结之前不能再次提出"
            raise Conflict(message, code="case_already_open") from None
        raise Unavailable("有关信息刚刚有变动，请稍后重试") from None


def parties_of(
    platform: Platform, kind: CaseKind, record: Record | None, subject: Subject | None
) -> Parties:
    """Who is what to a case of the kind about this record or subject."""
    if subject is None:
        return Parties()
    found = Parties(
        subject_id=subject.subject_id,
        subject_kind=subject.kind,
        subject_code=subject.unified_code,
        subject_name=subject.name,
    )
    if record is None:
        above = subject.employer if subject.is_person else subject.superior
        return replace(found, superior=above)
    agency = find_agency(platform, record.reporter)
    above = "" if agency is None else agency.superior
    return replace(found, source_agency=record.reporter, superior=above)


def _record(platform: Platform, kind: CaseKind, target: Target) -> Record | None:
    if kind.about != "record":
        if target.record_id:
            fault = Fault("/record_id", "not_wanted", f"“{kind.title}”不针对一条信用信息")
            raise Invalid(fault.message, faults=[fault])
        return None
    if not target.record_id:
        fault = Fault("/record_id", "required", f"“{kind.title}”要写明针对哪一条信用信息")
        raise Invalid(fault.message, faults=[fault])
    return files.find_record(platform, target.record_id)


def _subject(
    platform: Platform, kind: CaseKind, target: Target, record: Record | None
) -> Subject | None:
    if record is not None:
        return files.find_subject(platform, record.subject_id)
    if kind.about == "none":
        return None
    if not target.subject_id:
        fault = Fault("/subject_id", "required", f"“{kind.title}”要写明针对哪个主体")
        raise Invalid(fault.message, faults=[fault])
    subject = files.find_subject(platform, target.subject_id)
    if kind.about == "body" and (subject.is_person or not subject.registered):
        fault = Fault("/subject_id", "not_a_body", f"“{kind.title}”只针对已登记的单位")
        raise Invalid(fault.message, faults=[fault])
    return subject


def _must_be_open_to_cases(record: Record | None) -> None:
    if record is not None and record.status == "withdrawn":
        raise Conflict("这条信用信息已经撤回，不用再办理", code="already_withdrawn")


def _region(record: Record | None, subject: Subject | None) -> str:
    if record is not None:
        return record.region
    return "" if subject is None else subject.region


def _title(record: Record | None, subject: Subject | None) -> str:
    if record is not None:
        pack = pack_version(record.jurisdiction, record.pack)
        known = pack.types.get(record.type)
        return known.title if known is not None else record.type
    return subject.name if subject is not None and not subject.is_person else ""
