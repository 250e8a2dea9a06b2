"""Persons' files over HTTP: masked, noted before the look, erased; found by code in the body."""

from __future__ import annotations

import zlib
from typing import Any

import pytest

from chalicelib.access import audit
from chalicelib.aws import calls
from chalicelib.creditfile import presenting, reading, rules, service
from chalicelib.kernel.errors import Unavailable
from chalicelib.policy.model import Field
from tests.creditfile.town import (
    APPROVED,
    AUDITOR,
    CLERK,
    EAST_OFFICE,
    GOVERNMENT,
    OFFICER_OF_CREDIT,
    PERSONNEL,
    PURPOSE,
    SECRETS,
    SUPERVISOR,
    Http,
    caller,
    employ,
    file_of,
    officer,
    official_id,
    stand_below,
    subject_client,
    submit,
    trail,
    values_of,
)
from tests.intake import town as intake
from tests.intake.town import BUREAU, EAST, HOUSING, OFFICIAL, body_code
from tests.support.world import World

# -- persons ------------------------------------------------------------------------------------


@pytest.mark.requirement("R-05")
@pytest.mark.requirement("R-26")
def test_a_person_s_file_is_masked_except_to_itself_and_to_approved_personnel(
    town: World, http: Http
) -> None:
    record_id = submit(town, intake.discipline())
    subject_id = official_id(town)
    stand_below(town, GOVERNMENT, BUREAU)
    employ(town, subject_id, BUREAU)
    for who in (OFFICER_OF_CREDIT, SUPERVISOR, AUDITOR):
        reply = file_of(http, subject_id, who)
        assert reply.status == 200, reply.text
        assert all(secret not in reply.text for secret in SECRETS)
        assert reply.json["subject"]["name"] == "张**"
        (record,) = reply.json["dishonesty"]["records"]
        assert record["severity_title"] == "轻微"
        assert values_of(record) == {
            "decision_number": None,
            "measure": None,
            "conduct": None,
            "facts": None,
            "decided_by": "示例市监察委员会",
            "decided_on": "2026-05-11",
        }
        assert record["publicity"]["state"] == "withheld"
    full = file_of(http, subject_id, PERSONNEL, **APPROVED)
    own = http(subject_client(subject_id), "GET", f"/v1/credit-files/{subject_id}")
    for reply in (full, own):
        (record,) = reply.json["dishonesty"]["records"]
        assert values_of(record)["facts"] == "未按规定履行审核职责"
        assert reply.json["subject"]["name"] == "张某甲"
        assert OFFICIAL not in reply.text  # the code is never shown
    titles = [one["title"] for one in full.json["categories"]]
    assert titles == [
        "依法履职",
        "诚信尽责",
        "规范服务",
        "廉政记录",
        "违法违纪违规",
        "年度考核结果",
    ]
    assert [(one["purpose"], one["approval"]) for one in trail(town)] == [
        *[("annual_review", "")] * 3,
        ("annual_review", "组批〔2026〕3号"),
        ("self", ""),
    ]
    assert record["record_id"] == record_id


@pytest.mark.requirement("R-26")
def test_without_a_purpose_nothing_of_a_person_is_shown_or_noted(town: World, http: Http) -> None:
    record_id = submit(town, intake.discipline())
    subject_id = official_id(town)
    places = (
        f"/v1/credit-files/{subject_id}",
        f"/v1/subjects/{subject_id}",
        f"/v1/records/{record_id}",
        f"/v1/records/{record_id}/versions",
        f"/v1/records?subject_id={subject_id}",
    )
    for place in places:
        path, _, query = place.partition("?")
        given = dict([query.split("=")]) if query else None
        refused = http(OFFICER_OF_CREDIT, "GET", path, query=given)
        assert [one["code"] for one in refused.json["errors"]] == ["purpose_required"], place
        assert refused.status == 422 and not trail(town)
    for place in places:
        path, _, query = place.partition("?")
        given = dict([query.split("=")]) if query else None
        shown = http(OFFICER_OF_CREDIT, "GET", path, query=given, headers=PURPOSE)
        assert shown.status == 200, shown.text
        assert all(secret not in shown.text for secret in SECRETS)
    assert len(trail(town)) == len(places)
    unapproved = file_of(http, subject_id, PERSONNEL)
    assert unapproved.json["errors"][0]["code"] == "approval_required"
    assert len(trail(town)) == len(places)


