"""The list of bodies a run evaluates, frozen when the run begins, one line per chunk.

Every line is padded with spaces to the same length, so that a worker reads its own chunk by place
and the cost of a run grows with its bodies, not with their square.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from chalicelib.aws.platform import Platform
from chalicelib.creditfile import service as creditfile
from chalicelib.evaluation.runs import Body, Pin, Run, cut
from chalicelib.kernel.canonical import canonical_json
from chalicelib.policy.scheme import Scheme


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
    """The bodies of these regions that the scheme is about, by region and unified code."""
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


def freeze_roster(platform: Platform, run: Run, scheme: Scheme) -> Roster:
    """Write down who is evaluated; if an earlier attempt has, what it wrote counts."""
    # By id: a body that moves to another region while the regions are read is still one body.
    found = {
        body.subject_id: body
        for body in registered_bodies(platform, scheme, run.jurisdiction, run.regions)
    }
    content = _lines(cut(list(found.values())))
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


def read_chunk(platform: Platform, run: Run, chunk: int) -> list[Body]:
    """The bodies of one chunk of a run that has begun."""
    if run.plan is None or not 0 <= chunk < run.chunks:
        raise ValueError(f"run {run.run_id} has no chunk {chunk}")
    span = (chunk * run.line_bytes, (chunk + 1) * run.line_bytes)
    line = platform.archive.read(run.plan.key, run.plan.version_id, span)
    return [Body(**entry) for entry in json.loads(line)]


def _lines(chunks: Sequence[Sequence[Body]]) -> bytes:
    lines = [canonical_json([dict(asdict(body)) for body in chunk]) for chunk in chunks]
    longest = max(map(len, lines), default=0)
    # An object may not be empty here: a run over nobody keeps one line with nobody in it.
    return b"".join(line.ljust(longest) + b"\n" for line in lines) or b"[]\n"
