"""Looks at many people's files at once, as checks of business systems take them: noted before
anything is answered, in as few writes as can be.

    TRAIL#checks#<client>   one entry for all persons of one check: a chain
    LOOKED#<subject id>     the same entry for each of them to see, naming nobody else

Each client has a chain of its own, so that one busy system does not hold up the others. Where the
chain ends is told by whoever keeps its head beside the deed (`Head`), so that appending reads no
more than the deed reads anyway; a head that is behind is put right by `newest`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from chalicelib.access import audit
from chalicelib.access.model import AuditEntry
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import Condition, Put
from chalicelib.kernel.clock import instant_text
from chalicelib.web.model import Caller

_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ends: number and digest of its newest entry (0 and empty: there is none)."""

    seq: int = 0
    mac: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """What is done to whose files, and why. `entry_id` tells one's own entry from an equal one."""

    entry_id: str
    action: str
    subject_ids: tuple[str, ...]
    purpose: str
    approval: str = ""


def joint_entry(platform: Platform, caller: Caller, head: Head, look: Look) -> AuditEntry:
    """The entry that follows `head` in the caller's chain of checks."""
    return audit.signed(
        platform.keyring,
        AuditEntry(
            partition=audit.checks_partition(caller.client_id),
            entry_id=look.entry_id,
            seq=head.seq + 1,
            at=instant_text(platform.clock()),
            client_id=caller.client_id,
            agency_code=caller.agency_code,
            agency_name=caller.agency_name,
            action=look.action,
            subject_id=audit.SEVERAL.join(look.subject_ids),
            purpose=look.purpose[:_MOST],
            approval=look.approval[:_MOST],
            previous=head.mac,
        ),
    )


def trail_put(platform: Platform, entry: AuditEntry) -> Put:
    """The write that appends the entry; it fails if another stands in its place."""
    return audit.trail_put(platform, entry)


def copy_puts(platform: Platform, entry: AuditEntry) -> list[Put]:
    """The writes by which each person sees the entry; the same may be written again."""
    same = Condition("attribute_not_exists(#pk) OR #mac = :mac", {"mac": entry.mac})
    copies = (replace(entry, subject_id=one) for one in audit.subjects_of(entry))
    return [replace(audit.copy_put(platform, copy), condition=same) for copy in copies]


def newest(platform: Platform, client_id: str) -> Head:
    """Where a client's chain of checks ends, by the trail itself."""
    page = audit.list_trail(platform, audit.checks_partition(client_id), 1, None)
    if not page.items:
        return Head()
    entry = audit.entry_from(page.items[0])
    return Head(entry.seq, entry.mac)


def distinct(subject_ids: Iterable[str]) -> tuple[str, ...]:
    """The ids in order, each once, none empty."""
    return tuple(dict.fromkeys(one for one in subject_ids if one))

