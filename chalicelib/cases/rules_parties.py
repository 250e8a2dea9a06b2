"""Who is what to a case, and who is told as what. Pure.

Deny by default: without a relation to a case one neither sees nor moves it. Whoever *is* the body
a case is about never stands in an office's relation to it (回避); but of a record it reported about
itself it stays the source agency, and its superior is the one to determine. Where the register
knows no superior the credit office stands in for it: no case waits for nobody.
"""

from __future__ import annotations

from chalicelib.access.rules import region_covers
from chalicelib.cases.model import Actor, Frame, Parties
from chalicelib.policy.case_kinds import OFFICES, Relation, Told
from chalicelib.web.model import Caller

_OFFICE_ROLE = "credit_office"
_SUPERIOR_ROLE = "supervisor"


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
    if _OFFICE_ROLE in caller.roles and region_covers(caller.region, region):
        found.add("credit_office")
    if agency == parties.superior or ("credit_office" in found and not parties.superior):
        found.add("superior")
    if "superior" in found and _reported_itself(parties):
        found.add("determining_agency")
    if agency == parties.subject_code:
        found -= OFFICES - {"source_agency"} if about_record else OFFICES
    return frozenset(found)


def actor_in(caller: Caller, relations: frozenset[Relation], parties: Parties) -> Actor:
    """A caller as an actor in a case with these parties. A credit office that stands in for a
    superior does so in the role a superior acts in."""
    stands_in = "superior" in relations and not parties.superior
    roles = caller.roles | {_SUPERIOR_ROLE} if stands_in else caller.roles
    return Actor(caller.client_id, relations, roles)


def _reported_itself(parties: Parties) -> bool:
    return bool(parties.subject_code) and parties.subject_code == parties.source_agency


def recipient_of(told: Told, file: Frame) -> str:
    """Whose letter box a message goes to; empty if there is nobody. What is for the government or
    a competent organ is handed on by the credit office."""
    parties = file.parties
    if told == "subject":
        return f"subject:{parties.subject_id}" if parties.subject_id else ""
    if told == "determining_agency" and _reported_itself(parties):
        told = "superior"
    if told in ("source_agency", "determining_agency"):
        return f"agency:{parties.source_agency}" if parties.source_agency else ""
    if told == "superior" and parties.superior:
        return f"agency:{parties.superior}"
    if told == "informant":
        # Nobody's client: whoever has the receipt code looks there.
        return f"informant:{file.case_id}"
    return f"office:{file.jurisdiction}:{file.region}"
