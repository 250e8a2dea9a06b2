"""What anyone may report and how it is answered: bodies of the routes without an account, and of
those by which the offices read what was said."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from pydantic import Field

from chalicelib.cases.service import ClockOut
from chalicelib.leads.rules_codes import LONGEST_CODE
from chalicelib.leads.rules_files import LARGEST_BYTES, MOST_FILES
from chalicelib.policy.base import LegalBasis
from chalicelib.web.model import Inbound, Outbound

_LONGEST_BASE64 = (LARGEST_BYTES + 2) // 3 * 4 + 4
_LEAST_BASE64 = 4

UNIFIED_CODE: Final = r"^[0-9A-Z]{18}$"

Fields = dict[str, str | int | bool | None]
Code = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST_CODE,
        description="查询码；大小写、空格、连字符不限，O 当作 0，I、L 当作 1",
        examples=["7K3D-9QHM-2X5T-R8WB-4NCE-6VYJ-1PZG-0FSA"],
    ),
]


class AttachmentIn(Inbound):
    """A picture."""

    title: Annotated[str, Field(min_length=1, max_length=100)] = Field(
        description="名称，例如“合同第一页”；文件名不保留", examples=["合同第一页"]
    )
    data: Annotated[str, Field(min_length=_LEAST_BASE64, max_length=_LONGEST_BASE64)] = Field(
        description="JPEG 或 PNG 图片的 base64；平台重新绘制后保存，不保留拍摄地点、时间和设备",
        examples=["/9j/4AAQSkZJRg=="],
    )


class LeadIn(Inbound):
    """Something to report."""

    kind: str = Field(
        "",
        max_length=64,
        description="事项代码，见 GET /public/v1/leads/kinds；不填为失信线索（lead）",
        examples=["lead"],
    )
    unified_code: str = Field(
        pattern=UNIFIED_CODE,
        description="被反映单位的统一社会信用代码，可用 GET /public/v1/subjects 按地区查找",
        examples=["11990100MB0000019L"],
    )
    fields: Fields = Field(
        description="该事项要填的内容；联系方式可以不填，不填就是匿名",
        examples=[{"matter": "招商引资承诺的补贴逾期未兑现"}],
    )
    attachments: tuple[AttachmentIn, ...] = Field((), max_length=MOST_FILES, description="图片")


class ReceiptIn(Inbound):
    """A receipt code."""

    code: Code


class LeadMessageIn(Inbound):
    """What whoever reported something does next."""

    code: Code
    version: int = Field(ge=1, le=10**8, description="查询时看到的 version")
    action: str = Field(
        max_length=64, description="查询结果 actions 中的一个操作", examples=["supplement"]
    )
    fields: Fields = Field(
        default_factory=dict,
        description="该操作要填的内容",
        examples=[{"message": "现补充承诺文件"}],
    )
    attachments: tuple[AttachmentIn, ...] = Field((), max_length=MOST_FILES, description="图片")


class LeadField(Outbound):
    """One thing that is asked of whoever reports."""

    code: str
    title: str
    kind: str
    required: bool
    max_length: int | None = Field(description="最多多少个字")
    choices: dict[str, str] = Field(description="代码及其含义；不是选择项的为空")


class LeadLimit(Outbound):
    """A limit whoever reports may hold the offices to."""

    title: str
    in_words: str
    basis: LegalBasis


class LeadKind(Outbound):
    """One kind of case that anyone may open."""

    kind: str
    title: str
    purpose: str
    fields: tuple[LeadField, ...]
    limits: tuple[LeadLimit, ...]
    channels: dict[str, str] = Field(description="除本接口外，还有哪些渠道受理")
    basis: LegalBasis


class AttachmentLimits(Outbound):
    """What may be attached."""

    media_types: tuple[str, ...]
    most: int
    largest_bytes: int = Field(description="一张图片最大多少字节")
    largest_together: int = Field(description="合计最大多少字节")


class LeadKinds(Outbound):
    """What can be reported in a region."""

    jurisdiction: str
    version: str
    kinds: tuple[LeadKind, ...]
    attachments: AttachmentLimits


class LeadAction(Outbound):
    """Something whoever reported it may do now."""

    action: str
    title: str
    fields: tuple[LeadField, ...]


class SaidOut(Outbound):
    """One thing that was said."""

    title: str
    text: str


class TurnOut(Outbound):
    """One turn of the dialogue."""

    at: datetime
    by: str = Field(description="您、信用办、上级主管单位……")
    title: str
    state: str = Field(description="之后的状态")
    told: str | None = Field(description="平台对您的告知")
    said: tuple[SaidOut, ...]
    attachments: tuple[str, ...] = Field(description="附了哪些图片")


class LeadOut(Outbound):
    """A case as whoever reported it sees it."""

    kind: str
    kind_title: str
    body: str = Field(description="被反映的单位")
    state: str
    state_title: str
    final: bool
    in_words: str = Field(description="一句话说明现在到了哪一步、哪天以前办完")
    opened_at: datetime
    changed_at: datetime
    version: int
    clocks: tuple[ClockOut, ...] = Field(description="正在计算的期限，逐日写明")
    dialogue: tuple[TurnOut, ...] = Field(description="最近的经过，先发生的在前")
    actions: tuple[LeadAction, ...] = Field(description="您现在可以进行的操作")


class ReceiptOut(Outbound):
    """A case was opened: this is the only time the code is told."""

    code: str = Field(
        description="查询码，只在这里出现一次，遗失不能补发；有它的人都能查看和补充",
        examples=["7K3D-9QHM-2X5T-R8WB-4NCE-6VYJ-1PZG-0FSA"],
    )
    kind_title: str
    body: str
    state_title: str
    in_words: str
    opened_at: datetime


class RegionTally(Outbound):
    """The cases of one region. Received is always all the others together."""

    region: str
    received: int
    in_progress: int
    explained: int
    rectified: int
    recognised: int


class KindTally(Outbound):
    """The cases of one kind. Received is always all the others together."""

    kind: str
    title: str
    received: int = Field(description="收到的，恒等于以下四项之和")
    in_progress: int = Field(description="办理中")
    explained: int = Field(description="不属实已解释，或已答复")
    rectified: int = Field(description="属实已整改")
    recognised: int = Field(description="已认定失信")
    regions: tuple[RegionTally, ...]


class Statistics(Outbound):
    """What was reported and what became of it; no body is named."""

    jurisdiction: str
    region: str
    kinds: tuple[KindTally, ...]


class VoicePicture(Outbound):
    """A picture that came with what was said."""

    number: int
    title: str
    media_type: str
    size: int


class VoiceTurn(Outbound):
    """What was said in one event of a case."""

    version: int
    at: datetime
    by: str
    title: str
    said: tuple[SaidOut, ...]
    pictures: tuple[VoicePicture, ...]


class VoiceOut(Outbound):
    """What whoever reported something said, and was told."""

    case_id: str
    version: int
    turns: tuple[VoiceTurn, ...]


class VoicePictureOut(Outbound):
    """One picture, checked, to be fetched."""

    picture: VoicePicture
    intact: bool = Field(description="存档对象与归档时的 SHA-256 一致")
    link: str = Field(description="五分钟内有效的下载地址")
