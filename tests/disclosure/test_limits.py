"""What holds a result down is told in public, with basis and what would be without it."""

import json
from typing import Any

import pytest

from chalicelib.disclosure.runs import limits_of
from chalicelib.evaluation.explain import body_document
from chalicelib.evaluation.model import BodyFacts
from chalicelib.evaluation.rules import plan_of, score_body
from chalicelib.kernel.canonical import canonical_json
from tests.evaluation.builders import DEDUCTION, YEAR, leaf, row, scheme_of

CAP: dict[str, Any] = {
    "code": "dishonest",
    "title": "有政务失信记录的单位",
    "source": {"link": "about", "types": ["penalty"]},
    "grade_at_most": "B",
    "basis": {"document": "测试办法", "clause": "第九条", "verified": False},
}


@pytest.mark.requirement("R-60")
def test_a_grade_held_down_says_why_and_names_no_record() -> None:
    plan = plan_of(scheme_of(leaf("x", "100", DEDUCTION), vetoes=[CAP]))
    about = (row("secret", type="penalty", severity="minor"),)
    found = score_body(plan, BodyFacts("b", about=about), YEAR)
    explanation = json.loads(canonical_json(body_document(found, plan.scheme)))
    (limit,) = limits_of(explanation)
    assert (limit.title, limit.basis) == ("有政务失信记录的单位", "测试办法第九条")
    assert limit.working == "有1条（达到1条），等级最高为“良”"
    assert (limit.score_without, limit.grade_without, limit.record_count) == ("100.00", "优", 1)
    assert "secret" not in limit.model_dump_json()
    honest = score_body(plan, BodyFacts("b"), YEAR)
    assert limits_of(json.loads(canonical_json(body_document(honest, plan.scheme)))) == ()
