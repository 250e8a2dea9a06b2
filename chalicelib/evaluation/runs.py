"""What a run is made of: the run, its plan, what each chunk froze, results, replays. Frozen values.

A run goes planned -> running -> completed. Everything it scores is pinned: the pack by version and
digest, the bodies by the plan, the records by one manifest per chunk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Literal

from chalicelib.creditfile.model import RecordReference
from chalicelib.evaluation.model import FactRow, Period
from chalicelib.kernel.canonical import JsonValue, canonical_json
from chalicelib.kernel.clock import parse_instant
from chalicelib.policy.model import Pack

if TYPE_CHECKING:
    from chalicelib.aws.bucket import StoredObject

RunStatus = Literal["planned", "running", "completed"]
Trigger = Literal["schedule", "request"]

StaleReason = Literal["corrected", "withdrawn", "repaired", "exempted"]

STALE_TEXTS: Mapping[StaleReason, str] = {
    "corrected": "所依据的信用信息已更正，结果待重新计算",
    "withdrawn": "所依据的信用信息已撤回，结果待重新计算",
    "repaired": "所依据的信用信息已修复，结果待重新计算",
    "exempted": "所依据的信用信息已认定容错免责，结果待重新计算",
}
"""What readers are told of a stale result."""

CHUNK_BODIES, CHUNK_PERSONS = 50, 400
"""Subjects per chunk: few enough to be scored well within one invocation."""


@dataclass(frozen=True, slots=True)
class Pin:
    """One version of one object, by which it is read ever after."""

    key: str
    version_id: str
    sha256: str

    @classmethod
    def of(cls, stored: StoredObject) -> Pin:
        """The pin of what was just stored."""
        return cls(stored.key, stored.version_id, stored.sha256)


@dataclass(frozen=True, slots=True)
class Basis:
    """What a run starts from beside its roster: when it began to read, and the completed run whose
    raw values it takes over, with what had changed since that was read (none: it reads all)."""

    looked_at: str
    raw_form: int
    run_id: str = ""
    changes: Pin | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One evaluation: a scheme, a period, the bodies of some regions."""

    run_id: str
    jurisdiction: str
    scheme: str
    title: str
    period: str
    """The period's name: `2025` for a year."""
    first_day: str
    last_day: str
    pack: str
    pack_digest: str
    regions: tuple[str, ...]
    trigger: Trigger
    requested_by: str
    """Unified code of the agency that asked for it; empty for a scheduled run."""
    created_at: str
    status: RunStatus = "planned"
    version: int = 1
    started_at: str = ""
    updated_at: str = ""
    completed_at: str = ""
    bodies: int = 0
    chunks: int = 0
    gathered: int = 0
    """Chunks whose raw values are kept; which ones, their items tell (`chunkstore`)."""
    settled: int = 0
    """Chunks whose results are kept."""
    tally: Pin | None = None
    """What all raw values come to, frozen once: what a body is compared with."""
    looked_at: str = ""
    """The instant before anything was read: what changed later may not be in it."""
    raw_form: int = 0
    """In which form its raw values are kept (`rawstore`); 0: none are."""
    basis: str = ""
    """The completed run whose raw values were taken over where nothing had changed."""
    changes: Pin | None = None
    """What had changed since the basis was read."""
    of_persons: bool = False
    """Whether human beings are evaluated: internal, without a name or a code anywhere."""
    draft: bool = False
    """Whether a draft of a scheme was tried: never published, never in place of another run."""
    scheme_pin: Pin | None = None
    """The draft."""
    plan: Pin | None = None
    line_bytes: int = 0
    """Length of a chunk's line in the plan."""
    ranked: int = 0
    """Results that have their ranks, in the order of ranks."""
    told_to: str = ""
    """The last body, by subject id, that was looked at for telling before publication."""
    all_told: bool = False
    """Whether whoever has to be told before publication is."""
    results_digest: str = ""
    """SHA-256 over every digit of every result, set at completion."""
    stale_results: int = 0
    """Results a record of which has changed since it was frozen."""
    superseded_by: str = ""
    """The later run over the same scheme, period and regions that is completed."""

    @property
    def window(self) -> Period:
        """The civil days evaluated."""
        return Period(date.fromisoformat(self.first_day), date.fromisoformat(self.last_day))

    @property
    def all_done(self) -> bool:
        """Whether every chunk has been scored (a run that is only planned has none to score)."""
        return self.status != "planned" and self.tally is not None and self.settled >= self.chunks

    @property
    def all_gathered(self) -> bool:
        """Whether the raw values of every chunk are kept."""
        return self.status != "planned" and self.gathered >= self.chunks

    @property
    def steps(self) -> tuple[int, int]:
        """How many steps are done, of how many: every chunk is gathered, then settled."""
        if self.tally is None and self.settled:  # a run until 2026
            return self.settled, self.chunks
        return self.gathered + self.settled, 2 * self.chunks


@dataclass(frozen=True, slots=True)
class Body:
    """A body as the plan froze it: what it is, and what it is ranked by."""

    subject_id: str
    unified_code: str
    name: str
    kind: str
    region: str
    level: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of a run's roster that is worked at a time."""

    run_id: str
    number: int
    bodies: Sequence[Body]


