"""Every kind of every pack walked once over the Spring Festival; every date counted by hand.

2026: New Year's Eve 02-16, days off 02-15..02-23, Saturdays 02-14 and 02-28 are worked. From
02-13 on the working days are numbered so:

    1: 02-14   2: 02-24   3: 02-25   4: 02-26   5: 02-27   6: 02-28   7: 03-02   8: 03-03
    9: 03-04  10: 03-05  11: 03-06  12..16: 03-09..13  17..21: 03-16..20  22..26: 03-23..27
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from chalicelib.policy.case_kinds import Relation
from tests.cases.procedures import Walk, packs


@dataclass(frozen=True)
class Step:
    """An action on a day, and the limits that must then be over on these days."""

    day: str
    who: Relation
    action: str
    due: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)


REPLIED = {"conclusion": "2026-03-23"}
"""Twenty working days from 02-24."""

OUTSIDERS = (
    Step("2026-02-13", "anyone", "report", {"transfer": "2026-02-14"}),
    # Ten from Saturday 02-14: 02-24..28, 03-02..06 without the weekend.
    Step("2026-02-14", "credit_office", "transfer", {"verification": "2026-03-06"}),
    Step("2026-03-06", "credit_office", "extend_verification", {"verification": "2026-03-20"}),
)


def handled(assigned: str, *more: Step) -> tuple[Step, ...]:
    """Registered on a day, answered on 02-24 on which it is due, published."""
    last = Step("2026-03-23", "credit_office", "publish")
    return (
        Step(assigned, "credit_office", "register", {"reply_by": "2026-02-24"},
             {"assigned_on": assigned}),
        Step("2026-02-24", "subject", "reply", REPLIED, {"replied_on": "2026-02-24"}),
        *(more or (last,)),
    )  # fmt: skip


WALKS: dict[str, tuple[str, tuple[Step, ...]]] = {
    "two_notices": (
        "delivered",
        (
            # Seven from 02-11: 02-12, 13, 14, 24, 25, 26, 27.
            Step("2026-02-11", "platform", "open", {"delivery": "2026-02-27"}),
            Step("2026-02-24", "source_agency", "deliver_both"),
        ),
    ),
    "notice": (
        "informed",
        (
            Step("2026-02-11", "platform", "open", {"delivery": "2026-02-25"}),
            Step("2026-02-13", "source_agency", "deliver", {"views": "2026-02-27"},
                 {"delivered_on": "2026-02-13"}),
            # 02-28 is worked: 02-28, 03-02, 03, 04, 05.
            Step("2026-02-27", "subject", "state_views", {"consideration": "2026-03-05"}),
            Step("2026-03-05", "source_agency", "uphold"),
        ),
    ),
    "statement": (
        "taken_back",
        (
            Step("2026-02-13", "subject", "make"),
            Step("2026-02-14", "subject", "change"),
            Step("2026-02-24", "subject", "take_back"),
        ),
    ),
    "objection": (
        "upheld",
        (
            Step("2026-02-13", "subject", "file",
                 {"forwarding": "2026-02-24", "whole": "2026-03-02"}),
            Step("2026-02-24", "credit_office", "accept", {"verification": "2026-02-27"}),
            Step("2026-02-26", "credit_office", "extend", {"verification": "2026-03-03"}),
            # Ten from 03-02: 03-03..06, 09..13, 16.
            Step("2026-03-02", "source_agency", "answer", {"review_window": "2026-03-16"}),
            Step("2026-03-16", "subject", "request_review", {"review": "2026-03-23"}),
            Step("2026-03-23", "superior", "review_uphold"),
        ),
    ),
    "repair": (
        "refused",
        (
            Step("2026-02-13", "subject", "apply_minor",
                 {"acceptance": "2026-02-25", "feedback": "2026-03-05"}),
            Step("2026-02-25", "determining_agency", "accept"),
            Step("2026-03-05", "determining_agency", "extend", {"feedback": "2026-03-19"}),
            Step("2026-03-19", "determining_agency", "reject"),
        ),
    ),
    "self_correction": (
        "refused",
        (
            Step("2026-02-13", "subject", "report", {"examination": "2026-03-19"}),
            Step("2026-03-19", "determining_agency", "reject"),
        ),
    ),
    "exemption": (
        "refused",
        (
            Step("2026-02-13", "subject", "apply", {"acceptance": "2026-02-27"}),
            # Twenty from 02-27: 02-28, 03-02..06, 09..13, 16..20, 23..26.
            Step("2026-02-27", "determining_agency", "accept", {"decision": "2026-03-26"}),
            Step("2026-03-26", "determining_agency", "reject"),
        ),
    ),
    "rectification": (
        "completed",
        (
            Step("2026-02-11", "platform", "refer", {"ordering": "2026-02-25"}),
            # The day set lies in the holiday: the first working day after it.
            Step("2026-02-13", "superior", "order",
                 {"explanation": "2026-03-05", "rectify_by": "2026-02-24"},
                 {"rectify_by": "2026-02-20"}),
            Step("2026-02-24", "subject", "explain"),
            # Ten from 02-24: 02-25..28, 03-02..06, 09.
            Step("2026-02-24", "subject", "submit", {"check": "2026-03-09"}),
            Step("2026-03-09", "superior", "confirm"),
        ),
    ),
    "accountability": (
        "not_pursued",
        (
            Step("2026-02-13", "superior", "propose", {"consideration": "2026-03-19"}),
            Step("2026-03-19", "superior", "drop"),
        ),
    ),
    "breach_complaint": ("explained", (*OUTSIDERS, Step("2026-03-20", "superior", "explain"))),
    "lead": ("explained", (*OUTSIDERS, Step("2026-03-20", "superior", "explain"))),
    "complaint": (
        "closed",
        (
            Step("2026-02-13", "anyone", "report", {"acceptance": "2026-02-24"}),
            Step("2026-02-24", "credit_office", "accept", {"answering": "2026-03-02"}),
            # Ten from 02-27: 02-28 (worked), 03-02..06, 09..12.
            Step("2026-02-27", "superior", "answer", {"rating": "2026-03-12"}),
            Step("2026-03-12", "informant", "satisfied"),
        ),
    ),
    # Three months from 11-20, and two from 12-20, end on 02-20, in the holiday.
    "npc_suggestion": ("published", handled("2025-11-20")),
    "cppcc_proposal": (
        "closed",
        handled(
            "2025-11-20",
            Step("2026-03-02", "credit_office", "unsatisfied", {"redo": "2026-04-02"}),
            # 03-31, 04-01..03, (04..06 is Qingming) 07..10, 13..17, 20..24, 27, 28.
            Step("2026-03-30", "subject", "reply_again", {"conclusion": "2026-04-28"},
                 {"replied_on": "2026-03-30"}),
            Step("2026-04-28", "credit_office", "close"),
        ),
    ),
    "evaluation_appeal": (
        "upheld",
        (
            # Fifteen from Saturday 02-14: 02-24..28, 03-02..06, 03-09..13.
            Step("2026-02-14", "subject", "appeal", {"review": "2026-03-13"}),
            Step("2026-03-13", "credit_office", "uphold"),
        ),
    ),
    "judicial_suggestion": ("published", handled("2025-12-20")),
    "procuratorial_suggestion": ("published", handled("2025-12-20")),
    # Ninety days from 11-20: 10 in November, 31, 31, and 18 in February, in the holiday.
    "audit_finding": ("published", handled("2025-11-20")),
    "warning": (
        "closed",
        (
            Step("2026-02-11", "platform", "raise", {"acknowledgement": "2026-02-13"}),
            # What is to be acknowledged already is not to be acknowledged later.
            Step("2026-02-12", "platform", "raise_level", {"acknowledgement": "2026-02-13"}),
            Step("2026-02-13", "subject", "acknowledge", {"start_handling": "2026-02-27"}),
            Step("2026-02-24", "platform", "raise_level", {"acknowledgement": "2026-02-26"}),
            Step("2026-02-24", "subject", "acknowledge", {"start_handling": "2026-03-02"}),
            # Thirty days from 03-02, to which the holiday does not matter any more.
            Step("2026-03-02", "subject", "handle", {"handle_by": "2026-04-01"}),
            Step("2026-03-05", "superior", "extend", {"handle_by": "2026-05-06"}),
            Step("2026-03-06", "platform", "subside"),
            # Ten from 03-12: 03-13, 16..20, 23..26.
            Step("2026-03-12", "subject", "report_effect", {"confirmation": "2026-03-26"}),
            Step("2026-03-26", "superior", "close"),
        ),
    ),
}

EVERY = [(place, code) for place, pack in sorted(packs().items()) for code in pack.case_kinds]


@pytest.mark.requirement("R-30", "R-31", "R-32", "R-33", "R-41", "R-43", "R-61", "R-62", "R-65")
@pytest.mark.requirement("R-64")
@pytest.mark.parametrize(("place", "code"), EVERY)
def test_each_kind_of_each_pack_is_walked_over_the_spring_festival(place: str, code: str) -> None:
    end, steps = WALKS[code]
    walk = Walk(packs()[place].case_kinds[code])
    for step in steps:
        walk.step(step.day, step.who, step.action, **step.values)
        for limit, due in step.due.items():
            assert walk.due(limit) == due, (step.action, limit)
    assert walk.case is not None and walk.case.state == end
    assert walk.kind.state(end).final


@pytest.mark.requirement("R-65")
@pytest.mark.parametrize(
    ("place", "code"), [one for one in EVERY if one[1] in ("lead", "breach_complaint")]
)
def test_a_day_that_is_set_in_national_day_moves_behind_it(place: str, code: str) -> None:
    walk = Walk(packs()[place].case_kinds[code])
    walk.step("2026-09-21", "credit_office", "register")
    walk.step("2026-09-22", "credit_office", "transfer")
    walk.step("2026-09-24", "superior", "urge", rectify_by="2026-10-04")
    assert walk.due("rectify_by") == "2026-10-08"
    walk.step("2026-10-08", "superior", "confirm")
    if code == "lead":
        # 10-09, 10-10 (Saturday, worked), 10-12, 13, 14.
        assert walk.due("reporting") == "2026-10-14"


@pytest.mark.requirement("R-43")
@pytest.mark.parametrize("place", [place for place, code in EVERY if code == "accountability"])
def test_a_criticism_is_concluded_in_twenty_working_days(place: str) -> None:
    walk = Walk(packs()[place].case_kinds["accountability"])
    walk.step("2026-09-21", "superior", "propose")
    walk.step("2026-09-24", "superior", "criticise")
    # 09-28..30, 10-08, 09, 10 (worked), 12..16, 19..23, 26..29.
    assert walk.due("conclusion") == "2026-10-29"


def test_no_limit_of_any_pack_is_left_uncounted() -> None:
    counted = {(code, limit) for code, (_, steps) in WALKS.items()
               for step in steps for limit in step.due}  # fmt: skip
    known = {(code, limit.code) for place, code in EVERY
             for limit in packs()[place].case_kinds[code].limits}  # fmt: skip
    # Counted above and in test_walks.py.
    counted |= {
        ("lead", "rectify_by"),
        ("lead", "reporting"),
        ("breach_complaint", "rectify_by"),
        ("accountability", "conclusion"),
        ("repair", "supplement"),
        ("npc_suggestion", "redo"),
        ("procuratorial_suggestion", "urgent_reply"),
    }
    assert known == counted
