"""The public API: pictures of evaluations as SVG documents, each with its numbers as a table."""

from __future__ import annotations

import json
from typing import Annotated, Final

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib.pictures.evaluations import (
    Part,
    ResultChart,
    Shown,
    chart_of,
    ranking,
    scores_over,
)
from chalicelib.pictures.model import Chart
from chalicelib.replica import queries_results
from chalicelib.replica.answering import AS_OF, current_reading, kept_seconds, tag_of
from chalicelib.replica.reading import Reading
from chalicelib.replica.routes import Id
from chalicelib.web.charts import SVG, ChartTable, picture_answer, table_answer
from chalicelib.web.model import Answer
from chalicelib.web.routes import PUBLIC, Routes

routes = Routes("公开", headers=[AS_OF])

_RANKED: Final = 50
"""Bodies drawn of a ranking: a longer picture is a list."""

Picture = Annotated[
    ResultChart,
    Path(description="radar 雷达图，waterfall 瀑布图（满分如何成为得分），trend 历次得分"),
]
Group = Annotated[str, Query(max_length=200, description="排名分组；不填为第一组")]


@routes.get(
    "/public/v1/evaluations/{run}/results/{code}/charts/{chart}",
    operation=PUBLIC,
    summary="评价结果的图（SVG）",
    answers={200: None},
    errors=(404, 410),
    media_type=SVG,
)
def get_result_chart(run: Id, code: Id, chart: Picture) -> Answer:
    """雷达图、瀑布图或历次得分图，自成一个文件；同样的数字见 table。"""
    reading = current_reading()
    return picture_answer(*_result_chart(reading, run, code, chart))


@routes.get(
    "/public/v1/evaluations/{run}/results/{code}/charts/{chart}/table",
    operation=PUBLIC,
    summary="评价结果的图的数字",
    answers={200: ChartTable},
    errors=(404, 410),
)
def get_result_chart_table(run: Id, code: Id, chart: Picture) -> Answer:
    """图中的每一个数字，按行给出。"""
    reading = current_reading()
    return table_answer(*_result_chart(reading, run, code, chart))


@routes.get(
    "/public/v1/evaluations/{run}/charts/ranking",
    operation=PUBLIC,
    summary="评价排名的图（SVG）",
    answers={200: None},
    errors=(404, 410),
    media_type=SVG,
)
def get_ranking_chart(run: Id, group: Group = "") -> Answer:
    """一个组的得分，按名次排列，最多画前50个；同样的数字见 table。"""
    return picture_answer(*_ranking_chart(current_reading(), run, group))


@routes.get(
    "/public/v1/evaluations/{run}/charts/ranking/table",
    operation=PUBLIC,
    summary="评价排名的图的数字",
    answers={200: ChartTable},
    errors=(404, 410),
)
def get_ranking_chart_table(run: Id, group: Group = "") -> Answer:
    """图中的每一个数字，按行给出。"""
    return table_answer(*_ranking_chart(current_reading(), run, group))


def _result_chart(
    reading: Reading, run: str, code: str, chart: ResultChart
) -> tuple[Chart, str, int]:
    found = queries_results.explain_result(reading, run, code)
    told = json.loads(found.document)
    result = told["result"]
    earlier = (
        (one["title"], one["period"], one["score"])
        for one in queries_results.results_of_body(reading, code)
    )
    shown = Shown(
        name=result["body"]["name"],
        score=result["score"],
        parts=tuple(
            Part(one["title"], one["weight"], one["points"]) for one in told["indicators"]
        ),
        scores=scores_over(earlier, result["title"]),
    )
    drawn = chart_of(chart, shown)
    return drawn, tag_of([drawn.svg]), kept_seconds(reading, found.untils)


def _ranking_chart(reading: Reading, run: str, group: str) -> tuple[Chart, str, int]:
    about = json.loads(queries_results.find_run(reading, run).document)
    chosen = group or next(iter(about["groups"]), "")
    found = queries_results.list_results(reading, run, chosen, _RANKED)
    results = [json.loads(item.document) for item in found.items]
    title = f"{about['title']}（{about['period']}）得分排名"
    if any(one.get("ranks_pending") for one in results):
        # Somebody of the group is still being heard: without its place nobody has one.
        title, results = f"{title}（有结果尚未公布，名次暂不公布）", []
    drawn = ranking(title, [(one["body"]["name"], one["score"]) for one in results])
    kept = kept_seconds(reading, [item.until for item in found.items])
    return drawn, tag_of([drawn.svg]), kept
