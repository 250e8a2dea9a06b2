"""Each procedure walked as its document words it; every date counted by hand.

2026: May Day 05-01..05 (05-09 is worked), Dragon Boat 06-19..21, Mid-Autumn 09-25..27, National Day
10-01..07 (09-20 and 10-10 are worked), so says the calendar of the national pack.
"""

from __future__ import annotations

import pytest

from chalicelib.cases.rules import in_words
from tests.cases.procedures import Walk, kind_of

EVERYWHERE = ("national", "nanjing", "nantong", "yancheng", "jiangxi", "lingyuan")


@pytest.mark.requirement("R-30")
@pytest.mark.parametrize("place", EVERYWHERE)
def test_both_notices_are_delivered_before_anything_is_public(place: str) -> None:
    walk = Walk(kind_of(place, "two_notices"))
    walk.step("2026-04-29", "platform", "open")
    # 04-30, 05-06, 05-07, 05-08, 05-09 (Saturday, worked), 05-11, 05-12.
    assert walk.due("delivery") == "2026-05-12"
    walk.step("2026-05-06", "source_agency", "deliver_decision")
    assert (walk.state, walk.effects) == ("待送达修复告知书", ["record_notice"])
    assert walk.refused("2026-05-06", "source_agency", "deliver_both") == "out_of_turn"
    walk.step("2026-05-07", "source_agency", "deliver_repair_notice")
    assert (walk.state, walk.told) == ("两书已送达", {"subject"})


@pytest.mark.requirement("R-30")
@pytest.mark.parametrize("place", ["national", "nanjing", "nantong", "yancheng", "jiangxi"])
def test_the_subject_is_told_before_publication_and_may_state_its_view(place: str) -> None:
    walk = Walk(kind_of(place, "notice"))
    walk.step("2026-09-23", "source_agency", "open")
    walk.step("2026-09-24", "source_agency", "deliver", delivered_on="2026-09-24")
    # 09-28, 09-29, 09-30, 10-08, 10-09.
    assert walk.due("views") == "2026-10-09"
    walk.step("2026-10-09", "subject", "state_views")
    assert walk.effects == ["record_statement"]
    # Saturday 10-10 is worked: 10-10, 10-12, 10-13, 10-14, 10-15.
    assert walk.due("consideration") == "2026-10-15"
    walk.step("2026-10-12", "source_agency", "withdraw")
    assert (walk.state, walk.effects) == ("记录已撤销", ["withdraw_record"])


@pytest.mark.requirement("R-30")
def test_who_says_nothing_in_time_has_been_told() -> None:
    walk = Walk(kind_of("nantong", "notice"))
    walk.step("2026-09-23", "source_agency", "open")
    walk.step("2026-09-24", "source_agency", "deliver", delivered_on="2026-09-24")
    assert walk.refused("2026-10-09", "platform", "close_views") == "limit_not_over"
    assert walk.time("2026-10-09") == [("reminder", "views")]
    assert walk.time("2026-10-10") == [("lapse", "views")]
    assert walk.state == "已告知"
    assert walk.refused("2026-10-10", "subject", "state_views") == "case_closed"


@pytest.mark.requirement("R-30")
def test_a_change_of_the_record_is_told_too() -> None:
    walk = Walk(kind_of("nantong", "notice"))
    walk.step("2026-05-08", "platform", "open_change")
    walk.step("2026-05-09", "source_agency", "deliver_change")
    assert (walk.state, walk.effects, walk.told) == ("已告知", ["record_notice"], {"subject"})


@pytest.mark.requirement("R-31")
@pytest.mark.parametrize("place", EVERYWHERE)
def test_a_statement_is_made_changed_and_taken_back_at_any_time(place: str) -> None:
    walk = Walk(kind_of(place, "statement"))
    walk.step("2026-06-15", "subject", "make")
    assert (walk.state, walk.effects) == ("已声明", ["record_statement"])
    assert walk.told == {"source_agency", "credit_office"}
    assert walk.time("2027-06-15") == []
    walk.step("2027-06-15", "subject", "change")
    assert walk.effects == ["record_statement"]
    assert walk.refused("2027-06-16", "source_agency", "take_back") == "no_right_to_action"
    walk.step("2027-06-16", "subject", "take_back")
    assert (walk.state, walk.effects) == ("已撤回", ["retract_statement"])


@pytest.mark.requirement("R-31")
def test_a_statement_that_harms_others_is_taken_down_with_the_reason_told() -> None:
    walk = Walk(kind_of("national", "statement"))
    walk.step("2026-06-15", "subject", "make")
    walk.step("2026-06-16", "credit_office", "remove")
    assert (walk.state, walk.effects) == ("已撤下", ["retract_statement"])
    assert "subject" in walk.told


