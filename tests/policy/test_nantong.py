"""Nantong's implementation plan of 2018, clause by clause: what its pack makes of each."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from chalicelib.policy.base import OFFICIALS
from tests.policy.builders import real_pack
from tests.policy.cities import choices, clause_of, own_bases, states

NANTONG = real_pack("nantong")
NATIONAL = real_pack("national")
LOCAL = "各县（市）、区政府（管委会）"

THIRTEEN_MATTERS = [
    "依法行政", "政务公开", "信用体系建设", "放管服", "环境保护", "统计数据质量", "劳动用工",
    "社会保障", "公共资源交易", "安全生产", "食品安全", "社会诚信状况", "人民群众满意度",
]  # fmt: skip


@pytest.mark.requirement("R-73")
def test_the_pack_says_what_is_not_known_about_the_document() -> None:
    assert NANTONG.title == "南通市"
    assert NANTONG.effective_from == date(2024, 1, 1) == NATIONAL.effective_from
    assert not NANTONG.document.verified
    assert "不是文件的施行日期" in NANTONG.document.note
    assert {code[:4] for code in NANTONG.regions} == {"3206"}
    assert not any(region.verified for region in NANTONG.regions.values())


@pytest.mark.requirement("R-73")
def test_every_entry_cites_the_document_and_a_clause_and_every_mechanism_is_decided() -> None:
    assert NANTONG.mechanisms.keys() == NATIONAL.mechanisms.keys()
    for document, clause in own_bases(NANTONG):
        assert (document, bool(clause)) == ("南通市政务诚信建设实施方案", True)


@pytest.mark.requirement("R-12")
def test_1_2_first_major_decisions_take_the_five_statutory_steps() -> None:
    register = NANTONG.registers["major_decisions"]
    steps = {step.title: step for step in register.steps}
    required = [title for title, step in steps.items() if step.required]
    assert sorted(required) == sorted(
        ["公众参与", "专家论证", "风险评估", "合法性审查", "集体讨论决定"]
    )
    assert {steps[title].basis.clause for title in required} == {"一（二）一"}
    assert all(steps[title].evidence for title in required)


@pytest.mark.requirement("R-12")
def test_1_2_second_normative_documents_widely_consult_the_public() -> None:
    step = next(s for s in NANTONG.registers["major_decisions"].steps if s.code == "consultation")
    assert step.basis.clause == "一（二）二"
    assert step.required_when is not None and step.required_when.values == (True,)


@pytest.mark.requirement("R-74")
def test_1_2_first_and_3_8_power_and_responsibility_lists_are_in_the_institution_register() -> None:
    kind = next(f for f in NANTONG.registers["institutions"].fields if f.code == "institution_kind")
    assert {"权力清单", "责任清单"} <= {choice.title for choice in kind.values}


@pytest.mark.requirement("R-73")
def test_1_2_fourth_promises_are_service_quality_time_limit_and_guarantee() -> None:
    kinds = choices(NANTONG, "commitment", "commitment_kind")
    assert {"服务质量承诺", "期限承诺", "保障承诺"} <= set(kinds.values())
    assert "债务融资" in choices(NANTONG, "commitment_breach", "sphere").values()


@pytest.mark.requirement("R-73")
def test_1_2_fifth_the_honest_come_first_under_equal_conditions() -> None:
    assert states(NANTONG, "incentives", "award_priority") == {"own"}
    assert clause_of(NANTONG, "award_priority") == "一（二）五"


@pytest.mark.requirement("R-46")
def test_1_2_fifth_and_2_4_concrete_forms_of_dishonesty_each_say_how_they_are_handled() -> None:
    titles = {conduct.title for conduct in NANTONG.conduct.values()}
    assert {
        "懒政怠政", "不遵守法律法规和相关制度", "以权谋私", "滥用职权", "失职渎职",
        "严重危害群众利益", "有失公平公正", "交易违约",
    } <= titles  # fmt: skip
    for conduct in NANTONG.conduct.values():
        assert conduct.mechanism == "conduct_catalogue"
        assert conduct.handling and conduct.types
    lazy = NANTONG.conduct["neglect"]
    assert lazy.about == ("civil_servant",)
    assert lazy.severity is None
    assert any("限制评先评优" in one for one in lazy.handling)
    assert "从轻或免于" in lazy.note
    named = NANTONG.types["official_dishonesty"]
    assert named.field("conduct") is not None


@pytest.mark.requirement("R-28")
@pytest.mark.requirement("R-71")
def test_1_3_goals_until_2020_are_dated_tasks() -> None:
    dated = {task.title: task for task in NANTONG.tasks.values() if task.term == "dated"}
    assert set(dated) == {
        "双公示百分之百", "建成政府部门和公务员信用信息系统",
        "政府部门信用信息全覆盖", "公务员信用信息全覆盖", "普遍使用信用记录和信用报告",
    }  # fmt: skip
    assert {task.due_on for task in dated.values()} == {date(2020, 12, 31)}
    computed = {task.target.figure for task in dated.values() if task.target}
    assert computed == {"collection_rate", "bodies_recorded_share", "officials_recorded_share"}
    assert {task.basis.clause for task in dated.values()} == {"一（三）"}


@pytest.mark.requirement("R-28")
def test_1_3_coverage_also_counts_where_credit_records_and_reports_are_used() -> None:
    register = NANTONG.registers["credit_use"]
    assert (register.mechanism, register.kept_by) == ("coverage", "agency")
    assert register.at_least == 1
    # A matter in which nothing is used yet stays in the list, with the step still to be done.
    assert [step.required for step in register.steps] == [True]
    assert "credit_use" not in NATIONAL.registers


@pytest.mark.requirement("R-71")
def test_2_to_4_the_task_table_is_the_documents_own() -> None:
    tasks = sorted(
        (task for task in NANTONG.tasks.values() if task.term == "unstated"),
        key=lambda task: task.order,
    )
    assert [task.basis.clause for task in tasks] == [
        *(f"二（{n}）" for n in "一二三四五"),
        *(f"三（{n}）" for n in "一二三四五六七八九"),
        *(f"四（{n}）" for n in "一二三"),
    ]
    by_clause = {task.basis.clause: task for task in tasks}
    assert by_clause["二（一）"].lead == ("市人社局",)
    assert by_clause["二（一）"].cooperating == ("市委组织部", "市文明办", "市各有关部门", LOCAL)
    assert by_clause["二（三）"].cooperating == (
        "市中级人民法院", "市检察院", "市人社局", "市纪委", "市监委", "市委组织部",
        "市行政审批局", "市政府法制办", "市各有关部门",
    )  # fmt: skip
    assert by_clause["二（四）"].cooperating[1] == "市纪委监委"
    assert by_clause["三（三）"].lead == ("市公管办", "市公共资源交易中心")
    assert by_clause["三（四）"].lead == ("市商务局", LOCAL)
    assert by_clause["三（八）"].lead == ("市编办", "市行政审批局")
    assert by_clause["四（二）"].lead == ("各级政府（管委会）",)
    assert not any(task.due_on or task.starts_on for task in tasks)


@pytest.mark.requirement("R-04")
def test_2_2_files_of_bodies_hold_four_things_and_the_dishonesty_record() -> None:
    titles = [one.title for one in sorted(NANTONG.classes.values(), key=lambda one: one.order)]
    assert titles[:5] == [
        "依法行政", "政务公开", "社会诚信状况", "人民群众满意度", "政府及政府部门政务失信记录",
    ]  # fmt: skip
    dishonest = NANTONG.classes["body_dishonesty"].types
    assert all(NANTONG.types[code].dishonesty for code in dishonest)


@pytest.mark.requirement("R-05")
def test_2_2_files_of_civil_servants_hold_what_the_departments_record() -> None:
    for code in (
        "lawful_duty_record", "diligence_record", "standard_service_record",
        "public_official_honour", "clean_record", "public_official_discipline",
        "annual_assessment", "official_dishonesty",
    ):  # fmt: skip
        entry = NANTONG.types[code]
        assert entry.about == ("civil_servant",), code
        assert entry.disclosure.persons == "internal"
        assert not any(field.public for field in entry.fields)
    stages = choices(NANTONG, "assessment_stage_record", "stage").values()
    assert set(stages) == {
        "日常管理考核", "调职晋升", "任职考察", "评优评奖", "表彰奖励", "投诉举报", "案件查处",
    }  # fmt: skip


@pytest.mark.requirement("R-05")
def test_2_2_of_personal_matters_only_the_sanctions_enter_the_file() -> None:
    assert "personal_matters_sanction" in NANTONG.types
    assert "personal_matters_report" not in NANTONG.types
    assert states(NANTONG, "personal_matters_report") == {"off"}


@pytest.mark.requirement("R-07")
def test_2_2_dishonesty_comes_from_judgments_penalties_discipline_and_accountability() -> None:
    assert set(choices(NANTONG, "official_dishonesty", "origin").values()) == {
        "司法判决", "行政处罚", "纪律处分（党纪）", "问责处理",
    }  # fmt: skip
    assert {"court_judgment", "accountability_decision"} <= set(
        NANTONG.classes["body_dishonesty"].types
    )
    assert "audit_conclusion" not in NANTONG.types


@pytest.mark.requirement("R-73")
def test_2_3_upward_to_province_and_nation_cross_check_and_bribery_records() -> None:
    assert states(
        NANTONG, "upward_collection", "cross_check", "bribery_records", "personnel_queries"
    ) == {"own"}
    note = NANTONG.mechanisms["upward_collection"].basis.note
    assert "省市" in note and "国家" in note


@pytest.mark.requirement("R-73")
def test_2_4_bodies_explain_and_rectify_and_persons_are_limited_in_awards() -> None:
    mechanisms = (
        "rectification", "award_bar_bodies", "public_criticism", "accountability",
        "award_limit_persons", "personal_commitments", "information_classes", "conduct_catalogue",
    )  # fmt: skip
    assert states(NANTONG, *mechanisms) == {"own"}
    assert {"晋升", "履职"} <= set(choices(NANTONG, "personal_commitment", "occasion").values())


@pytest.mark.requirement("R-73")
def test_2_5_notice_objection_with_appeal_repair_and_exemption() -> None:
    assert states(NANTONG, "notice", "objection", "appeal", "repair", "exemption") == {"own"}
    assert states(NANTONG, "complaint") == {"off"}
    for code in ("commitment_breach", "accountability_decision", "official_dishonesty"):
        exclusion = NANTONG.types[code].exclusions[0]
        assert (exclusion.field, exclusion.values) == ("exempted", (True,))
        assert "容错" in exclusion.reason


@pytest.mark.requirement("R-46")
def test_2_5_self_correction_is_recorded_because_it_lightens() -> None:
    assert states(NANTONG, "self_correction") == {"own"}
    for code in ("official_dishonesty", "public_official_discipline"):
        assert set(choices(NANTONG, code, "self_correction").values()) == {
            "无", "主动挽回损失", "消除不良影响", "有效阻止危害结果发生",
        }  # fmt: skip


@pytest.mark.requirement("R-73")
def test_3_there_are_nine_key_areas_with_the_units_of_the_document() -> None:
    assert [area.basis.clause for area in NANTONG.areas.values()] == [
        f"三（{n}）" for n in "一二三四五六七八九"
    ]
    for area in NANTONG.areas.values():
        task = next(t for t in NANTONG.tasks.values() if t.basis.clause == area.basis.clause)
        assert (area.lead, area.cooperating) == (task.lead, task.cooperating)


@pytest.mark.requirement("R-73")
def test_3_1_a_purchaser_promises_five_things_before_the_procurement() -> None:
    entry = NANTONG.types["purchaser_commitment"]
    points = [field.title for field in entry.fields if field.title.endswith("承诺")]
    assert points == [
        "政务公开承诺", "财政资金使用规范性承诺", "遵守政府采购法律法规承诺", "合同履行承诺",
        "违约责任承诺",
    ]  # fmt: skip
    assert all(field.required for field in entry.fields if field.title in points)
    starts = entry.field("procurement_starts_on")
    assert starts is not None and starts.not_before == "published_on"


@pytest.mark.requirement("R-73")
def test_3_2_breaches_of_ppp_name_one_of_five_stages_and_persons_answer_for_them() -> None:
    five = {"项目识别", "项目准备", "项目采购", "项目执行", "项目移交"}
    for code in ("ppp_responsibility", "ppp_performance"):
        assert set(choices(NANTONG, code, "stage").values()) == five
        assert set(NANTONG.types[code].about) <= OFFICIALS
    stages = choices(NANTONG, "ppp_breach", "stage")
    assert stages.keys() == choices(NANTONG, "ppp_responsibility", "stage").keys()


@pytest.mark.requirement("R-73")
def test_3_3_bidding_intercepts_by_itself_and_publishes_what_is_known_of_agencies() -> None:
    assert states(NANTONG, "bidding", "automatic_interception", "third_party_reports") == {"own"}
    assert states(NANTONG, "bidding_blacklist") == {"off"}
    kinds = choices(NANTONG, "bidding_agency_information", "information_kind")
    assert set(kinds.values()) == {"资质信息", "信用信息", "动态监管信息"}


@pytest.mark.requirement("R-73")
def test_3_4_a_change_of_office_is_no_excuse_and_lawful_change_is_compensated() -> None:
    kinds = choices(NANTONG, "commitment_breach", "breach_kind").values()
    assert "以政府换届、责任人更替等理由违约毁约" in kinds
    for code in ("change_procedure", "compensation"):
        field = NANTONG.types["commitment"].field(code)
        assert field is not None and field.required_when is not None
        assert field.required_when.values == ("changed_by_law",)
    assert NANTONG.types["commitment"].field("office_changed") is not None


@pytest.mark.requirement("R-73")
def test_3_5_debt_is_open_rated_and_counted_per_term_of_office() -> None:
    debt = NANTONG.types["government_debt"]
    assert debt.disclosure.scope == "public"
    assert {"risk", "term_of_office", "audit_result"} <= {field.code for field in debt.fields}
    assert NANTONG.types["debt_rating"].mechanism == "debt_rating"


@pytest.mark.requirement("R-09")
def test_3_6_confirmed_fabrication_is_a_dishonesty_record_and_personnel_have_files() -> None:
    assert NANTONG.types["statistics_fabrication"].dishonesty
    assert set(choices(NANTONG, "statistics_fabrication", "responsibility").values()) == {
        "领导责任", "监督责任", "主体责任", "相关责任",
    }  # fmt: skip
    assert {"statistics_personnel", "statistics_commitment"} <= NANTONG.types.keys()
    aspects = choices(NANTONG, "statistics_commitment", "aspects")
    assert list(aspects.values()) == ["守法", "守信", "自律"]


@pytest.mark.requirement("R-73")
def test_3_7_progress_for_air_water_and_soil_is_public() -> None:
    media = choices(NANTONG, "environment_progress", "medium").values()
    assert list(media) == ["大气", "水", "土壤"]
    assert "environment_assessment" in NANTONG.types


@pytest.mark.requirement("R-73")
def test_3_8_the_days_of_3550_are_data_nobody_has_verified() -> None:
    items = choices(NANTONG, "approval_performance", "item").values()
    assert [title for title in items if "个工作日" in title] == [
        "开办企业（3个工作日内）", "不动产登记（5个工作日内）",
        "工业建设项目施工许可（50个工作日内）",
    ]  # fmt: skip
    item = NANTONG.types["approval_performance"].field("item")
    assert item is not None and item.basis is not None
    assert not item.verified and not item.basis.verified


@pytest.mark.requirement("R-73")
def test_3_9_townships_promise_fifteen_services_and_villages_and_households_gain() -> None:
    assert len(choices(NANTONG, "township_commitment", "service")) == 15
    assert set(choices(NANTONG, "township_disclosure", "disclosure_kind").values()) == {
        "政务", "财务",
    }  # fmt: skip
    assert set(choices(NANTONG, "credit_village", "support").values()) == {
        "农业开发", "环境整治", "集体经济扶持",
    }  # fmt: skip
    household = NANTONG.types["credit_household"]
    assert household.about == ("person",)
    assert household.disclosure.persons == "internal"
    assert set(choices(NANTONG, "credit_household", "benefits").values()) == {
        "就业", "扶贫", "养老", "信贷",
    }  # fmt: skip


@pytest.mark.requirement("R-01")
def test_4_1_the_yearly_evaluation_has_the_thirteen_matters_and_adds_up() -> None:
    scheme = NANTONG.schemes["annual_integrity"]
    assert [node.title for node in scheme.indicators] == THIRTEEN_MATTERS
    assert sum(leaf.weight for leaf in scheme.leaves()) == Decimal(100)
    assert not scheme.basis.verified


@pytest.mark.requirement("R-73")
def test_4_1_double_publicity_counts_within_openness() -> None:
    indicators = {node.code: node for node in NANTONG.schemes["annual_integrity"].indicators}
    leaves = {leaf.code for leaf in indicators["openness"].leaves()}
    assert "double_publicity_on_time" in leaves


@pytest.mark.requirement("R-73")
def test_4_2_and_4_3_supervision_is_horizontal_and_social_but_there_is_no_monitoring() -> None:
    assert states(
        NANTONG, "horizontal_supervision", "social_supervision", "third_party", "public_appraisal"
    ) == {"own"}
    assert states(NANTONG, "monitoring", "monitoring_by_trade") == {"off"}


@pytest.mark.requirement("R-74")
@pytest.mark.requirement("R-75")
def test_5_1_and_5_2_departments_leaders_and_the_leading_group_are_registered() -> None:
    for code, clause in (
        ("institutions", "五（一）、五（二）"),
        ("leaders", "五（一）"),
        ("issues", "五（一）"),
    ):
        assert NANTONG.registers[code].basis.clause == clause
    assert states(NANTONG, "institution_register", "responsible_leaders", "leading_group") == {
        "own"
    }
    assert states(NANTONG, "first_responsible_leader") == {"off"}


@pytest.mark.requirement("R-27")
def test_5_4_collection_itself_is_assessed() -> None:
    assessment = NANTONG.assessments["collection"]
    assert assessment.basis.clause == "五（四）"
    assert {"administrative_licence", "administrative_penalty"} <= set(assessment.types)


@pytest.mark.requirement("R-73")
def test_what_other_documents_have_and_nantong_has_not_is_off() -> None:
    others = (
        "leads", "excellent_bar", "purchaser_breach", "officials_evaluation", "audit_conclusions",
        "institutions_supervision", "annual_target_assessment", "debt_information_feeds_rating",
        "ppp_publication", "third_party_supplement", "personal_matters_report", "monitoring",
    )  # fmt: skip
    assert states(NANTONG, *others) == {"off"}
    for code in ("procurement_purchaser_breach", "institution_annual_report", "audit_conclusion"):
        assert code not in NANTONG.types


@pytest.mark.requirement("R-60")
def test_4_1_each_matter_is_assessed_or_reported_and_reviewed() -> None:
    scheme = NANTONG.schemes["annual_integrity"]
    read = {
        matter.title: {
            code for leaf in matter.leaves() if leaf.source for code in leaf.source.types
        }
        for matter in scheme.indicators
    }
    for matter, figure in (
        ("环境保护", "reported.environment_targets"),
        ("统计数据质量", "reported.statistics_quality"),
        ("劳动用工", "reported.wage_cases_settled"),
        ("社会保障", "reported.social_insurance_coverage"),
        ("安全生产", "reported.work_safety_score"),
        ("食品安全", "reported.food_safety_score"),
        ("信用体系建设", "accounts.collected"),
    ):
        assert {"matter_assessment", figure} <= read[matter], matter
    assert not scheme.vetoes  # no document names anything that decides alone
    assert scheme.appeal and scheme.notice


@pytest.mark.requirement("R-66")
def test_4_3_what_representatives_of_the_public_say_counts_yearly_and_half_yearly() -> None:
    for code in ("annual_integrity", "half_yearly_view"):
        used = {
            kind
            for leaf in NANTONG.schemes[code].leaves()
            if leaf.source
            for kind in leaf.source.types
        }
        assert "appraisals.score" in used
        assert not any(kind.startswith("third_party") for kind in used)
    monthly = NANTONG.schemes["monthly_double_publicity"]
    assert (monthly.period, NANTONG.schemes["half_yearly_view"].period) == ("month", "half_year")
