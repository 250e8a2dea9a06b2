"""Types of the list of unified codes that fail their check and are genuine all the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import ConfigDict, Field
from pydantic.types import StringConstraints

from chalicelib.web.model import Inbound, Outbound


@dataclass(frozen=True, slots=True)
class CodeException:
    """A genuine code that fails its check: whose it is, why it may pass, and what proves it."""

    unified_code: str
    name: str
    reason: str
    evidence: str
    """What proves it: the licence seen, the registrar's reply."""
    region: str
    """The region of the credit office that keeps the entry."""
    added_by: str
    added_at: str
    active: bool = True
    revocation_reason: str = ""
    revoked_at: str = ""
    version: int = 1


_Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)
]
# A code issued by an early pilot, published as a sample of codes that fail their check.
_SAMPLE = "91350100M0001TGQXM"


class CodeExceptionIn(Inbound):
    """A code to be put on the list."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "unified_code": _SAMPLE,
                    "name": "示例有限公司",
                    "reason": "试点期间赋码，校验位与标准不符",
                    "evidence": "营业执照副本已核验，登记机关复函",
                }
            ]
        }
    )

    unified_code: Annotated[str, Field(max_length=18, description="统一社会信用代码")]
    name: Annotated[_Words, Field(description="单位名称")]
    reason: Annotated[_Words, Field(description="为什么校验不通过仍应受理")]
    evidence: Annotated[_Words, Field(description="证明材料，例如登记机关复函文号")]


class RevocationIn(Inbound):
    """Why a code is taken off the list."""

    reason: Annotated[_Words, Field(description="撤销理由", examples=["登记机关已换发新代码"])]


class CodeExceptionOut(Outbound):
    """A code on the list."""

    unified_code: Annotated[str, Field(examples=[_SAMPLE])]
    name: str
    reason: Annotated[str, Field(examples=["试点期间赋码，校验位与标准不符"])]
    evidence: Annotated[str, Field(examples=["营业执照副本已核验，登记机关复函"])]
    region: str
    added_by: Annotated[str, Field(description="列入的信用办", examples=["示例市信用办"])]
    added_at: Annotated[str, Field(examples=["2026-06-15T04:00:00.000Z"])]
    active: Annotated[bool, Field(description="false：已撤销，不再放行")]
    revocation_reason: Annotated[str | None, Field(examples=[None])]
    revoked_at: Annotated[str | None, Field(examples=[None])]
    version: int


class CodeExceptionList(Outbound):
    """One page of the list."""

    items: list[CodeExceptionOut]
    next_page_token: str | None
