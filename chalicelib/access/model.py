"""The register's types: agencies, the clients that act for them, and who looked at whose file."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.access.permissions import ROLES, SUBJECT
from chalicelib.kernel.codes import CHECK_FAULTS, CODE_MESSAGES, unified_code_fault
from chalicelib.web.model import Inbound, Outbound


class Level(enum.StrEnum):
    """An agency's level of government."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"


@dataclass(frozen=True, slots=True)
class Agency:
    """A registered agency. `roles` are those its clients may be given."""

    agency_code: str
    name: str
    region: str
    level: str
    superior: str
    roles: frozenset[str]
    active: bool = True
    version: int = 1


@dataclass(frozen=True, slots=True)
class Client:
    """A registered OAuth client: of an agency, or of a subject that acts for itself."""

    client_id: str
    name: str
    agency_code: str
    jurisdiction: str
    roles: frozenset[str]
    subject_id: str = ""
    active: bool = True
    version: int = 1


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One link of the audit trail: who looked at which subject, when, why and by whose leave."""

    partition: str
    entry_id: str
    """Random: tells one's own write from an equal one of somebody else."""
    seq: int
    at: str
    client_id: str
    agency_code: str
    agency_name: str
    action: str
    subject_id: str
    purpose: str
    approval: str
    previous: str
    """`mac` of entry seq - 1; empty for the first."""
    mac: str = ""


class TrailFlaw(enum.StrEnum):
    """What tampering leaves behind."""

    MISSING = "missing"
    ALTERED = "altered"
    BROKEN_LINK = "broken_link"
    COPY_DIFFERS = "copy_differs"


@dataclass(frozen=True, slots=True)
class TrailReport:
    """The result of verifying entries `first` to `last` of a trail."""

    partition: str
    first: int
    last: int
    flaws: tuple[tuple[int, TrailFlaw], ...] = field(default_factory=tuple)

    @property
    def is_intact(self) -> bool:
        """No flaw was found."""
        return not self.flaws


def _checked_code(value: str) -> str:
    fault = unified_code_fault(value)
    # Whether a code that fails its check is on the list of exceptions is asked by `register`.
    if fault is not None and fault not in CHECK_FAULTS:
        raise PydanticCustomError(fault, CODE_MESSAGES[fault])
    return value


UnifiedCode = Annotated[
    str,
    Field(description="统一社会信用代码（GB 32100）", examples=["11990100MB0000019L"]),
]
Region = Annotated[
    str,
    Field(
        pattern=r"^\d{6}(\d{3}|\d{6})?$",
        description="行政区划代码（GB/T 2260，乡镇以下 GB/T 10114）",
        examples=["990100"],
    ),
]
Name = Annotated[str, Field(min_length=1, max_length=100, description="名称")]
ClientId = Annotated[
    str,
    Field(
        pattern=r"^[\x21-\x7e]{1,128}$",
        description="身份认证服务中的客户端编号",
        examples=["3n4b5urk1ft4fl3mg5e62d9ado"],
    ),
]
Jurisdiction = Annotated[
    str,
    Field(pattern=r"^[a-z][a-z0-9-]{1,39}$", description="适用的政策包", examples=["nanjing"]),
]
RoleNames = Annotated[list[str], Field(min_length=1, max_length=10, description="角色")]


def _checked_roles(values: list[str]) -> list[str]:
    unknown = sorted(set(values) - set(ROLES))
    if unknown:
        raise PydanticCustomError(
            "unknown_role",
            "没有“{role}”这个角色，可用的角色：{roles}",
            {"role": "、".join(unknown)[:40], "roles": "、".join(ROLES)},
        )
    return sorted(set(values))


class AgencyIn(Inbound):
    """An agency to be registered."""

    agency_code: UnifiedCode
    name: Name
    region: Region
    level: Level
    superior: UnifiedCode | None = None
    roles: RoleNames

    _code = field_validator("agency_code")(_checked_code)
    _roles = field_validator("roles")(_checked_roles)

    @field_validator("superior")
    @classmethod
    def _superior_code(cls, value: str | None) -> str | None:
        return None if value is None else _checked_code(value)


