"""The schemes of every pack can be scored, explained and graded from worst to best."""

import pytest

from chalicelib.evaluation.explain import body_document, discrepancies, titles_of
from chalicelib.evaluation.model import BodyFacts
from chalicelib.evaluation.rules import plan_of, score_body
from chalicelib.policy.compile import PACKS, build_all
from chalicelib.policy.model import Pack
from chalicelib.policy.scheme import Scheme
from tests.evaluation.builders import YEAR, row

BUILT, _ = build_all(PACKS)
SCHEMES = [(pack, scheme) for pack in BUILT for scheme in pack.schemes.values()]


@pytest.mark.requirement("R-60")
@pytest.mark.parametrize(
    ("pack", "scheme"), SCHEMES, ids=lambda value: getattr(value, "jurisdiction", "")
)
def test_every_scheme_scores_and_explains(pack: Pack, scheme: Scheme) -> None:
    plan = plan_of(scheme, titles_of(pack))
    worse = BodyFacts(
        "b",
        reported_by=tuple(
            row(f"r{n}", type=code, on_time=n % 2 == 0)
            for n, code in enumerate(sorted(plan.types["reported_by"]) * 3)
        ),
        about=tuple(
            row(f"a{n}", type=code, severity="serious")
            for n, code in enumerate(sorted(plan.types["about"]) * 3)
        ),
        figures=tuple(
            row(f"f{n}", type=code, values={"value": "1", "numerator": "1", "denominator": "10"})
            for n, code in enumerate(sorted(plan.types["figure"]) * 3)
        ),
    )
    silent = score_body(plan, BodyFacts("b"), YEAR)
    loaded = score_body(plan, worse, YEAR)
    assert loaded.total < silent.total <= scheme.total
    for result in (silent, loaded):
        assert discrepancies(body_document(result, scheme)) == []
    names = {code for one in SCHEMES for code in one[0].types} | {"numerator", "denominator"}
    for leaf in plan.leaves:
        assert not [code for code in names if f" {code}" in leaf.rule]
        assert not [code for code in plan.fields if f" {code}" in leaf.rule]
