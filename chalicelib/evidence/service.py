"""Handing in evidence: a place for the file, the file, the archive. One way for what is attached to
a record and for papers that an action in a case is going to be taken with.

    start -> the file is posted to the inbox -> commit: pinned, checked, archived, noted -> gone
                                                from the inbox

Everything may be repeated: a commit goes on from the version it pinned, the archive object is
written once, and committing what is archived changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.aws.attributes import Item
from chalicelib.aws.bucket import PresignedPost
from chalicelib.aws.calls import ConditionFailed, Missing
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import Key, commit
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Record
from chalicelib.evidence import store
from chalicelib.evidence.model import PAPERS, Evidence, Matter, papers_of
from chalicelib.evidence.presenting import evidence_out
from chalicelib.evidence.rules import (
    EXTENSIONS,
    LARGEST_BYTES,
    LINK_SECONDS,
    MOST_PER_MATTER,
    MOST_PER_RECORD,
    POST_SECONDS,
    file_faults,
    media_type_of,
)
from chalicelib.kernel.clock import instant_text
from chalicelib.kernel.errors import Conflict, Fault, Invalid, Unavailable
from chalicelib.kernel.keyring import Erased, SubjectKey
from chalicelib.kernel.masking import scrub
from chalicelib.web.model import Caller

__all__ = [
    "Opened",
    "evidence_out",
    "find",
    "is_archived",
    "matter_of",
    "of_record",
    "open_evidence",
    "page_of_papers",
    "paper_key",
    "receive",
    "start",
    "titles_of",
    "with_record",
]

page_of_papers = store.page_of_papers
find = store.load


@dataclass(frozen=True, slots=True)
class Opened:
    """One file of evidence, checked; where it can be fetched for five minutes."""

    evidence: Evidence
    title: str
    intact: bool
    link: str


def with_record(record: Record) -> Matter:
    """The matter of what is attached to a record."""
    return Matter("record", record.record_id, record.jurisdiction, record.subject_id)


def start(
    platform: Platform, caller: Caller, holder: str, matter: Matter, title: str
) -> tuple[Evidence, PresignedPost]:
    """A place for one file, and the form to post it with. Raises Invalid, Conflict, Erased."""
    if scrub(title) != title:
        message = "材料名称中请不要写公民身份号码或手机号码"
        raise Invalid(message, faults=[Fault("/title", "personal_number", message)])
    _must_have_room(platform, holder, matter)
    key = _key(platform, matter.subject_id)
    evidence = Evidence(
        holder=holder,
        evidence_id=platform.ids.new("e"),
        about=matter.about,
        subject_id=matter.subject_id,
        jurisdiction=matter.jurisdiction,
        title=title if key is None else key.seal(title, platform.ids),
        sealed=key is not None,
        created_at=instant_text(platform.clock()),
        submitted_by=caller.client_id,
    )
    commit([store.put_of(platform, evidence, None)])
    return evidence, platform.inbox.presign_post(evidence.inbox_key, LARGEST_BYTES, POST_SECONDS)


def _must_have_room(platform: Platform, holder: str, matter: Matter) -> None:
    """A place whose form has run out before anything was committed takes nobody's room."""
    running = instant_text(platform.clock() - timedelta(seconds=POST_SECONDS))
    if holder.startswith(PAPERS):
        most, found = MOST_PER_MATTER, store.papers_about(platform, holder, matter.about)
        message = f"就同一事项最多提交 {most} 份材料"
    else:
        most, found = MOST_PER_RECORD, iter(store.load_all(platform, holder))
        message = f"一条信息最多附 {most} 份佐证材料"
    taken = [one for one in found if one.state != "awaiting_file" or one.created_at > running]
    if len(taken) >= most:
        raise Conflict(message, code="too_much_evidence")


def _key(platform: Platform, subject_id: str) -> SubjectKey | None:
    """What a file about this subject is sealed with; None for a body, and about nobody."""
    subject = files.find_subject(platform, subject_id) if subject_id else None
    if subject is None or not subject.is_person:
        return None
    return platform.keyring.open_key(subject.subject_id, subject.wrapped_key)


def receive(platform: Platform, holder: str, evidence_id: str) -> Evidence:
    """Take in the file that was posted: check it, lock it in the archive, empty the inbox.

    Raises Conflict without a file, Invalid for one that cannot be evidence (another may then be
    posted to the same place), Erased where the person was erased meanwhile: then the file goes too.
    """
    evidence = store.load(platform, holder, evidence_id)
    try:
        if evidence.state == "awaiting_file":
            evidence = _pin(platform, evidence)
        if evidence.state == "received":
            evidence = _archive(platform, evidence)
    except Erased:
        platform.inbox.delete_all_versions(evidence.inbox_key)
        raise
    platform.inbox.delete_all_versions(evidence.inbox_key)
    return evidence


