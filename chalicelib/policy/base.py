"""The small types every part of a policy pack is made of."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

BASE: Final = "national"
"""The jurisdiction every other one builds on."""

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
"""An English snake_case code: stable, safe in a URL and as a CSV column."""

RegionCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
"""Six digits after GB/T 2260."""

Title = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]

Severity = Literal["minor", "general", "serious"]
"""失信等级: 轻微, 一般, 严重."""

SEVERITIES: Final[tuple[Severity, ...]] = ("minor", "general", "serious")
"""From the lightest to the gravest."""

SEVERITY_TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {"minor": "轻微", "general": "一般", "serious": "严重"}
)

LEVEL_TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "nation": "国家级",
        "province": "省级",
        "city": "市级",
        "county": "县级",
        "township": "乡级",
    }
)
"""Levels of regions and bodies, from the highest to the lowest."""

Scope = Literal["public", "shared", "internal"]
"""公开, 授权共享, 不公开."""

Audience = Literal["reporters", "bodies", "officials", "public", "credit_office"]

AUDIENCES: Final[Mapping[Audience, str]] = MappingProxyType(
    {
        "reporters": "报送单位",
        "bodies": "政务主体",
        "officials": "公职人员",
        "public": "公众和信用网站",
        "credit_office": "信用办",
    }
)
"""For whom policy changes, in the order in which it is told."""

SubjectKind = Literal[
    "government",
    "department",
    "party_organ",
    "committee",
    "institution",
    "township",
    "organisation",
    "enterprise",
    "sole_trader",
    "civil_servant",
    "public_official",
    "person",
]

SUBJECT_KINDS: Final[Mapping[SubjectKind, str]] = MappingProxyType(
    {
        "government": "人民政府",
        "department": "政府部门",
        "party_organ": "党群机关",
        "committee": "管委会",
        "institution": "事业单位",
        "township": "乡镇（街道）",
        "organisation": "社会组织等其他组织",
        "enterprise": "企业",
        "sole_trader": "个体工商户",
        "civil_servant": "公务员",
        "public_official": "其他公职人员",
        "person": "自然人",
    }
)
"""Every kind of subject with its Chinese title."""

GOVERNMENT_BODIES: Final[frozenset[SubjectKind]] = frozenset(
    {"government", "department", "party_organ", "committee", "institution", "township"}
)
"""政务主体: the bodies whose integrity the platform is about."""

OFFICIALS: Final[frozenset[SubjectKind]] = frozenset({"civil_servant", "public_official"})
"""Persons with a credit file in the field of government."""

PERSONS: Final[frozenset[SubjectKind]] = OFFICIALS | {"person"}
"""Natural persons: keyed by the citizen code, protected as design §2.10 says."""


class Frozen(BaseModel):
    """Base of all policy types: immutable, and a misspelt attribute is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class LegalBasis(Frozen):
    """Where a rule comes from. `verified` is true only if the text itself was read."""

    document: Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)]
    clause: str = ""
    verified: bool
    note: str = ""
