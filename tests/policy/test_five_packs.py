"""What makes each of the five packs different, and what all of them owe the catalog."""

from __future__ import annotations

import pytest

from chalicelib.intake.rules_subject import exclusion_faults
from chalicelib.policy.base import GOVERNMENT_BODIES, PERSONS
from chalicelib.policy.example import example_fields
from chalicelib.policy.fields import normalise
from chalicelib.policy.model import Pack
from tests.policy.builders import TODAY, real_pack

NATIONAL = real_pack("national")
FIVE = {name: real_pack(name) for name in ("nantong", "lingyuan", "jiangxi", "yancheng", "nanjing")}
ALL = frozenset(FIVE)

OWNERS = {
    # Nantong
    "notice": {"nantong"},
    "environment": {"nantong"},
    "promised_limits": {"nantong"},
    "credit_villages": {"nantong"},
    "cross_check": {"nantong"},
    "monitoring": ALL - {"nantong"},
    # Lingyuan
    "institutions_supervision": {"lingyuan"},
    "annual_target_assessment": {"lingyuan"},
    "monitoring_by_trade": {"lingyuan"},
    "debt_information_feeds_rating": {"lingyuan"},
    "incentives": ALL - {"lingyuan"},
    "task_table": ALL - {"lingyuan"},
    # Jiangxi
    "audit_conclusions": {"jiangxi"},
    "judicial_suggestions": {"jiangxi"},
    "procuratorial_suggestions": {"jiangxi"},
    "supplier_misconduct": {"jiangxi"},
    "bidding_blacklist": {"jiangxi"},
    "third_party_supplement": {"jiangxi"},
    "ppp_publication": {"jiangxi"},
    "officials_evaluation": {"jiangxi", "yancheng"},
    # Yancheng
    "level_protection": {"yancheng"},
    "exemption": {"nantong", "yancheng"},
    "compensation": ALL - {"yancheng"},
    "horizontal_supervision": ALL - {"yancheng"},
    "award_limit_persons": {"nantong", "lingyuan", "jiangxi"},
    # Nanjing
    "leads": {"nanjing"},
    "excellent_bar": {"nanjing"},
    "first_responsible_leader": {"nanjing"},
    "personnel_queries": {"nantong", "nanjing"},
    "public_criticism": ALL - {"nanjing"},
    "objection": ALL - {"nanjing"},
    "repair": ALL - {"nanjing"},
    # several
    "appeal": {"nantong", "yancheng"},
    "personal_matters_report": {"lingyuan", "jiangxi"},
    "personal_matters_sanctions": {"nantong", "yancheng"},
    "purchaser_commitment": {"nantong", "yancheng"},
    "statistics_fabrication": {"nantong", "nanjing"},
    "statistics_files": {"nantong", "yancheng"},
    "statistics_commitment": {"nantong", "yancheng", "nanjing"},
}


@pytest.mark.requirement("R-73")
@pytest.mark.parametrize("mechanism", sorted(OWNERS))
def test_a_mechanism_is_own_where_the_document_has_it_and_nowhere_else(mechanism: str) -> None:
    own = {name for name, pack in FIVE.items() if pack.mechanisms[mechanism].state == "own"}
    assert own == OWNERS[mechanism]


@pytest.mark.requirement("R-73")
@pytest.mark.parametrize("name", sorted(FIVE))
def test_what_a_pack_leaves_to_the_base_says_what_the_base_rests_on(name: str) -> None:
    for code, mechanism in FIVE[name].mechanisms.items():
        if mechanism.state == "base":
            assert mechanism.basis.document == NATIONAL.mechanisms[code].basis.document
            assert NATIONAL.mechanisms[code].state == "base"  # nothing rests on nothing


