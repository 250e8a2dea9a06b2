"""Files of bodies, records and versions over HTTP: what is shown, and to whom."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.access.service import find_agency
from chalicelib.creditfile import contents, presenting, service
from chalicelib.creditfile import routes as creditfile_routes
from chalicelib.intake import corrections, filework, uploads
from chalicelib.intake.answers import CorrectionIn
from chalicelib.policy.service import pack_for
from chalicelib.web.model import Scope
from tests.creditfile.town import (
    AUDITOR,
    CLERK,
    EAST_OFFICE,
    GOVERNMENT,
    OFFICE,
    OFFICER_OF_CREDIT,
    PERSONNEL,
    PURPOSE,
    SUPERVISOR,
    TODAY,
    Http,
    about_housing,
    breach,
    bureau,
    caller,
    employ,
    file_of,
    official_id,
    stand_below,
    submit,
    trail,
)
from tests.intake import town as intake
from tests.intake.town import BUREAU, CITY, HOUSING, body_code
from tests.support.world import World

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
    monkeypatch.setattr(contents, "MOST_READ", 3)
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
    assert found["on_time"] and reply.headers["ETag"].startswith('"1-')
    assert found["subject"]["registered"] is False
    publicity = found["publicity"]
    assert (publicity["state"], publicity["state_title"]) == ("public", "公示中")
    assert [one["code"] for one in publicity["reasons"]] == ["scope_public", "term_open"]
    known = {"If-None-Match": reply.headers["ETag"]}
    again = http(OFFICER_OF_CREDIT, "GET", f"/v1/records/{record_id}", headers=known)
    assert (again.status, again.text) == (304, "")


@pytest.mark.parametrize("more", ["", "/versions"])
def test_a_record_whose_publicity_ended_is_not_answered_as_unchanged(
    town: World, http: Http, more: str
) -> None:
    record_id = submit(town, about_housing("administrative_penalty"))
    path = f"/v1/records/{record_id}{more}"

    def state(reply: Any) -> str:
        shown = reply.json["items"][-1] if more else reply.json
        return f"{shown['version']} {shown['publicity']['state']}"

    first = http(AUDITOR, "GET", path)
    known = {"If-None-Match": first.headers["ETag"]}
    assert http(AUDITOR, "GET", path, headers=known).status == 304
    town.clock.advance(days=365)  # the term of a year ends, the version stays
    later = http(AUDITOR, "GET", path, headers=known)
    assert (later.status, state(first), state(later)) == (200, "1 public", "1 ended")
    assert later.headers["ETag"] != first.headers["ETag"]
    assert later.headers["ETag"].startswith('"1-')  # an edit is based on the version alone


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
    assert levels == ["市级", "省级"] and reply.headers["ETag"].startswith('"2-')


def test_lists_need_exactly_one_subject_or_reporter(town: World, http: Http) -> None:
    for query in (None, {"subject_id": f"b_{HOUSING}", "reporter": BUREAU}):
        reply = http(OFFICER_OF_CREDIT, "GET", "/v1/records", query=query)
        assert (reply.status, reply.code) == (422, "one_filter")
    wrong = http(OFFICER_OF_CREDIT, "GET", "/v1/records", query={"subject": "x"})
    assert wrong.json["errors"][0]["code"] == "unknown_field"
    assert http(OFFICER_OF_CREDIT, "GET", "/v1/records", query={"subject_id": "b_x"}).status == 404
    unknown = http(AUDITOR, "GET", "/v1/records", query={"reporter": body_code(55)})
    assert unknown.status == 404


def test_a_page_of_large_records_ends_early_and_goes_on(
    town: World, http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = {submit(town, intake.honour(number)) for number in range(1, 6)}
    sizes: list[int] = []

    def small(items: Any) -> int:
        sizes.append(len(list(items)))
        return min(2, sizes[-1])

    monkeypatch.setattr(creditfile_routes, "fitting", small)
    for query in ({"subject_id": f"b_{HOUSING}"}, {"reporter": BUREAU}):
        seen: list[str] = []
        given = dict(query) | {"limit": "4"}
        while True:
            page = http(OFFICER_OF_CREDIT, "GET", "/v1/records", query=given).json
            seen += [one["record_id"] for one in page["items"]]
            assert len(page["items"]) <= 2
            if page["next_page_token"] is None:
                break
            given["page_token"] = page["next_page_token"]
        assert (len(seen), set(seen)) == (5, ids)
    assert max(sizes) == 4


@pytest.mark.requirement("R-26")
def test_a_supervisor_sees_its_own_body_and_those_below_it(town: World, http: Http) -> None:
    deep, beside = body_code(40), body_code(41)
    for code, superior in ((GOVERNMENT, None), (deep, BUREAU), (beside, None)):
        given = bureau(unified_code=code, name=f"示例单位{code[-4:-1]}", superior=superior)
        assert http.register(given).status == 201
    stand_below(town, GOVERNMENT, BUREAU)
    submit(town, intake.discipline())
    person = official_id(town)

    def status(path: str, **query: str) -> int:
        return int(http(SUPERVISOR, "GET", path, query=query or None, headers=PURPOSE).status)

    for code, wanted in ((GOVERNMENT, 200), (BUREAU, 200), (deep, 200), (beside, 403)):
        for path in (f"/v1/subjects/b_{code}", f"/v1/credit-files/b_{code}"):
            assert status(path) == wanted, (path, wanted)
        assert status("/v1/records", subject_id=f"b_{code}") == wanted
    by_housing = submit(town, intake.honour(2), intake.clerk(HOUSING, "clerk-2"))
    by_bureau = submit(town, intake.honour(3))
    assert status(f"/v1/records/{by_housing}") == 403  # housing stands beside, about itself
    assert status(f"/v1/records/{by_bureau}") == 200  # reported by a body below
    assert status("/v1/records", reporter=BUREAU) == 200
    assert status("/v1/records", reporter=HOUSING) == 403
    listed = http(SUPERVISOR, "GET", "/v1/subjects").json["items"]
    assert {one["unified_code"] for one in listed} == {GOVERNMENT, BUREAU, deep}
    for employer, wanted in ((deep, 200), (beside, 403), ("", 403)):
        employ(town, person, employer)
        assert status(f"/v1/credit-files/{person}") == wanted, employer
        assert status(f"/v1/subjects/{person}") == wanted, employer
        listed = http(SUPERVISOR, "GET", "/v1/subjects", query={"kind": "civil_servant"}).json
        assert len(listed["items"]) == (wanted == 200), employer
    entries = [entry for entry in trail(town) if entry["subject_id"] == person]
    assert len(entries) == 2  # nothing is noted that was not shown


@pytest.mark.requirement("R-26")
def test_own_region_and_all(town: World, http: Http) -> None:
    stand_below(town, GOVERNMENT, HOUSING)
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
    assert status(SUPERVISOR, f"/v1/credit-files/b_{BUREAU}") == refused  # beside, not below
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
