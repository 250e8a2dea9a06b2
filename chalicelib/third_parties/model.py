"""Third-party evaluation (第三方评价): who rates, by which indicators, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

InstitutionKind = Literal["credit_agency", "university", "other"]
"""信用服务机构, 高等院校及科研院所, 其他."""

INSTITUTION_TITLES: Mapping[InstitutionKind, str] = {
    "credit_agency": "信用服务机构",
    "university": "高等院校、科研院所",
    "other": "其他第三方机构",
}

PeriodKind = Literal["year", "half_year", "quarter", "month"]
Better = Literal["higher", "lower"]

SOURCE_TITLE = "第三方评价"
"""How everything of a third party is marked wherever it is shown."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A public key of an institution (ES256); its id is the thumbprint of RFC 7638."""

    kid: str
    jwk: Mapping[str, str]
    """kty, crv, x, y."""
    added_at: str
    retired_at: str = ""
    """Instant from which nothing new may be signed with it; it stays, for what was signed."""


@dataclass(frozen=True, slots=True)
class Institution:
    """A registered institution: an agency of the register of agencies with its keys."""

    code: str
    """Unified code."""
    name: str
    kind: InstitutionKind
    jurisdiction: str
    region: str
    keys: tuple[SigningKey, ...]
    created_at: str
    version: int = 1

    def key(self, kid: str) -> SigningKey | None:
        """The key of that id, retired ones included."""
        return next((one for one in self.keys if one.kid == kid), None)


@dataclass(frozen=True, slots=True)
class Scale:
    """From where to where scores go, with how many decimals, and which end is the good one."""

    lowest: str
    highest: str
    """Decimal text."""
    places: int
    better: Better


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade, reached by scores from `limit` (decimal text, inclusive) towards the good end."""

    code: str
    title: str
    limit: str


@dataclass(frozen=True, slots=True)
class Indicator:
    """A node of the tree. Weights are percent of the whole (decimal text); leaves are scored, each
    on the scale of the system."""

    code: str
    title: str
    weight: str
    children: tuple[Indicator, ...] = ()

    def leaves(self) -> Iterator[Indicator]:
        """The scored nodes below, or this one."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()


@dataclass(frozen=True, slots=True)
class RatingSystem:
    """An indicator system (评价指标体系) of an institution, one version of it."""

    code: str
    """Its own on the whole platform: schemes name it (`third_party.<code>`)."""
    institution: str
    institution_name: str
    institution_kind: InstitutionKind
    jurisdiction: str
    region: str
    title: str
    method: str
    scale: Scale
    grades: tuple[Grade, ...]
    indicators: tuple[Indicator, ...]
    kinds: tuple[str, ...]
    """Kinds of bodies it rates."""
    period: PeriodKind
    created_at: str
    version: int = 1
    withdrawn_at: str = ""
    reason: str = ""
    """Why it takes no new ratings."""

    def leaves(self) -> tuple[Indicator, ...]:
        """Every scored indicator."""
        return tuple(leaf for one in self.indicators for leaf in one.leaves())


@dataclass(frozen=True, slots=True)
class Row:
    """One rating as it was submitted; what its institution vouches for is exactly this."""

    unified_code: str
    score: str
    grade: str = ""
    indicators: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """What an institution signs: which system and period, and the ratings by their Merkle root."""

    system: str
    period: str
    reference: str
    """The institution's own number of the submission: the same ratings under another are new."""
    note: str
    count: int
    root: str
    """Hex; see `rules_signing`."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What proves that a rating is of its institution: anyone can check it with this alone."""

    jws: str
    kid: str
    jwk: Mapping[str, str]
    index: int
    count: int
    proof: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rating:
    """A rating as it stands."""

    system: str
    system_version: int
    institution: str
    jurisdiction: str
    region: str
    period: str
    subject_name: str
    row: Row
    submission_id: str
    signed: Signed
    at: str
    version: int
    """The number of the submission (or withdrawal) among those of its system and period."""
    withdrawn: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was not taken, and why: faults as (member, code, message)."""

    position: int
    unified_code: str
    faults: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission and what was decided of its rows."""

    submission_id: str
    institution: str
    jurisdiction: str
    region: str
    system: str
    system_version: int
    period: str
    reference: str
    rows: int
    refused: tuple[int, ...]
    """Positions of the rows that were not taken."""
    refusals: tuple[Refusal, ...]
    """The first of them with their reasons."""
    jws: str
    kid: str
    archive_key: str
    archive_version: str
    number: int
    received_at: str
    completed_at: str = ""
    """When the last rating of it was kept; empty: the same submission again goes on."""