@pytest.mark.requirement("R-31")
@pytest.mark.parametrize("place", EVERYWHERE)
def test_an_objection_marks_at_once_and_a_wrong_record_is_corrected(place: str) -> None:
    walk = Walk(kind_of(place, "objection"))
    walk.step("2026-09-24", "subject", "file")
    assert walk.effects == ["mark_record", "record_statement"]
    assert walk.told == {"source_agency", "credit_office"}
    # 09-28 and 09-29; all seven: 09-28, 29, 30, 10-08, 09, 10 (Saturday, worked), 12.
    assert (walk.due("forwarding"), walk.due("whole")) == ("2026-09-29", "2026-10-12")
    walk.step("2026-09-28", "credit_office", "accept")
    assert walk.due("verification") == "2026-10-08"
    walk.step("2026-09-29", "source_agency", "start_appraisal")
    assert walk.due("verification") == walk.due("whole") == "中止"
    assert walk.time("2026-12-31") == []
    walk.step("2027-01-04", "source_agency", "end_appraisal")
    # One of three days and two of seven were used; 2027 counts weekends only.
    assert (walk.due("verification"), walk.due("whole")) == ("2027-01-06", "2027-01-11")
    walk.step("2027-01-05", "source_agency", "correct")
    assert walk.effects == ["correct_record", "unmark_record"]
    assert walk.state == "已更正"


@pytest.mark.requirement("R-31")
@pytest.mark.parametrize(
    ("place", "review"),
    [("national", "申请复核"), ("nantong", "申诉"), ("yancheng", "申诉"), ("jiangxi", "投诉"),
     ("lingyuan", "投诉"), ("nanjing", "申请复核")],
)  # fmt: skip
def test_whoever_is_not_content_goes_to_the_superior(place: str, review: str) -> None:
    walk = Walk(kind_of(place, "objection"))
    walk.step("2026-05-11", "subject", "file")
    walk.step("2026-05-11", "credit_office", "accept")
    walk.step("2026-05-13", "source_agency", "answer")
    action = walk.kind.action("request_review")
    assert action is not None and action.title == review
    # Ten working days: 05-14, 15, 18-22, 25, 26, 27.
    assert walk.due("review_window") == "2026-05-27"
    assert walk.refused("2026-05-28", "subject", "request_review") == "too_late"
    walk.step("2026-05-27", "subject", "request_review")
    assert walk.due("review") == "2026-06-03"
    walk.step("2026-06-03", "superior", "extend_review")
    # Fifteen more: 06-04, 05, 08-12, 15-18, (19-21 Dragon Boat), 22-25.
    assert walk.due("review") == "2026-06-25"
    assert walk.refused("2026-06-04", "superior", "extend_review") == "clock_cannot_extend"
    walk.step("2026-06-25", "superior", "review_withdraw")
    assert (walk.state, walk.effects[0]) == ("记录已撤销", "withdraw_record")


def test_an_objection_nobody_takes_further_is_over_and_the_mark_goes() -> None:
    walk = Walk(kind_of("nantong", "objection"))
    walk.step("2026-05-11", "subject", "file")
    walk.step("2026-05-11", "credit_office", "accept")
    walk.step("2026-05-13", "source_agency", "answer")
    assert walk.time("2026-05-28") == [("lapse", "review_window")]
    assert (walk.state, walk.effects) == ("维持", ["unmark_record"])


@pytest.mark.requirement("R-31")
def test_only_those_who_may_act_and_only_in_their_turn() -> None:
    walk = Walk(kind_of("national", "objection"))
    assert walk.refused("2026-05-11", "credit_office", "file") == "no_right_to_action"
    assert walk.refused("2026-05-11", "credit_office", "accept") == "case_not_opened"
    walk.step("2026-05-11", "subject", "file")
    assert walk.refused("2026-05-11", "source_agency", "accept") == "no_right_to_action"
    assert walk.refused("2026-05-11", "source_agency", "correct") == "out_of_turn"
    assert walk.refused("2026-05-11", "subject", "file") == "out_of_turn"


