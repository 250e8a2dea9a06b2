"""凌信办发〔2021〕1号, clause by clause: what the Lingyuan pack makes of each."""

from __future__ import annotations

from datetime import date

import pytest

from chalicelib.creditfile.rules_supervision import counts_in_force, supervision_class_of
from chalicelib.kernel.errors import Invalid
from chalicelib.policy.base import GOVERNMENT_BODIES, OFFICIALS, Severity
from chalicelib.policy.service import jurisdiction_of
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

PACK = real_pack("lingyuan")


@pytest.fixture
def city(world: World) -> City:
    return City(world, "lingyuan", "211382")


@pytest.mark.requirement("R-73")
def test_the_pack_says_which_document_it_is_and_why_it_begins_later() -> None:
    assert PACK.document.document == "凌源市关于加强政务诚信建设的实施方案"
    assert PACK.document.clause == "凌信办发〔2021〕1号"
    assert "2021年1月25日印发" in PACK.document.note
    assert PACK.effective_from == date(2024, 1, 1)
    assert "不是文件的印发日期" in PACK.document.note
    assert jurisdiction_of("211382") == "lingyuan"
    assert jurisdiction_of("211300") == "national"  # the document is not Chaoyang's


@pytest.mark.requirement("R-73")
def test_every_mechanism_is_decided_and_every_entry_cites_its_clause() -> None:
    assert PACK.mechanisms.keys() == real_pack("national").mechanisms.keys()
    assert uncited(PACK) == []


@pytest.mark.requirement("R-07")
def test_2_the_subjects_are_party_and_government_organs_and_state_personnel() -> None:
    record = PACK.types["court_judgment"]
    assert set(record.about) == GOVERNMENT_BODIES
    assert "党政机关" in record.title
    personal = PACK.types["official_dishonesty"]
    assert set(personal.about) == OFFICIALS
    assert "国家工作人员" in personal.title


@pytest.mark.requirement("R-12")
def test_3_a_decision_has_eight_steps_with_hearing_integrity_review_and_correction() -> None:
    register = PACK.registers["major_decisions"]
    steps_named = {step.title for step in register.steps}
    assert steps_named >= {
        "公众参与",
        "专家咨询论证",
        "风险评估",
        "合法性审查",
        "集体讨论决定",
        "民意听证",
        "廉洁性评估",
        "决策问责和纠错",
    }
    steps = {step.code: step for step in register.steps}
    assert steps["public_hearing"].required and steps["integrity_review"].required
    when = steps["correction"].required_when
    assert when is not None and (when.field, when.values) == ("error_found", (True,))
    base = real_pack("national").registers["major_decisions"]
    assert not {"public_hearing", "integrity_review", "correction"} & {s.code for s in base.steps}
    assert own_clause(PACK, "decision_ledger") == "三（三）"


@pytest.mark.requirement("R-60")
def test_4_1_townships_and_departments_are_assessed_with_the_annual_targets() -> None:
    assert own_clause(PACK, "annual_target_assessment") == "四（一）"
    scheme = PACK.schemes["annual_integrity"]
    assert "年度目标责任制" in scheme.title
    assert {"township", "department"} <= set(scheme.subjects)
    assert not {"government", "institution"} & set(scheme.subjects)
    assert scheme.rank_within == ("kind",)  # townships among townships
    assert sum(leaf.weight for leaf in scheme.leaves()) == scheme.total == 100
    assert not scheme.basis.verified  # no weight stands in the document


@pytest.mark.requirement("R-61")
def test_4_2_proposals_of_cppcc_members_are_recorded_and_count() -> None:
    assert cites(PACK, "proposal_handling", "四（二）")
    leaves = {leaf.code: leaf for leaf in PACK.schemes["annual_integrity"].leaves()}
    source = leaves["proposals"].source
    assert source is not None and source.types == ("proposal_handling",)


