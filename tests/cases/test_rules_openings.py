"""What is offered about a record is what the engine would take, and what is not says why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.cases.model import Actor, Given, Refusal
from chalicelib.cases.rules import act, relation_of
from chalicelib.cases.rules_openings import Known, openings
from chalicelib.policy.case_kinds import FACTS, CaseKind, Fact
from tests.cases.procedures import actor, calendar, filled, noon, packs

DAY = "2026-06-15"
RELATIONS = ("subject", "source_agency", "determining_agency", "superior", "credit_office")


def about_records(place: str) -> list[CaseKind]:
    return [kind for kind in packs()[place].case_kinds.values() if kind.about == "record"]


def refusals(kind: CaseKind, who: Actor, facts: frozenset[Fact]) -> Sequence[str]:
    """What the engine says to each way of opening a case of the kind; empty: it takes it."""
    found = []
    for action in kind.actions:
        if action.opens and relation_of(action, who) is not None:
            sent = Given(filled(action, noon(DAY)), frozenset(action.evidence), facts)
            outcome = act(kind, None, action.code, who, sent, noon(DAY), calendar())
            found.append(outcome.code if isinstance(outcome, Refusal) else "")
    return found


@pytest.mark.requirement("R-31", "R-32", "R-33")
@given(
    place=st.sampled_from(sorted(packs())),
    relation=st.sampled_from(RELATIONS),
    facts=st.frozensets(st.sampled_from(sorted(FACTS))),
)
def test_what_is_offered_is_taken_and_what_is_not_is_refused(
    place: str, relation: str, facts: frozenset[Fact]
) -> None:
    who = actor(relation)  # type: ignore[arg-type]
    kinds = about_records(place)
    found = {one.kind.code: one for one in openings(kinds, who, Known(facts))}
    for kind in kinds:
        said = refusals(kind, who, facts)
        assert (kind.code in found) is bool(said)
        if said:
            assert (not found[kind.code].reasons) is ("" in said), kind.code


@pytest.mark.requirement("R-31")
def test_what_stands_against_it_is_said_in_words() -> None:
    kind = packs()["national"].case_kinds["repair"]
    facts: frozenset[Fact] = frozenset({"is_dishonesty", "not_repaired", "severity_general"})
    known = Known(
        facts,
        withdrawn=True,
        repairable_from=date(2026, 9, 1),
        open_cases={"repair": "c_1"},
    )
    (found,) = openings([kind], actor("subject"), known)
    assert (found.action.code, found.open_case) == ("apply_general", "c_1")
    assert found.reasons == (
        "这条信用信息已经撤回，不用再办理",
        "已有一件“信用修复”在办，办结之前不能再次提出",
        "最短公示期还没有届满，2026-09-01起可以提出",
    )


@pytest.mark.requirement("R-31")
def test_what_is_not_settled_is_neither_marked_nor_commented_yet() -> None:
    kinds = [packs()["national"].case_kinds[code] for code in ("statement", "exemption")]
    known = Known(frozenset({"is_dishonesty"}), settled=False)
    said = [one.reasons for one in openings(kinds, actor("subject"), known)]
    assert said == [("这条信用信息所在的文件还没有处理完毕，结果未定",), ()]
