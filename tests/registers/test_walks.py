"""What agencies and credit offices do with the registers, and what they are shown."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from chalicelib.aws.platform import Platform
from chalicelib.registers import figures
from chalicelib.registers.service import FigureValue, Whose
from chalicelib.registers.upkeep import remind_keepers
from tests.registers.town import (
    EAST_OFFICE,
    EAST_SCHOOLS,
    HOUSING,
    OFFICE,
    WATER,
    Town,
    caller,
    office,
    titles,
)


@pytest.fixture
def share(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The platform's own figure, by agency; `` is the region's."""
    known: dict[str, str] = {}

    def compute(platform: Platform, whose: Whose, today: date) -> FigureValue:
        value = known.get(whose.agency_code)
        return FigureValue(Decimal(value) if value else None, "本年应公示与按时公示之比")

    monkeypatch.setattr(figures, "_known", {"test_share": compute})
    return known


@pytest.mark.requirement("R-12")
def test_a_decision_without_risk_assessment_is_shown_with_the_clause_that_demands_it(
    town: Town,
) -> None:
    clerk = caller(HOUSING)
    entry = town.create(clerk, "decisions", title="某某规划", kind="plan", due_on="2026-12-31")
    assert entry["status"] == "in_progress"
    for step, day in (
        ("public_participation", "2026-05-01"),
        ("expert_review", "2026-05-08"),
        ("legality_review", "2026-05-20"),
        ("collective_discussion", "2026-06-01"),
    ):
        reply = town.report(clerk, entry, step, day)
        assert reply.status == 200, reply.text
    shown = town.entry(clerk, entry)
    assert (shown["status"], shown["status_title"]) == ("incomplete", "缺少步骤")
    (missing,) = shown["missing"]
    assert (missing["title"], missing["basis"]["clause"]) == ("风险评估", "第二十二条")
    assert any("风险评估：应当完成，依据：示例条例 第二十二条" in line for line in shown["working"])

    of_office = town(office(), "GET", "/decisions/summary").json
    housing = next(one for one in of_office["items"] if one["agency_code"] == HOUSING)
    assert housing["counts"]["incomplete"] == 1 and not housing["fine"]
    assert titles(housing["missing"]) == ["风险评估"]

    town.report(clerk, entry, "risk_assessment", "2026-05-15")
    assert town.entry(clerk, entry)["status"] == "complete"


@pytest.mark.requirement("R-12")
def test_a_step_not_required_of_this_decision_says_why(town: Town) -> None:
    entry = town.create(caller(HOUSING), "decisions", title="其他决定", kind="other")
    review = next(one for one in entry["steps"] if one["code"] == "expert_review")
    assert review["state"] == "not_required"
    assert review["why"] == "仅当“类别”为“规划”时要求"


@pytest.mark.requirement("R-12")
def test_reports_keep_the_order_the_law_prescribes(town: Town) -> None:
    clerk = caller(HOUSING)
    entry = town.create(clerk, "decisions", title="某某规划", kind="other")
    early = town.report(clerk, entry, "legality_review", "2026-05-20")
    assert (early.status, early.code) == (409, "step_before")
    town.report(clerk, entry, "public_participation", "2026-05-21")
    before = town.report(clerk, entry, "legality_review", "2026-05-20")
    assert before.status == 422
    assert before.json["errors"][0]["code"] == "before_other"
    future = town.report(clerk, entry, "legality_review", "2026-06-16")
    assert future.json["errors"][0] == {
        "pointer": "/done_on",
        "code": "in_future",
        "message": "完成日期不能晚于今天",
    }
    bare = town.report(clerk, entry, "legality_review", "2026-05-22", evidence=[])
    assert bare.json["errors"][0]["pointer"] == "/evidence"
    assert town.entry(clerk, entry)["version"] == 2, "what was refused has changed nothing"


