"""How far the end of a run has come, on its item (see `store`): what a message of it goes on from.

Every step is noted before the next message is sent, and tells that the run moves: it is not taken
for stalled meanwhile, and no part is done twice by messages that follow each other.
"""

from __future__ import annotations

from typing import Any, Final

from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import Condition, Update, update
from chalicelib.evaluation.runs import Run
from chalicelib.evaluation.store import run_from

_RUNNING: Final = "#status = :running AND attribute_not_exists(#all_told)"


def ranked_to(platform: Platform, run: Run, ranked: int, at: str) -> Run:
    """Note how many results have their ranks. Raises ConditionFailed where another delivery has
    gone on from where `run` stands."""
    as_read = _as_read("ranked", run.ranked)
    return _noted(platform, run, "#ranked = :ranked", {"ranked": ranked, "at": at}, as_read)


def told_to(platform: Platform, run: Run, last: str, at: str) -> Run:
    """Note the last body looked at for telling, by subject id; empty: all were. Raises
    ConditionFailed where another delivery has gone on from where `run` stands."""
    as_read = _as_read("told_to", run.told_to)
    if last:
        return _noted(platform, run, "#told_to = :last", {"last": last, "at": at}, as_read)
    return _noted(platform, run, "#all_told = :true", {"true": True, "at": at}, as_read)


def _as_read(name: str, value: str | int) -> Condition:
    if not value:
        absent = f"{_RUNNING} AND attribute_not_exists(#{name})"
        return Condition(absent, {"running": "running"})
    return Condition(f"{_RUNNING} AND #{name} = :read", {"running": "running", "read": value})


def _noted(
    platform: Platform, run: Run, what: str, values: dict[str, Any], condition: Condition
) -> Run:
    key = platform.evaluation.key(f"RUN#{run.run_id}")
    return run_from(update(Update(key, f"SET {what}, #updated_at = :at", values, condition)))
