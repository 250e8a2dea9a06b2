"""What a credit file is made of: the records about a subject, sorted into its parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import Condition
from chalicelib.creditfile import briefs, store
from chalicelib.creditfile.model import Record, Subject
from chalicelib.creditfile.rules import HONOUR_CATEGORIES, is_shared_with
from chalicelib.creditfile.rules_standing import is_archived
from chalicelib.web.model import Caller

MOST_READ = 5_000
"""Records of one subject read to make its file, the newest first; the rest is only in the list."""
_PAGE = 500
_NOT_WITHDRAWN = Condition("#status = :active", {"active": "active"})


@dataclass(slots=True)
class Section:
    """A part of a file: how many records it has, and the newest of them."""

    count: int = 0
    records: list[Record] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class File:
    """The records of a subject's file, sorted into its parts."""

    categories: Mapping[str, Section]
    dishonesty: Section
    honours: Section
    archive: Section
    """Repaired and exempted records: kept, and counted nowhere else."""
    reporters: Mapping[str, int]
    on_time: int
    late: int
    pending: int
    """Records of files that are still being worked: not shown."""
    dishonest: Sequence[Record]
    """Every dishonesty record that was read and counts, not only the newest."""
    complete: bool
    """False: the subject has more than MOST_READ records, only the newest are counted."""

    @property
    def total(self) -> int:
        """All records that are shown."""
        return sum(part.count for part in self.parts())

    def parts(self) -> tuple[Section, ...]:
        """All parts."""
        return (*self.categories.values(), self.dishonesty, self.honours, self.archive)

    def shown(self) -> Iterator[Record]:
        """The records that are in the answer."""
        for part in self.parts():
            yield from part.records


def read_file(platform: Platform, caller: Caller, subject: Subject, newest: int) -> File:
    """The records about a subject, sorted into the parts of its file; of each part the `newest`.
    Withdrawn records are left out, those of files that are still being worked, and those that are
    no longer shared with the caller."""
    records, complete = _current(platform, subject.subject_id)
    records = [record for record in records if is_shared_with(caller, record)]
    uploads = {record.upload.upload_id for record in records if record.upload is not None}
    settled = briefs.settled_uploads(platform, uploads)
    categories: dict[str, Section] = {}
    dishonesty, honours, archive = Section(), Section(), Section()
    reporters: dict[str, int] = {}
    dishonest: list[Record] = []
    on_time = late = pending = 0
    for record in records:
        if record.upload is not None and record.upload.upload_id not in settled:
            pending += 1
            continue
        if is_archived(record.standing):
            part = archive
        elif record.dishonesty:
            part = dishonesty
            dishonest.append(record)
        elif record.category in HONOUR_CATEGORIES:
            part = honours
        else:
            part = categories.setdefault(record.category, Section())
        part.count += 1
        if len(part.records) < newest:
            part.records.append(record)
        reporters[record.reporter] = reporters.get(record.reporter, 0) + 1
        if record.due_on:
            on_time, late = on_time + record.on_time, late + (not record.on_time)
    return File(
        categories,
        dishonesty,
        honours,
        archive,
        reporters,
        on_time,
        late,
        pending,
        dishonest,
        complete=complete,
    )


def _current(platform: Platform, subject_id: str) -> tuple[list[Record], bool]:
    found: list[Record] = []
    start: Item | None = None
    while len(found) < MOST_READ:
        limit = min(_PAGE, MOST_READ - len(found))
        page = store.page_of_records(
            platform, "by_subject", subject_id, limit, start, _NOT_WITHDRAWN
        )
        found += [store.record_from(item) for item in page.items]
        start = page.next_start
        if start is None:
            return found, True
    return found, False
