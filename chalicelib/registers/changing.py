"""How an entry changes: a new version with its deed, the one before kept, a retry recognised."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chalicelib.aws.calls import ConditionFailed
from chalicelib.kernel.canonical import JsonValue, canonical_json
from chalicelib.kernel.clock import instant_text
from chalicelib.kernel.errors import Conflict, PreconditionFailed, Unavailable
from chalicelib.registers import store
from chalicelib.registers.judging import Asking, due_day_of
from chalicelib.registers.model import Deed, DeedKind, Entry

MOST_BYTES = 300_000
"""What one entry may hold; a database item takes 400 KB."""
_TRIES = 6

Updates = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody wants done to an entry. `content` is what they sent: a retry sends it again."""

    kind: DeedKind
    content: JsonValue
    reason: str = ""


def change(
    asking: Asking,
    load: Callable[[], Entry],
    edit: Edit,
    decide: Callable[[Entry], Updates | None],
    based_on: int | None = None,
) -> Entry:
    """Change what `load` finds as `decide` says (None: it already is so). `based_on` is the
    version of If-Match; without it a change that raced another is decided anew.

    Raises PreconditionFailed, Conflict, Unavailable, and whatever `load` and `decide` raise.
    """
    for _ in range(_TRIES):
        before = load()
        request = _digest(asking, before.entry_id, edit)
        if based_on is not None and before.version != based_on:
            if before.version == based_on + 1 and before.deed.request == request:
                return before  # a retry: the first attempt took effect, its answer got lost
            raise PreconditionFailed()
        updates = decide(before)
        if updates is None:
            return before
        after = _after(asking, before, updates, _deed(asking, edit, request))
        try:
            save(asking, after, before)
        except ConditionFailed:
            continue  # somebody was faster
        return after
    raise Unavailable("这一条正在被频繁修改，请稍后重试")


def _after(asking: Asking, before: Entry, updates: Updates, deed: Deed) -> Entry:
    version = {"version": before.version + 1, "updated_at": deed.at, "deed": deed}
    if before.version == 0:
        version["created_at"] = deed.at
    after = before.model_copy(update={**updates, **version})
    if len(after.model_dump_json().encode()) > MOST_BYTES:
        raise Conflict("这一条的内容太多，请撤回不再需要的材料", code="entry_full")
    return after


def save(asking: Asking, after: Entry, before: Entry | None) -> None:
    """Write a version. Raises ConditionFailed, Unavailable."""
    is_first = before is None or before.version == 0
    due_day = due_day_of(after, asking.today)
    store.save(asking.platform, after, None if is_first else before, due_day)


def _digest(asking: Asking, entry_id: str, edit: Edit) -> str:
    text = canonical_json([edit.kind, edit.content, edit.reason])
    parts = (asking.caller.client_id, entry_id, text)
    return asking.platform.keyring.mac("register_request", *parts).hex()


def _deed(asking: Asking, edit: Edit, request: str) -> Deed:
    return Deed(
        kind=edit.kind,
        reason=edit.reason,
        agency_code=asking.caller.agency_code,
        agency_name=asking.caller.agency_name,
        at=instant_text(asking.platform.clock()),
        request=request,
    )


def deed_of(asking: Asking, entry_id: str, edit: Edit) -> Deed:
    """The deed of a change by this caller now."""
    return _deed(asking, edit, _digest(asking, entry_id, edit))
