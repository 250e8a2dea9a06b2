"""From examined candidates to stored records: the one path of single, batch and file intake.

    what is known  ->  subjects  ->  archive (one object)  ->  one conditional write per record

Everything is safe to repeat from the start: ids are keyed digests of the fact, the archive object
is named by what it holds, and a write that finds its own earlier self counts as acceptance.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeAlias

from chalicelib.aws.attributes import Item
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import batch_get
from chalicelib.aws.writes import Key, Write, commit
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import (
    ArchivePointer,
    Identification,
    Record,
    Subject,
    UploadRow,
)
from chalicelib.intake import originals
from chalicelib.intake.judging import judge, judge_repeat
from chalicelib.intake.lookup import Known, SettledUploads
from chalicelib.intake.model import Candidate, Examined, Outcome, Submission
from chalicelib.intake.rules import (
    content_mac_of,
    kind_at_first_sight,
    record_id_of,
    split_personal,
    subject_faults,
)
from chalicelib.kernel.errors import Fault, Unavailable
from chalicelib.kernel.keyring import Erased, SubjectKey

Joined: TypeAlias = Callable[[Record], Sequence[Write]]
"""Writes that belong into the transaction of an accepted record."""

_RACES = 5


@dataclass(frozen=True, slots=True)
class _Row:
    """A candidate whose subject is settled: this fact, with this content."""

    candidate: Candidate
    examined: Examined
    subject: Subject
    creates_subject: bool
    key: SubjectKey | None
    """Opened where something of the record is personal."""
    record_id: str
    content_mac: str


def accept(
    platform: Platform,
    submission: Submission,
    candidates: Sequence[Candidate],
    known: Known,
    joined: Joined | None = None,
) -> list[Outcome]:
    """Store every candidate that can be stored; say of each, in order, what became of it.

    `joined` is for a single candidate: a failing condition of such a write raises ConditionFailed
    and nothing is stored.
    """
    outcomes: dict[int, Outcome] = {}
    first: dict[str, _Row] = {}
    repeated: list[_Row] = []
    settled = SettledUploads(platform, submission)
    rows = _settle_subjects(platform, submission, candidates, known, outcomes)
    for row in rows:
        present = known.items.get(files.record_key(platform, row.record_id))
        judged = None if present is None else _judged(row, submission, settled, present)
        if judged is not None:
            outcomes[row.candidate.position] = judged
        elif row.record_id in first:
            repeated.append(row)
        else:
            first[row.record_id] = row
    if first:
        # All rows are archived, those already known too: a submission that broke off half-way and
        # is sent again then finds its own object instead of making another.
        pointers = _archive(platform, submission, rows)
        write = functools.partial(_write, platform, submission, settled, joined)
        _store(platform, submission, list(first.values()), pointers, write, outcomes)
    for row in repeated:
        position, owner = row.candidate.position, first[row.record_id].candidate.position
        outcomes[position] = judge_repeat(position, row.content_mac, outcomes[owner])
    return [outcomes[candidate.position] for candidate in candidates]


def _settle_subjects(
    platform: Platform,
    submission: Submission,
    candidates: Sequence[Candidate],
    known: Known,
    outcomes: dict[int, Outcome],
) -> list[_Row]:
    """The candidates whose subject is known or may be created; the rest get their outcome."""
    rows: list[_Row] = []
    subjects: dict[Key, Subject] = {}
    keys: dict[str, SubjectKey] = {}
    sealing, keyring = _sealing(candidates), platform.keyring
    for candidate in candidates:
        examined = candidate.examined
        if isinstance(examined, tuple):
            outcomes[candidate.position] = _rejected(candidate, examined)
            continue
        named = examined.identification
        where = known.places[candidate.position]
        place = where.subject
        subject = subjects.get(place)
        if subject is None and place in known.items:
            subject = subjects[place] = files.subject_from(known.items[place])
        faults = subject_faults(examined, subject, files.name_mac(keyring, named.name))
        if faults:
            outcomes[candidate.position] = _rejected(candidate, faults)
            continue
        creates = False
        if subject is None:
            seals = _codes(named) in sealing
            subject, creates = _first_sight(platform, submission, examined, seals=seals)
            subjects[place] = subject
            # Somebody else may just have created it, under another name.
            faults = subject_faults(examined, subject, files.name_mac(keyring, named.name))
            if faults:
                outcomes[candidate.position] = _rejected(candidate, faults)
                continue
        try:
            key = _key_for(platform, examined, subject, keys)
        except Erased as error:
            fault = Fault("/subject/citizen_code", error.code, error.detail)
            outcomes[candidate.position] = _rejected(candidate, (fault,))
            continue
        record_id = where.record_id or record_id_of(
            platform.keyring, submission.reporter, examined, subject.subject_id
        )
        mac = content_mac_of(
            platform.keyring, subject.subject_id, examined.fields, examined.notices
        )
        rows.append(_Row(candidate, examined, subject, creates, key, record_id, mac))
    return rows


def _key_for(
    platform: Platform, examined: Examined, subject: Subject, opened: dict[str, SubjectKey]
) -> SubjectKey | None:
    person = examined.identification.is_person
    if not originals.has_personal(examined.record_type, examined.fields, person=person):
        return None
    key = opened.get(subject.subject_id)
    if key is None:
        key = platform.keyring.open_key(subject.subject_id, subject.wrapped_key)
        opened[subject.subject_id] = key
    return key


def _codes(named: Identification) -> tuple[str, str, str]:
    return named.unified_code, named.citizen_code, named.registration_number


def _sealing(candidates: Iterable[Candidate]) -> set[tuple[str, str, str]]:
    """The subjects, by their codes, under whose key any of the records seals something."""
    found = set()
    for candidate in candidates:
        examined = candidate.examined
        if isinstance(examined, tuple):
            continue
        named = examined.identification
        if originals.has_personal(examined.record_type, examined.fields, person=named.is_person):
            found.add(_codes(named))
    return found


def _first_sight(
    platform: Platform, submission: Submission, examined: Examined, *, seals: bool
) -> tuple[Subject, bool]:
    """A subject nobody has named before, and whether it is still to be written.

    Where any record of the submission is to be sealed under its key, the subject is written at
    once (design §2.6): the archive must never hold what no stored key opens.
    """
    named = examined.identification
    subject = files.new_subject(
        platform,
        named,
        kind=kind_at_first_sight(examined.record_type, named),
        jurisdiction=submission.reporter.jurisdiction,
        region=submission.reporter.region,
        registered=False,
    )
    if not seals:
        return subject, True
    mac = files.code_mac(platform.keyring, named.citizen_code) if named.is_person else ""
    try:
        commit(files.subject_writes(platform, subject, mac))
    except ConditionFailed:
        place = files.subject_place(platform, named)
        found = batch_get([place]).get(place)
        if found is None:
            raise Unavailable("主体正在登记，请稍后重试") from None
        return files.subject_from(found), False
    return subject, False


def _archive(
    platform: Platform, submission: Submission, rows: Sequence[_Row]
) -> Mapping[int, ArchivePointer]:
    entries = [
        originals.Entry(row.candidate, row.examined, row.record_id, row.content_mac, row.key)
        for row in rows
    ]
    return originals.archive(platform, submission, entries)


def _store(
    platform: Platform,
    submission: Submission,
    rows: Sequence[_Row],
    pointers: Mapping[int, ArchivePointer],
    write_one: Callable[[_Row, Record], Outcome],
    outcomes: dict[int, Outcome],
) -> None:
    """Write each record; its original is safe already."""

    def write(row: _Row) -> Outcome:
        pointer = pointers[row.candidate.position]
        return write_one(row, _record(platform, submission, row, pointer))

    # A row that brings its subject along goes before the rows that only refer to it.
    for wave in (
        [r for r in rows if r.creates_subject],
        [r for r in rows if not r.creates_subject],
    ):
        for outcome in _in_threads(platform.settings.write_threads, write, wave):
            outcomes[outcome.position] = outcome


def _in_threads(
    most: int, write: Callable[[_Row], Outcome], rows: Sequence[_Row]
) -> Iterable[Outcome]:
    """`write` of every row, in no order. Each thread has its share of the rows: handing them out
    one by one costs a tenth of what a row costs."""
    threads = min(most, len(rows))
    if threads <= 1:
        return [write(row) for row in rows]
    shares = [rows[first::threads] for first in range(threads)]
    with ThreadPoolExecutor(threads) as pool:
        done = pool.map(lambda share: [write(row) for row in share], shares)
        return [outcome for share in done for outcome in share]


def _record(
    platform: Platform, submission: Submission, row: _Row, pointer: ArchivePointer
) -> Record:
    examined, subject, reporter = row.examined, row.subject, submission.reporter
    record_type = examined.record_type
    plain, personal = split_personal(record_type, examined.fields)
    sealed: dict[str, str] = {}
    sha256 = submission.received_sha256
    if row.key is not None:
        sealed = files.seal_fields(row.key, personal, platform)
        sha256 = row.key.seal(sha256, platform.ids) if sha256 else ""
    position = row.candidate.position
    from_file = bool(submission.upload_id)
    return Record(
        record_id=row.record_id,
        version=1,
        jurisdiction=reporter.jurisdiction,
        region=reporter.region,
        type=record_type.code,
        category=record_type.category,
        dishonesty=record_type.is_dishonesty(subject.kind),
        severity=examined.severity,
        subject_id=subject.subject_id,
        subject_kind=subject.kind,
        subject_code=subject.unified_code,
        subject_name=subject.name,
        reporter=reporter.agency_code,
        occurred_on=examined.occurred_on,
        fields=plain,
        sealed=sealed,
        notices=examined.notices,
        status="active",
        content_mac=row.content_mac,
        known={row.content_mac: 1},
        pack=submission.pack.version,
        received_at=submission.received_at,
        received_sha256=sha256,
        due_on=examined.due_on,
        on_time=not examined.due_on or submission.received_on <= examined.due_on,
        archive=pointer,
        submitted_by=reporter.client_id,
        changed_at=submission.stored_at,
        upload=UploadRow(submission.upload_id, position) if from_file else None,
        position=0 if from_file else position,
        due_provisional=examined.due_provisional,
    )


def _write(
    platform: Platform,
    submission: Submission,
    settled: SettledUploads,
    joined: Joined | None,
    row: _Row,
    record: Record,
) -> Outcome:
    put: Write = files.new_record_put(platform, record)
    subject = files.subject_writes(platform, row.subject) if row.creates_subject else []
    more = list(joined(record)) if joined is not None else []
    for _ in range(_RACES):
        try:
            commit([put, *subject, *more])
        except ConditionFailed as failed:
            if any(index > len(subject) for index in failed.items):
                raise
            if 0 not in failed.items:
                subject = []  # somebody else has just created the subject
                faults = _faults_with(row, failed.items.get(1))
                if faults:
                    return _rejected(row.candidate, faults)
                continue
            there = failed.items[0]
            if there is None:
                continue
            judged = _judged(row, submission, settled, there)
            if judged is not None:
                return judged
            record, put = _displace(platform, record, files.record_from(there))
        else:
            contest = record.upload.displaced if record.upload else ()
            mac = row.content_mac
            return Outcome(row.candidate.position, "accepted", record, (), contest, mac)
    raise Unavailable("同一条信息正在被反复改写，请稍后重试")


def _faults_with(row: _Row, there: Item | None) -> tuple[Fault, ...]:
    """What is wrong between a row and the subject that came into being meanwhile."""
    if there is None:
        return ()
    return subject_faults(row.examined, files.subject_from(there), row.subject.name_mac)


def _judged(
    row: _Row, submission: Submission, settled: SettledUploads, there: Item
) -> Outcome | None:
    """`judge` against the item that is there, once what it says is final."""
    existing = files.record_from(there)
    settled.expect(existing)
    return judge(row.candidate.position, row.content_mac, submission, existing)


def _displace(platform: Platform, record: Record, owner: Record) -> tuple[Record, Write]:
    """The lower row takes the record from `owner`, a higher row of the same file, and remembers
    it: whoever finishes the file corrects that row's outcome."""
    if record.upload is None or owner.upload is None:
        raise ValueError("only a file row displaces another")
    displaced = ((owner.upload.row, owner.content_mac), *owner.upload.displaced)
    taken = replace(record, upload=replace(record.upload, displaced=displaced))
    return taken, files.displacing_put(platform, taken, owner.upload.row)


def _rejected(candidate: Candidate, faults: tuple[Fault, ...]) -> Outcome:
    return Outcome(candidate.position, "rejected", None, faults)
