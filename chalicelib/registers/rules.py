"""Where an entry of a register stands on a day, with its working. Pure.

A register says which steps an entry takes, which of them are required, by when, and which figure
the platform computes instead. From that and from what was reported follows the status; nobody sets
it. What is missing is named, with the clause that demands it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from chalicelib.policy.base import LegalBasis
from chalicelib.policy.model import FieldValue
from chalicelib.policy.programme import Register, RegisterStep
from chalicelib.registers.model import Report

StatusCode = Literal["complete", "in_progress", "due_soon", "overdue", "incomplete", "lapsed"]
StepState = Literal["done", "missing", "overdue", "not_required"]

STATUS_TITLES: Final[Mapping[StatusCode, str]] = {
    "complete": "已完成",
    "in_progress": "进行中",
    "due_soon": "即将到期",
    "overdue": "逾期",
    "incomplete": "缺少步骤",
    "lapsed": "已失效",
}
STEP_TITLES: Final[Mapping[StepState, str]] = {
    "done": "已完成",
    "missing": "未完成",
    "overdue": "逾期未完成",
    "not_required": "不要求",
}
OPEN: Final[frozenset[StatusCode]] = frozenset(
    {"in_progress", "due_soon", "overdue", "incomplete", "lapsed"}
)
"""Statuses in which something is still to be done."""


@dataclass(frozen=True, slots=True)
class FigureValue:
    """A figure as the platform computed it; `value` None: there is nothing to compute it from."""

    value: Decimal | None
    explanation: str
    """In Chinese: what was counted, over which time."""


@dataclass(frozen=True, slots=True)
class Case:
    """What is judged: the register's rules and one entry's facts."""

    register: Register
    fields: Mapping[str, FieldValue]
    reports: Sequence[Report]
    doers: tuple[str, ...]
    """Agencies each of which must do every required step; none: nobody is charged yet."""
    due_on: date | None
    valid_until: date | None = None
    continuous: bool = False
    """It goes on: reported, but never complete."""


@dataclass(frozen=True, slots=True)
class StepStatus:
    """One step of an entry on a day."""

    step: RegisterStep
    state: StepState
    why: str
    reports: tuple[Report, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """Something required that is not there, and what demands it."""

    code: str
    title: str
    basis: LegalBasis


@dataclass(frozen=True, slots=True)
class Status:
    """Where an entry stands, and why."""

    code: StatusCode
    steps: tuple[StepStatus, ...]
    missing: tuple[Missing, ...]
    working: tuple[str, ...]
    """In Chinese, line by line."""
    computed: bool
    """Whether the platform's own figure decided it, whatever was reported."""

    @property
    def title(self) -> str:
        """The status in Chinese."""
        return STATUS_TITLES[self.code]


def required(step: RegisterStep, fields: Mapping[str, FieldValue]) -> bool:
    """Whether an entry with these fields must take the step."""
    if step.required_when is None:
        return step.required
    value = fields.get(step.required_when.field)
    parts = (value, *value.split(",")) if isinstance(value, str) else (value,)
    return any(part in step.required_when.values for part in parts)


def assess(case: Case, today: date, figure: FigureValue | None = None) -> Status:
    """The status of an entry on `today`. `figure` is what the platform computed where the register
    has a target; None there means that it could not be computed."""
    is_late = case.due_on is not None and today > case.due_on
    steps = tuple(_step(case, step, is_late) for step in case.register.steps)
    working = [f"{found.step.title}：{found.why}" for found in steps]
    missing = [
        Missing(found.step.code, found.step.title, found.step.basis)
        for found in steps
        if found.state in ("missing", "overdue")
    ]
    target = case.register.target
    if target is not None:
        working.append(figure_line(target.at_least, figure))
        is_reached = reaches(target.at_least, figure)
        missing = [] if is_reached else [_figure_missing(case.register)]
    if not case.doers:
        working.insert(0, "尚未分派责任单位")
        if missing:
            missing.insert(0, Missing("assignment", "分派责任单位", case.register.basis))
    code = _code(case, today, steps, bool(missing))
    working.append(_reason(case, code, today))
    return Status(code, steps, tuple(missing), tuple(working), computed=target is not None)


