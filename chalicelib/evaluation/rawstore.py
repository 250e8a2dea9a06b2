"""Objects of raw values and tallies: what lies between what was frozen and the results.

Raw values are derived from a chunk's manifest and kept so that results need not read the records
again; the object is named by its content, so that a repetition never mixes with the first. The
tally over all chunks is frozen once: what a body is compared with is part of what it is scored
from.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Sequence

from chalicelib.aws.platform import Platform
from chalicelib.evaluation import chunkstore
from chalicelib.evaluation.model import RawBody
from chalicelib.evaluation.raws import raw_from, raw_json
from chalicelib.evaluation.rules import Plan, tally
from chalicelib.evaluation.runs import Pin, Run
from chalicelib.evaluation.tallies import Tally, tally_from
from chalicelib.kernel.canonical import canonical_json
from chalicelib.kernel.errors import Unavailable

RAW_FORM = 1
"""Raised when the same rows make other raw values than before (a mistake mended, a further value):
a run from before is then nobody's basis."""


def keep_raws(platform: Platform, run_id: str, chunk: int, raws: Sequence[RawBody]) -> Pin:
    """Write down the raw values of a chunk, one line per body."""
    lines = b"".join(canonical_json(raw_json(raw)) + b"\n" for raw in raws)
    content = gzip.compress(lines, compresslevel=3, mtime=0)
    name = hashlib.sha256(content).hexdigest()[:16]
    stored = platform.archive.put_once(
        f"evaluations/{run_id}/raws/{chunk:06d}-{name}.jsonl.gz",
        content,
        content_type="application/gzip",
    )
    return Pin.of(stored)


def read_raws(platform: Platform, pin: Pin) -> list[RawBody]:
    """The raw values of a chunk. Raises Unavailable."""
    lines = gzip.decompress(_read(platform, pin)).splitlines()
    return [raw_from(json.loads(line)) for line in lines]


def tally_text(found: Tally) -> str:
    """A tally as an item keeps it."""
    return canonical_json(found.as_json()).decode()


def freeze_tally(platform: Platform, run: Run, plan: Plan) -> Pin:
    """Add up the tallies of all chunks and write the whole down, once."""
    whole = merged(plan, chunkstore.tallies_of(platform, run.run_id))
    stored = platform.archive.put_once(
        f"evaluations/{run.run_id}/tally.json",
        canonical_json(whole.as_json()),
        content_type="application/json",
    )
    return Pin.of(stored)


def merged(plan: Plan, texts: Iterable[str]) -> Tally:
    """What tallies (see `tally_text`) come to together. Equal numbers of them are merged with each
    other, so that what has been added up is not copied again for every one that comes."""
    parts: list[tuple[int, Tally]] = []
    for text in texts:
        size, whole = 1, tally_from(json.loads(text))
        while parts and parts[-1][0] == size:
            size, whole = 2 * size, parts.pop()[1].merged(whole)
        parts.append((size, whole))
    whole = tally(plan, ())
    for _, part in parts:
        whole = whole.merged(part)
    return whole


_kept: dict[Pin, Tally] = {}
"""The tally this worker used last: every chunk of a run needs the same."""


def read_tally(platform: Platform, pin: Pin) -> Tally:
    """The tally of a run. Raises Unavailable."""
    if pin not in _kept:
        _kept.clear()
        _kept[pin] = tally_from(json.loads(_read(platform, pin)))
    return _kept[pin]


def _read(platform: Platform, pin: Pin) -> bytes:
    data = platform.archive.read(pin.key, pin.version_id)
    if pin.sha256 and hashlib.sha256(data).hexdigest() != pin.sha256:
        raise Unavailable(f"{pin.key} 与登记的摘要不符")
    return data
