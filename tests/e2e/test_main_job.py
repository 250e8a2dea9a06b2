"""The main job, as an agency and a citizen see it: submit, archive, file, evaluate, disclose."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import jwt
import pytest
from botocore.exceptions import ClientError

from tests.e2e.city import COMPANY, licence, today
from tests.e2e.client import Api, Reply, until
from tests.e2e.conftest import Run

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("lost_record")]


def submitted(clerk: Api, sent: dict[str, Any]) -> str:
    reply = clerk.post("/v1/records", sent)
    assert reply.status == 201, reply
    return str(reply.json["record_id"])


def shown(public: Api, record_id: str, version: int) -> Reply:
    """The public document, once it shows this version."""

    def look() -> Reply | None:
        reply = public.get(f"/public/v1/records/{record_id}")
        return reply if reply.status == 200 and reply.json["version"] == version else None

    return until(look, f"{record_id} version {version} is public")


def completed(office: Api, path: str) -> Any:
    """A run or a replay, once it is complete."""

    def look() -> Any:
        found = office.get(path).json
        return found if found["status"] == "completed" else None

    return until(look, f"{path} is completed", 60)


def content_of(document: Any) -> str:
    return next(str(one["value"]) for one in document["fields"] if one["code"] == "content")


@pytest.mark.requirement("R-01")
def test_a_record_goes_from_the_agency_to_the_public_and_back(
    run: Run, clerk: Api, office: Api, public: Api
) -> None:
    record_id = submitted(clerk, licence(run.agency()))

    file = office.get(f"/v1/credit-files/b_{COMPANY}").json
    listed = [one["record_id"] for part in file["categories"] for one in part["records"]]
    assert record_id in listed
    assert run.agency() in [one["code"] for one in file["reporters"]]
    first = shown(public, record_id, 1)
    assert content_of(first.json) == "准予从事食品销售经营"
    unchanged = public.get(f"/public/v1/records/{record_id}", If_None_Match=first.headers["ETag"])
    assert (unchanged.status, unchanged.body) == (304, b"")
    found = public.get(f"/public/v1/records?subject={COMPANY}&limit=500").json["items"]
    assert record_id in [one["id"] for one in found]

    wanted = {"fields": {"content": "准予从事食品生产"}, "reason": "许可内容录入有误"}
    path = f"/v1/records/{record_id}"
    assert clerk.patch(path, wanted).status == 428
    assert clerk.patch(path, wanted, If_Match='"7"').status == 412
    assert clerk.patch(path, wanted, If_Match='"1"').json["version"] == 2
    second = shown(public, record_id, 2)
    assert content_of(second.json) == "准予从事食品生产"
    assert second.headers["ETag"] != first.headers["ETag"]
    history = clerk.get(f"{path}/versions").json["items"]
    assert [one["version"] for one in history] == [1, 2]

    withdrawn = clerk.post(f"{path}/withdrawal", {"reason": "重复报送"}, If_Match='"2"')
    assert withdrawn.json["status"] == "withdrawn", withdrawn
    gone = public.once(f"/public{path}", 410).json
    assert (gone["tombstone"]["id"], gone["tombstone"]["reason"]) == (record_id, "withdrawn")
    assert "准予" not in str(gone)
    assert public.get("/public/v1/records/r_aaaaaaaaaaaaaaaaaaaaaaaaaa").status == 404
    found = public.get(f"/public/v1/records?subject={COMPANY}&limit=500").json["items"]
    assert record_id not in [one["id"] for one in found]


@pytest.mark.requirement("R-05")
def test_the_original_is_locked_and_proves_the_record(run: Run, clerk: Api) -> None:
    sent = licence(run.agency())
    record_id = submitted(clerk, sent)
    proof = clerk.get(f"/v1/records/{record_id}/original").json
    assert proof["proved"] is True
    assert proof["sent"] == sent
    bucket = run.physical()["ArchiveBucket"]
    place = {"Bucket": bucket, "Key": proof["archived_at"], "VersionId": proof["object_version"]}
    s3 = run.client("s3")
    stored = s3.get_object(**place)
    assert hashlib.sha256(stored["Body"].read()).hexdigest() == proof["sha256"]
    assert stored["ObjectLockRetainUntilDate"].year >= today().year + 9
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(**place)
    s3.delete_object(Bucket=bucket, Key=proof["archived_at"])  # hides it: a marker, no deletion
    assert clerk.get(f"/v1/records/{record_id}/original").json["proved"] is True


def test_a_receipt_verifies_with_the_published_key(run: Run, clerk: Api, public: Api) -> None:
    sent = licence(run.agency())
    body = json.dumps(sent, ensure_ascii=False).encode()
    reply = clerk.post("/v1/records", sent)
    keys = public.once("/public/v1/keys", 200).json
    receipt = str(reply.json["receipt"])
    kid = jwt.get_unverified_header(receipt)["kid"]
    key = jwt.PyJWKSet.from_dict(keys)[kid]
    told = jwt.decode(receipt, key, algorithms=["ES256"])
    assert told["sha256"] == hashlib.sha256(body).hexdigest()
    assert (told["record_id"], told["on_time"]) == (reply.json["record_id"], True)
    # A duplicate is answered with the first receipt's claims; other content is a conflict.
    again = clerk.post("/v1/records", sent)
    assert (again.status, again.json["outcome"]) == (200, "duplicate")
    assert jwt.decode(again.json["receipt"], key, algorithms=["ES256"]) == told
    other = clerk.post("/v1/records", {**sent, "fields": {**sent["fields"], "content": "别的"}})
    assert (other.status, other.code) == (409, "record_conflict")


@pytest.mark.requirement("R-06")
def test_an_evaluation_finishes_and_its_result_is_public(
    run: Run, office: Api, public: Api
) -> None:
    order = {"scheme": "annual_integrity", "period": str(today().year - 1)}
    begun = office.post("/v1/evaluations", order, Idempotency_Key="e2e-evaluation")
    assert begun.status == 202, begun
    again = office.post("/v1/evaluations", order, Idempotency_Key="e2e-evaluation")
    assert again.json["run_id"] == begun.json["run_id"]
    done = completed(office, begun.headers["Location"])
    # Other tests of the run may have registered bodies, too.
    assert done["percentage"] == 100 and done["bodies"] >= 1
    run_id, code = done["run_id"], run.agency()
    page = f"/public/v1/evaluations/{run_id}/results"

    def look() -> Any:
        items = public.get(page).json.get("items", [])
        return next((one for one in items if one["body"]["code"] == code), None)

    mine = until(look, f"{code} has its result in public")
    assert mine["place"] == 1
    why = public.get(f"{page}/{code}").json
    assert why["result"]["score"] == mine["score"]
    assert run_id in [one["run"] for one in public.get("/public/v1/evaluations").json["items"]]
    replay = office.post(f"/v1/evaluations/{run_id}/replays")
    told = completed(office, replay.headers["Location"])
    assert (told["equal"], told["difference_count"]) == (True, 0), told
