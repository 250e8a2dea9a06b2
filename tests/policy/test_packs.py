"""The packs that ship: complete, honest about what was verified, different where they must be."""

from __future__ import annotations

from datetime import date

import pytest

from chalicelib.kernel.codes import unified_code_fault, unified_code_from
from chalicelib.policy.base import GOVERNMENT_BODIES, OFFICIALS
from chalicelib.policy.check import check
from chalicelib.policy.compile import PACKS
from chalicelib.policy.example import example_fields
from chalicelib.policy.fields import column_map, normalise
from chalicelib.policy.model import FieldValue, RecordType
from chalicelib.policy.scheme import Bonus, Deduction, Ratio, Tiers
from tests.policy.builders import TODAY, real_pack

NATIONAL = real_pack("national")
NANJING = real_pack("nanjing")
TYPES = sorted(NANJING.types.values(), key=lambda record_type: record_type.code)

LICENCE_2018 = """
XK_XDR_MC XK_XDR_LB XK_XDR_SHXYM XK_XDR_GSZC XK_XDR_ZZJG XK_XDR_SWDJ XK_XDR_SYDW XK_XDR_SHZZ
XK_FRDB XK_FR_ZJLX XK_FR_ZJHM XK_XDR_ZJLX XK_XDR_ZJHM XK_XKWS XK_WSH XK_XKLB XK_XKZS XK_XKBH XK_NR
XK_JDRQ XK_YXQZ XK_YXQZI XK_XKJG XK_XKJGDM XK_ZT XK_LYDW XK_LYDWDM BZ
""".split()

PENALTY_2018 = """
CF_XDR_MC CF_XDR_LB CF_XDR_SHXYM CF_XDR_GSZC CF_XDR_ZZJG CF_XDR_SWDJ CF_XDR_SYDW CF_XDR_SHZZ
CF_FRDB CF_FR_ZJLX CF_FR_ZJHM CF_XDR_ZJLX CF_XDR_ZJHM CF_WSH CF_WFXW CF_SY CF_YJ CF_CFLB CF_NR
CF_NR_FK CF_NR_WFFF CF_NR_ZKDX CF_JDRQ CF_YXQ CF_GSJZQ CF_CFJG CF_CFJGDM CF_SJLY CF_SJLYDM BZ
""".split()


@pytest.mark.requirement("R-73")
def test_the_shipped_packs_have_no_problem() -> None:
    assert check(PACKS) == []


@pytest.mark.requirement("R-20")
@pytest.mark.parametrize(
    ("code", "header"),
    [("administrative_licence", LICENCE_2018), ("administrative_penalty", PENALTY_2018)],
)
def test_a_file_in_the_national_standard_is_understood(code: str, header: list[str]) -> None:
    for spelling in (header, [column.lower() for column in header]):
        targets, faults = column_map(NANJING.types[code], spelling)
        assert faults == []
        assert len(set(targets)) == len(header)
        assert targets[0] == "subject.name"


@pytest.mark.requirement("R-20")
@pytest.mark.parametrize("code", ["administrative_licence", "administrative_penalty"])
def test_double_publicity_is_public_in_seven_days_and_never_waits_for_notices(code: str) -> None:
    for pack in (NATIONAL, NANJING):
        entry = pack.types[code]
        assert entry.category == "double_publicity"
        assert entry.disclosure.scope == "public"
        assert not entry.notice_required
        assert entry.time_limit is not None
        assert (entry.time_limit.working_days, entry.time_limit.from_field) == (7, "decided_on")


@pytest.mark.requirement("R-30")
@pytest.mark.parametrize("record_type", TYPES, ids=lambda t: t.code)
def test_both_notices_guard_dishonesty_records_and_only_them(record_type: RecordType) -> None:
    assert record_type.notice_required == record_type.dishonesty


@pytest.mark.parametrize("record_type", TYPES, ids=lambda t: t.code)
def test_the_examples_of_a_type_make_a_good_record(record_type: RecordType) -> None:
    for full in (False, True):
        row = example_fields(record_type, TODAY, full=full)
        values, faults = normalise(record_type, row, TODAY)
        assert faults == []
        assert values.keys() == row.keys()
        assert normalise(record_type, values, TODAY) == (values, [])


@pytest.mark.requirement("R-04")
def test_a_bodys_file_has_its_groups() -> None:
    groups = {t.category for t in TYPES if set(t.about) & GOVERNMENT_BODIES}
    assert groups >= {"lawful_administration", "openness", "social_integrity", "satisfaction"}
    assert [t.code for t in TYPES if t.dishonesty and set(t.about) & GOVERNMENT_BODIES]


