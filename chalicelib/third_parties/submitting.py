"""Ratings submitted: checked, archived with their signature, numbered, kept; and taken back.

    signature ── each row judged ── original into the archive ── number and submission ── ratings

What was decided of the rows is kept with the number; the same submission again goes on from there.
Ratings are written over nothing that has a later number, so no order of writes can mix two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import commit
from chalicelib.creditfile import service as files
from chalicelib.kernel.canonical import JsonValue, canonical_json
from chalicelib.kernel.clock import civil_date, instant_text
from chalicelib.kernel.errors import (
    Conflict,
    Fault,
    Invalid,
    NotFound,
    PreconditionFailed,
    Unavailable,
)
from chalicelib.kernel.ids import id_text
from chalicelib.third_parties import store
from chalicelib.third_parties.keeping import must_have
from chalicelib.third_parties.model import (
    Institution,
    Rating,
    RatingSystem,
    Refusal,
    Row,
    Signed,
    Statement,
    Submission,
)
from chalicelib.third_parties.rules import KnownBody, period_fault, row_faults
from chalicelib.third_parties.rules_signing import (
    NotSigned,
    check_signature,
    statement_bytes,
    tree_of,
)
from chalicelib.web.model import Caller

FORMAT: Final = "govcredit-third-party/1"
MOST_TOLD: Final = 200
"""Refused rows whose reasons are kept and told; of the others only the position."""
_RACES: Final = 10


@dataclass(frozen=True, slots=True)
class Sent:
    """A submission as it was sent."""

    system: str
    period: str
    reference: str
    note: str
    rows: Sequence[Row]
    original: JsonValue
    """The ratings as they were sent: rows, or the text of a file."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A submission whose system and period fit."""

    institution: Institution
    system: RatingSystem
    statement: Statement
    proofs: tuple[tuple[str, ...], ...]
    sent: Sent


@dataclass(frozen=True, slots=True)
class Judged:
    """The rows of a submission, judged by themselves."""

    bodies: Mapping[str, KnownBody]
    faults: Mapping[int, Sequence[Fault]]


def examine(platform: Platform, caller: Caller, sent: Sent) -> Examined:
    """What is to be signed of a submission. Raises NotFound, Invalid naming system or period, and
    Conflict for a withdrawn system."""
    must_have(platform, caller.jurisdiction)
    institution = store.load_institution(platform, caller.agency_code)
    if institution is None or institution.jurisdiction != caller.jurisdiction:
        raise NotFound("本单位没有登记为第三方评价机构")
    system = store.load_system(platform, sent.system)
    if system is None or system.institution != institution.code:
        fault = Fault("/system", "unknown_system", "本机构没有登记这套指标体系")
        raise Invalid("没有这套指标体系", faults=[fault])
    if system.withdrawn_at:
        raise Conflict("这套指标体系已经停用，不再接受评分", code="system_withdrawn")
    wrong = period_fault(system.period, sent.period, civil_date(platform.clock()))
    if wrong is not None:
        raise Invalid("评价周期不对", faults=[wrong])
    root, proofs = tree_of(sent.rows)
    statement = Statement(
        system.code, sent.period, sent.reference, sent.note, len(sent.rows), root
    )
    return Examined(institution, system, statement, proofs, sent)


def judge(platform: Platform, examined: Examined) -> Judged:
    """Each row by itself."""
    rows, system = examined.sent.rows, examined.system
    codes = sorted({row.unified_code for row in rows if row.unified_code})
    found = files.subjects_by_id(platform, [files.body_id(code) for code in codes])
    bodies = {
        one.unified_code: KnownBody(one.kind, one.jurisdiction, one.region, one.name)
        for one in found.values()
        if one.registered and not one.is_person
    }
    return Judged(bodies, row_faults(system, rows, bodies))


def refusals_of(examined: Examined, judged: Judged) -> tuple[Refusal, ...]:
    """The first refused rows with their reasons."""
    found = []
    for position in sorted(judged.faults)[:MOST_TOLD]:
        faults = tuple(
            (fault.pointer, fault.code, fault.message) for fault in judged.faults[position]
        )
        code = examined.sent.rows[position].unified_code
        found.append(Refusal(position, code, faults))
    return tuple(found)


