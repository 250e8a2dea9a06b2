"""宁政发〔2024〕89号, clause by clause: what the Nanjing pack makes of each."""

from __future__ import annotations

from datetime import date

import pytest

from chalicelib.kernel.errors import Invalid
from chalicelib.policy.base import GOVERNMENT_BODIES, OFFICIALS
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

PACK = real_pack("nanjing")


@pytest.fixture
def city(world: World) -> City:
    return City(world, "nanjing", "320102")


@pytest.mark.requirement("R-73")
def test_the_pack_says_which_document_it_is_and_what_it_replaces() -> None:
    assert PACK.document.clause == "宁政发〔2024〕89号"
    assert PACK.effective_from == date(2024, 9, 13)  # in force from the day it was issued
    assert PACK.replaces == ("宁政传〔2018〕96号",)
    assert jurisdiction_of("320115") == "nanjing"


@pytest.mark.requirement("R-73")
def test_every_mechanism_is_decided_and_every_entry_cites_its_clause() -> None:
    assert PACK.mechanisms.keys() == real_pack("national").mechanisms.keys()
    assert uncited(PACK) == []


@pytest.mark.requirement("R-58")
def test_2_1_commitments_and_oaths_of_civil_servants() -> None:
    assert own_clause(PACK, "personal_commitments") == "二（一）"
    assert "宣誓" in titles(PACK, "personal_commitment", "occasion")
    assert own_clause(PACK, "education") == "二（一）"


@pytest.mark.requirement("R-07")
def test_2_2_unlawful_irregular_and_defaulting_conduct_enters_the_record(city: City) -> None:
    assert titles(PACK, "official_dishonesty", "nature") == {"违法", "违规", "违约"}
    assert set(PACK.types["official_dishonesty"].about) == OFFICIALS
    record = city.report("official_dishonesty", city.official())
    assert record.dishonesty and not city.publicity_of(record).public


@pytest.mark.requirement("R-05")
def test_2_2_of_a_persons_file_the_personal_matters_report_is_not_asked() -> None:
    assert states(PACK, "personal_matters_report", "personal_matters_sanctions") == {"off"}
    assert "personal_matters_report" not in PACK.types
    assert list(inside_only(PACK)) == []


@pytest.mark.requirement("R-21")
def test_2_3_dishonesty_of_bodies_is_published(city: City) -> None:
    record = city.report("commitment_breach", city.body(), determined_on="2026-06-10")
    decision = city.publicity_of(record)
    assert decision.public and decision.last_day == date(2027, 6, 10)
    assert own_clause(PACK, "personnel_queries") == "二（三）"


@pytest.mark.requirement("R-57")
def test_2_4_any_promise_changed_by_law_is_compensated(city: City) -> None:
    assert own_clause(PACK, "compensation") == "二（四）"
    with pytest.raises(Invalid) as caught:
        city.submit(
            "commitment", city.body(), status="changed_by_law", change_procedure="", compensation=""
        )
    assert [fault.pointer for fault in caught.value.faults] == [
        "/fields/change_procedure",
        "/fields/compensation",
    ]


@pytest.mark.requirement("R-41")
def test_2_5_rectification_without_grades_and_no_bar_from_awards_of_its_own() -> None:
    assert own_clause(PACK, "rectification") == own_clause(PACK, "incentives") == "二（五）"
    assert PACK.types["commitment_breach"].field("impact") is None
    assert states(PACK, "public_criticism", "award_limit_persons", "award_priority") == {"off"}
    assert states(PACK, "award_bar_bodies") == {"base"}


@pytest.mark.requirement("R-50")
def test_3_1_dishonesty_of_purchasers_is_collected_and_published(city: City) -> None:
    assert titles(PACK, "procurement_purchaser_breach", "stage") >= {"合同履行", "验收", "支付"}
    record = city.report("procurement_purchaser_breach", city.body(), determined_on="2026-06-10")
    assert record.dishonesty and city.publicity_of(record).public
    assert states(PACK, "purchaser_commitment") == {"off"}