@pytest.mark.requirement("R-64")
def test_4_3_warning_is_by_region_and_by_trade() -> None:
    assert own_clause(PACK, "monitoring") == "四（三）"
    assert own_clause(PACK, "monitoring_by_trade") == "四（三）"
    assert own_clause(PACK, "social_supervision") == own_clause(PACK, "third_party") == "四（三）"
    assert states(PACK, "third_party_supplement", "public_appraisal") == {"off"}


@pytest.mark.requirement("R-07")
def test_5_2_judgments_penalties_discipline_and_accountability_are_dishonesty_records() -> None:
    for code in ("court_judgment", "accountability_decision"):
        assert PACK.types[code].dishonesty and cites(PACK, code, "五（二）")
    assert PACK.types["administrative_penalty"].is_dishonesty("department")
    assert titles(PACK, "official_dishonesty", "source") == {
        "司法判决",
        "行政处罚",
        "纪律处分",
        "问责处理",
    }
    assert "audit_conclusion" not in PACK.types  # audit results are Jiangxi's


@pytest.mark.requirement("R-60")
def test_5_2_work_done_and_services_to_the_public_are_assessed() -> None:
    assert {"工作落实情况", "为群众办实事"} <= titles(PACK, "matter_assessment", "matter")


@pytest.mark.requirement("R-06")
def test_5_3_institutions_publish_report_matters_and_kept_commitments() -> None:
    for code in ("institution_annual_report", "institution_important_matter"):
        record_type = PACK.types[code]
        assert record_type.about == ("institution",)
        assert record_type.disclosure.scope == "public" and record_type.publicity_term
        assert cites(PACK, code, "五（三）")
    assert "institution" in PACK.types["commitment"].about
    assert PACK.types["commitment"].disclosure.scope == "public"
    assert cites(PACK, "institution_performance", "五（三）")
    assert "institution_annual_report" not in real_pack("nanjing").types


@pytest.mark.requirement("R-06")
def test_5_3_institutions_are_supervised_by_class_and_the_worst_are_warned() -> None:
    def of(counts: dict[Severity, int]) -> str:
        found = supervision_class_of(PACK, "institution", counts)
        assert found is not None
        return found.title

    assert [
        of({}),
        of({"minor": 3}),
        of({"general": 2}),
        of({"general": 3}),
        of({"serious": 1}),
    ] == [
        "A类（守信）",
        "B类（基本守信）",
        "C类（失信）",
        "D类（严重失信）",
        "D类（严重失信）",
    ]
    warned = [one.code for one in PACK.supervision.values() if one.warned]
    assert sorted(warned) == ["class_c", "class_d"]
    assert not any(one.basis.verified for one in PACK.supervision.values())
    assert supervision_class_of(PACK, "department", {}) is None
    assert real_pack("nanjing").supervision == {}


@pytest.mark.requirement("R-06")
def test_5_3_a_record_counts_against_its_institution_until_its_term_is_over(city: City) -> None:
    library = city.body("institution")
    record = city.report("accountability_decision", library, decided_on="2026-06-10")
    pack = city.pack
    assert counts_in_force([(record, pack)], date(2026, 6, 15)) == {
        "minor": 0,
        "general": 1,
        "serious": 0,
    }
    assert counts_in_force([(record, pack)], date(2027, 6, 10))["general"] == 1
    assert counts_in_force([(record, pack)], date(2027, 6, 11))["general"] == 0


@pytest.mark.requirement("R-05")
def test_5_4_the_file_of_state_personnel_holds_report_clean_record_and_assessment() -> None:
    for code in ("personal_matters_report", "clean_record", "annual_assessment"):
        assert cites(PACK, code, "五（四）")
        assert PACK.types[code].disclosure.scope == "internal"
    assert "personal_matters_sanction" not in PACK.types  # Nantong's and Yancheng's way
    assert list(inside_only(PACK)) == []