@pytest.mark.requirement("R-12")
def test_a_report_is_taken_back_with_a_reason_and_stays_in_the_history(town: Town) -> None:
    clerk = caller(HOUSING)
    entry = town.create(clerk, "decisions", title="某某规划", kind="other")
    town.report(clerk, entry, "public_participation", "2026-05-01")
    town.report(clerk, entry, "legality_review", "2026-05-02")
    path = f"/decisions/entries/{entry['entry_id']}/steps"
    first = f"{path}/public_participation/withdrawal"
    blocked = town(clerk, "POST", first, {"reason": "日期有误"}, If_Match='"3"')
    assert (blocked.status, blocked.code) == (409, "step_followed")
    done = town(
        clerk, "POST", f"{path}/legality_review/withdrawal", {"reason": "日期有误"}, If_Match='"3"'
    )
    assert done.status == 200 and done.json["version"] == 4
    history = town.entry(clerk, entry)["history"]
    assert [one["kind"] for one in history] == ["create", "report", "report", "take_back"]
    assert history[-1]["reason"] == "日期有误"
    assert [one["reports"] for one in history] == [0, 1, 2, 1]
    again = town(
        clerk, "POST", f"{path}/legality_review/withdrawal", {"reason": "日期有误"}, If_Match='"3"'
    )
    assert again.status == 200, "a retry is answered as the first try"
    missing = town(clerk, "POST", f"{path}/legality_review/withdrawal", {"reason": "再撤"})
    assert missing.status == 428


@pytest.mark.requirement("R-74")
def test_an_institution_past_its_day_is_overdue_and_reminded_once(town: Town) -> None:
    clerk, clock = caller(HOUSING), town.world.clock
    entry = town.create(clerk, "institutions", name="守信激励办法", due_on="2026-06-23")
    assert entry["status"] == "in_progress"
    assert remind_keepers(town.world.platform) == 0

    clock.advance(days=1)  # a week before
    assert town.entry(clerk, entry)["status"] == "due_soon"
    assert [remind_keepers(town.world.platform) for _ in range(3)] == [1, 0, 0]
    (first,) = town(clerk, "GET", "/reminders").json["items"]
    assert (first["late"], first["open"], first["due_on"]) == (False, True, "2026-06-23")

    clock.advance(days=10)  # the sweep was away; the reminder of the day before is moot
    shown = town.entry(clerk, entry)
    assert (shown["status"], shown["due"]["days_left"]) == ("overdue", -3)
    assert titles(shown["missing"]) == ["印发"] and shown["steps"][0]["state"] == "overdue"
    assert [remind_keepers(town.world.platform) for _ in range(2)] == [2, 0]
    told = town(clerk, "GET", "/reminders").json["items"]
    assert [one["late"] for one in told] == [True, False]
    late = town(office(), "GET", "/reminders?late=true").json["items"]
    assert [one["entry"]["entry_id"] for one in late] == [entry["entry_id"]]

    town.report(clerk, entry, "issued", "2026-06-25")
    assert town.entry(clerk, entry)["status"] == "complete"
    assert town(clerk, "GET", "/reminders").json["items"] == []
    assert len(town(clerk, "GET", "/reminders?settled=true").json["items"]) == 2
    assert town(office(), "GET", "/reminders?late=true").json["items"] == []


@pytest.mark.requirement("R-74")
def test_an_institution_that_no_longer_holds_has_lapsed(town: Town) -> None:
    clerk, clock = caller(HOUSING), town.world.clock
    entry = town.create(
        clerk, "institutions", name="暂行办法", due_on="2026-06-10", valid_until="2026-06-20"
    )
    town.report(clerk, entry, "issued", "2026-06-01")
    assert town.entry(clerk, entry)["status"] == "complete"
    clock.advance(days=5)
    assert town.entry(clerk, entry)["status"] == "complete", "it holds on its last day"
    clock.advance(days=1)
    assert town.entry(clerk, entry)["status"] == "lapsed"
    assert remind_keepers(town.world.platform) == 2  # the keeper's, and the office's copy


@pytest.mark.requirement("R-71")
def test_a_task_with_a_computed_figure_cannot_be_reported_away(
    town: Town, share: dict[str, str]
) -> None:
    entry = town.assign("publicity", [HOUSING])
    assert entry["computed"] and entry["status"] == "in_progress"
    refused = town.report(caller(HOUSING), entry, "completion", "2026-06-01")
    assert (refused.status, refused.code) == (409, "computed")
    town.report(caller(HOUSING), entry, "progress", "2026-06-01")
    share[""] = "0.80"
    shown = town.task(office(), "publicity")
    assert shown["status"] == "in_progress"
    assert any("0.8，目标不低于 0.95，未达到" in line for line in shown["working"])
    town.world.clock.advance(days=20)
    assert town.task(office(), "publicity")["status"] == "overdue"
    share[""] = "0.96"
    shown = town.task(office(), "publicity")
    assert (shown["status"], shown["missing"]) == ("complete", [])