@pytest.mark.requirement("R-32")
@pytest.mark.parametrize("place", EVERYWHERE)
@pytest.mark.parametrize("severity", ["minor", "general", "serious"])
def test_repair_needs_its_time_its_papers_and_a_decision(place: str, severity: str) -> None:
    walk = Walk(kind_of(place, "repair"))
    walk.facts = frozenset(
        {"is_dishonesty", "not_repaired", f"severity_{severity}"}  # type: ignore[arg-type]
    )
    apply = f"apply_{severity}"
    if severity != "minor":
        assert walk.refused("2026-09-24", "subject", apply) == "case_condition_not_met"
        walk.facts |= {"least_publicity_served"}
    unrepaired, walk.facts = walk.facts, walk.facts - {"not_repaired"}
    assert walk.refused("2026-09-24", "subject", apply) == "case_condition_not_met"
    walk.facts = unrepaired
    walk.step("2026-09-24", "subject", apply)
    # Three: 09-28, 29, 30. Ten: 09-28, 29, 30, 10-08, 09, 10 (Saturday, worked), 12, 13, 14, 15.
    assert (walk.due("acceptance"), walk.due("feedback")) == ("2026-09-30", "2026-10-15")
    walk.step("2026-09-28", "determining_agency", "ask_supplement")
    assert walk.due("feedback") == "中止"
    assert walk.due("supplement") == "2026-10-10"
    walk.step("2026-10-09", "subject", "supplement")
    # One day of ten was used: nine more from 10-10.
    assert walk.due("feedback") == "2026-10-21"
    walk.step("2026-10-10", "determining_agency", "accept")
    walk.step("2026-10-13", "determining_agency", "approve")
    assert (walk.state, walk.effects) == ("已修复", ["end_publicity"])
    (end,) = walk.last.effects if walk.last else ()
    assert end.model_dump() == {"kind": "end_publicity", "sharing": True, "measures": True}


@pytest.mark.requirement("R-32")
def test_another_severity_and_missing_papers_are_refused_with_the_reason() -> None:
    walk = Walk(kind_of("national", "repair"))
    walk.facts = frozenset({"is_dishonesty", "severity_serious"})
    refusal = walk.tried("2026-09-24", "subject", "apply_general")
    assert "只适用于失信等级为一般的记录" in getattr(refusal, "reason", "")
    assert "最短公示期还没有届满" in getattr(refusal, "reason", "")


@pytest.mark.requirement("R-32")
@pytest.mark.parametrize(
    ("place", "extent"), [("nantong", "免于"), ("jiangxi", "减免"), ("nanjing", "从轻")]
)
def test_self_correction_of_an_official_eases_what_it_costs(place: str, extent: str) -> None:
    walk = Walk(kind_of(place, "self_correction"))
    walk.facts -= {"about_official"}
    assert walk.refused("2026-05-11", "subject", "report") == "case_condition_not_met"
    walk.facts |= {"about_official"}
    walk.step("2026-05-11", "subject", "report", what_was_done="主动挽回损失，消除不良影响")
    # Twenty working days after 05-11: 05-12..15, 18..22, 25..29, 06-01..05, 06-08.
    assert walk.due("examination") == "2026-06-08"
    walk.step("2026-05-20", "determining_agency", "ease", extent=extent)
    assert walk.effects == ["ease_measures"]


@pytest.mark.requirement("R-33")
@pytest.mark.parametrize(
    ("place", "title"), [("nantong", "免责和容错"), ("yancheng", "容错纠错"), ("nanjing", "容错")]
)
def test_a_good_faith_error_is_exempted_by_collective_decision(place: str, title: str) -> None:
    walk = Walk(kind_of(place, "exemption"))
    assert walk.kind.title == title
    walk.step("2026-05-11", "subject", "apply")
    walk.step("2026-05-12", "determining_agency", "accept", precedents="没有")
    assert walk.due("decision") == "2026-06-09"
    action = walk.kind.action("recognise")
    assert action is not None
    assert action.evidence == {"collective_decision": "集体研究决定的会议纪要"}
    walk.step("2026-06-05", "determining_agency", "recognise", decided_on="2026-06-04")
    assert walk.effects == ["exempt_record", "end_publicity", "keep_precedent"]
    assert walk.case is not None and "grounds" in walk.case.values


