"""Bodies of the routes of check files."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from chalicelib.checks.bodies import AskedIn
from chalicelib.checks.model_files import FileState
from chalicelib.sheets.model import Form
from chalicelib.web.model import Outbound


class CheckFileIn(AskedIn):
    """A file to be checked in one scene."""

    format: Form = Field(description="csv 或 xlsx", examples=["xlsx"])


class CheckFileForm(Outbound):
    """The form to post the file with."""

    url: str
    fields: dict[str, str]
    largest_bytes: int
    valid_seconds: int


class CheckFileProblem(Outbound):
    """Why a whole file was refused."""

    code: str
    message: str


class CheckFileOut(Outbound):
    """A file and how far it has come."""

    file_id: str
    scene: str
    purpose: str
    reference: str
    format: Form
    state: FileState
    created_at: datetime
    committed_at: datetime | None
    completed_at: datetime | None
    rows: int
    rows_done: int
    allow: int
    restrict: int
    refer: int
    wrong: int = Field(description="有错误、没有核查的行，原因见结果文件")
    percent: int
    estimated_finish: datetime | None
    problem: CheckFileProblem | None
    form: CheckFileForm | None


class CheckFileList(Outbound):
    """One page of files, newest first."""

    items: tuple[CheckFileOut, ...]
    next_page_token: str | None
