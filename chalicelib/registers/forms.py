"""What the registers take over HTTP. Free text is kept in the clear, so none of it may hold a
citizen code or a mobile number."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self, TypeAlias

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.intake.rules import PERSONAL_NUMBER, holds_personal_number
from chalicelib.registers.model import Evidence
from chalicelib.web.model import Inbound

FieldIn: TypeAlias = str | int | bool | None
"""A field as sent; null empties it. The register's own rules decide what it must be."""

AGENCY_EXAMPLE = "11990100MB0000019L"


def _without_personal_number(text: str) -> str:
    if holds_personal_number(text):
        raise PydanticCustomError("personal_number", PERSONAL_NUMBER)
    return text


_Checked = AfterValidator(_without_personal_number)
Title = Annotated[
    str,
    Field(min_length=1, max_length=200, description="材料名称", examples=["社会稳定风险评估报告"]),
    _Checked,
]
Reason = Annotated[
    str, Field(min_length=2, max_length=500, description="理由", examples=["日期有误"]), _Checked
]
Code = Annotated[str, Field(pattern=r"^[0-9A-Z]{18}$", examples=[AGENCY_EXAMPLE])]


class ProofIn(Inbound):
    """A document that proves something."""

    title: Title
    url: Annotated[
        str,
        Field(
            max_length=1000,
            pattern=r"^(https?://[!-~]+)?$",
            description="网址",
            examples=["https://www.example.gov.cn/files/12.pdf"],
        ),
        _Checked,
    ] = ""
    file_number: Annotated[
        str, Field(max_length=100, description="档案或文件编号", examples=[""]), _Checked
    ] = ""
    sha256: Annotated[
        str,
        Field(
            pattern=r"^([0-9a-f]{64})?$",
            description="文件的 SHA-256，可以不填",
            examples=[""],
        ),
    ] = ""

    @model_validator(mode="after")
    def _place_given(self) -> Self:
        if not self.url and not self.file_number:
            raise PydanticCustomError("required", "网址（url）和编号（file_number）至少填写一个")
        return self

    def evidence(self) -> Evidence:
        """As it is stored."""
        return Evidence(**self.model_dump())


Evidences = Annotated[tuple[ProofIn, ...], Field(max_length=20, description="证明材料")]


class EntryIn(Inbound):
    """An entry to be made."""

    fields: Annotated[
        dict[str, FieldIn],
        Field(
            max_length=100,
            description="台账规定的各项，见 GET /v1/registers/{register}",
            examples=[{"title": "某某规划", "decided_on": "2026-06-01"}],
        ),
    ]


class EntryChange(Inbound):
    """What is to be different in an entry, and why."""

    fields: Annotated[
        dict[str, FieldIn],
        Field(
            max_length=100,
            description="要修改的各项；null 表示清空",
            examples=[{"due_on": "2026-09-30"}],
            default_factory=dict,
        ),
    ]
    withdrawn: Annotated[
        bool | None,
        Field(description="true 撤销本条（不再计入），false 恢复", examples=[None]),
    ] = None
    reason: Reason


class StepReportIn(Inbound):
    """A step was done."""

    done_on: Annotated[date, Field(description="完成日期", examples=["2026-06-10"])]
    evidence: Evidences = ()
    note: Annotated[str, Field(max_length=1000, description="说明", examples=[""]), _Checked] = ""


class TakeBackIn(Inbound):
    """Why a report is taken back."""

    reason: Reason


class AssignmentIn(Inbound):
    """Who is charged with a task."""

    lead: Annotated[tuple[Code, ...], Field(max_length=50, description="牵头（责任）单位代码")]
    cooperating: Annotated[
        tuple[Code, ...], Field(max_length=100, description="配合单位代码", examples=[[]])
    ] = ()


class SupervisionIn(Inbound):
    """督办: what is demanded, and by when."""

    message: Annotated[
        str,
        Field(
            min_length=2, max_length=1000, description="督办内容", examples=["请尽快补做风险评估"]
        ),
        _Checked,
    ]
    due_on: Annotated[
        date | None, Field(description="答复期限（某一天）", examples=["2026-06-30"])
    ] = None
    working_days: Annotated[
        int | None,
        Field(
            ge=1, le=90, description="答复期限（若干工作日内），与 due_on 只填一个", examples=[None]
        ),
    ] = None


class SupervisionAnswerIn(Inbound):
    """The keeper's answer to a supervision note."""

    text: Annotated[
        str,
        Field(min_length=2, max_length=2000, description="答复", examples=["已补做，见附件"]),
        _Checked,
    ]
    evidence: Evidences = ()
