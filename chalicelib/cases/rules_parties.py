"""Who is what to a case, and who is told as what. Pure.

Deny by default: without a relation to a case one neither sees nor moves it. Whoever *is* the body
a case is about never stands in an office's relation to it (回避).
"""

from __future__ import annotations

from chalicelib.access.rules import region_covers
from chalicelib.cases.model import Frame, Parties
from chalicelib.policy.case_kinds import OFFICES, Relation, Told
from chalicelib.web.model import Caller

_OFFICE_ROLE = "credit_office"


def relations_of(caller: Caller, file: Frame) -> frozenset[Relation]:
    """What a caller is to a case; empty for a stranger. An informant is known by the receipt code
    alone and never by this."""
    return relations_in(caller, file.parties, file.region, about_record=bool(file.record_id))


def relations_in(
    caller: Caller, parties: Parties, region: str, *, about_record: bool
) -> frozenset[Relation]:
    """What a caller would be to a case with these parties in this region."""
    found: set[Relation] = set()
    if caller.subject_id and caller.subject_id == parties.subject_id:
        found.add("subject")
    agency = caller.agency_code
    if not agency:
        return frozenset(found)
    if agency == parties.source_agency:
        found |= {"source_agency", "determining_agency"}
    if agency == parties.superior:
        found.add("superior")
    if _OFFICE_ROLE in caller.roles and region_covers(caller.region, region):
        found.add("credit_office")
    if agency == parties.subject_code:
        found -= OFFICES if not about_record else {"credit_office", "superior"}
    return frozenset(found)


def is_own_body(caller: Caller, file: Frame) -> bool:
    """Whether the caller belongs to the very body the case is about."""
    parties = file.parties
    if caller.subject_id and caller.subject_id == parties.subject_id:
        return True
    return bool(caller.agency_code) and caller.agency_code == parties.subject_code


def recipient_of(told: Told, file: Frame) -> str:
    """Whose letter box a message goes to; empty if there is nobody. What is for the government or
    a competent organ is handed on by the credit office."""
    parties = file.parties
    if told == "subject":
        return f"subject:{parties.subject_id}" if parties.subject_id else ""
    if told in ("source_agency", "determining_agency"):
        return f"agency:{parties.source_agency}" if parties.source_agency else ""
    if told == "superior" and parties.superior:
        return f"agency:{parties.superior}"
    if told == "informant":
        # Nobody's client: whoever has the receipt code looks there.
        return f"informant:{file.case_id}"
    return f"office:{file.jurisdiction}:{file.region}"
