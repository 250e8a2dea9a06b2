"""HTTP of intake: records, batches, corrections, withdrawals, files."""

from __future__ import annotations

import json
from typing import Annotated, cast

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib.access.service import find_agency, may_act_on
from chalicelib.creditfile import service as files
from chalicelib.creditfile.rules import sees_full
from chalicelib.intake import corrections, service, uploads
from chalicelib.intake.answers import (
    BatchIn,
    BatchResult,
    CorrectionIn,
    OriginalOut,
    RecordIn,
    RecordResult,
    UploadIn,
    UploadList,
    UploadOut,
    WithdrawalIn,
    original_of,
    upload_out,
)
from chalicelib.intake.pages import ERROR_PAGES
from chalicelib.intake.store import Upload, upload_from
from chalicelib.kernel.canonical import JsonValue
from chalicelib.kernel.errors import Forbidden, NotFound
from chalicelib.web import request
from chalicelib.web.answer import DEFAULT_LIMIT, Limit, PageToken, listing, read_page_token
from chalicelib.web.model import Answer
from chalicelib.web.routes import Replay, Routes

routes = Routes("报送", errors=ERROR_PAGES)

RecordId = Annotated[str, Path(description="信用信息编号", max_length=64)]
UploadId = Annotated[str, Path(description="上传任务编号", max_length=64)]


def _sent() -> dict[str, JsonValue]:
    """The body as it was sent: the edge has already checked that it is a JSON object."""
    return cast(dict[str, JsonValue], json.loads(request.raw_body()))


@routes.post(
    "/v1/records",
    operation="records.submit",
    summary="报送一条信用信息",
    answers={201: RecordResult, 200: RecordResult},
    errors=(409,),
    replay=Replay.SERVICE,
)
def submit_record(record: RecordIn) -> Answer:
    """报送一条信用信息，返回带签名的回执。

    同一事项（目录规定的标识字段相同）重复报送：内容相同返回 200 和首次的回执；
    内容不同返回 409，并说明如何更正。
    """
    return service.submit_record(
        request.platform(),
        request.caller(),
        _sent(),
        request.raw_body(),
        request.idempotency_claim(),
    )


@routes.post(
    "/v1/records/batch",
    operation="records.submit",
    summary="批量报送（最多 500 条）",
    answers={200: BatchResult},
    replay=Replay.SERVICE,
)
def submit_batch(batch: BatchIn) -> Answer:
    """逐条处理，互不影响；结果按报送顺序返回。中断后可以原样重发，已收下的按重复处理。"""
    sent = cast(list[dict[str, JsonValue]], _sent()["records"])
    return service.submit_batch(
        request.platform(),
        request.caller(),
        sent,
        request.raw_body(),
        request.idempotency_claim(),
    )


def _edit(record_id: str, reason: str) -> corrections.Edit:
    return corrections.Edit(
        caller=request.caller(),
        scope=request.scope(),
        record_id=record_id,
        expected_version=request.if_match(),
        reason=reason,
        body=request.raw_body(),
    )


@routes.patch(
    "/v1/records/{record_id}",
    operation="records.correct",
    summary="更正一条信用信息",
    answers={200: RecordResult, 201: RecordResult},
    errors=(404, 409),
)
def correct_record(record_id: RecordId, correction: CorrectionIn) -> Answer:
    """形成新的版本，保留历史。改动标识字段时，原信息撤回，另立新的一条（返回 201）。"""
    return corrections.correct_record(
        request.platform(), _edit(record_id, correction.reason), correction
    )


@routes.post(
    "/v1/records/{record_id}/withdrawal",
    operation="records.withdraw",
    summary="撤回一条信用信息",
    answers={200: RecordResult},
    errors=(404, 409),
    edits=True,
)
def withdraw_record(record_id: RecordId, withdrawal: WithdrawalIn) -> Answer:
    """撤回后不再展示，历史和原件仍然保留。"""
    return corrections.withdraw_record(request.platform(), _edit(record_id, withdrawal.reason))


