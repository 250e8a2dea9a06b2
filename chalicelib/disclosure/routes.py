"""The public API: open, cacheable, without a token; one function that reads one table.

An answer may be kept for at most 30 seconds and never past the end of a term it shows. Unknown,
withdrawn, ended and internal records answer the same 404.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib.disclosure import examples, service, supervision
from chalicelib.disclosure.model import (
    BodyList,
    BodyPage,
    ExplanationView,
    FreshnessView,
    KeySet,
    PublishedResultList,
    PublishedRunList,
    RecordPage,
    RecordView,
    SupervisionResultList,
    SupervisionResultView,
)
from chalicelib.disclosure.rules import CACHE_CEILING, cache_seconds
from chalicelib.disclosure.service import Document, Found, FoundPage, RecordQuery
from chalicelib.disclosure.store import tag_of
from chalicelib.disclosure.supervision import ResultQuery
from chalicelib.kernel.clock import civil_date
from chalicelib.kernel.errors import Fault, Invalid
from chalicelib.policy import service as policy
from chalicelib.policy.service import Catalog
from chalicelib.web import request
from chalicelib.web.answer import DEFAULT_LIMIT, Limit, PageToken, listing, read_page_token
from chalicelib.web.model import Answer
from chalicelib.web.routes import PUBLIC, Routes

FRESHNESS_SECONDS = 5

routes = Routes("公开")

Code = Annotated[
    str | None, Query(pattern=r"^[a-z][a-z0-9_]{0,63}$", description="代码，见 /public/v1/catalog")
]
Agency = Annotated[
    str | None, Query(pattern=r"^[0-9A-Z]{18}$", description="报送单位的统一社会信用代码")
]
Body = Annotated[str | None, Query(pattern=r"^[0-9A-Z]{18}$", description="主体的统一社会信用代码")]
Area = Annotated[str | None, Query(pattern=r"^[0-9]{6}$", description="行政区划代码，含其下级区划")]
Severity = Annotated[Literal["minor", "general", "serious"] | None, Query(description="失信等级")]
FromDay = Annotated[date | None, Query(alias="from", description="决定或发生日期不早于")]
ToDay = Annotated[date | None, Query(alias="to", description="决定或发生日期不晚于")]
Id = Annotated[str, Path(max_length=200)]


@routes.get(
    "/public/v1/records",
    operation=PUBLIC,
    summary="检索公示信息",
    answers={200: RecordPage},
    examples={200: examples.RECORD_PAGE},
)
def get_records(
    subject: Body = None,
    type: Code = None,
    category: Code = None,
    severity: Severity = None,
    reporter: Agency = None,
    region: Area = None,
    from_day: FromDay = None,
    to_day: ToDay = None,
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """公示中的信用信息，新的在前。一页可能不足 limit 条甚至为空，有 next_page_token 就还有下一页。
    涉及自然人的信息只显示隐去部分内容的姓名，不提供按人检索。"""
    if from_day and to_day and from_day > to_day:
        raise Invalid(faults=[Fault("/query/from", "date_order", "起始日期晚于截止日期")])
    wanted = {"type": type, "category": category, "severity": severity, "reporter": reporter}
    query = RecordQuery(
        subject=subject or "",
        first_day=from_day.isoformat() if from_day else "",
        last_day=to_day.isoformat() if to_day else "",
        region=region or "",
        equal={name: value for name, value in wanted.items() if value},
    )
    page = service.search_records(request.platform(), query, limit, read_page_token(page_token))
    return _page(page)


@routes.get(
    "/public/v1/records/{record_id}",
    operation=PUBLIC,
    summary="查看一条公示信息",
    answers={200: RecordView},
    examples={200: examples.RECORD},
    errors=(404,),
)
def get_record(record_id: Id) -> Answer:
    """一条公示中的信用信息，附公示期限和依据。不存在、已撤回、公示期满和不公开的信息答复相同。"""
    return _single(service.find_record(request.platform(), record_id))


@routes.get(
    "/public/v1/subjects",
    operation=PUBLIC,
    summary="已登记的信用主体",
    answers={200: BodyList},
    examples={200: examples.BODY_LIST},
)
def get_subjects(
    region: Area = None,
    kind: Code = None,
    level: Annotated[
        Literal["nation", "province", "city", "county", "township"] | None,
        Query(description="层级"),
    ] = None,
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """已登记的政府、部门、机构等，按区划和代码排列。未登记但有公示信息的单位可按代码直接查看。"""
    wanted = {"kind": kind, "level": level}
    equal = {name: value for name, value in wanted.items() if value}
    cursor = read_page_token(page_token)
    return _page(service.search_bodies(request.platform(), region or "", equal, limit, cursor))


@routes.get(
    "/public/v1/subjects/{code}",
    operation=PUBLIC,
    summary="信用主体公示页",
    answers={200: BodyPage},
    examples={200: examples.BODY_PAGE},
    errors=(404,),
)
def get_subject(code: Id) -> Answer:
    """基本信息、分类的公示信息（失信和荣誉单列）和最近一次评价结果。每组列出最新的几条，
    其余用 /public/v1/records?subject= 查询。"""
    return _single(service.body_page(request.platform(), code))


@routes.get(
    "/public/v1/evaluations",
    operation=PUBLIC,
    summary="政务诚信评价",
    answers={200: PublishedRunList},
    examples={200: examples.RUN_LIST},
)
def get_evaluations(limit: Limit = DEFAULT_LIMIT, page_token: PageToken = None) -> Answer:
    """已完成并公开的评价，新的在前，附各等级数量。"""
    return _page(service.list_runs(request.platform(), limit, read_page_token(page_token)))


@routes.get(
    "/public/v1/evaluations/{run}/results",
    operation=PUBLIC,
    summary="评价排名",
    answers={200: PublishedResultList},
    examples={200: examples.RESULT_LIST},
    errors=(404,),
)
def get_results(
    run: Id,
    group: Annotated[str | None, Query(max_length=200, description="排名分组")] = None,
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """一次评价的得分、等级和分组排名，逐组按名次排列。"""
    cursor = read_page_token(page_token)
    return _page(service.list_results(request.platform(), run, group or "", limit, cursor))


@routes.get(
    "/public/v1/evaluations/{run}/results/{code}",
    operation=PUBLIC,
    summary="评价结果的依据",
    answers={200: ExplanationView},
    examples={200: examples.EXPLANATION},
    errors=(404,),
)
def get_result(run: Id, code: Id) -> Answer:
    """每一分从何而来：指标、规则、计算过程，以及作为依据且目前公开的信用信息编号。"""
    return _single(service.explain_result(request.platform(), run, code))


@routes.get(
    "/public/v1/supervision-results",
    operation=PUBLIC,
    summary="监督事项的办理结果",
    answers={200: SupervisionResultList},
    examples={200: examples.SUPERVISION_LIST},
)
def get_supervision_results(
    subject: Body = None,
    kind: Annotated[
        str | None, Query(pattern=r"^[a-z][a-z0-9_]{0,63}$", description="案件种类，如人大代表建议")
    ] = None,
    year: Annotated[int | None, Query(ge=2000, le=2199, description="公开的年度")] = None,
    region: Area = None,
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """人大代表建议、政协提案、司法建议、检察建议、审计发现问题的办理结果及其评定，公开通报批评，
    新的在前。只有案件种类规定公开的内容。"""
    query = ResultQuery(subject or "", kind or "", year, region or "")
    cursor = read_page_token(page_token)
    return _page(supervision.search_results(request.platform(), query, limit, cursor))


@routes.get(
    "/public/v1/supervision-results/{case_id}",
    operation=PUBLIC,
    summary="一项监督事项的办理结果",
    answers={200: SupervisionResultView},
    examples={200: examples.SUPERVISION_RESULT},
    errors=(404,),
)
def get_supervision_result(case_id: Id) -> Answer:
    """一项公开的办理结果。没有公开和已经撤回的答复相同。"""
    return _single(supervision.find_result(request.platform(), case_id))


@routes.get(
    "/public/v1/freshness",
    operation=PUBLIC,
    summary="公开数据的新鲜程度",
    answers={200: FreshnessView},
    examples={200: examples.FRESHNESS},
)
def get_freshness() -> Answer:
    """最近一次变更何时进入公开库、迟了多久，以及这些数字如何测得。"""
    return Answer(200, service.freshness(request.platform()), cache_seconds=FRESHNESS_SECONDS)


@routes.get(
    "/public/v1/keys",
    operation=PUBLIC,
    summary="回执与日志的验证公钥",
    answers={200: KeySet},
    examples={200: examples.KEYS},
    errors=(404,),
)
def get_keys() -> Answer:
    """验证报送回执（JWS，ES256）所用的公钥集（RFC 7517），以及验证公示日志
    检查点的公钥（log_keys，C2SP signed-note 格式），都包括已停用的旧密钥。"""
    return _single(service.receipt_keys(request.platform()))


@routes.get(
    "/public/v1/catalog",
    operation=PUBLIC,
    summary="归集目录",
    answers={200: Catalog},
    errors=(404,),
)
def get_catalog(
    jurisdiction: Annotated[
        str, Query(pattern=r"^[a-z][a-z0-9_]{0,63}$", description="适用地区")
    ] = policy.BASE,
) -> Answer:
    """现行归集目录：归集哪些信息、由谁报送、关于谁、是否公开及依据。"""
    today = civil_date(request.platform().clock())
    pack = policy.pack_for(jurisdiction, today)
    body = policy.catalog_of(pack).model_dump(mode="json")
    tag = f"{pack.version}-{pack.digest[:16]}"
    return Answer(200, body, version=tag, cache_seconds=CACHE_CEILING)


def _single(found: Found) -> Answer:
    return Answer(200, found.document, version=found.etag, cache_seconds=_kept(found.untils))


def _page(page: FoundPage) -> Answer:
    documents: list[Document] = [found.document for found in page.found]
    answer = listing(documents, page.cursor)
    # A page's tag covers its place among others: the same items with or without a next page.
    tag = tag_of([found.etag for found in page.found] + [_text(page.cursor)])
    untils = [until for found in page.found for until in found.untils]
    return replace(answer, version=tag, cache_seconds=_kept(untils))


def _text(cursor: Any) -> str:
    return "" if cursor is None else f"{cursor['in']} {cursor['after']}"


def _kept(untils: Iterable[str]) -> int:
    return cache_seconds(untils, request.platform().clock())