@dataclass(frozen=True, slots=True)
class FrozenBody:
    """What was on record about one body when its chunk was frozen."""

    subject_id: str
    about: tuple[RecordReference, ...] = ()
    reported_by: tuple[RecordReference, ...] = ()
    figures: tuple[FactRow, ...] = ()
    """By value: what they were made from may be another tomorrow."""
    unfinished: bool = False
    """Whether rows of an unfinished file were left out."""


@dataclass(frozen=True, slots=True)
class Placing:
    """A rank: `place` among the `of` bodies of `group`."""

    group: str
    place: int
    of: int


@dataclass(frozen=True, slots=True)
class Stale:
    """Why a result is to be computed again: what it was made from is no longer so."""

    since: str
    reason: StaleReason
    """What happened to the first of the records."""
    records: tuple[str, ...]
    """The records that changed, as many as are listed."""


@dataclass(frozen=True, slots=True)
class Result:
    """The evaluation of one body; `placing` is None until the run is completed."""

    run_id: str
    body: Body
    chunk: int
    total: Decimal
    grade: str
    grade_title: str
    points: Mapping[str, str]
    """Leaf indicator -> points."""
    explanation_sha256: str
    placing: Placing | None = None
    version: int = 1
    stale: Stale | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A body whose replayed result is not the stored one, and in what."""

    subject_id: str
    field: str
    stored: str
    replayed: str


@dataclass(frozen=True, slots=True)
class Replay:
    """A run computed again from what it froze. All differences are
    counted, some listed."""

    replay_id: str
    run_id: str
    jurisdiction: str
    requested_by: str
    created_at: str
    chunks: int
    status: Literal["running", "completed"] = "running"
    version: int = 1
    updated_at: str = ""
    completed_at: str = ""
    replayed: int = 0
    """Chunks computed again so far."""
    compared: int = 0
    difference_count: int = 0
    differences: tuple[Difference, ...] = ()
    results_digest: str = ""

    @property
    def all_done(self) -> bool:
        """Whether every chunk has been computed again."""
        return self.replayed >= self.chunks

    @property
    def is_equal(self) -> bool | None:
        """Whether every digit is the same; None while it is being computed."""
        return None if self.status != "completed" else self.difference_count == 0


def scheduled_run_id(jurisdiction: str, scheme: str, period: str) -> str:
    """The same for every tick, so that a doubled tick starts the run once."""
    return f"ev_{jurisdiction}-{scheme}-{period}"


def percentage(done: int, total: int, completed: bool) -> int:
    """Progress in whole percent; 100 only when completed."""
    if completed:
        return 100
    return 0 if total == 0 else min(99, done * 100 // total)


def estimated_finish(started_at: str, done: int, total: int, now: datetime) -> datetime | None:
    """When the rest will be done at the pace so far; None before anything is done."""
    if not started_at or done == 0:
        return None
    return now + (now - parse_instant(started_at)) * (total - done) / done


def cut(bodies: Iterable[Body], size: int) -> Iterator[tuple[Body, ...]]:
    """The bodies in chunks of `size`, in their order."""
    found = iter(bodies)
    while chunk := tuple(islice(found, size)):
        yield chunk


def result_digest_line(result: Result) -> JsonValue:
    """Every digit of one result but its rank."""
    return [
        result.body.subject_id,
        str(result.total),
        result.grade,
        dict(result.points),
        result.explanation_sha256,
    ]


def chunk_digest(results: Iterable[Result]) -> str:
    """SHA-256 (hex) over the results of one chunk."""
    ordered = sorted(results, key=lambda result: result.body.subject_id)
    return _digest([result_digest_line(result) for result in ordered])


def run_digest(chunks: Mapping[int, str], placings: Iterable[tuple[str, Placing]]) -> str:
    """SHA-256 (hex) over a run: the digests of its chunks and every rank, by subject id. The bytes
    are those of one canonical JSON document, which is never held as a whole."""
    found = hashlib.sha256(b"[")
    found.update(canonical_json([[chunk, chunks[chunk]] for chunk in sorted(chunks)]))
    found.update(b",[")
    comma = b""
    for subject_id, placing in placings:
        line = canonical_json([subject_id, placing.group, placing.place, placing.of])
        found.update(comma + line)
        comma = b","
    found.update(b"]]")
    return found.hexdigest()


def _digest(value: JsonValue) -> str:
    return hashlib.sha256(canonical_json(value)).hexdigest()


def regions_below(pack: Pack, tops: Sequence[str] = ()) -> tuple[str, ...]:
    """`tops` (default: everything) and every region of the pack below them, in code order."""
    if not tops:
        return tuple(sorted(pack.regions))
    return tuple(code for code in sorted(pack.regions) if _lies_below(pack, code, set(tops)))


def _lies_below(pack: Pack, code: str | None, tops: set[str]) -> bool:
    while code is not None and code in pack.regions:
        if code in tops:
            return True
        code = pack.regions[code].parent
    return False