@pytest.mark.requirement("R-41")
@pytest.mark.parametrize("place", EVERYWHERE)
def test_rectification_is_explained_done_checked_and_escalated_when_late(place: str) -> None:
    walk = Walk(kind_of(place, "rectification"))
    walk.step("2026-09-01", "platform", "refer")
    walk.step("2026-09-02", "superior", "order", rectify_by="2026-10-04")
    # The day set falls into the holiday: the first working day after it is 10-08.
    assert walk.due("rectify_by") == "2026-10-08"
    assert walk.due("explanation") == "2026-09-16"
    walk.step("2026-09-10", "subject", "explain")
    assert walk.time("2026-10-03") == [("reminder", "rectify_by")]
    assert walk.time("2026-10-03") == []
    assert walk.time("2026-10-09") == [("escalation", "rectify_by")]
    assert walk.told == {"superior", "credit_office", "government"}
    assert walk.time("2026-10-20") == []
    walk.step("2026-10-21", "credit_office", "call_to_account")
    assert walk.effects == ["open_case"]
    assert walk.refused("2026-10-21", "superior", "extend") == "clock_cannot_extend"
    walk.step("2026-10-22", "subject", "submit")
    walk.step("2026-10-23", "superior", "send_back", rectify_by="2026-11-10")
    assert (walk.state, walk.due("rectify_by")) == ("整改中", "2026-11-10")
    walk.step("2026-11-09", "subject", "submit")
    walk.step("2026-11-10", "superior", "confirm")
    assert walk.state == "已整改"


@pytest.mark.requirement("R-65")
def test_a_lead_of_nanjing_that_is_true_is_urged_reported_and_fed_back() -> None:
    walk = Walk(kind_of("nanjing", "lead"))
    walk.step("2026-09-30", "anyone", "report")
    assert walk.due("transfer") == "2026-10-08"
    walk.step("2026-10-08", "credit_office", "transfer")
    # 10-09, 10 (Saturday, worked), 12-16, 19, 20, 21.
    assert walk.due("verification") == "2026-10-21"
    walk.step("2026-10-09", "informant", "supplement")
    walk.step("2026-10-09", "credit_office", "reply")
    walk.step("2026-10-20", "superior", "urge", rectify_by="2026-11-20")
    assert walk.effects == ["open_case"]
    assert walk.told == {"subject", "informant", "government"}
    walk.step("2026-11-10", "superior", "confirm")
    assert walk.state == "已整改，待报告市政府"
    walk.step("2026-11-12", "credit_office", "report_to_government")
    assert (walk.state, walk.told) == ("属实，已整改并报告", {"government", "informant"})


@pytest.mark.requirement("R-65")
def test_a_lead_that_is_untrue_is_explained_and_one_refused_becomes_a_record() -> None:
    untrue = Walk(kind_of("nanjing", "lead"))
    untrue.step("2026-10-08", "credit_office", "register", channel="党政机关败诉案件推送")
    untrue.step("2026-10-08", "credit_office", "transfer")
    untrue.step("2026-10-09", "superior", "explain")
    assert (untrue.state, untrue.told) == ("不属实，已解释说明", {"informant"})
    stubborn = Walk(kind_of("nanjing", "lead"))
    stubborn.step("2026-10-08", "subject", "self_report")
    stubborn.step("2026-10-08", "credit_office", "transfer")
    stubborn.step("2026-10-09", "superior", "urge", rectify_by="2026-10-16")
    stubborn.step("2026-10-19", "superior", "recognise")
    assert stubborn.effects == ["create_record", "open_case"]
    stubborn.step("2026-10-20", "credit_office", "report_recognition")
    assert stubborn.state == "已认定失信并报告"


@pytest.mark.requirement("R-65", "R-62")
@pytest.mark.parametrize("place", EVERYWHERE)
def test_a_complaint_of_breach_becomes_a_record_only_when_correction_is_refused(
    place: str,
) -> None:
    walk = Walk(kind_of(place, "breach_complaint"))
    assert walk.kind.hides_informant
    walk.step("2026-09-28", "anyone", "report")
    walk.step("2026-09-29", "credit_office", "transfer")
    assert walk.refused("2026-09-29", "superior", "recognise") == "out_of_turn"
    walk.step("2026-10-09", "superior", "urge", rectify_by="2026-10-30")
    walk.step("2026-11-02", "superior", "recognise")
    assert (walk.state, walk.effects) == ("已认定失信", ["create_record"])


@pytest.mark.requirement("R-62")
@pytest.mark.parametrize("place", EVERYWHERE)
def test_a_complaint_is_answered_rated_and_done_again_once(place: str) -> None:
    walk = Walk(kind_of(place, "complaint"))
    walk.step("2026-09-28", "anyone", "report")
    walk.step("2026-09-29", "credit_office", "accept")
    # 09-30, 10-08, 09, 10 (Saturday, worked), 12.
    assert walk.due("answering") == "2026-10-12"
    walk.step("2026-10-12", "superior", "answer")
    walk.step("2026-10-13", "informant", "dissatisfied")
    assert walk.due("answering") == "2026-10-20"
    walk.step("2026-10-14", "superior", "answer_again")
    assert walk.state == "已办结"