@pytest.mark.requirement("R-01")
@pytest.mark.parametrize("name", sorted(FIVE))
def test_the_catalog_says_who_what_when_and_on_which_ground(name: str) -> None:
    pack = FIVE[name]
    assert pack.version and pack.digest
    for record_type in pack.types.values():
        assert record_type.reported_by and record_type.about and record_type.fields
        assert record_type.legal_basis[0].document
        assert record_type.disclosure.basis.document
        if record_type.disclosure.scope == "public":
            assert record_type.publicity_term in pack.publicity
    catalogs = [set(other.types) for other in FIVE.values() if other is not pack]
    assert all(set(pack.types) != catalog for catalog in catalogs)


@pytest.mark.requirement("R-01")
@pytest.mark.parametrize("name", sorted(FIVE))
@pytest.mark.parametrize("full", [False, True])
def test_the_examples_of_every_type_make_a_record_that_may_be_reported(
    name: str, full: bool
) -> None:
    for record_type in FIVE[name].types.values():
        row = example_fields(record_type, TODAY, full=full)
        values, faults = normalise(record_type, row, TODAY)
        assert faults == [], record_type.code
        assert exclusion_faults(record_type, values) == [], record_type.code


@pytest.mark.requirement("R-04")
@pytest.mark.parametrize("name", sorted(FIVE))
def test_the_file_of_a_government_body_has_its_parts(name: str) -> None:
    pack = FIVE[name]
    about_bodies = [t for t in pack.types.values() if set(t.about) & GOVERNMENT_BODIES]
    assert {t.category for t in about_bodies} >= {
        "lawful_administration",
        "openness",
        "social_integrity",
        "satisfaction",
    }
    assert sum(t.is_dishonesty("department") for t in about_bodies) >= 4


@pytest.mark.requirement("R-05")
@pytest.mark.parametrize("name", sorted(FIVE))
def test_nothing_of_a_person_is_public_in_any_pack(name: str) -> None:
    for record_type in FIVE[name].types.values():
        if set(record_type.about) & PERSONS:
            assert record_type.disclosure.persons == "internal", record_type.code


@pytest.mark.requirement("R-27")
@pytest.mark.requirement("R-28")
@pytest.mark.parametrize("name", sorted(FIVE))
def test_collection_and_coverage_are_accounted_for_everywhere(name: str) -> None:
    pack = FIVE[name]
    assert set(pack.assessments["collection"].types) >= {
        "administrative_licence",
        "administrative_penalty",
    }
    assert pack.registers["coverage"].target is not None
    own = {"nantong", "yancheng"}  # the others rest on the law
    for mechanism in ("collection_assessment", "coverage"):
        assert (pack.mechanisms[mechanism].state == "own") == (name in own)


@pytest.mark.requirement("R-07")
def test_dishonesty_records_of_persons_have_each_documents_sources() -> None:
    def sources(pack: Pack, field: str) -> set[str]:
        found = pack.types["official_dishonesty"].field(field)
        assert found is not None
        return {choice.title for choice in found.values}

    assert "问责处理" in sources(FIVE["lingyuan"], "source")
    assert "审计结果" in sources(FIVE["jiangxi"], "source")
    assert sources(FIVE["nanjing"], "nature") == {"违法", "违规", "违约"}


@pytest.mark.requirement("R-60")
@pytest.mark.parametrize("name", sorted(FIVE))
def test_every_scheme_is_an_example_until_an_office_confirms_it(name: str) -> None:
    schemes = FIVE[name].schemes
    assert schemes["annual_integrity"].period == "year"
    for scheme in schemes.values():
        assert not scheme.basis.verified, scheme.code
        assert scheme.basis.note, scheme.code
        assert scheme.of_persons == (scheme.code == "annual_officials")
        used = {code for leaf in scheme.leaves() if leaf.source for code in leaf.source.types}
        assert not any(code.startswith("third_party.") for code in used)
    # Only where the document has it are civil servants evaluated, or the public asked to appraise.
    assert ("annual_officials" in schemes) == (name in {"jiangxi", "yancheng"})
    appraised = any(
        leaf.source and "appraisals.score" in leaf.source.types
        for scheme in schemes.values()
        for leaf in scheme.leaves()
    )
    assert appraised == (name in {"nantong", "yancheng", "nanjing"})
    assert bool(schemes["annual_integrity"].vetoes) == (name == "nanjing")
