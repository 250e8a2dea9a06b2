"""HTTP of evidence: attach a file to a record, list what is attached, prove and fetch it."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path

from chalicelib.access.service import may_act_on
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Record, Subject
from chalicelib.creditfile.rules import sees_full
from chalicelib.evidence import service
from chalicelib.evidence.model import EvidenceIn, EvidenceList, EvidenceOut, EvidenceProof
from chalicelib.evidence.presenting import evidence_out
from chalicelib.kernel.errors import Forbidden
from chalicelib.web import request
from chalicelib.web.error_pages import ErrorPage
from chalicelib.web.model import Answer
from chalicelib.web.routes import Routes

routes = Routes(
    "佐证材料",
    errors=[
        ErrorPage(
            "too_much_evidence",
            409,
            "佐证材料太多",
            "一条信息附带的佐证材料、就同一事项提交的材料都有数量上限。",
            "把几页材料合并成一个 PDF 后再上传。",
        ),
        ErrorPage(
            "file_kind",
            0,
            "不能作为佐证材料的文件",
            "按文件内容判断，这不是 PDF、OFD、JPEG 或 PNG 文件；扩展名不作数。",
            "另存为 PDF 后重新上传，再提交一次。",
        ),
        ErrorPage(
            "evidence_not_archived",
            409,
            "材料还没有归档",
            "文件还没有上传，或者上传后还没有提交。",
            "上传文件后调用 POST /v1/records/{record_id}/evidence/{evidence_id}/commit；"
            "案件材料调用 POST /v1/papers/{evidence_id}/commit。",
        ),
    ],
)

RecordId = Annotated[str, Path(description="信用信息编号", max_length=64)]
EvidenceId = Annotated[str, Path(description="佐证材料编号", max_length=64)]

_EXAMPLE = {
    "evidence_id": "e_5b1c",
    "record_id": "r_7c2a",
    "subject_id": None,
    "case_id": None,
    "title": "行政许可决定书扫描件",
    "state": "archived",
    "media_type": "application/pdf",
    "size": 182044,
    "sha256": "5f1d",
    "received_at": "2026-05-06T02:03:04.000Z",
    "form": None,
}


def _own_record(record_id: str) -> Record:
    record = files.find_record(request.platform(), record_id)
    if not may_act_on(request.caller(), request.scope(), record.reporter, record.region):
        raise Forbidden("只能为本单位报送的信息附材料", code="not_your_record")
    return record


def _looked_at(record_id: str) -> tuple[Record, Subject]:
    return files.record_to_prove(
        request.platform(),
        request.caller(),
        request.scope(),
        record_id,
        request.header("purpose-code"),
        request.header("approval-reference"),
    )


@routes.post(
    "/v1/records/{record_id}/evidence",
    operation="evidence.submit",
    summary="申请附一份佐证材料",
    answers={201: EvidenceOut},
    examples={201: {**_EXAMPLE, "state": "awaiting_file"}},
    errors=(404, 409, 410),
)
def start_evidence(record_id: RecordId, evidence: EvidenceIn) -> Answer:
    """返回上传表单。

    用 multipart/form-data 把 fields 各项和文件（字段名 file，放在最后）发到 url，然后提交。
    接受 PDF、OFD、JPEG、PNG，不超过 10 MiB。涉及个人的材料以本人的密钥加密保存。
    """
    made, form = service.start(
        request.platform(),
        request.caller(),
        record_id,
        service.with_record(_own_record(record_id)),
        evidence.title,
    )
    location = f"/v1/records/{record_id}/evidence/{made.evidence_id}"
    return Answer(201, evidence_out(made, evidence.title, form), location=location)


@routes.post(
    "/v1/records/{record_id}/evidence/{evidence_id}/commit",
    operation="evidence.submit",
    summary="提交已上传的佐证材料",
    answers={200: EvidenceOut},
    examples={200: _EXAMPLE},
    errors=(404, 409, 410),
)
def commit_evidence(record_id: RecordId, evidence_id: EvidenceId) -> Answer:
    """核对文件类型和大小，锁定归档并记下 SHA-256。可以重复提交，不会重复归档。"""
    record = _own_record(record_id)
    done = service.receive(request.platform(), record.record_id, evidence_id)
    return Answer(200, evidence_out(done), version=done.version)


@routes.get(
    "/v1/records/{record_id}/evidence",
    operation="evidence.read",
    summary="一条信息的佐证材料",
    answers={200: EvidenceList},
    examples={200: {"items": [_EXAMPLE]}},
    errors=(404,),
)
def list_evidence(record_id: RecordId) -> Answer:
    """按提交先后列出。涉及个人的不给出名称和摘要，查阅须说明用途。"""
    record, _ = _looked_at(record_id)
    found = service.of_record(request.platform(), record.record_id)
    return Answer(200, EvidenceList(items=[evidence_out(one) for one in found]))


@routes.get(
    "/v1/records/{record_id}/evidence/{evidence_id}",
    operation="evidence.read",
    summary="核对并下载一份佐证材料",
    answers={200: EvidenceProof},
    examples={200: {"evidence": _EXAMPLE, "intact": True, "link": "https://www.example.com/e"}},
    errors=(404, 409, 410),
)
def show_evidence(record_id: RecordId, evidence_id: EvidenceId) -> Answer:
    """从存档取出文件，与归档时记下的 SHA-256 核对，给出五分钟内有效的下载地址。

    涉及个人的只核对；名称和下载地址只给有权查看原值的人，查阅须说明用途并留下本人可见的记录。
    """
    record, subject = _looked_at(record_id)
    opened = service.open_evidence(
        request.platform(),
        service.find(request.platform(), record.record_id, evidence_id),
        in_full=sees_full(request.caller(), subject),
    )
    body = EvidenceProof(
        evidence=evidence_out(opened.evidence, opened.title),
        intact=opened.intact,
        link=opened.link or None,
    )
    return Answer(200, body)
