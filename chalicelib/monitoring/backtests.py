"""Back-tests: a rule of the pack, or a draft, tried on what is on record, body by body."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from chalicelib.aws.platform import Platform
from chalicelib.kernel.canonical import JsonValue, canonical_json
from chalicelib.kernel.clock import civil_date, instant_text, parse_instant
from chalicelib.kernel.errors import Fault, Invalid
from chalicelib.monitoring import store
from chalicelib.monitoring.model_runs import Body, Run
from chalicelib.monitoring.rules import earliest_day
from chalicelib.monitoring.rules_backtest import (
    Score,
    Trial,
    Tried,
    confirmed_after,
    tried,
)
from chalicelib.monitoring.sources import FinishedUploads, Span, fields_of, rows_of
from chalicelib.monitoring.starting import commit_run, new_id, pack_of
from chalicelib.policy.model import Pack
from chalicelib.policy.rules import drafted_warning_rule
from chalicelib.policy.warnings import Level, WarningRule
from chalicelib.web.idempotency import IdempotencyClaim
from chalicelib.web.model import Answer, Caller

MOST_DAYS: Final = 1100
MOST_LISTED: Final = 200
"""Warnings a back-test lists; all are counted."""
_LISTED_PER_CHUNK: Final = 20


@dataclass(frozen=True, slots=True)
class Order:
    """What an office wants tried: a rule of the pack by its code, or a draft; on which days."""

    rule: str
    draft: Mapping[str, object] | None
    first: date
    last: date


def start_back_test(
    platform: Platform,
    caller: Caller,
    order: Order,
    *,
    claim: IdempotencyClaim | None,
    present: Callable[[Run], Answer],
) -> Answer:
    """Start a back-test over the bodies of the caller's region; its work goes through the queue.
    Raises Invalid, NotFound (no monitoring here)."""
    pack = pack_of(platform, caller.jurisdiction)
    today = civil_date(platform.clock())
    rule, faults = _rule_of(pack, order)
    faults += _faults_of_days(order, today)
    if faults or rule is None:
        raise Invalid(faults=faults)
    run = Run(
        run_id=new_id(platform, "bt", claim),
        purpose="backtest",
        jurisdiction=caller.jurisdiction,
        day=order.last.isoformat(),
        first_day=order.first.isoformat(),
        rule=canonical_json(rule.model_dump(mode="json", exclude_defaults=True)).decode(),
        region=caller.region,
        pack=pack.version,
        pack_digest=pack.digest,
        requested_by=caller.agency_code,
        created_at=instant_text(platform.clock()),
    )
    return commit_run(platform, run, claim, present)


def rule_of_run(run: Run) -> WarningRule:
    """The rule a back-test tries."""
    return WarningRule.model_validate(json.loads(run.rule))


def simulate_chunk(
    platform: Platform, run: Run, bodies: Sequence[Body], finished: FinishedUploads
) -> dict[str, JsonValue]:
    """Try the rule on each body of a chunk; what came of it, added up."""
    rule = rule_of_run(run)
    trial = trial_of(run)
    first = earliest_day(rule, trial.first)
    span = Span(trial.known_to, {"about": first, rule.source.link: first}, repaired=True)
    rows = rows_of(platform, bodies, span, fields_of([rule]), finished)
    scores: dict[Level, Score] = {}
    months: dict[str, dict[str, int]] = {}
    listed: list[JsonValue] = []
    count = 0
    for body in bodies:
        if rule.subjects and body.kind not in rule.subjects:
            continue
        found = tried(rule, rows[body.subject_id], trial)
        for level, score in found.scores.items():
            scores.setdefault(level, Score()).add(score)
        count += len(found.episodes)
        for line in _lines(rule, body, found):
            month = months.setdefault(str(line["raised_on"])[:7], {})
            month[str(line["level"])] = month.get(str(line["level"]), 0) + 1
            if len(listed) < _LISTED_PER_CHUNK:
                listed.append(line)
    return {
        "scores": {level: _score_document(score) for level, score in scores.items()},
        "months": {month: dict(levels) for month, levels in months.items()},
        "warnings": listed,
        "warning_count": count,
    }


def summary(platform: Platform, run: Run) -> dict[str, JsonValue]:
    """The result of a back-test all of whose chunks are done."""
    scores: dict[str, Score] = {}
    months: dict[str, dict[str, int]] = {}
    listed: list[dict[str, Any]] = []
    count = 0
    for found in store.each_found(platform, run):
        for level, document in found["scores"].items():
            scores.setdefault(level, Score()).add(Score(**document))
        for month, levels in found["months"].items():
            known = months.setdefault(month, {})
            for level, number in levels.items():
                known[level] = known.get(level, 0) + number
        listed += found["warnings"]
        count += found["warning_count"]
    listed.sort(key=lambda line: (line["raised_on"], line["subject_id"]))
    return {
        "scores": {level: _score_document(score) for level, score in scores.items()},
        "months": {month: dict(levels) for month, levels in sorted(months.items())},
        "warnings": list[JsonValue](listed[:MOST_LISTED]),
        "warning_count": count,
    }


def trial_of(run: Run) -> Trial:
    """The days of a back-test. What came after its start is not looked at, however often it is
    done again."""
    known_to = civil_date(parse_instant(run.created_at))
    return Trial(date.fromisoformat(run.first_day), run.date, max(known_to, run.date))


def _lines(rule: WarningRule, body: Body, found: Tried) -> list[dict[str, JsonValue]]:
    confirmed_by = rule.confirmed_by
    horizon = timedelta(days=confirmed_by.horizon_days if confirmed_by else 0)
    lines: list[dict[str, JsonValue]] = []
    for episode in found.episodes:
        first: Level = next(iter(episode.reached))
        right = confirmed_after(episode, first, found.confirmed_on, horizon)
        lines.append(
            {
                "subject_id": body.subject_id,
                "name": body.name,
                "region": body.region,
                "raised_on": episode.raised_on.isoformat(),
                "level": episode.peak,
                "closed_on": "" if episode.closed_on is None else episode.closed_on.isoformat(),
                "confirmed_on": "" if right is None else right.isoformat(),
            }
        )
    return lines


def _score_document(score: Score) -> dict[str, JsonValue]:
    return {
        "warnings": score.warnings,
        "right": score.right,
        "undecided": score.undecided,
        "confirmed": score.confirmed,
        "foreseen": score.foreseen,
    }


def _rule_of(pack: Pack, order: Order) -> tuple[WarningRule | None, list[Fault]]:
    if (order.draft is None) == (not order.rule):
        message = "rule（预警规则的编码）和 draft（规则草案）应填写一项，也只填写一项"
        return None, [Fault("/rule", "one_of", message)]
    if order.draft is not None:
        rule, faults = _draft(pack, order.draft)
        at = "/draft"
    else:
        rule, faults, at = pack.warning_rules.get(order.rule), [], "/rule"
        if rule is None:
            known = "、".join(pack.warning_rules)
            faults = [Fault(at, "unknown_rule", f"没有预警规则“{order.rule}”，现有：{known}")]
    if rule is not None and not faults:
        faults = [Fault(at, "not_testable", why) for why in _untestable(rule)]
    return rule, faults


def _draft(pack: Pack, draft: Mapping[str, object]) -> tuple[WarningRule | None, list[Fault]]:
    given = {"code": "draft", "basis": {"document": "草案", "verified": False}, **draft}
    rule, found = drafted_warning_rule(pack, given)
    return rule, [
        Fault("/draft/" + path.replace(".", "/"), "warning_rule", why) for path, why in found
    ]


def _untestable(rule: WarningRule) -> list[str]:
    reasons = []
    if "body" not in rule.scopes:
        reasons.append("只能回测针对单位（body）的规则")
    if rule.source.link == "figure":
        reasons.append("只能回测取自信用信息的规则：其他数据没有留存每天的情况")
    if rule.metric.kind == "overdue":
        reasons.append("不能回测逾期件数：事项的办理状态只有现在的，看不到当时的")
    if rule.confirmed_by is None:
        reasons.append("规则没有写明以什么信息认定预警准确（confirmed_by）")
    return reasons


def _faults_of_days(order: Order, today: date) -> list[Fault]:
    if order.last < order.first:
        return [Fault("/to", "span_order", "截止日期早于开始日期")]
    if order.last > today:
        return [Fault("/to", "span_future", "截止日期不能是将来的日期")]
    if (order.last - order.first).days >= MOST_DAYS:
        return [Fault("/from", "span_too_long", f"一次最多回测 {MOST_DAYS} 天")]
    return []
