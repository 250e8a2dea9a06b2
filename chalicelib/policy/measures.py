"""Incentives and sanctions (联合奖惩) as data: who is under which measure for what reason, from
when until when, what lifts it, and what follows from it in which scene (场景) of a business system.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final, Literal

from pydantic import Discriminator
from pydantic import Field as Constrained

from chalicelib.policy.base import Code, Frozen, LegalBasis, Severity, SubjectKind, Title
from chalicelib.policy.programme import Positive, Rating

Effect = Literal["priority", "note", "restrict", "refer"]
"""What a measure means in a scene: allow and prefer under equal conditions, allow and know of it,
restrict, or let a competent organ decide."""

MeasureKind = Literal["incentive", "sanction", "reference"]

KIND_TITLES: Final[Mapping[MeasureKind, str]] = MappingProxyType(
    {"incentive": "守信激励", "sanction": "失信惩戒", "reference": "评价结果应用"}
)

SceneAnswer = Literal["allow", "restrict", "refer"]

ANSWER_OF: Final[Mapping[Effect, SceneAnswer]] = MappingProxyType(
    {"priority": "allow", "note": "allow", "restrict": "restrict", "refer": "refer"}
)
EFFECT_TITLES: Final[Mapping[Effect, str]] = MappingProxyType(
    {"priority": "同等条件下优先", "note": "提示", "restrict": "限制", "refer": "转有权机关决定"}
)

LiftedBy = Literal[
    "repair", "exemption", "withdrawal", "waiver", "case_step", "new_evaluation", "dishonesty"
]

LIFTED_TITLES: Final[Mapping[LiftedBy, str]] = MappingProxyType(
    {
        "repair": "完成信用修复",
        "exemption": "认定容错",
        "withdrawal": "记录撤回",
        "waiver": "自我纠错认定减免",
        "case_step": "案件有了结论",
        "new_evaluation": "有了新的评价结果",
        "dishonesty": "形成有效的失信记录",
    }
)
"""What ends a measure before its time."""


class Scene(Frozen):
    """A matter in which a business system asks about a subject before it decides (场景)."""

    code: Code
    title: Title
    order: int
    asked_by: Title
    """Who asks, in words."""
    about: tuple[SubjectKind, ...]
    """Whom one can ask about."""
    answers: tuple[SceneAnswer, ...] = ("allow", "restrict", "refer")
    """Answers that can be given here at all."""
    feedback_days: Positive
    """Working days within which it is to be told what was done with the answer (自动监督)."""
    proof_days: Positive
    """Calendar days for which a proof (没有失信措施的证明) about the subject is good."""
    note: str = ""
    mechanism: Code | None = None
    basis: LegalBasis


class RecordGround(Frozen):
    """Every record about the subject that counts: of these types and severities."""

    kind: Literal["record"]
    types: tuple[Code, ...] = ()
    """None named: every dishonesty record."""
    severities: tuple[Severity, ...] = ()
    """None named: each. A dishonesty record without one counts as general."""


class RatingGround(Frozen):
    """Whatever bars the subject from a rating: decided by `rating_bars` and the bars of cases, in
    the room that answers about ratings, and nowhere a second time."""

    kind: Literal["rating"]
    rating: Rating


class CaseGround(Frozen):
    """A case about the subject that stands in one of these states."""

    kind: Literal["case"]
    states: Mapping[Code, tuple[Code, ...]]
    """Kind of case -> states."""


class EvaluationGround(Frozen):
    """The newest completed result of the subject under a scheme."""

    kind: Literal["evaluation"]
    scheme: Code
    grades: tuple[str, ...] = ()
    """None named: whatever the grade."""


Ground = Annotated[
    RecordGround | RatingGround | CaseGround | EvaluationGround, Discriminator("kind")
]


class MeasureEnd(Frozen):
    """When a measure is over by itself. It is in force on its last day to 24:00."""

    when: Literal["publicity_term", "months", "year", "case", "next_evaluation"]
    """With the longest publicity term of the record; so many months after the ground arose; on the
    last day of the year of the ground; with the state of the case; with the next result."""
    months: Positive | None = None
    """Of `months` and, as the longest, of `next_evaluation`: counted from the day the ground
    arose."""
    basis: LegalBasis


class InScene(Frozen):
    """What a measure means in one scene."""

    effect: Effect
    text: Annotated[str, Constrained(min_length=1, max_length=300)]
    """In words, as told to who asks."""


class MeasureEntry(Frozen):
    """One measure of incentive (守信激励) or sanction (失信惩戒), or what an evaluation result is
    taken into account for (评价结果应用): a reference, which neither prefers nor bars."""

    code: Code
    title: Title
    kind: MeasureKind
    about: tuple[SubjectKind, ...]
    grounds: tuple[Ground, ...]
    """Any of them suffices; each thing found is a measure of its own."""
    scenes: Mapping[Code, InScene] = {}
    """Without one: the measure is made known, and no check is answered otherwise for it."""
    ends: MeasureEnd
    lifted_by: tuple[LiftedBy, ...] = ()
    waivers: tuple[Code, ...] = ()
    """What self-correction must have been recognised as for `waiver` (减免, 免于; not 从轻). Of a
    rating the `rating_bars` say it."""
    mechanism: Code
    basis: LegalBasis
