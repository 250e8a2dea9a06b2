"""Attaching evidence to a record: a place for the file, the file, the archive.

    start -> the file is posted to the inbox -> commit: pinned, checked, archived, noted -> gone
                                                from the inbox

Everything may be repeated: a commit goes on from the version it pinned, the archive object is
written once, and committing what is archived changes nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.aws.attributes import Item
from chalicelib.aws.bucket import PresignedPost
from chalicelib.aws.calls import ConditionFailed, Missing
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import Key, commit
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Record, Subject
from chalicelib.evidence import store
from chalicelib.evidence.model import Evidence
from chalicelib.evidence.rules import (
    EXTENSIONS,
    LARGEST_BYTES,
    MOST_PER_RECORD,
    file_faults,
    media_type_of,
)
from chalicelib.kernel.clock import instant_text
from chalicelib.kernel.errors import Conflict, Fault, Invalid, Unavailable
from chalicelib.kernel.keyring import Erased, SubjectKey
from chalicelib.kernel.masking import scrub
from chalicelib.web.model import Caller

POST_SECONDS = 3_600
LINK_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Opened:
    """One file of evidence, checked; where it can be fetched for five minutes."""

    evidence: Evidence
    title: str
    intact: bool
    link: str


def start(
    platform: Platform, caller: Caller, record: Record, title: str
) -> tuple[Evidence, PresignedPost]:
    """A place for one file, and the form to post it with. Raises Invalid, Conflict."""
    if scrub(title) != title:
        message = "材料名称中请不要写公民身份号码或手机号码"
        raise Invalid(message, faults=[Fault("/title", "personal_number", message)])
    if len(_taken(platform, record.record_id)) >= MOST_PER_RECORD:
        message = f"一条信息最多附 {MOST_PER_RECORD} 份佐证材料"
        raise Conflict(message, code="too_much_evidence")
    key = _key(platform, files.find_subject(platform, record.subject_id))
    evidence = Evidence(
        record_id=record.record_id,
        evidence_id=platform.ids.new("e"),
        title=title if key is None else key.seal(title, platform.ids),
        sealed=key is not None,
        created_at=instant_text(platform.clock()),
        submitted_by=caller.client_id,
    )
    commit([store.put_of(platform, evidence, None)])
    return evidence, platform.inbox.presign_post(evidence.inbox_key, LARGEST_BYTES, POST_SECONDS)


def _taken(platform: Platform, record_id: str) -> list[Evidence]:
    """The evidence of a record that is there or may still come: a place whose form has run out
    before anything was committed takes nobody's room."""
    running = instant_text(platform.clock() - timedelta(seconds=POST_SECONDS))
    found = store.load_all(platform, record_id)
    return [one for one in found if one.state != "awaiting_file" or one.created_at > running]


def _key(platform: Platform, subject: Subject) -> SubjectKey | None:
    if not subject.is_person:
        return None
    return platform.keyring.open_key(subject.subject_id, subject.wrapped_key)


def receive(platform: Platform, record: Record, evidence_id: str) -> Evidence:
    """Take in the file that was posted: check it, lock it in the archive, empty the inbox.

    Raises Conflict without a file, Invalid for one that cannot be evidence (another may then be
    posted to the same place), Erased where the person was erased meanwhile: then the file goes too.
    """
    evidence = store.load(platform, record.record_id, evidence_id)
    try:
        if evidence.state == "awaiting_file":
            evidence = _pin(platform, evidence)
        if evidence.state == "received":
            evidence = _archive(platform, record, evidence)
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


def _archive(platform: Platform, record: Record, evidence: Evidence) -> Evidence:
    try:
        data = platform.inbox.read(evidence.inbox_key, evidence.object_version)
    except Missing:
        # Only a commit that finished takes the file away: this one lost the race to it.
        return store.load(platform, evidence.record_id, evidence.evidence_id)
    digest = hashlib.sha256(data).hexdigest()
    key = _key(platform, files.find_subject(platform, record.subject_id))
    stored = platform.archive.put_once(
        f"evidence/{record.jurisdiction}/{record.record_id}/{evidence.evidence_id}",
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
        found = store.load(platform, after.record_id, after.evidence_id)
        if found.version == before.version:
            raise Unavailable("佐证材料正在被另一次提交处理，请稍后重试") from None
        return found
    return after


def of_record(platform: Platform, record_id: str) -> list[Evidence]:
    """All evidence of a record, the oldest first."""
    return store.load_all(platform, record_id)


def open_evidence(platform: Platform, record: Record, evidence_id: str, *, in_full: bool) -> Opened:
    """Check an archived file against what was noted, and give a link to it.

    Of a person's evidence only who sees personal values in full (`in_full`) gets title and link:
    to an unsealed copy that is deleted within a day. Raises Conflict before it is archived, Erased.
    """
    evidence = store.load(platform, record.record_id, evidence_id)
    if evidence.state != "archived":
        raise Conflict("这份材料还没有归档", code="evidence_not_archived")
    data = platform.archive.read(evidence.archive_key, evidence.archive_version)
    intact = hashlib.sha256(data).hexdigest() == evidence.stored_sha256
    name = f"{evidence.evidence_id}.{EXTENSIONS[evidence.media_type]}"
    key = _key(platform, files.find_subject(platform, record.subject_id))
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


def paper_key(platform: Platform, holder: str, evidence_id: str) -> Key:
    """Where a paper that is not (yet) of a record lies: under whoever handed it in."""
    return store.place_of(platform, f"papers:{holder}", evidence_id)


def is_archived(item: Item | None) -> bool:
    """Whether the item is that of a paper that is safe in the archive."""
    return item is not None and item["state"] == "archived"
