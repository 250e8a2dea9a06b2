"""Schemes and facts drawn for tests of what holds for all of them."""

from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

from hypothesis import strategies as st

from chalicelib.evaluation.model import BodyFacts, FactRow
from chalicelib.policy.scheme import Scheme
from tests.evaluation.builders import leaf, scheme_of

Drawn: TypeAlias = st.SearchStrategy[dict[str, Any]]

cents = st.integers(0, 2_000).map(lambda n: str(Decimal(n) / 100))
conditions: st.SearchStrategy[list[dict[str, Any]]] = st.lists(
    st.fixed_dictionaries(
        {
            "field": st.sampled_from(["state", "flag"]),
            "values": st.lists(st.sampled_from(["a", "b", True]), min_size=1, max_size=2),
        }
    ),
    max_size=1,
)
measures: Drawn = st.fixed_dictionaries(
    {
        "of": st.sampled_from(["count", "on_time", "matching", "sum", "average", "latest"]),
        "field": st.just("number"),
        "where": conditions,
    }
)
counts: Drawn = measures.filter(lambda measure: measure["of"] not in ("average", "latest"))
ratios: Drawn = st.fixed_dictionaries(
    {
        "kind": st.just("ratio"),
        "numerator": counts,
        "denominator": counts,
        "full_at": st.sampled_from(["1", "0.95", "0.7"]),
        "empty": cents,
    },
    optional={
        "prior": st.fixed_dictionaries(
            {
                "strength": st.sampled_from(["1", "4.5", "20"]),
                "rate": st.sampled_from(["0", "0.8", "1", "peers"]),
            }
        )
    },
)
deductions: Drawn = st.fixed_dictionaries(
    {
        "kind": st.just("deduction"),
        "points": st.dictionaries(
            st.sampled_from(["minor", "general", "serious", "any"]), cents, min_size=1
        ),
        "floor": cents,
    }
)
tiers: Drawn = st.fixed_dictionaries(
    {
        "kind": st.just("tiers"),
        "measure": measures,
        "tiers": st.lists(
            st.fixed_dictionaries({"at_least": cents, "points": cents}),
            min_size=1,
            max_size=3,
            unique_by=lambda tier: Decimal(tier["at_least"]),
        ),
        "otherwise": cents,
        "empty": cents,
        "over": st.sampled_from(["value", "percentile"]),
        "better": st.sampled_from(["high", "low"]),
    }
)
marks: Drawn = st.fixed_dictionaries(
    {
        "kind": st.just("manual"),
        "value": st.just("number"),
        "full": st.sampled_from(["100", "5", "33.3"]),
        "of": st.sampled_from(["average", "latest"]),
        "empty": cents,
    }
)
bonuses: Drawn = st.fixed_dictionaries(
    {
        "kind": st.just("bonus"),
        "by": st.sampled_from([None, "state"]),
        "points": st.dictionaries(st.sampled_from(["a", "b", "any"]), cents, min_size=1),
        "cap": cents,
    }
)
scores: Drawn = st.one_of(ratios, deductions, tiers, bonuses, marks)


limits: Drawn = st.fixed_dictionaries(
    {
        "code": st.sampled_from(["one", "two"]),
        "title": st.just("限制"),
        "source": st.fixed_dictionaries(
            {
                "link": st.sampled_from(["reported_by", "about", "figure"]),
                "types": st.just(["penalty"]),
            }
        ),
        "severities": st.sampled_from([[], ["serious"]]),
        "at_least": st.integers(1, 2),
        "basis": st.just({"document": "测试办法", "verified": False}),
    },
    optional={"total_at_most": cents, "grade_at_most": st.sampled_from(["B", "C"])},
)


@st.composite
def schemes(draw: st.DrawFn) -> Scheme:
    """One to four leaves, the first two under a common branch where there are as many."""
    leaves: list[dict[str, Any]] = [
        leaf(
            f"leaf{n}",
            draw(cents.filter(lambda text: Decimal(text) > 0)),
            draw(scores),
            link=draw(st.sampled_from(["reported_by", "about", "figure"])),
            types=draw(st.sampled_from([["licence"], ["penalty", "licence"]])),
            where=draw(conditions),
        )
        for n in range(draw(st.integers(1, 4)))
    ]
    vetoes = draw(st.lists(limits, max_size=2, unique_by=lambda limit: limit["code"]))
    if len(leaves) > 1:
        weight = Decimal(leaves[0]["weight"]) + Decimal(leaves[1]["weight"])
        branch: dict[str, Any] = {
            "code": "branch",
            "title": "一级",
            "weight": weight,
            "children": leaves[:2],
        }
        return scheme_of(branch, *leaves[2:], vetoes=vetoes)
    return scheme_of(*leaves, vetoes=vetoes)


values = st.fixed_dictionaries(
    {},
    optional={
        "state": st.sampled_from(["a", "b", "a,b", "c"]),
        "flag": st.booleans(),
        "number": st.integers(0, 100_000).map(lambda n: str(Decimal(n) / 100)),
    },
)
fact_rows = st.builds(
    FactRow,
    record_id=st.integers(0, 40).map("r{}".format),
    version=st.integers(1, 3),
    type=st.sampled_from(["licence", "penalty", "honour"]),
    occurred_on=st.dates(date(2024, 12, 1), date(2026, 1, 31)),
    severity=st.sampled_from([None, "minor", "general", "serious"]),
    on_time=st.sampled_from([None, True, False]),
    values=values,
    exempted=st.booleans(),
)
row_tuples = st.lists(fact_rows, max_size=25, unique_by=lambda row: row.record_id).map(tuple)
bodies = st.builds(BodyFacts, st.just("b"), row_tuples, row_tuples, row_tuples)