@pytest.mark.requirement("R-46")
def test_5_5_the_conduct_named_and_how_it_is_dealt_with() -> None:
    named = {one.title for one in PACK.conduct.values()}
    assert named >= {
        "懒政怠政",
        "以权谋私",
        "失职渎职",
        "不遵守法律法规和相关制度",
        "严重危害群众利益",
        "有失公平公正",
        "交易违约",
    }
    for one in PACK.conduct.values():
        assert one.basis.clause == "五（五）" and one.severity is None
    neglect = PACK.conduct["neglect"]
    assert set(neglect.about) == OFFICIALS
    assert any("限制评优评先" in line for line in neglect.handling)
    assert any("问责" in line for line in neglect.handling)
    body = PACK.conduct["dishonest_body"]
    assert ["限期整改", "荣誉评选资格", "公开通报批评", "主要负责人"] == [
        word
        for word, line in zip(
            ("限期整改", "荣誉评选资格", "公开通报批评", "主要负责人"), body.handling, strict=True
        )
        if word in line
    ]


@pytest.mark.requirement("R-41")
def test_5_5_loss_and_influence_are_recorded_because_the_handling_goes_by_them() -> None:
    for code in ("court_judgment", "accountability_decision", "commitment_breach"):
        assert field_of(PACK, code, "loss").public
        assert titles(PACK, code, "impact") == {"较小", "较大", "重大"}
    assert real_pack("nanjing").types["commitment_breach"].field("impact") is None


@pytest.mark.requirement("R-40")
def test_5_5_there_are_no_incentives_although_the_title_names_them() -> None:
    assert states(PACK, "incentives", "award_priority") == {"off"}
    assert "没有任何激励措施" in PACK.mechanisms["incentives"].basis.note
    assert not {"honour", "public_official_honour"} & PACK.types.keys()


@pytest.mark.requirement("R-21")
def test_5_5_a_judgment_is_published_with_its_term_and_weight(city: City) -> None:
    bureau = city.body()
    record = city.report(
        "court_judgment", bureau, effective_on="2026-06-10", severity="serious", impact="slight"
    )
    assert (record.dishonesty, record.severity) == (True, "serious")
    decision = city.publicity_of(record)
    assert decision.public and decision.last_day == date(2029, 6, 10)
    assert decision.fields["impact"] == "slight"


@pytest.mark.requirement("R-05")
def test_5_5_what_state_personnel_did_is_on_file_and_never_published(city: City) -> None:
    record = city.report("official_dishonesty", city.official(), source="accountability")
    assert record.dishonesty and record.severity == "general"
    assert "facts" not in record.fields and "facts" in record.sealed
    assert not city.publicity_of(record).public


@pytest.mark.requirement("R-31")
def test_5_6_objection_complaint_and_repair_but_no_appeal_notice_or_tolerance() -> None:
    for code in ("objection", "complaint", "repair"):
        assert own_clause(PACK, code) == "五（六）"
    assert states(PACK, "appeal", "notice", "exemption", "self_correction") == {"off"}
    assert states(PACK, "two_notices") == {"base"}  # the law's


@pytest.mark.requirement("R-50")
def test_6_1_purchasers_answer_for_acceptance_and_breaches_are_complained_of() -> None:
    assert (
        own_clause(PACK, "purchaser_breach") == own_clause(PACK, "breach_complaints") == "六（一）"
    )
    assert titles(PACK, "procurement_purchaser_breach", "link") >= {"履约验收", "毁约违约"}
    assert PACK.types["procurement_purchaser_breach"].dishonesty
    assert states(PACK, "purchaser_commitment") == {"off"}


@pytest.mark.requirement("R-08")
def test_6_2_partnership_projects_have_the_documents_five_stages() -> None:
    stages = {"项目筹备", "招标投标", "政府采购", "融资", "实施"}
    assert titles(PACK, "ppp_breach", "stage") == stages
    assert titles(PACK, "ppp_responsible_performance", "stage") == stages
    assert {f.code for f in PACK.types["ppp_responsible_performance"].fields} >= {
        "responsible_from",
        "responsible_until",
        "performance",
        "effect",
    }
    assert states(PACK, "ppp_publication") == {"off"}


