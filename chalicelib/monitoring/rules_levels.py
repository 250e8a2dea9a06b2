"""The level of a warning: it rises at once, and falls only when the value has stayed clearly lower
for long enough. Pure.

    value >= threshold            the level holds, from that day on
    value >= threshold - margin   a level that holds goes on holding
    below that for calm_days      it falls to the highest level held on any of these days

So a value that flaps around a threshold, within the margin or for fewer days than that, is one
warning. No value (too few records, nothing to divide by) is judged as below every threshold.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from chalicelib.monitoring.model import STANDINGS, Change, Standing, Watch, higher
from chalicelib.monitoring.rules import first_day
from chalicelib.policy.warnings import LEVEL_TITLES, LEVELS, METRIC_TITLES, WarningRule


def reached(rule: WarningRule, value: Decimal | None, margin: Decimal = Decimal(0)) -> Standing:
    """The highest level whose threshold, less `margin`, the value reaches."""
    found: Standing = "none"
    for level in LEVELS:
        threshold = rule.thresholds.get(level)
        if value is not None and threshold is not None and value >= threshold - margin:
            found = level
    return found


def judge(
    rule: WarningRule, watch: Watch, value: Decimal | None, day: date
) -> tuple[Watch, Change | None]:
    """Where the watch stands after the value of `day`, and what became of the warning. The value of
    an earlier day than was judged changes nothing; the same day may be judged again."""
    today = day.isoformat()
    if today < watch.judged_on:
        return watch, None
    now = reached(rule, value)
    if STANDINGS.index(now) > STANDINGS.index(watch.level):
        risen = replace(watch, level=now, judged_on=today, calm_since="", calm_level="none")
        return risen, "raised" if watch.level == "none" else "escalated"
    held = reached(rule, value, rule.hysteresis.margin)
    if STANDINGS.index(held) >= STANDINGS.index(watch.level):
        return replace(watch, judged_on=today, calm_since="", calm_level="none"), None
    since = watch.calm_since or today
    calm = higher(watch.calm_level, held) if watch.calm_since else held
    if (day - date.fromisoformat(since)).days < rule.hysteresis.calm_days:
        return replace(watch, judged_on=today, calm_since=since, calm_level=calm), None
    fallen = replace(watch, level=calm, judged_on=today, calm_since="", calm_level="none")
    return fallen, "closed" if calm == "none" else "lowered"


def reason(rule: WarningRule, value: Decimal | None, day: date, level: Standing) -> str:
    """Why the level is what it is, in one Chinese sentence."""
    kind = METRIC_TITLES[rule.metric.kind]
    said = "没有可以计算的数值" if value is None else f"为{value:f}"
    text = f"{first_day(rule.window, day)}至{day}，{rule.title}（{kind}）{said}"
    if level == "none":
        lowest = next(one for one in LEVELS if one in rule.thresholds)
        return f"{text}，低于{LEVEL_TITLES[lowest]}阈值{rule.thresholds[lowest]:f}"
    threshold = rule.thresholds[level]
    if value is not None and value >= threshold:
        return f"{text}，达到{LEVEL_TITLES[level]}阈值{threshold:f}"
    return f"{text}，{LEVEL_TITLES[level]}（阈值{threshold:f}）尚未解除"
