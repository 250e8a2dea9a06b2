"""Who is calling, how far their right reaches, and what a handler answers."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict


class Scope(enum.IntEnum):
    """How far a right reaches; a larger scope holds the smaller ones."""

    OWN = 1
    """What belongs to the caller's own agency, or is about the caller itself."""
    BELOW = 2
    """That, and what belongs to the bodies below the caller's own agency."""
    REGION = 3
    """What belongs to the caller's region and the regions below it."""
    ALL = 4
    """Everything on the platform."""


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated client as the register knows it."""

    client_id: str
    agency_code: str
    """Unified code of the client's agency; empty for a subject that is no agency."""
    agency_name: str
    jurisdiction: str
    """Whose policy pack applies."""
    region: str
    """Division code (GB/T 2260) of the agency; empty for a subject."""
    level: str
    """province, city, county or township; empty for a subject."""
    roles: frozenset[str]
    subject_id: str = ""
    """The subject this client speaks for; empty for staff and systems."""


class Inbound(BaseModel):
    """Base of every request body: unknown fields are errors (design §5)."""

    # Built at its first use: a cold start pays for the models its first request needs.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    def __repr__(self) -> str:
        # A body may hold a person's data, which has no business in a log line or a traceback;
        # and the resolver spells its arguments out for every request.
        return f"{type(self).__name__}(…)"


class Outbound(BaseModel):
    """Base of every described answer body."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


@dataclass(frozen=True, slots=True)
class RawJson:
    """A body that is JSON already, and is sent as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler answers; the edge turns it into HTTP."""

    status: int
    body: object = None
    """A pydantic model, plain values JSON can hold (dates, decimals and dataclasses included), or
    RawJson;
    `str` with another `media_type` than JSON is sent as it is."""
    version: int | str | None = None
    """The resource's version: becomes the strong ETag, and answers If-None-Match with 304."""
    location: str | None = None
    cache_seconds: int | None = None
    """How long the answer may be kept; None: not at all."""
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "application/json"
