"""Where explanations lie: one object per chunk in the archive, read by the body.

An object is a gzip file whose every member is one line, the canonical JSON that explains one
result: a whole is read as any .gz is, one explanation by its place. It is named by its content, so
that a repetition that has other words for the same never mixes with the first.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from chalicelib.aws.attributes import Value
from chalicelib.aws.platform import Platform
from chalicelib.evaluation.runs import Pin, Result


@dataclass(frozen=True, slots=True)
class Place:
    """Part of one version of one object."""

    key: str
    version_id: str
    begin: int
    end: int

    @classmethod
    def of(cls, value: Any) -> Place:
        """The place an item names."""
        return cls(**value)

    def value(self) -> Value:
        """The place as an item keeps it."""
        return dict(asdict(self))


def keep_explanations(
    platform: Platform, run_id: str, chunk: int, scored: Iterable[tuple[Result, bytes]]
) -> dict[str, Place]:
    """Write down the explanations of a chunk; where each lies, by subject id."""
    parts: list[bytes] = []
    spans: dict[str, tuple[int, int]] = {}
    end = 0
    for result, explanation in scored:
        parts.append(gzip.compress(explanation + b"\n", compresslevel=3, mtime=0))
        begin, end = end, end + len(parts[-1])
        spans[result.body.subject_id] = (begin, end)
    if not parts:
        return {}
    content = b"".join(parts)
    name = hashlib.sha256(content).hexdigest()[:16]
    stored = platform.archive.put_once(
        f"evaluations/{run_id}/explanations/{chunk:06d}-{name}.jsonl.gz",
        content,
        content_type="application/gzip",
    )
    return {
        subject_id: Place(stored.key, stored.version_id, *span)
        for subject_id, span in spans.items()
    }


def read_explanation(platform: Platform, place: Place) -> bytes:
    """The canonical JSON at a place."""
    span = (place.begin, place.end)
    member = platform.archive.read(place.key, place.version_id, span)
    return gzip.decompress(member).removesuffix(b"\n")


def explained_before(platform: Platform, run_id: str, subject_id: str) -> bytes | None:
    """The explanation of a result whose run kept one item for each."""
    item = platform.evaluation.get(f"RUN#{run_id}", f"WHY#{subject_id}")
    if item is None:
        return None
    if "text" in item:
        return str(item["text"]).encode()
    entry: Any = item["object"]
    pin = Pin(**entry)
    return platform.archive.read(pin.key, pin.version_id)