@pytest.mark.requirement("R-26")
def test_the_look_is_noted_before_anything_is_opened(
    town: World, http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_id = submit(town, intake.discipline())
    subject_id = official_id(town)

    def unwritable(*_: Any) -> Any:
        raise Unavailable("审计记录暂时写不进去")

    def unreached(*_: Any, **__: Any) -> Any:
        raise AssertionError("opened before it was noted")

    monkeypatch.setattr(reading, "record_read", unwritable)
    for name in ("open_profile", "open_fields"):
        monkeypatch.setattr(service, name, unreached)
    for path in (
        f"/v1/credit-files/{subject_id}",
        f"/v1/subjects/{subject_id}",
        f"/v1/records/{record_id}",
        f"/v1/records/{record_id}/versions",
    ):
        reply = http(OFFICER_OF_CREDIT, "GET", path, headers=PURPOSE)
        assert reply.status == 503, path


@pytest.mark.requirement("R-26")
def test_a_person_sees_itself_only_and_who_looked(town: World, http: Http) -> None:
    submit(town, intake.discipline())
    honour = submit(town, intake.honour(1))
    subject_id = official_id(town)
    me = subject_client(subject_id)
    file_of(http, subject_id, AUDITOR)
    assert http(me, "GET", "/v1/records", query={"subject_id": subject_id}).status == 200
    assert http(me, "GET", f"/v1/records/{honour}").code == "outside_scope"
    assert http(me, "GET", f"/v1/credit-files/b_{HOUSING}").code == "outside_scope"
    assert http(me, "GET", "/v1/records", query={"reporter": BUREAU}).code == "outside_scope"
    readers = audit.list_readers(town.platform, subject_id, 10, None).items
    assert [entry["purpose"] for entry in readers] == ["self", "annual_review"]
    somebody = subject_client("p_somebody_else")
    assert file_of(http, subject_id, somebody).code == "outside_scope"


@pytest.mark.requirement("R-26")
def test_a_reporter_s_list_does_not_open_persons(town: World, http: Http) -> None:
    submit(town, intake.discipline())
    submit(town, intake.honour(1))
    items = http(CLERK, "GET", "/v1/records", query={"reporter": BUREAU}).json["items"]
    assert [(one["fields_withheld"], bool(one["fields"])) for one in items] == [
        (False, True),
        (True, False),
    ]
    assert not trail(town)
    query = {"reporter": BUREAU, "dishonesty": "true"}
    only = http(CLERK, "GET", "/v1/records", query=query).json["items"]
    assert [one["type"] for one in only] == ["public_official_discipline"]


def test_personal_fields_of_a_firm_s_record_are_masked(town: World, http: Http) -> None:
    record_id = submit(town, intake.licence(1, legal_representative="王某丙"))
    for who in (CLERK, AUDITOR):
        reply = http(who, "GET", f"/v1/records/{record_id}")
        assert "王某丙" not in reply.text
        field = next(f for f in reply.json["fields"] if f["code"] == "legal_representative")
        assert (field["value"], field["text"], field["masked"]) == (None, None, True)


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ({"personal": True}, "王某丙", None),
        ({"personal": True, "mask": "hidden"}, "王某丙", None),
        ({"personal": True, "mask": "name"}, "王某丙", "王**"),
        ({"mask": "name"}, "王某丙", "王**"),
        ({"personal": True, "mask": "code", "kind": "citizen_code"}, OFFICIAL, "329901" + "*" * 12),
        ({"kind": "citizen_code"}, OFFICIAL, None),
        ({}, f"当事人{OFFICIAL}", "当事人329901" + "*" * 12),
        ({}, "示许决〔2026〕1号", "示许决〔2026〕1号"),
        ({"kind": "integer"}, 3, 3),
        ({"personal": True, "kind": "integer"}, 3, None),
    ],
)
def test_how_a_field_is_masked(field: dict[str, Any], value: Any, shown: Any) -> None:
    entry = Field(code="x", title="某项", **field)
    masked = presenting.filed_field(entry, value, full=False)
    assert masked.value == shown
    full = presenting.filed_field(entry, value, full=True)
    assert (full.value, full.masked) == (value, False)
    assert presenting.filed_field(entry, None, full=True).value is None


