"""HTTP of preflight: a batch at once, a file before it is committed."""

from __future__ import annotations

import json
from typing import cast

from chalicelib.intake import preflight, service, uploads
from chalicelib.intake.answers import BatchIn
from chalicelib.intake.answers_preflight import PreflightOut, PreflightResult, preflight_out
from chalicelib.intake.pages import PREFLIGHT_PAGES
from chalicelib.intake.routes import UploadId, own_upload
from chalicelib.kernel.canonical import JsonValue
from chalicelib.web import request
from chalicelib.web.model import Answer
from chalicelib.web.routes import Replay, Routes

routes = Routes("预检", errors=PREFLIGHT_PAGES)


@routes.post(
    "/v1/preflight",
    operation="records.preflight",
    summary="预检一批信用信息（最多 500 条）",
    answers={200: PreflightResult},
    replay=Replay.NONE,
)
def preflight_batch(batch: BatchIn) -> Answer:
    """逐条说明会不会收下、哪里不符、怎么改、是否重复、报送期限和预计得分，不留下任何信息。

    正文与批量报送相同；每次都重新检查，结果不因 Idempotency-Key 保存。
    """
    sent = cast(list[dict[str, JsonValue]], json.loads(request.raw_body())["records"])
    return service.preflight_batch(request.platform(), request.caller(), sent)


@routes.post(
    "/v1/uploads/{upload_id}/preflight",
    operation="records.preflight",
    summary="预检已上传、还没有提交的文件",
    answers={202: PreflightOut},
    errors=(404, 409),
)
def start_preflight(upload_id: UploadId) -> Answer:
    """开始逐行检查已上传的文件，不改变任何信息；同一文件正在预检时返回正在进行的那一次。

    可以改正后重新上传、再次预检，最后照常提交。
    """
    platform = request.platform()
    begun = preflight.start_preflight(platform, own_upload(upload_id))
    body = preflight_out(platform, begun, uploads.progress_of(platform, begun))
    return Answer(202, body, location=f"/v1/uploads/{upload_id}/preflight")


@routes.get(
    "/v1/uploads/{upload_id}/preflight",
    operation="uploads.read",
    summary="最近一次预检的进度和结果",
    answers={200: PreflightOut},
    errors=(404,),
)
def show_preflight(upload_id: UploadId) -> Answer:
    """处理中给出进度；完成后给出各类行数、报送期限、预计的入库率、完整率、及时率和得分。"""
    platform = request.platform()
    found = preflight.find_preflight(platform, own_upload(upload_id))
    return Answer(200, preflight_out(platform, found, uploads.progress_of(platform, found)))


@routes.get(
    "/v1/uploads/{upload_id}/preflight/report",
    operation="uploads.read",
    summary="下载预检报告",
    answers={303: None},
    errors=(404, 409),
)
def show_report(upload_id: UploadId) -> Answer:
    """转到一个五分钟内有效的下载地址。

    报告是 CSV 文件，每行给出行号、结论、字段、规则、说明、怎么改和值（个人信息已遮盖）。
    """
    platform = request.platform()
    found = preflight.find_preflight(platform, own_upload(upload_id))
    return Answer(303, None, location=uploads.report_link(platform, found))