@pytest.mark.requirement("R-05")
def test_a_persons_file_has_the_groups_of_the_documents() -> None:
    titles = {c.title for c in NANJING.categories.values() if c.file == "person"}
    assert titles == {
        "依法履职",
        "诚信尽责",
        "规范服务",
        "表彰奖励",
        "廉政记录",
        "违法违纪违规",
        "年度考核结果",
    }


@pytest.mark.requirement("R-05")
def test_records_of_officials_stay_inside() -> None:
    own = [t for t in TYPES if set(t.about) <= OFFICIALS]
    assert {t.code for t in own} == {
        "public_official_discipline",
        "annual_assessment",
        "public_official_honour",
        "clean_record",
        "official_dishonesty",
        "personal_commitment",
    }
    for record_type in own:
        assert record_type.disclosure.scope == record_type.disclosure.persons == "internal"
        assert not any(field.public for field in record_type.fields)
        assert record_type.publicity_term is None


@pytest.mark.requirement("R-07")
def test_nanjing_records_what_its_document_names() -> None:
    titles = {
        choice.title
        for field in NANJING.types["commitment_breach"].fields
        if field.code == "breach_kind"
        for choice in field.values
    }
    assert titles >= {"新官不理旧账", "拖欠支付企业账款", "损害营商环境"}


@pytest.mark.requirement("R-22")
def test_judgments_carry_number_and_link() -> None:
    required = {f.code for f in NANJING.types["court_judgment"].fields if f.required and f.public}
    assert required >= {"judgment_number", "judgment_url"}


@pytest.mark.requirement("R-73")
def test_nanjing_differs_from_the_base_as_its_document_does() -> None:
    assert NANJING.effective_from == date(2024, 9, 13)
    assert NANJING.replaces == ("宁政传〔2018〕96号",)
    assert NANJING.types.keys() - NATIONAL.types.keys() == {
        "procurement_purchaser_breach",
        "statistics_fabrication",
        "statistics_commitment",
        "official_dishonesty",
        "personal_commitment",
        "bidding_agency_supervision",
        "debt_term_management",
        "dishonesty_lead",
    }
    assert NANJING.types["procurement_purchaser_breach"].disclosure.scope == "public"
    assert NATIONAL.types["accountability_decision"].disclosure.scope == "shared"
    assert NANJING.types["accountability_decision"].disclosure.scope == "public"
    added = {f.code for f in NANJING.types["commitment"].fields} - {
        f.code for f in NATIONAL.types["commitment"].fields
    }
    assert added >= {"compensation", "change_procedure"}
    assert {code for code, m in NANJING.mechanisms.items() if m.state == "own"} >= {
        "leads",
        "excellent_bar",
        "first_responsible_leader",
        "personnel_queries",
        "compensation",
        "purchaser_breach",
    }
    for code in ("objection", "repair", "exemption"):
        assert NANJING.mechanisms[code].state == "base"
    for code in ("leads", "excellent_bar", "purchaser_breach"):
        assert NATIONAL.mechanisms[code].state == "off"


@pytest.mark.requirement("R-60")
@pytest.mark.parametrize("pack", [NATIONAL, NANJING], ids=lambda pack: pack.jurisdiction)
def test_the_scheme_uses_every_primitive_and_sums_to_its_total(pack: object) -> None:
    assert isinstance(pack, type(NANJING))
    scheme = pack.schemes["annual_integrity"]
    leaves = list(scheme.leaves())
    assert sum(leaf.weight for leaf in leaves) == scheme.total == 100
    assert {type(leaf.score) for leaf in leaves} >= {Ratio, Deduction, Tiers, Bonus}
    assert {leaf.source.link for leaf in leaves if leaf.source} >= {"reported_by", "about"}
    assert set(scheme.subjects) == GOVERNMENT_BODIES
    assert not scheme.basis.verified


@pytest.mark.requirement("R-20")
@pytest.mark.parametrize(
    ("code", "header"),
    [("administrative_licence", LICENCE_2018), ("administrative_penalty", PENALTY_2018)],
)
def test_the_layout_of_2018_has_its_columns_in_their_order(code: str, header: list[str]) -> None:
    layout = NATIONAL.types[code].layouts["national_2018"]
    assert list(layout) == header
    targets, faults = column_map(NATIONAL.types[code], header)
    assert faults == []
    never_filled = {"representative_id_type", "representative_id_number"}
    for column, target in zip(header, targets, strict=True):
        said = layout[column].removeprefix("fields.")
        assert said == str(target).removeprefix("fields.") or (
            said == "" and str(target).removeprefix("fields.") in never_filled
        )


