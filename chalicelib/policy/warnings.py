"""Warning rules as data (大数据监测预警): which figure is watched, over which window, and which
values are blue, yellow, orange or red.

Every number is a decimal. A rule is about bodies, regions (a region holds what is below it) or
trades (行业, told by a field of the records); what it measures can be told of each of them from the
same records, because all of it is made of sums.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Final, Literal

from pydantic import Discriminator, StringConstraints
from pydantic import Field as Constrained

from chalicelib.policy.base import Code, Frozen, LegalBasis, Severity, SubjectKind, Title
from chalicelib.policy.scheme import Condition

Level = Literal["blue", "yellow", "orange", "red"]

LEVELS: Final[tuple[Level, ...]] = ("blue", "yellow", "orange", "red")
"""From the lightest to the gravest."""

LEVEL_TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {"none": "无预警", "blue": "蓝色", "yellow": "黄色", "orange": "橙色", "red": "红色"}
)

Watched = Literal["body", "region", "trade"]

WATCHED_TITLES: Final[Mapping[Watched, str]] = MappingProxyType(
    {"body": "单位", "region": "区域", "trade": "行业"}
)


RowType = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}(\.[a-z][a-z0-9_]{0,63})?$")
]
"""A record type, or the code of a figure (`cases.rectification_overdue`)."""


class WarningSource(Frozen):
    """Which rows are looked at: records linked to the body how, of which types, severities and
    values; or figures (`policy.figures`), whose fields are value, numerator, denominator, weight.

    `dishonesty` stands for every type, as far as the record is a dishonesty record. What was
    withdrawn, repaired or recognised as a good-faith error counts for nothing.
    """

    link: Literal["about", "reported_by", "figure"]
    types: tuple[RowType, ...] = ()
    dishonesty: bool = False
    severities: tuple[Severity, ...] = ()
    where: tuple[Condition, ...] = ()


class Count(Frozen):
    """How many records there are in the window."""

    kind: Literal["count"]


class Rate(Frozen):
    """The share of the records that were reported late, or that match all of `where`; 0..1. No
    records, no value."""

    kind: Literal["rate"]
    part: Literal["late", "matching"]
    where: tuple[Condition, ...] = ()


class Growth(Frozen):
    """(in the window - in the window before) / in the window before. With nothing before, one is
    divided by: three new records after none are growth by three."""

    kind: Literal["growth"]


class Overdue(Frozen):
    """How many records have a `due_field` before the day of the look and no value among `done` in
    `state_field`: not settled yet."""

    kind: Literal["overdue"]
    due_field: Code
    state_field: Code
    done: tuple[str, ...]


class Concentration(Frozen):
    """The largest share that one type, one body, one reporting agency or one value of `field` has
    of the records; 0..1. No records, no value."""

    kind: Literal["concentration"]
    by: Literal["type", "subject", "reporter", "field"]
    field: Code | None = None


class Sum(Frozen):
    """The sum of a numeric field, in the unit of the field; records without a value add nothing."""

    kind: Literal["sum"]
    field: Code


class Quotient(Frozen):
    """One numeric field divided by another: of the latest record of each body, or of all. Without
    a denominator above 0 there is no value."""

    kind: Literal["ratio"]
    numerator: Code
    denominator: Code
    rows: Literal["latest", "all"] = "latest"


Metric = Annotated[
    Count | Rate | Growth | Overdue | Concentration | Sum | Quotient, Discriminator("kind")
]

METRIC_TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "count": "件数",
        "rate": "比率",
        "growth": "环比增长率",
        "overdue": "逾期件数",
        "concentration": "集中度",
        "sum": "合计",
        "ratio": "比值",
    }
)


class Window(Frozen):
    """The time looked back over: `amount` days or calendar months up to and with the day."""

    amount: Annotated[int, Constrained(ge=1, le=3660)]
    unit: Literal["days", "months"]


class Hysteresis(Frozen):
    """When a warning falls: only after the value has stayed below the threshold by more than
    `margin` for `calm_days` days."""

    margin: Annotated[Decimal, Constrained(ge=0)]
    calm_days: Annotated[int, Constrained(ge=1, le=366)]


class Confirmation(Frozen):
    """What shows afterwards that a warning was right: a record about the body of one of `types`
    (none: any dishonesty record) and `severities`, within `horizon_days` after the warning."""

    types: tuple[Code, ...] = ()
    severities: tuple[Severity, ...] = ()
    horizon_days: Annotated[int, Constrained(ge=1, le=1100)]


class WarningRule(Frozen):
    """A rule of monitoring and early warning (预警规则)."""

    code: Code
    title: Title
    order: int = 100
    scopes: Annotated[tuple[Watched, ...], Constrained(min_length=1)]
    """About what it warns."""
    subjects: tuple[SubjectKind, ...] = ()
    """Kinds of bodies it looks at; empty: every government body."""
    source: WarningSource
    metric: Metric
    window: Window
    min_sample: Annotated[int, Constrained(ge=0, le=100_000)] = 0
    """Records there must be in the window, or there is no value."""
    trade_field: Code | None = None
    """The choice of the records that tells the trade."""
    thresholds: Mapping[Level, Decimal]
    """From which value (inclusive) each level holds; levels left out are never reached."""
    hysteresis: Hysteresis
    confirmed_by: Confirmation | None = None
    case_kind: Code | None = "warning"
    """The kind of case that a warning about a body, or about a region's government, opens."""
    mechanism: Code
    basis: LegalBasis
    note: str = ""