@pytest.mark.requirement("R-08")
def test_6_2_a_stage_of_another_document_is_refused(city: City) -> None:
    with pytest.raises(Invalid) as caught:
        city.submit("ppp_breach", city.body(), stage="transfer")
    assert [fault.pointer for fault in caught.value.faults] == ["/fields/stage"]


@pytest.mark.requirement("R-51")
def test_6_3_agencies_are_published_and_third_party_reports_used() -> None:
    assert titles(PACK, "bidding_agency_supervision", "item_kind") == {
        "资质信息",
        "信用信息",
        "动态监管信息",
    }
    assert PACK.types["bidding_agency_supervision"].disclosure.scope == "public"
    assert own_clause(PACK, "third_party_reports") == "六（三）"
    assert states(PACK, "bidding_blacklist", "bribery_records") == {"off"}


@pytest.mark.requirement("R-52")
def test_6_4_a_promise_is_changed_by_law_only_with_compensation(city: City) -> None:
    assert own_clause(PACK, "compensation") == "六（四）"
    with pytest.raises(Invalid) as caught:
        city.submit(
            "commitment",
            city.body(),
            status="changed_by_law",
            change_procedure="经市政府常务会议决定",
            compensation="",
        )
    assert [fault.pointer for fault in caught.value.faults] == ["/fields/compensation"]


@pytest.mark.requirement("R-53")
def test_6_5_debt_information_feeds_the_rating() -> None:
    assert own_clause(PACK, "debt_information_feeds_rating") == "六（五）"
    debt = PACK.types["debt_information"]
    assert debt.mechanism == "debt_information_feeds_rating"
    assert {"government", "township"} == set(debt.about)


@pytest.mark.requirement("R-56")
def test_6_6_townships_promise_thirteen_services() -> None:
    services = titles(PACK, "commitment", "service")
    assert len(services) == 13 and {"就业", "停车", "优抚"} <= services
    assert "住房" not in services  # Jiangxi's
    assert own_clause(PACK, "township_assessment") == "六（六）"
    assert own_clause(PACK, "demonstration") == "六（六）"
    assert own_clause(PACK, "upward_collection") == "六（六）"


@pytest.mark.requirement("R-75")
def test_7_1_issues_go_to_the_credit_office_and_nobody_is_named_responsible_leader() -> None:
    assert "市信用办" in PACK.registers["issues"].title
    assert states(PACK, "responsible_leaders", "first_responsible_leader") == {"off"}
    assert "leaders" not in PACK.registers


@pytest.mark.requirement("R-74")
def test_7_2_the_institutions_the_document_asks_for() -> None:
    kinds = {
        choice.title
        for field in PACK.registers["institutions"].fields
        if field.code == "institution_kind"
        for choice in field.values
    }
    assert kinds >= {"政务公开制度", "守信践诺机制", "公务员诚信制度", "政务诚信评价办法"}


@pytest.mark.requirement("R-71")
def test_there_is_no_task_table() -> None:
    assert PACK.tasks == {}
    assert states(PACK, "task_table") == {"off"}


@pytest.mark.requirement("R-09")
def test_there_is_nothing_on_statistics() -> None:
    assert states(PACK, "statistics_files", "statistics_fabrication", "statistics_commitment") == {
        "off"
    }
    assert not [code for code in PACK.types if code.startswith("statistics")]
    assert set(PACK.areas) == {
        "procurement",
        "ppp",
        "bidding",
        "investment_promotion",
        "debt",
        "townships",
    }


@pytest.mark.requirement("R-60")
def test_4_1_and_5_2_annual_targets_and_practical_matters_count() -> None:
    scheme = PACK.schemes["annual_integrity"]
    work = next(node for node in scheme.indicators if node.code == "work_done")
    used = {code for leaf in work.leaves() if leaf.source for code in leaf.source.types}
    assert used == {
        "matter_assessment", "reported.annual_target_score", "reported.practical_matters_done",
    }  # fmt: skip
    quarterly = PACK.schemes["quarterly_promises"]
    assert (quarterly.period, quarterly.rank_within) == ("quarter", ("kind",))
    assert not any(scheme.of_persons for scheme in PACK.schemes.values())