@pytest.mark.requirement("R-26")
def test_only_the_person_and_personnel_see_values_in_full(town: World) -> None:
    submit(town, intake.discipline())
    person = service.find_subject(town.platform, official_id(town))
    body = service.find_subject(town.platform, f"b_{HOUSING}")
    me = subject_client(person.subject_id)
    assert rules.sees_full(me, person) and rules.sees_full(PERSONNEL, person)
    assert not rules.sees_full(me, body) and not rules.sees_full(PERSONNEL, body)
    for who in (CLERK, OFFICER_OF_CREDIT, SUPERVISOR, AUDITOR):
        assert not rules.sees_full(who, person) and not rules.sees_full(who, body)


@pytest.mark.requirement("R-26")
def test_after_erasure_the_file_says_erased_and_shows_nothing_personal(
    town: World, http: Http
) -> None:
    record_id = submit(town, intake.discipline())
    subject_id = official_id(town)
    etag = http(OFFICER_OF_CREDIT, "GET", f"/v1/subjects/{subject_id}", headers=PURPOSE).headers
    http(
        OFFICER_OF_CREDIT,
        "POST",
        f"/v1/subjects/{subject_id}/erasure",
        {"reason": "依法删除"},
        headers={"If-Match": etag["ETag"]},
    )
    for path in (f"/v1/credit-files/{subject_id}", f"/v1/records/{record_id}"):
        who, headers = (PERSONNEL, APPROVED) if "credit" in path else (AUDITOR, PURPOSE)
        reply = http(who, "GET", path, headers=headers)
        assert reply.status == 200, reply.text
        assert reply.json["subject"]["erased"] is True
        assert reply.json["subject"]["name"] is None
        assert all(secret not in reply.text for secret in SECRETS)
    fields = {one["code"]: one for one in reply.json["fields"]}
    assert (fields["facts"]["value"], fields["facts"]["masked"]) == (None, True)
    assert fields["decided_by"]["value"] == "示例市监察委员会"
    lookup = {"citizen_code": OFFICIAL, "name": "张某甲"}
    gone = http(PERSONNEL, "POST", "/v1/credit-files/lookup", lookup, headers=APPROVED)
    assert gone.status == 404


# -- looking up ---------------------------------------------------------------------------------


@pytest.mark.requirement("R-10")
def test_looking_up_by_code_in_the_body(town: World, http: Http) -> None:
    submit(town, intake.discipline())
    path, sent = "/v1/credit-files/lookup", {"citizen_code": OFFICIAL, "name": "张 某甲"}
    reply = http(PERSONNEL, "POST", path, sent, headers=APPROVED)
    assert reply.status == 200, reply.text
    assert reply.json["subject"]["subject_id"] == official_id(town)
    assert reply.json["summary"]["dishonesty"] == 1
    assert reply.headers["Cache-Control"] == "no-store" and OFFICIAL not in reply.text
    assert len(trail(town)) == 1
    wrong = http(PERSONNEL, "POST", path, {**sent, "name": "王某"}, headers=APPROVED)
    unknown = http(
        PERSONNEL, "POST", path, {**sent, "citizen_code": intake.citizen_code(8)}, headers=APPROVED
    )
    assert (wrong.status, unknown.status) == (404, 404) and len(trail(town)) == 1
    body = http(OFFICER_OF_CREDIT, "POST", path, {"unified_code": HOUSING})
    assert body.json["location"] == f"/v1/credit-files/b_{HOUSING}"
    assert http(CLERK, "POST", path, sent).status == 403
    assert http(PERSONNEL, "POST", path, sent).json["errors"][0]["code"] == "purpose_required"


