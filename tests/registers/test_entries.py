"""Entries: made once, checked, changed with their history, seen by those who may."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.access.service import find_agency
from chalicelib.access.store import agency_write
from chalicelib.aws.writes import commit
from chalicelib.kernel.codes import citizen_code_from
from chalicelib.kernel.errors import NotFound
from chalicelib.registers import changing, store, upkeep
from chalicelib.registers.judging import Asking, Judged
from chalicelib.registers.model import Entry
from chalicelib.registers.upkeep import remind_keepers
from tests.intake.town import PILOT, allow
from tests.registers.town import (
    CITY,
    EAST,
    EAST_OFFICE,
    EAST_SCHOOLS,
    HOUSING,
    WATER,
    Town,
    caller,
    office,
)

PLAN = {"title": "某某规划", "kind": "plan"}


@pytest.mark.requirement("R-12")
def test_the_same_entry_sent_again_is_one_entry_and_another_content_is_refused(
    town: Town,
) -> None:
    clerk = caller(HOUSING)
    entry = town.create(clerk, "decisions", **PLAN)
    again = town(clerk, "POST", "/decisions/entries", {"fields": PLAN})
    assert (again.status, again.json["entry_id"]) == (200, entry["entry_id"])
    other = town(clerk, "POST", "/decisions/entries", {"fields": {**PLAN, "kind": "other"}})
    assert (other.status, other.code) == (409, "entry_exists")
    assert entry["entry_id"] in other.json["detail"]
    elsewhere = town.create(caller(WATER), "decisions", **PLAN)
    assert elsewhere["entry_id"] != entry["entry_id"], "another keeper has an entry of its own"
    assert "某某" not in entry["entry_id"]


@pytest.mark.requirement("R-74")
def test_fields_are_checked_by_the_register_s_own_rules(town: Town) -> None:
    fields = {"name": "办法", "due_on": "soon", "colour": "red"}
    reply = town(caller(HOUSING), "POST", "/institutions/entries", {"fields": fields})
    assert reply.status == 422
    found = {one["pointer"]: one["code"] for one in reply.json["errors"]}
    assert found == {"/fields/due_on": "not_a_date", "/fields/colour": "unknown_field"}
    assert town(caller(HOUSING), "GET", "/institutions/entries").json["items"] == []


@pytest.mark.requirement("R-10")
def test_a_code_on_the_list_of_exceptions_is_taken_here_too(town: Town) -> None:
    body = {"fields": {**PLAN, "partner": PILOT}}
    refused = town(caller(HOUSING), "POST", "/decisions/entries", body)
    assert refused.json["errors"][0]["code"] == "unified_code_check_digit"
    allow(town.world, PILOT)
    town.world.clock.advance(seconds=60)
    assert town(caller(HOUSING), "POST", "/decisions/entries", body).status == 201


@pytest.mark.requirement("R-12")
@pytest.mark.parametrize("number", [citizen_code_from("32990019800101001"), "13800000000"])
def test_a_personal_number_is_taken_nowhere(town: Town, number: str) -> None:
    clerk = caller(HOUSING)
    text = f"联系人 {number}"
    body = {"fields": {**PLAN, "title": text}}
    refused = town(clerk, "POST", "/decisions/entries", body)
    assert refused.json["errors"][0]["code"] == "personal_number"
    assert number not in refused.text
    entry = town.create(clerk, "decisions", **PLAN)
    for more in (
        {"note": text},
        {"evidence": [{"title": text, "file_number": "1"}]},
        {"evidence": [{"title": "纪要", "file_number": text}]},
    ):
        reply = town.report(clerk, entry, "public_participation", "2026-06-01", **more)
        assert reply.json["errors"][0]["code"] == "personal_number", more
        assert number not in reply.text
    demand = {"message": text, "working_days": 3}
    path = f"/decisions/entries/{entry['entry_id']}/supervision"
    assert town(office(), "POST", path, demand).json["errors"][0]["code"] == "personal_number"


@pytest.mark.requirement("R-12")
def test_a_report_sent_again_is_one_report_and_another_is_refused(town: Town) -> None:
    clerk = caller(HOUSING)
    entry = town.create(clerk, "decisions", **PLAN)
    town.report(clerk, entry, "public_participation", "2026-06-01")
    town.world.clock.advance(hours=1)
    again = town.report(clerk, entry, "public_participation", "2026-06-01")
    assert (again.status, again.json["version"]) == (200, 2)
    other = town.report(clerk, entry, "public_participation", "2026-06-02")
    assert (other.status, other.code) == (409, "already_reported")
    assert town.report(clerk, entry, "none_such", "2026-06-02").code == "unknown_step"


@pytest.mark.requirement("R-74")
def test_an_edit_names_its_version_and_what_was_before_is_kept(town: Town) -> None:
    clerk = caller(HOUSING)
    entry = town.create(clerk, "institutions", name="办法", due_on="2026-06-23")
    path = f"/institutions/entries/{entry['entry_id']}"
    edit = {"fields": {"due_on": "2026-09-30"}, "reason": "延期批准"}
    assert town(clerk, "PATCH", path, edit).status == 428
    assert town(clerk, "PATCH", path, edit, If_Match='"1"').json["version"] == 2
    assert town(clerk, "PATCH", path, edit, If_Match='"1"').json["version"] == 2, "a retry"
    stale = town(clerk, "PATCH", path, {**edit, "reason": "别的理由"}, If_Match='"1"')
    assert (stale.status, stale.code) == (412, "stale_version")
    history = town.entry(clerk, entry)["history"]
    assert [one["fields"]["due_on"] for one in history] == ["2026-06-23", "2026-09-30"]
    moved = town(
        clerk, "PATCH", path, {"fields": {"name": "别的"}, "reason": "改名"}, If_Match='"2"'
    )
    assert moved.json["errors"][0]["code"] == "key_fixed"
    emptied = town(
        clerk, "PATCH", path, {"fields": {"due_on": None}, "reason": "清空"}, If_Match='"2"'
    )
    assert emptied.json["errors"][0] == {
        "pointer": "/fields/due_on",
        "code": "required",
        "message": "“应当出台的日期”必须填写",
    }


@pytest.mark.requirement("R-74")
def test_an_entry_made_by_mistake_is_withdrawn_and_counts_no_longer(town: Town) -> None:
    clerk = caller(HOUSING)
    entry = town.create(clerk, "institutions", name="办法", due_on="2026-06-10")
    path = f"/institutions/entries/{entry['entry_id']}"
    edit = {"withdrawn": True, "reason": "误录"}
    assert town(clerk, "PATCH", path, edit, If_Match='"1"').json["withdrawn"]
    assert town(clerk, "GET", "/institutions/entries").json["items"] == []
    assert len(town(clerk, "GET", "/institutions/entries?withdrawn=true").json["items"]) == 1
    (own,) = town(clerk, "GET", "/institutions/summary").json["items"]
    assert own["entries"] == 0
    assert remind_keepers(town.world.platform) == 0
    late = town.report(clerk, entry, "issued", "2026-06-01")
    assert (late.status, late.code) == (409, "entry_withdrawn")
    back = {"withdrawn": False, "reason": "确有其事"}
    assert town(clerk, "PATCH", path, back, If_Match='"2"').json["status"] == "overdue"


@pytest.mark.requirement("R-26")
def test_who_may_see_and_who_may_write(town: Town) -> None:
    entry = town.create(caller(HOUSING), "decisions", **PLAN)
    path = f"/decisions/entries/{entry['entry_id']}"
    for who, status in (
        (caller(HOUSING), 200),
        (caller(WATER), 404),
        (office(), 200),
        (office(EAST_OFFICE), 404),
        (caller(WATER, "supervisor"), 404),
        (caller(EAST_SCHOOLS, "supervisor"), 404),
        (caller(WATER, "auditor"), 200),
        (caller(WATER, "personnel"), 403),
    ):
        assert town(who, "GET", path).status == status, who
    assert town.report(caller(WATER), entry, "risk_assessment", "2026-06-01").status == 404
    by_office = town.report(office(), entry, "risk_assessment", "2026-06-01")
    assert (by_office.status, by_office.code) == (403, "not_your_entry")
    demand = {"message": "请说明原因", "working_days": 3}
    assert town(office(EAST_OFFICE), "POST", f"{path}/supervision", demand).status == 404


@pytest.mark.requirement("R-26")
def test_a_supervisor_sees_what_the_agencies_below_its_own_keep(town: Town) -> None:
    platform = town.world.platform
    below = find_agency(platform, HOUSING)
    assert below is not None
    commit([agency_write(platform, replace(below, superior=WATER, version=below.version + 1))])
    own = town.create(caller(WATER), "decisions", **PLAN)
    entry = town.create(caller(HOUSING), "decisions", **PLAN)
    town.create(caller(EAST_SCHOOLS), "decisions", **PLAN)
    supervisor = caller(WATER, "supervisor")
    assert town(supervisor, "GET", f"/decisions/entries/{entry['entry_id']}").status == 200
    listed = town(supervisor, "GET", "/decisions/entries").json["items"]
    assert {one["entry_id"] for one in listed} == {own["entry_id"], entry["entry_id"]}
    summed = town(supervisor, "GET", "/decisions/summary").json["items"]
    assert {one["agency_code"] for one in summed} == {WATER, HOUSING}
    assert town(caller(HOUSING, "supervisor"), "GET", "/decisions/entries").json["items"] == [
        one for one in listed if one["entry_id"] == entry["entry_id"]
    ]


@pytest.mark.requirement("R-26")
def test_lists_keep_within_agency_or_region_and_page_without_loss(town: Town) -> None:
    made = [
        town.create(caller(code), "decisions", title=f"决策{number}", kind="other")["entry_id"]
        for number, code in enumerate((HOUSING, HOUSING, WATER, EAST_SCHOOLS))
    ]
    own = town(caller(HOUSING), "GET", "/decisions/entries").json["items"]
    assert {one["entry_id"] for one in own} == set(made[:2])
    east = town(office(EAST_OFFICE), "GET", "/decisions/entries").json["items"]
    assert [one["keeper"] for one in east] == [EAST_SCHOOLS]
    part = town(office(), "GET", f"/decisions/entries?region={EAST}").json["items"]
    assert [one["keeper"] for one in part] == [EAST_SCHOOLS]
    up = town(office(EAST_OFFICE), "GET", f"/decisions/entries?region={CITY}")
    assert (up.status, up.code) == (403, "beyond_region")
    seen: list[str] = []
    token = ""
    while True:
        page = town(office(), "GET", f"/decisions/entries?limit=1{token}").json
        seen += [one["entry_id"] for one in page["items"]]
        if page["next_page_token"] is None:
            break
        token = f"&page_token={page['next_page_token']}"
    assert sorted(seen) == sorted(made) and len(set(seen)) == 4


@pytest.mark.requirement("R-74")
def test_what_is_overdue_can_be_listed_by_itself(town: Town) -> None:
    clerk = caller(HOUSING)
    for number in range(1, 4):
        day = f"2026-06-{10 * number:02d}"
        town.create(clerk, "institutions", name=f"办法{number}", due_on=day)
    found = town(office(), "GET", "/institutions/entries?status=overdue").json["items"]
    (late,) = found
    assert {one["code"]: one["text"] for one in late["fields"]}["name"] == "办法1"
    assert len(town(office(), "GET", "/institutions/entries?open_only=true").json["items"]) == 3
    assert town(office(), "GET", "/institutions/entries?status=late").status == 422


@pytest.mark.requirement("R-74")
def test_registers_are_those_of_the_pack(town: Town) -> None:
    listed = town(caller(HOUSING), "GET", "").json["items"]
    codes = [one["code"] for one in listed]
    assert codes == ["tasks", "coverage", "decisions", "institutions", "issues", "leaders"]
    one = town(caller(HOUSING), "GET", "/decisions").json
    assert one["steps"][1]["basis"]["clause"] == "第二十二条"
    unknown = town(caller(HOUSING), "GET", "/weather")
    assert (unknown.status, unknown.code) == (404, "unknown_register")
    prescribed = town(office(), "POST", "/tasks/entries", {"fields": {}})
    assert (prescribed.status, prescribed.code) == (409, "prescribed")


@pytest.mark.requirement("R-74")
def test_the_sweep_looks_only_at_what_is_due_and_moves_on(town: Town) -> None:
    clerk, platform = caller(HOUSING), town.world.platform
    entry = town.create(clerk, "institutions", name="办法", due_on="2026-07-23")
    assert [day for _, day in store.due_on(platform, "2026-07-16")] == ["2026-07-16"]
    town.world.clock.advance(days=31)
    remind_keepers(platform)
    assert list(store.due_on(platform, "2026-07-16")) == []
    assert len(list(store.due_on(platform, "2026-07-22"))) == 1
    assert store.reminded_through(platform) == "2026-07-15"
    town.report(clerk, entry, "issued", "2026-07-01")
    assert list(store.due_on(platform, "2026-07-22")) == [], "nothing is due any more"


@pytest.mark.requirement("R-74")
def test_an_entry_changed_while_the_sweep_looks_keeps_its_new_day(town: Town) -> None:
    clerk, platform = caller(HOUSING), town.world.platform
    entry = town.create(clerk, "institutions", name="办法", due_on="2026-06-20")
    old = store.load_entry(platform, entry["entry_id"])
    assert old is not None
    path = f"/institutions/entries/{entry['entry_id']}"
    edit = {"fields": {"due_on": "2026-09-30"}, "reason": "延期批准"}
    town(clerk, "PATCH", path, edit, If_Match='"1"')
    store.move_due_day(platform, old, "2026-06-15", "2026-06-19")
    assert [day for _, day in store.due_on(platform, "2026-09-23")] == ["2026-09-23"]


@pytest.mark.requirement("R-75")
def test_the_summary_pages_over_agencies(town: Town) -> None:
    for code in (HOUSING, WATER, EAST_SCHOOLS):
        town.create(caller(code), "leaders", post="副局长", department="法规处")
    seen: dict[str, int] = {}
    token = ""
    while True:
        page = town(office(), "GET", f"/leaders/summary?limit=2{token}").json
        seen |= {one["agency_code"]: one["entries"] for one in page["items"]}
        if page["next_page_token"] is None:
            break
        token = f"&page_token={page['next_page_token']}"
    assert seen[HOUSING] == seen[WATER] == seen[EAST_SCHOOLS] == 1 and len(seen) == 4


@pytest.mark.requirement("R-74")
def test_an_entry_that_cannot_be_judged_holds_up_neither_the_others_nor_itself(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk, platform = caller(HOUSING), town.world.platform
    made = [
        town.create(clerk, "institutions", name=name, due_on="2026-06-10")["entry_id"]
        for name in ("甲", "乙", "丙")
    ]
    whole = upkeep.judge

    def judge(entry: Entry, *more: Any) -> Judged:
        if entry.entry_id == made[1]:
            raise NotFound("没有这个版本的政策包", code="unknown_policy")
        return whole(entry, *more)

    with monkeypatch.context() as broken:
        broken.setattr(upkeep, "judge", judge)
        with pytest.raises(NotFound):
            remind_keepers(platform)
    assert store.reminded_through(platform) == ""
    told = town(clerk, "GET", "/reminders").json["items"]
    assert {one["entry"]["entry_id"] for one in told} == {made[0], made[2]}
    town.world.clock.advance(days=3)
    assert remind_keepers(platform) == 2, "the keeper's reminder and the office's copy"


@pytest.mark.requirement("R-12")
def test_a_report_that_raced_another_is_decided_anew(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = caller(HOUSING)
    entry = town.create(clerk, "decisions", **PLAN)
    save, raced = changing.save, []

    def slow(asking: Asking, after: Entry, before: Entry | None) -> None:
        if not raced:
            raced.append(True)
            town.report(clerk, entry, "risk_assessment", "2026-06-02")
        save(asking, after, before)

    monkeypatch.setattr(changing, "save", slow)
    done = town.report(clerk, entry, "public_participation", "2026-06-01")
    assert (done.status, done.json["version"]) == (200, 3)
    states = {one["code"]: one["state"] for one in done.json["steps"]}
    assert states["public_participation"] == states["risk_assessment"] == "done"


@pytest.mark.requirement("R-12")
def test_an_edit_that_raced_another_is_refused(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    clerk = caller(HOUSING)
    entry = town.create(clerk, "decisions", **PLAN)
    path = f"/decisions/entries/{entry['entry_id']}"
    save, raced = changing.save, []

    def slow(asking: Asking, after: Entry, before: Entry | None) -> None:
        if not raced:
            raced.append(True)
            town.report(clerk, entry, "risk_assessment", "2026-06-02")
        save(asking, after, before)

    monkeypatch.setattr(changing, "save", slow)
    edit = {"fields": {"kind": "other"}, "reason": "类别有误"}
    refused = town(clerk, "PATCH", path, edit, If_Match='"1"')
    assert (refused.status, refused.code) == (412, "stale_version")
    kinds = [one["kind"] for one in town.entry(clerk, entry)["history"]]
    assert kinds == ["create", "report"]


@pytest.mark.requirement("R-71")
def test_an_entry_takes_no_more_than_an_item_holds(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = caller(HOUSING)
    entry = town.create(clerk, "decisions", **PLAN)
    monkeypatch.setattr(changing, "MOST_BYTES", 400)
    full = town.report(clerk, entry, "risk_assessment", "2026-06-01")
    assert (full.status, full.code) == (409, "entry_full")


@pytest.mark.requirement("R-74")
def test_an_answer_that_has_not_changed_is_not_sent_again_but_another_day_is(town: Town) -> None:
    clerk = caller(HOUSING)
    entry = town.create(clerk, "institutions", name="办法", due_on="2026-06-15")
    path = f"/institutions/entries/{entry['entry_id']}"
    tag = town(clerk, "GET", path).headers["ETag"]
    assert town(clerk, "GET", path, If_None_Match=tag).status == 304
    town.world.clock.advance(days=1)
    again = town(clerk, "GET", path, If_None_Match=tag)
    assert (again.status, again.json["status"]) == (200, "overdue")
    edit = {"fields": {"due_on": "2026-09-30"}, "reason": "延期批准"}
    assert town(clerk, "PATCH", path, edit, If_Match=tag).status == 200
