"""Files of subjects to be checked in one scene."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from chalicelib.sheets.model import Form
from chalicelib.web.model import Caller

FileState = Literal["awaiting_file", "counting", "checking", "completed", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFile:
    """One file on its way. It is deleted, in every version, once it was worked: it may hold
    citizen codes."""

    file_id: str
    client_id: str
    agency: str
    agency_name: str
    jurisdiction: str
    region: str
    level: str
    scene: str
    purpose: str
    reference: str
    format: Form
    created_at: str
    request_mac: str = ""
    state: FileState = "awaiting_file"
    version: int = 1
    committed_at: str = ""
    object_version: str = ""
    size: int = 0
    rows: int = 0
    """Rows with anything in them, once they were counted."""
    step: int = 0
    """Which step is next."""
    rows_done: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    """allow, restrict, refer, wrong: how many rows came to that."""
    completed_at: str = ""
    problem: tuple[str, str] = ("", "")
    """Why the whole file was refused: code and words."""

    @property
    def object_key(self) -> str:
        """Where the file lies in the inbox."""
        return f"uploads/checks/{self.file_id}"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will be done."""
        return self.state in ("completed", "failed")

    @property
    def caller(self) -> Caller:
        """In whose name it is asked."""
        return Caller(
            client_id=self.client_id,
            agency_code=self.agency,
            agency_name=self.agency_name,
            jurisdiction=self.jurisdiction,
            region=self.region,
            level=self.level,
            roles=frozenset(),
        )
