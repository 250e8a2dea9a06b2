"""Cases that the platform opens because a dishonesty record came or changed.

    stream ─ record_changed ─ what the pack wants ─ facts hold ─ case opened, or there already

A message only names the record; what is opened follows from its versions as they are. The id of a
case is a keyed digest of record, kind, trigger and version, so that however often and in whatever
order messages come, one case is opened. While a case of a kind about the record is open no second
one is: whoever owes that notice tells what the record says by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.events import Change
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import Key
from chalicelib.cases import store
from chalicelib.cases.acting import take
from chalicelib.cases.model import PLATFORM
from chalicelib.cases.opening import Around, Target, around, framed, is_open_before
from chalicelib.cases.rules_arising import Arising, arising, is_concerned
from chalicelib.cases.scene import Doer, Wish, scene_of
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Record
from chalicelib.intake.service import finished_uploads
from chalicelib.kernel.clock import civil_date, parse_instant
from chalicelib.kernel.errors import Conflict, Unavailable
from chalicelib.kernel.ids import id_text
from chalicelib.policy.base import GOVERNMENT_BODIES
from chalicelib.policy.model import Pack
from chalicelib.policy.service import pack_for

FILE_PATIENCE: Final = timedelta(days=1)
"""How long a row waits for its file to be finished before somebody has to look."""
LOOK_AGAIN_SECONDS: Final = 300

_DOER: Final = Doer(PLATFORM)


@dataclass(frozen=True, slots=True)
class _Place:
    """The record, its pack today, and everything that was read around it."""

    platform: Platform
    pack: Pack
    record: Record
    found: Around


def record_changed(platform: Platform, record_id: str) -> None:
    """Open the cases that a record gives rise to and that are not there. Raises NotFound, and
    Unavailable where something is just changing or a file is not finished for a day."""
    versions = files.find_versions(platform, record_id)
    upload = versions[-1].upload
    if upload is not None:
        if not finished_uploads(platform, [upload.upload_id]):
            _wait(platform, versions[-1])
            return
        # Rows of one file may take a record from each other until it is finished.
        versions = files.find_versions(platform, record_id)
    if is_concerned(versions[-1]):
        _open_all(platform, versions)


def look_again(platform: Platform, records: Sequence[Record]) -> int:
    """Have it looked at again whether what these records give rise to was opened: a message may
    have been lost. How many concern dishonesty."""
    messages = [_change(record) for record in records if is_concerned(record)]
    platform.cases_queue.send_many(messages)
    return len(messages)


def _change(record: Record) -> dict[str, object]:
    key = f"RECORD#{record.record_id}"
    return Change("records", key, record.version, "record").message()


def _wait(platform: Platform, record: Record) -> None:
    if platform.clock() - parse_instant(record.changed_at) > FILE_PATIENCE:
        raise Unavailable("这条信用信息所在的文件一天还没有处理完")
    platform.cases_queue.send(_change(record), delay_seconds=LOOK_AGAIN_SECONDS)


def _open_all(platform: Platform, versions: Sequence[Record]) -> None:
    record = versions[-1]
    pack = pack_for(record.jurisdiction, civil_date(platform.clock()))
    wanted = list(arising(pack, versions))
    keys: list[Key] = []
    for alternatives in wanted:
        for one in alternatives:
            keys.append(store.case_key(platform, _case_id(platform, record, one)))
        if alternatives[0].kind.about == "record":
            keys.append(store.open_key(platform, alternatives[0].kind.code, record.record_id))
    if not keys:
        return
    place = _Place(platform, pack, record, around(platform, Target(record.record_id), keys))
    for alternatives in wanted:
        _open_first(place, alternatives)


def _open_first(place: _Place, alternatives: tuple[Arising, ...]) -> None:
    """Open the first that can be opened; nothing while one of the kind is open already, about a
    record whose place this one took too, or the newest of them was opened before."""
    platform, record, items = place.platform, place.record, place.found.items
    kind = alternatives[0].kind
    if store.open_key(platform, kind.code, record.record_id) in items:
        return
    if kind.about == "record" and is_open_before(platform, kind.code, record):
        return
    for one in alternatives:
        case_id = _case_id(platform, record, one)
        if store.case_key(platform, case_id) not in items and _open(place, one, case_id):
            return


def _open(place: _Place, one: Arising, case_id: str) -> bool:
    """Whether the case was opened; False where the facts are against it."""
    platform, found = place.platform, place.found
    if one.kind.about == "body":
        subject = found.subject
        if subject is None or subject.kind not in GOVERNMENT_BODIES or not subject.registered:
            return False
        found = Around(None, subject, found.items)
    frame = framed(platform, place.pack, one.kind, found, case_id)
    scene = scene_of(platform, frame, None, found.items)
    try:
        take(scene, _DOER, Wish(one.action, {}, {}))
    except Conflict:
        return False
    except ConditionFailed:
        if store.load(platform, case_id) is None and not store.open_case_id(
            platform, one.kind.code, place.record.record_id
        ):
            raise Unavailable("有关信息刚刚有变动，请稍后重试") from None
    return True


def _case_id(platform: Platform, record: Record, one: Arising) -> str:
    parts = (record.record_id, one.kind.code, one.trigger, str(one.version))
    return id_text("c", platform.keyring.mac("case_id_arising", *parts))
