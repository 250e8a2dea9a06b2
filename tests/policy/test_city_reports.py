"""What becomes of a report in Nantong and in Yancheng: each city's own pack decides whether it is
taken, how grave it is, and whether and until when the public sees it."""

from __future__ import annotations

from datetime import date

import pytest

from chalicelib.kernel.errors import Invalid
from tests.policy.cities import BODY, EMPLOYEE, SERVANT, TOWNSHIP, City
from tests.support.world import make_world


@pytest.fixture
def nantong(aws: dict[str, str]) -> City:
    """Nantong, with a made-up bureau and made-up civil servants."""
    return City(make_world(aws), "nantong", "320600").settle()


@pytest.fixture
def yancheng(aws: dict[str, str]) -> City:
    """Yancheng, with a made-up bureau and made-up civil servants."""
    return City(make_world(aws), "yancheng", "320900").settle()


@pytest.fixture(params=["nantong", "yancheng"])
def city(request: pytest.FixtureRequest) -> City:
    """Each of the two."""
    found: City = request.getfixturevalue(request.param)
    return found


def refusal(city: City, *report: object, **fields: object) -> dict[str, str]:
    """Pointer -> rule of every fault for which the city refuses the report."""
    record_type, subject = report
    assert isinstance(record_type, str) and isinstance(subject, dict)
    with pytest.raises(Invalid) as caught:
        city.report(record_type, subject, **fields)
    return {fault.pointer: fault.code for fault in caught.value.faults}


@pytest.mark.requirement("R-07")
@pytest.mark.parametrize(
    ("severity", "months"), [("general", 12), ("serious", 36)], ids=["general", "serious"]
)
def test_a_breach_is_public_until_its_term_ends(city: City, severity: str, months: int) -> None:
    record = city.report("commitment_breach", BODY, severity=severity)
    shown = city.publicity_of(record)
    assert (record.dishonesty, record.severity, shown.public) == (True, severity, True)
    decided = date.fromisoformat(record.occurred_on)
    assert shown.last_day == decided.replace(year=decided.year + months // 12)
    assert (record.jurisdiction, record.pack) == (city.jurisdiction, "2024-01-01")


@pytest.mark.requirement("R-07")
def test_a_minor_breach_is_recorded_and_not_published(city: City) -> None:
    record = city.report("commitment_breach", BODY, severity="minor")
    assert (record.dishonesty, record.severity) == (True, "minor")
    assert not city.publicity_of(record).public


@pytest.mark.requirement("R-33")
@pytest.mark.parametrize(
    ("record_type", "subject"),
    [("commitment_breach", BODY), ("official_dishonesty", SERVANT)],
    ids=["body", "civil servant"],
)
def test_a_recognised_good_faith_error_is_not_taken_as_dishonesty(
    city: City, record_type: str, subject: dict[str, str]
) -> None:
    assert city.report(record_type, subject, exempted=False).dishonesty
    with pytest.raises(Invalid) as caught:
        city.report(record_type, subject, exempted=True)
    fault = next(one for one in caught.value.faults if one.pointer == "/fields/exempted")
    assert "容错纠错" in fault.message


@pytest.mark.requirement("R-05")
def test_of_personal_matters_the_sanction_is_taken_and_stays_inside(city: City) -> None:
    record = city.report("personal_matters_sanction", SERVANT, conduct="concealment")
    assert (record.dishonesty, record.severity) == (True, "serious")
    assert not city.publicity_of(record).public
    assert refusal(city, "personal_matters_report", SERVANT) == {"/type": "unknown_type"}


@pytest.mark.requirement("R-05")
def test_the_file_is_one_of_civil_servants_and_of_nobody_else(city: City) -> None:
    city.report("lawful_duty_record", SERVANT)
    refused = refusal(city, "lawful_duty_record", EMPLOYEE)
    assert set(refused.values()) == {"wrong_subject_kind"}


@pytest.mark.requirement("R-01")
def test_a_purchasers_commitment_is_published_before_the_procurement_starts(city: City) -> None:
    record = city.report("purchaser_commitment", BODY)
    assert city.publicity_of(record).public
    late = {
        "project_number": "CG-2026-0002",
        "published_on": "2026-06-10",
        "procurement_starts_on": "2026-06-09",
    }
    assert set(refusal(city, "purchaser_commitment", BODY, **late)) == {
        "/fields/procurement_starts_on"
    }
    half = {"project_number": "CG-2026-0003", "liability": ""}
    assert refusal(city, "purchaser_commitment", BODY, **half) == {"/fields/liability": "required"}


@pytest.mark.requirement("R-09")
def test_statistical_personnel_have_files_that_stay_inside(city: City) -> None:
    for code in ("statistics_personnel", "statistics_commitment"):
        record = city.report(code, SERVANT)
        assert (record.dishonesty, city.publicity_of(record).public) == (False, False)


@pytest.mark.requirement("R-01")
def test_a_township_promises_and_the_public_sees_it(city: City) -> None:
    record = city.report("township_commitment", TOWNSHIP)
    assert city.publicity_of(record).public
    assert set(refusal(city, "township_commitment", BODY).values()) == {"wrong_subject_kind"}


@pytest.mark.requirement("R-09")
def test_fabricated_statistics_are_a_dishonesty_record_in_nantong(nantong: City) -> None:
    record = nantong.report("statistics_fabrication", BODY)
    assert (record.dishonesty, record.severity) == (True, "serious")
    assert nantong.publicity_of(record).public


@pytest.mark.requirement("R-09")
def test_fabricated_statistics_are_no_record_type_of_yancheng(yancheng: City) -> None:
    assert refusal(yancheng, "statistics_fabrication", BODY) == {"/type": "unknown_type"}


@pytest.mark.requirement("R-01")
@pytest.mark.parametrize(
    ("record_type", "subject"),
    [
        ("ppp_performance", SERVANT),
        ("personal_commitment", SERVANT),
        ("environment_progress", BODY),
        ("approval_performance", BODY),
        ("credit_village", TOWNSHIP),
    ],
)
def test_what_only_nantongs_document_has_is_taken_there_and_refused_in_yancheng(
    aws: dict[str, str], record_type: str, subject: dict[str, str]
) -> None:
    world = make_world(aws)
    nantong = City(world, "nantong", "320600").settle()
    assert nantong.report(record_type, subject).type == record_type
    yancheng = City(world, "yancheng", "320900")
    assert refusal(yancheng, record_type, subject) == {"/type": "unknown_type"}


@pytest.mark.requirement("R-73")
def test_a_changed_promise_shows_procedure_and_compensation_in_nantong(nantong: City) -> None:
    changed = {"status": "changed_by_law", "change_procedure": "", "compensation": ""}
    assert refusal(nantong, "commitment", BODY, **changed) == {
        "/fields/change_procedure": "required",
        "/fields/compensation": "required",
    }


@pytest.mark.requirement("R-73")
def test_a_changed_promise_asks_for_no_compensation_in_yancheng(yancheng: City) -> None:
    record = yancheng.report("commitment", BODY, status="changed_by_law")
    assert "compensation" not in record.fields
