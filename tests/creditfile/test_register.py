"""The register of subjects over HTTP: registering, changing, erasing."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.aws.table import batch_get
from chalicelib.creditfile import service
from chalicelib.kernel.codes import citizen_code_from, unified_code_from
from chalicelib.policy.base import SUBJECT_KINDS
from tests.creditfile.town import (
    AUDITOR,
    CLERK,
    EAST_OFFICE,
    GOVERNMENT,
    OFFICER,
    OFFICER_OF_CREDIT,
    PERSONNEL,
    PURPOSE,
    WEST,
    Http,
    bureau,
    officer,
    registered_officer,
    subject_client,
    trail,
)
from tests.intake import town as intake
from tests.intake.town import BUREAU, CITY, EAST, HOUSING, body_code
from tests.support.world import World


def code_with_wrong_check(code: str) -> str:
    return code[:-1] + ("1" if code[-1] != "1" else "2")


@pytest.mark.requirement("R-04")
@pytest.mark.parametrize(
    "kind", ["government", "department", "party_organ", "committee", "institution", "township"]
)
def test_every_kind_of_body_is_registered(http: Http, kind: str) -> None:
    prefix = "12" if kind == "institution" else "11"
    code = body_code(500, prefix)
    reply = http.register(bureau(kind=kind, unified_code=code))
    assert reply.status == 201, reply.text
    assert reply.json["kind_title"] == dict(SUBJECT_KINDS)[kind]  # type: ignore[index]
    assert reply.json["level"] == ("township" if kind == "township" else "city")
    assert reply.headers["Location"] == f"/v1/subjects/b_{code}"
    assert reply.headers["ETag"] == '"1"'
    again = http.register(bureau(kind=kind, unified_code=code))
    assert (again.status, again.json["version"]) == (200, 1)


@pytest.mark.requirement("R-05")
@pytest.mark.requirement("R-10")
@pytest.mark.parametrize("kind", ["civil_servant", "public_official"])
def test_an_official_is_registered_and_nothing_personal_is_stored_or_shown(
    world: World, http: Http, kind: str
) -> None:
    http.register(bureau())
    reply = http.register(officer(kind=kind))
    assert reply.status == 201, reply.text
    assert reply.json["subject_id"].startswith("p_")
    assert (reply.json["name"], reply.json["post"]) == (None, None)
    for text in (OFFICER, "李某乙", "四级调研员"):
        assert text not in reply.text
        assert text not in everything(world)
    assert service.open_profile(
        world.platform, service.find_subject(world.platform, reply.json["subject_id"])
    ) == service.PersonProfile("李某乙", OFFICER, "四级调研员")


def everything(world: World) -> str:
    """All items of the records table, as text."""
    from chalicelib.aws import calls

    client: Any = calls.client("dynamodb")
    return str(client.scan(TableName=world.platform.records.name)["Items"])


@pytest.mark.requirement("R-10")
@pytest.mark.parametrize(
    ("changed", "pointer", "code"),
    [
        ({"unified_code": code_with_wrong_check(BUREAU)}, "unified_code", "unified_code_check"),
        ({"unified_code": "11"}, "unified_code", "unified_code_length"),
        ({"unified_code": None}, "unified_code", "required"),
        ({"unified_code": "00000000000000000X"}, "unified_code", "unified_code_sentinel"),
        ({"citizen_code": OFFICER}, "citizen_code", "wrong_code_for_kind"),
        ({"kind": "king"}, "kind", "not_allowed"),
        ({"kind": ""}, "kind", "required"),
        ({"kind": "person"}, "kind", "person_not_registered"),
        ({"name": " "}, "name", "required"),
        ({"name": "局\u200b\u0007"}, "name", "wrong_format"),
        ({"name": "局" * 201}, "name", "wrong_format"),
        ({"region": "110000"}, "region", "unknown_region"),
        ({"region": "3299"}, "region", "unknown_region"),
        ({"region": ""}, "region", "required"),
        ({"level": "village"}, "level", "not_allowed"),
        ({"level": "province"}, "level", "level_above_region"),
        ({"superior": "1"}, "superior", "unified_code_length"),
        ({"superior": BUREAU}, "superior", "own_superior"),
        ({"superior": GOVERNMENT}, "superior", "not_registered"),
        ({"employer": GOVERNMENT}, "employer", "wrong_field_for_kind"),
        ({"post": "局长"}, "post", "wrong_field_for_kind"),
        ({"rank": "1"}, "rank", "unknown_field"),
    ],
)
def test_bad_bodies_are_refused_by_field_and_change_nothing(
    world: World, http: Http, changed: dict[str, Any], pointer: str, code: str
) -> None:
    reply = http.register(bureau(**changed))
    assert reply.status == 422, reply.text
    faults = {(fault["pointer"], fault["code"]) for fault in reply.json["errors"]}
    assert any(at == f"/{pointer}" and found.startswith(code) for at, found in faults), faults
    assert all(is_chinese(fault["message"]) for fault in reply.json["errors"])
    assert everything(world) == "[]"


@pytest.mark.requirement("R-10")
@pytest.mark.parametrize(
    ("changed", "pointer", "code"),
    [
        ({"citizen_code": code_with_wrong_check(OFFICER)}, "citizen_code", "citizen_code_check"),
        ({"citizen_code": "32990120990101001X"}, "citizen_code", "citizen_code_birth_date"),
        ({"citizen_code": None}, "citizen_code", "required"),
        ({"unified_code": HOUSING}, "unified_code", "wrong_code_for_kind"),
        ({"employer": None}, "employer", "required"),
        ({"employer": HOUSING}, "employer", "not_registered"),
        ({"superior": BUREAU}, "superior", "wrong_field_for_kind"),
        ({"post": "职" * 201}, "post", "wrong_format"),
    ],
)
def test_bad_officials_are_refused_without_repeating_what_was_sent(
    http: Http, changed: dict[str, Any], pointer: str, code: str
) -> None:
    http.register(bureau())
    reply = http.register(officer(**changed))
    assert reply.status == 422, reply.text
    faults = {(fault["pointer"], fault["code"]) for fault in reply.json["errors"]}
    assert any(at == f"/{pointer}" and found.startswith(code) for at, found in faults), faults
    sent = str(changed.get("citizen_code") or OFFICER)
    assert sent not in reply.text and "李某乙" not in reply.text


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


@pytest.mark.requirement("R-26")
def test_who_may_register_and_where(http: Http) -> None:
    assert http.register(bureau(), CLERK).status == 403
    assert http.register(bureau(), AUDITOR).status == 403
    outside = http.register(bureau(region=WEST), EAST_OFFICE)
    assert (outside.status, outside.code) == (403, "outside_region")
    assert http.register(bureau(region=EAST), EAST_OFFICE).status == 201
    # What the east registered the west does not take over, the city above both may.
    west = http.register(bureau(region=WEST))
    assert (west.status, west.code) == (409, "subject_exists")
    west_office = EAST_OFFICE.__class__(
        **{**{name: getattr(EAST_OFFICE, name) for name in EAST_OFFICE.__slots__}, "region": WEST}
    )
    taken = http.register(bureau(region=WEST), west_office)
    assert (taken.status, taken.code) == (403, "registered_elsewhere")


def test_other_content_under_a_registered_code_is_a_conflict(http: Http) -> None:
    http.register(bureau())
    reply = http.register(bureau(name="另一个局"))
    assert (reply.status, reply.code) == (409, "subject_exists")
    assert "PATCH" in reply.json["detail"]


def test_an_idempotency_key_gives_the_first_answer_again(http: Http) -> None:
    headers = {"Idempotency-Key": "k-1"}
    first = http(OFFICER_OF_CREDIT, "POST", "/v1/subjects", bureau(), headers=headers)
    again = http(OFFICER_OF_CREDIT, "POST", "/v1/subjects", bureau(), headers=headers)
    assert (first.status, again.status) == (201, 201)
    assert again.headers["Idempotency-Replayed"] == "true"
    other = http(OFFICER_OF_CREDIT, "POST", "/v1/subjects", bureau(name="x"), headers=headers)
    assert (other.status, other.code) == (409, "idempotency_key_reused")


def change(
    http: Http, subject_id: str, body: dict[str, Any], etag: str = '"1"', who: Any = None
) -> Any:
    headers = {"If-Match": etag} if etag else {}
    path = f"/v1/subjects/{subject_id}"
    return http(who or OFFICER_OF_CREDIT, "PATCH", path, body, headers=headers)


def test_a_change_is_a_new_version_and_needs_the_current_one(http: Http) -> None:
    http.register(bureau(unified_code=HOUSING, name="示例市住房局"))
    http.register(bureau())
    path = f"b_{BUREAU}"
    assert change(http, path, {"name": "新名"}, etag="").status == 428
    changed = change(http, path, {"name": "新名", "superior": HOUSING})
    assert (changed.status, changed.headers["ETag"]) == (200, '"2"')
    assert (changed.json["name"], changed.json["superior"]) == ("新名", HOUSING)
    stale = change(http, path, {"name": "旧名"})
    assert (stale.status, stale.code) == (412, "stale_version")
    repeated = change(http, path, {"name": "新名", "superior": HOUSING})
    assert (repeated.status, repeated.headers["ETag"]) == (200, '"2"')
    cleared = change(http, path, {"superior": None}, etag='"2"')
    assert (cleared.status, cleared.json["superior"]) == (200, None)


def test_bad_changes(http: Http) -> None:
    http.register(bureau(unified_code=HOUSING, name="示例市住房局"))
    http.register(bureau(superior=HOUSING))
    path = f"b_{BUREAU}"
    assert change(http, "b_x", {"name": "x"}).status == 404
    assert change(http, path, {"unified_code": HOUSING}).json["errors"][0]["code"] == (
        "unknown_field"
    )
    assert change(http, path, {"name": None}).json["errors"][0]["code"] == "required"
    assert change(http, path, {"region": WEST}, who=EAST_OFFICE).code == "outside_scope"
    loop = change(http, f"b_{HOUSING}", {"superior": BUREAU})
    assert [fault["code"] for fault in loop.json["errors"]] == ["superior_loop"]


@pytest.mark.requirement("R-05")
def test_an_official_who_changes_employer_keeps_id_and_key(world: World, http: Http) -> None:
    subject_id = registered_officer(http)
    http.register(bureau(unified_code=HOUSING, name="示例市住房局"))
    before = service.find_subject(world.platform, subject_id)
    reply = change(http, subject_id, {"employer": HOUSING, "post": "科长"})
    assert reply.status == 200, reply.text
    assert (reply.json["employer"], reply.json["version"]) == (HOUSING, 2)
    after = service.find_subject(world.platform, subject_id)
    assert after.wrapped_key == before.wrapped_key
    assert service.open_profile(world.platform, after).post == "科长"
    place = service.subject_place(world.platform, service.Identification("", OFFICER, ""))
    assert batch_get([place])[place]["employer"] == HOUSING


@pytest.mark.requirement("R-05")
@pytest.mark.requirement("R-10")
def test_who_was_seen_first_in_a_penalty_keeps_id_and_key_when_registered(
    world: World, http: Http
) -> None:
    intake.settle(world)
    sent = intake.licence(1, counterpart_category="natural_person", licence_category="ordinary")
    sent["subject"] = {"citizen_code": OFFICER, "name": "李某乙"}
    submitted = intake.submit(world, sent)
    record = service.find_record(world.platform, submitted.body.record_id)  # type: ignore[union-attr]
    seen = service.find_subject(world.platform, record.subject_id)
    assert (seen.registered, seen.kind) == (False, "person")
    refused = change(http, seen.subject_id, {"post": "科长"})
    assert (refused.status, refused.code) == (409, "subject_not_registered_yet")
    reply = http.register(officer())
    assert (reply.status, reply.json["subject_id"]) == (200, seen.subject_id), reply.text
    now = service.find_subject(world.platform, seen.subject_id)
    assert (now.registered, now.kind, now.wrapped_key) == (True, "civil_servant", seen.wrapped_key)
    assert service.open_fields(world.platform, record, now)


def test_an_enterprise_seen_first_is_registered_under_its_id(world: World, http: Http) -> None:
    intake.settle(world)
    intake.submit(world, intake.licence(1, company=900))
    code = body_code(900, "91")
    reply = http.register(bureau(kind="enterprise", unified_code=code, name="示例第900有限公司"))
    assert (reply.status, reply.json["registered"], reply.json["version"]) == (200, True, 2)


# -- erasure ------------------------------------------------------------------------------------


def erase(http: Http, subject_id: str, etag: str = '"1"', who: Any = None) -> Any:
    return http(
        who or OFFICER_OF_CREDIT,
        "POST",
        f"/v1/subjects/{subject_id}/erasure",
        {"reason": f"本人申请，{OFFICER}"},
        headers={"If-Match": etag},
    )


@pytest.mark.requirement("R-26")
def test_erasing_destroys_key_and_look_up_item_together(world: World, http: Http) -> None:
    subject_id = registered_officer(http)
    place = service.subject_place(world.platform, service.Identification("", OFFICER, ""))
    assert batch_get([place])
    assert erase(http, subject_id, '"2"').status == 412
    reply = erase(http, subject_id)
    assert (reply.status, reply.json["erased"], reply.headers["ETag"]) == (200, True, '"2"')
    assert erase(http, subject_id).status == 200  # its answer was lost: the same again
    subject = service.find_subject(world.platform, subject_id)
    assert (subject.wrapped_key, subject.sealed_profile, subject.name_mac) == ("", "", "")
    assert subject.erased_by == "credit_office-1" and OFFICER not in subject.erasure_reason
    assert not batch_get([place])
    gone = change(http, subject_id, {"post": "科长"}, etag='"2"')
    assert (gone.status, gone.code) == (410, "erased")
    # The same human being is somebody new to the register.
    again = http.register(officer())
    assert again.status == 201 and again.json["subject_id"] != subject_id


def test_what_cannot_be_erased(http: Http) -> None:
    subject_id = registered_officer(http)
    body = erase(http, f"b_{BUREAU}")
    assert (body.status, body.code) == (409, "not_a_person")
    assert erase(http, subject_id, who=CLERK).status == 403
    assert erase(http, subject_id, who=EAST_OFFICE).code == "outside_scope"
    assert erase(http, "p_unknown").status == 404


# -- reading the register -----------------------------------------------------------------------


def test_the_list_by_region_and_kind_pages_without_loss(http: Http) -> None:
    for number in range(7):
        region = (CITY, EAST, WEST)[number % 3]
        kind = "institution" if number % 2 else "department"
        http.register(
            bureau(
                unified_code=body_code(600 + number), name=f"局{number}", region=region, kind=kind
            )
        )
    registered_officer(http)

    def codes(who: Any = None, **query: str) -> list[str]:
        found: list[str] = []
        while True:
            page = http(who or OFFICER_OF_CREDIT, "GET", "/v1/subjects", query=query or None)
            assert page.status == 200, page.text
            found += [item["unified_code"] or item["subject_id"] for item in page.json["items"]]
            token = page.json["next_page_token"]
            if token is None:
                return found
            query = {**query, "page_token": token}

    everyone = codes()
    assert len(everyone) == len(set(everyone)) == 8
    assert codes(limit="3") == everyone
    assert len(codes(limit="2", kind="institution")) == 3
    assert len(codes(EAST_OFFICE)) == 2
    assert len(codes(AUDITOR, region=WEST)) == 2
    assert codes(CLERK) == [BUREAU]
    people = http(OFFICER_OF_CREDIT, "GET", "/v1/subjects", query={"kind": "civil_servant"})
    assert [item["name"] for item in people.json["items"]] == [None]
    outside = http(EAST_OFFICE, "GET", "/v1/subjects", query={"region": CITY})
    assert (outside.status, outside.code) == (403, "outside_region")
    token = http(OFFICER_OF_CREDIT, "GET", "/v1/subjects", query={"limit": "2"})
    other = {"limit": "2", "kind": "institution", "page_token": token.json["next_page_token"]}
    wrong = http(OFFICER_OF_CREDIT, "GET", "/v1/subjects", query=other)
    assert (wrong.status, wrong.code) == (400, "page_token")


@pytest.mark.requirement("R-26")
def test_a_person_on_the_register_is_read_masked_and_with_a_purpose(
    world: World, http: Http
) -> None:
    subject_id = registered_officer(http)
    path = f"/v1/subjects/{subject_id}"
    refused = http(OFFICER_OF_CREDIT, "GET", path)
    assert refused.status == 422 and not trail(world)
    assert refused.json["errors"][0]["code"] == "purpose_required"
    shown = http(OFFICER_OF_CREDIT, "GET", path, headers=PURPOSE)
    assert (shown.json["name"], shown.json["post"]) == ("李**", None)
    unapproved = http(PERSONNEL, "GET", path, headers=PURPOSE)
    assert unapproved.json["errors"][0]["code"] == "approval_required"
    own = http(subject_client(subject_id), "GET", path)
    assert (own.json["name"], own.json["post"]) == ("李某乙", "四级调研员")
    assert [entry["purpose"] for entry in trail(world)] == ["annual_review", "self"]
    body = http(CLERK, "GET", f"/v1/subjects/b_{BUREAU}")
    assert body.status == 200 and len(trail(world)) == 2
    cached = http(CLERK, "GET", f"/v1/subjects/b_{BUREAU}", headers={"If-None-Match": '"1"'})
    assert cached.status == 304


def test_codes_of_the_towns_are_made_up() -> None:
    """The builders make what the register accepts: valid check digits, areas nobody has."""
    assert citizen_code_from(OFFICER[:17]) == OFFICER
    assert unified_code_from(BUREAU[:17]) == BUREAU
