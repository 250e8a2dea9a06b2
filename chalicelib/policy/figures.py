"""The catalogue of figures: what an evaluation or a warning may count that is no record.

A figure has a code (`accounts.on_time`); what is read of it for one subject are rows, each with a
day, the id of what it was made from, and one or more of the values named here. Which figures there
are follows from the pack: of a register or a kind of case the pack does not have, or of a mechanism
that is off, there is none. Pure: how rows are read is the business of evaluation's `figures`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal

from chalicelib.policy.base import GOVERNMENT_BODIES, SUBJECT_KINDS, Frozen, SubjectKind
from chalicelib.policy.case_kinds import CaseKind, CaseLimit, Relation
from chalicelib.policy.model import Pack
from chalicelib.policy.programme import Register
from chalicelib.policy.reported import ReportedFigure

FigureValueName = Literal["value", "numerator", "denominator", "weight"]

FigureSource = Literal[
    "accounts",
    "coverage",
    "registers",
    "tasks",
    "cases",
    "surveys",
    "appraisals",
    "reported",
    "third_party",
]

SHARE: Final[tuple[FigureValueName, ...]] = ("value", "numerator", "denominator")
NUMBER: Final[tuple[FigureValueName, ...]] = ("value",)
ANSWERED: Final[tuple[FigureValueName, ...]] = ("value", "weight")

_BODIES: Final[tuple[SubjectKind, ...]] = tuple(
    kind for kind in SUBJECT_KINDS if kind in GOVERNMENT_BODIES
)
_THIRD_PARTY: Final = re.compile(r"third_party\.[a-z][a-z0-9_]{0,63}")


class Figure(Frozen):
    """One figure: what it is called, what a row of it carries, and whom it is about."""

    code: str
    title: str
    unit: str
    """Of `value`, in Chinese: 比例 (0 to 1), 件, 分, 百分数 ..."""
    values: tuple[FigureValueName, ...]
    """What a row carries: a share both sides of its fraction, and their quotient as `value` where
    the denominator is not 0; an average the number of answers as `weight`."""
    about: tuple[SubjectKind, ...]
    source: FigureSource
    definition: str
    """In Chinese: what is counted, over what, and which day places it in a period."""

    @property
    def numbers(self) -> frozenset[FigureValueName]:
        """The values a rule may name."""
        return frozenset(self.values)


def _share(code: str, title: str, source: FigureSource, definition: str) -> Figure:
    return Figure(
        code=code, title=title, unit="比例", values=SHARE, about=_BODIES, source=source,
        definition=definition,
    )  # fmt: skip


ACCOUNTS: Final[Mapping[str, Figure]] = {
    one.code: one
    for one in (
        _share(
            "accounts.stored",
            "入库率",
            "accounts",
            "每月一行：入库的条数 ÷（入库的条数＋校验没有通过、尚未更正的条数）",
        ),
        _share(
            "accounts.on_time",
            "及时率",
            "accounts",
            "每月一行：在时限内报送的条数 ÷ 入库的条数；没有时限的信息视为及时",
        ),
        _share(
            "accounts.collected",
            "归集率",
            "accounts",
            "每月一行：入库的条数 ÷ 已知的全部决定（申报的产生数，或者实际收到而更多的）；"
            "有一类没有申报的月份不计",
        ),
        _share(
            "accounts.declared",
            "上报率",
            "accounts",
            "每月一行：已申报产生数（含零报告）的信息类别数 ÷ 应当申报的类别数；申报期没有结束的"
            "月份不计",
        ),
    )
}
"""完整率 (data items given of those demanded) is not among them: the accounts count decisions."""

COVERAGE: Final[Mapping[str, Figure]] = {
    one.code: one
    for one in (
        _share(
            "coverage.bodies",
            "政务主体记录覆盖率",
            "coverage",
            "一行：本行政区划及以下有信用记录的政务主体 ÷ 登记的政务主体，以最近一次统计为准；"
            "只计入人民政府",
        ),
        _share(
            "coverage.officials",
            "公职人员记录覆盖率",
            "coverage",
            "一行：本行政区划及以下有信用记录的公职人员 ÷ 登记的公职人员，以最近一次统计为准；"
            "只计入人民政府",
        ),
    )
}

SATISFACTION: Final = Figure(
    code="surveys.satisfaction",
    title="群众满意度",
    unit="百分数",
    values=ANSWERED,
    about=_BODIES,
    source="surveys",
    definition="每项在期内结束的满意度调查一行：满意度（0 到 100），答卷份数为权重；答卷太少的不计",
)
APPRAISAL: Final = Figure(
    code="appraisals.score",
    title="评议得分",
    unit="百分数",
    values=ANSWERED,
    about=_BODIES,
    source="appraisals",
    definition="每轮在期内结束的评议一行：各类代表得分（0 到 100）按该轮设定的权重合成，"
    "评议份数为权重；份数太少的不计",
)

WHOSE_TURN: Final[Mapping[str, tuple[Relation, ...]]] = {
    "cases": ("subject",),
    "handling": ("superior", "source_agency", "determining_agency"),
}
"""Prefix of a figure of cases -> in which parts of the cases the body itself had to act."""
_IN_TIME, _OVERDUE = "_in_time", "_overdue"


def duties_of(kind: CaseKind, prefix: str) -> tuple[CaseLimit, ...]:
    """The limits within which whoever has the part `prefix` names must act: those of states that
    are theirs. A limit after which the platform goes on by itself is a right and no duty."""
    return limits_of(kind, WHOSE_TURN[prefix])


def limits_of(kind: CaseKind, owners: tuple[Relation, ...]) -> tuple[CaseLimit, ...]:
    """The limits within which the owners of states must act, whoever they are."""
    codes = {code for state in kind.states if state.owner in owners for code in state.limits}
    return tuple(limit for limit in kind.limits if limit.code in codes and limit.then is None)


def case_parts(code: str) -> tuple[str, str, bool]:
    """Prefix, kind of case, and whether it is the cases in time (else those overdue) of a figure
    of cases. Raises ValueError for another figure."""
    prefix, _, rest = code.partition(".")
    if prefix in WHOSE_TURN and rest.endswith(_IN_TIME):
        return prefix, rest.removesuffix(_IN_TIME), True
    if prefix in WHOSE_TURN and rest.endswith(_OVERDUE):
        return prefix, rest.removesuffix(_OVERDUE), False
    raise ValueError(f"{code} is no figure of cases")


def register_parts(code: str) -> tuple[str, str]:
    """Register and what of it (`in_time`, `complete`, `overdue`). Raises ValueError for another
    figure."""
    prefix, _, rest = code.partition(".")
    for what in ("in_time", "complete", "overdue"):
        if prefix == "registers" and rest.endswith(f"_{what}"):
            return rest.removesuffix(f"_{what}"), what
    raise ValueError(f"{code} is no figure of registers")


def figures_of_pack(pack: Pack) -> dict[str, Figure]:
    """Every figure a pack has, by code; those of third parties apart, whose systems are not told
    by the pack."""
    return {figure.code: figure for figure in _figures(pack)}


def figure_of(pack: Pack, code: str) -> Figure | None:
    """The figure of that code, None where the pack has none such."""
    if _THIRD_PARTY.fullmatch(code):
        return _third_party(code) if _is_on(pack, "third_party") else None
    return figures_of_pack(pack).get(code)


def _is_on(pack: Pack, mechanism: str) -> bool:
    found = pack.mechanisms.get(mechanism)
    return found is not None and found.state != "off"


def _figures(pack: Pack) -> Iterator[Figure]:
    if pack.assessments:
        yield from ACCOUNTS.values()
    yield from COVERAGE.values()
    for register in pack.registers.values():
        yield from _of_register(register)
    if pack.tasks:
        yield from _TASKS
    for kind in pack.case_kinds.values():
        yield from _of_kind(kind)
    for reported in pack.reported_figures.values():
        yield _of_reported(reported)
    if _is_on(pack, "social_supervision"):
        yield SATISFACTION
    if _is_on(pack, "public_appraisal"):
        yield APPRAISAL


def _of_register(register: Register) -> Iterator[Figure]:
    if register.kept_by != "agency" or not register.steps:
        return
    title, day = register.title, "登记日"
    if register.due_field is not None:
        day = "应当完成日"
        yield _share(
            f"registers.{register.code}_in_time",
            f"{title}：按期完成率",
            "registers",
            "每项应当在期内完成的登记一行：要求的步骤全部按期完成为 1，否则为 0",
        )
        yield _count(
            f"registers.{register.code}_overdue",
            f"{title}：逾期项数",
            "registers",
            "每项应当在期内完成而逾期没有完成的登记一行",
        )
    yield _share(
        f"registers.{register.code}_complete",
        f"{title}：程序完备率",
        "registers",
        f"每项{day}在期内的登记一行：要求的步骤都已完成为 1，否则为 0",
    )


def _count(code: str, title: str, source: FigureSource, definition: str) -> Figure:
    return Figure(
        code=code, title=title, unit="件", values=NUMBER, about=_BODIES, source=source,
        definition=definition,
    )  # fmt: skip


_TASKS: Final = (
    _share(
        "registers.tasks_in_time",
        "责任分工：任务按期完成率",
        "tasks",
        "每项由本单位牵头、应当在期内完成的任务一行：本单位按期报告完成为 1，否则为 0",
    ),
    _count(
        "registers.tasks_overdue",
        "责任分工：逾期任务数",
        "tasks",
        "每项由本单位牵头、应当在期内完成而逾期没有完成的任务一行",
    ),
)


def _of_kind(kind: CaseKind) -> Iterator[Figure]:
    for prefix, part in (("cases", "本单位"), ("handling", "本单位负责办理")):
        if not duties_of(kind, prefix):
            continue
        limits = "、".join(limit.title for limit in duties_of(kind, prefix))
        about = _BODIES if prefix == "handling" or kind.about == "body" else _everybody()
        yield Figure(
            code=f"{prefix}.{kind.code}{_IN_TIME}",
            title=f"{kind.title}：{part}按期办理率",
            unit="比例",
            values=SHARE,
            about=about,
            source="cases",
            definition=f"每件轮到{part}、期限在期内届满的案件一行：没有逾期为 1，否则为 0"
            f"（{limits}）",
        )
        yield Figure(
            code=f"{prefix}.{kind.code}{_OVERDUE}",
            title=f"{kind.title}：{part}逾期件数",
            unit="件",
            values=NUMBER,
            about=about,
            source="cases",
            definition=f"每件轮到{part}、期限在期内届满而逾期的案件一行（{limits}）",
        )


def _of_reported(reported: ReportedFigure) -> Figure:
    return Figure(
        code=f"reported.{reported.code}",
        title=reported.title,
        unit=reported.unit,
        values=NUMBER,
        about=reported.about,
        source="reported",
        definition="每个填报期一行：经审核认定的数值；没有填报或者没有审核的不计。"
        f"{reported.purpose}",
    )


def _everybody() -> tuple[SubjectKind, ...]:
    return tuple(SUBJECT_KINDS)


def _third_party(code: str) -> Figure:
    return Figure(
        code=code,
        title=f"第三方评价（{code.removeprefix('third_party.')}）",
        unit="分",
        values=NUMBER,
        about=_BODIES,
        source="third_party",
        definition="每个在期内的评价期一行：第三方机构提交的得分，按其体系的满分",
    )
