"""What answers come to."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.surveys.model import Choice, Question, Survey, SurveyedBody
from chalicelib.surveys.rules import counted, faults_in, result_of

SCALE = (Choice(1, "不满意"), Choice(3, "一般"), Choice(5, "满意"))
BODY = SurveyedBody("11990100MB0000019L", "示例市住房局")
SURVEY = Survey(
    survey_id="sv_1",
    jurisdiction="nanjing",
    region="329900",
    title="调查",
    purpose="说明",
    questions=(Question("a", "问一", SCALE), Question("b", "问二", SCALE)),
    bodies=(BODY,),
    opens_on="2026-06-15",
    closes_on="2026-06-30",
    least_answers=3,
    created_by="office",
    created_at="2026-06-15T04:00:00.000Z",
)
ANSWERS = st.fixed_dictionaries({name: st.sampled_from([1, 3, 5]) for name in ("a", "b")})


@pytest.mark.requirement("R-62")
@given(st.lists(ANSWERS, max_size=30))
def test_every_answer_is_in_the_sums_once(answers: list[dict[str, int]]) -> None:
    tally: Counter[str] = Counter()
    for answer in answers:
        assert faults_in(SURVEY, BODY.code, answer) == []
        tally.update(counted(answer))
    result = result_of(SURVEY, BODY, tally)
    assert result.answers == len(answers)
    if len(answers) < SURVEY.least_answers:
        assert result.questions == () and result.satisfaction == ""
        return
    assert 0 <= Decimal(result.satisfaction) <= 100
    for one in result.questions:
        assert sum(one.counts) == len(answers)
        given_scores = sorted(answer[one.question.code] for answer in answers)
        assert given_scores[0] <= Decimal(one.average) <= given_scores[-1]