def reaches(at_least: Decimal, figure: FigureValue | None) -> bool:
    """Whether a figure is known and reaches its target."""
    return figure is not None and figure.value is not None and figure.value >= at_least


def figure_line(at_least: Decimal, figure: FigureValue | None) -> str:
    """A figure against its target, in Chinese."""
    if figure is None or figure.value is None:
        told = "" if figure is None else f"（{figure.explanation}）"
        return (
            f"由平台计算，目标不低于 {shown(at_least)}；目前没有可以计算的数据{told}，报告不能代替"
        )
    verdict = "达到" if figure.value >= at_least else "未达到"
    return (
        f"由平台计算：{shown(figure.value)}，目标不低于 {shown(at_least)}，{verdict}"
        f"（{figure.explanation}）；报告不能代替"
    )


def shown(number: Decimal) -> str:
    """A number without zeros that carry nothing."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _figure_missing(register: Register) -> Missing:
    return Missing("figure", "平台计算的指标未达到目标", register.basis)


def _step(case: Case, step: RegisterStep, is_late: bool) -> StepStatus:
    reports = tuple(report for report in case.reports if report.step == step.code)
    reported = {report.agency_code for report in reports}
    waiting = [code for code in case.doers if code not in reported]
    is_required = required(step, case.fields)
    if reports and (not waiting or not is_required):
        last = max(report.done_on for report in reports)
        return StepStatus(step, "done", f"{last} 完成", reports)
    if not is_required:
        return StepStatus(
            step, "not_required", condition(case.register, step) or "可选步骤", reports
        )
    why = f"应当完成，依据：{place(step.basis)}"
    if reports:
        why = f"还有 {len(waiting)} 个责任单位没有报告；{why}"
    if is_late:
        return StepStatus(step, "overdue", f"已过 {case.due_on}，{why}", reports)
    return StepStatus(step, "missing", why, reports)


def condition(register: Register, step: RegisterStep) -> str | None:
    """When a step is required, in Chinese; None if that does not depend on the entry."""
    rule = step.required_when
    field = next((one for one in register.fields if rule and one.code == rule.field), None)
    if rule is None or field is None:
        return None
    values = "或".join(field.text_of(value) for value in rule.values)
    return f"仅当“{field.title}”为“{values}”时要求"


def place(basis: LegalBasis) -> str:
    """A legal basis in one line."""
    return f"{basis.document} {basis.clause}".strip()


def _code(case: Case, today: date, steps: Sequence[StepStatus], is_open: bool) -> StatusCode:
    if case.valid_until is not None and today > case.valid_until:
        return "lapsed"
    if not is_open:
        return "in_progress" if case.continuous and case.register.target is None else "complete"
    if case.due_on is not None and today > case.due_on:
        return "overdue"
    if case.register.target is None and _skipped(steps):
        return "incomplete"
    if case.due_on is not None and (case.due_on - today).days <= warning_days(case.register):
        return "due_soon"
    return "in_progress"


def _skipped(steps: Sequence[StepStatus]) -> bool:
    """Whether a required step is missing though a later one is done."""
    lacking = False
    for found in steps:
        if found.state == "done" and lacking:
            return True
        lacking = lacking or found.state in ("missing", "overdue")
    return False


def warning_days(register: Register) -> int:
    """How many calendar days before a due day an entry counts as due soon."""
    return max(register.remind_days, default=0)


def _reason(case: Case, code: StatusCode, today: date) -> str:
    due = case.due_on
    if code == "lapsed":
        return f"有效期至 {case.valid_until}，已经失效，应当重新办理"
    if code == "overdue" and due is not None:
        return f"应于 {due} 前完成，已逾期 {(today - due).days} 天"
    if code == "incomplete":
        return "后面的步骤已经完成，而前面应当完成的步骤缺失"
    if code == "due_soon" and due is not None:
        return f"应于 {due} 前完成，还剩 {(due - today).days} 天"
    if code == "complete":
        return "要求的都已完成"
    if case.continuous:
        return "持续实施，没有完成期限"
    return f"应于 {due} 前完成" if due else "没有规定完成期限"


# -- what may be reported -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a report is not taken: a rule and a Chinese sentence; `pointer` into the body, or empty
    where not the body but the state of things stands against it."""

    code: str
    message: str
    pointer: str = ""


