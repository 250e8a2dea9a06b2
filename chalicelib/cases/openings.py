"""What may be opened about records, read: facts, the cases that are open, settled or not."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.aws.platform import Platform
from chalicelib.aws.table import batch_get
from chalicelib.cases import store
from chalicelib.cases.kinds import kinds_of
from chalicelib.cases.model import Actor
from chalicelib.cases.opening import Target, around, parties_of, relations_to
from chalicelib.cases.rules_facts import facts_of
from chalicelib.cases.rules_openings import Known, Opening, openings
from chalicelib.cases.rules_parties import actor_in
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Record
from chalicelib.creditfile.rules import publicity_facts
from chalicelib.kernel.clock import civil_date
from chalicelib.kernel.errors import NotFound
from chalicelib.policy.case_kinds import CaseKind
from chalicelib.policy.service import pack_for, pack_version
from chalicelib.publicity.rules import repairable_from
from chalicelib.web.model import Caller


def openings_about(platform: Platform, caller: Caller, record_id: str) -> list[Opening]:
    """What a caller may open about a record. Raises NotFound for what is none of theirs."""
    found = around(platform, Target(record_id))
    relations, record = relations_to(platform, caller, found), found.record
    if record is None or not relations:
        raise NotFound("没有这条信用信息，或者不属于本单位、本人")
    actor = actor_in(caller, relations, parties_of(platform, found))
    settled = files.is_settled(platform, record)
    return openings_of(platform, actor, caller.jurisdiction, [record], settled=settled)[record_id]


def openings_of(
    platform: Platform,
    actor: Actor,
    jurisdiction: str,
    records: Sequence[Record],
    *,
    settled: bool = True,
) -> dict[str, list[Opening]]:
    """What an actor, who is the same to each of these records, may open about them; by record."""
    now = platform.clock()
    kinds = [
        kind for kind in kinds_of(pack_for(jurisdiction, civil_date(now))) if kind.about == "record"
    ]
    running = _open_cases(platform, kinds, records)
    found = {}
    for record in records:
        pack = pack_version(record.jurisdiction, record.pack)
        known = publicity_facts(record, pack, settled=settled)
        here = Known(
            facts=facts_of(record, pack, now),
            withdrawn=record.status == "withdrawn",
            settled=settled,
            repairable_from=None if known is None else repairable_from(known),
            open_cases=running[record.record_id],
        )
        found[record.record_id] = openings(kinds, actor, here)
    return found


def _open_cases(
    platform: Platform, kinds: Sequence[CaseKind], records: Sequence[Record]
) -> dict[str, dict[str, str]]:
    """By record the open cases about it, by kind."""
    places = {
        store.open_key(platform, kind.code, record.record_id): (record.record_id, kind.code)
        for record in records
        for kind in kinds
    }
    found: dict[str, dict[str, str]] = {record.record_id: {} for record in records}
    items = batch_get(list(places)) if places else {}
    for place, item in items.items():
        record_id, kind = places[place]
        found[record_id][kind] = str(item["case_id"])
    return found
