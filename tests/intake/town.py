"""Who submits what in the made-up city: subjects already registered, submissions that are right."""

from __future__ import annotations

import json
from typing import Any

from chalicelib.access.model_exceptions import CodeException
from chalicelib.access.store import exception_write
from chalicelib.aws.writes import commit
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Identification, Record, Standing
from chalicelib.intake import filework, service, store, uploads
from chalicelib.intake.model import Outcome
from chalicelib.intake.store import FileForm
from chalicelib.kernel.clock import instant_text
from chalicelib.kernel.codes import citizen_code_from, organisation_code_from, unified_code_from
from chalicelib.web.idempotency import IdempotencyClaim, claim_for
from chalicelib.web.model import Answer, Caller
from tests.support.world import World

JURISDICTION, CITY, EAST = "nanjing", "329900", "329901"


def body_code(number: int, prefix: str = "11") -> str:
    """The unified code of made-up body `number` (11: an organ, 91: an enterprise)."""
    return unified_code_from(f"{prefix}{CITY}{organisation_code_from(f'A{number:07d}')}")


def citizen_code(number: int) -> str:
    """The code of a made-up person."""
    return citizen_code_from(f"32990119900101{number:03d}")


BUREAU = body_code(1)
HOUSING = body_code(2)
OFFICIAL = citizen_code(7)


def clerk(agency: str = BUREAU, client: str = "clerk-1") -> Caller:
    """The clerk of an agency of the city."""
    return Caller(
        client_id=client,
        agency_code=agency,
        agency_name="示例市综合执法局",
        jurisdiction=JURISDICTION,
        region=CITY,
        level="city",
        roles=frozenset({"clerk"}),
    )


def settle(world: World) -> None:
    """Two bureaus and one official are registered."""
    for code, name in ((BUREAU, "示例市综合执法局"), (HOUSING, "示例市住房局")):
        register(world, Identification(code, "", name), "department")
    register(world, Identification("", OFFICIAL, "张某甲"), "civil_servant", employer=BUREAU)


def register(world: World, named: Identification, kind: str, **details: str) -> str:
    """Register one subject; its id."""
    subject = files.new_subject(
        world.platform,
        named,
        kind=kind,
        jurisdiction=JURISDICTION,
        region=CITY,
        registered=True,
        details=details,
    )
    mac = files.code_mac(world.platform.keyring, named.citizen_code) if named.is_person else ""
    commit(files.subject_writes(world.platform, subject, mac))
    return subject.subject_id


def honour(number: int = 1, **changes: Any) -> dict[str, Any]:
    """An honour of the housing bureau."""
    fields = {
        "honour_name": "政务服务先进集体",
        "decision_number": f"示政发〔2026〕{number}号",
        "honour_level": "city",
        "awarded_by": "示例市人民政府",
        "awarded_on": "2026-05-20",
    }
    return {
        "type": "honour",
        "subject": {"unified_code": HOUSING, "name": "示例市住房局"},
        "fields": {**fields, **changes},
    }


def licence(number: int = 1, company: int = 900, **changes: Any) -> dict[str, Any]:
    """A licence for an enterprise nobody has registered."""
    fields = {
        "counterpart_category": "legal_entity",
        "document_name": "行政许可决定书",
        "decision_number": f"示许决〔2026〕{number}号",
        "licence_category": "ordinary",
        "content": "准予设置户外设施",
        "decided_on": "2026-06-10",
        "authority": "示例市综合执法局",
        "authority_code": BUREAU,
    }
    return {
        "type": "administrative_licence",
        "subject": {"unified_code": body_code(company, "91"), "name": f"示例第{company}有限公司"},
        "fields": {**fields, **changes},
    }


PILOT = "91350100M0001TGQXM"
"""A code issued by an early pilot: genuine, though it fails its check."""


def pilot_licence() -> dict[str, Any]:
    """A licence of the company with that code."""
    return {**licence(77), "subject": {"unified_code": PILOT, "name": "示例海西有限公司"}}


