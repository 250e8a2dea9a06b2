"""The pure decisions of access."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.access.permissions import PERMISSIONS, ROLE_TITLES, ROLES
from chalicelib.access.rules import (
    may_act_on,
    may_appoint,
    region_covers,
    scope_of,
    significant_part,
)
from chalicelib.access.service import authorize
from chalicelib.kernel.errors import Forbidden
from chalicelib.web.model import Caller, Scope

pytestmark = pytest.mark.requirement("R-26")


def caller(*roles: str, agency: str = "A", region: str = "990100", subject_id: str = "") -> Caller:
    return Caller("c", agency, "名", "nanjing", region, "city", frozenset(roles), subject_id)


@pytest.mark.parametrize(
    ("outer", "inner", "covers"),
    [
        ("990000", "990102", True),
        ("990100", "990102", True),
        ("990100", "990100", True),
        ("990102", "990100", False),
        ("990100", "990200", False),
        ("990102", "990102001", True),
        ("990102001", "990102001003", True),
        ("990102001", "990102002", False),
        ("000000", "990102", True),
        ("", "990102", False),
        ("990100", "", False),
    ],
)
def test_regions_cover_what_lies_below(outer: str, inner: str, covers: bool) -> None:
    assert region_covers(outer, inner) is covers


@given(st.from_regex(r"\A\d{6}(\d{3}|\d{6})?\Z"))
def test_a_region_covers_itself_and_its_name_is_a_beginning(region: str) -> None:
    assert region_covers(region, region)
    assert region.startswith(significant_part(region))


@given(
    st.frozensets(st.sampled_from(ROLES)),
    st.frozensets(st.sampled_from(ROLES)),
    st.sampled_from(sorted(PERMISSIONS)),
)
def test_more_roles_never_mean_less_right(
    some: frozenset[str], others: frozenset[str], operation: str
) -> None:
    fewer, more = scope_of(some, operation), scope_of(some | others, operation)
    assert fewer is None or (more is not None and more >= fewer)


def test_the_table_names_known_roles_and_every_role_has_a_title() -> None:
    assert set(ROLE_TITLES) == set(ROLES)
    for operation, rights in PERMISSIONS.items():
        assert rights, f"{operation} is allowed to nobody"
        assert set(rights) <= set(ROLES)


CHANGING = {
    "agencies.manage",
    "clients.manage",
    "code_exceptions.manage",
    "evidence.submit",
    "records.submit",
    "uploads.submit",
    "exports.start",
    "records.correct",
    "records.withdraw",
    "subjects.register",
    "subjects.erase",
    "registers.keep",
    "registers.assign",
    "registers.supervise",
    "evaluations.appeal",
    "evaluations.start",
    "evaluation_figures.state",
    "evaluation_figures.review",
    "evaluations.try",
    "snapshots.build",
    "notices.deliver",
    "cases.open",
    "cases.act",
    "papers.submit",
    "accounts.declare",
    "crosschecks.run",
    "surveys.keep",
    "appraisals.keep",
    "monitoring.run",
    "third_parties.manage",
    "third_party_ratings.submit",
    "third_party_ratings.withdraw",
    "checks.ask",
    "checks.feedback",
    "subscriptions.keep",
    "records.preflight",  # changes nothing, but what is rehearsed is the agency's own work
}


NOT_AUDITED = {
    "me.read",
    "audit.readers",
    "me.overview",
    "me.evaluations",
    "measures.mine",
    "records.preflight",
    "cases.hear",  # who reported something trusted the offices that handle it, and nobody else
    "subscriptions.read",
    "checks.read",  # auditors have the figures, what is late, and the trail of who looked at whom
    "letters.read",  # what was told to others is in the history of the case
}


def test_the_auditor_reads_everything_and_changes_nothing() -> None:
    for operation in PERMISSIONS:
        scope = scope_of({"auditor"}, operation)
        if operation in CHANGING:
            assert scope is None, operation
        elif operation not in NOT_AUDITED:
            assert scope is Scope.ALL, operation


def test_subjects_and_business_systems_reach_only_what_is_meant_for_them() -> None:
    open_to_all = {"catalog.read", "me.read"}
    # How a procedure goes, when it ends and how it ended for others: nobody's data.
    rules_of_procedure = {"case_kinds.read", "deadlines.preview", "precedents.read"}
    subject = {name: scope_of({"subject"}, name) for name in PERMISSIONS}
    assert all(
        scope in (None, Scope.OWN)
        for name, scope in subject.items()
        if name not in open_to_all | rules_of_procedure
    )
    system = {name for name in PERMISSIONS if scope_of({"business_system"}, name) is not None}
    assert system == open_to_all | {
        *("checks.ask", "checks.read", "checks.feedback"),
        *("subscriptions.read", "subscriptions.keep"),
    }
    assert {scope_of({"business_system"}, name) for name in system - open_to_all} == {Scope.OWN}


def test_what_is_not_granted_is_forbidden() -> None:
    assert authorize(caller("clerk"), "records.submit") is Scope.OWN
    with pytest.raises(Forbidden):
        authorize(caller("auditor"), "records.submit")
    with pytest.raises(Forbidden):
        authorize(caller(), "me.read")
    with pytest.raises(LookupError):
        authorize(caller("clerk"), "records.forge")


def test_objects_are_checked_beside_the_right() -> None:
    clerk = caller("clerk")
    assert may_act_on(clerk, Scope.OWN, "A", "990200")
    assert not may_act_on(clerk, Scope.OWN, "B", "990100")
    assert may_act_on(clerk, Scope.REGION, "B", "990102")
    assert not may_act_on(clerk, Scope.REGION, "B", "990200")
    assert may_act_on(clerk, Scope.ALL, "B", "990200")
    subject = caller("subject", agency="", region="", subject_id="sub_1")
    assert may_act_on(subject, Scope.OWN, "B", "990100", "sub_1")
    assert not may_act_on(subject, Scope.OWN, "B", "990100", "sub_2")
    assert not may_act_on(subject, Scope.OWN, "", "", "")
    assert not may_act_on(subject, Scope.REGION, "", "990100", "sub_2")


def test_the_credit_office_appoints_in_its_region_and_no_auditor() -> None:
    assert may_appoint("990100", "990102", ["clerk", "personnel"])
    assert not may_appoint("990100", "990200", ["clerk"])
    assert not may_appoint("990100", "990102", ["clerk", "auditor"])
