"""Who may do what, how far: the one table of role x operation x own / below / region / all.

Every route names an operation of this table; a test walks both. A right says *which* objects at
most: the use case checks the object itself (`rules.may_act_on`).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from chalicelib.web.model import Scope

OWN, BELOW, REGION, ALL = Scope.OWN, Scope.BELOW, Scope.REGION, Scope.ALL

CLERK = "clerk"
CREDIT_OFFICE = "credit_office"
SUPERVISOR = "supervisor"
PERSONNEL = "personnel"
AUDITOR = "auditor"
BUSINESS_SYSTEM = "business_system"
THIRD_PARTY = "third_party"
SUBJECT = "subject"

ROLES: Final = (
    CLERK,
    CREDIT_OFFICE,
    SUPERVISOR,
    PERSONNEL,
    AUDITOR,
    BUSINESS_SYSTEM,
    THIRD_PARTY,
    SUBJECT,
)

ROLE_TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        CLERK: "报送人员",
        CREDIT_OFFICE: "信用办",
        SUPERVISOR: "主管部门",
        PERSONNEL: "组织人事部门",
        AUDITOR: "审计人员",
        BUSINESS_SYSTEM: "业务系统",
        THIRD_PARTY: "第三方评价机构",
        SUBJECT: "信用主体",
    }
)

_EVERYONE = {role: ALL for role in ROLES}
_STAFF = {CLERK: ALL, CREDIT_OFFICE: ALL, SUPERVISOR: ALL, PERSONNEL: ALL, AUDITOR: ALL}
_READERS = {CREDIT_OFFICE: REGION, SUPERVISOR: REGION, AUDITOR: ALL}
_FILE_READERS = {CREDIT_OFFICE: REGION, SUPERVISOR: BELOW, AUDITOR: ALL}

PERMISSIONS: Final[Mapping[str, Mapping[str, Scope]]] = MappingProxyType(
    {
        # access
        "me.read": {role: OWN for role in ROLES},
        "agencies.read": _STAFF,
        "agencies.manage": {CREDIT_OFFICE: REGION},
        "clients.read": {CREDIT_OFFICE: REGION, AUDITOR: ALL},
        "clients.manage": {CREDIT_OFFICE: REGION},
        "code_exceptions.read": _STAFF,
        "code_exceptions.manage": {CREDIT_OFFICE: REGION},
        "audit.read": {AUDITOR: ALL},
        "audit.readers": {SUBJECT: OWN},
        "me.overview": {SUBJECT: OWN},
        # policy
        "catalog.read": _EVERYONE,
        # intake
        "records.submit": {CLERK: OWN},
        "records.preflight": {CLERK: OWN},
        "uploads.submit": {CLERK: OWN},
        "uploads.read": {CLERK: OWN, CREDIT_OFFICE: REGION, AUDITOR: ALL},
        "exports.start": {CLERK: OWN, CREDIT_OFFICE: REGION},
        "exports.read": {CLERK: OWN, CREDIT_OFFICE: REGION, AUDITOR: ALL},
        # creditfile
        "records.read": {CLERK: OWN, SUBJECT: OWN, **_FILE_READERS},
        "records.correct": {CLERK: OWN},
        "records.withdraw": {CLERK: OWN},
        "records.prove": {CLERK: OWN, CREDIT_OFFICE: REGION, AUDITOR: ALL},
        "evidence.submit": {CLERK: OWN},
        "evidence.read": {CLERK: OWN, CREDIT_OFFICE: REGION, AUDITOR: ALL},
        "subjects.read": {CLERK: OWN, PERSONNEL: REGION, SUBJECT: OWN, **_FILE_READERS},
        "subjects.register": {CREDIT_OFFICE: REGION},
        "subjects.erase": {CREDIT_OFFICE: REGION},
        "credit_files.read": {CLERK: OWN, PERSONNEL: REGION, SUBJECT: OWN, **_FILE_READERS},
        "credit_files.lookup": {PERSONNEL: REGION, CREDIT_OFFICE: REGION, AUDITOR: ALL},
        # registers
        "registers.read": {CLERK: OWN, **_FILE_READERS},
        "registers.keep": {CLERK: OWN, CREDIT_OFFICE: REGION},
        "registers.assign": {CREDIT_OFFICE: REGION},
        "registers.supervise": {CREDIT_OFFICE: REGION},
        # accounts
        "accounts.read": {CLERK: OWN, **_FILE_READERS},
        "accounts.declare": {CLERK: OWN},
        "accounts.rank": _FILE_READERS,
        "accounts.reminders": {CLERK: OWN, CREDIT_OFFICE: REGION, AUDITOR: ALL},
        # crosscheck
        "crosschecks.run": {PERSONNEL: REGION, CREDIT_OFFICE: REGION},
        "crosschecks.read": {PERSONNEL: REGION, CREDIT_OFFICE: REGION, AUDITOR: ALL},
        # cases
        "case_kinds.read": {**_STAFF, SUBJECT: ALL},
        "deadlines.preview": {**_STAFF, SUBJECT: ALL},
        # What somebody may do in a case is told by their relation to it, never by the role alone.
        "cases.read": {CLERK: OWN, SUBJECT: OWN, **_FILE_READERS},
        "cases.open": {CLERK: OWN, SUBJECT: OWN, SUPERVISOR: BELOW, CREDIT_OFFICE: REGION},
        "cases.act": {CLERK: OWN, SUBJECT: OWN, SUPERVISOR: BELOW, CREDIT_OFFICE: REGION},
        "papers.submit": {CLERK: OWN, SUBJECT: OWN, SUPERVISOR: OWN, CREDIT_OFFICE: OWN},
        "cases.hear": {SUPERVISOR: BELOW, CREDIT_OFFICE: REGION},
        "precedents.read": {**_STAFF, SUBJECT: ALL},
        "letters.read": {CLERK: OWN, SUBJECT: OWN, SUPERVISOR: OWN, CREDIT_OFFICE: REGION},
        # ratings
        "ratings.read": {PERSONNEL: REGION, SUBJECT: OWN, **_FILE_READERS},
        # measures
        "measures.read": {PERSONNEL: REGION, SUBJECT: OWN, **_FILE_READERS},
        "measures.list": {CREDIT_OFFICE: REGION, AUDITOR: ALL},
        "measures.mine": {SUBJECT: OWN},
        # surveys
        "surveys.read": _READERS,
        "surveys.keep": {CREDIT_OFFICE: REGION},
        "appraisals.read": _READERS,
        "appraisals.keep": {CREDIT_OFFICE: REGION},
        # third parties
        "third_parties.read": {THIRD_PARTY: OWN, **_READERS},
        "third_parties.manage": {CREDIT_OFFICE: REGION},
        "third_party_ratings.read": {THIRD_PARTY: OWN, **_READERS},
        "third_party_ratings.submit": {THIRD_PARTY: OWN},
        "third_party_ratings.withdraw": {THIRD_PARTY: OWN, CREDIT_OFFICE: REGION},
        # evaluation
        "evaluations.read": {CLERK: OWN, SUBJECT: OWN, **_READERS},
        # Of persons: internal, for those who answer for personnel; the person reads its own.
        "evaluations.persons": {PERSONNEL: REGION, AUDITOR: ALL},
        "me.evaluations": {SUBJECT: OWN},
        "evaluations.start": {CREDIT_OFFICE: REGION},
        # Drafts, weights, comparisons: for those who decide how to evaluate, and who audit it.
        "evaluations.try": {CREDIT_OFFICE: REGION},
        "evaluations.analyse": {CREDIT_OFFICE: REGION, AUDITOR: ALL},
        # Whoever was evaluated, and nobody for them.
        "evaluations.appeal": {SUBJECT: OWN},
        # Who differs how far: for those who answer for the evaluation, of all bodies together.
        "evaluations.divergence": _READERS,
        # A replay changes nothing of the run: an auditor's proof that the digits stand.
        "evaluations.replay": {CREDIT_OFFICE: REGION, AUDITOR: ALL},
        # checks: by business systems, each its own; offices see figures and no subject
        "checks.ask": {BUSINESS_SYSTEM: OWN},
        "checks.read": {BUSINESS_SYSTEM: OWN},
        "checks.feedback": {BUSINESS_SYSTEM: OWN},
        "subscriptions.read": {BUSINESS_SYSTEM: OWN},
        "subscriptions.keep": {BUSINESS_SYSTEM: OWN},
        "checks.supervise": {CREDIT_OFFICE: REGION, AUDITOR: ALL},
        # figures bodies report of themselves; who reviews them is told by the pack
        "evaluation_figures.read": {CLERK: OWN, **_FILE_READERS},
        "evaluation_figures.state": {CLERK: OWN},
        "evaluation_figures.review": {SUPERVISOR: BELOW, CREDIT_OFFICE: REGION},
        # monitoring
        "warnings.read": {CLERK: OWN, SUBJECT: OWN, **_FILE_READERS},
        "monitoring.read": _READERS,
        "monitoring.run": {CREDIT_OFFICE: REGION},
        # snapshots: of all that is public, whose ever it is
        "snapshots.build": {CREDIT_OFFICE: ALL},
    }
)
"""Operation -> role -> the furthest scope; a role that is not named has no right at all."""

# Only the founding of the platform registers these: the credit office must not appoint its own
# auditor, whose right reaches over every region.
FOUNDING_ONLY_ROLES: Final = frozenset({AUDITOR})
