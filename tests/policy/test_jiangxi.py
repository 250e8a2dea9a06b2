"""江西省加强政务诚信建设的实施方案, clause by clause: what the Jiangxi pack makes of each."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from chalicelib.kernel.errors import Invalid
from chalicelib.policy.base import OFFICIALS
from chalicelib.policy.service import jurisdiction_of
from tests.intake import town
from tests.policy.builders import real_pack
from tests.policy.cities import City, states
from tests.policy.clauses import (
    cites,
    field_of,
    inside_only,
    own_clause,
    titles,
    uncited,
)
from tests.support.world import World

PACK = real_pack("jiangxi")


@pytest.fixture
def city(world: World) -> City:
    return City(world, "jiangxi", "360100")


@pytest.mark.requirement("R-73")
def test_the_pack_says_which_document_it_is_and_holds_for_the_whole_province() -> None:
    assert PACK.document.document == "江西省加强政务诚信建设的实施方案"
    assert PACK.effective_from == date(2024, 1, 1)
    assert "不是文件的印发日期" in PACK.document.note
    levels = Counter(region.level for region in PACK.regions.values())
    assert levels == {"province": 1, "city": 11, "county": 100}
    assert not any(region.verified for region in PACK.regions.values())
    for region in ("360000", "360100", "361129", "360981"):
        assert jurisdiction_of(region) == "jiangxi"


@pytest.mark.requirement("R-73")
def test_every_mechanism_is_decided_and_every_entry_cites_its_clause() -> None:
    assert PACK.mechanisms.keys() == real_pack("national").mechanisms.keys()
    assert uncited(PACK) == []


@pytest.mark.requirement("R-57")
def test_general_2_promises_of_bodies_and_civil_servants_by_quality_time_and_guarantee() -> None:
    three = {"服务质量承诺", "期限承诺", "保障承诺"}
    assert titles(PACK, "commitment", "commitment_kind") >= three
    assert titles(PACK, "personal_commitment", "promise") == three


@pytest.mark.requirement("R-67")
def test_1_governments_below_and_civil_servants_are_assessed() -> None:
    assert own_clause(PACK, "evaluation") == own_clause(PACK, "officials_evaluation") == "1"
    scheme = PACK.schemes["annual_integrity"]
    assert "government" in scheme.subjects
    assert sum(leaf.weight for leaf in scheme.leaves()) == scheme.total == 100
    assert not scheme.basis.verified
    # The result goes into the civil servant's annual assessment.
    assert field_of(PACK, "annual_assessment", "integrity_evaluation").personal


@pytest.mark.requirement("R-61")
def test_2_suggestions_of_court_and_procuratorate_are_studied_answered_and_carried_out() -> None:
    assert titles(PACK, "legal_suggestion", "suggestion_kind") == {"司法建议", "检察建议"}
    assert {f.code for f in PACK.types["legal_suggestion"].fields if f.required} >= {
        "studied",
        "answered_in_time",
        "carried_out",
    }
    assert titles(PACK, "proposal_handling", "proposal_kind") == {"人大代表建议", "政协委员提案"}
    horizontal = next(
        one for one in PACK.schemes["annual_integrity"].indicators if one.code == "horizontal"
    )
    assert {leaf.code for leaf in horizontal.leaves()} == {"proposals", "suggestions"}


@pytest.mark.requirement("R-63")
def test_3_what_third_parties_collect_supplements_the_record_and_says_so(city: City) -> None:
    record_type = PACK.types["third_party_information"]
    assert not record_type.dishonesty and record_type.category == "third_party"
    record = city.report("third_party_information", city.body())
    assert not record.dishonesty and record.severity == ""
    assert record.fields["standing"] == "supplement"
    assert titles(PACK, "third_party_information", "standing") == {"第三方补充信息，仅供参考"}
    assert not city.publicity_of(record).public
    used = {
        code
        for leaf in PACK.schemes["annual_integrity"].leaves()
        if leaf.source
        for code in leaf.source.types
    }
    assert "third_party_information" not in used


@pytest.mark.requirement("R-64")
def test_3_warning_is_by_region_only() -> None:
    assert own_clause(PACK, "monitoring") == "3"
    assert states(PACK, "monitoring_by_trade") == {"off"}


@pytest.mark.requirement("R-05")
def test_5_the_file_of_a_civil_servant_is_keyed_by_the_citizen_code_and_never_shown() -> None:
    for code in ("personal_matters_report", "clean_record", "annual_assessment"):
        assert cites(PACK, code, "5")
        assert set(PACK.types[code].about) == OFFICIALS
    assert list(inside_only(PACK)) == []
    assert "personal_matters_sanction" not in PACK.types


@pytest.mark.requirement("R-07")
def test_6_a_judgment_that_states_dishonesty_is_a_dishonesty_record(city: City) -> None:
    record = city.report("court_judgment", city.body(), effective_on="2026-06-10")
    assert (record.dishonesty, record.severity) == (True, "general")
    decision = city.publicity_of(record)
    assert decision.public and decision.last_day == date(2027, 6, 10)


@pytest.mark.requirement("R-07")
@pytest.mark.parametrize("code", ["court_judgment", "audit_conclusion", "official_dishonesty"])
def test_6_without_a_finding_of_dishonesty_judgments_and_audits_stay_out(
    city: City, code: str
) -> None:
    exclusion = next(one for one in PACK.types[code].exclusions if one.field == "states_dishonesty")
    assert exclusion.values == (False,)
    assert "没有失信定论" in exclusion.reason
    assert exclusion.basis.clause == "6" and exclusion.basis.verified
    subject = city.official() if code == "official_dishonesty" else city.body()
    given: dict[str, object] = {"source": "judgment"} if code == "official_dishonesty" else {}
    with pytest.raises(Invalid) as caught:
        city.submit(code, subject, states_dishonesty=False, **given)
    assert [(fault.pointer, fault.code) for fault in caught.value.faults] == [
        ("/fields/states_dishonesty", "must_not_be_reported")
    ]
    assert not [
        one
        for one in real_pack("lingyuan").types["court_judgment"].exclusions
        if one.field == "states_dishonesty"
    ]


@pytest.mark.requirement("R-07")
def test_6_sources_of_dishonesty_records_of_civil_servants() -> None:
    assert titles(PACK, "official_dishonesty", "source") == {
        "行政处罚",
        "纪律处分",
        "司法判决",
        "审计结果",
    }
    assert "行政处分" in PACK.types["public_official_discipline"].title
    when = field_of(PACK, "official_dishonesty", "states_dishonesty").required_when
    assert when is not None and set(when.values) == {"judgment", "audit"}


@pytest.mark.requirement("R-46")
def test_7_conduct_and_its_handling() -> None:
    body = PACK.conduct["sanctioned_body"]
    said = "".join(body.handling)
    for measure in ("限期整改", "荣誉评选资格", "统一社会信用代码", "公开通报批评", "主要负责人"):
        assert measure in said
    official = PACK.conduct["sanctioned_official"]
    assert any("限制评优评先" in line for line in official.handling)
    assert any("减免或从轻" in line for line in official.handling)


@pytest.mark.requirement("R-40")
def test_7_the_trustworthy_come_first_in_awards() -> None:
    assert own_clause(PACK, "incentives") == own_clause(PACK, "award_priority") == "7"
    assert "honour" in PACK.types
    assert own_clause(PACK, "award_bar_bodies") == own_clause(PACK, "public_criticism") == "7"
    assert titles(PACK, "commitment_breach", "impact") == {"较小", "较大", "重大"}


@pytest.mark.requirement("R-32")
def test_8_objection_with_complaint_repair_and_self_correction_but_no_tolerance() -> None:
    for code in ("objection", "complaint", "repair", "self_correction"):
        assert own_clause(PACK, code) == "8"
    assert "减免或从轻" in PACK.mechanisms["self_correction"].basis.note
    assert states(PACK, "exemption", "appeal") == {"off"}
    assert field_of(PACK, "official_dishonesty", "self_corrected").personal


@pytest.mark.requirement("R-50")
def test_9_suppliers_with_misconduct_are_listed_and_restricted(city: City) -> None:
    listed = PACK.types["supplier_misconduct"]
    assert cites(PACK, "supplier_misconduct", "9") and "enterprise" in listed.about
    firm = {"unified_code": town.body_code(900, "91"), "name": "示例第900有限公司"}
    record = city.report(
        "supplier_misconduct", firm, listed_on="2026-06-10", restricted_until="2027-06-09"
    )
    assert (record.dishonesty, record.severity) == (True, "serious")
    decision = city.publicity_of(record)
    assert decision.public and decision.last_day == date(2027, 6, 9)
    assert titles(PACK, "procurement_participant_record", "role") == {
        "供应商",
        "评审专家",
        "政府采购代理机构",
        "相关从业人员",
    }
    assert titles(PACK, "procurement_participant_record", "market") >= {"准入", "退出"}


@pytest.mark.requirement("R-08")
def test_10_each_stage_of_a_partnership_is_published_on_time(city: City) -> None:
    assert titles(PACK, "ppp_stage_publication", "stage") == {
        "识别",
        "准备",
        "采购",
        "执行",
        "移交",
    }
    responsible = {"项目筹备", "招标投标", "政府采购", "融资", "实施"}
    assert titles(PACK, "ppp_breach", "stage") == responsible
    assert titles(PACK, "ppp_responsible_performance", "stage") == responsible
    decision = city.publicity_of(city.report("ppp_stage_publication", city.body()))
    assert decision.public and {"content", "form", "due_on"} <= decision.fields.keys()
    assert own_clause(PACK, "ppp_publication") == "10"


@pytest.mark.requirement("R-51")
def test_11_a_blacklist_of_bidding_and_published_agencies() -> None:
    assert own_clause(PACK, "bidding_blacklist") == "11"
    assert PACK.types["bidding_blacklist"].disclosure.scope == "public"
    assert titles(PACK, "bidding_agency_supervision", "item_kind") == {"资质信息", "动态监管信息"}
    assert own_clause(PACK, "bribery_records") == "11"
    assert "2018年停止" in PACK.mechanisms["bribery_records"].basis.note
    for other in ("lingyuan", "nanjing"):
        assert "bidding_blacklist" not in real_pack(other).types


@pytest.mark.requirement("R-52")
def test_12_policy_promises_are_published_on_the_government_portal(city: City) -> None:
    with pytest.raises(Invalid) as caught:
        city.submit("commitment", city.body(), commitment_kind="policy", portal_url="")
    assert [fault.pointer for fault in caught.value.faults] == ["/fields/portal_url"]
    assert "新官不理旧政" in titles(PACK, "commitment_breach", "breach_kind")
    assert own_clause(PACK, "compensation") == "12"


@pytest.mark.requirement("R-53")
def test_13_governments_are_rated_and_four_kinds_of_debt_violation_named(city: City) -> None:
    assert cites(PACK, "government_credit_rating", "13")
    named = {"脱离实际过度举债", "违法违规举债或担保", "违规使用债务资金", "恶意逃废债务"}
    assert titles(PACK, "debt_violation", "conduct") == named
    assert named <= {one.title for one in PACK.conduct.values()}
    assert states(PACK, "debt_information_feeds_rating") == {"off"}
    record = city.report("debt_violation", city.body(kind="government"), severity="")
    assert record.severity == "serious"  # 严厉查处


@pytest.mark.requirement("R-56")
def test_14_cities_promise_too_and_fifteen_services() -> None:
    services = titles(PACK, "commitment", "service")
    assert len(services) == 15 and {"家政", "住房", "拥军优属"} <= services
    assert "城市" in PACK.areas["townships"].title
    assert own_clause(PACK, "demonstration") == "14"


@pytest.mark.requirement("R-75")
def test_15_issues_go_to_the_joint_meeting() -> None:
    assert "联席会议" in PACK.registers["issues"].title
    assert own_clause(PACK, "leading_group") == "15"
    assert "leaders" not in PACK.registers


@pytest.mark.requirement("R-74")
def test_16_institutions() -> None:
    assert PACK.registers["institutions"].basis.clause == "16"


@pytest.mark.requirement("R-71")
def test_each_point_has_its_units_and_its_time() -> None:
    tasks = sorted(PACK.tasks.values(), key=lambda task: task.order)
    assert len(tasks) == 17  # fourteen points, of which the third and the seventh are split
    assert all(task.lead and not task.cooperating for task in tasks)
    by_time = {
        due: {task.basis.clause for task in tasks if task.due_on == due}
        for due in (date(2018, 12, 31), date(2019, 12, 31))
    }
    assert by_time[date(2018, 12, 31)] == {"3（前段）", "4", "5", "8", "10", "11"}
    assert by_time[date(2019, 12, 31)] == {"13"}
    first = PACK.tasks["supervision_from_above"]
    assert first.starts_on == date(2017, 1, 1) and first.term == "continuous"
    assert PACK.tasks["social_supervision"].lead == ("省信访局",)
    assert PACK.tasks["procurement"].lead == ("省财政厅",)
    assert len(PACK.tasks["bidding"].lead) == 12
    others = {task.term for task in tasks if task.due_on is None}
    assert others == {"continuous"}


@pytest.mark.requirement("R-09")
def test_what_the_document_does_not_have_is_off() -> None:
    assert states(
        PACK,
        "statistics_fabrication",
        "statistics_files",
        "environment",
        "approval",
        "leads",
        "excellent_bar",
        "purchaser_breach",
        "purchaser_commitment",
        "institutions_supervision",
        "personnel_queries",
    ) == {"off"}
    assert "statistics_fabrication" not in PACK.types
    assert "institution_annual_report" not in PACK.types
    assert not PACK.supervision


@pytest.mark.requirement("R-67")
def test_1_the_evaluation_of_civil_servants_is_internal_and_feeds_the_annual_assessment() -> None:
    scheme = PACK.schemes["annual_officials"]
    assert (scheme.subjects, scheme.disclosure) == (("civil_servant",), "internal")
    assert sum(leaf.weight for leaf in scheme.leaves()) == 100
    used = {
        code for leaf in scheme.leaves() if leaf.source for code in leaf.source.types
    }
    # It goes into the annual assessment: the annual assessment does not go into it.
    assert "annual_assessment" not in used
    assert {"personal_commitment", "official_dishonesty", "personal_matters_report"} <= used
    assert {grade.title for grade in scheme.grades} == titles(
        PACK, "annual_assessment", "integrity_evaluation"
    )
    assert scheme.appeal is not None and not scheme.basis.verified