def _pin(platform: Platform, evidence: Evidence) -> Evidence:
    try:
        head = platform.inbox.head(evidence.inbox_key)
        # One byte more than is allowed tells that it is too large.
        span = (0, LARGEST_BYTES + 1)
        data = platform.inbox.read(evidence.inbox_key, head.version_id, span)
    except Missing:
        raise Conflict("还没有收到文件，请先上传再提交", code="file_missing") from None
    faults = file_faults(data)
    if faults:
        raise Invalid("文件不能作为佐证材料", faults=faults)
    pinned = replace(
        evidence,
        state="received",
        version=evidence.version + 1,
        object_version=head.version_id,
        media_type=media_type_of(data) or "",
        size=len(data),
        received_at=instant_text(head.last_modified),
    )
    return _moved(platform, pinned, evidence)


def _archive(platform: Platform, evidence: Evidence) -> Evidence:
    try:
        data = platform.inbox.read(evidence.inbox_key, evidence.object_version)
    except Missing:
        # Only a commit that finished takes the file away: this one lost the race to it.
        return store.load(platform, evidence.holder, evidence.evidence_id)
    digest = hashlib.sha256(data).hexdigest()
    key = _key(platform, evidence.subject_id)
    folder = "papers" if evidence.holder.startswith(PAPERS) else evidence.holder
    stored = platform.archive.put_once(
        f"evidence/{evidence.jurisdiction}/{folder}/{evidence.evidence_id}",
        data if key is None else key.seal_bytes(data, platform.ids),
        content_type=evidence.media_type if key is None else "application/octet-stream",
    )
    archived = replace(
        evidence,
        state="archived",
        version=evidence.version + 1,
        sha256=digest if key is None else key.seal(digest, platform.ids),
        stored_sha256=stored.sha256,
        archive_key=stored.key,
        archive_version=stored.version_id,
    )
    return _moved(platform, archived, evidence)


def _moved(platform: Platform, after: Evidence, before: Evidence) -> Evidence:
    try:
        commit([store.put_of(platform, after, before)])
    except ConditionFailed:
        found = store.load(platform, after.holder, after.evidence_id)
        if found.version == before.version:
            raise Unavailable("佐证材料正在被另一次提交处理，请稍后重试") from None
        return found
    return after


def of_record(platform: Platform, record_id: str) -> list[Evidence]:
    """All evidence of a record, the oldest first."""
    return store.load_all(platform, record_id)


def titles_of(platform: Platform, subject_id: str, found: Iterable[Evidence]) -> dict[str, str]:
    """The titles by evidence id of what is sealed for this person; empty once it was erased.
    Callers answer for the right to them."""
    sealed = [one for one in found if one.sealed and one.subject_id == subject_id]
    try:
        key = _key(platform, subject_id) if sealed else None
    except Erased:
        key = None
    return {} if key is None else {one.evidence_id: key.unseal(one.title) for one in sealed}


def open_evidence(platform: Platform, evidence: Evidence, *, in_full: bool) -> Opened:
    """Check an archived file against what was noted, and give a link to it.

    Of a person's evidence only who sees personal values in full (`in_full`) gets title and link:
    to an unsealed copy that is deleted within a day. Raises Conflict before it is archived, Erased.
    """
    if evidence.state != "archived":
        raise Conflict("这份材料还没有归档", code="evidence_not_archived")
    data = platform.archive.read(evidence.archive_key, evidence.archive_version)
    intact = hashlib.sha256(data).hexdigest() == evidence.stored_sha256
    name = f"{evidence.evidence_id}.{EXTENSIONS[evidence.media_type]}"
    key = _key(platform, evidence.subject_id) if evidence.sealed else None
    if key is None:
        # The version that was checked, whatever may lie there by then.
        link = platform.archive.presign_get(
            evidence.archive_key, name, LINK_SECONDS, evidence.archive_version
        )
        return Opened(evidence, evidence.title, intact, link)
    opened = key.unseal_bytes(data)
    intact = intact and hashlib.sha256(opened).hexdigest() == key.unseal(evidence.sha256)
    if not in_full:
        return Opened(evidence, "", intact, "")
    copy = f"opened/{platform.ids.new('c')}"
    platform.work.put(copy, opened, content_type=evidence.media_type)
    return Opened(
        evidence,
        key.unseal(evidence.title),
        intact,
        platform.work.presign_get(copy, name, LINK_SECONDS),
    )


def paper_key(platform: Platform, owner: str, evidence_id: str) -> Key:
    """Where a paper lies: with whoever handed it in, a subject or an agency."""
    return store.place_of(platform, papers_of(owner), evidence_id)


def is_archived(item: Item | None) -> bool:
    """Whether the item is that of a paper that is safe in the archive."""
    return item is not None and item["state"] == "archived"


def matter_of(item: Item) -> str:
    """What the paper an item holds was handed in for, as `Matter.about` says it."""
    return str(item["about"])