@routes.get(
    "/v1/records/{record_id}/original",
    operation="records.prove",
    summary="调阅原件并核对",
    answers={200: OriginalOut},
    errors=(404, 410),
)
def show_original(
    record_id: RecordId,
    version: Annotated[int | None, Query(ge=1, description="哪一版；不填为现行版")] = None,
) -> Answer:
    """从存档取出原件，解封、重建并与记录核对。

    个人信息一律遮盖，核对不受影响；涉及个人主体的，须用 Purpose-Code 请求头说明用途，
    并留下本人可见的查询记录。
    """
    platform, caller = request.platform(), request.caller()
    record, subject = files.record_to_prove(
        platform,
        caller,
        request.scope(),
        record_id,
        request.header("purpose-code"),
        request.header("approval-reference"),
    )
    if version is not None and version != record.version:
        found = [one for one in files.find_versions(platform, record_id) if one.version == version]
        if not found:
            raise NotFound("没有这一版")
        record = found[0]
    body = original_of(platform, record, subject, full=sees_full(caller, subject))
    return Answer(200, body, version=record.version)


@routes.post(
    "/v1/uploads",
    operation="uploads.submit",
    summary="申请上传一个文件",
    answers={201: UploadOut},
    replay=Replay.SERVICE,
)
def start_upload(upload: UploadIn) -> Answer:
    """返回上传表单。

    用 multipart/form-data 把 fields 各项和文件（字段名 file，放在最后）发到 url，然后提交。
    """
    return service.start_upload(
        request.platform(), request.caller(), upload, request.idempotency_claim()
    )


def own_upload(upload_id: str) -> Upload:
    """An upload the caller may act on. Raises NotFound, Forbidden."""
    found = uploads.find_upload(request.platform(), upload_id)
    if not may_act_on(request.caller(), request.scope(), found.agency, found.region):
        raise Forbidden("只能查看本单位的上传任务", code="not_your_upload")
    return found


@routes.post(
    "/v1/uploads/{upload_id}/commit",
    operation="uploads.submit",
    summary="提交已上传的文件",
    answers={202: UploadOut},
    errors=(404, 409),
)
def commit_upload(upload_id: UploadId) -> Answer:
    """锁定刚上传的文件版本并开始处理；收到时间以存储服务记下的时间为准。可以重复提交，不会重复处理。"""
    platform = request.platform()
    committed = uploads.commit_upload(platform, own_upload(upload_id))
    body = upload_out(platform, committed)
    return Answer(202, body, location=f"/v1/uploads/{upload_id}")


@routes.get(
    "/v1/uploads",
    operation="uploads.read",
    summary="一个单位的上传任务",
    answers={200: UploadList},
)
def list_uploads(
    agency: Annotated[
        str | None, Query(max_length=18, description="单位的统一社会信用代码；不填为本单位")
    ] = None,
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """最近的在前。信用办可以查看本行政区划内各单位的上传任务。"""
    platform, caller = request.platform(), request.caller()
    wanted = agency or caller.agency_code
    if wanted != caller.agency_code:
        found = find_agency(platform, wanted)
        region = "" if found is None else found.region
        if not may_act_on(caller, request.scope(), wanted, region):
            raise Forbidden("只能查看本单位的上传任务", code="not_your_upload")
    page = uploads.page_of_uploads(platform, wanted, limit, read_page_token(page_token))
    return listing(
        [upload_out(platform, upload_from(item)) for item in page.items], page.next_start
    )


@routes.get(
    "/v1/uploads/{upload_id}",
    operation="uploads.read",
    summary="上传任务的进度和结果",
    answers={200: UploadOut},
    errors=(404,),
)
def show_upload(upload_id: UploadId) -> Answer:
    """处理中给出已完成的条数、百分比和预计完成时间；完成后给出最终条数和回执。"""
    platform, upload = request.platform(), own_upload(upload_id)
    progress = uploads.progress_of(platform, upload) if upload.state == "processing" else None
    return Answer(200, upload_out(platform, upload, progress=progress))


@routes.get(
    "/v1/uploads/{upload_id}/errors",
    operation="uploads.read",
    summary="下载错误清单",
    answers={303: None},
    errors=(404, 409),
)
def show_errors(upload_id: UploadId) -> Answer:
    """转到一个五分钟内有效的下载地址。

    清单是 CSV 文件，每行给出行号、字段、规则、说明和值（个人信息已遮盖）。
    """
    link = uploads.errors_link(request.platform(), own_upload(upload_id))
    return Answer(303, None, location=link)


@routes.get(
    "/v1/uploads/{upload_id}/notes",
    operation="uploads.read",
    summary="下载提示清单",
    answers={303: None},
    errors=(404, 409),
)
def show_notes(upload_id: UploadId) -> Answer:
    """转到一个五分钟内有效的下载地址。

    清单是 CSV 文件，每行说明哪个值改写成了什么，例如日期序号换算为日期；个人信息已遮盖。
    """
    link = uploads.notes_link(request.platform(), own_upload(upload_id))
    return Answer(303, None, location=link)
