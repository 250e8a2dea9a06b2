"""Proof for one subject, for one purpose, on one day: a JWS anyone can verify.

The receipt key signs it; /public/v1/keys holds its public half. It says which system asked in which
scene for what, what was found, as of when, and until when it is good.

A body is named by its unified code, which is public. A person never is: a proof travels, and with
the citizen code in it, or a plain digest of one (there are few enough to try them all), whoever
holds it would hold a person's number. So it carries HMAC-SHA-256 of the code under a salt that only
the asker is given: with salt and code the asker shows that a proof is about this person, without
the salt nobody learns about whom it is, nor that two proofs are about the same person. The salt is
derived, not kept: the same proof asked for again has the same.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final, Literal

from chalicelib.aws.platform import Platform
from chalicelib.checks.asking import ask
from chalicelib.checks.bodies import CheckProofIn
from chalicelib.checks.model import Asked, Check, Told
from chalicelib.checks.service import examined_subject, name_of, wish_of
from chalicelib.kernel.canonical import JsonValue
from chalicelib.kernel.clock import day_end, parse_instant
from chalicelib.kernel.errors import Conflict, Fault, Invalid
from chalicelib.policy.measures import Scene
from chalicelib.web.idempotency import IdempotencyClaim
from chalicelib.web.model import Caller

Statement = Literal["not_on_file", "no_measures", "measures"]
STATEMENT_TITLES: Final[Mapping[Statement, str]] = {
    "not_on_file": "截至当日，平台没有这个主体的信用档案",
    "no_measures": "截至当日，这个主体在该场景中没有生效的措施",
    "measures": "截至当日，这个主体在该场景中有下列生效的措施",
}
TYPE: Final = "check_proof"
_SALT_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof as it is given: the JWS, and for a person the salt."""

    check: Check
    statement: Statement
    jws: str
    salt: str
    """Hex; empty for a body."""
    valid_until: date
    repeated: bool

    @property
    def told(self) -> Told:
        """What was found."""
        return self.check.told[0]


def prove(
    platform: Platform, caller: Caller, body: CheckProofIn, claim: IdempotencyClaim | None
) -> Proof:
    """Ask about one subject and sign what was found; the look is noted as that of any check.
    Raises Invalid, and Conflict where the name is not the one on file or the scene is not about
    such a subject."""
    faults: list[Fault] = []
    asked = examined_subject(platform, body.subject, 1, "/subject", faults)
    wish = wish_of(platform, caller, body, () if asked is None else (asked,), faults)
    if asked is None:
        raise Invalid(faults=faults)
    kept = ask(platform, caller, replace(wish, kind="proof"), name_of(platform, claim, "proof"))
    check, (told,) = kept.check, kept.check.told
    if told.reason == "name_differs":
        raise Conflict("名称与信用档案不符，不能出具证明", code="proof_of_another_name")
    if told.reason == "not_in_scene":
        raise Conflict("这个场景不适用于这类主体，不能出具证明", code="proof_of_another_scene")
    valid_until = date.fromisoformat(check.asked_on) + timedelta(days=wish.scene.proof_days)
    salt = _salt(platform, check) if told.is_person else b""
    statement = statement_of(told)
    claims = claims_of(check, wish.scene, statement, subject_claim(asked, salt), valid_until)
    return Proof(
        check, statement, platform.keyring.sign(claims), salt.hex(), valid_until, kept.repeated
    )


def statement_of(told: Told) -> Statement:
    """What a proof says in one word."""
    if not told.subject_id:
        return "not_on_file"
    return "measures" if told.measures else "no_measures"


def subject_claim(asked: Asked, salt: bytes) -> dict[str, JsonValue]:
    """How a proof names whom it is about."""
    named = asked.named
    if named.is_person:
        digest = hmac.new(salt, named.citizen_code.encode(), hashlib.sha256).hexdigest()
        return {"citizen_code_digest": digest, "method": "HMAC-SHA256(salt, citizen_code)"}
    if named.unified_code:
        return {"unified_code": named.unified_code}
    return {"registration_number": named.registration_number}


def claims_of(
    check: Check,
    scene: Scene,
    statement: Statement,
    subject: dict[str, JsonValue],
    valid_until: date,
) -> dict[str, JsonValue]:
    """What is signed."""
    (told,) = check.told
    return {
        "iss": "govcredit",
        "typ": TYPE,
        "jti": check.check_id,
        "iat": int(parse_instant(check.asked_at).timestamp()),
        "exp": int(day_end(valid_until).timestamp()),
        "valid_until": valid_until.isoformat(),
        "jurisdiction": check.jurisdiction,
        "pack": check.pack,
        "scene": scene.code,
        "scene_title": scene.title,
        "purpose": check.purpose,
        "agency": check.agency,
        "agency_name": check.agency_name,
        "subject": subject,
        "statement": statement,
        "statement_title": STATEMENT_TITLES[statement],
        "answer": told.answer,
        "measures": [
            {
                "code": one.code,
                "title": one.title,
                "text": one.text,
                "since": one.since,
                "until": one.until or None,
            }
            for one in told.measures
        ],
        "as_of": told.as_of,
        "version": told.version,
    }


def _salt(platform: Platform, check: Check) -> bytes:
    return platform.keyring.mac("check_proof_salt", check.check_id)[:_SALT_BYTES]
