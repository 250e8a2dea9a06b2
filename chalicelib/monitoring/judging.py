"""Judge what a run found out about objects, and keep it: values, watches, warnings, their history.

    watches (one read) -> judge -> one transaction for each object whose watch moves; values of all

A watch is written under its version: two runs at once judge one after the other, and whoever comes
second judges again from what the first left. Doing it again after a crash changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
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
        moved += _retired(pack, run, watches)
        after = {**watches, **{one.rule.code: one.watch for one in moved}}
        if all(_says_the_same(after[code], watches.get(code, Watch())) for code in after):
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


def _retired(pack: Pack, run: Run, watches: dict[str, Watch]) -> list[_Moved]:
    """The warnings of rules that are no longer in force are closed."""
    gone = [
        (code, watch)
        for code, watch in watches.items()
        if watch.level != "none" and code not in pack.warning_rules
    ]
    if not gone:
        return []
    some = next(iter(pack.warning_rules.values()))
    return [
        _Moved(
            some.model_copy(update={"code": code, "title": code}),
            Value(code, None, 0),
            replace(watch, level="none", judged_on=run.day, calm_since="", closed_on=run.day),
            "closed",
            "这条预警规则已经停用",
        )
        for code, watch in gone
    ]


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
    since = (date.fromisoformat(run.day) - REMEMBERED).isoformat()
    return [
        watch.warning_id
        for watch in watches.values()
        if watch.warning_id and (watch.level != "none" or watch.closed_on >= since)
    ]


def _says_the_same(one: Watch, other: Watch) -> bool:
    """Whether two watches differ in nothing but the day they were last looked at."""
    return replace(one, judged_on="") == replace(other, judged_on="")


def _text(value: Value) -> str:
    return "" if value.value is None else f"{value.value:f}"
