"""What time does to cases: a sweep that finds what is due, and a worker that settles it.

    by_due ─ send_due ─ one message per case ─ settle_due ─ reminder, escalation, lapse ─ next day

A case lies in the index under the one day on which time will next move it, and under none if time
never will. So a sweep reads what is due and nothing else, however many cases are open. A message
only names the case: the worker judges it as it stands then, and whoever comes second finds nothing
more to do. What failed stays under its day, and the next sweep sends it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from chalicelib.aws.attributes import Item
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import commit
from chalicelib.cases import rules, store
from chalicelib.cases.acting import refused, settle
from chalicelib.cases.model import PLATFORM, CaseFile, Due, Refusal
from chalicelib.cases.scene import Doer, Scene, Wish, read_scene
from chalicelib.cases.steps import find_file
from chalicelib.kernel.clock import civil_date
from chalicelib.kernel.errors import Unavailable

FIRST_LOOK_BACK = timedelta(days=31)
"""How far the first sweep looks back."""
SLICE = 500
"""Cases read from the index at a time."""
MOST_STEPS = 20
"""More than all the limits of a state ask for on one day, lost races included."""

_DOER = Doer(PLATFORM)
_NOTHING = Wish("", {}, {})


def send_due(platform: Platform) -> int:
    """Sweep: one message for each case that time is to move by today; how many. Goes on from the
    first day that was not empty: what was sent and is not done yet is sent again."""
    today = civil_date(platform.clock())
    known = store.swept_to(platform)
    behind: date | None = None
    sent = 0
    for day in _days(known or today - FIRST_LOOK_BACK, today):
        found = _send_day(platform, day)
        sent += found
        if found and behind is None:
            behind = day
    # A case written at the last minute of yesterday may show in the index only today.
    yesterday = today - timedelta(days=1)
    reached = yesterday if behind is None else min(behind, yesterday)
    if reached != known:
        store.note_swept(platform, reached)
    return sent


def _days(first: date, last: date) -> Iterator[date]:
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def _send_day(platform: Platform, day: date) -> int:
    sent = 0
    for shard in range(store.DUE_SHARDS):
        start: Item | None = None
        while True:
            found, start = store.page_of_due(platform, day, shard, SLICE, start)
            messages = [
                {"job": "due", "case_id": case_id, "day": day.isoformat()} for case_id in found
            ]
            platform.cases_queue.send_many(messages)
            sent += len(messages)
            if start is None:
                break
    return sent


def settle_due(platform: Platform, case_id: str, day: date) -> int:
    """Do all that time asks of a case now, each step in a write of its own; how many. A case that
    was found under `day` and has nothing due is put under the day on which it will have. Raises
    NotFound, Unavailable where others keep changing it, and what an effect refuses."""
    done = 0
    for _ in range(MOST_STEPS):
        file = find_file(platform, case_id)
        scene = read_scene(platform, file, file, _DOER, _NOTHING)
        asked = rules.sweep(scene.kind, file.case, scene.now, scene.calendar)
        try:
            if not asked:
                if not done:
                    _put_under_its_day(scene, file, day)
                return done
            # What the platform does by itself may make a reminder pointless.
            _settle(scene, file, min(asked, key=lambda one: one.what != "lapse"))
            done += 1
        except ConditionFailed:
            # The case or its record has changed since it was read: judge anew.
            continue
    raise Unavailable("这件案件正在被频繁办理，请稍后重试")


def _settle(scene: Scene, file: CaseFile, one: Due) -> None:
    outcome = rules.settle(scene.kind, file.case, one, scene.now, scene.calendar, scene.facts)
    if isinstance(outcome, Refusal):
        raise refused(outcome)
    settle(scene, _DOER, Wish(one.action or one.key, {}, {}), outcome)


def _put_under_its_day(scene: Scene, file: CaseFile, day: date) -> None:
    """The calendar has moved its deadline since it was put under `day`."""
    due_on = scene.due_on(file.case)
    if due_on != day:
        commit([store.case_put(scene.platform, file, file, due_on)])
