"""HTTP of check files: ask for a place, commit, watch, fetch the result."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path

from chalicelib.aws.bucket import PresignedPost
from chalicelib.checks import examples, filestore, filing
from chalicelib.checks.bodies_files import (
    CheckFileForm,
    CheckFileIn,
    CheckFileList,
    CheckFileOut,
    CheckFileProblem,
)
from chalicelib.checks.model_files import CheckFile
from chalicelib.checks.service import name_of
from chalicelib.kernel.clock import parse_instant
from chalicelib.kernel.progress import estimated_end, percent_done
from chalicelib.web import request
from chalicelib.web.answer import DEFAULT_LIMIT, Limit, PageToken, listing, read_page_token
from chalicelib.web.model import Answer
from chalicelib.web.routes import Replay, Routes

routes = Routes("批量核查")

FileId = Annotated[str, Path(description="核查文件编号", max_length=64)]


def _found(file_id: str) -> CheckFile:
    return filing.find(request.platform(), request.caller(), file_id)


def _out(file: CheckFile, form: PresignedPost | None = None) -> CheckFileOut:
    code, message = file.problem
    end = None
    if file.state == "checking":
        begun, now = parse_instant(file.committed_at), request.platform().clock()
        end = estimated_end(begun, now, file.rows_done, file.rows)
    return CheckFileOut(
        file_id=file.file_id,
        scene=file.scene,
        purpose=file.purpose,
        reference=file.reference,
        format=file.format,
        state=file.state,
        created_at=parse_instant(file.created_at),
        committed_at=parse_instant(file.committed_at) if file.committed_at else None,
        completed_at=parse_instant(file.completed_at) if file.completed_at else None,
        rows=file.rows,
        rows_done=file.rows_done,
        allow=file.counts.get("allow", 0),
        restrict=file.counts.get("restrict", 0),
        refer=file.counts.get("refer", 0),
        wrong=file.counts.get("wrong", 0),
        percent=percent_done(file.rows_done, file.rows, is_over=file.is_over),
        estimated_finish=end,
        problem=CheckFileProblem(code=code, message=message) if code else None,
        form=None
        if form is None
        else CheckFileForm(
            url=form.url,
            fields=form.fields,
            largest_bytes=filing.LARGEST_BYTES,
            valid_seconds=filing.POST_SECONDS,
        ),
    )


@routes.post(
    "/v1/check-files",
    operation="checks.ask",
    summary="申请批量核查一个文件",
    answers={201: CheckFileOut},
    examples={201: {**examples.FILE, "state": "awaiting_file"}},
    errors=(409,),
    replay=Replay.SERVICE,
)
def start_file(wanted: CheckFileIn) -> Answer:
    """返回上传表单；用 multipart/form-data 把 fields 各项和文件（字段名 file，放在最后）发到 url，
    然后提交。

    CSV 或 XLSX，不超过 50 MiB、10 万行。须有“统一社会信用代码”“公民身份号码”“工商注册号”
    中的一列，可以有“名称”和“编号”。文件核查后即全部删除，公民身份号码不保存、不显示。
    """
    platform = request.platform()
    name = name_of(platform, request.idempotency_claim(), "check_file")
    file, form = filing.start(platform, request.caller(), wanted, name)
    return Answer(201, _out(file, form), location=f"/v1/check-files/{file.file_id}")


@routes.post(
    "/v1/check-files/{file_id}/commit",
    operation="checks.ask",
    summary="提交已上传的核查文件",
    answers={202: CheckFileOut},
    examples={202: {**examples.FILE, "state": "counting"}},
    errors=(404, 409),
)
def commit_file(file_id: FileId) -> Answer:
    """锁定刚上传的文件并开始核查。可以重复提交，不会重复核查。"""
    file = filing.receive(request.platform(), _found(file_id))
    return Answer(202, _out(file), location=f"/v1/check-files/{file_id}")


@routes.get(
    "/v1/check-files",
    operation="checks.read",
    summary="本系统的核查文件",
    answers={200: CheckFileList},
    examples={200: {"items": [examples.FILE], "next_page_token": None}},
)
def list_files(limit: Limit = DEFAULT_LIMIT, page_token: PageToken = None) -> Answer:
    """最近的在前。"""
    page = filestore.page_of(
        request.platform(), request.caller().client_id, limit, read_page_token(page_token)
    )
    return listing([_out(filestore.file_from(item)) for item in page.items], page.next_start)


@routes.get(
    "/v1/check-files/{file_id}",
    operation="checks.read",
    summary="核查文件的进度和结果",
    answers={200: CheckFileOut},
    examples={200: examples.FILE},
    errors=(404,),
)
def show_file(file_id: FileId) -> Answer:
    """处理中给出已核查的行数、百分比和预计完成时间。"""
    return Answer(200, _out(_found(file_id)))


@routes.get(
    "/v1/check-files/{file_id}/result",
    operation="checks.read",
    summary="下载批量核查的结果",
    answers={303: None},
    errors=(404, 409),
)
def show_result(file_id: FileId) -> Answer:
    """转到一个五分钟内有效的下载地址（CSV）：行号、核查编号和序号、结论、措施、期限。

    个人只有行号和编号。处理结果按核查编号反馈（PUT /v1/checks/{check_id}/feedback）。
    """
    return Answer(303, None, location=filing.result_link(request.platform(), _found(file_id)))
