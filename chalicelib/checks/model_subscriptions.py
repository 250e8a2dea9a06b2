"""Subscriptions: tell me when the answer for one of these subjects changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from chalicelib.checks.model import AnswerKind, Told
from chalicelib.web.model import Caller

SubscriptionState = Literal["active", "ended"]
DeliveryState = Literal["waiting", "delivered", "dead", "pull_only"]

MOST_WATCHED: Final = 40
"""How many subjects one subscription watches: they are noted in one write."""


@dataclass(frozen=True, slots=True)
class Watched:
    """One subject of a subscription, and what was told of it last."""

    subscription_id: str
    number: int
    subject_id: str
    code: str
    """Unified code or registration number; empty for a person."""
    reference: str
    is_person: bool
    standing: str
    """Key of the item that holds the subject's measures (a person's: a keyed digest)."""
    digest: str = ""
    """Of the answer told last."""
    answer: AnswerKind = "allow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What a client wants to be told of. Changes are numbered from 1 on, without a gap."""

    subscription_id: str
    client_id: str
    agency: str
    agency_name: str
    jurisdiction: str
    region: str
    level: str
    scene: str
    purpose: str
    url: str
    """Empty: changes are only fetched."""
    created_at: str
    request_mac: str
    subjects: int
    state: SubscriptionState = "active"
    version: int = 1
    changes: int = 0
    """Number of the newest change."""
    settled: int = 0
    """Up to which number changes are delivered or given up."""
    attempts: int = 0
    """How often the next one was tried."""
    next_try: str = ""
    """Not before this instant."""

    @property
    def caller(self) -> Caller:
        """In whose name it is looked at the subjects."""
        return Caller(
            client_id=self.client_id,
            agency_code=self.agency,
            agency_name=self.agency_name,
            jurisdiction=self.jurisdiction,
            region=self.region,
            level=self.level,
            roles=frozenset(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerChange:
    """One change of one answer, as it is told."""

    subscription_id: str
    number: int
    before: AnswerKind
    told: Told
    at: str
    state: DeliveryState
    attempts: int = 0
    next_try: str = ""
    settled_at: str = ""
    failure: str = ""
    """Why the last try failed, in a word."""

    @property
    def delivery_id(self) -> str:
        """By which a receiver knows what it has had already."""
        return f"{self.subscription_id}-{self.number}"