def submit(
    platform: Platform, caller: Caller, sent: Sent, signature: str
) -> tuple[Submission, bool]:
    """Take a signed submission; the same one again is answered as it was (False). Raises Invalid
    for a wrong signature, or where no row can be taken: then nothing is kept."""
    examined = examine(platform, caller, sent)
    try:
        key = check_signature(signature, examined.statement, examined.institution.keys)
    except NotSigned as error:
        fault = Fault("/signature", error.code, error.message)
        raise Invalid("签名不成立，全部没有采用", faults=[fault]) from error
    submission_id = _id_of(platform, examined)
    before = store.load_submission(platform, submission_id)
    if before is not None and before.completed_at:
        return before, False
    judged = judge(platform, examined)
    kept = before or _numbered(platform, examined, judged, signature, key.kid)
    store.put_ratings(platform, _ratings(examined, judged, kept))
    done = instant_text(platform.clock())
    commit([store.completion(platform, submission_id, done)])
    return replace(kept, completed_at=done), True


def _id_of(platform: Platform, examined: Examined) -> str:
    statement = statement_bytes(examined.statement)
    mac = platform.keyring.mac("third_party_submission", examined.institution.code, statement)
    return id_text("ts", mac)


def _numbered(
    platform: Platform, examined: Examined, judged: Judged, signature: str, kid: str
) -> Submission:
    """Archive the original and take the next number of the period."""
    if len(judged.faults) == len(examined.sent.rows):
        raise Invalid("没有一个评分可以采用，全部没有保存", faults=list(_all_faults(judged)))
    system, statement = examined.system, examined.statement
    submission_id = _id_of(platform, examined)
    stored = platform.archive.put_once(
        f"third-parties/{system.institution}/{submission_id}.json",
        _original(examined, signature),
        content_type="application/json",
    )
    made = Submission(
        submission_id=submission_id,
        institution=system.institution,
        jurisdiction=system.jurisdiction,
        region=system.region,
        system=system.code,
        system_version=system.version,
        period=statement.period,
        reference=statement.reference,
        rows=statement.count,
        refused=tuple(sorted(judged.faults)),
        refusals=refusals_of(examined, judged),
        jws=signature,
        kid=kid,
        archive_key=stored.key,
        archive_version=stored.version_id,
        number=0,
        received_at=instant_text(platform.clock()),
    )
    return _take_number(platform, made)


def _take_number(platform: Platform, made: Submission) -> Submission:
    for _ in range(_RACES):
        number = store.load_head(platform, made.system, made.period) + 1
        mine = replace(made, number=number)
        head = store.head_put(platform, made.system, made.period, number, made.received_at)
        try:
            commit([head, store.submission_put(platform, mine)])
        except ConditionFailed:
            there = store.load_submission(platform, made.submission_id)
            if there is not None:
                return there
        else:
            return mine
    raise Unavailable("同一周期正有许多提交，请稍后重试")


def _all_faults(judged: Judged) -> Iterator[Fault]:
    for position in sorted(judged.faults)[:MOST_TOLD]:
        for fault in judged.faults[position]:
            yield Fault(f"/ratings/{position}{fault.pointer}", fault.code, fault.message)


def _original(examined: Examined, signature: str) -> bytes:
    statement = statement_bytes(examined.statement).decode()
    return canonical_json(
        {
            "format": FORMAT,
            "institution": examined.institution.code,
            "statement": statement,
            "signature": signature,
            "sent": examined.sent.original,
        }
    )


def _ratings(examined: Examined, judged: Judged, kept: Submission) -> Iterator[Rating]:
    key = examined.institution.key(kept.kid)
    refused = set(kept.refused)
    for position, row in enumerate(examined.sent.rows):
        body = judged.bodies.get(row.unified_code)
        if position in refused or body is None or key is None:
            continue
        yield Rating(
            system=kept.system,
            system_version=kept.system_version,
            institution=kept.institution,
            jurisdiction=kept.jurisdiction,
            region=body.region,
            period=kept.period,
            subject_name=body.name,
            row=row,
            submission_id=kept.submission_id,
            signed=Signed(
                kept.jws, kept.kid, key.jwk, position, kept.rows, examined.proofs[position]
            ),
            at=kept.received_at,
            version=kept.number,
        )


def withdraw_rating(platform: Platform, rating: Rating, version: int, reason: str) -> Rating:
    """Take a rating back: it is public no more, and a later submission may rate the body anew.
    Again with the same reason changes nothing. Raises PreconditionFailed, Conflict."""
    if rating.withdrawn and rating.reason == reason:
        return rating
    if rating.version != version:
        raise PreconditionFailed(f"这个评分已是第 {rating.version} 版，请重新读取")
    if rating.withdrawn:
        raise Conflict("这个评分已经撤回", code="rating_withdrawn")
    at = instant_text(platform.clock())
    number = store.load_head(platform, rating.system, rating.period) + 1
    after = replace(rating, version=number, at=at, withdrawn=True, reason=reason)
    try:
        commit(store.withdrawal_writes(platform, rating, after))
    except ConditionFailed as error:
        raise PreconditionFailed("这个周期刚刚有新的提交，请重新读取后再试") from error
    return after
