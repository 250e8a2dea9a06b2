"""Cases that are opened by the platform: by another case, or because a record came or changed."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.aws.writes import Write
from chalicelib.cases import rules, store, store_letters
from chalicelib.cases.letters import letters_of
from chalicelib.cases.model import (
    PLATFORM,
    CaseFile,
    Entry,
    Frame,
    Given,
    Parties,
    Refusal,
    file_of,
)
from chalicelib.cases.scene import Scene
from chalicelib.cases.tallies import tally_updates
from chalicelib.kernel.ids import id_text
from chalicelib.policy.case_kinds import CaseAction, CaseKind


@dataclass(frozen=True, slots=True)
class Child:
    """A case that another one opens, and the writes that open it."""

    case_id: str
    writes: tuple[Write, ...]


def opening_by_platform(kind: CaseKind) -> CaseAction | None:
    """The action with which the platform opens a case of the kind, if it may."""
    return next((one for one in kind.actions if one.opens and "platform" in one.by), None)


def child_of(scene: Scene, parent: CaseFile, kind_code: str) -> Child | None:
    """The case of a kind that `parent` opens about the same record or body. None where the place
    has no such kind, or the platform may not open it."""
    kind = scene.pack.case_kinds.get(kind_code)
    action = None if kind is None else opening_by_platform(kind)
    if kind is None or action is None:
        return None
    platform = scene.platform
    version = str(parent.case.version)
    digest = platform.keyring.mac("case_id", parent.case_id, version, kind_code)
    case_id = id_text("c", digest)
    frame = Frame(
        case_id=case_id,
        jurisdiction=parent.jurisdiction,
        region=parent.region,
        pack=parent.pack,
        kind=kind_code,
        title=parent.title,
        parties=_parties(scene, parent, kind),
        wrapped_key=platform.keyring.wrap_new_key(case_id, platform.ids),
        record_id=parent.record_id if kind.about == "record" else "",
        parent=parent.case_id,
    )
    outcome = rules.act(
        kind, None, action.code, PLATFORM, Given(facts=scene.facts), scene.now, scene.calendar
    )
    if isinstance(outcome, Refusal):
        return None
    file = file_of(frame, outcome.case)
    letters = letters_of(kind, file, action, outcome.messages, scene.calendar)
    writes: list[Write] = [
        store.case_put(platform, file, None, scene.due_on(outcome.case, kind)),
        *store.entry_writes(platform, case_id, Entry(1, outcome.events[0])),
        *store_letters.letter_puts(platform, letters),
        *tally_updates(platform, kind, file, None),
    ]
    if frame.record_id:
        writes.append(store.open_put(platform, kind_code, frame.record_id, case_id))
    return Child(case_id, tuple(writes))


def _parties(scene: Scene, parent: CaseFile, kind: CaseKind) -> Parties:
    """Of a case about a body its own superior answers, whoever reported the record."""
    parties, subject = parent.parties, scene.subject
    if kind.about == "record" or subject is None or not parent.record_id:
        return parties
    above = subject.employer if subject.is_person else subject.superior
    return Parties(
        subject_id=parties.subject_id,
        subject_kind=parties.subject_kind,
        subject_code=parties.subject_code,
        subject_name=parties.subject_name,
        superior=above,
    )
