"""Intake's use cases, joined to the fault harness."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from chalicelib.aws.platform import Platform
from chalicelib.intake import (
    converting,
    corrections,
    cutting,
    exports,
    filework,
    jobs,
    preflight,
    recounting,
    service,
    uploads,
)
from chalicelib.intake.answers import CorrectionIn
from chalicelib.kernel.clock import civil_date, instant_text
from chalicelib.kernel.codes import SENTINEL
from chalicelib.web.model import Answer, Scope
from tests.intake import town
from tests.intake.calendars import publish_2027
from tests.intake.town import PILOT, honour, licence, pilot_licence
from tests.support.api import Api
from tests.support.faults import join
from tests.support.world import CountedIds, World

FILE = town.honour_csv([(1, "2026-05-01"), (2, "soon"), (1, "2026-05-01"), (3, "2026年5月3日")])


def _town_with_record(world: World) -> None:
    town.settle(world)
    town.submit(world, honour())


def _record_id(world: World) -> str:
    items = world.platform.records.query_index("by_reporter", town.BUREAU).items
    return str(next(item["record_id"] for item in items if not item["supersedes"]))


def _correct(world: World, **fields: Any) -> object:
    edit = corrections.Edit(town.clerk(), Scope.OWN, _record_id(world), 1, "文号有误", b"{}")
    wanted = CorrectionIn(fields=fields, reason="文号有误")
    return corrections.correct_record(world.platform, edit, wanted)


def _withdraw(world: World) -> object:
    edit = corrections.Edit(town.clerk(), Scope.OWN, _record_id(world), 1, "重复表彰", b"{}")
    return corrections.withdraw_record(world.platform, edit)


def _posted(world: World) -> None:
    town.settle(world)
    town.post_file(world, FILE)


def _upload_id(world: World) -> str:
    items = world.platform.intake.query_index("by_listing", f"uploads#{town.BUREAU}").items
    return str(items[0]["upload_id"])


def _commit(world: World) -> object:
    return uploads.commit_upload(
        world.platform, uploads.find_upload(world.platform, _upload_id(world))
    )


def _job(name: str) -> Any:
    def act(world: World) -> None:
        """Do all jobs of one kind; the messages they send are not worked here."""
        platform: Platform = world.platform
        upload = uploads.find_upload(platform, _upload_id(world))
        if name == "split":
            cutting.split(platform, upload)
        elif name == "convert":
            converting.convert(platform, upload)
        elif name == "chunk":
            filework.work_chunk(platform, upload, jobs.read_plan(platform, upload.upload_id)[0])
        else:
            filework.finish(platform, upload)

    return act


def _committed(world: World) -> None:
    _posted(world)
    _commit(world)
    world.take(world.platform.intake_queue)


def _as_gbk(world: World) -> None:
    """The same rows as another program saves them, up to the job that reads them."""
    town.settle(world)
    town.post_file(world, ("荣誉名单\r\n" + FILE.decode()).encode("gb18030"))
    _commit(world)
    world.take(world.platform.intake_queue)
    _job("split")(world)
    world.take(world.platform.intake_queue)


def _converted(world: World) -> None:
    _as_gbk(world)
    _job("convert")(world)
    world.take(world.platform.intake_queue)
    _job("chunk")(world)
    world.take(world.platform.intake_queue)


def _split(world: World) -> None:
    _committed(world)
    _job("split")(world)
    world.take(world.platform.intake_queue)


def _chunked(world: World) -> None:
    _split(world)
    _job("chunk")(world)
    world.take(world.platform.intake_queue)


def _begin_preflight(world: World) -> object:
    path = f"/v1/uploads/{_upload_id(world)}/preflight"
    return Api(world, town.clerk())("POST", path, {})


def _preflight_job(name: str) -> Any:
    def act(world: World) -> None:
        platform = world.platform
        upload = uploads.find_upload(platform, _upload_id(world))
        begun = preflight.find_preflight(platform, upload)
        message: dict[str, Any] = {"job": name, "upload_id": begun.upload_id}
        if name == "chunk":
            message["chunk"] = jobs.numbers_of(jobs.read_plan(platform, begun.upload_id)[0])
        filework.do_job(platform, message)

    return act


def _preflight_until(*done: str) -> Any:
    def prepare(world: World) -> None:
        _posted(world)
        _begin_preflight(world)
        for name in done:
            _preflight_job(name)(world)
        world.take(world.platform.intake_queue)

    return prepare


def _preflight_batch(world: World) -> object:
    body = {"records": [honour(1), honour(2, awarded_on="soon"), town.discipline()]}
    reply = Api(world, town.clerk())("POST", "/v1/preflight", body)
    assert reply.status == 200, reply.text
    return reply


def _start(world: World) -> None:
    # The id is random: an attempt that failed before its effect must draw the same again, or the
    # end states could not be compared.
    world.ids.counters["id:u"] = 0
    wanted = {"type": "honour", "format": "csv", "file_name": "报送.csv"}
    reply = Api(world, town.clerk())("POST", "/v1/uploads", wanted, {"Idempotency-Key": "k-1"})
    assert reply.status == 201, reply.text


def _resend(world: World) -> None:
    world.clock.advance(hours=1)
    assert service.resend_open(world.platform, instant_text(world.clock())) == 1
    world.clock.advance(hours=-1)


join("POST /v1/records", town.settle, lambda world: town.submit(world, honour(), key="k"))
join("POST /v1/records, person", town.settle, lambda world: town.submit(world, town.discipline()))
join("POST /v1/records, first sight", town.settle, lambda world: town.submit(world, licence()))
join(
    "POST /v1/records, first sight of a person's data",
    town.settle,
    lambda world: town.submit(world, licence(legal_representative="李某乙")),
)
join(
    "POST /v1/records, sole trader without a code",
    town.settle,
    lambda world: town.submit(
        world,
        {
            **licence(counterpart_category="sole_trader", registration_number="329901600012345"),
            "subject": {"unified_code": SENTINEL, "name": "示例市东区老张面馆"},
        },
    ),
)
join(
    "POST /v1/records/batch",
    town.settle,
    lambda world: town.submit_batch(world, [honour(1), licence(2), town.discipline()], key="k"),
)
join(
    "PATCH /v1/records/{record_id}",
    _town_with_record,
    lambda world: _correct(world, awarded_by="示例省人民政府"),
)
join(
    "PATCH /v1/records/{record_id}, natural key",
    _town_with_record,
    lambda world: _correct(world, decision_number="示政发〔2026〕99号"),
)
join("POST /v1/records/{record_id}/withdrawal", _town_with_record, _withdraw)
join("POST /v1/uploads", town.settle, _start)
join("POST /v1/uploads/{upload_id}/commit", _posted, _commit)
join("intake:split", _committed, _job("split"))
join("intake:convert", _as_gbk, _job("convert"))
join("intake:chunk", _split, _job("chunk"))
join("POST /v1/preflight", _town_with_record, _preflight_batch)
join("POST /v1/uploads/{upload_id}/preflight", _posted, _begin_preflight)
join("intake:split, of a preflight", _preflight_until(), _preflight_job("split"))
join("intake:chunk, of a preflight", _preflight_until("split"), _preflight_job("chunk"))
join(
    "intake:finish, of a preflight",
    _preflight_until("split", "chunk"),
    _preflight_job("finish"),
)
join("intake:finish, of converted rows", _converted, _job("finish"))
join("intake:finish", _chunked, _job("finish"))
join("sweep:uploads", _committed, _resend)


def _provisional(world: World) -> None:
    """Two records of a year whose holidays are not published; then they are."""
    town.settle(world)
    world.clock.advance(days=(date(2026, 12, 29) - civil_date(world.clock())).days)
    town.submit_batch(world, [licence(n, decided_on="2026-12-28") for n in (1, 2)])


def _recount(world: World) -> None:
    with pytest.MonkeyPatch.context() as patch:
        publish_2027(patch)
        job = {"job": "deadlines", "jurisdiction": town.JURISDICTION, "after": ""}
        recounting.recount(world.platform, job)


def _send_recounts(world: World) -> None:
    with pytest.MonkeyPatch.context() as patch:
        publish_2027(patch)
        assert service.send_recounts(world.platform) == 1


join("sweep:recounts", _provisional, _send_recounts)
join("intake:deadlines", _provisional, _recount)


def _pilot(world: World) -> None:
    """A code that fails its check is on the list of exceptions."""
    town.settle(world)
    town.allow(world, PILOT)


join(
    "POST /v1/records, code on the list of exceptions",
    _pilot,
    lambda world: town.submit(world, pilot_licence()),
)


def _pilot_split(world: World) -> None:
    _pilot(world)
    lines = [json.dumps(pilot_licence(), ensure_ascii=False)]
    town.post_file(world, "\n".join(lines).encode(), form="jsonl", record_type="")
    _commit(world)
    world.take(world.platform.intake_queue)
    _job("split")(world)
    world.take(world.platform.intake_queue)


join("intake:chunk, code on the list of exceptions", _pilot_split, _job("chunk"))


LICENCES = {
    "type": "administrative_licence",
    "first_day": "2026-06-01",
    "last_day": "2026-06-30",
}


def _with_licences(world: World) -> None:
    town.settle(world)
    town.submit_batch(world, [licence(1), licence(2)])


def _start_export(world: World) -> None:
    # As for an upload: an attempt that failed before its effect must draw the same id again.
    world.ids.counters["id:x"] = 0
    reply = Api(world, town.clerk())("POST", "/v1/exports", LICENCES, {"Idempotency-Key": "k-1"})
    assert reply.status == 202, reply.text


def _asked(world: World) -> None:
    _with_licences(world)
    _start_export(world)
    world.take(world.platform.intake_queue)


def _export_step(step: int) -> Any:
    def act(world: World) -> None:
        """One step of the one export there is."""
        message = {"job": "export", "export_id": _FIRST_EXPORT, "step": step}
        exports.work_export(world.platform, message)

    return act


_FIRST_EXPORT = CountedIds().new("x")


def _collected(world: World) -> None:
    _asked(world)
    _export_step(1)(world)
    world.take(world.platform.intake_queue)


def _region_asked(world: World) -> None:
    """A credit office asks for the records of its region."""
    _with_licences(world)
    world.ids.counters["id:x"] = 0
    export = exports.new_export(
        world.platform,
        replace(town.clerk(), roles=frozenset({"credit_office"})),
        Scope.REGION,
        exports.Wish(
            LICENCES["type"], "national_2018", "csv", date(2026, 6, 1), date(2026, 6, 30), ""
        ),
    )
    answer = Answer(202, None, location=f"/v1/exports/{export.export_id}")
    exports.start(world.platform, export, answer, None)
    world.take(world.platform.intake_queue)


def _resend_exports(world: World) -> None:
    world.clock.advance(hours=1)
    assert service.resend_exports(world.platform, instant_text(world.clock())) == 1
    world.clock.advance(hours=-1)


join("POST /v1/exports", _with_licences, _start_export)
join("intake:export, collecting", _asked, _export_step(1))
join("intake:export, collecting a region", _region_asked, _export_step(1))
join("intake:export, writing", _collected, _export_step(2))
join("sweep:exports", _asked, _resend_exports)
