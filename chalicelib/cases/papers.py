"""Papers: handed in for a record, a subject or a case before an action is taken with them, and
fetched again by the parties of the case."""

from __future__ import annotations

from chalicelib.access.service import record_read
from chalicelib.aws.bucket import PresignedPost
from chalicelib.aws.platform import Platform
from chalicelib.cases import store
from chalicelib.cases.model import CaseFile
from chalicelib.cases.opening import Around, Target, around, relations_to
from chalicelib.cases.presenting import Reader, kind_of
from chalicelib.cases.rules_parties import relations_of
from chalicelib.cases.steps import find_file
from chalicelib.cases.views import PaperAbout
from chalicelib.evidence import service as evidence
from chalicelib.evidence.model import Evidence, Matter, papers_of
from chalicelib.kernel.errors import Fault, Invalid, NotFound
from chalicelib.policy.case_kinds import Relation
from chalicelib.web.model import Caller

_NOTHING = "没有这个对象，或者不属于本单位、本人"


def holder_of(caller: Caller) -> str:
    """With whom the papers are kept that a caller hands in."""
    return papers_of(caller.subject_id or caller.agency_code)


def hand_in(
    platform: Platform, caller: Caller, about: PaperAbout, title: str
) -> tuple[Evidence, PresignedPost]:
    """A place for a paper, and the form to post it with. Only who could open or move a case about
    the matter may: one about a person is sealed for that person. Raises NotFound, Invalid,
    Conflict, Erased."""
    matter = matter_for(platform, caller, about)
    return evidence.start(platform, caller, holder_of(caller), matter, title)


def matter_for(platform: Platform, caller: Caller, about: PaperAbout) -> Matter:
    """What a paper is handed in for. Raises Invalid unless one thing is named, NotFound for what is
    not there and for what is nobody's business."""
    if sum(map(bool, (about.record_id, about.subject_id, about.case_id))) != 1:
        message = "请写明材料针对哪一条信用信息、哪个主体或者哪件案件，三者选一"
        raise Invalid(message, faults=[Fault("/about", "one_matter", message)])
    if about.case_id:
        file = find_file(platform, about.case_id)
        if not relations_of(caller, file):
            raise NotFound(_NOTHING)
        return Matter("case", file.case_id, file.jurisdiction, file.parties.subject_id)
    found = around(platform, Target(about.record_id, about.subject_id))
    record, subject = found.record, found.subject
    if subject is None or not (_is_itself(caller, found) or relations_to(platform, caller, found)):
        raise NotFound(_NOTHING)
    if record is not None:
        return evidence.with_record(record)
    return Matter("subject", subject.subject_id, subject.jurisdiction, subject.subject_id)


def _is_itself(caller: Caller, found: Around) -> bool:
    """Whether an agency hands in what it states of itself, apart from any case or record."""
    subject = found.subject if found.record is None else None
    return subject is not None and subject.unified_code == caller.agency_code != ""


def open_own(platform: Platform, caller: Caller, evidence_id: str) -> evidence.Opened:
    """A paper for whoever handed it in. One about a person is given to that person only; to an
    agency it is proved unchanged, and the look is noted. Raises NotFound, Conflict, Erased."""
    paper = evidence.find(platform, holder_of(caller), evidence_id)
    own = bool(caller.subject_id) and caller.subject_id == paper.subject_id
    if paper.sealed and not own:
        record_read(platform, caller, paper.subject_id, "核对本单位提交的材料", evidence_id)
    return evidence.open_evidence(platform, paper, in_full=own)


def open_paper(
    platform: Platform,
    caller: Caller,
    file: CaseFile,
    relations: frozenset[Relation],
    evidence_id: str,
) -> evidence.Opened:
    """A paper of a case for one of its parties, checked against the archive.

    Whom a case complains of never gets what informants and offices handed in. Of a person's papers
    only the parties get title and link, and each look is noted for the person to see, with the case
    as its purpose. Raises NotFound, Erased.
    """
    reader = Reader(file, relations, None)
    entries = store.entries_with(platform, file.case_id, evidence_id)
    entry = next((one for one in entries if reader.shows(one)), None)
    if entry is None:
        raise NotFound("本案没有这份材料")
    paper = evidence.find(platform, papers_of(entry.holder), evidence_id)
    if paper.sealed and "subject" not in relations:
        purpose = f"办理{kind_of(file).title}"
        record_read(platform, caller, paper.subject_id, purpose, file.case_id)
    return evidence.open_evidence(platform, paper, in_full=bool(relations))