@pytest.mark.requirement("R-08")
def test_3_2_partnership_projects_in_every_stage() -> None:
    assert cites(PACK, "ppp_breach", "三（二）")
    assert PACK.types["ppp_breach"].disclosure.scope == "public"
    assert titles(PACK, "ppp_breach", "stage") == {"识别", "准备", "采购", "执行", "移交"}
    assert states(PACK, "ppp_publication") == {"off"}


@pytest.mark.requirement("R-44")
def test_3_3_defaulters_are_kept_from_bidding_and_agencies_published() -> None:
    assert own_clause(PACK, "automatic_interception") == "三（三）"
    assert "judgment_defaulter" in PACK.areas["bidding"].types
    assert titles(PACK, "bidding_agency_supervision", "item_kind") == {"信用信息", "动态监管信息"}


@pytest.mark.requirement("R-52")
def test_3_4_promises_have_a_responsible_unit_and_person() -> None:
    assert field_of(PACK, "commitment", "responsible_unit").title == "责任部门"
    assert field_of(PACK, "commitment", "responsible_post").title == "责任人职务"


@pytest.mark.requirement("R-53")
def test_3_5_debt_is_accounted_for_by_term_of_office_and_audited() -> None:
    assert cites(PACK, "debt_term_management", "三（五）")
    required = {f.code for f in PACK.types["debt_term_management"].fields if f.required}
    assert required >= {"term_of_office", "assessed", "audited", "warning"}
    assert states(PACK, "debt_rating", "debt_information_feeds_rating") == {"off"}


@pytest.mark.requirement("R-09")
def test_3_6_fabricated_statistics_are_a_dishonesty_record(city: City) -> None:
    record = city.report(
        "statistics_fabrication", city.body(), severity="", confirmed_on="2026-06-10"
    )
    assert (record.dishonesty, record.severity) == (True, "serious")
    assert city.publicity_of(record).last_day == date(2029, 6, 10)
    assert own_clause(PACK, "statistics_commitment") == "三（六）"
    assert states(PACK, "statistics_files") == {"off"}


@pytest.mark.requirement("R-56")
def test_3_7_townships_promise_but_are_not_assessed_for_it() -> None:
    assert own_clause(PACK, "townships") == "三（七）"
    assert states(PACK, "township_assessment", "demonstration", "credit_villages") == {"off"}


@pytest.mark.requirement("R-64")
def test_4_supervision_from_above_across_and_by_society() -> None:
    assert own_clause(PACK, "monitoring") == own_clause(PACK, "evaluation") == "四（一）"
    assert own_clause(PACK, "horizontal_supervision") == "四（二）"
    assert own_clause(PACK, "public_appraisal") == own_clause(PACK, "third_party") == "四（三）"
    assert states(PACK, "monitoring_by_trade", "third_party_supplement") == {"off"}


@pytest.mark.requirement("R-65")
def test_5_1_leads_come_from_eight_sources_and_are_not_yet_records(city: City) -> None:
    assert titles(PACK, "dishonesty_lead", "channel") == {
        "“12345”政务服务热线",
        "网站专栏",
        "监督电话",
        "来信来访",
        "党政机关败诉案件推送",
        "民营企业交流沟通机制",
        "营商环境监测",
        "本单位自行发现",
    }
    record = city.report("dishonesty_lead", city.body())
    assert not record.dishonesty and not city.publicity_of(record).public


