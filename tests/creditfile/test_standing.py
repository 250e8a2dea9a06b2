"""What cases did to a record, as the readers of files and records are shown it: marks and the
subject's statement everywhere; what was repaired or exempted kept apart, and shared no more."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.access.permissions import ROLES
from chalicelib.creditfile import service
from chalicelib.creditfile.model import Deed, Mark, Standing, Statement
from chalicelib.creditfile.rules import is_shared_with
from chalicelib.creditfile.rules_standing import (
    exempted,
    marked,
    publicity_ended,
    with_statement,
)
from tests.creditfile.town import (
    APPROVED,
    AUDITOR,
    CLERK,
    GOVERNMENT,
    OFFICER_OF_CREDIT,
    PERSONNEL,
    PURPOSE,
    SUPERVISOR,
    Http,
    breach,
    caller,
    file_of,
    official_id,
    stand_below,
    subject_client,
    submit,
)
from tests.intake import town as intake
from tests.intake.town import HOUSING, body_code
from tests.support.world import World

OBJECTION = Mark("objection", "有异议", "2026-06-15", "c_1")
DEED = Deed("2026-06-15", "c_2", "义务履行完毕，经办人电话13812345678")
REPAIRED = publicity_ended(Standing(), DEED)
EXEMPTED = exempted(Standing(), DEED)
STATEMENT = Statement("已付清，联系人电话13812345678", "", "2026-06-15", "c_1")
HOUSING_ID = service.body_id(HOUSING)
FILE = f"/v1/credit-files/{HOUSING_ID}"
HOUSING_CLERK = caller("clerk", agency_code=HOUSING, client_id="clerk-2")


def listed(http: Http, who: Any, subject_id: str = HOUSING_ID, **query: str) -> list[str]:
    """The ids of the records about a subject in a list."""
    given = {"subject_id": subject_id, **query}
    reply = http(who, "GET", "/v1/records", query=given, headers=PURPOSE)
    assert reply.status == 200, reply.text
    return [one["record_id"] for one in reply.json["items"]]


@pytest.mark.requirement("R-31")
def test_a_mark_is_shown_wherever_the_record_is(town: World, http: Http) -> None:
    record_id = submit(town, breach())
    before = file_of(http, HOUSING_ID).headers["ETag"]
    intake.stand(town, record_id, marked(Standing(), OBJECTION))
    file = file_of(http, HOUSING_ID)
    assert file.headers["ETag"] != before
    one = http(CLERK, "GET", f"/v1/records/{record_id}").json
    history = http(CLERK, "GET", f"/v1/records/{record_id}/versions").json["items"]
    page = http(OFFICER_OF_CREDIT, "GET", "/v1/records", query={"subject_id": HOUSING_ID}).json
    mark = {"code": "objection", "text": "有异议", "since": "2026-06-15"}
    for shown in (file.json["dishonesty"]["records"][0], one, history[1], page["items"][0]):
        assert shown["marks"] == [mark]
    assert history[0]["marks"] == [], "it had none then"
    assert "c_1" not in file.text, "the case behind a mark may be a lead"


@pytest.mark.requirement("R-31")
def test_what_a_body_says_is_read_with_the_record(town: World, http: Http) -> None:
    record_id = submit(town, breach())
    intake.stand(town, record_id, with_statement(Standing(), STATEMENT))
    for who in (OFFICER_OF_CREDIT, AUDITOR, HOUSING_CLERK, subject_client(HOUSING_ID)):
        (record,) = file_of(http, HOUSING_ID, who).json["dishonesty"]["records"]
        assert record["statement"] == {
            "text": "已付清，联系人电话138****5678",
            "made_on": "2026-06-15",
            "withheld": False,
        }


@pytest.mark.requirement("R-31", "R-26")
def test_what_a_person_says_is_read_only_by_itself_and_by_approved_personnel(
    town: World, http: Http
) -> None:
    record_id = submit(town, intake.discipline())
    person_id = official_id(town)
    person = service.find_subject(town.platform, person_id)
    said = service.statement_of(town.platform, person, "本人已说明情况", "2026-06-15", "c_1")
    intake.stand(town, record_id, with_statement(Standing(), said))
    for who in (OFFICER_OF_CREDIT, AUDITOR):
        reply = file_of(http, person_id, who)
        (record,) = reply.json["dishonesty"]["records"]
        statement = {"text": None, "made_on": "2026-06-15", "withheld": True}
        assert record["statement"] == statement
        assert "本人已说明情况" not in reply.text and said.sealed not in reply.text
    for reply in (
        file_of(http, person_id, PERSONNEL, **APPROVED),
        http(subject_client(person_id), "GET", f"/v1/credit-files/{person_id}"),
    ):
        (record,) = reply.json["dishonesty"]["records"]
        assert record["statement"]["text"] == "本人已说明情况"
    by_agency = http(CLERK, "GET", "/v1/records", query={"reporter": CLERK.agency_code})
    assert by_agency.json["items"][0]["statement"]["withheld"]


@pytest.mark.requirement("R-32")
def test_a_repaired_record_is_kept_in_the_archive_and_counts_no_more(
    town: World, http: Http
) -> None:
    record_id = submit(town, breach())
    other_id = submit(town, intake.honour())
    intake.stand(town, record_id, REPAIRED)
    stand_below(town, GOVERNMENT, HOUSING)
    for who in (OFFICER_OF_CREDIT, SUPERVISOR, AUDITOR, HOUSING_CLERK, subject_client(HOUSING_ID)):
        file = file_of(http, HOUSING_ID, who).json
        assert file["summary"]["dishonesty"] == file["dishonesty"]["count"] == 0
        assert (file["summary"]["archived"], file["summary"]["records"]) == (1, 2)
        (kept,) = file["archive"]["records"]
        (found,) = kept["conclusions"]
        assert kept["record_id"] == record_id
        assert (found["code"], found["title"], found["on"]) == ("repaired", "已修复", "2026-06-15")
        assert found["grounds"] == "义务履行完毕，经办人电话138****5678"
        assert listed(http, who, archived="true") == [record_id]
        assert listed(http, who, archived="false") == [other_id]
    assert http(CLERK, "GET", f"/v1/records/{record_id}").status == 200, "it reported the record"


@pytest.mark.requirement("R-32")
def test_who_saw_a_record_by_sharing_sees_it_no_longer_once_it_is_repaired(
    town: World, http: Http
) -> None:
    record_id = submit(town, breach())
    other_id = submit(town, intake.honour())
    before = file_of(http, HOUSING_ID, PERSONNEL)
    assert record_id in before.text
    intake.stand(town, record_id, REPAIRED)
    after = file_of(http, HOUSING_ID, PERSONNEL)
    assert record_id not in after.text and other_id in after.text
    assert after.json["archive"] == {"count": 0, "records": [], "more": None}
    assert (after.json["summary"]["records"], after.json["summary"]["archived"]) == (1, 0)
    assert after.json["reporters"][0]["records"] == 1
    found = http(PERSONNEL, "POST", "/v1/credit-files/lookup", {"unified_code": HOUSING})
    assert found.json["summary"] == after.json["summary"]


@pytest.mark.requirement("R-32")
def test_a_repair_that_ends_publication_only_ends_no_sharing(town: World, http: Http) -> None:
    record_id = submit(town, breach())
    intake.stand(town, record_id, publicity_ended(Standing(), DEED, sharing=False))
    assert file_of(http, HOUSING_ID, PERSONNEL).json["archive"]["count"] == 1


@pytest.mark.requirement("R-32")
def test_a_record_no_longer_shared_is_as_if_it_had_never_been(town: World, http: Http) -> None:
    """Nobody reads single records by sharing today; the rule must hold on the day somebody does."""
    record_id = submit(town, breach())
    record = intake.stand(town, record_id, REPAIRED)
    stranger = body_code(70)
    left = {role for role in ROLES if is_shared_with(caller(role, agency_code=stranger), record)}
    assert left == {"credit_office", "supervisor", "auditor"}
    assert is_shared_with(CLERK, record) and is_shared_with(HOUSING_CLERK, record)
    assert is_shared_with(subject_client(HOUSING_ID), record)
    assert not is_shared_with(subject_client("b_other"), record)
    nobody = caller("clerk", agency_code="", subject_id="")
    assert not is_shared_with(nobody, record)


@pytest.mark.requirement("R-33")
def test_an_exempted_record_is_no_dishonesty_record_any_more(town: World, http: Http) -> None:
    record_id = submit(town, breach())
    intake.stand(town, record_id, EXEMPTED)
    for who in (OFFICER_OF_CREDIT, PERSONNEL, AUDITOR):
        file = file_of(http, HOUSING_ID, who).json
        assert file["dishonesty"]["count"] == file["summary"]["dishonesty"] == 0
        assert all(record_id not in str(part["records"]) for part in file["categories"])
        (kept,) = file["archive"]["records"]
        assert kept["record_id"] == record_id and not kept["dishonesty"]
        assert [one["title"] for one in kept["conclusions"]] == ["已认定容错"]
        assert kept["publicity"]["state"] == "withheld"
    assert listed(http, OFFICER_OF_CREDIT, dishonesty="true") == []
    assert listed(http, OFFICER_OF_CREDIT, dishonesty="false") == [record_id]


@pytest.mark.requirement("R-33", "R-26")
def test_why_a_person_was_exempted_is_not_for_everybody(town: World, http: Http) -> None:
    record_id = submit(town, intake.discipline())
    person_id = official_id(town)
    intake.stand(town, record_id, EXEMPTED)
    masked = file_of(http, person_id, OFFICER_OF_CREDIT).json["archive"]["records"][0]
    full = file_of(http, person_id, PERSONNEL, **APPROVED).json["archive"]["records"][0]
    assert masked["conclusions"][0]["grounds"] is None
    assert "义务履行完毕" in full["conclusions"][0]["grounds"]


@pytest.mark.requirement("R-32")
def test_of_many_archived_records_the_list_has_all(town: World, http: Http) -> None:
    ids = [submit(town, intake.honour(number)) for number in range(1, 4)]
    for record_id in ids:
        intake.stand(town, record_id, REPAIRED)
    part = http(OFFICER_OF_CREDIT, "GET", FILE, query={"newest": "1"}).json["archive"]
    assert part["count"] == 3 and len(part["records"]) == 1
    address, _, query = part["more"].partition("?")
    given = dict(one.split("=") for one in query.split("&")) | {"limit": "2"}
    found: list[str] = []
    while True:
        page = http(OFFICER_OF_CREDIT, "GET", address, query=given).json
        found += [one["record_id"] for one in page["items"]]
        if page["next_page_token"] is None:
            break
        given["page_token"] = page["next_page_token"]
    assert sorted(found) == sorted(ids)
