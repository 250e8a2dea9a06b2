"""How many AWS calls one record costs: submitted over HTTP, projected for the public, as a row of a
file. Counted at `chalicelib.aws.calls`, in warm workers, through the handlers. The floor is the one
call that writes the record."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from chalicelib.access import gate
from chalicelib.access.model import AgencyIn, ClientIn, Founding, Level
from chalicelib.access.register import found_platform
from chalicelib.aws.platform import Platform, current_platform
from chalicelib.creditfile.store import subject_item
from chalicelib.disclosure import handlers as disclosure
from chalicelib.kernel.clock import civil_date
from tests.access.build import ISSUER, Issuer, verifier
from tests.bench.files import post, work
from tests.bench.licence_file import COMPANIES, known_subjects
from tests.bench.model import Row
from tests.bench.setting import environment, in_process, packs, say
from tests.intake import town
from tests.support.faults import counting
from tests.support.world import CountedIds, StandingClock, World
from tests.web.build import call

RECORD_TARGET, ROW_TARGET = 3, 1.1
ROWS = 3_000
"""Three chunks."""


def run(rows: int = ROWS) -> list[Row]:
    """The rows of this benchmark."""
    with packs(), in_process(), environment(OIDC_ISSUER=ISSUER):
        current_platform.cache_clear()
        platform = current_platform()
        _found(platform)
        return [*_record_rows(platform), _file_row(platform, rows)]


def _found(platform: Platform) -> None:
    agency = AgencyIn(
        agency_code=town.BUREAU, name="示例市综合执法局", region=town.CITY,
        level=Level.CITY, roles=["clerk"],
    )  # fmt: skip
    client = ClientIn(
        client_id="clerk-1", name="报送", agency_code=town.BUREAU,
        jurisdiction=town.JURISDICTION, roles=["clerk"],
    )  # fmt: skip
    found_platform(platform, Founding(agencies=[agency], clients=[client]))
    town.settle(World(platform, StandingClock(), CountedIds()))


def _record_rows(platform: Platform) -> list[Row]:
    import app

    say("calls: one record through the private API")
    issuer = Issuer("ES256")
    gate._gate = gate.Gate(platform, verifier(issuer))
    now = int(datetime.now(UTC).timestamp())
    token = issuer.token(iat=now, exp=now + 3600)

    def submit(number: int) -> str:
        body = town.honour(number, awarded_on=civil_date(platform.clock()).isoformat())
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"k{number}"}
        reply = call(app.private_api, "POST", "/v1/records", body, headers=headers)
        assert reply.status == 201, reply.text
        return str(reply.json["record_id"])

    _project(platform, submit(1))
    with counting() as handler:
        record_id = submit(2)
    with counting() as projection:
        _project(platform, record_id)
    gate._gate = None
    return [
        Row("calls: one accepted record of a known subject, in the API handler",
            len(handler), 1, "calls", f"<= {RECORD_TARGET}", len(handler) <= RECORD_TARGET),
        Row("calls: its projection (stream function and disclosure function)",
            len(projection), 1, "calls", "stated", True),
    ]  # fmt: skip


def _project(platform: Platform, record_id: str) -> None:
    """What the stream and the disclosure queue bring about for one new record."""
    table = platform.records.name
    image = {
        "pk": {"S": f"RECORD#{record_id}"}, "sk": {"S": "-"},
        "entity": {"S": "record"}, "version": {"N": "1"},
    }  # fmt: skip
    change: dict[str, Any] = {
        "eventName": "INSERT",
        "dynamodb": {"NewImage": image},
        "eventSourceARN": f"arn:aws-cn:dynamodb:cn-north-1:000000000000:table/{table}/stream/x",
    }
    disclosure.forward_changes(platform, {"Records": [change]})
    message = {"table": "records", "key": image["pk"]["S"], "version": 1, "entity": "record"}
    event = {"Records": [{"messageId": "m", "body": json.dumps(message)}]}
    failed = disclosure.project_changes(platform, event)["batchItemFailures"]
    assert failed == []


def _file_row(platform: Platform, rows: int) -> Row:
    say(f"calls: a file of {rows} rows through the intake handler")
    for subject in known_subjects(platform, min(rows, COMPANIES)):
        platform.records.put(subject_item(subject))
    upload_id = post(platform, rows, "A")
    with counting() as made:
        upload = work(platform, upload_id).upload
    measured = round(len(made) / upload.rows, 3)
    return Row(
        name=f"calls: a row of a file ({upload.rows} rows, {upload.chunks} chunks, known subjects)",
        measured=measured,
        floor=1,
        unit="calls/row",
        target=f"<= {ROW_TARGET}",
        ok=measured <= ROW_TARGET,
    )