@pytest.mark.requirement("R-71")
def test_tasks_are_those_of_the_document_and_show_who_has_not_reported(town: Town) -> None:
    listed = town(office(), "GET", "/tasks/entries").json["items"]
    assert [one["entry_id"] for one in listed] == ["archive", "publicity", "education"]
    assert titles(listed[0]["missing"])[0] == "分派责任单位"
    assert town(caller(HOUSING), "GET", "/tasks/entries").json["items"] == []

    town.assign("archive", [HOUSING, WATER], (EAST_SCHOOLS,))
    (own,) = town(caller(HOUSING), "GET", "/tasks/entries").json["items"]
    assert own["task"]["stated_lead"] == ["市信用办"]
    town.report(caller(HOUSING), own, "completion", "2026-06-10")
    shown = town.task(office(), "archive")
    assert shown["status"] == "in_progress"
    assert any("还有 1 个责任单位没有报告" in line for line in shown["working"])
    helper = town.report(caller(EAST_SCHOOLS), own, "completion", "2026-06-10")
    assert (helper.status, helper.code) == (403, "not_your_entry")
    assert town.report(caller(EAST_SCHOOLS), own, "progress", "2026-06-10").status == 200
    assert town.report(caller(EAST_SCHOOLS), own, "progress", "2026-06-11").status == 200
    town.report(caller(WATER), own, "completion", "2026-06-12")
    assert town.task(office(), "archive")["status"] == "complete"

    summary = town(office(), "GET", "/tasks/summary").json
    by_unit = {one["agency_code"]: one["counts"]["complete"] for one in summary["items"]}
    assert by_unit == {None: 0, HOUSING: 1, WATER: 1}


@pytest.mark.requirement("R-71")
def test_a_task_that_goes_on_is_reported_but_never_complete(town: Town) -> None:
    entry = town.assign("education", [HOUSING])
    assert titles(entry["missing"]) == ["工作进展"]
    town.report(caller(HOUSING), entry, "progress", "2026-06-10")
    shown = town.task(office(), "education")
    assert (shown["status"], shown["missing"]) == ("in_progress", [])
    assert shown["working"][-1] == "持续实施，没有完成期限"


@pytest.mark.requirement("R-71")
def test_only_the_office_of_the_document_s_area_assigns_and_only_to_its_agencies(
    town: Town,
) -> None:
    body = {"lead": [HOUSING], "cooperating": []}
    path = "/tasks/entries/archive/assignment"
    assert town(caller(HOUSING), "PUT", path, body, If_Match='"0"').status == 403
    assert town(office(EAST_OFFICE), "PUT", path, body, If_Match='"0"').status == 422
    own = {"lead": [EAST_SCHOOLS]}
    refused = town(office(EAST_OFFICE), "PUT", path, own, If_Match='"0"')
    assert (refused.status, refused.code) == (403, "beyond_region")
    twice = town(office(), "PUT", path, {"lead": [HOUSING, HOUSING]}, If_Match='"0"')
    assert twice.json["errors"][0]["code"] == "named_twice"
    assert town(office(), "PUT", path, body).status == 428
    assert town(office(), "PUT", path, body, If_Match='"0"').json["version"] == 1
    stale = town(office(), "PUT", path, {"lead": [WATER]}, If_Match='"0"')
    assert (stale.status, stale.code) == (412, "stale_version")


@pytest.mark.requirement("R-71")
def test_the_office_supervises_what_is_late_and_the_keeper_answers(town: Town) -> None:
    entry = town.assign("archive", [HOUSING])
    town.world.clock.advance(days=20)
    remind_keepers(town.world.platform)
    (late,) = town(office(), "GET", "/reminders?late=true").json["items"]
    assert late["entry"]["entry_id"] == "archive"
    path = "/tasks/entries/archive/supervision"
    demand = {"message": "请说明原因", "working_days": 3}
    assert town(caller(HOUSING), "POST", path, demand).status == 403
    noted = town(office(), "POST", path, demand).json["supervision"][0]
    # Sunday 5 July: three working days are Monday to Wednesday.
    assert noted["due_on"] == "2026-07-08" and noted["deadline"]["days"][-1]["counted"]
    assert len(town(office(), "POST", path, demand).json["supervision"]) == 1
    both = town(office(), "POST", path, {**demand, "due_on": "2026-07-09"})
    assert both.status == 422

    town.world.clock.advance(days=4)
    remind_keepers(town.world.platform)
    assert town.entry(office(), entry)["supervision"][0]["overdue"]
    told = town(caller(HOUSING), "GET", "/reminders").json["items"]
    assert [one["kind"] for one in told if one["late"]] == ["supervision", "due"]

    address = f"{path}/{noted['supervision_id']}/answer"
    words = {"text": "已经补做"}
    stranger = town(caller(WATER), "POST", address, words)
    assert stranger.status == 404, "a task of others is not shown"
    answered = town(caller(HOUSING), "POST", address, words).json["supervision"][0]
    assert answered["answer"]["text"] == "已经补做" and not answered["overdue"]
    assert town(caller(HOUSING), "POST", address, words).status == 200
    other = town(caller(HOUSING), "POST", address, {"text": "另一个说法"})
    assert (other.status, other.code) == (409, "already_answered")
    town.report(caller(HOUSING), entry, "completion", "2026-07-09")
    closed = town(office(), "POST", path, {"message": "再问一次", "working_days": 5})
    assert (closed.status, closed.code) == (409, "nothing_open")


