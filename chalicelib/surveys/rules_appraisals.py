"""What appraisals come to: a score per category of representatives, weighed into one. Pure."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from chalicelib.surveys.model import SurveyedBody
from chalicelib.surveys.model_appraisals import Appraised, CategoryResult, Round, Tallies
from chalicelib.surveys.rules import satisfaction

_HUNDREDTH = Decimal("0.01")


def appraised(around: Round, body: SurveyedBody, tallies: Tallies) -> Appraised:
    """What a round came to for a body. A category with too few answers counts nothing: what the
    others weigh is measured against each other."""
    results = []
    points, weights, everything = Decimal(0), 0, 0
    for category in around.categories:
        tally = tallies.get((body.code, category.code), {})
        answers = tally.get("answers", 0)
        everything += answers
        score = ""
        if answers >= around.least_answers:
            exact = satisfaction(around.questions, tally)
            points, weights = points + exact * category.weight, weights + category.weight
            score = _text(exact)
        results.append(CategoryResult(category, answers, score))
    total = _text(points / weights) if weights else ""
    return Appraised(body, everything, total, tuple(results))


def _text(value: Decimal) -> str:
    return str(value.quantize(_HUNDREDTH, ROUND_HALF_UP))
