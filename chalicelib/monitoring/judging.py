"""Judge what a run found out about objects, and keep it: values, watches, warnings, their history.

    watches (one read) -> judge -> one transaction for each object whose watch moves; values of all

A watch is written under its version: two runs at once judge one after the other, and whoever comes
second judges again from what the first left. Doing it again after a crash changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from typing import Final

from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import Write, commit
from chalicelib.kernel.errors import Unavailable
from chalicelib.kernel.ids import id_text
from chalicelib.monitoring import store, store_warnings
from chalicelib.monitoring.model import Change, Standing, Watch, higher
from chalicelib.monitoring.model_runs import (
    Finding,
    HistoryEntry,
    RaisedWarning,
    Run,
    Value,
)
from chalicelib.monitoring.rules_levels import judge, reason
from chalicelib.policy.model import Pack
from chalicelib.policy.warnings import WarningRule

MOST_RACES: Final = 5
OBJECTS_AT_ONCE: Final = 90
REMEMBERED: Final = timedelta(days=7)
"""How long after its end it is made sure of that the case of a warning knows of it."""

NO_LONGER_WATCHED: Final = "已不在监测范围内：单位不在名录中，或者预警规则已经停用、不再适用"


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What became of objects: the level of each under each rule, and the warnings to follow up."""

    levels: dict[str, dict[str, Standing]]
    warnings: list[str]


@dataclass(frozen=True, slots=True)
class _Moved:
    """One rule for one object, judged."""

    rule: WarningRule
    value: Value
    watch: Watch
    change: Change | None
    reason: str


def judge_all(
    platform: Platform, run: Run, pack: Pack, findings: Sequence[Finding]
) -> Verdicts:
    """Judge and keep what was found. Raises Unavailable where others keep judging the same."""
    verdicts = Verdicts({}, [])
    for begin in range(0, len(findings), OBJECTS_AT_ONCE):
        slice_ = findings[begin : begin + OBJECTS_AT_ONCE]
        keys = [finding.subject.key for finding in slice_]
        known = store.load_watches(platform, run.jurisdiction, keys)
        puts = []
        for finding in slice_:
            key = finding.subject.key
            version, watches = known.get(key, (0, {}))
            after = _judge_one(platform, run, pack, finding, version, watches)
            verdicts.levels[key] = {code: watch.level for code, watch in after.items()}
            verdicts.warnings.extend(_followed(after, run))
            values = {
                one.rule: (_text(one), after.get(one.rule, Watch()).level, one.sample)
                for one in finding.values
            }
            puts.append(store.values_put(platform, run, key, values))
        store.put_all(puts)
    return verdicts


def _judge_one(
    platform: Platform,
    run: Run,
    pack: Pack,
    finding: Finding,
    version: int,
    watches: dict[str, Watch],
) -> dict[str, Watch]:
    for _ in range(MOST_RACES):
        moved = [_judged(platform, run, pack.warning_rules[value.rule], finding, value, watches)
                 for value in finding.values]  # fmt: skip
        after = {**watches, **{one.rule.code: one.watch for one in moved}}
        # The day alone is worth writing: by it a run of an earlier day that comes late is known.
        if after == watches:
            return after
        try:
            commit(_writes(platform, run, finding, moved, after, version))
            return after
        except ConditionFailed:
            key = finding.subject.key
            found = store.load_watches(platform, run.jurisdiction, [key])
            version, watches = found.get(key, (0, {}))
    raise Unavailable("监测对象正在被频繁判断，请稍后重试")


def _judged(
    platform: Platform,
    run: Run,
    rule: WarningRule,
    finding: Finding,
    value: Value,
    watches: dict[str, Watch],
) -> _Moved:
    before = watches.get(rule.code, Watch())
    watch, change = judge(rule, before, value.value, run.date)
    if change == "raised":
        episode = before.episode + 1
        parts = (run.jurisdiction, rule.code, finding.subject.key, str(episode))
        warning_id = id_text("w", platform.keyring.mac("warning_id", *parts))
        watch = replace(
            watch, warning_id=warning_id, episode=episode, closed_on="", peak=watch.level
        )
    elif change == "closed":
        watch = replace(watch, closed_on=run.day)
    watch = replace(watch, peak=higher(watch.peak, watch.level))
    return _Moved(rule, value, watch, change, reason(rule, value.value, run.date, watch.level))


