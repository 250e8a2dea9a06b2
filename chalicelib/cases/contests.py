"""Results of evaluations that were contested, in the CASES table, and no other module's business.

| item | pk | sk | read by |
|---|---|---|---|
| contest | CONTEST#<run_id>#<subject_id> | - | run and subject; by_listing `contests` by instant |

What became of a result's appeal lies beside its case, so that state and mark change in one write;
rooms that know evaluations read it there. A contest is an entity of its own (`result_contest`): the
stream forwards that the mark changed, and never the case. Of a person nothing but the id is in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import batch_get
from chalicelib.aws.writes import ABSENT, Condition, Key, Put, Update, version_is
from chalicelib.cases.model_results import Contest

ENTITY: Final = "result_contest"
_LISTING: Final = "contests"
_FIELDS = ("run_id", "subject_id", "case_id", "state", "text", "at", "opened_at", "version")


def contest_key(platform: Platform, run_id: str, subject_id: str) -> Key:
    """Where the contest of a result lies."""
    return platform.cases.key(f"CONTEST#{run_id}#{subject_id}")


def contest_put(platform: Platform, contest: Contest, before: Contest | None) -> Put:
    """The write that brings a contest from `before` (None: nothing) to `contest`; it belongs to a
    write of its case."""
    item: Item = {name: getattr(contest, name) for name in _FIELDS}
    key = contest_key(platform, contest.run_id, contest.subject_id)
    item |= {
        "pk": key.pk,
        "sk": key.sk,
        "entity": ENTITY,
        "listing": _LISTING,
        "position": f"{contest.at}#{contest.run_id}#{contest.subject_id}",
    }
    if before is None:
        return Put(key.table, item, ABSENT)
    return Put(key.table, item, version_is(before.version))


def contest_update(platform: Platform, contest: Contest) -> Update:
    """The write that settles the open contest of a case; `version` is counted up."""
    return Update(
        contest_key(platform, contest.run_id, contest.subject_id),
        "SET #state = :state, #text = :text, #at = :at, #position = :position,"
        " #version = #version + :one",
        {
            "state": contest.state,
            "text": contest.text,
            "at": contest.at,
            "position": f"{contest.at}#{contest.run_id}#{contest.subject_id}",
            "one": 1,
        },
        Condition("#case_id = :case", {"case": contest.case_id}),
    )


def contest_of(platform: Platform, run_id: str, subject_id: str) -> Contest | None:
    """The contest of a result, if it was ever contested."""
    key = contest_key(platform, run_id, subject_id)
    item = platform.cases.get(key.pk)
    return None if item is None else _contest_from(item)


def contests_of(
    platform: Platform, results: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Contest]:
    """The contests of results (run and subject), where there are any."""
    keys = {contest_key(platform, *one): one for one in results}
    found = batch_get(list(keys)) if keys else {}
    return {keys[key]: _contest_from(item) for key, item in found.items()}


def contests_since(platform: Platform, instant: str) -> Iterator[Contest]:
    """The contests that changed at `instant` or later, the oldest first."""
    span = (instant, "~")
    return map(_contest_from, platform.cases.each_in_index("by_listing", _LISTING, between=span))


def _contest_from(item: Item) -> Contest:
    body: dict[str, Any] = item
    return Contest(**{name: body[name] for name in _FIELDS})