@pytest.mark.requirement("R-43")
def test_nanjing_interviews_criticises_bars_from_excellence_and_refers() -> None:
    walk = Walk(kind_of("nanjing", "accountability"))
    walk.step("2026-09-28", "credit_office", "propose", conduct="新官不理旧账")
    walk.step("2026-10-08", "superior", "interview", assessment_year=2026)
    assert walk.effects == ["bar_excellent"]
    walk.step("2026-10-09", "superior", "criticise", assessment_year=2026)
    walk.step("2026-10-10", "superior", "refer")
    assert walk.told == {"competent_organ", "subject"}
    walk.step("2026-12-01", "superior", "record_outcome")
    assert (walk.state, walk.effects) == ("已办结", ["create_record"])


@pytest.mark.requirement("R-42")
@pytest.mark.parametrize("place", ["nantong", "yancheng", "jiangxi", "lingyuan"])
def test_elsewhere_the_criticism_is_public(place: str) -> None:
    walk = Walk(kind_of(place, "accountability"))
    walk.step("2026-09-28", "superior", "propose")
    walk.step("2026-10-08", "superior", "criticise")
    assert walk.effects == ["publish_result"]


@pytest.mark.requirement("R-61")
@pytest.mark.parametrize(
    ("code", "register", "assigned", "due"),
    [
        # Three months; 2026-10-04 is in the holiday: 10-08.
        ("npc_suggestion", "register", "2026-07-04", "2026-10-08"),
        ("cppcc_proposal", "register", "2026-03-16", "2026-06-16"),
        # Two months; 2026-06-20 is Dragon Boat Saturday: Monday 06-22.
        ("judicial_suggestion", "register", "2026-04-20", "2026-06-22"),
        ("procuratorial_suggestion", "register", "2026-08-02", "2026-10-08"),
        # Fifteen days from 09-17 end on 10-02, in the holiday.
        ("procuratorial_suggestion", "register_urgent", "2026-09-17", "2026-10-08"),
        # Two months from 12-31: there is no 02-31, so the last of February, a Sunday.
        ("procuratorial_suggestion", "register", "2026-12-31", "2027-03-01"),
    ],
)
def test_replies_to_other_powers_are_due_by_law(
    code: str, register: str, assigned: str, due: str
) -> None:
    walk = Walk(kind_of("nantong", code))
    walk.step(assigned, "credit_office", register, assigned_on=assigned)
    limit = "urgent_reply" if register == "register_urgent" else "reply_by"
    assert walk.due(limit) == due
    walk.step(due, "subject", "reply", replied_on=due)
    walk.step(due, "credit_office", "publish")
    assert (walk.state, walk.effects) == ("已办结，结果公开", ["publish_result"])


@pytest.mark.requirement("R-61")
def test_a_complex_suggestion_has_six_months_and_is_assessed_by_a_third_party() -> None:
    walk = Walk(kind_of("nantong", "npc_suggestion"))
    walk.step("2026-03-16", "credit_office", "register", assigned_on="2026-03-16")
    assert walk.due("reply_by") == "2026-06-16"
    walk.step("2026-06-16", "credit_office", "extend")
    assert walk.due("reply_by") == "2026-09-16"
    assert walk.refused("2026-06-17", "credit_office", "extend") == "clock_cannot_extend"
    walk.step("2026-08-03", "subject", "reply", replied_on="2026-08-03")
    walk.step("2026-08-04", "credit_office", "unsatisfied")
    assert walk.due("redo") == "2026-09-04"
    walk.step("2026-08-20", "subject", "reply_again", replied_on="2026-08-20")
    action = walk.kind.action("assess")
    assert action is not None and action.title == "登记第三方综合评定"
    walk.step("2026-08-21", "credit_office", "assess")
    assert walk.refused("2026-08-21", "credit_office", "assess") == "done_often_enough"
    walk.step("2026-08-24", "credit_office", "publish")


def test_what_people_are_told_has_its_words_filled_in() -> None:
    walk = Walk(kind_of("nantong", "objection"))
    walk.step("2026-05-11", "subject", "file")
    walk.step("2026-05-11", "credit_office", "accept")
    outcome = walk.step("2026-05-13", "source_agency", "answer", answer="与原件一致")
    (message,) = outcome.messages
    said = in_words(message.template, {"answer": "与原件一致", "due_on": "2026-05-27"})
    assert said == "异议不成立：与原件一致。不服的，可以在2026-05-27前申诉。"