def close_unjudged(platform: Platform, run: Run) -> list[str]:
    """Close the open warnings of what a look, all of which is judged, has not judged: the body is
    no longer on the register, or the rule is none of the pack's or no longer about this object. The
    ids of what is closed, and was lately: their cases may still have to learn of it."""
    closed: list[str] = []
    found = store_warnings.open_since(platform, run.jurisdiction, _remembered_since(run))
    while some := list(islice(found, OBJECTS_AT_ONCE)):
        keys = {warning.subject.key for warning in some}
        known = store.load_watches(platform, run.jurisdiction, sorted(keys))
        for warning in some:
            version, watches = known.get(warning.subject.key, (0, {}))
            if not warning.is_open or _close_one(platform, run, warning, version, watches):
                closed.append(warning.warning_id)
    return closed


def _close_one(
    platform: Platform,
    run: Run,
    warning: RaisedWarning,
    version: int,
    watches: dict[str, Watch],
) -> bool:
    key = warning.subject.key
    for _ in range(MOST_RACES):
        watch = watches.get(warning.rule, Watch())
        # The list of warnings may be behind: what holds is the watch.
        if watch.warning_id != warning.warning_id or watch.level == "none":
            return watch.warning_id == warning.warning_id
        if watch.judged_on >= run.day:
            return False
        ended = replace(
            watch, level="none", judged_on=run.day, calm_since="", calm_level="none",
            closed_on=run.day,
        )  # fmt: skip
        after = {**watches, warning.rule: ended}
        over = replace(
            warning, level="none", day=run.day, closed_on=run.day, run_id=run.run_id,
            value="", sample=0, rows=(), row_count=0, bodies=(), reason=NO_LONGER_WATCHED,
        )  # fmt: skip
        entry = HistoryEntry("closed", "none", run.day, "", NO_LONGER_WATCHED, run.run_id)
        try:
            commit([
                store.watch_put(platform, run.jurisdiction, key, after, version),
                store_warnings.change_update(platform, over),
                store_warnings.history_put(platform, warning.warning_id, version + 1, entry),
            ])  # fmt: skip
            return True
        except ConditionFailed:
            found = store.load_watches(platform, run.jurisdiction, [key])
            version, watches = found.get(key, (0, {}))
    raise Unavailable("监测对象正在被频繁判断，请稍后重试")


def _writes(
    platform: Platform,
    run: Run,
    finding: Finding,
    moved: Sequence[_Moved],
    after: dict[str, Watch],
    version: int,
) -> list[Write]:
    key = finding.subject.key
    writes: list[Write] = [store.watch_put(platform, run.jurisdiction, key, after, version)]
    for one in moved:
        if one.change is None:
            continue
        warning = _warning(run, finding, one)
        if one.change == "raised":
            writes.append(store_warnings.new_warning_put(platform, warning))
        else:
            writes.append(store_warnings.change_update(platform, warning))
        entry = HistoryEntry(
            one.change, warning.level, run.day, warning.value, warning.reason, run.run_id
        )
        writes.append(
            store_warnings.history_put(platform, warning.warning_id, version + 1, entry)
        )
    return writes


def _warning(run: Run, finding: Finding, one: _Moved) -> RaisedWarning:
    rule, value, body = one.rule, one.value, finding.body
    level, peak = one.watch.level, one.watch.peak
    return RaisedWarning(
        warning_id=one.watch.warning_id,
        jurisdiction=run.jurisdiction,
        rule=rule.code,
        rule_title=rule.title,
        subject=finding.subject,
        level=level,
        peak="blue" if peak == "none" else peak,
        raised_on=run.day,
        day=run.day,
        value=_text(value),
        sample=value.sample,
        reason=one.reason,
        run_id=run.run_id,
        pack=run.pack,
        closed_on=run.day if one.change == "closed" else "",
        body_id="" if body is None else body.subject_id,
        body_code="" if body is None else body.unified_code,
        superior="" if body is None else body.superior,
        rows=value.rows,
        row_count=value.row_count,
        bodies=value.bodies,
        case_kind=rule.case_kind or "",
    )


def _followed(watches: dict[str, Watch], run: Run) -> list[str]:
    """The warnings whose cases may still have to learn what became of them."""
    since = _remembered_since(run)
    return [
        watch.warning_id
        for watch in watches.values()
        if watch.warning_id and (watch.level != "none" or watch.closed_on >= since)
    ]


def _remembered_since(run: Run) -> str:
    return (run.date - REMEMBERED).isoformat()


def _text(value: Value) -> str:
    return "" if value.value is None else f"{value.value:f}"
