"""What a step in a case needs to know: the record, its subject, the papers, in one read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import batch_get
from chalicelib.aws.writes import Key
from chalicelib.cases.model import Actor, Case, CaseFile, Frame
from chalicelib.cases.model_results import Contest
from chalicelib.cases.rules_clocks import next_day
from chalicelib.cases.rules_facts import facts_of
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Record, Subject
from chalicelib.creditfile.rules import publicity_facts
from chalicelib.evidence.service import is_archived, matter_of, paper_key
from chalicelib.intake.service import CorrectionIn
from chalicelib.kernel.canonical import JsonValue
from chalicelib.kernel.clock import civil_date
from chalicelib.kernel.errors import Fault, Invalid
from chalicelib.kernel.keyring import SubjectKey
from chalicelib.kernel.workdays import Calendar
from chalicelib.policy.case_kinds import CaseKind, Fact
from chalicelib.policy.model import Pack
from chalicelib.policy.service import pack_for, pack_version
from chalicelib.publicity.rules import repairable_from

MOST_SUCCESSORS = 10
"""How often a record may have been replaced and still be followed."""


@dataclass(frozen=True, slots=True)
class Establishing:
    """The record an action establishes: its type and fields; the subject is that of the case."""

    type: str
    fields: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Contesting:
    """The result an opening contests: looked up, and found contestable, by the room that knows
    evaluations. `before` is an earlier contest of it that came to nothing."""

    run_id: str
    before: Contest | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants done in a case."""

    action: str
    fields: Mapping[str, object]
    papers: Mapping[str, str]
    """Kind of evidence -> id of an archived paper of whoever acts."""
    correction: CorrectionIn | None = None
    establishes: Establishing | None = None
    contests: Contesting | None = None
    body: bytes = b""
    """As it arrived: what a retry repeats, and what the archive answers for."""


@dataclass(frozen=True, slots=True)
class Doer:
    """Who acts: what the engine asks of an actor, and for which agency."""

    actor: Actor
    agency: str = ""
    region: str = ""
    subject_id: str = ""

    @property
    def holder(self) -> str:
        """Whose papers these are."""
        return self.subject_id or self.agency


@dataclass(frozen=True, slots=True)
class Scene:
    """A case (None: it is being opened), and what was read around it."""

    platform: Platform
    frame: Frame
    file: CaseFile | None
    kind: CaseKind
    calendar: Calendar
    now: datetime
    record: Record | None = None
    subject: Subject | None = None
    items: Mapping[Key, Item] = field(default_factory=dict)
    """Everything that was read, the claim's item included."""

    @property
    def case(self) -> Case | None:
        """Where the case stands; None while it is being opened."""
        return None if self.file is None else self.file.case

    @property
    def facts(self) -> frozenset[Fact]:
        """What the platform knows of the record."""
        if self.record is None:
            return frozenset()
        pack = pack_version(self.record.jurisdiction, self.record.pack)
        return facts_of(self.record, pack, self.now)

    @property
    def repairable_from(self) -> date | None:
        """The first day after the record's least publicity term, if it has one."""
        if self.record is None:
            return None
        pack = pack_version(self.record.jurisdiction, self.record.pack)
        known = publicity_facts(self.record, pack, settled=True)
        return None if known is None else repairable_from(known)

    @property
    def pack(self) -> Pack:
        """The pack the case is decided under."""
        return pack_version(self.frame.jurisdiction, self.frame.pack)

    def due_on(self, case: Case, kind: CaseKind | None = None) -> date | None:
        """The day on which the sweep has to look at a case: never one that is past already."""
        day = next_day(kind or self.kind, case, self.calendar)
        return None if day is None else max(day, civil_date(self.now))

    def sealing_key(self) -> SubjectKey:
        """Under which key personal values of this case are sealed: a person's own, so that they
        go when the person is erased; else the case's. Raises Erased."""
        if self.subject is not None and self.subject.is_person:
            subject = self.subject
            return self.platform.keyring.open_key(subject.subject_id, subject.wrapped_key)
        return self.voice_key()

    def voice_key(self) -> SubjectKey:
        """The case's own key: what outsiders said is sealed under it."""
        return self.platform.keyring.open_key(self.frame.case_id, self.frame.wrapped_key)


def read_scene(
    platform: Platform,
    frame: Frame,
    file: CaseFile | None,
    doer: Doer,
    wish: Wish,
    more: tuple[Key, ...] = (),
) -> Scene:
    """Read what a step needs, in one call. Raises Invalid for a paper that is not there."""
    keys = list(more)
    if frame.record_id:
        keys.append(files.record_key(platform, frame.record_id))
    if frame.parties.subject_id:
        keys.append(files.subject_place_of(platform, frame.parties.subject_id))
    places = papers_of(platform, doer.holder, wish)
    found = batch_get([*keys, *places.values()]) if keys or places else {}
    must_be_usable(places, found, frame)
    return scene_of(platform, frame, file, found)


def papers_of(platform: Platform, holder: str, wish: Wish) -> dict[str, Key]:
    """Where the papers lie that an action is taken with, by kind of evidence."""
    return {code: paper_key(platform, holder, one) for code, one in wish.papers.items()}


def must_be_usable(places: Mapping[str, Key], found: Mapping[Key, Item], frame: Frame) -> None:
    """Raises Invalid for each paper that is not safe in the archive, or that was handed in for
    another matter: it may be sealed for somebody else."""
    matters = {
        f"case:{frame.case_id}",
        f"record:{frame.record_id}",
        f"subject:{frame.parties.subject_id}",
    }
    faults = []
    for code, place in places.items():
        item = found.get(place)
        if item is None or not is_archived(item):
            message = "没有这份材料，或者上传后还没有提交"
            faults.append(Fault(f"/evidence/{code}", "paper_not_archived", message))
        elif matter_of(item) not in matters:
            message = "这份材料是就别的信用信息、主体或案件提交的，请就本案的对象另行提交"
            faults.append(Fault(f"/evidence/{code}", "paper_of_another_matter", message))
    if faults:
        raise Invalid("有材料还不能使用", faults=faults)


def scene_of(
    platform: Platform, frame: Frame, file: CaseFile | None, found: Mapping[Key, Item]
) -> Scene:
    """The scene that the items `found` make."""
    now = platform.clock()
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    record = subject = None
    if frame.record_id:
        item = found.get(files.record_key(platform, frame.record_id))
        record = None if item is None else _standing_in(platform, files.record_from(item))
    if frame.parties.subject_id:
        item = found.get(files.subject_place_of(platform, frame.parties.subject_id))
        subject = None if item is None else files.subject_from(item)
    pack = pack_version(frame.jurisdiction, frame.pack)
    # Which days are days off is a fact, not a policy: the latest arrangement counts.
    calendar = pack_for(frame.jurisdiction, civil_date(now)).calendar.working_days
    kind = pack.case_kinds[frame.kind]
    return Scene(platform, frame, file, kind, calendar, now, record, subject, found)


def _standing_in(platform: Platform, record: Record) -> Record:
    """The record that speaks of the matter now: a correction of what makes it this fact lets
    another one take its place, and what is decided here must reach that one."""
    for _ in range(MOST_SUCCESSORS):
        if record.status != "withdrawn" or not record.superseded_by:
            break
        successor = files.load_record(platform, record.superseded_by)
        if successor is None:
            break
        record = successor
    return record
