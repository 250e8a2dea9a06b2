"""Looks at persons that are noted together with what they are for, in the chain of their client."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from chalicelib.access.service import Head, Look, copy_puts, joint_entry, newest, trail_put
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import Write, commit
from chalicelib.checks import store
from chalicelib.kernel.errors import Unavailable
from chalicelib.web.model import Caller

_TRIES: Final = 6

_memory: tuple[Platform, dict[str, Head]] | None = None


def remembered(platform: Platform, client_id: str) -> Head | None:
    """Where a client's chain ended when this worker last wrote to it (one platform per worker)."""
    return _heads(platform).get(client_id)


def remember(platform: Platform, client_id: str, head: Head) -> None:
    """Keep in mind where a client's chain ends."""
    _heads(platform)[client_id] = head


def _heads(platform: Platform) -> dict[str, Head]:
    global _memory
    if _memory is None or _memory[0] is not platform:
        _memory = (platform, {})
    return _memory[1]


def commit_noted(platform: Platform, caller: Caller, writes: Sequence[Write], look: Look) -> None:
    """Make `writes` and the note of the look happen together or not at all; without anybody looked
    at, the writes alone. Raises ConditionFailed (index in `writes`), Unavailable."""
    if not look.subject_ids:
        commit(writes)
        return
    head = remembered(platform, caller.client_id) or newest(platform, caller.client_id)
    for _ in range(_TRIES):
        entry = joint_entry(platform, caller, head, look)
        after = Head(entry.seq, entry.mac)
        own = [trail_put(platform, entry), store.head_put(platform, caller.client_id, after)]
        try:
            commit([*writes, *own, *copy_puts(platform, entry)])
        except ConditionFailed as error:
            if any(index < len(writes) for index in error.items):
                raise
            head = newest(platform, caller.client_id)  # another worker was faster
            continue
        remember(platform, caller.client_id, after)
        return
    raise Unavailable("审计记录暂时写不进去，请稍后重试")
