"""What a snapshot is, and how it is shown: the state of the public world at one seq and instant, as
files in several forms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, Literal, TypeAlias, get_args

from pydantic import Field

from chalicelib.web.model import Outbound

Format: TypeAlias = Literal["sqlite", "jsonl", "csv", "parquet"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)
"""Forms of a snapshot, and the endings of their files."""

Reason: TypeAlias = Literal["nightly", "withdrawal", "demand", "growth"]
"""Why a snapshot is asked for: a new day; something public was taken back; somebody wants one; much
has changed since the last."""

REASONS: Final[tuple[Reason, ...]] = get_args(Reason)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a message asks for: a snapshot at `seq` or later; 0: at the head."""

    reason: Reason
    seq: int = 0


@dataclass(frozen=True, slots=True)
class SnapshotFile:
    """One file of a snapshot. `rows`: what it holds, documents or (of a table) records."""

    format: Format
    name: str
    size: int
    sha256: str
    rows: int
    content_type: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The newest snapshot: the content of the index."""

    seq: int
    built_at: str
    """The instant at which everything in it was public."""
    expires_at: str
    """When the next night's has taken its place, at the latest."""
    next_end: str
    """When the first term ends that it shows; empty: none does."""
    documents: int
    files: tuple[SnapshotFile, ...]
    replaced: tuple[str, ...] = ()
    """Files that are in no snapshot any more and are being deleted. No builder that still counts
    on one of them can write the index (see service)."""
    schema: str = ""
    """Of the SQLite file: a reader of another make cannot begin with it. Empty: not told."""

    def file(self, form: Format) -> SnapshotFile:
        """The file in this form."""
        return next(one for one in self.files if one.format == form)


class SnapshotFileView(Outbound):
    """One file to take away."""

    format: Annotated[Format, Field(description="格式")]
    title: Annotated[str, Field(examples=["SQLite 数据库"])]
    name: Annotated[str, Field(examples=["govcredit-128-20260616T001000.sqlite"])]
    url: Annotated[
        str,
        Field(
            description="下载地址（相对本站）",
            examples=["/public/v1/snapshots/files/govcredit-128-20260616T001000.sqlite"],
        ),
    ]
    content_type: Annotated[str, Field(examples=["application/vnd.sqlite3"])]
    size: Annotated[int, Field(ge=0, description="字节数", examples=[1_048_576])]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="文件的 SHA-256")]
    rows: Annotated[int, Field(ge=0, description="文档数；CSV 和 Parquet 为信用信息条数")]


class SnapshotView(Outbound):
    """All that was public at one number of the log and one instant."""

    seq: Annotated[int, Field(ge=0, description="所反映的公示日志序号", examples=[128])]
    built_at: Annotated[
        str, Field(description="生成时刻（UTC）", examples=["2026-06-15T16:10:00.000Z"])
    ]
    expires_at: Annotated[
        str,
        Field(
            description="最迟在此时刻被下一份快照取代（UTC）",
            examples=["2026-06-16T18:00:00.000Z"],
        ),
    ]
    documents: Annotated[int, Field(ge=0, description="文档总数")]
    changes: Annotated[
        str,
        Field(description="此后的变更从这里取", examples=["/public/v1/changes?after=128"]),
    ]
    files: tuple[SnapshotFileView, ...]


class ColumnView(Outbound):
    """A column of a table, or a member of a line."""

    name: Annotated[str, Field(examples=["subject_code"])]
    title: Annotated[str, Field(examples=["主体统一社会信用代码"])]
    kind: Annotated[
        Literal["text", "whole", "yes_no", "day", "instant", "document"],
        Field(
            description="text 文本，whole 整数，yes_no 是否，day 日期，instant 时刻，document 文档"
        ),
    ]
    note: Annotated[str, Field(description="含义")]


class FormatView(Outbound):
    """A form of the snapshots and what is in it."""

    format: Format
    title: Annotated[str, Field(examples=["SQLite 数据库"])]
    about: Annotated[str, Field(description="内容和用法")]
    columns: tuple[ColumnView, ...] = ()


class SnapshotsView(Outbound):
    """The snapshots there are (one, or none before the first night), and how they are read."""

    items: tuple[SnapshotView, ...]
    formats: tuple[FormatView, ...]
    verify: Annotated[tuple[str, ...], Field(description="如何核验")]


class BuildOrderOut(Outbound):
    """A snapshot has been asked for."""

    accepted_at: Annotated[str, Field(examples=["2026-06-15T04:00:00.000Z"])]
    index: Annotated[str, Field(description="在这里查看结果", examples=["/public/v1/snapshots"])]
    text: Annotated[str, Field(examples=["已受理。公示内容没有变化的，沿用现有快照。"])]