LICENCE_2015 = """
XK_WSH XK_XMMC XK_BM XK_SPLB XK_NR XK_XDR XK_XDR_SHXYM XK_XDR_ZDM XK_XDR_GSDJ XK_XDR_SWDJ
XK_XDR_SFZ XK_FR XK_JDRQ XK_JZQ XK_XZJG XK_ZT DFBM SJC BZ XK_SYFW
""".split()

PENALTY_2015 = """
CF_WSH CF_CFMC CF_BM CF_CFLB1 CF_CFLB2 CF_SY CF_YJ CF_XDR_MC CF_XDR_SHXYM CF_XDR_ZDM CF_XDR_GSDJ
CF_XDR_SWDJ CF_XDR_SFZ CF_FR CF_JG CF_JDRQ CF_XZJG CF_ZT DFBM SJC CF_SYFW CF_GSJZQ BZ
""".split()


@pytest.mark.requirement("R-20")
@pytest.mark.parametrize(
    ("code", "header"),
    [("administrative_licence", LICENCE_2015), ("administrative_penalty", PENALTY_2015)],
)
def test_the_columns_of_2015_are_understood(code: str, header: list[str]) -> None:
    targets, faults = column_map(NATIONAL.types[code], header)
    # The later standard asks for more than the earlier one had; nothing is unknown or twofold.
    assert {fault.code for fault in faults} == {"missing_column"}
    assert len(set(targets)) == len(header)


@pytest.mark.requirement("R-20")
def test_what_must_not_be_reported_is_said_with_its_reason() -> None:
    def excluded(code: str) -> dict[str, tuple[object, ...]]:
        return {e.field: e.values for e in NATIONAL.types[code].exclusions}

    assert excluded("administrative_licence") == {"is_secret": (True,)}
    assert excluded("administrative_penalty") == {"is_secret": (True,), "procedure": ("simple",)}
    for code in ("administrative_licence", "administrative_penalty"):
        for exclusion in NATIONAL.types[code].exclusions:
            assert "不" in exclusion.reason and exclusion.basis.document


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("administrative_penalty", {"penalty_category": "warning"}),
        ("accountability_decision", {"measure": "interview"}),
        ("public_official_discipline", {"measure": "warning"}),
    ],
)
def test_the_old_rule_knew_two_classes_and_the_new_one_three(
    code: str, fields: dict[str, FieldValue]
) -> None:
    record_type = NATIONAL.types[code]
    assert record_type.severity_of(fields, date(2026, 3, 31)) == "general"
    assert record_type.severity_of(fields, date(2026, 4, 1)) == "minor"
    assert record_type.severity is not None
    assert not any(rule.basis.verified for rule in record_type.severity.earlier)


@pytest.mark.requirement("R-12")
def test_a_major_decision_has_its_statutory_steps_in_order() -> None:
    register = NATIONAL.registers["major_decisions"]
    required = [step.title for step in register.steps if step.required]
    assert required == ["公众参与", "专家论证", "风险评估", "合法性审查", "集体讨论决定"]
    (consultation,) = [step for step in register.steps if step.required_when]
    assert consultation.title == "公开征求意见"
    assert consultation.required_when is not None
    assert consultation.required_when.field == "is_normative"


@pytest.mark.requirement("R-27")
def test_the_assessment_of_collection_is_data_and_called_unverified() -> None:
    collection = NATIONAL.assessments["collection"]
    assert collection.types == ("administrative_licence", "administrative_penalty")
    points = {code: (str(r.full_at), int(r.points)) for code, r in collection.rates.items()}
    assert points == {"stored": ("0.95", 6), "complete": ("0.95", 3), "on_time": ("1", 6)}
    assert not any(rate.basis.verified for rate in collection.rates.values())


def test_numbers_not_found_in_a_text_are_not_called_verified() -> None:
    for pack in (NATIONAL, NANJING):
        for entry in pack.types.values():
            assert not entry.verified  # no official field standard was read
            if entry.retention.years is not None:
                assert not entry.retention.basis.verified
        old = pack.publicity["dishonesty"].rule_sets[0]
        assert not old.terms["minor"].verified


def test_the_made_up_city_cannot_be_taken_for_a_real_one() -> None:
    made_up = {code for code, region in NANJING.regions.items() if region.made_up}
    assert made_up == {"329900", *(f"32990{n}" for n in range(1, 7))}
    assert unified_code_fault(unified_code_from("11329900MA0000015")) is None
