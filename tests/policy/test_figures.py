"""What an evaluation may count beside records: the catalogue of figures of each pack."""

from __future__ import annotations

import pytest

from chalicelib.policy.figures import (
    case_parts,
    duties_of,
    figure_of,
    figures_of_pack,
    register_parts,
)
from tests.policy.builders import real_pack

CITIES = ("nanjing", "nantong", "yancheng", "jiangxi", "lingyuan")


@pytest.mark.requirement("R-60")
@pytest.mark.parametrize("city", CITIES)
def test_every_figure_says_what_it_counts_over_what_and_which_day_places_it(city: str) -> None:
    for code, figure in figures_of_pack(real_pack(city)).items():
        assert figure.code == code
        assert figure.title and figure.unit and figure.about
        assert "一行" in figure.definition
        assert ("numerator" in figure.values) == ("denominator" in figure.values)


@pytest.mark.requirement("R-27")
@pytest.mark.requirement("R-28")
@pytest.mark.parametrize("city", CITIES)
def test_collection_and_coverage_are_figures_everywhere(city: str) -> None:
    known = figures_of_pack(real_pack(city))
    assert {
        "accounts.stored", "accounts.on_time", "accounts.collected", "accounts.declared",
        "coverage.bodies", "coverage.officials",
    } <= known.keys()  # fmt: skip


@pytest.mark.requirement("R-60")
def test_what_the_document_does_not_have_is_no_figure_there() -> None:
    lingyuan, nanjing = real_pack("lingyuan"), real_pack("nanjing")
    for code in ("cases.lead_in_time", "registers.tasks_overdue", "appraisals.score"):
        assert figure_of(lingyuan, code) is None, code
        assert figure_of(nanjing, code) is not None, code
    assert figure_of(nanjing, "accounts.unheard_of") is None
    assert figure_of(nanjing, "third_party.example_index") is not None


@pytest.mark.requirement("R-61")
def test_an_answer_due_to_the_congress_is_the_bodys_own_matter_and_an_objection_its_handlers() -> (
    None
):
    kinds = real_pack("nanjing").case_kinds

    def limits(kind: str, prefix: str) -> set[str]:
        return {limit.code for limit in duties_of(kinds[kind], prefix)}

    assert limits("npc_suggestion", "cases") == {"reply_by", "redo"}
    assert limits("npc_suggestion", "handling") == set()
    assert limits("objection", "cases") == set(), "asking for a review is a right, not a duty"
    assert {"verification", "review"} <= limits("objection", "handling")


def test_the_code_of_a_figure_says_what_to_read() -> None:
    assert case_parts("cases.rectification_overdue") == ("cases", "rectification", False)
    assert case_parts("handling.lead_in_time") == ("handling", "lead", True)
    assert register_parts("registers.tasks_overdue") == ("tasks", "overdue")
    for code in ("accounts.stored", "cases.lead", "registers.tasks"):
        with pytest.raises(ValueError, match=r"no figure of cases"):
            case_parts(code)
        with pytest.raises(ValueError, match=r"no figure of registers"):
            register_parts(code)