def report_objections(
    case: Case, step: RegisterStep, done_on: date, today: date, has_evidence: bool
) -> list[Objection]:
    """What stands against reporting that `step` was done on `done_on`."""
    found: list[Objection] = []
    if done_on > today:
        found.append(Objection("in_future", "完成日期不能晚于今天", "/done_on"))
    if step.evidence and not has_evidence:
        message = f"“{step.title}”须附证明材料"
        found.append(Objection("required", message, "/evidence"))
    found += _order_objections(case, step, done_on)
    return found


def _order_objections(case: Case, step: RegisterStep, done_on: date) -> list[Objection]:
    days = days_done(case.reports)
    titles = {one.code: one for one in case.register.steps}
    day = done_on.isoformat()
    found: list[Objection] = []
    before = titles.get(step.follows or "")
    if before is not None:
        if before.code in days and day < days[before.code]:
            message = f"“{step.title}”不能早于“{before.title}”（{days[before.code]}）"
            found.append(Objection("before_other", message, "/done_on"))
        elif before.code not in days and required(before, case.fields):
            message = f"“{step.title}”须在“{before.title}”之后，请先报告“{before.title}”"
            found.append(Objection("step_before", message))
    for later in case.register.steps:
        if later.follows == step.code and later.code in days and days[later.code] < day:
            message = f"“{later.title}”已报告于 {days[later.code]} 完成，本步骤不能晚于它"
            found.append(Objection("before_other", message, "/done_on"))
    return found


def take_back_objection(case: Case, step: RegisterStep) -> Objection | None:
    """Why the report of a step may not be taken back: a step that follows it stands."""
    days = days_done(case.reports)
    for later in case.register.steps:
        if later.follows == step.code and later.code in days and required(step, case.fields):
            return Objection("step_followed", f"请先撤回其后的“{later.title}”")
    return None


def days_done(reports: Sequence[Report]) -> dict[str, str]:
    """The first day on which each step was reported done, as ISO text."""
    days: dict[str, str] = {}
    for report in reports:
        days[report.step] = min(days.get(report.step, report.done_on), report.done_on)
    return days


# -- keepers --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeeperStatus:
    """How one keeper stands in one register."""

    counts: Mapping[StatusCode, int]
    entries: int
    lacking: int
    """Entries the keeper should have and has not."""
    missing: tuple[tuple[Missing, int], ...]
    """What entries lack, and in how many of them."""
    figure: str
    """The platform's figure against its target, in Chinese; empty without one."""
    is_fine: bool
    """Nothing is lacking, missing, overdue or lapsed."""


def assess_keeper(
    register: Register, statuses: Sequence[Status], figure: FigureValue | None = None
) -> KeeperStatus:
    """What a keeper has and lacks. A lapsed entry does not count towards `at_least`."""
    counts: dict[StatusCode, int] = {code: 0 for code in STATUS_TITLES}
    kinds: dict[str, Missing] = {}
    numbers: dict[str, int] = {}
    for status in statuses:
        counts[status.code] += 1
        for lack in status.missing:
            kinds.setdefault(lack.code, lack)
            numbers[lack.code] = numbers.get(lack.code, 0) + 1
    target = register.target
    has_figure = target is not None and reaches(target.at_least, figure)
    lacking = max(register.at_least - (len(statuses) - counts["lapsed"]), 0)
    if target is not None:
        lacking = 0  # the figure stands for what would have to be reported
    bad = counts["overdue"] + counts["lapsed"] + counts["incomplete"]
    return KeeperStatus(
        counts=counts,
        entries=len(statuses),
        lacking=lacking,
        missing=tuple((kinds[code], numbers[code]) for code in kinds),
        figure="" if target is None else figure_line(target.at_least, figure),
        is_fine=not bad and not lacking and (target is None or has_figure),
    )
