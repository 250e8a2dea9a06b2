"""HTTP: incentives and sanctions, of a document and of a subject."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Header, Path, Query

from chalicelib.kernel.clock import civil_date
from chalicelib.kernel.errors import NotFound
from chalicelib.measures import examples, presenting, reading
from chalicelib.measures.views import (
    MeasureCatalogue,
    MeasureCounts,
    MeasuredBodyList,
    SubjectMeasures,
)
from chalicelib.policy.model import Pack
from chalicelib.policy.service import pack_for
from chalicelib.web import request
from chalicelib.web.answer import DEFAULT_LIMIT, Limit, PageToken, listing, read_page_token
from chalicelib.web.model import Answer
from chalicelib.web.routes import Routes

routes = Routes("奖惩措施")

SubjectId = Annotated[str, Path(description="信用主体编号", max_length=80)]
Purpose = Annotated[
    str,
    Header(alias="Purpose-Code", max_length=600, description="查询的用途，涉及个人时必填"),
]
Approval = Annotated[
    str,
    Header(
        alias="Approval-Reference",
        max_length=2000,
        description="审批文号，组织人事部门查询个人时必填；中文用百分号编码",
    ),
]
Region = Annotated[
    str, Query(pattern=r"^(\d{6})?$", description="行政区划代码；不填为本单位的行政区划")
]


@routes.get(
    "/v1/measures",
    operation="catalog.read",
    summary="本地文件的奖惩措施和核查场景",
    answers={200: MeasureCatalogue},
    examples={200: examples.CATALOGUE},
)
def show_measures() -> Answer:
    """每项措施对谁、在什么情形下、在哪些场景起什么作用、何时结束、因何提前解除，各有依据。

    本地文件没有的措施不在其中。
    """
    pack = _pack()
    body = MeasureCatalogue(
        jurisdiction=pack.jurisdiction,
        title=pack.title,
        version=pack.version,
        scenes=tuple(sorted(pack.scenes.values(), key=lambda scene: scene.order)),
        measures=tuple(pack.measures.values()),
    )
    return Answer(200, body, version=pack.digest)


@routes.get(
    "/v1/measures/subjects",
    operation="measures.list",
    summary="有奖惩措施的单位",
    answers={200: MeasuredBodyList},
    examples={200: examples.LISTED},
)
def list_subjects(
    region: Region = "",
    measure: Annotated[
        str, Query(pattern=r"^([a-z][a-z0-9_]{0,63})?$", description="措施代码；不填为全部")
    ] = "",
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """一个行政区划内现在有奖惩措施的单位，按编号；一页可能不足 limit 条。

    个人不列名单，须注明用途逐人查询。
    """
    asking = reading.Asking(request.caller(), request.scope())
    platform = request.platform()
    found, cursor = reading.list_bodies(
        platform, asking, region, measure, limit, read_page_token(page_token)
    )
    shown = presenting.Presenter(_pack(), _today())
    return listing([shown.listed(standing, name) for standing, name in found], cursor)


@routes.get(
    "/v1/measures/statistics",
    operation="measures.list",
    summary="各项奖惩措施涉及多少单位和个人",
    answers={200: MeasureCounts},
    examples={200: examples.COUNTS},
)
def show_statistics(region: Region = "") -> Answer:
    """一个行政区划及以下，每项措施现在涉及的单位数和个人数。"""
    asking = reading.Asking(request.caller(), request.scope())
    counted = reading.count(request.platform(), asking, region)
    return Answer(
        200, presenting.counts(_pack(), region or request.caller().region, counted)
    )


@routes.get(
    "/v1/subjects/{subject_id}/measures",
    operation="measures.read",
    summary="一个主体现在的奖惩措施",
    answers={200: SubjectMeasures},
    examples={200: examples.STANDING},
    errors=(403, 404, 422),
)
def show_standing(subject_id: SubjectId, purpose: Purpose = "", approval: Approval = "") -> Answer:
    """现在受哪些激励或者惩戒、为什么、到哪天、依据什么，以及最近的变化：因何产生、因何解除。

    措施随失信记录、案件和评价自动产生和解除，不能人工设定。查询个人须说明用途，并留下本人可见的查询记录。
    """
    asking = reading.Asking(request.caller(), request.scope(), purpose, approval)
    sight = reading.look_at(request.platform(), asking, subject_id)
    return Answer(200, presenting.Presenter(_pack(), _today()).sight(sight))


@routes.get(
    "/v1/me/measures",
    operation="measures.mine",
    summary="我的奖惩措施",
    answers={200: SubjectMeasures},
    examples={200: examples.STANDING},
    errors=(404,),
)
def show_mine() -> Answer:
    """本单位、本人现在受哪些激励或者惩戒、为什么、到哪天、怎样可以提前解除，以及最近的变化。"""
    caller = request.caller()
    if not caller.subject_id:
        raise NotFound("这个客户端不代表信用主体")
    sight = reading.look_at(
        request.platform(), reading.Asking(caller, request.scope()), caller.subject_id
    )
    return Answer(200, presenting.Presenter(_pack(), _today()).sight(sight))


def _today() -> date:
    return civil_date(request.platform().clock())


def _pack() -> Pack:
    return pack_for(request.caller().jurisdiction, _today())
