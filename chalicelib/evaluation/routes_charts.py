"""HTTP of evaluation: pictures of results as SVG documents, each with its numbers as a table."""

from __future__ import annotations

from typing import Annotated, Any, Final

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib.evaluation import service
from chalicelib.evaluation.routes import RunId, SubjectId
from chalicelib.evaluation.runs import Result, Run
from chalicelib.evaluation.visibility import must_be_of_bodies
from chalicelib.kernel.errors import Conflict
from chalicelib.pictures.evaluations import Earlier as ShownScore
from chalicelib.pictures.evaluations import Part, ResultChart, Shown, chart_of, ranking
from chalicelib.pictures.model import Chart
from chalicelib.web import request
from chalicelib.web.charts import SVG, ChartTable, picture_answer, table_answer
from chalicelib.web.model import Answer
from chalicelib.web.routes import Routes

routes = Routes("政务诚信评价")

_RANKED: Final = 50
"""Bodies drawn of a ranking: a longer picture is a list."""

Picture = Annotated[
    ResultChart,
    Path(description="radar 雷达图，waterfall 瀑布图（满分如何成为得分），trend 历次得分"),
]
Level = Annotated[str, Query(max_length=20, description="只画这一层级")]
Region = Annotated[str, Query(pattern=r"^([0-9]{6})?$", description="只画这个行政区划")]


@routes.get(
    "/v1/evaluations/{run_id}/results/{subject_id}/charts/{chart}",
    operation="evaluations.read",
    summary="评价结果的图（SVG）",
    answers={200: None},
    errors=(404, 409),
    media_type=SVG,
)
def show_result_chart(run_id: RunId, subject_id: SubjectId, chart: Picture) -> Answer:
    """雷达图、瀑布图或历次得分图，自成一个文件；同样的数字见 table。"""
    return picture_answer(*_result_chart(run_id, subject_id, chart))


@routes.get(
    "/v1/evaluations/{run_id}/results/{subject_id}/charts/{chart}/table",
    operation="evaluations.read",
    summary="评价结果的图的数字",
    answers={200: ChartTable},
    errors=(404, 409),
)
def show_result_chart_table(run_id: RunId, subject_id: SubjectId, chart: Picture) -> Answer:
    """图中的每一个数字，按行给出。"""
    return table_answer(*_result_chart(run_id, subject_id, chart))


@routes.get(
    "/v1/evaluations/{run_id}/charts/ranking",
    operation="evaluations.read",
    summary="评价排名的图（SVG）",
    answers={200: None},
    errors=(404, 409),
    media_type=SVG,
)
def show_ranking_chart(run_id: RunId, level: Level = "", region: Region = "") -> Answer:
    """可以查看的单位的得分，按名次排列，最多画前50个；同样的数字见 table。"""
    return picture_answer(*_ranking_chart(run_id, level, region))


@routes.get(
    "/v1/evaluations/{run_id}/charts/ranking/table",
    operation="evaluations.read",
    summary="评价排名的图的数字",
    answers={200: ChartTable},
    errors=(404, 409),
)
def show_ranking_chart_table(run_id: RunId, level: Level = "", region: Region = "") -> Answer:
    """图中的每一个数字，按行给出。"""
    return table_answer(*_ranking_chart(run_id, level, region))


def _result_chart(run_id: str, subject_id: str, chart: ResultChart) -> tuple[Chart, str]:
    platform, run = request.platform(), _run(run_id)
    result, explanation = service.explained_result(
        platform, request.caller(), request.scope(), run, subject_id
    )
    scores = service.scores_of(platform, run, subject_id) if chart == "trend" else ()
    shown = Shown(
        name=result.body.name,
        score=format(result.total, "f"),
        parts=tuple(_part(node) for node in explanation["tree"]),
        scores=tuple(ShownScore(period, score) for period, score in scores),
    )
    told = "-".join(f"{one.period}.{one.score}" for one in shown.scores)
    return chart_of(chart, shown), f"{result.version}-{chart}-{told}"


def _part(node: dict[str, Any]) -> Part:
    return Part(node["title"], node["max_points"], node["points"])


def _ranking_chart(run_id: str, level: str, region: str) -> tuple[Chart, str]:
    run = _run(run_id)
    must_be_of_bodies(run)
    found, cursor = service.list_results(
        request.platform(),
        request.caller(),
        request.scope(),
        run,
        service.ResultQuery(level, region),
        _RANKED,
        None,
    )
    if cursor is not None and len(found) < _RANKED:  # it would look complete
        message = "这次评价的参评对象太多，画不出管辖范围内的排名，请用评价结果列表逐页查看"
        raise Conflict(message, code="too_many_bodies")
    drawn = ranking(f"{run.title}（{run.period}）得分排名", [_ranked(one) for one in found])
    return drawn, f"{run.version}-{level}-{region}-{len(found)}"


def _ranked(result: Result) -> tuple[str, str]:
    return result.body.name, format(result.total, "f")


def _run(run_id: str) -> Run:
    return service.find_run(request.platform(), request.caller(), request.scope(), run_id)