class AgencyChange(Inbound):
    """What to change of an agency; what is left out stays."""

    name: Name | None = None
    superior: UnifiedCode | None = None
    roles: RoleNames | None = None
    active: bool | None = None

    @field_validator("superior")
    @classmethod
    def _superior_code(cls, value: str | None) -> str | None:
        return None if value is None else _checked_code(value)

    @field_validator("roles")
    @classmethod
    def _known_roles(cls, value: list[str] | None) -> list[str] | None:
        return None if value is None else _checked_roles(value)


class ClientIn(Inbound):
    """A client to be registered."""

    client_id: ClientId
    name: Name
    agency_code: UnifiedCode | None = None
    jurisdiction: Jurisdiction
    roles: RoleNames
    subject_id: Annotated[str, Field(pattern=r"^[\w:-]{1,80}$")] | None = None

    _roles = field_validator("roles")(_checked_roles)

    @field_validator("agency_code")
    @classmethod
    def _agency(cls, value: str | None) -> str | None:
        return None if value is None else _checked_code(value)

    @model_validator(mode="after")
    def _belongs(self) -> ClientIn:
        speaks_for_subject = SUBJECT in self.roles
        if speaks_for_subject and self.roles != [SUBJECT]:
            raise PydanticCustomError("subject_alone", "信用主体的客户端不能同时具有其他角色")
        if speaks_for_subject != (self.subject_id is not None):
            raise PydanticCustomError("subject_alone", "subject_id 与角色 subject 必须同时给出")
        if not speaks_for_subject and self.agency_code is None:
            raise PydanticCustomError(
                "agency_required", "工作人员和业务系统的客户端必须属于一个单位"
            )
        return self


class ClientChange(Inbound):
    """What to change of a client; what is left out stays."""

    name: Name | None = None
    roles: RoleNames | None = None
    active: bool | None = None

    @field_validator("roles")
    @classmethod
    def _known_roles(cls, value: list[str] | None) -> list[str] | None:
        return None if value is None else _checked_roles(value)


class Founding(Inbound):
    """What `setup` is told: the first agencies and clients."""

    agencies: list[AgencyIn] = Field(default_factory=list, max_length=1000)
    clients: list[ClientIn] = Field(default_factory=list, max_length=1000)


class AgencyOut(Outbound):
    """A registered agency."""

    agency_code: str
    name: str
    region: str
    level: str
    superior: str | None
    roles: list[str]
    active: bool
    version: int


class ClientOut(Outbound):
    """A registered client."""

    client_id: str
    name: str
    agency_code: str | None
    jurisdiction: str
    roles: list[str]
    subject_id: str | None
    active: bool
    version: int


class AgencyList(Outbound):
    """One page of agencies."""

    items: list[AgencyOut]
    next_page_token: str | None


class ClientList(Outbound):
    """One page of clients."""

    items: list[ClientOut]
    next_page_token: str | None


class MeOut(Outbound):
    """Who the platform takes the caller for, and what that allows."""

    client_id: str
    agency_code: str | None
    agency_name: str | None
    jurisdiction: str
    region: str | None
    level: str | None
    roles: list[str]
    subject_id: str | None
    permissions: dict[str, str]


class AuditEntryOut(Outbound):
    """One entry of the audit trail."""

    seq: int
    at: datetime
    client_id: str
    agency_code: str
    agency_name: str
    action: str
    subject_id: str
    purpose: str
    approval: str
    mac: str


class AuditList(Outbound):
    """One page of the audit trail, newest first."""

    items: list[AuditEntryOut]
    next_page_token: str | None


class ReaderOut(Outbound):
    """One time somebody looked at the caller's file."""

    at: datetime
    agency_code: str
    agency_name: str
    action: str
    purpose: str
    approval: str


class ReaderList(Outbound):
    """Who looked at the caller's file, newest first."""

    items: list[ReaderOut]
    next_page_token: str | None


class FlawOut(Outbound):
    """A place where the trail does not hold."""

    seq: int
    flaw: str


class TrailOut(Outbound):
    """Whether a stretch of the trail is intact."""

    partition: str
    first: int
    last: int
    intact: bool
    flaws: list[FlawOut]
