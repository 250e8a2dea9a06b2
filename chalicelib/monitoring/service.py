"""What readers may know of monitoring: warnings, the map, the series, and how runs come along.

A body sees the warnings about itself, an office above it those of the bodies right below, a credit
office those of its region and what lies in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from chalicelib.access.service import may_act_on, region_covers
from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import Condition
from chalicelib.creditfile import service as files
from chalicelib.kernel.clock import civil_date
from chalicelib.kernel.errors import Fault, Forbidden, Invalid, NotFound
from chalicelib.monitoring import backtests, starting, store, store_warnings
from chalicelib.monitoring.model import Standing
from chalicelib.monitoring.model_runs import HistoryEntry, MapCell, RaisedWarning, Run
from chalicelib.monitoring.rules_findings import trades
from chalicelib.policy import service as policy
from chalicelib.policy.model import Pack
from chalicelib.policy.warnings import WarningRule
from chalicelib.web.model import Caller, Scope

start_look = starting.start_look
start_back_test = backtests.start_back_test
BackTestOrder = backtests.Order
rule_of_run = backtests.rule_of_run
pack_of = starting.pack_of

_READ_AHEAD = 500
_MOST_READS = 4
"""Reads of one request: who sees little of a long history is told to go on from there."""
MOST_DAYS = 800
"""Days of one series."""


@dataclass(frozen=True, slots=True)
class Query:
    """Which warnings are wanted; what is empty does not matter."""

    level: str = ""
    rule: str = ""
    state: str = ""
    body: str = ""
    region: str = ""

    def condition(self) -> Condition | None:
        """The filter in the table's words, but for the region, which holds what is below it."""
        wanted = {"level": self.level, "rule": self.rule, "state": self.state,
                  "body_code": self.body}  # fmt: skip
        given = {name: value for name, value in wanted.items() if value}
        if not given:
            return None
        return Condition(" AND ".join(f"#{name} = :{name}" for name in given), dict(given))


@dataclass(frozen=True, slots=True)
class Point:
    """The value of a day."""

    day: str
    value: str
    level: Standing
    sample: int


def list_warnings(
    platform: Platform,
    caller: Caller,
    scope: Scope,
    query: Query,
    limit: int,
    start: Item | None,
) -> tuple[list[RaisedWarning], Item | None]:
    """The warnings the caller may see, the newest first, and where the next page starts. A page may
    have fewer than `limit`, even none, and still have a next: no request reads all of history."""
    found: list[RaisedWarning] = []
    last: Item | None = None
    for _ in range(_MOST_READS):
        page = store_warnings.page_of_warnings(
            platform, caller.jurisdiction, query.condition(), _READ_AHEAD, start
        )
        for item in page.items:
            warning = store_warnings.warning_from(item)
            inside = not query.region or region_covers(query.region, warning.subject.region)
            if not inside or not sees(platform, caller, scope, warning):
                continue
            if len(found) == limit:
                return found, last
            found.append(warning)
            last = {name: item[name] for name in ("pk", "sk", "listing", "position")}
        start = page.next_start
        if start is None:
            break
    return found, start


def sees(platform: Platform, caller: Caller, scope: Scope, warning: RaisedWarning) -> bool:
    """Whether a caller may see a warning."""
    if warning.jurisdiction != caller.jurisdiction:
        return False
    if warning.subject.watched == "trade":
        pack = policy.pack_for(caller.jurisdiction, civil_date(platform.clock()))
        return starting.covers_whole(pack, caller, scope)
    if may_act_on(caller, scope, warning.body_code, warning.subject.region, warning.body_id):
        return True
    return scope is Scope.BELOW and bool(warning.superior) and (
        warning.superior == caller.agency_code
    )


def find_warning(
    platform: Platform, caller: Caller, scope: Scope, warning_id: str
) -> tuple[RaisedWarning, list[HistoryEntry]]:
    """A warning and what became of it. Raises NotFound, alike for what is nobody's business."""
    warning = store_warnings.load_warning(platform, warning_id)
    if warning is None or not sees(platform, caller, scope, warning):
        raise NotFound("没有这条预警，或者与您无关")
    return warning, store_warnings.history_of(platform, warning_id)


