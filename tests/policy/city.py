"""A place of any pack, to submit records in: its office, a body, an institution, an official. All
made up; only the region codes are those of the pack."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from chalicelib.aws.writes import commit
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Identification, Record, Subject
from chalicelib.creditfile.rules import publicity_facts
from chalicelib.intake import service
from chalicelib.kernel.codes import citizen_code_from, organisation_code_from, unified_code_from
from chalicelib.policy.example import example_fields
from chalicelib.policy.model import Pack
from chalicelib.policy.service import pack_for
from chalicelib.publicity.model import Decision
from chalicelib.publicity.rules import decide
from chalicelib.web.model import Answer, Caller
from tests.support.world import World

TODAY = date(2026, 6, 15)
NOTICES = {
    "decision_delivered_on": "2026-06-01",
    "repair_delivered_on": "2026-06-01",
    "proof": "送达回证",
}


@dataclass(frozen=True)
class City:
    """Somewhere one pack holds, with subjects registered there."""

    world: World
    jurisdiction: str
    region: str

    @property
    def pack(self) -> Pack:
        """What holds there today."""
        return pack_for(self.jurisdiction, TODAY)

    def code(self, number: int, prefix: str = "11") -> str:
        """The unified code of made-up body `number`."""
        return unified_code_from(f"{prefix}{self.region}{organisation_code_from(f'A{number:07d}')}")

    def body(self, number: int = 1, kind: str = "department") -> dict[str, str]:
        """A registered body, as a submission names it."""
        prefix = "12" if kind == "institution" else "11"
        code, name = self.code(number, prefix), f"示例单位{number}"
        self._register(Identification(code, "", name), kind)
        return {"unified_code": code, "name": name}

    def official(self) -> dict[str, str]:
        """A registered civil servant, as a submission names it."""
        code = citizen_code_from(f"{self.region}19900101077")
        self._register(Identification("", code, "张某甲"), "civil_servant")
        return {"citizen_code": code, "name": "张某甲"}

    def _register(self, named: Identification, kind: str) -> Subject:
        platform = self.world.platform
        subject = files.new_subject(
            platform,
            named,
            kind=kind,
            jurisdiction=self.jurisdiction,
            region=self.region,
            registered=True,
        )
        mac = files.code_mac(platform.keyring, named.citizen_code) if named.is_person else ""
        commit(files.subject_writes(platform, subject, mac))
        return subject

    def submit(self, code: str, subject: dict[str, str], **changes: Any) -> Answer:
        """Submit the example of a type about `subject`, with some fields changed."""
        record_type = self.pack.types[code]
        fields = {**example_fields(record_type, TODAY), **changes}
        sent: dict[str, Any] = {"type": code, "subject": subject, "fields": fields}
        if record_type.notice_required:
            sent["notices"] = NOTICES
        body = json.dumps(sent, ensure_ascii=False).encode()
        return service.submit_record(self.world.platform, self._clerk(), sent, body, None)

    def record(self, code: str, subject: dict[str, str], **changes: Any) -> Record:
        """The same, as it is on file then."""
        answer = self.submit(code, subject, **changes)
        assert answer.status == 201, answer.body
        record_id = str(answer.body.record_id)  # type: ignore[union-attr]
        return files.find_record(self.world.platform, record_id)

    def decision(self, record: Record) -> Decision:
        """What of a record is public."""
        facts = publicity_facts(record, self.pack, settled=True)
        assert facts is not None
        return decide(facts)

    def _clerk(self) -> Caller:
        return Caller(
            client_id="clerk-1",
            agency_code=self.code(90),
            agency_name="示例信用办",
            jurisdiction=self.jurisdiction,
            region=self.region,
            level="city",
            roles=frozenset({"clerk"}),
        )
