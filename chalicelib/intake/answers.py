"""What intake answers, as the document describes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, cast

from pydantic import AfterValidator, ConfigDict, Field
from pydantic import JsonValue as JsonAny
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from chalicelib.aws.bucket import PresignedPost
from chalicelib.aws.platform import Platform
from chalicelib.creditfile.model import Record, Subject
from chalicelib.creditfile.rules import archive_commitment, code_notes, reporting_deadline
from chalicelib.intake.model import Outcome
from chalicelib.intake.originals import content_matches, masked, read_original
from chalicelib.intake.receipts import sign_receipt
from chalicelib.intake.rules import PERSONAL_NUMBER, holds_personal_number
from chalicelib.intake.store import ChunkCounts, FileForm, State, Upload
from chalicelib.intake.uploads import (
    POST_SECONDS,
    estimated_finish,
    largest_bytes,
    percent_of,
    receipt_of,
)
from chalicelib.policy.service import pack_version
from chalicelib.web.model import Inbound, Outbound

RECORD_EXAMPLE: JsonDict = {
    "type": "honour",
    "subject": {"unified_code": "11329900MA99000283", "name": "示例市市场监督管理局"},
    "fields": {
        "honour_name": "政务服务先进集体",
        "decision_number": "示政发〔2026〕1号",
        "honour_level": "city",
        "awarded_by": "示例市人民政府",
        "awarded_on": "2026-05-20",
    },
}


class SubjectIn(Inbound):
    """The subject by one code and its name."""

    unified_code: str | None = Field(default=None, description="统一社会信用代码（单位）")
    citizen_code: str | None = Field(
        default=None, description="公民身份号码（个人），加密保存，不会返回"
    )
    name: str = Field(description="名称或姓名，与登记的名称核对")


class NoticesIn(Inbound):
    """Delivery of the two notices."""

    decision_delivered_on: str | None = Field(default=None, description="决定书送达日期")
    repair_delivered_on: str | None = Field(default=None, description="信用修复告知书送达日期")
    proof: str | None = Field(default=None, description="送达证明，例如送达回证编号")


class RecordIn(Inbound):
    """One record as an agency submits it."""

    model_config = ConfigDict(json_schema_extra={"examples": [RECORD_EXAMPLE]})

    type: str = Field(description="归集目录中的信息类型代码")
    subject: SubjectIn
    fields: dict[str, JsonAny] = Field(
        description="按目录填写的字段（见 GET /v1/catalog/{type}）：文本、整数或是否；金额用文本"
    )
    notices: NoticesIn | None = None


class BatchIn(Inbound):
    """Up to 500 records, each of which stands for itself."""

    records: Annotated[list[dict[str, object]], Field(min_length=1, max_length=500)] = Field(
        description="每条与 POST /v1/records 的正文相同；逐条处理，互不影响"
    )


def _without_personal_number(text: str) -> str:
    if holds_personal_number(text):
        raise PydanticCustomError("personal_number", PERSONAL_NUMBER)
    return text


Reason = Annotated[
    str, Field(min_length=2, max_length=500), AfterValidator(_without_personal_number)
]
"""Why: kept in the clear with the record, so it must not hold a citizen code."""


class CorrectionIn(Inbound):
    """What is to be different, and why."""

    fields: dict[str, JsonAny] = Field(
        default_factory=dict, description="要更正的字段；null 表示清空"
    )
    notices: NoticesIn | None = Field(default=None, description="更正后的送达信息，整体替换")
    reinstate: bool = Field(default=False, description="true：恢复一条已撤回的信息")
    reason: Reason = Field(description="更正理由")


class WithdrawalIn(Inbound):
    """Why a record is withdrawn."""

    reason: Reason = Field(description="撤回理由")


class FaultOut(Outbound):
    """One thing wrong."""

    pointer: str
    code: str
    message: str


class RecordResult(Outbound):
    """What became of one record."""

    outcome: Literal["accepted", "duplicate", "conflict", "rejected"]
    position: int = Field(description="在本次报送中的位置，从 0 起")
    record_id: str | None = None
    version: int | None = None
    status: str | None = Field(default=None, description="active 有效，withdrawn 已撤回")
    received_at: str | None = None
    on_time: bool | None = None
    deadline: dict[str, JsonAny] | None = Field(default=None, description="报送期限及逐日推算过程")
    receipt: str | None = Field(
        default=None, description="回执：ES256 签名的 JWS，公钥见 /public/v1/keys"
    )
    note: str | None = Field(default=None, description="需要注意的情况，例如该信息已撤回")
    errors: Sequence[FaultOut] = ()


class BatchResult(Outbound):
    """Results in the order of the records sent."""

    accepted: int
    duplicate: int
    rejected: int
    results: Sequence[RecordResult]


PROVISIONAL = "报送期限暂定为 {due_on}：所跨年度的放假安排尚未公布，按周末推算，公布后自动重新推算"


def result_of(
    platform: Platform, outcome: Outcome, *, sha256: str = "", working: bool = True
) -> RecordResult:
    """The answer for one outcome; `working` adds the deadline day by day (not in batches)."""
    faults = tuple(
        FaultOut(pointer=f.pointer, code=f.code, message=f.message) for f in outcome.faults
    )
    record = outcome.record
    if record is None or outcome.verdict == "rejected":
        return RecordResult(outcome="rejected", position=outcome.position, errors=faults)
    if outcome.verdict == "conflict":
        return RecordResult(
            outcome="conflict",
            position=outcome.position,
            record_id=record.record_id,
            version=record.version,
            status=record.status,
            errors=faults,
        )
    return RecordResult(
        outcome=outcome.verdict,
        position=outcome.position,
        record_id=record.record_id,
        version=record.version,
        status=record.status,
        received_at=record.received_at,
        on_time=record.on_time,
        deadline=deadline_of(record) if working else None,
        receipt=sign_receipt(platform, record, sha256),
        note=note_of(record),
    )


def note_of(record: Record) -> str | None:
    """What to know of an accepted record: a provisional deadline, codes that passed by the list of
    exceptions."""
    pack = pack_version(record.jurisdiction, record.pack)
    notes = code_notes(record, pack.types[record.type])
    if record.due_provisional:
        notes.append(PROVISIONAL.format(due_on=record.due_on))
    return "；".join(notes) or None


def deadline_of(record: Record) -> dict[str, JsonAny] | None:
    """The reporting deadline of a record under the pack it is pinned to."""
    pack = pack_version(record.jurisdiction, record.pack)
    settled_by = record.due_calendar
    counted_with = pack_version(record.jurisdiction, settled_by) if settled_by else pack
    found = reporting_deadline(pack, pack.types[record.type], record.occurred_on, counted_with)
    return None if found is None else cast(dict[str, JsonAny], found.as_json())


class UploadIn(Inbound):
    """What the file will hold."""

    type: str | None = Field(
        default=None, description="信息类型代码；CSV、XLSX 必填，JSON Lines 可在每行给出"
    )
    format: FileForm = Field(
        description="csv（UTF-8、GB18030/GBK 或 UTF-16）、xlsx（不超过 50 MiB）"
        "或 jsonl（JSON Lines，UTF-8）"
    )
    file_name: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        description="文件名，只用于显示"
    )


class UploadForm(Outbound):
    """How to post the file."""

    url: str
    fields: dict[str, str]
    largest_bytes: int
    valid_seconds: int


class UploadOut(Outbound):
    """A file on its way."""

    upload_id: str
    state: State
    type: str | None
    format: str
    file_name: str
    created_at: str
    received_at: str | None
    completed_at: str | None
    size: int | None
    sha256: str | None
    rows: int = Field(description="行数；处理中为估计数（含空行），完成后等于三项之和")
    accepted: int
    duplicate: int
    rejected: int
    notes: int = Field(description="改写成目录格式的值有几处，清单见 /v1/uploads/{upload_id}/notes")
    percent: int
    estimated_finish: str | None
    receipt: str | None = Field(description="整个文件的回执，读完文件后给出")
    problems: Sequence[FaultOut] = Field(description="整个文件被拒收的原因")
    sheet: str | None = Field(default=None, description="读取的是哪一张工作表")
    remarks: Sequence[str] = Field(
        default=(), description="读取整个文件时的处理，例如编码、跳过的标题行"
    )
    form: UploadForm | None = None


class UploadList(Outbound):
    """One page of uploads."""

    items: Sequence[UploadOut]
    next_page_token: str | None


class OriginalOut(Outbound):
    """The original of a record, and what checking it against the record found."""

    record_id: str
    version: int
    proved: bool = Field(description="原件完好，且与记录一致")
    object_intact: bool = Field(description="存档对象的 SHA-256 与记录中保存的一致")
    form_intact: bool = Field(description="解封重建后的报送内容与存档时的摘要一致")
    content_matches: bool = Field(description="按当时的目录重新核对，内容与记录的这一版一致")
    sent: JsonAny = Field(description="当时报送的内容；个人信息按查阅权限遮盖")
    archived_at: str = Field(description="存档位置")
    object_version: str
    sha256: str
    offset: int = Field(description="这一条在存档对象中的起始字节")
    length: int = Field(description="这一条的字节数")
    public_salt: str = Field(
        description="公示页上原件摘要的盐值：SHA-256(盐值 + 存档对象的 SHA-256 + “起始:长度”)"
    )
    public_digest: str = Field(description="由此算出的摘要，应与公示页上的一致")


def upload_out(
    platform: Platform,
    upload: Upload,
    *,
    form: PresignedPost | None = None,
    progress: ChunkCounts | None = None,
) -> UploadOut:
    """An upload as answered; `progress` are the counts so far while it is being worked."""
    counts = progress or ChunkCounts(
        0,
        upload.accepted + upload.duplicate + upload.rejected,
        upload.accepted,
        upload.duplicate,
        upload.rejected,
        0,
    )
    return UploadOut(
        upload_id=upload.upload_id,
        state=upload.state,
        type=upload.type or None,
        format=upload.format,
        file_name=upload.file_name,
        created_at=upload.created_at,
        received_at=upload.received_at or None,
        completed_at=upload.completed_at or None,
        size=upload.size or None,
        sha256=upload.sha256 or None,
        rows=counts.rows if upload.state == "completed" else upload.rows,
        accepted=counts.accepted,
        duplicate=counts.duplicate,
        rejected=counts.rejected,
        notes=upload.notes,
        percent=percent_of(upload, counts.rows),
        estimated_finish=estimated_finish(platform, upload, counts.rows) or None,
        receipt=receipt_of(platform, upload) or None,
        problems=[FaultOut(pointer=p, code=c, message=m) for p, c, m in upload.problems],
        sheet=upload.sheet or None,
        remarks=upload.remarks,
        form=None
        if form is None
        else UploadForm(
            url=form.url,
            fields=form.fields,
            largest_bytes=largest_bytes(upload.format),
            valid_seconds=POST_SECONDS,
        ),
    )


def original_of(platform: Platform, record: Record, subject: Subject, *, full: bool) -> OriginalOut:
    """The original of a record's version, proved; personal values masked unless `full`: the proof
    does not need them to be seen. Raises Erased."""
    pack = pack_version(record.jurisdiction, record.pack)
    record_type = pack.types[record.type]
    original = read_original(platform, record, subject, record_type)
    matches = content_matches(platform.keyring, record, record_type, original.sent)
    sent = original.sent
    if not full:
        sent = masked(sent, record_type, person=subject.is_person)
    commitment = archive_commitment(platform.keyring, record)
    return OriginalOut(
        record_id=record.record_id,
        version=record.version,
        proved=original.object_intact and original.form_intact and matches,
        object_intact=original.object_intact,
        form_intact=original.form_intact,
        content_matches=matches,
        sent=cast(JsonAny, sent.as_json()),
        archived_at=record.archive.key,
        object_version=record.archive.version_id,
        sha256=record.archive.sha256,
        offset=record.archive.offset,
        length=record.archive.length,
        public_salt=commitment.salt,
        public_digest=commitment.digest,
    )
