"""Proofs from the published tiles: that an entry is in the log, that an old log is how it begins.

Both are against the published checkpoint and take at most a few tiles a level; full tiles are kept
by the worker. Whoever is shown a proof checks it without trusting us (`tlog.checks`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from chalicelib.aws.platform import Platform
from chalicelib.feed import logfiles
from chalicelib.feed.logfiles import CHECKPOINT_SECONDS, Published
from chalicelib.kernel.errors import Fault, Invalid, NotFound, Unavailable
from chalicelib.tlog.checks import Unreachable
from chalicelib.tlog.entry import Entry, parse_entry
from chalicelib.tlog.model import ENTRIES, TILE_HASHES, Unproven
from chalicelib.tlog.proofs import TreeView
from chalicelib.tlog.tiles import parse_bundle, tile_in


@dataclass(frozen=True, slots=True)
class Proof:
    """An entry, the hashes from its leaf up, and the signed checkpoint they lead to."""

    entry: Entry
    steps: tuple[bytes, ...]
    checkpoint: str

    def shown(self, content: bytes, salt: bytes) -> bytes:
        """The JSON file a verifier takes (`tlog.checks.parse_shown`): the document, as its
        canonical JSON, with what proves it."""
        rest = {
            "salt": salt.hex(),
            "entry": asdict(self.entry),
            "proof": [step.hex() for step in self.steps],
            "checkpoint": self.checkpoint,
        }
        text = json.dumps(rest, ensure_ascii=False, separators=(",", ":"))
        return b'{"document":%b,%b' % (content, text[1:].encode())


@dataclass(frozen=True, slots=True)
class Consistency:
    """The hashes that show how the log of `old` entries begins that of `new`, which is that of
    the checkpoint or shorter."""

    old: int
    new: int
    steps: tuple[bytes, ...]
    checkpoint: str


def current_checkpoint(platform: Platform) -> str:
    """The published head as it is signed. Raises NotFound before the first."""
    return _published(platform).note.decode()


def prove(platform: Platform, seq: int) -> Proof:
    """Proof of entry `seq`. Raises Unavailable for one that is not published yet: it will be in
    seconds; and where the bucket cannot be read or does not fit together."""
    published = _published(platform)
    size = published.checkpoint.size
    if not 1 <= seq <= size:
        raise Unavailable("日志正在发布这一条，请几秒后重试", retry_after=CHECKPOINT_SECONDS)
    with _readable():
        view = TreeView(size, logfiles.reader_within(platform, size))
        entry = _entry(platform, seq, size)
        if entry.leaf() != view.leaf(entry.index):
            raise Unproven("bad_bundle", "日志条目与切片不符")
        steps = view.inclusion_proof(entry.index)
    return Proof(entry, steps, published.note.decode())


def prove_consistency(platform: Platform, old: int, new: int | None = None) -> Consistency:
    """Proof that the log of `old` entries is how that of `new` (None: of the checkpoint) begins.
    Raises Invalid for sizes that are none, NotFound, Unavailable."""
    published = _published(platform)
    size = published.checkpoint.size
    end = size if new is None else new
    if end > size:
        fault = Fault("/query/to", "out_of_range", f"日志目前只有{size}条")
        raise Invalid(faults=[fault])
    if old > end:
        raise Invalid(faults=[Fault("/query/from", "out_of_range", f"须不大于 to（{end}）")])
    with _readable():
        view = TreeView(end, logfiles.reader_within(platform, size))
        steps = view.consistency_proof(old)
    return Consistency(old, end, steps, published.note.decode())


def _entry(platform: Platform, seq: int, size: int) -> Entry:
    """Entry `seq` as it stands in its bundle."""
    bundle = tile_in(ENTRIES, (seq - 1) // TILE_HASHES, size)
    data = logfiles.reader(platform)(bundle)
    entry = parse_entry(parse_bundle(data, bundle.width)[(seq - 1) % TILE_HASHES])
    if entry.seq != seq:
        raise Unproven("bad_sequence", "日志条目的序号不符")
    return entry


def _published(platform: Platform) -> Published:
    with _readable():
        published = logfiles.read_published(platform)
    if published is None:
        raise NotFound("日志还没有公布过检查点")
    return published


@contextmanager
def _readable() -> Iterator[None]:
    """What lies in the bucket and does not fit together is our fault, not the caller's."""
    try:
        yield
    except (Unproven, Unreachable) as error:
        raise Unavailable("日志文件暂时不能读取，请稍后重试") from error
