"""What anyone may report and how it is answered: bodies of the routes without an account."""

from __future__ import annotations

from pydantic import Field

from chalicelib.policy.base import LegalBasis
from chalicelib.web.model import Outbound


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
