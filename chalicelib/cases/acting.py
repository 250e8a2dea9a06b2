"""A step in a case: asked of the engine, sealed, and committed with all that follows, once.

    what is needed (one read) -> engine -> effects -> letters -> one transaction

Whoever repeats a step that was taken is answered as the first time; whoever lost a race reads
again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import Write, commit
from chalicelib.cases import rules, store, store_letters
from chalicelib.cases.effects import Consequences, consequences, within
from chalicelib.cases.letters import letters_of
from chalicelib.cases.model import CaseFile, Entry, Given, Outcome, Refusal, file_of
from chalicelib.cases.scene import Doer, Scene, Wish
from chalicelib.cases.tallies import tally_updates
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Record
from chalicelib.intake import service as intake
from chalicelib.intake.model import Reporter
from chalicelib.kernel.canonical import JsonValue
from chalicelib.kernel.errors import (
    Conflict,
    Forbidden,
    GovcreditError,
    Invalid,
    NotFound,
)
from chalicelib.policy.case_kinds import CaseKind

MOST_RACES = 5

Joined: TypeAlias = Callable[["Taken"], Sequence[Write]]
"""Writes that belong into the transaction of a step: a kept answer, a receipt, a counter."""

_REFUSALS: dict[str, type[GovcreditError]] = {
    "unknown_case_action": NotFound,
    "no_right_to_action": Forbidden,
    "case_action_incomplete": Invalid,
}
"""Everything else stands against the state the case is in."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken: the case after it, and the event as it is kept."""

    file: CaseFile
    entry: Entry
    before: CaseFile | None = None


def request_digest(platform: Platform, case_id: str, doer: Doer, wish: Wish) -> str:
    """What a retry of the same step by the same actor repeats."""
    parts = (case_id, doer.actor.identity, wish.action, wish.body)
    return platform.keyring.mac("case_request", *parts).hex()


def take(scene: Scene, doer: Doer, wish: Wish, joined: Joined | None = None) -> Taken:
    """Take a step from where `scene` stands, and commit it.

    Raises NotFound, Forbidden, Invalid, Conflict as the engine or an effect refuses, and
    ConditionFailed where the case, its record or a joined write changed meanwhile: nothing was
    done.
    """
    return settle(scene, doer, wish, judged(scene, doer, wish), joined)


def judged(scene: Scene, doer: Doer, wish: Wish) -> Outcome:
    """What the engine says of a step; nothing is done. Raises NotFound, Forbidden, Invalid,
    Conflict."""
    given = Given(wish.fields, frozenset(wish.papers), scene.facts, scene.repairable_from)
    outcome = rules.act(
        scene.kind, scene.case, wish.action, doer.actor, given, scene.now, scene.calendar
    )
    if isinstance(outcome, Refusal):
        raise refused(outcome)
    return outcome


def refused(refusal: Refusal) -> GovcreditError:
    """The error that a refusal of the engine is answered with."""
    kind = _REFUSALS.get(refusal.code, Conflict)
    return kind(refusal.reason, code=refusal.code, faults=refusal.faults)


def settle(
    scene: Scene, doer: Doer, wish: Wish, outcome: Outcome, joined: Joined | None = None
) -> Taken:
    """Commit an outcome of the engine with all that follows from it. Raises as `take`."""
    platform, event = scene.platform, outcome.events[-1]
    action = scene.kind.action(event.code) if event.what == "acted" else None
    before = scene.file
    plain = _without(outcome, personal_of(scene.kind))
    file = file_of(scene.frame, plain.case, () if before is None else before.published)
    done = consequences(scene, file, outcome, doer, wish)
    kept = () if done.withdrawn else file.published
    file = replace(file, published=tuple(dict.fromkeys((*kept, *done.published))))
    entry = _entry(scene, doer, wish, plain, outcome, done)
    letters = letters_of(scene.kind, file, action, outcome.messages, scene.calendar, outcome.due_on)

    def writes_with(results: dict[str, str]) -> tuple[Taken, list[Write]]:
        taken = Taken(file, replace(entry, results={**done.results, **results}), before)
        more = () if joined is None else joined(taken)
        return taken, [
            store.case_put(platform, file, before, scene.due_on(file.case)),
            *store.entry_writes(platform, file.case_id, taken.entry),
            *store_letters.letter_puts(platform, letters),
            *_lock(scene, file),
            *tally_updates(platform, scene.kind, file, before),
            *done.writes,
            *more,
        ]

    if done.establishes is not None:
        return _establish(scene, doer, wish, done, writes_with)
    taken, writes = writes_with({})
    commit(writes)
    return taken