def heat_map(
    platform: Platform, caller: Caller, scope: Scope, rule: str, on: date | None
) -> tuple[str, list[WarningRule], dict[str, list[MapCell]]]:
    """The day, the rules and each rule's regions the caller may see, of one rule if given. Raises
    NotFound (no such rule, no monitoring, nothing looked at on that day)."""
    pack = pack_of(platform, caller.jurisdiction)
    if rule and rule not in pack.warning_rules:
        raise NotFound("没有这条预警规则", code="unknown_rule")
    day = (on or civil_date(platform.clock())).isoformat()
    if on is None:
        newest = store.newest_runs(platform, "look", caller.jurisdiction, 5)
        day = next((run.day for run in newest if run.status == "completed"), day)
    found = store.maps_on(platform, caller.jurisdiction, day, rule)
    if not found:
        raise NotFound("这一天没有监测数据", code="not_monitored")
    rules = [one for one in pack.warning_rules.values() if one.code in found]
    return day, rules, {
        code: [cell for cell in cells if may_act_on(caller, scope, "", cell.region)]
        for code, cells in found.items()
    }


def trend(
    platform: Platform,
    caller: Caller,
    scope: Scope,
    rule: str,
    subject: str,
    days: tuple[date, date],
) -> tuple[WarningRule, list[Point]]:
    """The values of one rule for one object (`body:<unified code>`, `region:<code>`,
    `trade:<choice>`) day by day. Raises NotFound, Forbidden, Invalid."""
    pack = pack_of(platform, caller.jurisdiction)
    found = pack.warning_rules.get(rule)
    if found is None:
        raise NotFound("没有这条预警规则", code="unknown_rule")
    first, last = days
    if last < first or (last - first).days >= MOST_DAYS:
        message = f"截止日期不早于开始日期，一次最多 {MOST_DAYS} 天"
        raise Invalid(faults=[Fault("/to", "span_order", message)])
    key = _key_of(platform, pack, caller, scope, found, subject)
    series = store.values_between(
        platform, caller.jurisdiction, key, first.isoformat(), last.isoformat()
    )
    return found, [Point(day, *values[rule]) for day, values in series if rule in values]


def find_run(platform: Platform, caller: Caller, purpose: str, run_id: str) -> Run:
    """A run of the caller's jurisdiction; a back-test of whoever has its region below. Raises
    NotFound."""
    run = store.load_run(platform, run_id)
    if run is None or run.purpose != purpose or run.jurisdiction != caller.jurisdiction:
        raise NotFound("没有这次监测或者回测")
    if run.region and not region_covers(caller.region, run.region):
        raise NotFound("没有这次监测或者回测")
    return run


def list_runs(platform: Platform, caller: Caller, purpose: str, limit: int) -> Sequence[Run]:
    """The newest runs of the caller's jurisdiction that it may see."""
    found = store.newest_runs(platform, purpose, caller.jurisdiction, limit)
    return [run for run in found if not run.region or region_covers(caller.region, run.region)]


def _key_of(
    platform: Platform,
    pack: Pack,
    caller: Caller,
    scope: Scope,
    rule: WarningRule,
    subject: str,
) -> str:
    kind, _, code = subject.partition(":")
    known = {"region": code in pack.regions, "trade": code in trades(pack, rule)}
    if kind == "body":
        body = files.find_subject(platform, files.body_id(code))
        files.check_scope(platform, caller, scope, body)
        return f"body:{body.subject_id}"
    if not known.get(kind, False):
        message = "object 写作 body:统一社会信用代码、region:行政区划代码或者 trade:行业"
        raise Invalid(faults=[Fault("/object", "unknown_object", message)])
    whole = kind == "trade" and starting.covers_whole(pack, caller, scope)
    if not whole and (kind == "trade" or not may_act_on(caller, scope, "", code)):
        raise Forbidden("不在管辖范围内", code="outside_scope")
    return subject
