"""Yancheng's work plan, clause by clause: what its pack makes of each, and what it leaves out
that Nantong's document, from the same province, has."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from chalicelib.policy.base import OFFICIALS
from tests.policy.builders import real_pack
from tests.policy.cities import choices, clause_of, own_bases, states

YANCHENG = real_pack("yancheng")
NANTONG = real_pack("nantong")
NATIONAL = real_pack("national")

WIDE = ("市各有关部门", "各县（市、区）政府", "盐城经济技术开发区", "盐南高新区管委会")
CREDIT_OFFICE = "市发改委（市信用办）"

THIRTEEN_MATTERS = [
    "依法行政", "政务公开", "信用体系建设", "放管服", "环境保护", "统计数据质量", "劳动用工",
    "社会保障", "公共资源交易", "安全生产", "食品安全", "社会诚信状况", "人民群众满意度",
]  # fmt: skip


@pytest.mark.requirement("R-73")
def test_the_pack_says_that_the_document_is_undated() -> None:
    assert YANCHENG.title == "盐城市"
    assert YANCHENG.effective_from == date(2024, 1, 1) == NATIONAL.effective_from
    assert not YANCHENG.document.verified
    assert "没有文号和日期" in YANCHENG.document.note
    assert "不是文件的施行日期" in YANCHENG.document.note
    assert {code[:4] for code in YANCHENG.regions} == {"3209"}
    assert not any(region.verified for region in YANCHENG.regions.values())


@pytest.mark.requirement("R-73")
def test_every_entry_cites_the_document_and_a_clause_and_every_mechanism_is_decided() -> None:
    assert YANCHENG.mechanisms.keys() == NATIONAL.mechanisms.keys()
    for document, clause in own_bases(YANCHENG):
        assert (document, bool(clause)) == ("盐城市加强政务诚信建设工作方案", True)


@pytest.mark.requirement("R-28")
@pytest.mark.requirement("R-71")
def test_1_goals_until_2020_are_dated_tasks() -> None:
    dated = {task.title: task for task in YANCHENG.tasks.values() if task.term == "dated"}
    assert set(dated) == {
        "双公示百分之百", "建成政府部门和公务员信用信息系统",
        "政府部门信用信息全覆盖", "公务员信用信息全覆盖", "形成守信激励与失信惩戒机制",
    }  # fmt: skip
    assert {task.due_on for task in dated.values()} == {date(2020, 12, 31)}
    computed = {task.target.figure for task in dated.values() if task.target}
    assert computed == {"collection_rate", "bodies_recorded_share", "officials_recorded_share"}
    assert {task.basis.clause for task in dated.values()} == {"一"}


@pytest.mark.requirement("R-71")
def test_2_and_3_the_task_table_is_the_documents_own() -> None:
    tasks = sorted(
        (task for task in YANCHENG.tasks.values() if task.term == "unstated"),
        key=lambda task: task.order,
    )
    tens = [*"一二三四五六七八九十", *(f"十{n}" for n in "一二三四五六七八九")]
    assert [task.basis.clause for task in tasks] == [
        *(f"二（{n}）" for n in tens),
        *(f"三（{n}）" for n in "一二三四"),
    ]
    by_clause = {task.basis.clause: task for task in tasks}
    assert by_clause["二（一）"].lead == ("市司法局", "市各有关部门")
    assert by_clause["二（一）"].cooperating == ()
    assert by_clause["二（四）"].lead == (
        CREDIT_OFFICE, "市财政局", "市国资委", "市行政审批局（市公共资源交易中心）",
    )  # fmt: skip
    assert by_clause["二（六）"].lead == (CREDIT_OFFICE, "市公安局", "市财政局")
    assert by_clause["二（六）"].cooperating == ("市纪委监委机关", "市法院", "市公务员局", *WIDE)
    assert by_clause["二（十三）"].lead == ("市行政审批局",)
    assert by_clause["二（十五）"].cooperating == ("市审计局", *WIDE[1:])
    assert by_clause["三（二）"].lead == (CREDIT_OFFICE,)
    assert not any(task.due_on or task.starts_on for task in tasks)


@pytest.mark.requirement("R-12")
def test_2_1_and_2_2_major_decisions_take_five_steps_and_normative_documents_consult() -> None:
    steps = {step.title: step for step in YANCHENG.registers["major_decisions"].steps}
    required = {title for title, step in steps.items() if step.required}
    assert required == {"公众参与", "专家论证", "风险评估", "合法性审查", "集体讨论决定"}
    assert {steps[title].basis.clause for title in required} == {"二（一）"}
    assert steps["公开征求意见"].basis.clause == "二（二）"
    assert states(YANCHENG, "decision_ledger", "normative_consultation") == {"own"}


@pytest.mark.requirement("R-73")
def test_2_3_and_2_4_promises_are_service_quality_time_limit_and_guarantee() -> None:
    kinds = choices(YANCHENG, "commitment", "commitment_kind").values()
    assert {"服务质量承诺", "期限承诺", "保障承诺"} <= set(kinds)
    assert "债务融资" in choices(YANCHENG, "commitment_breach", "sphere").values()
    # 二（三） speaks of approval as work to be done; it sets no key area and no limits.
    assert states(YANCHENG, "approval", "promised_limits") == {"off"}


@pytest.mark.requirement("R-73")
def test_2_6_the_database_is_protected_by_levels() -> None:
    assert states(YANCHENG, "level_protection") == {"own"}
    assert clause_of(YANCHENG, "level_protection") == "二（六）"
    assert states(NANTONG, "level_protection") == {"base"}


@pytest.mark.requirement("R-28")
def test_1_and_2_6_coverage_is_of_what_is_recorded_collected_and_shared() -> None:
    assert clause_of(YANCHENG, "coverage") == "一、二（六）"
    assert "coverage" in YANCHENG.registers
    # Only Nantong's goal goes on to use in administrative matters.
    assert "credit_use" not in YANCHENG.registers
    assert "credit_use" in NANTONG.registers


@pytest.mark.requirement("R-04")
def test_2_7_files_of_bodies_hold_four_things_and_the_dishonesty_record() -> None:
    titles = [one.title for one in sorted(YANCHENG.classes.values(), key=lambda one: one.order)]
    assert titles[:5] == [
        "依法行政", "政务公开", "社会诚信状况", "人民群众满意度", "政府及政府部门政务失信记录",
    ]  # fmt: skip


@pytest.mark.requirement("R-05")
def test_2_7_files_of_civil_servants_hold_what_the_departments_record() -> None:
    for code in (
        "lawful_duty_record", "diligence_record", "standard_service_record",
        "public_official_honour", "clean_record", "public_official_discipline",
        "annual_assessment", "official_dishonesty",
    ):  # fmt: skip
        entry = YANCHENG.types[code]
        assert entry.about == ("civil_servant",), code
        assert entry.disclosure.persons == "internal"
        assert not any(field.public for field in entry.fields)
    assert set(choices(YANCHENG, "assessment_stage_record", "stage").values()) == {
        "日常管理考核", "调职晋升", "任职考察", "评优评奖", "表彰奖励", "投诉举报", "案件查处",
    }  # fmt: skip


@pytest.mark.requirement("R-05")
def test_2_7_of_personal_matters_only_the_sanctions_enter_the_file() -> None:
    assert "personal_matters_sanction" in YANCHENG.types
    assert "personal_matters_report" not in YANCHENG.types


@pytest.mark.requirement("R-07")
def test_2_7_dishonesty_comes_from_four_sources_and_a_recognised_error_is_none() -> None:
    assert set(choices(YANCHENG, "official_dishonesty", "origin").values()) == {
        "司法判决", "行政处罚", "纪律处分（党纪）", "问责处理",
    }  # fmt: skip
    for code in ("commitment_breach", "accountability_decision", "official_dishonesty"):
        exclusion = YANCHENG.types[code].exclusions[0]
        assert (exclusion.field, exclusion.basis.clause) == ("exempted", "二（七）、二（十）")
    assert states(YANCHENG, "exemption") == {"own"}


@pytest.mark.requirement("R-01")
def test_2_8_records_go_up_to_city_and_county_only() -> None:
    note = YANCHENG.mechanisms["upward_collection"].basis.note
    assert states(YANCHENG, "upward_collection") == {"own"}
    assert "市县" in note and "没有写省和国家" in note
    assert "国家" in NANTONG.mechanisms["upward_collection"].basis.note
    assert states(YANCHENG, "cross_check", "bribery_records", "personnel_queries") == {"off"}


@pytest.mark.requirement("R-46")
def test_2_9_there_are_classes_of_information_and_no_catalogue_of_conduct() -> None:
    assert states(YANCHENG, "information_classes") == {"own"}
    assert YANCHENG.classes
    assert states(YANCHENG, "conduct_catalogue") == {"off"}
    assert not YANCHENG.conduct
    assert set(choices(YANCHENG, "official_dishonesty", "conduct").values()) == {
        "违法违规", "失信违约",
    }  # fmt: skip


@pytest.mark.requirement("R-73")
def test_2_9_bodies_lose_awards_and_persons_are_not_limited() -> None:
    own = ("rectification", "award_bar_bodies", "public_criticism", "accountability", "incentives")
    assert states(YANCHENG, *own) == {"own"}
    off = ("award_limit_persons", "award_priority", "personal_commitments")
    assert states(YANCHENG, *off) == {"off"}
    assert states(NANTONG, *off) == {"own"}
    assert "personal_commitment" not in YANCHENG.types


@pytest.mark.requirement("R-73")
def test_2_10_objection_with_appeal_no_notice_of_its_own_and_no_lightening() -> None:
    assert states(YANCHENG, "objection", "appeal", "repair") == {"own"}
    assert states(YANCHENG, "notice", "two_notices") == {"base"}
    assert YANCHENG.mechanisms["notice"].basis == NATIONAL.mechanisms["notice"].basis
    correction = YANCHENG.mechanisms["self_correction"]
    assert correction.state == "off"
    assert "只鼓励" in correction.basis.note
    assert YANCHENG.types["official_dishonesty"].field("self_correction") is None


@pytest.mark.requirement("R-73")
def test_2_11_to_2_17_there_are_seven_key_areas_with_the_units_of_the_document() -> None:
    assert [area.basis.clause for area in YANCHENG.areas.values()] == [
        f"二（十{n}）" for n in "一二三四五六七"
    ]
    for area in YANCHENG.areas.values():
        task = next(t for t in YANCHENG.tasks.values() if t.basis.clause == area.basis.clause)
        assert (area.lead, area.cooperating) == (task.lead, task.cooperating)
    assert NANTONG.areas.keys() - YANCHENG.areas.keys() == {"environment", "approval"}


@pytest.mark.requirement("R-73")
def test_2_11_a_purchaser_promises_five_things_and_its_payments_are_not_named() -> None:
    points = [
        field.title
        for field in YANCHENG.types["purchaser_commitment"].fields
        if field.title.endswith("承诺")
    ]
    assert len(points) == 5
    assert "supervision" not in YANCHENG.areas["procurement"].demands
    assert "款项支付" in NANTONG.areas["procurement"].demands["supervision"]


@pytest.mark.requirement("R-73")
def test_2_12_five_stages_are_traced_but_performance_enters_no_persons_record() -> None:
    stages = choices(YANCHENG, "ppp_responsibility", "stage").values()
    assert set(stages) == {"项目识别", "项目准备", "项目采购", "项目执行", "项目移交"}
    assert set(YANCHENG.types["ppp_responsibility"].about) <= OFFICIALS
    assert "ppp_performance" not in YANCHENG.types
    assert "市县" in YANCHENG.areas["ppp"].demands["collection"]


@pytest.mark.requirement("R-73")
def test_2_13_bidding_has_indicators_and_no_interception() -> None:
    assert states(YANCHENG, "bidding", "third_party_reports") == {"own"}
    assert states(YANCHENG, "automatic_interception", "bidding_blacklist") == {"off"}
    assert "interception" not in YANCHENG.areas["bidding"].demands
    assert "bidding_agency_information" not in YANCHENG.types


@pytest.mark.requirement("R-73")
def test_2_14_there_is_no_compensation_and_the_law_still_applies() -> None:
    compensation = YANCHENG.mechanisms["compensation"]
    assert compensation.state == "off"
    assert "仍然适用" in compensation.basis.note
    assert YANCHENG.types["commitment"].field("compensation") is None
    demands = YANCHENG.areas["investment_promotion"].demands
    assert demands.keys() == {"lawful_policy", "limits", "promises", "assessment"}


@pytest.mark.requirement("R-73")
def test_2_15_debt_is_open_rated_and_counted_per_term_of_office() -> None:
    assert states(YANCHENG, "debt", "debt_rating") == {"own"}
    assert states(YANCHENG, "debt_information_feeds_rating") == {"off"}
    assert YANCHENG.types["government_debt"].field("term_of_office") is not None


@pytest.mark.requirement("R-09")
def test_2_16_fabrication_is_dealt_with_severely_but_enters_no_dishonesty_record() -> None:
    assert states(YANCHENG, "statistics_files", "statistics_commitment") == {"own"}
    assert states(YANCHENG, "statistics_fabrication") == {"off"}
    assert "statistics_fabrication" not in YANCHENG.types
    assert "纳入政务失信记录" not in YANCHENG.areas["statistics"].demands["fabrication"]


@pytest.mark.requirement("R-73")
def test_2_17_townships_promise_fifteen_services_within_civilised_village_work() -> None:
    services = choices(YANCHENG, "township_commitment", "service")
    assert services == choices(NANTONG, "township_commitment", "service")
    assert len(services) == 15
    assert YANCHENG.types["civilised_township"].field("integrity_met") is not None
    assert states(YANCHENG, "credit_villages") == {"off"}
    assert {"credit_village", "credit_household"} & YANCHENG.types.keys() == set()


@pytest.mark.requirement("R-01")
def test_2_18_the_yearly_evaluation_has_the_thirteen_matters_and_adds_up() -> None:
    scheme = YANCHENG.schemes["annual_integrity"]
    assert [node.title for node in scheme.indicators] == THIRTEEN_MATTERS
    assert sum(leaf.weight for leaf in scheme.leaves()) == Decimal(100)
    assert not scheme.basis.verified
    openness = next(node for node in scheme.indicators if node.title == "政务公开")
    assert "double_publicity_on_time" not in {leaf.code for leaf in openness.leaves()}


@pytest.mark.requirement("R-73")
def test_2_19_monitoring_and_warning_by_region_and_no_horizontal_supervision() -> None:
    own = ("social_supervision", "third_party", "public_appraisal", "monitoring")
    assert states(YANCHENG, *own) == {"own"}
    assert clause_of(YANCHENG, "monitoring") == "二（十九）"
    assert states(YANCHENG, "monitoring_by_trade", "horizontal_supervision") == {"off"}
    assert states(NANTONG, "monitoring") == {"off"}


@pytest.mark.requirement("R-74")
def test_3_2_the_two_documents_named_are_awaited_from_the_credit_office() -> None:
    register = YANCHENG.registers["named_institutions"]
    assert (register.kept_by, register.at_least) == ("credit_office", 2)
    named = next(field for field in register.fields if field.code == "institution")
    assert [choice.title for choice in named.values] == [
        "盐城市各级政府及公务员信用信息征集指导目录",
        "盐城市各级政府及公务员信用评价细则",
    ]
    assert states(YANCHENG, "officials_evaluation", "institution_register") == {"own"}
    assert states(NANTONG, "officials_evaluation") == {"off"}


@pytest.mark.requirement("R-75")
def test_3_1_departments_leaders_and_the_leading_group_are_registered() -> None:
    for code in ("leaders", "issues"):
        assert YANCHENG.registers[code].basis.clause == "三（一）"
    assert states(YANCHENG, "responsible_leaders", "leading_group") == {"own"}
    assert states(YANCHENG, "first_responsible_leader") == {"off"}


@pytest.mark.requirement("R-27")
def test_3_4_collection_itself_is_assessed() -> None:
    assert YANCHENG.assessments["collection"].basis.clause == "三（四）"
    assert states(YANCHENG, "collection_assessment") == {"own"}


@pytest.mark.requirement("R-73")
def test_what_other_documents_have_and_yancheng_has_not_is_off() -> None:
    others = (
        "complaint", "leads", "excellent_bar", "purchaser_breach", "audit_conclusions",
        "institutions_supervision", "annual_target_assessment", "ppp_publication", "environment",
        "third_party_supplement", "personal_matters_report",
    )  # fmt: skip
    assert states(YANCHENG, *others) == {"off"}


@pytest.mark.requirement("R-67")
def test_3_2_civil_servants_are_evaluated_inside_by_what_their_files_hold() -> None:
    scheme = YANCHENG.schemes["annual_officials"]
    assert (scheme.subjects, scheme.disclosure) == (("civil_servant",), "internal")
    assert "信用评价" in scheme.title and scheme.basis.clause == "三（二）"
    assert not scheme.basis.verified  # the detailed rules have not been read
    used = {
        code for leaf in scheme.leaves() if leaf.source for code in leaf.source.types
    }
    assert {"lawful_duty_record", "diligence_record", "standard_service_record"} <= used
    assert "personal_commitment" not in used
    assert scheme.appeal is not None  # contestable
    assert "annual_officials" not in NANTONG.schemes


@pytest.mark.requirement("R-60")
def test_2_18_promises_are_evaluated_by_the_quarter_and_double_publicity_by_the_month() -> None:
    periods = {code: scheme.period for code, scheme in YANCHENG.schemes.items()}
    assert periods["quarterly_promises"] == "quarter"
    assert periods["monthly_double_publicity"] == "month"
