"""Who stands before whom in the made-up city: a bureau that records, the one recorded, their
superior, the credit office; and papers that are archived already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.access.model import AgencyIn, Founding, Level
from chalicelib.access.register import found_platform
from chalicelib.aws.writes import commit
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Identification, Record
from chalicelib.evidence.model import Evidence, papers_of
from chalicelib.evidence.store import put_of
from chalicelib.web.model import Caller
from tests.intake import town
from tests.support.api import Api
from tests.support.world import World
from tests.web.build import Reply

SCAN = b"%PDF-1.7\n% a made-up voucher\n%%EOF\n"
GOVERNMENT = town.body_code(90)
OFFICE = town.body_code(91)
HOUSING = town.HOUSING
BUREAU = town.BUREAU


def agency_client(code: str, *roles: str, name: str = "示例单位") -> Caller:
    """A client of an agency of the city."""
    return Caller(
        client_id=f"{roles[0]}-{code[-4:]}",
        agency_code=code,
        agency_name=name,
        jurisdiction=town.JURISDICTION,
        region=town.CITY,
        level="city",
        roles=frozenset(roles),
    )


CLERK = agency_client(BUREAU, "clerk")
SUPERIOR = agency_client(GOVERNMENT, "supervisor", "clerk")
CREDIT_OFFICE = agency_client(OFFICE, "credit_office", "clerk")
AUDITOR = agency_client(town.body_code(92), "auditor")


def subject(subject_id: str = files.body_id(HOUSING)) -> Caller:
    """A client that speaks for one subject."""
    return Caller(
        client_id=f"subject-{subject_id[-4:]}",
        agency_code="",
        agency_name="",
        jurisdiction=town.JURISDICTION,
        region="",
        level="",
        roles=frozenset({"subject"}),
        subject_id=subject_id,
    )


RECORDED = subject()


def settle(world: World) -> None:
    """Agencies and bodies are registered; the city government stands above both bureaus."""
    roles = ["clerk", "credit_office", "supervisor", "personnel"]
    agencies = [
        AgencyIn(
            agency_code=code,
            name=name,
            region=town.CITY,
            level=Level.CITY,
            superior=above,
            roles=roles,
        )
        for code, name, above in (
            (GOVERNMENT, "示例市人民政府", None),
            (OFFICE, "示例市信用办", GOVERNMENT),
            (BUREAU, "示例市综合执法局", GOVERNMENT),
            (HOUSING, "示例市住房局", GOVERNMENT),
        )
    ]  # fmt: skip
    found_platform(world.platform, Founding(agencies=agencies))
    for code, name, kind, above in (
        (GOVERNMENT, "示例市人民政府", "government", ""),
        (OFFICE, "示例市信用办", "department", GOVERNMENT),
        (BUREAU, "示例市综合执法局", "department", GOVERNMENT),
        (HOUSING, "示例市住房局", "department", GOVERNMENT),
    ):
        town.register(world, Identification(code, "", name), kind, superior=above)


def breach(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A breach of promise by the housing bureau, as the enforcement bureau found it."""
    fields = {
        "determination_number": f"示信认〔2026〕{number}号",
        "breach_kind": "other",
        "sphere": "procurement",
        "facts": "未按合同约定支付已验收货物的价款",
        "severity": "general",
        "determined_by": "示例市综合执法局",
        "determined_by_code": BUREAU,
        "determined_on": "2026-06-01",
    }
    return {
        "type": "commitment_breach",
        "subject": {"unified_code": HOUSING, "name": "示例市住房局"},
        "fields": {**fields, **changes},
    }


def recorded(world: World, number: int = 1, **changes: Any) -> str:
    """A breach on record; its id."""
    answer = town.submit(world, breach(number, **changes))
    return str(answer.body.record_id)  # type: ignore[union-attr]


OFFICIAL = Identification("", town.OFFICIAL, "张某甲")


def disciplined(world: World) -> tuple[str, Caller]:
    """A record of an official of the housing bureau; its id, and the official as a client."""
    subject_id = town.register(world, OFFICIAL, "civil_servant", employer=HOUSING)
    answer = town.submit(world, town.discipline())
    return str(answer.body.record_id), subject(subject_id)  # type: ignore[union-attr]


def post_file(world: World, evidence_id: str, content: bytes = SCAN) -> None:
    """Put a file where the form of a paper says."""
    key = f"uploads/evidence/{evidence_id}"
    world.platform.inbox.put(key, content, content_type="application/pdf")
    world.date_object(world.platform.inbox, key)


def record(world: World, record_id: str) -> Record:
    """The record as it is now."""
    return files.find_record(world.platform, record_id)


def paper(world: World, holder: Caller, about: str = f"subject:{files.body_id(HOUSING)}") -> str:
    """A paper that somebody has handed in for a matter (`record:<id>`, `subject:<id>` or
    `case:<id>`) and that is archived; its id."""
    evidence = Evidence(
        holder=papers_of(holder.subject_id or holder.agency_code),
        evidence_id=world.ids.new("e"),
        about=about,
        subject_id=files.body_id(HOUSING),
        jurisdiction=town.JURISDICTION,
        title="证明材料",
        sealed=False,
        created_at="2026-06-15T04:00:00.000Z",
        submitted_by=holder.client_id,
        state="archived",
        version=3,
        media_type="application/pdf",
        size=10,
    )
    commit([put_of(world.platform, evidence, None)])
    return evidence.evidence_id


class Desk:
    """Somebody at the API."""

    def __init__(self, world: World, caller: Caller) -> None:
        self.world, self.caller, self.api = world, caller, Api(world, caller)

    def open(self, kind: str, **body: Any) -> Reply:
        """Open a case."""
        return self.api("POST", f"/v1/cases/{kind}", body)

    def act(self, case_id: str, action: str, version: int | None = None, **body: Any) -> Reply:
        """Take an action in a case as it stands (or in `version`)."""
        based_on = version if version is not None else self.version(case_id)
        headers = {"If-Match": f'"{based_on}"'}
        return self.api("POST", f"/v1/cases/{case_id}/actions/{action}", body, headers)

    def version(self, case_id: str) -> int:
        """The version a case is in."""
        item = self.world.platform.cases.get(f"CASE#{case_id}")
        return 0 if item is None else int(str(item["version"]))

    def hand_in(self, title: str = "付款凭证", **about: str) -> str:
        """Hand a paper in through the API; its id."""
        asked = self.api("POST", "/v1/papers", {"title": title, "about": about})
        assert asked.status == 201, asked.text
        evidence_id = str(asked.json["evidence_id"])
        post_file(self.world, evidence_id)
        done = self.api("POST", f"/v1/papers/{evidence_id}/commit", {})
        assert (done.status, done.json["state"]) == (200, "archived"), done.text
        return evidence_id

    def papers(
        self, *kinds: str, about: str = f"subject:{files.body_id(HOUSING)}"
    ) -> Mapping[str, str]:
        """One archived paper of each kind, handed in by this caller for a matter."""
        return {kind: paper(self.world, self.caller, about) for kind in kinds}


def renumber(world: World, record_id: str, number: int) -> str:
    """Its agency finds that the record speaks of another document; the record that takes over."""
    before = record(world, record_id)
    answer = Desk(world, CLERK).api(
        "PATCH",
        f"/v1/records/{record_id}",
        {"fields": {"determination_number": f"示信认〔2026〕{number}号"}, "reason": "文号有误"},
        {"If-Match": f'"{before.version}"'},
    )
    assert answer.status == 201, answer.text
    return record(world, record_id).superseded_by
