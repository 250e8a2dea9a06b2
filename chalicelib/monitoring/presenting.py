"""From warnings, maps and runs to what a reader is shown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from chalicelib.monitoring.model import CHANGE_TITLES
from chalicelib.monitoring.model_runs import HistoryEntry, MapCell, RaisedWarning, Run
from chalicelib.monitoring.rules_backtest import Score
from chalicelib.monitoring.service import Point, rule_of_run
from chalicelib.monitoring.views import (
    BackTestOut,
    CellOut,
    ContributionOut,
    HeatMapOut,
    HistoryOut,
    MapRowOut,
    MonitoringRunOut,
    PointOut,
    RowOut,
    ScoreOut,
    TrendOut,
    TriedWarningOut,
    WarningDetailOut,
    WarningOut,
    WarningRuleOut,
)
from chalicelib.policy.model import Pack
from chalicelib.policy.warnings import LEVEL_TITLES, METRIC_TITLES, WarningRule


def warning_values(warning: RaisedWarning) -> dict[str, Any]:
    """A warning for readers."""
    return {
        "warning_id": warning.warning_id,
        "rule": warning.rule,
        "rule_title": warning.rule_title,
        "watched": warning.subject.watched,
        "object_code": warning.subject.code,
        "object_title": warning.subject.title,
        "region": warning.subject.region,
        "unified_code": warning.body_code,
        "state": "open" if warning.is_open else "closed",
        "level": warning.level,
        "level_title": LEVEL_TITLES[warning.level],
        "peak": warning.peak,
        "raised_on": warning.raised_on,
        "closed_on": warning.closed_on,
        "day": warning.day,
        "value": warning.value,
        "sample": warning.sample,
        "reason": warning.reason,
        "case_id": warning.case_id,
    }


def warning_out(warning: RaisedWarning) -> WarningOut:
    """A warning in a list."""
    return WarningOut(**warning_values(warning))


def detail_out(warning: RaisedWarning, history: Sequence[HistoryEntry]) -> WarningDetailOut:
    """A warning with its grounds."""
    return WarningDetailOut(
        **warning_values(warning),
        rows=tuple(
            RowOut(
                record_id=row.row_id,
                version=row.version,
                type=row.type,
                occurred_on=row.occurred_on,
            )
            for row in warning.rows
        ),
        row_count=warning.row_count,
        bodies=tuple(
            ContributionOut(subject_id=one.subject_id, name=one.name, sample=one.sample)
            for one in warning.bodies
        ),
        history=tuple(
            HistoryOut(
                change=one.change,
                change_title=CHANGE_TITLES[one.change],
                level=one.level,
                day=one.day,
                value=one.value,
                reason=one.reason,
            )
            for one in history
        ),
        pack=warning.pack,
    )


def rule_out(rule: WarningRule) -> WarningRuleOut:
    """A rule in short."""
    unit = "日" if rule.window.unit == "days" else "个月"
    return WarningRuleOut(
        code=rule.code,
        title=rule.title,
        scopes=rule.scopes,
        metric=METRIC_TITLES[rule.metric.kind],
        window=f"{rule.window.amount}{unit}",
        thresholds={level: f"{value:f}" for level, value in rule.thresholds.items()},
        margin=f"{rule.hysteresis.margin:f}",
        calm_days=rule.hysteresis.calm_days,
        basis=f"{rule.basis.document}{rule.basis.clause}",
        verified=rule.basis.verified,
    )


def heat_map_out(
    pack: Pack, day: str, rules: Sequence[WarningRule], cells: Mapping[str, Sequence[MapCell]]
) -> HeatMapOut:
    """The map, a row per region."""
    by_region: dict[str, list[CellOut]] = {}
    for rule in rules:
        for cell in cells[rule.code]:
            by_region.setdefault(cell.region, []).append(
                CellOut(
                    rule=rule.code,
                    value=cell.value,
                    level=cell.level,
                    sample=cell.sample,
                    bodies=dict(cell.counts),
                )
            )
    rows = tuple(
        MapRowOut(
            region=code,
            title=pack.regions[code].title,
            region_level=pack.regions[code].level,
            cells=tuple(found),
        )
        for code, found in sorted(by_region.items())
        if code in pack.regions
    )
    return HeatMapOut(day=day, rules=tuple(map(rule_out, rules)), rows=rows)


def trend_out(rule: WarningRule, subject: str, points: Sequence[Point]) -> TrendOut:
    """A series."""
    return TrendOut(
        rule=rule_out(rule),
        object=subject,
        points=tuple(
            PointOut(day=one.day, value=one.value, level=one.level, sample=one.sample)
            for one in points
        ),
    )


def run_out(run: Run) -> MonitoringRunOut:
    """A look."""
    return MonitoringRunOut(
        run_id=run.run_id,
        status=run.status,
        failure=run.failure,
        day=run.day,
        pack=run.pack,
        bodies=run.bodies,
        percentage=run.percentage,
        created_at=run.created_at,
        completed_at=run.completed_at,
    )


def back_test_out(run: Run) -> BackTestOut:
    """A back-test."""
    result: dict[str, Any] = json.loads(run.result) if run.result else {}
    return BackTestOut(
        back_test_id=run.run_id,
        status=run.status,
        failure=run.failure,
        rule=rule_out(rule_of_run(run)),
        first_day=run.first_day,
        last_day=run.day,
        bodies=run.bodies,
        percentage=run.percentage,
        created_at=run.created_at,
        completed_at=run.completed_at,
        scores=tuple(
            _score_out(level, Score(**result["scores"][level]))
            for level in LEVEL_TITLES
            if level in result.get("scores", {})
        ),
        months=result.get("months", {}),
        warnings=tuple(TriedWarningOut(**one) for one in result.get("warnings", ())),
        warning_count=result.get("warning_count", 0),
    )


def _score_out(level: str, score: Score) -> ScoreOut:
    return ScoreOut.model_validate(
        {
            "level": level,
            "warnings": score.warnings,
            "right": score.right,
            "undecided": score.undecided,
            "confirmed": score.confirmed,
            "foreseen": score.foreseen,
            "precision": _text(score.precision),
            "recall": _text(score.recall),
        }
    )


def _text(share: Decimal | None) -> str | None:
    return None if share is None else f"{share:f}"
