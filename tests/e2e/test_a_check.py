"""A business system asks before it decides, is stopped, says what it did, proves what it was told,
and hears when the answer changes: on the running platform, through HTTP alone."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import jwt
import pytest

from infra.local.sample.city import unified_code
from tests.e2e.city import today
from tests.e2e.client import Api, Reply, until
from tests.e2e.conftest import Run

pytestmark = pytest.mark.e2e

FIRM = "示例市食言建设工程有限公司"


def _asked(system: Api, code: str, scene: str = "bidding") -> Reply:
    return system.post(
        "/v1/checks",
        {
            "scene": scene,
            "purpose": "示例市政务服务中心装修项目投标资格审查",
            "reference": "P-2026-17",
            "subjects": [{"unified_code": code, "name": FIRM}],
        },
    )


def _answered(system: Api, code: str, answer: str) -> Callable[[], Any]:
    def look() -> Any:
        reply = _asked(system, code)
        assert reply.status == 201, reply
        return reply if reply.json["subjects"][0]["answer"] == answer else None

    return look


@pytest.mark.requirement("R-44", "R-42")
def test_a_bidder_is_stopped_and_let_in_again_by_events_alone(run: Run, clerk: Api) -> None:
    system, office, public = run.api("business_system"), run.api("credit_office"), run.api()
    code = unified_code("91", "329900", f"MA{secrets.randbelow(10**6):06}")
    nobody = _asked(system, code)
    assert nobody.status == 201, nobody
    (told,) = nobody.json["subjects"]
    assert (told["answer"], told["on_file"]) == ("allow", False)

    listed = clerk.post(
        "/v1/records",
        {
            "type": "judgment_defaulter",
            "subject": {"unified_code": code, "name": FIRM},
            "fields": {
                "enforcement_number": f"（2026）示99执{secrets.randbelow(10**6)}号",
                "judgment_number": "（2025）示99民初1号",
                "court": "示例市中级人民法院",
                "duty": "支付工程款",
                "performance": "none",
                "listed_on": today().isoformat(),
            },
            "notices": {
                "decision_delivered_on": today().isoformat(),
                "repair_delivered_on": today().isoformat(),
                "proof": "送达回证示例第1号",
            },
        },
    )
    assert listed.status == 201, listed
    stopped = until(_answered(system, code, "restrict"), "the bidder is stopped", 60)
    check = stopped.json
    (measure,) = check["subjects"][0]["measures"]
    assert measure["code"] == "bidding_defaulters" and measure["basis"]["document"]

    watched = system.post(
        "/v1/subscriptions",
        {
            "scene": "bidding",
            "purpose": "在建项目投标人名单",
            "subjects": [{"unified_code": code, "reference": "B-1"}],
        },
    )
    assert watched.status == 201, watched
    done = {"done": [{"number": 1, "act": "restricted", "reason": ""}]}
    path = f"/v1/checks/{check['check_id']}"
    given = system.send(
        "PUT", f"{path}/feedback", done, {"If_Match": str(system.get(path).headers["ETag"])}
    )
    assert given.status == 200 and given.json["feedback"]["state"] == "given", given

    proof = system.post(
        "/v1/check-proofs",
        {"scene": "bidding", "purpose": "归入评标档案", "subject": {"unified_code": code}},
    )
    assert proof.status == 201, proof
    keys = jwt.PyJWKSet.from_dict(public.get("/public/v1/keys").json)
    token = proof.json["proof"]
    kid = jwt.get_unverified_header(token)["kid"]
    key = next(one for one in keys.keys if one.key_id == kid)
    claims = jwt.decode(token, key, algorithms=["ES256"], options={"verify_aud": False})
    assert (claims["answer"], claims["scene"]) == ("restrict", "bidding")

    record = f"/v1/records/{listed.json['record_id']}"
    current = clerk.get(record)
    gone = clerk.post(
        f"{record}/withdrawal", {"reason": "法院已删除"}, If_Match=str(current.headers["ETag"])
    )
    assert gone.status == 200, gone
    until(_answered(system, code, "allow"), "the bidder is let in again", 60)
    changes = f"/v1/subscriptions/{watched.json['subscription_id']}/changes?after=0"

    def heard() -> Any:
        found = system.get(changes).json["items"]
        return found or None

    (change,) = until(heard, "the change is told", 60)
    assert (change["before"], change["answer"], change["reference"]) == ("restrict", "allow", "B-1")

    figures = office.get("/v1/check-statistics")
    assert figures.status == 200, figures
    bidding = next(one for one in figures.json["items"] if one["scene"] == "bidding")
    assert bidding["restricted"] >= 1 and bidding["overdue"] == 0