@pytest.mark.requirement("R-26")
def test_no_answer_that_opened_a_person_is_kept(town: World, http: Http) -> None:
    submit(town, intake.discipline())
    key = {"Idempotency-Key": "k-1"}
    path, sent = "/v1/credit-files/lookup", {"citizen_code": OFFICIAL, "name": "张某甲"}
    for count in (1, 2):
        reply = http(PERSONNEL, "POST", path, sent, headers={**APPROVED, **key})
        assert reply.json["subject"]["name"] == "张某甲"
        assert "Idempotency-Replayed" not in reply.headers
        assert len(trail(town)) == count
    subject_id = official_id(town)
    given = officer()
    assert http(OFFICER_OF_CREDIT, "POST", "/v1/subjects", given, headers=key).status == 201
    etag = http(OFFICER_OF_CREDIT, "GET", f"/v1/subjects/{subject_id}", headers=PURPOSE).headers
    http(
        OFFICER_OF_CREDIT,
        "POST",
        f"/v1/subjects/{subject_id}/erasure",
        {"reason": "依法删除"},
        headers={"If-Match": etag["ETag"], **key},
    )
    gone = http(PERSONNEL, "POST", path, sent, headers={**APPROVED, **key})
    assert gone.status == 404
    kept = kept_answers(town)
    assert len(kept) == 2  # registered, erased
    for answer in kept:
        assert all(secret not in answer for secret in (*SECRETS, "张", "李某乙", "四级调研员"))


def kept_answers(world: World) -> list[str]:
    """Every answer kept for an Idempotency-Key, opened."""
    platform = world.platform
    client: Any = calls.client("dynamodb")
    items = client.scan(TableName=platform.intake.name)["Items"]
    return [
        zlib.decompress(
            platform.keyring.unseal_internal(item["sealed"]["S"], item["pk"]["S"])
        ).decode()
        for item in items
        if item["pk"]["S"].startswith("IDEM#")
    ]


@pytest.mark.requirement("R-26")
def test_looking_up_tells_nobody_who_exists_elsewhere(town: World, http: Http) -> None:
    submit(town, intake.discipline())
    path = "/v1/credit-files/lookup"
    elsewhere = caller("personnel", client_id="east-2", region=EAST, agency_code=body_code(93))
    person = {"citizen_code": OFFICIAL, "name": "张某甲"}
    nobody = {**person, "citizen_code": intake.citizen_code(8)}
    answers = [
        http(who, "POST", path, sent, headers=APPROVED)
        for who, sent in (
            (elsewhere, person),
            (elsewhere, nobody),
            (PERSONNEL, nobody),
            (PERSONNEL, {**person, "name": "王某"}),
            (EAST_OFFICE, {"unified_code": HOUSING}),
            (EAST_OFFICE, {"unified_code": body_code(77)}),
        )
    ]
    assert {(one.status, one.code, one.json["detail"]) for one in answers} == {
        (404, "not_found", answers[0].json["detail"])
    }
    # Without a purpose nobody learns whether a person is known.
    for sent in (person, nobody):
        reply = http(PERSONNEL, "POST", path, sent)
        assert [one["code"] for one in reply.json["errors"]] == ["purpose_required"]
    assert not trail(town)


@pytest.mark.parametrize(
    ("sent", "codes"),
    [
        ({}, ["one_code"]),
        ({"citizen_code": OFFICIAL, "unified_code": HOUSING, "name": "x"}, ["one_code"]),
        ({"citizen_code": OFFICIAL}, ["required"]),
        ({"citizen_code": OFFICIAL[:-1] + "0", "name": "x"}, ["citizen_code_check_digit"]),
        ({"unified_code": "1"}, ["unified_code_length"]),
        ({"code": "1"}, ["unknown_field"]),
    ],
)
def test_bad_look_ups(town: World, http: Http, sent: dict[str, str], codes: list[str]) -> None:
    reply = http(OFFICER_OF_CREDIT, "POST", "/v1/credit-files/lookup", sent, headers=PURPOSE)
    assert [one["code"] for one in reply.json["errors"]] == codes
    assert OFFICIAL not in reply.text
