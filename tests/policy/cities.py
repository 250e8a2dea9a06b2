"""A city of the packs with a bureau and a civil servant of its own, all made up, and the questions
the walks through the documents ask of a pack."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.aws.writes import commit
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Identification, Record
from chalicelib.creditfile.rules import publicity_facts
from chalicelib.intake import service as intake
from chalicelib.kernel.clock import civil_date
from chalicelib.policy.example import example_fields
from chalicelib.policy.model import Pack
from chalicelib.policy.service import pack_for
from chalicelib.publicity.model import Decision
from chalicelib.publicity.rules import decide
from chalicelib.web.model import Answer, Caller
from tests.intake import town
from tests.support.world import World

BODY = {"unified_code": town.BUREAU, "name": "示例市综合执法局"}
TOWNSHIP = {"unified_code": town.body_code(5), "name": "示例市江口镇人民政府"}
SERVANT = {"citizen_code": town.OFFICIAL, "name": "张某甲"}
EMPLOYEE = {"citizen_code": town.citizen_code(8), "name": "李某乙"}
NOTICES = {
    "decision_delivered_on": "2026-06-12",
    "repair_delivered_on": "2026-06-12",
    "proof": "送达回证示例第1号",
}


@dataclass(frozen=True)
class City:
    """A jurisdiction of the packs in a world of its own."""

    world: World
    jurisdiction: str
    region: str

    def settle(self) -> City:
        """A bureau, a township, a civil servant and another public employee are registered."""
        self._register(Identification(BODY["unified_code"], "", BODY["name"]), "department")
        self._register(Identification(TOWNSHIP["unified_code"], "", TOWNSHIP["name"]), "township")
        for person, kind in ((SERVANT, "civil_servant"), (EMPLOYEE, "public_official")):
            named = Identification("", person["citizen_code"], person["name"])
            self._register(named, kind)
        return self

    def body(self, kind: str = "department") -> dict[str, str]:
        """One more body, registered; of a kind at most one."""
        code = town.body_code(50, "12" if kind == "institution" else "11")
        self._register(Identification(code, "", f"示例单位（{kind}）"), kind)
        return {"unified_code": code, "name": f"示例单位（{kind}）"}

    def official(self) -> dict[str, str]:
        """One more civil servant, registered."""
        named = {"citizen_code": town.citizen_code(9), "name": "王某丙"}
        self._register(Identification("", named["citizen_code"], named["name"]), "civil_servant")
        return named

    def _register(self, named: Identification, kind: str) -> None:
        platform = self.world.platform
        subject = files.new_subject(
            platform,
            named,
            kind=kind,
            jurisdiction=self.jurisdiction,
            region=self.region,
            registered=True,
            details={"employer": town.BUREAU} if named.is_person else {},
        )
        mac = files.code_mac(platform.keyring, named.citizen_code) if named.is_person else ""
        commit(files.subject_writes(platform, subject, mac))

    @property
    def pack(self) -> Pack:
        """The pack in force today."""
        return pack_for(self.jurisdiction, civil_date(self.world.clock.now))

    def submit(self, record_type: str, subject: Mapping[str, str], **fields: object) -> Answer:
        """Submit the type's made-up example about `subject`, changed by `fields`."""
        entry = self.pack.types.get(record_type)
        today = civil_date(self.world.clock.now)
        example: dict[str, Any] = dict(example_fields(entry, today)) if entry else {}
        sent = {
            "type": record_type,
            "subject": dict(subject),
            "fields": {**example, **fields},
            **({"notices": NOTICES} if entry and entry.notice_required else {}),
        }
        body = json.dumps(sent, ensure_ascii=False).encode()
        return intake.submit_record(self.world.platform, self._clerk(), sent, body, None)

    def report(self, record_type: str, subject: Mapping[str, str], **fields: object) -> Record:
        """The same, as it is on file then."""
        answer = self.submit(record_type, subject, **fields)
        assert answer.status == 201
        return files.find_record(self.world.platform, answer.body.record_id)

    def publicity_of(self, record: Record) -> Decision:
        """Whether, and until when, the public sees the record."""
        facts = publicity_facts(record, self.pack, settled=True)
        assert facts is not None
        return decide(facts)

    def _clerk(self) -> Caller:
        return Caller(
            client_id="clerk-1",
            agency_code=town.BUREAU,
            agency_name="示例市综合执法局",
            jurisdiction=self.jurisdiction,
            region=self.region,
            level="city",
            roles=frozenset({"clerk"}),
        )


def choices(pack: Pack, record_type: str, field: str) -> dict[str, str]:
    """The options of a field: code -> title."""
    found = pack.types[record_type].field(field)
    assert found is not None
    return {choice.code: choice.title for choice in found.values}


def states(pack: Pack, *mechanisms: str) -> set[str]:
    """The states of these mechanisms."""
    return {pack.mechanisms[code].state for code in mechanisms}


def clause_of(pack: Pack, mechanism: str) -> str:
    """The clause a mechanism rests on."""
    return pack.mechanisms[mechanism].basis.clause


def own_bases(pack: Pack) -> Iterator[tuple[str, str]]:
    """(document, clause) of every mechanism, area, class, conduct and task of its own."""
    parts: tuple[Mapping[str, Any], ...] = (
        {code: m for code, m in pack.mechanisms.items() if m.state != "base"},
        pack.areas,
        pack.classes,
        pack.conduct,
        pack.tasks,
    )
    for part in parts:
        for entry in part.values():
            yield entry.basis.document, entry.basis.clause
