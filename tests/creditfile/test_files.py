"""Credit files, records and versions over HTTP: what is shown to whom, and what is noted."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import validate

from chalicelib.access import audit
from chalicelib.access.permissions import PERMISSIONS
from chalicelib.access.service import find_agency
from chalicelib.creditfile import presenting, reading, service
from chalicelib.creditfile.routes import routes
from chalicelib.intake import corrections, filework, uploads
from chalicelib.intake.answers import CorrectionIn
from chalicelib.kernel.errors import Unavailable
from chalicelib.policy.example import example_fields
from chalicelib.policy.model import Field
from chalicelib.policy.routes import routes as catalog_routes
from chalicelib.policy.service import pack_for
from chalicelib.web import openapi
from chalicelib.web.model import Scope
from tests.creditfile.town import (
    APPROVED,
    AUDITOR,
    CLERK,
    EAST_OFFICE,
    OFFICE,
    OFFICER_OF_CREDIT,
    PERSONNEL,
    PURPOSE,
    SUPERVISOR,
    Http,
    caller,
    found_agencies,
    subject_client,
    trail,
)
from tests.intake import town as intake
from tests.intake.town import BUREAU, CITY, HOUSING, OFFICIAL, body_code
from tests.support.world import World

TODAY = date(2026, 6, 15)
SECRETS = (OFFICIAL, "张某甲", "示政务处〔2026〕1号", "未按规定履行审核职责")


@pytest.fixture
def town(world: World) -> World:
    """Two bureaus and an official, known as agencies too."""
    intake.settle(world)
    found_agencies(world)
    return world


def submit(world: World, sent: dict[str, Any], who: Any = None) -> str:
    """Submit a record; its id."""
    answer = intake.submit(world, sent, who)
    assert answer.status == 201, answer.body
    return str(answer.body.record_id)  # type: ignore[union-attr]


def official_id(world: World) -> str:
    named = service.Identification("", OFFICIAL, "")
    return service.find_by_code(world.platform, named).subject_id


def breach() -> dict[str, Any]:
    """A dishonesty record of the housing bureau."""
    kind = pack_for("nanjing", TODAY).types["commitment_breach"]
    return {
        "type": "commitment_breach",
        "subject": {"unified_code": HOUSING, "name": "示例市住房局"},
        "fields": example_fields(kind, TODAY),
    }


def file_of(http: Http, subject_id: str, who: Any = OFFICER_OF_CREDIT, **headers: str) -> Any:
    path = f"/v1/credit-files/{subject_id}"
    return http(who, "GET", path, headers={**PURPOSE, **headers})


# -- files of bodies ----------------------------------------------------------------------------


@pytest.mark.requirement("R-04")
@pytest.mark.requirement("R-07")
def test_a_file_shows_basics_categories_dishonesty_honours_and_reporters(
    town: World, http: Http
) -> None:
    honour = submit(town, intake.honour(1))
    dishonest = submit(town, breach())
    reply = file_of(http, f"b_{HOUSING}")
    assert reply.status == 200, reply.text
    found = reply.json
    assert (found["subject"]["name"], found["subject"]["kind_title"]) == (
        "示例市住房局",
        "政府部门",
    )
    assert [one["record_id"] for one in found["honours"]["records"]] == [honour]
    assert [one["record_id"] for one in found["dishonesty"]["records"]] == [dishonest]
    titles = [one["title"] for one in found["categories"]]
    assert titles == ["双公示", "依法行政", "政务公开", "社会诚信", "群众满意度", "承诺与履约"]
    assert all(one["count"] == 0 for one in found["categories"])  # apart means apart
    assert found["summary"]["records"] == 2 and found["summary"]["dishonesty"] == 1
    assert found["reporters"] == [{"code": BUREAU, "name": "示例市综合执法局", "records": 2}]
    shown = found["honours"]["records"][0]
    assert shown["type_title"] == "表彰奖励"
    level = next(one for one in shown["fields"] if one["code"] == "honour_level")
    assert (level["title"], level["value"], level["text"]) == ("荣誉级别", "city", "市级")
    assert shown["publicity"]["state"] == "public"
    assert not trail(town)  # a body's file needs no note


@pytest.mark.requirement("R-06")
def test_an_institution_has_a_file_of_its_own(town: World, http: Http) -> None:
    code = body_code(30, "12")
    given = {"kind": "institution", "unified_code": code, "name": "示例市图书馆", "region": CITY}
    assert http.register(given).status == 201
    sent = intake.honour(5)
    sent["subject"] = {"unified_code": code, "name": "示例市图书馆"}
    submit(town, sent)
    found = file_of(http, f"b_{code}").json
    assert found["subject"]["kind_title"] == "事业单位" and found["honours"]["count"] == 1


def test_of_many_records_the_newest_are_shown_and_the_list_has_all(town: World, http: Http) -> None:
    for number in range(1, 6):
        submit(town, intake.honour(number, awarded_on=f"2026-05-{number + 10:02d}"))
    path = f"/v1/credit-files/b_{HOUSING}"
    found = http(OFFICER_OF_CREDIT, "GET", path, query={"newest": "2"}).json["honours"]
    assert found["count"] == 5 and len(found["records"]) == 2
    assert [one["occurred_on"] for one in found["records"]] == ["2026-05-15", "2026-05-14"]
    address, _, query = found["more"].partition("?")
    given = dict(part.split("=") for part in query.split("&")) | {"limit": "2"}
    days: list[str] = []
    while True:
        page = http(OFFICER_OF_CREDIT, "GET", address, query=given).json
        days += [one["occurred_on"] for one in page["items"]]
        if page["next_page_token"] is None:
            break
        given["page_token"] = page["next_page_token"]
    assert days == [f"2026-05-{day}" for day in (15, 14, 13, 12, 11)]


def test_a_very_long_file_says_that_it_is_not_counted_whole(
    town: World, http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 5):
        submit(town, intake.honour(number))
    monkeypatch.setattr(reading, "MOST_READ", 3)
    summary = file_of(http, f"b_{HOUSING}").json["summary"]
    assert (summary["records"], summary["complete"]) == (3, False)


def test_a_withdrawn_record_leaves_the_file_and_stays_in_the_list(town: World, http: Http) -> None:
    record_id = submit(town, intake.honour(1))
    edit = corrections.Edit(intake.clerk(), Scope.OWN, record_id, 1, "报错了", b"{}")
    corrections.withdraw_record(town.platform, edit)
    assert file_of(http, f"b_{HOUSING}").json["summary"]["records"] == 0
    query = {"subject_id": f"b_{HOUSING}"}
    assert http(OFFICER_OF_CREDIT, "GET", "/v1/records", query=query).json["items"] == []
    query["withdrawn"] = "true"
    items = http(OFFICER_OF_CREDIT, "GET", "/v1/records", query=query).json["items"]
    assert [one["status"] for one in items] == ["withdrawn"]
    assert items[0]["publicity"]["state"] == "withheld"


def test_records_of_a_file_still_being_worked_are_not_shown(town: World, http: Http) -> None:
    upload_id = intake.post_file(town, intake.honour_csv([(1, "2026-05-20"), (2, "2026-05-21")]))
    platform = town.platform
    uploads.commit_upload(platform, uploads.find_upload(platform, upload_id))
    jobs = 0
    while not service.settled_uploads(platform, [upload_id]):
        found = file_of(http, f"b_{HOUSING}").json
        assert found["honours"]["count"] == 0
        items = http(OFFICER_OF_CREDIT, "GET", "/v1/records", query={"reporter": BUREAU}).json
        assert all(not one["settled"] for one in items["items"])
        assert all(one["publicity"]["state"] == "unsettled" for one in items["items"])
        pending = found["summary"]["pending"]
        assert pending == len(items["items"])
        messages = town.take(platform.intake_queue)
        assert messages
        for message in messages:
            filework.do_job(platform, message)
            jobs += 1
    assert jobs > 1 and pending == 2
    found = file_of(http, f"b_{HOUSING}").json
    assert (found["honours"]["count"], found["summary"]["pending"]) == (2, 0)


def test_the_etag_of_a_file_follows_what_it_shows(town: World, http: Http) -> None:
    submit(town, intake.honour(1))
    path = f"/v1/credit-files/b_{HOUSING}"
    etag = http(AUDITOR, "GET", path).headers["ETag"]
    assert http(AUDITOR, "GET", path, headers={"If-None-Match": etag}).status == 304
    submit(town, intake.honour(2))
    assert http(AUDITOR, "GET", path, headers={"If-None-Match": etag}).status == 200


# -- records ------------------------------------------------------------------------------------


def test_a_record_shows_its_deadline_day_by_day_and_its_publicity(town: World, http: Http) -> None:
    record_id = submit(town, intake.licence(1))
    reply = http(OFFICER_OF_CREDIT, "GET", f"/v1/records/{record_id}")
    assert reply.status == 200, reply.text
    found = reply.json
    deadline = found["deadline"]
    assert deadline["due_on"] == found["due_on"] == "2026-06-22"
    assert sum(day["counted"] for day in deadline["days"]) == 7
    assert (found["on_time"], reply.headers["ETag"]) == (True, '"1"')
    assert found["subject"]["registered"] is False
    publicity = found["publicity"]
    assert (publicity["state"], publicity["state_title"]) == ("public", "公示中")
    assert [one["code"] for one in publicity["reasons"]] == ["scope_public", "term_open"]
    again = http(
        OFFICER_OF_CREDIT, "GET", f"/v1/records/{record_id}", headers={"If-None-Match": '"1"'}
    )
    assert (again.status, again.text) == (304, "")


def test_versions_keep_what_was_said_and_why_it_changed(town: World, http: Http) -> None:
    record_id = submit(town, intake.honour(1))
    edit = corrections.Edit(intake.clerk(), Scope.OWN, record_id, 1, "级别填错", b"{}")
    correction = CorrectionIn(fields={"honour_level": "provincial"}, reason="级别填错")
    corrections.correct_record(town.platform, edit, correction)
    reply = http(CLERK, "GET", f"/v1/records/{record_id}/versions")
    items = reply.json["items"]
    assert [(one["version"], one["reason"]) for one in items] == [(1, None), (2, "级别填错")]
    levels = [
        next(field["text"] for field in one["fields"] if field["code"] == "honour_level")
        for one in items
    ]
    assert levels == ["市级", "省级"] and reply.headers["ETag"] == '"2"'


def test_lists_need_exactly_one_subject_or_reporter(town: World, http: Http) -> None:
    for query in (None, {"subject_id": f"b_{HOUSING}", "reporter": BUREAU}):
        reply = http(OFFICER_OF_CREDIT, "GET", "/v1/records", query=query)
        assert (reply.status, reply.code) == (422, "one_filter")
    wrong = http(OFFICER_OF_CREDIT, "GET", "/v1/records", query={"subject": "x"})
    assert wrong.json["errors"][0]["code"] == "unknown_field"
    assert http(OFFICER_OF_CREDIT, "GET", "/v1/records", query={"subject_id": "b_x"}).status == 404
    unknown = http(AUDITOR, "GET", "/v1/records", query={"reporter": body_code(55)})
    assert unknown.status == 404


@pytest.mark.requirement("R-26")
def test_own_region_and_all(town: World, http: Http) -> None:
    own = submit(town, intake.honour(1))  # the bureau reports about the housing bureau
    other = submit(town, intake.honour(2), intake.clerk(HOUSING, "clerk-2"))
    stranger = caller("clerk", agency_code=body_code(70), client_id="clerk-9")
    housing = caller("clerk", agency_code=HOUSING, client_id="clerk-2")

    def status(who: Any, path: str, **query: str) -> tuple[int, str]:
        reply = http(who, "GET", path, query=query or None)
        return reply.status, "" if reply.status == 200 else reply.code

    seen, refused = (200, ""), (403, "outside_scope")
    for who, allowed in (
        (CLERK, seen),
        (housing, seen),  # it is about itself
        (stranger, refused),
        (OFFICER_OF_CREDIT, seen),
        (SUPERVISOR, seen),
        (AUDITOR, seen),
        (EAST_OFFICE, refused),
    ):
        for more in ("", "/versions"):
            assert status(who, f"/v1/records/{own}{more}") == allowed, who
    assert status(CLERK, f"/v1/records/{other}") == refused
    assert status(CLERK, f"/v1/credit-files/b_{HOUSING}") == refused
    assert status(CLERK, f"/v1/credit-files/b_{BUREAU}") == seen
    assert status(CLERK, "/v1/records", reporter=BUREAU) == seen
    assert status(CLERK, "/v1/records", reporter=HOUSING) == refused
    assert status(CLERK, "/v1/records", subject_id=f"b_{HOUSING}") == refused
    assert status(EAST_OFFICE, "/v1/records", reporter=BUREAU) == refused
    assert status(EAST_OFFICE, f"/v1/credit-files/b_{HOUSING}") == refused
    assert status(AUDITOR, "/v1/records", reporter=BUREAU) == seen
    assert status(PERSONNEL, f"/v1/records/{own}") == (403, "forbidden")
    assert status(AUDITOR, "/v1/records/r_unknown") == (404, "not_found")
    assert find_agency(town.platform, OFFICE) is None


# -- persons ------------------------------------------------------------------------------------


def values_of(record: dict[str, Any]) -> dict[str, Any]:
    return {field["code"]: field["value"] for field in record["fields"]}


@pytest.mark.requirement("R-05")
@pytest.mark.requirement("R-26")
def test_a_person_s_file_is_masked_except_to_itself_and_to_approved_personnel(
    town: World, http: Http
) -> None:
    record_id = submit(town, intake.discipline())
    subject_id = official_id(town)
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


# -- the catalog --------------------------------------------------------------------------------


@pytest.mark.requirement("R-01")
def test_the_catalog_of_the_caller_s_jurisdiction_and_its_versions(http: Http) -> None:
    reply = http(CLERK, "GET", "/v1/catalog")
    assert reply.status == 200, reply.text
    found = reply.json
    assert found["version"] == found["versions"][-1] and len(found["types"]) >= 8
    assert reply.headers["ETag"] == f'"{found["digest"]}"'
    etag = {"If-None-Match": reply.headers["ETag"]}
    assert http(CLERK, "GET", "/v1/catalog", headers=etag).status == 304
    licence = http(CLERK, "GET", "/v1/catalog/administrative_licence").json
    assert licence["category"]["title"] == "双公示"
    assert licence["type"] in found["types"]
    pinned = http(CLERK, "GET", "/v1/catalog", query={"version": found["versions"][0]})
    assert pinned.json["version"] == found["versions"][0]
    unknown = http(CLERK, "GET", "/v1/catalog/no_such_type")
    assert (unknown.status, unknown.code) == (404, "unknown_record_type")
    missing = http(CLERK, "GET", "/v1/catalog", query={"version": "1999-01-01"})
    assert (missing.status, missing.code) == (404, "unknown_policy")
    assert http(CLERK, "GET", "/v1/catalog", query={"version": "x"}).status == 422


# -- the routes themselves ----------------------------------------------------------------------


def test_every_route_names_an_operation_and_every_code_has_its_page(http: Http) -> None:
    for spec in (*routes.specs, *catalog_routes.specs):
        assert spec.operation in PERMISSIONS, spec.path
    codes = {page.code for page in routes.error_pages}
    assert {"outside_scope", "subject_exists", "not_registered", "approval_required"} <= codes
    assert len(codes) == len(routes.error_pages)


def test_the_document_describes_every_route_with_an_example_that_fits(http: Http) -> None:
    document = openapi.document(http.api)
    validate(document)
    parts = document["components"]
    checked = 0
    for found in document["paths"].values():
        for operation in found.values():
            for status in ("200", "201"):
                answer = operation["responses"].get(status)
                if answer is not None:
                    content = answer["content"]["application/json"]
                    schema = {**content["schema"], "components": parts}
                    jsonschema.validate(content["example"], schema)
                    checked += 1
    assert checked == len(http.api.specs) + 1  # registering answers 200 and 201
    shown = document["paths"]["/v1/records/{record_id}"]["get"]["parameters"]
    names = {str(one.get("name")).lower() for one in shown}
    assert {"purpose-code", "approval-reference"} <= names


def test_a_record_an_earlier_catalog_knew_keeps_its_category(
    town: World, http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit(town, intake.licence(1))
    pack = pack_for("nanjing", TODAY)
    fewer = {code: one for code, one in pack.categories.items() if code != "double_publicity"}
    now = pack.model_copy(update={"categories": fewer})
    monkeypatch.setattr(presenting, "pack_for", lambda *_: now)
    found = file_of(http, f"b_{body_code(900, '91')}").json["categories"]
    assert (found[-1]["title"], found[-1]["count"]) == ("双公示", 1)
    assert json.dumps(found)