@pytest.mark.requirement("R-71")
def test_nobody_is_supervised_about_a_task_nobody_was_given(town: Town) -> None:
    demand = {"message": "请说明原因", "working_days": 3}
    refused = town(office(), "POST", "/tasks/entries/archive/supervision", demand)
    assert (refused.status, refused.code) == (409, "unassigned")


@pytest.mark.requirement("R-75")
def test_an_agency_without_a_responsible_leader_is_shown(town: Town) -> None:
    town.create(caller(HOUSING), "leaders", post="副局长", department="法规处")
    page = town(office(), "GET", "/leaders/summary").json
    lacking = {one["agency_code"]: one["lacking"] for one in page["items"]}
    assert lacking == {OFFICE: 1, HOUSING: 0, WATER: 1, EAST_SCHOOLS: 1}
    assert page["lacking"] == 3 and page["at_least"] == 1
    (own,) = town(caller(WATER), "GET", "/leaders/summary").json["items"]
    assert own["lacking"] == 1 and not own["fine"]


@pytest.mark.requirement("R-75")
def test_issues_are_put_to_the_leading_group_by_the_office_and_tracked(town: Town) -> None:
    refused = town(caller(HOUSING), "POST", "/issues/entries", {"fields": {"subject": "欠款"}})
    assert (refused.status, refused.code) == (403, "not_your_entry")
    entry = town.create(office(), "issues", subject="欠款清偿")
    town.report(office(), entry, "submitted", "2026-06-01")
    shown = town.entry(office(), entry)
    assert titles(shown["missing"]) == ["研究决定"]
    items = town(office(), "GET", "/issues/summary").json["items"]
    assert [one["agency_code"] for one in items] == [OFFICE, EAST_OFFICE]


@pytest.mark.requirement("R-28")
def test_coverage_is_what_the_platform_counts_whatever_is_reported(
    town: Town, share: dict[str, str]
) -> None:
    share[HOUSING], share[WATER] = "0.97", "0.40"
    entry = town.create(caller(WATER), "coverage", scope="全部单位")
    assert (entry["status"], entry["computed"]) == ("in_progress", True)
    page = town(office(), "GET", "/coverage/summary").json
    fine = {one["agency_code"]: one["fine"] for one in page["items"]}
    assert fine == {OFFICE: False, HOUSING: True, WATER: False, EAST_SCHOOLS: False}
    told = next(one["figure"] for one in page["items"] if one["agency_code"] == EAST_SCHOOLS)
    assert "目前没有可以计算的数据" in told


@pytest.mark.requirement("R-28")
def test_a_figure_nobody_computes_reaches_nothing(town: Town) -> None:
    entry = town.create(caller(WATER), "coverage", scope="全部单位")
    assert entry["status"] == "in_progress"
    assert any("平台还没有接入“test_share”" in line for line in entry["working"])


@pytest.mark.requirement("R-71")
def test_a_task_given_to_others_is_no_longer_shown_to_those_who_had_it(town: Town) -> None:
    town.assign("archive", [HOUSING])
    town.world.clock.advance(days=10)
    assert remind_keepers(town.world.platform) == 1
    town.assign("archive", [WATER])
    assert town(caller(HOUSING), "GET", "/reminders").json["items"] == []
    assert town(caller(HOUSING), "GET", "/tasks/entries/archive").status == 404
    assert remind_keepers(town.world.platform) == 1, "who has it now is reminded"
    (told,) = town(caller(WATER), "GET", "/reminders").json["items"]
    assert told["entry"]["entry_id"] == "archive"
