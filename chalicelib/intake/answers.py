"""What intake answers, as the document describes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from chalicelib.aws.platform import Platform
from chalicelib.creditfile.model import Record
from chalicelib.creditfile.rules import reporting_deadline
from chalicelib.intake.model import Outcome
from chalicelib.intake.receipts import sign_receipt
from chalicelib.kernel.canonical import JsonValue
from chalicelib.policy.service import pack_version
from chalicelib.web.model import Inbound, Outbound

RECORD_EXAMPLE = {
    "type": "administrative_penalty",
    "subject": {"unified_code": "91329900MA0000002X", "name": "示例市甲号贸易有限公司"},
    "fields": {"document_number": "示综执罚字〔2026〕1号", "decided_on": "2026-06-01"},
}


class SubjectIn(Inbound):
    """The subject by one code and its name."""

    unified_code: str | None = Field(None, description="统一社会信用代码（单位）")
    citizen_code: str | None = Field(None, description="公民身份号码（个人），加密保存，不会返回")
    name: str = Field(description="名称或姓名，与登记的名称核对")


class NoticesIn(Inbound):
    """Delivery of the two notices."""

    decision_delivered_on: str | None = Field(None, description="决定书送达日期")
    repair_delivered_on: str | None = Field(None, description="信用修复告知书送达日期")
    proof: str | None = Field(None, description="送达证明，例如送达回证编号")


class RecordIn(Inbound):
    """One record as an agency submits it."""

    model_config = ConfigDict(json_schema_extra={"examples": [RECORD_EXAMPLE]})

    type: str = Field(description="归集目录中的信息类型代码")
    subject: SubjectIn
    fields: dict[str, str | int | bool | None] = Field(description="按目录填写的字段；金额用文本")
    notices: NoticesIn | None = None


class BatchIn(Inbound):
    """Up to 500 records, each of which stands for itself."""

    records: Annotated[list[dict[str, object]], Field(min_length=1, max_length=500)] = Field(
        description="每条与 POST /v1/records 的正文相同；逐条处理，互不影响"
    )


class CorrectionIn(Inbound):
    """What is to be different, and why."""

    fields: dict[str, str | int | bool | None] = Field(
        default_factory=dict, description="要更正的字段；null 表示清空"
    )
    notices: NoticesIn | None = Field(None, description="更正后的送达信息，整体替换")
    reason: Annotated[str, Field(min_length=2, max_length=500)] = Field(description="更正理由")


class WithdrawalIn(Inbound):
    """Why a record is withdrawn."""

    reason: Annotated[str, Field(min_length=2, max_length=500)] = Field(description="撤回理由")


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
    status: str | None = Field(None, description="active 有效，withdrawn 已撤回")
    received_at: str | None = None
    on_time: bool | None = None
    deadline: dict[str, JsonValue] | None = Field(None, description="报送期限及逐日推算过程")
    receipt: str | None = Field(None, description="回执：ES256 签名的 JWS，公钥见 /public/v1/keys")
    errors: Sequence[FaultOut] = ()


class BatchResult(Outbound):
    """Results in the order of the records sent."""

    accepted: int
    duplicate: int
    rejected: int
    results: Sequence[RecordResult]


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
    )


def deadline_of(record: Record) -> dict[str, JsonValue] | None:
    """The reporting deadline of a record under the pack it is pinned to."""
    pack = pack_version(record.jurisdiction, record.pack)
    found = reporting_deadline(pack, pack.types[record.type], record.occurred_on)
    return None if found is None else found.as_json()