def allow(world: World, code: str) -> None:
    """Put a code on the list of exceptions; this world's workers know it from now on."""
    entry = CodeException(
        unified_code=code,
        name="示例海西有限公司",
        reason="试点期间赋码",
        evidence="登记机关复函",
        region=CITY,
        added_by="示例市信用办",
        added_at="2026-06-01T00:00:00.000Z",
    )
    commit([exception_write(world.platform, entry)])


def discipline(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A sanction of the registered official: every word of it personal."""
    fields = {
        "decision_number": f"示政务处〔2026〕{number}号",
        "measure": "warning",
        "conduct": "neglect",
        "facts": "未按规定履行审核职责",
        "decided_by": "示例市监察委员会",
        "decided_on": "2026-05-11",
    }
    return {
        "type": "public_official_discipline",
        "subject": {"citizen_code": OFFICIAL, "name": "张某甲"},
        "fields": {**fields, **changes},
    }


def claim(world: World, key: str, body: bytes) -> IdempotencyClaim:
    """A clerk's claim on an Idempotency-Key."""
    return claim_for(
        world.platform, key=key, client_id="clerk-1", operation="records.submit", request=(body,)
    )


def submit(
    world: World, sent: dict[str, Any], caller: Caller | None = None, key: str = ""
) -> Answer:
    """Submit one record as a clerk does."""
    body = json.dumps(sent, ensure_ascii=False).encode()
    wanted = claim(world, key, body) if key else None
    return service.submit_record(world.platform, caller or clerk(), sent, body, wanted)


def submit_batch(world: World, sent: list[dict[str, Any]], key: str = "") -> Any:
    """Submit a batch; its result."""
    body = json.dumps({"records": sent}, ensure_ascii=False).encode()
    wanted = claim(world, key, body) if key else None
    return service.submit_batch(world.platform, clerk(), sent, body, wanted).body


def post_file(
    world: World, content: bytes, *, form: FileForm = "csv", record_type: str = "honour"
) -> str:
    """Ask for a place and put a file there; the upload's id."""
    upload, _ = uploads.start_upload(
        world.platform,
        service.reporter_of(clerk()),
        "示例市综合执法局",
        record_type=record_type,
        form=form,
        file_name="报送.csv",
    )
    world.platform.inbox.put(upload.object_key, content, content_type="text/csv")
    world.date_object(world.platform.inbox, upload.object_key)
    return upload.upload_id


def work_file(world: World, upload_id: str) -> store.Upload:
    """Commit a file and work the queue until it is empty."""
    platform = world.platform
    uploads.commit_upload(platform, uploads.find_upload(platform, upload_id))
    world.drain(platform.intake_queue, lambda message: filework.do_job(platform, message))
    return uploads.find_upload(platform, upload_id)


HONOUR_COLUMNS = (
    "subject_unified_code,subject_name,honour_name,decision_number,"
    "honour_level,awarded_by,awarded_on"
)


def honour_csv(rows: list[tuple[int, str]]) -> bytes:
    """A CSV of honours: (number of the decision, day of award)."""
    lines = [HONOUR_COLUMNS]
    for number, day in rows:
        lines.append(
            f"{HOUSING},示例市住房局,政务服务先进集体,示政发〔2026〕{number}号,"
            f"city,示例市人民政府,{day}"
        )
    return ("\r\n".join(lines) + "\r\n").encode()


def stand(world: World, record_id: str, standing: Standing) -> Record:
    """What a case does to a record: its next version, changed in its standing alone."""
    before = files.find_record(world.platform, record_id)
    at = instant_text(world.clock())
    after = files.with_standing(before, standing, at=at, by="office-1", reason="案件决定")
    commit(files.next_version_writes(world.platform, before, after))
    return after


def verdicts(outcomes: list[Outcome]) -> list[str]:
    """The verdicts alone."""
    return [outcome.verdict for outcome in outcomes]
