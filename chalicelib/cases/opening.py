"""Opening a case: about a record, a subject or a body, by whoever the kind lets open it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from chalicelib.access.service import agency_from, agency_key
from chalicelib.aws.attributes import Item
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import batch_get
from chalicelib.aws.writes import Key
from chalicelib.cases import store
from chalicelib.cases.acting import Joined, Taken, request_digest, take
from chalicelib.cases.kinds import find_kind
from chalicelib.cases.model import Frame, Parties
from chalicelib.cases.rules_parties import actor_in, relations_in, relations_of
from chalicelib.cases.scene import Doer, Scene, Wish, must_be_usable, papers_of, scene_of
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Record, Subject
from chalicelib.kernel.clock import civil_date
from chalicelib.kernel.errors import Conflict, Fault, Invalid, NotFound, Unavailable
from chalicelib.kernel.ids import id_text
from chalicelib.policy.case_kinds import CaseKind, Relation
from chalicelib.policy.model import Pack
from chalicelib.policy.service import pack_for, pack_version
from chalicelib.web.idempotency import IdempotencyClaim
from chalicelib.web.model import Answer, Caller


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
    claim: IdempotencyClaim | None = None,
) -> Taken | Answer:
    """Open a case as a caller; an answer kept under the claim is given again. Opening it again
    with the same content on the same day answers the case that is there, while it is not over.

    Raises NotFound (no such kind, or nothing the caller may know of), Invalid, Forbidden, Conflict
    (one about this record is open, or that one is over).
    """
    pack = pack_for(caller.jurisdiction, civil_date(platform.clock()))
    kind = find_kind(pack, kind_code)
    papers = papers_of(platform, caller.subject_id or caller.agency_code, wish)
    more = (*papers.values(), *(() if claim is None else (claim.key,)))
    found = look_around(platform, kind, target, more)
    if claim is not None:
        kept = claim.replay(found.items.get(claim.key))
        if kept is not None:
            return kept
    frame = frame_of(platform, pack, kind, found, (caller.client_id, wish.action, wish.body))
    relations = relations_of(caller, frame)
    if not relations:
        raise NotFound("没有可以办理的对象，或者不属于本单位、本人")
    must_be_usable(papers, found.items, frame)
    doer = doer_of(caller, relations, frame)
    return start(scene_of(platform, frame, None, found.items), doer, wish, joined)


def doer_of(caller: Caller, relations: frozenset[Relation], frame: Frame) -> Doer:
    """A caller as whoever acts in a case."""
    actor = actor_in(caller, relations, frame.parties)
    return Doer(actor, caller.agency_code, caller.region, caller.subject_id)


@dataclass(frozen=True, slots=True)
class Around:
    """What a case is opened about, and everything that was read to know it."""

    record: Record | None
    subject: Subject | None
    items: Mapping[Key, Item]


def look_around(
    platform: Platform, kind: CaseKind, target: Target, more: Sequence[Key] = ()
) -> Around:
    """`around`, for a case of a kind. Raises NotFound, Invalid."""
    _check_target(kind, target)
    found = around(platform, target, more)
    subject = found.subject
    if kind.about == "body" and (subject is None or subject.is_person or not subject.registered):
        fault = Fault("/subject_id", "not_a_body", f"“{kind.title}”只针对已登记的单位")
        raise Invalid(fault.message, faults=[fault])
    return found


def around(platform: Platform, target: Target, more: Sequence[Key] = ()) -> Around:
    """Read what a case may be about: the record first, then all else in one call. Raises
    NotFound."""
    record = files.find_record(platform, target.record_id) if target.record_id else None
    subject_id = target.subject_id if record is None else record.subject_id
    keys = list(more)
    if subject_id:
        keys.append(files.subject_place_of(platform, subject_id))
    if record is not None:
        keys.append(agency_key(platform, record.reporter))
    items = dict(batch_get(keys)) if keys else {}
    subject = None
    if subject_id:
        item = items.get(files.subject_place_of(platform, subject_id))
        if item is None:
            raise NotFound("没有这个信用主体")
        subject = files.subject_from(item)
    if record is not None:
        items[files.record_key(platform, record.record_id)] = files.record_item(record)
    return Around(record, subject, items)


def frame_of(
    platform: Platform, pack: Pack, kind: CaseKind, found: Around, seed: tuple[str | bytes, ...]
) -> Frame:
    """The frame of a case about what was found. Its id is a keyed digest of what is asked, by whom
    and on which day, so that asking twice opens one case."""
    record, subject = found.record, found.subject
    today = civil_date(platform.clock()).isoformat()
    about = record.record_id if record is not None else (subject.subject_id if subject else "")
    case_id = id_text("c", platform.keyring.mac("case_id", kind.code, about, today, *seed))
    return framed(platform, pack, kind, found, case_id)


def framed(platform: Platform, pack: Pack, kind: CaseKind, found: Around, case_id: str) -> Frame:
    """The frame of a case of that id about what was found."""
    record, subject = found.record, found.subject
    return Frame(
        case_id=case_id,
        jurisdiction=pack.jurisdiction,
        region=region_of(found),
        pack=pack.version,
        kind=kind.code,
        title=_title(record, subject),
        parties=parties_of(platform, found),
        wrapped_key=platform.keyring.wrap_new_key(case_id, platform.ids),
        record_id="" if record is None else record.record_id,
    )


def start(scene: Scene, doer: Doer, wish: Wish, joined: Joined | None = None) -> Taken:
    """Take the opening step of a case. Raises as `open_case`."""
    platform, frame = scene.platform, scene.frame
    if scene.record is not None and scene.record.status == "withdrawn":
        raise Conflict("这条信用信息已经撤回，不用再办理", code="already_withdrawn")
    if scene.record is not None and is_open_before(platform, frame.kind, scene.record):
        raise _already_open(scene.kind)
    try:
        return take(scene, doer, wish, joined)
    except ConditionFailed:
        there = store.load(platform, frame.case_id)
        first = None if there is None else store.load_entry(platform, frame.case_id, 1)
        digest = request_digest(platform, frame.case_id, doer, wish)
        if there is not None and first is not None and first.request == digest:
            if scene.kind.state(there.case.state).final:
                raise _over_already(scene.kind) from None
            return Taken(there, first)
        if store.open_case_id(platform, frame.kind, frame.record_id):
            raise _already_open(scene.kind) from None
        raise Unavailable("有关信息刚刚有变动，请稍后重试") from None


def _over_already(kind: CaseKind) -> Conflict:
    message = f"今天已经以同样的内容提出过“{kind.title}”，并已终结；再次提出请写明新的内容"
    return Conflict(message, code="case_closed")


def _already_open(kind: CaseKind) -> Conflict:
    message = f"这条信用信息已有一件“{kind.title}”在办，办结之前不能再次提出"
    return Conflict(message, code="case_already_open")


def is_open_before(platform: Platform, kind: str, record: Record) -> bool:
    """Whether a case of the kind is open about a record whose fact this one has taken over: it will
    act on this one."""
    seen, earlier = {record.record_id}, record.supersedes
    while earlier and earlier not in seen:
        if store.open_case_id(platform, kind, earlier):
            return True
        seen.add(earlier)
        found = files.load_record(platform, earlier)
        earlier = "" if found is None else found.supersedes
    return False


def parties_of(platform: Platform, found: Around) -> Parties:
    """Who is what to a case about what was found."""
    record, subject = found.record, found.subject
    if subject is None:
        return Parties()
    parties = Parties(
        subject_id=subject.subject_id,
        subject_kind=subject.kind,
        subject_code=subject.unified_code,
        subject_name=subject.name,
    )
    if record is None:
        above = subject.employer if subject.is_person else subject.superior
        return replace(parties, superior=above)
    item = found.items.get(agency_key(platform, record.reporter))
    above = "" if item is None else agency_from(item).superior
    return replace(parties, source_agency=record.reporter, superior=above)


def relations_to(platform: Platform, caller: Caller, found: Around) -> frozenset[Relation]:
    """What a caller would be to a case about what was found."""
    return relations_in(
        caller,
        parties_of(platform, found),
        region_of(found),
        about_record=found.record is not None,
    )


def _check_target(kind: CaseKind, target: Target) -> None:
    fault = None
    if kind.about == "record" and not target.record_id:
        fault = Fault("/record_id", "required", f"“{kind.title}”要写明针对哪一条信用信息")
    elif kind.about != "record" and target.record_id:
        fault = Fault("/record_id", "not_wanted", f"“{kind.title}”不针对一条信用信息")
    elif kind.about in ("subject", "body") and not target.subject_id:
        fault = Fault("/subject_id", "required", f"“{kind.title}”要写明针对哪个主体")
    elif target.subject_id and kind.about not in ("subject", "body"):
        fault = Fault("/subject_id", "not_wanted", f"“{kind.title}”不用写明主体")
    if fault is not None:
        raise Invalid(fault.message, faults=[fault])


def region_of(found: Around) -> str:
    """The region whose credit office a case about what was found is for."""
    if found.record is not None:
        return found.record.region
    return "" if found.subject is None else found.subject.region


def _title(record: Record | None, subject: Subject | None) -> str:
    if record is not None:
        pack = pack_version(record.jurisdiction, record.pack)
        known = pack.types.get(record.type)
        return known.title if known is not None else record.type
    return subject.name if subject is not None and not subject.is_person else ""
