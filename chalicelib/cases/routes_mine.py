"""HTTP of the subject's side: where it stands in one answer, what may be opened about a record."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib.cases import examples
from chalicelib.cases.openings import openings_about
from chalicelib.cases.overview import opening_out, overview_of
from chalicelib.cases.views_mine import OpeningList, Overview
from chalicelib.kernel.clock import civil_date
from chalicelib.web import request
from chalicelib.web.model import Answer
from chalicelib.web.routes import Routes

routes = Routes("当事主体")

RecordId = Annotated[str, Path(description="信用信息编号", max_length=64)]
_USUAL_DAYS = 30


@routes.get(
    "/v1/me/overview",
    operation="me.overview",
    summary="我的信用概览",
    answers={200: Overview},
    examples={200: examples.OVERVIEW},
    errors=(404, 422),
)
def show_overview(
    letters_since: Annotated[
        date | None, Query(description="列出这一天（含）以后的告知；不填为最近 30 天")
    ] = None,
) -> Answer:
    """本单位、本人的信息数量，失信记录的公示期和现在可以提出什么（不能提出的写明理由），在办案件和
    最近的期限，新的告知，最近谁查看过档案。
    """
    platform = request.platform()
    since = letters_since or civil_date(platform.clock()) - timedelta(days=_USUAL_DAYS)
    return Answer(200, overview_of(platform, request.caller(), since))


@routes.get(
    "/v1/records/{record_id}/openings",
    operation="cases.read",
    summary="就一条信用信息可以提出什么",
    answers={200: OpeningList},
    examples={200: examples.OPENINGS},
    errors=(404,),
)
def show_openings(record_id: RecordId) -> Answer:
    """按案件种类列出查阅者可以发起的案件；现在不能发起的写明理由，例如最短公示期哪一天届满。"""
    found = openings_about(request.platform(), request.caller(), record_id)
    return Answer(200, OpeningList(items=[opening_out(one) for one in found]))
