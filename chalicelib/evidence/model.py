"""Evidence (佐证材料): files that prove something, kept in the archive.

They are held either with the record they prove, or as papers by whoever handed them in before an
action in a case is taken with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from chalicelib.web.model import Inbound, Outbound

State = Literal["awaiting_file", "received", "archived"]
Thing = Literal["record", "subject", "case"]


@dataclass(frozen=True, slots=True)
class Matter:
    """What a file is about, and whose it is."""

    thing: Thing
    id: str
    jurisdiction: str
    subject_id: str = ""
    """If this is a person, the file is sealed under that person's key. Empty: about nobody."""

    @property
    def about(self) -> str:
        """The matter as it is kept."""
        return f"{self.thing}:{self.id}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One file of evidence. Once `archived` it never changes.

    `sealed`: the subject is a person, so that file, title and digest are kept under the person's
    own key and go when that key is destroyed; `title` and `sha256` then hold ciphertexts.
    """

    holder: str
    """The record it is held with, or the papers of whoever handed it in (`papers_of`)."""
    evidence_id: str
    about: str
    """A matter: `record:<id>`, `subject:<id>` or `case:<id>`."""
    subject_id: str
    jurisdiction: str
    title: str
    sealed: bool
    created_at: str
    submitted_by: str
    state: State = "awaiting_file"
    version: int = 1
    object_version: str = ""
    """The version of the file in the inbox that was received."""
    media_type: str = ""
    size: int = 0
    sha256: str = ""
    """Hex digest of the file as it was sent."""
    stored_sha256: str = ""
    """Hex digest of the archived object: of a sealed file, of its ciphertext."""
    archive_key: str = ""
    archive_version: str = ""
    received_at: str = ""

    @property
    def inbox_key(self) -> str:
        """Where the file lies until it is archived."""
        return f"uploads/evidence/{self.evidence_id}"

    def id_of(self, thing: Thing) -> str | None:
        """The id of what it is about, if it is about such a thing."""
        named, _, found = self.about.partition(":")
        return found if named == thing else None


PAPERS = "papers:"
"""How the holder of papers begins; a record's id never does."""


def papers_of(owner: str) -> str:
    """The holder of the papers of a subject (its id) or an agency (its unified code)."""
    return f"{PAPERS}{owner}"


class EvidenceIn(Inbound):
    """What is going to be attached."""

    title: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        description="材料名称，例如“送达回证”", examples=["行政许可决定书扫描件"]
    )


class EvidenceForm(Outbound):
    """How to post the file."""

    url: str
    fields: dict[str, str]
    largest_bytes: int
    valid_seconds: int


class EvidenceOut(Outbound):
    """One file of evidence."""

    evidence_id: str
    record_id: str | None = Field(description="针对的信用信息")
    subject_id: str | None = Field(description="针对的主体")
    case_id: str | None = Field(description="针对的案件")
    title: str | None = Field(description="材料名称；涉及个人的，只在有权查看原值时给出")
    state: State
    media_type: str | None
    size: int | None = Field(description="字节数")
    sha256: str | None = Field(description="文件的 SHA-256；涉及个人的不给出")
    received_at: str | None
    form: EvidenceForm | None = Field(default=None, description="上传表单，只在申请时给出")


class EvidenceList(Outbound):
    """All evidence of a record, the oldest first."""

    items: Sequence[EvidenceOut]


class EvidenceProof(Outbound):
    """One file, checked against what was noted when it was archived."""

    evidence: EvidenceOut
    intact: bool = Field(description="存档对象与归档时的 SHA-256 一致")
    link: str | None = Field(description="五分钟内有效的下载地址")