@pytest.mark.requirement("R-65")
@pytest.mark.parametrize(
    ("verification", "owed"),
    [
        ("untrue", ["/fields/explained"]),
        ("confirmed", ["/fields/rectification", "/fields/reported_to_government_on"]),
    ],
)
def test_5_1_an_untrue_lead_is_explained_a_true_one_rectified_and_reported(
    city: City, verification: str, owed: list[str]
) -> None:
    nothing = dict.fromkeys(("explained", "rectification", "reported_to_government_on"), "")
    with pytest.raises(Invalid) as caught:
        city.submit("dishonesty_lead", city.body(), verification=verification, **nothing)
    assert [fault.pointer for fault in caught.value.faults] == owed


@pytest.mark.requirement("R-46")
def test_5_2_the_cases_named_and_what_follows() -> None:
    named = {one.title for one in PACK.conduct.values()}
    assert named >= {
        "不兑现依法作出的承诺",
        "不依法履行约定义务",
        "新官不理旧账",
        "拖欠支付企业账款",
        "违约毁约损害企业和群众权益",
        "损害营商环境",
    }
    said = "".join(PACK.conduct["arrears"].handling)
    for consequence in ("警示约谈", "通报批评", "不得确定为优秀", "由有权机关"):
        assert consequence in said
    assert own_clause(PACK, "excellent_bar") == "五（二）"
    assert field_of(PACK, "commitment_breach", "grave").kind == "boolean"


@pytest.mark.requirement("R-75")
def test_6_1_the_head_is_the_first_responsible() -> None:
    leaders = PACK.registers["leaders"]
    assert leaders.mechanism == "first_responsible_leader"
    assert "第一责任人" in leaders.title and leaders.at_least >= 1
    assert leaders.basis.clause == "六（一）"


@pytest.mark.requirement("R-74")
def test_6_2_institutions_of_each_trade() -> None:
    assert PACK.registers["institutions"].basis.clause == "六（二）"


@pytest.mark.requirement("R-71")
def test_each_point_names_units_by_their_duties_and_no_time() -> None:
    assert len(PACK.tasks) == 20
    clauses = [t.basis.clause for t in sorted(PACK.tasks.values(), key=lambda t: t.order)]
    assert clauses[0] == "二（一）" and clauses[-1] == "六（三）"
    assert len(set(clauses)) == 20
    for task in PACK.tasks.values():
        assert task.term == "unstated" and task.due_on is None
        assert task.lead[-2:] == ("江北新区管委会", "各区人民政府")
    assert PACK.tasks["statistics"].lead[0] == "市统计局"


@pytest.mark.requirement("R-31")
def test_rights_are_the_bases() -> None:
    assert states(PACK, "objection", "repair", "exemption", "notice") == {"base"}
    for code in ("objection", "repair", "two_notices"):
        assert PACK.mechanisms[code].basis.verified  # the law was read
    assert set(PACK.types["commitment_breach"].about) == GOVERNMENT_BODIES


@pytest.mark.requirement("R-60")
def test_5_2_a_dishonest_unit_is_not_rated_excellent_that_year() -> None:
    scheme = PACK.schemes["annual_integrity"]
    (limit,) = scheme.vetoes
    best, next_best = sorted(scheme.grades, key=lambda grade: -grade.at_least)[:2]
    assert (best.title, limit.grade_at_most) == ("优", next_best.code)
    assert limit.total_at_most is None and limit.at_least == 1  # the points stay what they are
    assert limit.basis.clause == "五（二）" and limit.basis.verified
    assert all(PACK.types[code].dishonesty for code in limit.source.types)
    # Of every dishonesty record a body can have; penalties it gave others are not among them.
    of_bodies = {
        code
        for code, record_type in PACK.types.items()
        if record_type.dishonesty and set(record_type.about) & GOVERNMENT_BODIES
    }
    assert set(limit.source.types) == of_bodies


@pytest.mark.requirement("R-66")
def test_4_3_the_appraisal_by_all_sides_of_society_counts() -> None:
    leaves = {leaf.code: leaf for leaf in PACK.schemes["annual_integrity"].leaves()}
    source = leaves["social_appraisal"].source
    assert source is not None and source.types == ("appraisals.score",)
