"""What is shown of evaluations of persons: no name and no code, whoever looks."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from chalicelib.evaluation.notices import Beside
from chalicelib.evaluation.runs import Result
from chalicelib.evaluation.views import (
    Instant,
    LeafOut,
    NodeOut,
    Points,
    Region,
    StaleOut,
    result_values,
)
from chalicelib.evaluation.views_notices import NoticeOut, ReviewOut
from chalicelib.web.model import Outbound


class PersonResult(Outbound):
    """The result of one person."""

    run_id: Annotated[str, Field(examples=["ev_7x2k5q3m4n6p7r8s9t2v3w4x5y"])]
    subject_id: Annotated[str, Field(examples=["p_7x2k5q3m4n6p7r8s9t2v3w4x5y"])]
    kind: Annotated[str, Field(examples=["civil_servant"])]
    region: Annotated[Region, Field(description="所在单位的行政区划")]
    level: Annotated[str, Field(description="所在单位的层级")]
    total: Points
    grade: Annotated[str, Field(examples=["A"])]
    grade_title: Annotated[str, Field(examples=["优"])]
    rank_group: Annotated[str, Field(description="在哪一组内排名", examples=["city"])]
    rank: Annotated[int, Field(description="名次，同分同名次", examples=[3])]
    rank_of: Annotated[int, Field(description="组内人数", examples=[24])]
    stale: Annotated[
        StaleOut | None, Field(description="所依据的信用信息其后有变动时：何时、何故，待重新计算")
    ] = None
    notice: Annotated[NoticeOut | None, Field(description="结果的告知")] = None
    review: Annotated[ReviewOut | None, Field(description="对结果的复核：复核中或者结论")] = None


class PersonResultList(Outbound):
    """A page of results, by group and rank."""

    items: tuple[PersonResult, ...]
    next_page_token: str | None


class ExplainedPersonResult(PersonResult):
    """A result with everything it was made from."""

    tree: tuple[NodeOut, ...]
    leaves: tuple[LeafOut, ...]


class OwnResult(PersonResult):
    """A result of the subject that asks."""

    title: Annotated[str, Field(description="评价办法", examples=["政务诚信年度评价"])]
    period: Annotated[str, Field(examples=["2025"])]
    completed_at: Instant
    superseded_by: Annotated[str | None, Field(description="其后取代这一次的评价")]


class OwnResultList(Outbound):
    """A subject's own results, the newest first."""

    items: tuple[OwnResult, ...]


def person_values(result: Result, also: Beside) -> dict[str, Any]:
    """The fields of a person's result as shown, with what is known of it beside."""
    values = result_values(result, also.hold, also.contest)
    return {name: value for name, value in values.items() if name not in ("unified_code", "name")}
