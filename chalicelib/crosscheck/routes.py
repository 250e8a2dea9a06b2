"""HTTP of cross-checks: start one, commit its register, watch it, read what differs."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib.access.service import may_act_on
from chalicelib.aws.bucket import PresignedPost
from chalicelib.crosscheck import examples, service, store
from chalicelib.crosscheck.model import (
    FINDING_TITLES,
    CrossCheck,
    CrossCheckIn,
    CrossCheckOut,
    CrossCheckPage,
    Finding,
    FindingKind,
    FindingOut,
    FindingPage,
    PostForm,
    ProblemOut,
)
from chalicelib.kernel.errors import Forbidden
from chalicelib.web import request
from chalicelib.web.answer import DEFAULT_LIMIT, Limit, PageToken, listing, read_page_token
from chalicelib.web.error_pages import ErrorPage
from chalicelib.web.model import Answer
from chalicelib.web.routes import Routes

routes = Routes(
    "名册核对",
    errors=[
        ErrorPage(
            "crosscheck_in_progress",
            409,
            "核对还没有完成",
            "核对结果在整份名册处理完之后提供。",
            "用 GET /v1/crosschecks/{crosscheck_id} 查看进度，state 为 completed 后再取结果。",
        ),
        ErrorPage(
            "not_committed",
            0,
            "名册没有提交",
            "名册上传后没有在一天内提交；名册含公民身份号码，已经删除。",
            "重新申请核对，上传后随即提交。",
        ),
        ErrorPage(
            "file_expired",
            0,
            "名册已过保存期",
            "名册在核对完成之前已经删除。",
            "重新申请核对。",
        ),
    ],
)

CrossCheckId = Annotated[str, Path(description="名册核对编号", max_length=64)]


def _out(check: CrossCheck, form: PresignedPost | None = None) -> CrossCheckOut:
    code, message = check.problem
    return CrossCheckOut(
        crosscheck_id=check.crosscheck_id,
        region=check.region,
        format=check.format,
        state=check.state,
        created_at=check.created_at,
        committed_at=check.committed_at or None,
        completed_at=check.completed_at or None,
        rows=check.rows,
        counts=dict(check.counts),
        notes=check.notes,
        problem=ProblemOut(code=code, message=message) if code else None,
        form=None
        if form is None
        else PostForm(
            url=form.url,
            fields=form.fields,
            largest_bytes=service.LARGEST_BYTES,
            valid_seconds=service.POST_SECONDS,
        ),
    )


def _finding_out(finding: Finding) -> FindingOut:
    return FindingOut(
        kind=finding.kind,
        title=FINDING_TITLES[finding.kind],
        row=finding.row or None,
        name=finding.name,
        subject_id=finding.subject_id or None,
        employer=finding.employer or None,
        employer_on_file=finding.employer_on_file or None,
        detail=finding.detail,
        action=finding.action,
    )


def _found(crosscheck_id: str) -> CrossCheck:
    return service.find(request.platform(), request.caller(), request.scope(), crosscheck_id)


@routes.post(
    "/v1/crosschecks",
    operation="crosschecks.run",
    summary="申请核对一份公务员名册",
    answers={201: CrossCheckOut},
    examples={201: {**examples.CROSSCHECK, "state": "awaiting_file", "rows": 0, "counts": {}}},
)
def start_crosscheck(check: CrossCheckIn) -> Answer:
    """返回上传表单，须用 Purpose-Code 请求头注明用途。

    名册从公务员管理信息库导出，CSV 或 XLSX，不超过 50 MiB，须有姓名、公民身份号码、
    单位统一社会信用代码三列，可以有职务和人员类别。用 multipart/form-data 把 fields 各项和文件
    （字段名 file，放在最后）发到 url，然后提交。名册比对后即全部删除，公民身份号码不保存、不显示。
    """
    made, form = service.start(
        request.platform(),
        request.caller(),
        check.format,
        check.region or "",
        request.header("purpose-code"),
    )
    return Answer(201, _out(made, form), location=f"/v1/crosschecks/{made.crosscheck_id}")


@routes.post(
    "/v1/crosschecks/{crosscheck_id}/commit",
    operation="crosschecks.run",
    summary="提交已上传的名册",
    answers={202: CrossCheckOut},
    examples={202: {**examples.CROSSCHECK, "state": "reading", "rows": 0, "counts": {}}},
    errors=(404, 409),
)
def commit_crosscheck(crosscheck_id: CrossCheckId) -> Answer:
    """锁定刚上传的名册并开始核对。可以重复提交，不会重复核对。"""
    done = service.receive(request.platform(), _found(crosscheck_id))
    return Answer(202, _out(done), location=f"/v1/crosschecks/{crosscheck_id}")


@routes.get(
    "/v1/crosschecks",
    operation="crosschecks.read",
    summary="一个地区的名册核对",
    answers={200: CrossCheckPage},
    examples={200: {"items": [examples.CROSSCHECK], "next_page_token": None}},
)
def list_crosschecks(
    region: Annotated[
        str, Query(pattern=r"^([0-9]{6})?$", description="行政区划代码；不填为本单位所在地区")
    ] = "",
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """最近的在前。"""
    caller = request.caller()
    wanted = region or caller.region
    if not may_act_on(caller, request.scope(), "", wanted):
        raise Forbidden("只能查看本行政区划内的名册核对", code="outside_region")
    page = store.page_of(
        request.platform(), caller.jurisdiction, wanted, limit, read_page_token(page_token)
    )
    return listing([_out(store.crosscheck_from(item)) for item in page.items], page.next_start)


@routes.get(
    "/v1/crosschecks/{crosscheck_id}",
    operation="crosschecks.read",
    summary="名册核对的进度和结果",
    answers={200: CrossCheckOut},
    examples={200: examples.CROSSCHECK},
    errors=(404,),
)
def show_crosscheck(crosscheck_id: CrossCheckId) -> Answer:
    """处理中给出已比对的行数；完成后给出各类差异的条数。"""
    return Answer(200, _out(_found(crosscheck_id)))


@routes.get(
    "/v1/crosschecks/{crosscheck_id}/findings",
    operation="crosschecks.read",
    summary="名册与信用档案的差异",
    answers={200: FindingPage},
    examples={200: {"items": [examples.FINDING], "next_page_token": None}},
    errors=(404, 409),
)
def list_findings(
    crosscheck_id: CrossCheckId,
    kind: Annotated[FindingKind | None, Query(description="只看一类差异")] = None,
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """按行号列出，退出人员在最后。须用 Purpose-Code 请求头注明用途，查看留有审计记录。"""
    found, following = service.findings_page(
        request.platform(),
        request.caller(),
        _found(crosscheck_id),
        request.header("purpose-code"),
        kind=kind,
        limit=limit,
        start=read_page_token(page_token),
    )
    return listing([_finding_out(one) for one in found], following)


@routes.get(
    "/v1/crosschecks/{crosscheck_id}/report",
    operation="crosschecks.read",
    summary="下载差异清单",
    answers={303: None},
    errors=(404, 409),
)
def show_report(crosscheck_id: CrossCheckId) -> Answer:
    """转到一个五分钟内有效的下载地址（CSV）。

    须用 Purpose-Code 请求头注明用途，下载留有审计记录。
    """
    link = service.report_link(
        request.platform(),
        request.caller(),
        _found(crosscheck_id),
        request.header("purpose-code"),
    )
    return Answer(303, None, location=link)
