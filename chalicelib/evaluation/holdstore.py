"""Results whose bodies were told before publication, in the evaluation table (see `store`).

| item | pk | sk | read by |
|---|---|---|---|
| hold on a result | RUN#<run_id> | HELD#<subject_id> | run; run and body; by_listing `held` |

Listed by its last day. A hold leaves the listing when its result is published, or is not to be:
what is listed still waits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Final

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import batch_get
from chalicelib.aws.writes import ABSENT, Condition, Put, Update, Write, commit
from chalicelib.evaluation.model_notices import Hold

_LISTING: Final = "held"
_FIELDS: Final = ("run_id", "subject_id", "told_at", "last_day", "deadline", "state", "settled_at")
RELEASED_AT_ONCE: Final = 90
"""Holds released in one transaction, with the run's version."""


def hold_put(platform: Platform, hold: Hold) -> Put:
    """The write that holds a result, once."""
    item: Item = {name: getattr(hold, name) for name in _FIELDS}
    item |= {
        "pk": f"RUN#{hold.run_id}",
        "sk": f"HELD#{hold.subject_id}",
        "version": 1,
    }
    if hold.state == "held":
        item["listing"] = _LISTING
        item["position"] = f"{hold.last_day}#{hold.run_id}#{hold.subject_id}"
    return Put(platform.evaluation.name, item, ABSENT)


def load_hold(platform: Platform, run_id: str, subject_id: str) -> Hold | None:
    """The hold on a result, also one that is over."""
    item = platform.evaluation.get(f"RUN#{run_id}", f"HELD#{subject_id}")
    return None if item is None else _hold_from(item)


def holds_at(
    platform: Platform, results: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Hold]:
    """The holds on results (run and subject), where there are any, also those that are over."""
    keys = {
        platform.evaluation.key(f"RUN#{run_id}", f"HELD#{subject_id}"): (run_id, subject_id)
        for run_id, subject_id in results
    }
    found = batch_get(list(keys)) if keys else {}
    return {keys[key]: _hold_from(item) for key, item in found.items()}


def holds_of(platform: Platform, run_id: str) -> dict[str, Hold]:
    """Every hold of a run by subject, also those that are over."""
    found = map(_hold_from, platform.evaluation.each(f"RUN#{run_id}", prefix="HELD#"))
    return {hold.subject_id: hold for hold in found}


def waiting_holds(platform: Platform) -> Iterator[Hold]:
    """The holds that are not over, by their last day."""
    return map(_hold_from, platform.evaluation.each_in_index("by_listing", _LISTING))


def settle(platform: Platform, run_id: str, holds: Collection[Hold], state: str, at: str) -> None:
    """End holds of a run: `released` for publication, which gives the run a new version so that it
    is looked at again; `withheld` for good. Raises ConditionFailed where another did meanwhile."""
    waiting: Sequence[Hold] = list(holds)
    while waiting:
        writes: list[Write] = [_settled(platform, hold, state, at) for hold in waiting]
        part = writes[:RELEASED_AT_ONCE]
        if state == "released":
            run = platform.evaluation.key(f"RUN#{run_id}")
            done = Condition("#status = :completed", {"completed": "completed"})
            part.append(Update(run, "SET #version = #version + :one", {"one": 1}, done))
        commit(part)
        waiting = waiting[RELEASED_AT_ONCE:]


def _settled(platform: Platform, hold: Hold, state: str, at: str) -> Update:
    return Update(
        platform.evaluation.key(f"RUN#{hold.run_id}", f"HELD#{hold.subject_id}"),
        "SET #state = :state, #settled_at = :at, #version = #version + :one"
        " REMOVE #listing, #position",
        {"state": state, "at": at, "one": 1},
        Condition("#state = :held", {"held": "held"}),
    )


def _hold_from(item: Item) -> Hold:
    body: dict[str, Any] = item
    return Hold(**{name: body[name] for name in _FIELDS})