def personal_of(kind: CaseKind) -> frozenset[str]:
    """The fields of a kind that are personal: sealed wherever they are kept."""
    return frozenset(
        field.code for action in kind.actions for field in action.fields if field.personal
    )


def _without(outcome: Outcome, personal: frozenset[str]) -> Outcome:
    """The outcome as it is kept in the clear."""
    event = outcome.events[-1]
    plain = {code: value for code, value in event.values.items() if code not in personal}
    known = {code: value for code, value in outcome.case.values.items() if code not in personal}
    kept = replace(event, values=plain)
    return replace(outcome, events=(kept,), case=replace(outcome.case, values=known))


def _entry(
    scene: Scene, doer: Doer, wish: Wish, plain: Outcome, outcome: Outcome, done: Consequences
) -> Entry:
    event, kept = outcome.events[-1], plain.events[-1]
    in_voice = scene.kind.hides_informant and event.relation != "subject"
    personal = {code: value for code, value in event.values.items() if code not in kept.values}
    sealed = {}
    if personal:
        key = scene.voice_key() if in_voice else scene.sealing_key()
        sealed = {
            code: key.seal(json.dumps(value, ensure_ascii=False), scene.platform.ids)
            for code, value in personal.items()
        }
    return Entry(
        version=plain.case.version,
        event=kept,
        agency=doer.agency,
        sealed=sealed,
        papers=dict(wish.papers),
        holder=doer.holder if wish.papers else "",
        results=done.results,
        request=request_digest(scene.platform, scene.frame.case_id, doer, wish),
        in_voice=in_voice,
    )


def _lock(scene: Scene, file: CaseFile) -> list[Write]:
    """A record has at most one open case of a kind."""
    if not file.record_id:
        return []
    if scene.case is None:
        return [store.open_put(scene.platform, file.kind, file.record_id, file.case_id)]
    if scene.kind.state(file.case.state).final:
        return [store.open_delete(scene.platform, file.kind, file.record_id)]
    return []


def _establish(
    scene: Scene,
    doer: Doer,
    wish: Wish,
    done: Consequences,
    writes_with: Callable[[dict[str, str]], tuple[Taken, list[Write]]],
) -> Taken:
    """Let intake take the record the action establishes, together with the case's own writes. A
    fact that is on file already is only linked."""
    asked, subject = done.establishes, scene.subject
    if asked is None or subject is None:
        raise Conflict("案件的主体已不在册，不能形成记录", code="case_condition_not_met")
    held: list[Taken] = []

    def joined_with(record: Record) -> list[Write]:
        taken, writes = writes_with({"record": record.record_id})
        held[:] = [taken]
        return writes

    sent: dict[str, JsonValue] = {
        "type": asked.type,
        "subject": _named(scene),
        "fields": dict(asked.fields),
    }
    frame = scene.frame
    reporter = Reporter(
        doer.agency, frame.jurisdiction, doer.region, doer.actor.roles, doer.actor.identity
    )
    try:
        outcome = intake.take_with(
            scene.platform, reporter, sent, wish.body, joined_with, scene.items
        )
    except Invalid as refusal:
        raise within("/record", refusal) from None
    if outcome.verdict == "duplicate" and outcome.record is not None:
        _must_still_count(outcome.record)
        taken, writes = writes_with({"record": outcome.record.record_id})
        commit(writes)
        return taken
    return held[0]


def _must_still_count(record: Record) -> None:
    """Raises Conflict where the fact is on file but counts no more: it is not recognised twice."""
    standing = record.standing
    if record.status == "withdrawn":
        why = "已经撤回"
    elif standing.exempted is not None:
        why = "已认定容错"
    elif standing.repaired is not None:
        why = "已经修复"
    else:
        return
    message = f"这件事已有记录 {record.record_id}，{why}，不能再次认定"
    raise Conflict(message, code="record_conflict")


def _named(scene: Scene) -> dict[str, JsonValue]:
    subject = scene.subject
    if subject is None:
        return {}
    if subject.is_person:
        profile = files.open_profile(scene.platform, subject)
        return {"citizen_code": profile.citizen_code, "name": profile.name}
    return {"unified_code": subject.unified_code, "name": subject.name}
