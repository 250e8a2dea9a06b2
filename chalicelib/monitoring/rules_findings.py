"""From the rows of bodies to what is judged: the values of each body, and the sums of which those
of regions and trades are made. Pure; sums of any bodies in any grouping give the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from chalicelib.kernel.canonical import JsonValue
from chalicelib.monitoring.model import Part, Row, Standing, Subject
from chalicelib.monitoring.model_runs import (
    MOST_ROWS,
    Body,
    Contribution,
    Finding,
    MapCell,
    RowReference,
    Value,
)
from chalicelib.monitoring.rules import (
    merged,
    part_of,
    rows_behind,
    sample_of,
    selected,
    trades_of,
    value_of,
)
from chalicelib.policy.base import GOVERNMENT_BODIES
from chalicelib.policy.model import Pack
from chalicelib.policy.warnings import WarningRule

MOST_BODIES = 10
"""Bodies a warning about a region or a trade names: those with the most rows behind it."""

Parts = dict[str, dict[str, dict[str, Decimal]]]
"""Region or trade -> rule -> part."""


class Pool:
    """What bodies add to their regions and trades, added up."""

    def __init__(self) -> None:
        self.parts: Parts = {}
        """Key of a region or trade -> rule -> part."""
        self.shares: dict[str, dict[str, list[Contribution]]] = {}
        self.counts: dict[str, dict[str, dict[str, int]]] = {}
        """Region -> rule -> level -> bodies in the region itself."""
        self.governments: dict[str, Body] = {}

    def add(self, key: str, rule: WarningRule, part: Part, body: Body) -> None:
        """Add what a body contributes to a region or trade."""
        if not any(part.values()):
            return
        rules = self.parts.setdefault(key, {})
        rules[rule.code] = merged([rules.get(rule.code, {}), part])
        if sample := sample_of(part):
            share = Contribution(body.subject_id, body.name, sample)
            self._share(key, rule.code, [share])

    def stand(self, region: str, rule: str, level: Standing) -> None:
        """Count a body that stands at a level."""
        counts = self.counts.setdefault(region, {}).setdefault(rule, {})
        counts[level] = counts.get(level, 0) + 1

    def govern(self, body: Body) -> None:
        """Note a government; of several in a region that of the lowest code."""
        known = self.governments.get(body.region)
        if body.kind == "government" and (
            known is None or body.unified_code < known.unified_code
        ):
            self.governments[body.region] = body

    def join(self, document: Mapping[str, Any]) -> None:
        """Add what another pool (`document`) holds."""
        for key, rules in document["parts"].items():
            mine = self.parts.setdefault(key, {})
            for code, part in rules.items():
                amounts = {name: Decimal(amount) for name, amount in part.items()}
                mine[code] = merged([mine.get(code, {}), amounts])
        for key, shares in document["shares"].items():
            for code, entries in shares.items():
                self._share(key, code, [Contribution(*entry) for entry in entries])
        for region, rules in document["counts"].items():
            for code, levels in rules.items():
                counts = self.counts.setdefault(region, {}).setdefault(code, {})
                for level, number in levels.items():
                    counts[level] = counts.get(level, 0) + number
        for entry in document["governments"]:
            self.govern(Body(**entry))

    def document(self) -> dict[str, JsonValue]:
        """As JSON: decimals as text."""
        return {
            "parts": {
                key: {
                    code: {name: f"{amount:f}" for name, amount in part.items()}
                    for code, part in rules.items()
                }
                for key, rules in self.parts.items()
            },
            "shares": {
                key: {
                    code: [[one.subject_id, one.name, one.sample] for one in entries]
                    for code, entries in rules.items()
                }
                for key, rules in self.shares.items()
            },
            "counts": {
                region: {code: dict(levels) for code, levels in rules.items()}
                for region, rules in self.counts.items()
            },
            "governments": [
                {
                    "subject_id": body.subject_id,
                    "unified_code": body.unified_code,
                    "name": body.name,
                    "kind": body.kind,
                    "region": body.region,
                    "superior": body.superior,
                }
                for body in self.governments.values()
            ],
        }

    def _share(self, key: str, code: str, more: Sequence[Contribution]) -> None:
        rules = self.shares.setdefault(key, {})
        every = sorted(
            [*rules.get(code, []), *more], key=lambda one: (-one.sample, one.subject_id)
        )
        rules[code] = every[:MOST_BODIES]


def finding_of(pack: Pack, body: Body, rows: Sequence[Row], day: date, pool: Pool) -> Finding:
    """The values of a body under the rules about bodies; what it adds to its region and to trades
    goes into the pool."""
    values: list[Value] = []
    pool.govern(body)
    for rule in pack.warning_rules.values():
        if body.kind not in (rule.subjects or GOVERNMENT_BODIES):
            continue
        mine = selected(rule, rows)
        part = part_of(rule, mine, day)
        if "body" in rule.scopes:
            values.append(_value(rule, part, rows_behind(rule, mine, day)))
        if "region" in rule.scopes:
            pool.add(f"region:{body.region}", rule, part, body)
        if "trade" in rule.scopes:
            for trade, of_trade in _by_trade(rule, mine).items():
                pool.add(f"trade:{trade}", rule, part_of(rule, of_trade, day), body)
    return Finding(body.subject, tuple(values), body)


def pooled_findings(pack: Pack, pool: Pool) -> list[Finding]:
    """The values of every region of the pack, with all that lies below it, and of every trade."""
    rolled = rolled_up(pack, pool)
    findings = []
    for code in sorted(pack.regions):
        subject = Subject("region", code, pack.regions[code].title, code)
        values = [
            _pooled_value(rule, rolled, f"region:{code}")
            for rule in pack.warning_rules.values()
            if "region" in rule.scopes
        ]
        findings.append(Finding(subject, tuple(values), pool.governments.get(code)))
    for rule in pack.warning_rules.values():
        if "trade" not in rule.scopes:
            continue
        for trade, title in trades(pack, rule).items():
            value = _pooled_value(rule, rolled, f"trade:{trade}")
            findings.append(Finding(Subject("trade", trade, title), (value,)))
    return _by_object(findings)


def trades(pack: Pack, rule: WarningRule) -> dict[str, str]:
    """The trades a rule tells apart, code -> title."""
    found: dict[str, str] = {}
    for code in rule.source.types:
        field = pack.types[code].field(rule.trade_field or "") if code in pack.types else None
        found |= {choice.code: choice.title for choice in (field.values if field else ())}
    return found


def rolled_up(pack: Pack, pool: Pool) -> Pool:
    """The pool with what each region holds added to every region above it."""
    rolled = Pool()
    rolled.governments = pool.governments
    for key, rules in pool.parts.items():
        for above in _upward(pack, key):
            mine = rolled.parts.setdefault(above, {})
            for code, part in rules.items():
                mine[code] = merged([mine.get(code, {}), part])
    for key, shares in pool.shares.items():
        for above in _upward(pack, key):
            for code, entries in shares.items():
                rolled._share(above, code, entries)
    for region, rules_ in pool.counts.items():
        for above in _upward(pack, f"region:{region}"):
            for code, levels in rules_.items():
                for level, number in levels.items():
                    counts = rolled.counts.setdefault(above.partition(":")[2], {})
                    of_rule = counts.setdefault(code, {})
                    of_rule[level] = of_rule.get(level, 0) + number
    return rolled


def cells_of(
    pack: Pack, rule: WarningRule, pool: Pool, levels: Mapping[str, Mapping[str, Standing]]
) -> list[MapCell]:
    """The map of a rule: each region with its value, its level, and how many bodies stand where.
    `pool` is rolled up; `levels`: key of a region -> rule -> level."""
    cells = []
    for region in sorted(pack.regions):
        key = f"region:{region}"
        value = _pooled_value(rule, pool, key) if "region" in rule.scopes else None
        number = None if value is None else value.value
        cells.append(
            MapCell(
                region=region,
                value="" if number is None else f"{number:f}",
                level=levels.get(key, {}).get(rule.code, "none"),
                sample=0 if value is None else value.sample,
                counts=pool.counts.get(region, {}).get(rule.code, {}),
            )
        )
    return cells


def _upward(pack: Pack, key: str) -> Iterable[str]:
    kind, _, code = key.partition(":")
    yield key
    seen = {code}
    while kind == "region" and code in pack.regions:
        parent = pack.regions[code].parent
        if parent is None or parent in seen:
            return
        seen.add(parent)
        code = parent
        yield f"region:{code}"


def _pooled_value(rule: WarningRule, pool: Pool, key: str) -> Value:
    part = pool.parts.get(key, {}).get(rule.code, {})
    bodies = tuple(pool.shares.get(key, {}).get(rule.code, ()))
    return Value(rule.code, value_of(rule, part), sample_of(part), bodies=bodies)


def _by_object(findings: Iterable[Finding]) -> list[Finding]:
    """One finding per object."""
    found: dict[str, Finding] = {}
    for one in findings:
        known = found.get(one.subject.key)
        values = one.values if known is None else (*known.values, *one.values)
        found[one.subject.key] = Finding(one.subject, values, one.body)
    return list(found.values())


def _by_trade(rule: WarningRule, rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        for trade in trades_of(rule, row):
            found.setdefault(trade, []).append(row)
    return found


def _value(rule: WarningRule, part: Part, behind: Sequence[Row]) -> Value:
    rows = tuple(
        RowReference(row.row_id, row.version, row.type, row.occurred_on.isoformat())
        for row in behind[:MOST_ROWS]
    )
    return Value(rule.code, value_of(rule, part), sample_of(part), rows, len(behind))
