"""A proof that nothing stands against somebody: signed, dated, for one purpose (R-44)."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import jwt
import pytest

from chalicelib.creditfile.model import Identification
from tests.checks import hall
from tests.intake import town
from tests.support.world import World, make_world

pytestmark = pytest.mark.requirement("R-44")


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    world = make_world(aws)
    hall.settle(world)
    return world


def proof_of(world: World, named: Identification, key: str = "", scene: str = "bidding") -> Any:
    body = {"scene": scene, "purpose": hall.PURPOSE, "subject": hall.asked(named)}
    headers = {"Idempotency-Key": key} if key else {}
    return hall.api(world)("POST", "/v1/check-proofs", body, headers)


def verified(world: World, jws: str) -> dict[str, Any]:
    """What a proof says, to anybody who has it and the public keys."""
    (key,) = jwt.PyJWKSet.from_dict(dict(world.platform.keyring.public_jwks())).keys
    claims: dict[str, Any] = jwt.decode(
        jws, key, algorithms=["ES256"], options={"verify_exp": False, "verify_iat": False}
    )
    assert claims["iat"] <= world.clock().timestamp() < claims["exp"]
    return claims


def test_anybody_can_verify_what_was_found_for_whom_why_and_until_when(world: World) -> None:
    clean = hall.CLEAN
    reply = proof_of(world, clean)
    assert reply.status == 201 and reply.json["salt"] is None
    said = verified(world, reply.json["proof"])
    assert said["subject"] == {"unified_code": hall.CLEAN.unified_code}
    assert (said["statement"], said["measures"], said["answer"]) == ("no_measures", [], "allow")
    assert (said["scene"], said["purpose"]) == ("bidding", hall.PURPOSE)
    assert (said["agency"], said["as_of"]) == (hall.CENTRE, "2026-06-15")
    assert said["valid_until"] == reply.json["valid_until"] == "2026-07-15"
    said = verified(world, proof_of(world, hall.BUILDER).json["proof"])
    assert said["statement"] == "measures" and said["measures"][0]["until"] == hall.UNTIL
    head, body, signature = reply.json["proof"].split(".")
    with pytest.raises(jwt.InvalidSignatureError):
        verified(world, f"{head}.{body[:-4]}AAAA.{signature}")


def test_a_persons_proof_tells_nobody_who_it_is_but_who_has_salt_and_code(world: World) -> None:
    reply = proof_of(world, hall.OFFICIAL, scene="promotion")
    assert town.OFFICIAL not in reply.text and "张某甲" not in reply.text
    said = verified(world, reply.json["proof"])
    salt = bytes.fromhex(reply.json["salt"])
    digest = hmac.new(salt, town.OFFICIAL.encode(), hashlib.sha256).hexdigest()
    assert said["subject"]["citizen_code_digest"] == digest
    assert reply.json["salt"] not in str(said)
    second = proof_of(world, hall.OFFICIAL, scene="promotion").json
    assert verified(world, second["proof"])["subject"] != said["subject"], "no two can be linked"


def test_the_same_proof_asked_for_again_says_the_same(world: World) -> None:
    first, again = (proof_of(world, hall.OFFICIAL, "k-1", "promotion").json for _ in range(2))
    assert first["salt"] == again["salt"]
    assert verified(world, first["proof"]) == verified(world, again["proof"])


def test_nothing_is_proved_of_another_name_or_a_wrong_code(world: World) -> None:
    other = proof_of(world, Identification(hall.BUILDER.unified_code, "", "别家公司"))
    assert (other.status, other.code) == (409, "proof_of_another_name")
    wrong = proof_of(world, Identification("", town.OFFICIAL[:-1] + "?", ""))
    assert [one["pointer"] for one in wrong.json["errors"]] == ["/subject/citizen_code"]
    assert town.OFFICIAL[:-1] not in wrong.text


def test_a_proof_awaits_no_feedback(world: World) -> None:
    proof = proof_of(world, hall.BUILDER).json
    path = f"/v1/checks/{proof['proof_id']}"
    assert hall.api(world)("GET", path).json["feedback"]["state"] == "none_due"
    done = {"done": [{"number": 1, "act": "excluded"}]}
    reply = hall.api(world)("PUT", f"{path}/feedback", done, {"If-Match": '"1"'})
    assert (reply.status, reply.code) == (409, "no_feedback")
