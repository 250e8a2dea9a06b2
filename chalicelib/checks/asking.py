"""A check: who is asked about is looked up, answered, and the answer kept, with what it costs.

One read of all that is needed and one write of all that follows; a hundred subjects take two of
each at most. Persons' looks are noted in the same write as the check that tells of them, so that
nothing is told that is not noted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from chalicelib.access.model import AuditEntry
from chalicelib.access.service import (
    Head,
    Look,
    copy_puts,
    distinct,
    joint_entry,
    newest,
    trail_put,
)
from chalicelib.aws.attributes import Item
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import MAX_BATCH_GET, batch_get
from chalicelib.aws.writes import MAX_TRANSACTION_ITEMS, Key, Write, commit
from chalicelib.checks import looks, store
from chalicelib.checks.answering import Places, places_of, told_of
from chalicelib.checks.model import Asked, Check, CheckKind, Name, Told
from chalicelib.checks.rules import difference
from chalicelib.kernel.clock import civil_date, instant_text
from chalicelib.kernel.errors import Conflict, Unavailable
from chalicelib.kernel.workdays import add_working_days
from chalicelib.policy.measures import Scene
from chalicelib.policy.model import Pack
from chalicelib.web.model import Caller

ACTION: Final = "check"
_TRIES: Final = 6
COPIES_AT_ONCE: Final = MAX_TRANSACTION_ITEMS - 5
"""Beside them stand the check, its figures, the entry, the head, and the mark of those left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked: about whom, in which scene, for what."""

    pack: Pack
    scene: Scene
    purpose: str
    reference: str
    asked: tuple[Asked, ...]
    kind: CheckKind = "check"
    file_id: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A check, and whether it had been kept before."""

    check: Check
    repeated: bool = False


def ask(platform: Platform, caller: Caller, wish: Wish, name: Name) -> Kept:
    """Answer and keep a check; what is there under its name already is given again. Raises
    Conflict where that was another request, Unavailable where it could not be noted: then nothing
    may be told."""
    places = [places_of(platform, one.named) for one in wish.asked]
    items, head = look_up(platform, caller, places, wish.asked)
    told = tuple(
        told_of(platform, wish.scene, one, items, at)
        for one, at in zip(wish.asked, places, strict=True)
    )
    check = _check(platform, caller, wish, name, told)
    for _ in range(_TRIES):
        entry = _entry(platform, caller, wish, check, head)
        try:
            _write(platform, caller, check, entry)
        except ConditionFailed as error:
            there = error.items.get(0)
            if there is not None:
                kept = _same(store.check_from(there), name)
                finish_looks(platform, kept)
                return Kept(kept, True)
            head = newest(platform, caller.client_id)  # another worker was faster
            continue
        return Kept(check)
    raise Unavailable("审计记录暂时写不进去，请稍后重试")


def _same(kept: Check, name: Name) -> Check:
    if kept.request_mac != name.request_mac:
        raise key_reused()
    return kept


def key_reused() -> Conflict:
    """The refusal of an Idempotency-Key that names another request."""
    return Conflict(
        "这个 Idempotency-Key 已用于内容不同的请求，请换一个新的值",
        code="idempotency_key_reused",
    )


# -- looking up ---------------------------------------------------------------------------------


def look_up(
    platform: Platform, caller: Caller, places: Sequence[Places], asked: Sequence[Asked]
) -> tuple[Mapping[Key, Item], Head]:
    """What lies at the places, and where the caller's chain of looks ends. The head is read along
    where that costs no call more; else this worker's own memory of it is tried first."""
    keys = [key for one in places for key in (one.subject, one.standing)]
    if not any(one.named.is_person for one in asked):
        return batch_get(keys), Head()
    key = store.head_key(platform, caller.client_id)
    remembered = looks.remembered(platform, caller.client_id)
    if remembered is not None and not len(set(keys)) % MAX_BATCH_GET:
        return batch_get(keys), remembered
    items = batch_get([*keys, key])
    return items, store.head_from(items.get(key))


# -- keeping ------------------------------------------------------------------------------------


def _check(
    platform: Platform, caller: Caller, wish: Wish, name: Name, told: tuple[Told, ...]
) -> Check:
    now = platform.clock()
    due, provisional = "", False
    if wish.kind != "proof" and any(one.needs_feedback for one in told):
        day, provisional = add_working_days(
            wish.pack.calendar.working_days, civil_date(now), wish.scene.feedback_days
        )
        due = day.isoformat()
    return Check(
        check_id=name.check_id,
        kind=wish.kind,
        client_id=caller.client_id,
        agency=caller.agency_code,
        agency_name=caller.agency_name,
        jurisdiction=caller.jurisdiction,
        region=caller.region,
        pack=wish.pack.version,
        scene=wish.scene.code,
        purpose=wish.purpose,
        reference=wish.reference,
        asked_at=instant_text(now),
        asked_on=civil_date(now).isoformat(),
        request_mac=name.request_mac,
        told=told,
        due_on=due,
        due_provisional=provisional,
        file_id=wish.file_id,
    )


def _entry(
    platform: Platform, caller: Caller, wish: Wish, check: Check, head: Head
) -> AuditEntry | None:
    persons = distinct(one.subject_id for one in check.told if one.is_person)
    if not persons:
        return None
    look = Look(
        entry_id=check.check_id,
        action=ACTION,
        subject_ids=persons,
        purpose=f"{wish.scene.title}：{check.purpose}",
        approval=check.reference,
    )
    return joint_entry(platform, caller, head, look)


def _write(platform: Platform, caller: Caller, check: Check, entry: AuditEntry | None) -> None:
    """Keep the check, its figures and the looks. Copies that a transaction does not hold follow in
    another, and a mark tells of them until then: nothing is told before."""
    writes: list[Write] = [
        store.new_check_put(platform, check),
        store.tally_update(platform, check, difference(None, check)),
    ]
    if entry is None:
        commit(writes)
        return
    head, copies = Head(entry.seq, entry.mac), copy_puts(platform, entry)
    writes += [trail_put(platform, entry), store.head_put(platform, caller.client_id, head)]
    if copies[COPIES_AT_ONCE:]:
        writes.append(store.looks_mark(platform, check.check_id, entry))
    commit([*writes, *copies[:COPIES_AT_ONCE]])
    looks.remember(platform, caller.client_id, head)
    _finish(platform, check.check_id, entry)


def _finish(platform: Platform, check_id: str, entry: AuditEntry) -> None:
    left = copy_puts(platform, entry)[COPIES_AT_ONCE:]
    if left:
        commit([*left, store.looks_unmark(platform, check_id)])


def finish_looks(platform: Platform, check: Check) -> None:
    """See that every person of a check has a copy of the look, where that was cut short."""
    if sum(one.is_person for one in check.told) > COPIES_AT_ONCE:
        entry = store.marked_look(platform, check.check_id)
        if entry is not None:
            _finish(platform, check.check_id, entry)


def finish_all_looks(platform: Platform) -> None:
    """`finish_looks` for whatever was cut short and never asked again."""
    for check_id, entry in store.marked_looks(platform):
        _finish(platform, check_id, entry)
