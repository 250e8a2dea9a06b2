"""Cross-checks of the civil-servant register (公务员名册核对, R-11) against the credit files.

A check holds no citizen code and no name in full: what it finds names a row, a masked name, the
subject's id and the employer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

from pydantic import Field

from chalicelib.sheets.model import Form
from chalicelib.web.model import Inbound, Outbound

State = Literal["awaiting_file", "reading", "comparing", "completed", "failed"]
FindingKind = Literal[
    "joiner",
    "leaver",
    "transfer",
    "name_differs",
    "kind_differs",
    "code_invalid",
    "employer_invalid",
    "duplicate_row",
    "unreadable",
]

FINDING_TITLES: Final[Mapping[FindingKind, str]] = MappingProxyType(
    {
        "joiner": "新增：名册中有，没有信用档案",
        "leaver": "退出：有信用档案，名册中没有",
        "transfer": "调动：所在单位不同",
        "name_differs": "姓名不符",
        "kind_differs": "人员类别不符",
        "code_invalid": "公民身份号码有误",
        "employer_invalid": "单位代码有误",
        "duplicate_row": "名册中重复",
        "unreadable": "这一行无法读取",
    }
)


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """One check. `rows` and `counts` are final once the state is `completed`."""

    crosscheck_id: str
    jurisdiction: str
    region: str
    agency: str
    client_id: str
    format: Form
    created_at: str
    state: State = "awaiting_file"
    version: int = 1
    committed_at: str = ""
    object_version: str = ""
    size: int = 0
    step: int = 1
    """The piece of the register that is to be worked next, from 1."""
    rows: int = 0
    """Rows worked so far."""
    parts: int = 0
    """Files the findings lie in, once they are complete."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Findings by kind; `unchanged` counts rows that agree with their file."""
    notes: tuple[str, ...] = ()
    problem: tuple[str, str] = ("", "")
    """Why the whole file was refused: (code, message)."""
    completed_at: str = ""

    @property
    def object_key(self) -> str:
        """Where the register lies in the inbox, until it is worked."""
        return f"uploads/crosschecks/{self.crosscheck_id}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the register. Only ever in memory: it holds a citizen code."""

    row: int
    name: str
    citizen_code: str
    employer: str
    post: str = ""
    kind: str = ""
    fault: tuple[FindingKind, str] | None = None
    """Why it cannot be compared: the finding this makes, and what is wrong in Chinese."""

    def __repr__(self) -> str:
        # A row may end up in a traceback; its citizen code must not.
        return f"Entry(row={self.row})"


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference between register and credit files, fit to be shown to whoever may check."""

    kind: FindingKind
    row: int
    """The row of the register; 0 for a leaver, who is in none."""
    name: str
    """Masked."""
    subject_id: str
    employer: str
    """As the register states it; for a leaver empty."""
    employer_on_file: str
    detail: str
    action: str
    """What to do about it."""


class CrossCheckIn(Inbound):
    """What is to be checked."""

    format: Form = Field(description="csv 或 xlsx")
    region: str | None = Field(
        default=None, pattern=r"^[0-9]{6}$", description="行政区划代码；不填为本单位所在地区"
    )


class PostForm(Outbound):
    """Where and how the register is posted."""

    url: str
    fields: dict[str, str]
    largest_bytes: int
    valid_seconds: int


class ProblemOut(Outbound):
    """Why the file was refused."""

    code: str
    message: str


class CrossCheckOut(Outbound):
    """How far a check has come and what it found."""

    crosscheck_id: str
    region: str
    format: Form
    state: State = Field(
        description="awaiting_file 等待文件，reading 逐行比对，comparing 查找退出人员，"
        "completed 完成，failed 文件无法读取"
    )
    created_at: str
    committed_at: str | None
    completed_at: str | None
    rows: int = Field(description="已比对的行数")
    counts: dict[str, int] = Field(description="各类差异的条数；unchanged 为一致的行数")
    notes: Sequence[str]
    problem: ProblemOut | None
    form: PostForm | None = Field(default=None, description="上传表单，只在申请时给出")


class FindingOut(Outbound):
    """One difference."""

    kind: FindingKind
    title: str
    row: int | None = Field(description="名册中的行号（表头也计数）；退出人员没有")
    name: str = Field(description="姓名，已遮盖")
    subject_id: str | None
    employer: str | None = Field(description="名册中的单位代码")
    employer_on_file: str | None = Field(description="信用档案中的单位代码")
    detail: str
    action: str = Field(description="建议的处理")


class FindingPage(Outbound):
    """One page of differences, by row; leavers last."""

    items: Sequence[FindingOut]
    next_page_token: str | None


class CrossCheckPage(Outbound):
    """One page of the checks of a region, newest first."""

    items: Sequence[CrossCheckOut]
    next_page_token: str | None
