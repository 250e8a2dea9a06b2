"""A lead from anyone: the case is opened, the receipt code is told once.

    counted -> what it is about -> judged -> pictures drawn anew and archived -> one transaction

With an Idempotency-Key the code follows from key and content, so that a request that is repeated is
answered with the same code and opens nothing more: nothing has to be kept for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import batch_get
from chalicelib.aws.writes import Key, Write
from chalicelib.cases import service as cases
from chalicelib.cases.model import Actor, CaseFile
from chalicelib.cases.service import Around, Doer, Taken, Wish
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Subject
from chalicelib.kernel.clock import civil_date
from chalicelib.kernel.errors import Fault, Invalid, Malformed
from chalicelib.leads import pictures, store
from chalicelib.leads.kinds import open_kinds
from chalicelib.leads.model import LeadIn
from chalicelib.leads.rules_codes import CODE_BYTES, code_of, plain_code
from chalicelib.policy.case_kinds import CaseAction, CaseKind
from chalicelib.policy.model import Pack
from chalicelib.policy.service import pack_for

ANYONE: Final = Doer(Actor("anyone", frozenset()))
USUAL_KIND: Final = "lead"
_LEAST_KEY: Final = 20
_MOST_KEY: Final = 200


@dataclass(frozen=True, slots=True)
class Opened:
    """A case that was opened, and the code that leads back to it."""

    code: str
    file: CaseFile
    repeated: bool = False


def digest_of(platform: Platform, typed: str) -> str:
    """Under what a receipt code is kept, however it was typed."""
    return platform.keyring.mac("receipt_code", plain_code(typed)).hex()


def open_lead(platform: Platform, lead: LeadIn, body: bytes, idempotency_key: str) -> Opened:
    """Open a case for whom nobody knows. Raises Invalid (the body complained of is not known, the
    kind is not open to anyone here, something is missing, a picture cannot be taken), Malformed."""
    code = _new_code(platform, idempotency_key, body)
    digest = digest_of(platform, code)
    receipt = store.receipt_key(platform, digest)
    place = files.subject_place_of(platform, files.body_id(lead.unified_code))
    found = batch_get([receipt, place])
    if receipt in found:
        return Opened(code, cases.find_file(platform, str(found[receipt]["case_id"])), True)
    subject = _body(found, place)
    pack = pack_for(subject.jurisdiction, civil_date(platform.clock()))
    kind, action = chosen_kind(pack, lead.kind)
    frame = cases.frame_of(platform, pack, kind, Around(None, subject, found), (digest,))
    wish = Wish(action.code, lead.fields, {}, body=body)
    scene = cases.scene_of(platform, frame, None, found)
    cases.judged(scene, ANYONE, wish)
    drawn = pictures.drawn(lead.attachments)
    if drawn:
        wrapped = store.settled_key(platform, frame.case_id, frame.wrapped_key)
        frame = replace(frame, wrapped_key=wrapped)
        scene = replace(scene, frame=frame)
    kept = pictures.archived(platform, frame, 1, drawn) if drawn else []

    def joined(taken: Taken) -> list[Write]:
        case_id = taken.file.case_id
        return [
            store.receipt_put(platform, digest, case_id),
            *(store.picture_put(platform, case_id, picture) for picture in kept),
        ]

    return Opened(code, cases.start(scene, ANYONE, wish, joined).file)


def chosen_kind(pack: Pack, asked: str) -> tuple[CaseKind, CaseAction]:
    """The kind that was asked for, or the usual one. Raises Invalid where it is not open here."""
    there = {kind.code: (kind, action) for kind, action in open_kinds(pack)}
    found = there.get(asked or USUAL_KIND)
    if found is None:
        known = "、".join(f"{code}（{kind.title}）" for code, (kind, _) in there.items())
        message = f"“{pack.title}”没有这个事项，可以反映的有：{known}"
        raise Invalid(message, faults=[Fault("/kind", "not_reportable", message)])
    return found


def _body(found: Mapping[Key, Item], place: Key) -> Subject:
    item = found.get(place)
    return body_among(None if item is None else files.subject_from(item))


def body_among(subject: Subject | None) -> Subject:
    """The body complained of: registered, and no person. Raises Invalid."""
    if subject is None or subject.is_person or not subject.registered:
        message = "没有查到这个单位，请核对统一社会信用代码，或用 GET /public/v1/subjects 查找"
        raise Invalid(message, faults=[Fault("/unified_code", "unknown_body", message)])
    return subject


def _new_code(platform: Platform, idempotency_key: str, body: bytes) -> str:
    if not idempotency_key:
        return code_of(platform.ids.random_bytes(CODE_BYTES))
    if not _LEAST_KEY <= len(idempotency_key) <= _MOST_KEY or not idempotency_key.isascii():
        raise Malformed(
            f"不带账号时 Idempotency-Key 应是 {_LEAST_KEY} 至 {_MOST_KEY} 个随机字符（例如 UUID）",
            code="guessable_idempotency_key",
        )
    secret = platform.keyring.mac("receipt_secret", idempotency_key, body)
    return code_of(secret[:CODE_BYTES])
