"""Counting answers: which are complete, and what they come to. Pure.

Only counters are ever kept, never an answer: nobody can say who gave which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from chalicelib.kernel.errors import Fault
from chalicelib.surveys.model import (
    BodyResult,
    Question,
    QuestionResult,
    Survey,
    SurveyedBody,
    Tally,
)

SHARDS = 8
"""Counters of one body, so that many answers at once do not wait for each other."""


def faults_in(survey: Survey, code: str, answers: Mapping[str, int]) -> list[Fault]:
    """Why an answer is none: a body that is not asked about, a question left out or unknown, a
    score that is not on the scale."""
    faults = []
    if code not in {body.code for body in survey.bodies}:
        faults.append(Fault("/unified_code", "body_not_surveyed", "这次调查不包括这个单位"))
    return faults + answer_faults(survey.questions, answers)


def answer_faults(questions: Sequence[Question], answers: Mapping[str, int]) -> list[Fault]:
    """A question left out or unknown, a score that is not on the scale."""
    faults = []
    known = {question.code: question for question in questions}
    for name, question in known.items():
        scores = [choice.score for choice in question.scale]
        if name not in answers:
            message = f"“{question.title}”还没有回答"
            faults.append(Fault(f"/answers/{name}", "required", message))
        elif answers[name] not in scores:
            message = f"“{question.title}”只能是：{'、'.join(map(str, scores))}"
            faults.append(Fault(f"/answers/{name}", "not_on_scale", message))
    faults += [
        Fault(f"/answers/{name}", "not_wanted", "没有这个问题")
        for name in answers
        if name not in known
    ]
    return faults


def counted(answers: Mapping[str, int]) -> list[str]:
    """The counters that an answer adds one to."""
    return ["answers", *(f"{name}_{score}" for name, score in sorted(answers.items()))]


def result_of(survey: Survey, body: SurveyedBody, tally: Tally) -> BodyResult:
    """What the answers about a body come to; with too few, only how many there are."""
    answers = tally.get("answers", 0)
    if answers < survey.least_answers:
        return BodyResult(body, answers, "")
    found = tuple(_question(question, tally) for question in survey.questions)
    return BodyResult(body, answers, _text(satisfaction(survey.questions, tally), "0.1"), found)


def satisfaction(questions: Sequence[Question], tally: Tally) -> Decimal:
    """How far up the scales the answers lie, the mean of all questions: 0 to 100, exact. There is
    at least one answer."""
    shares = [_share(_question(question, tally)) for question in questions]
    return sum(shares, Decimal(0)) / len(shares) * 100


def _question(question: Question, tally: Tally) -> QuestionResult:
    counts = [tally.get(f"{question.code}_{choice.score}", 0) for choice in question.scale]
    return QuestionResult(question, tuple(counts), _text(_average(question, counts), "0.01"))


def _average(question: Question, counts: list[int]) -> Decimal:
    together = sum(
        choice.score * count for choice, count in zip(question.scale, counts, strict=True)
    )
    return Decimal(together) / max(1, sum(counts))


def _share(result: QuestionResult) -> Decimal:
    """How far up its scale the answers to a question lie, 0 to 1."""
    scores = [choice.score for choice in result.question.scale]
    low, high = min(scores), max(scores)
    return (_average(result.question, list(result.counts)) - low) / (high - low)


def _text(value: Decimal, places: str) -> str:
    return str(value.quantize(Decimal(places), ROUND_HALF_UP))
