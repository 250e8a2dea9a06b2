"""The list of bodies a run evaluates, frozen when the run begins, one line per chunk.

Every line is padded with spaces to the same length, so that a worker reads its own chunk by place
and the cost of a run grows with its bodies, not with their square.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from chalicelib.aws.platform import Platform
from chalicelib.creditfile import service as creditfile
from chalicelib.evaluation import runs
from chalicelib.evaluation.runs import Body, Chunk, Pin, Run, cut
from chalicelib.kernel.canonical import canonical_json
from chalicelib.policy.scheme import Scheme

_EMPLOYERS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Roster:
    """Where the list lies, and how to find a chunk in it."""

    pin: Pin
    bodies: int
    chunks: int
    line_bytes: int


def registered_bodies(
    platform: Platform, scheme: Scheme, jurisdiction: str, regions: Sequence[str]
) -> Iterator[Body]:
    """Those registered in these regions whom the scheme is about: bodies by region and unified
    code, persons by region and employer."""
    if scheme.of_persons:
        yield from _officials(platform, scheme, jurisdiction, regions)
        return
    for subject in creditfile.bodies(platform, jurisdiction, regions):
        if subject.kind in scheme.subjects:
            yield Body(
                subject.subject_id,
                subject.unified_code,
                subject.name,
                subject.kind,
                subject.region,
                subject.level,
            )


def is_anybody_there(
    platform: Platform, scheme: Scheme, jurisdiction: str, regions: Sequence[str]
) -> bool:
    """Whether anybody registered in these regions is one the scheme is about."""
    listed = creditfile.officials if scheme.of_persons else creditfile.bodies
    found = listed(platform, jurisdiction, regions)
    return any(subject.kind in scheme.subjects for subject in found)


def _officials(
    platform: Platform, scheme: Scheme, jurisdiction: str, regions: Sequence[str]
) -> Iterator[Body]:
    """A person stands where the employer stands: its region and its level."""
    employers: dict[str, tuple[str, str]] = {}
    found = (
        subject
        for subject in creditfile.officials(platform, jurisdiction, regions)
        if subject.kind in scheme.subjects and not subject.is_erased
    )
    while part := list(islice(found, _EMPLOYERS_AT_ONCE)):
        _learn(platform, {subject.employer for subject in part}, employers)
        for subject in part:
            region, level = employers.get(subject.employer, (subject.region, subject.level))
            yield Body(subject.subject_id, "", "", subject.kind, region, level)


def _learn(
    platform: Platform, codes: Collection[str], employers: dict[str, tuple[str, str]]
) -> None:
    ids = {creditfile.body_id(code): code for code in codes if code and code not in employers}
    if ids:
        for subject_id, body in creditfile.subjects_by_id(platform, sorted(ids)).items():
            employers[ids[subject_id]] = (body.region, body.level)


def freeze_roster(platform: Platform, run: Run, scheme: Scheme) -> Roster:
    """Write down who is evaluated; if an earlier attempt has, what it wrote counts."""
    # By id: a body that moves to another region while the regions are read is still one body.
    found = _each_once(registered_bodies(platform, scheme, run.jurisdiction, run.regions))
    content = _lines(cut(found, chunk_size(scheme)))
    stored = platform.archive.put_once(
        f"evaluations/{run.run_id}/plan.jsonl", content, content_type="application/jsonl"
    )
    pin = Pin.of(stored)
    if pin.sha256 != hashlib.sha256(content).hexdigest():
        content = platform.archive.read(pin.key, pin.version_id)
    lines = content.splitlines(keepends=True)
    bodies = sum(len(json.loads(line)) for line in lines if line.strip())
    if not bodies:
        return Roster(pin, 0, 0, 0)
    return Roster(pin, bodies, len(lines), len(lines[0]))


def chunk_size(scheme: Scheme) -> int:
    """Subjects per chunk: of persons there is less on file."""
    return runs.CHUNK_PERSONS if scheme.of_persons else runs.CHUNK_BODIES


def read_chunk(platform: Platform, run: Run, chunk: int) -> Chunk:
    """One chunk of a run that has begun."""
    if run.plan is None or not 0 <= chunk < run.chunks:
        raise ValueError(f"run {run.run_id} has no chunk {chunk}")
    span = (chunk * run.line_bytes, (chunk + 1) * run.line_bytes)
    line = platform.archive.read(run.plan.key, run.plan.version_id, span)
    return Chunk(run.run_id, chunk, [_body(entry) for entry in json.loads(line)])


def read_bodies(platform: Platform, run: Run) -> Iterator[Body]:
    """Everybody of a run that has begun, read at once: for runs that are not too large."""
    if run.plan is None:
        raise ValueError(f"run {run.run_id} has not begun")
    for line in platform.archive.read(run.plan.key, run.plan.version_id).splitlines():
        yield from map(_body, json.loads(line))


def _body(entry: dict[str, str] | list[str]) -> Body:
    """Rosters of runs until 2026 name every value of a body."""
    return Body(**entry) if isinstance(entry, dict) else Body(*entry)


def _values(body: Body) -> list[str]:
    return [
        body.subject_id, body.unified_code, body.name, body.kind, body.region, body.level
    ]  # fmt: skip


def _each_once(bodies: Iterable[Body]) -> Iterator[Body]:
    seen: set[str] = set()
    for body in bodies:
        if body.subject_id not in seen:
            seen.add(body.subject_id)
            yield body


def _lines(chunks: Iterable[Sequence[Body]]) -> bytes:
    lines = [canonical_json([_values(body) for body in chunk]) for chunk in chunks]
    longest = max(map(len, lines), default=0)
    # An object may not be empty here: a run over nobody keeps one line with nobody in it.
    return b"".join(line.ljust(longest) + b"\n" for line in lines) or b"[]\n"
