"""What changes cases, joined to the fault harness."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from chalicelib.cases import clockwork, handlers, store
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import UploadRow
from chalicelib.kernel.clock import civil_date
from tests.cases.bench import (
    CLERK,
    CREDIT_OFFICE,
    HOUSING,
    RECORDED,
    SUPERIOR,
    Desk,
    agency_client,
    breach,
    disciplined,
    paper,
    post_file,
    recorded,
    settle,
)
from tests.intake import town
from tests.support.faults import join
from tests.support.world import CountedIds, World
from tests.web.build import Reply

_FILING = {"ground": "content_wrong", "statement": "款项已经付清"}


def _the_record(world: World) -> str:
    items = world.platform.records.query_index("by_reporter", town.BUREAU).items
    return str(items[0]["record_id"])


def _the_case(world: World, kind: str = "") -> str:
    items = world.platform.cases.query_index("by_listing", f"cases#{town.JURISDICTION}").items
    return str(next(item["case_id"] for item in items if not kind or item["kind"] == kind))


def _done(reply: Reply) -> Reply:
    assert reply.status in (200, 201), reply.text
    return reply


def _with_record(world: World) -> None:
    settle(world)
    recorded(world)


def _file(world: World) -> object:
    return _done(
        Desk(world, RECORDED).open("objection", record_id=_the_record(world), fields=_FILING)
    )


def _objected(world: World) -> None:
    _with_record(world)
    _file(world)


def _verifying(world: World) -> None:
    _objected(world)
    _done(Desk(world, CREDIT_OFFICE).act(_the_case(world), "accept"))


def _act(caller: Any, action: str, version: int, **body: Any) -> Callable[[World], object]:
    def act(world: World) -> object:
        return _done(Desk(world, caller).act(_the_case(world), action, version, **body))

    return act


# -- what time does -------------------------------------------------------------------------------


def _later(prepare: Callable[[World], object], days: int) -> Callable[[World], None]:
    def prepared(world: World) -> None:
        prepare(world)
        world.clock.advance(days=days)

    return prepared


def _answered(world: World) -> None:
    _verifying(world)
    _act(CLERK, "answer", 2, fields={"answer": "经核对，记录无误"})(world)


def _sweep(world: World) -> object:
    return clockwork.send_due(world.platform)


class _Due:
    """A case that was found under a day, and its message worked days after it was opened."""

    def __init__(self, prepare: Callable[[World], object], days: int, day: str) -> None:
        self.prepared, self.day, self.case_id = _later(prepare, days), day, ""

    def prepare(self, world: World) -> None:
        self.prepared(world)
        self.case_id = _the_case(world)

    def work(self, world: World) -> None:
        handlers.work(world.platform, {"job": "due", "case_id": self.case_id, "day": self.day})


def _swept_before(world: World) -> None:
    # Else the first sweep looks back a month: every query of it would be tried.
    _objected(world)
    store.note_swept(world.platform, civil_date(world.clock()) - timedelta(days=1))
    world.clock.advance(days=1)


join("sweep:due_cases", _swept_before, _sweep)
for name, case in (
    ("cases:due", _Due(_objected, 1, "2026-06-16")),
    ("cases:due, late", _Due(_objected, 7, "2026-06-16")),
    ("cases:due, with effects", _Due(_answered, 30, "2026-06-29")),
    ("cases:due, under another day", _Due(_objected, 0, "2026-06-15")),
):
    join(name, case.prepare, case.work)


class _Came:
    """A record that came or changed, and the stream's message about it worked."""

    def __init__(self, prepare: Callable[[World], object]) -> None:
        self.prepared, self.key = prepare, ""

    def prepare(self, world: World) -> None:
        self.prepared(world)
        self.key = f"RECORD#{_the_record(world)}"

    def work(self, world: World) -> None:
        message = {"table": "records", "key": self.key, "version": 1, "entity": "record"}
        handlers.work(world.platform, message)


def _withdrawn(world: World) -> None:
    _verifying(world)
    _act(CLERK, "withdraw", 2, fields={"reason": "重复认定"})(world)


def _row_of_a_file(world: World) -> None:
    _with_record(world)
    found = files.find_record(world.platform, _the_record(world))
    row = replace(found, upload=UploadRow("u_not_finished_yet", 1))
    world.platform.records.put(files.record_item(row))


for title, came in (
    ("cases:record", _Came(_with_record)),
    ("cases:record, withdrawn", _Came(_withdrawn)),
    ("cases:record, of a file not finished", _Came(_row_of_a_file)),
):
    join(title, came.prepare, came.work)


# -- what others do --------------------------------------------------------------------------------


def _reported(world: World) -> None:
    """A lead about the housing bureau has been registered, transferred and found true."""
    settle(world)
    office = Desk(world, CREDIT_OFFICE)
    _done(
        office.open(
            "lead",
            action="register",
            subject_id=files.body_id(HOUSING),
            fields={"channel": "hotline", "matter": "货款逾期一年未付"},
        )
    )
    _done(office.act(_the_case(world, "lead"), "transfer"))
    _done(Desk(world, SUPERIOR).act(_the_case(world, "lead"), "urge", fields=_URGING))
    assert paper(world, SUPERIOR) == CountedIds().new("e")


_URGING = {"findings": "货款逾期属实", "rectify_by": "2026-07-15"}


def _recognise(world: World) -> object:
    desk = Desk(world, SUPERIOR)
    sent = breach()
    return _done(
        desk.act(
            _the_case(world, "lead"),
            "recognise",
            3,
            fields={
                "decided_on": "2026-06-15",
                "occasion": "refused",
                "document_number": "示信认〔2026〕9号",
                "grounds": "逾期拒不支付",
            },
            evidence={"determination_document": CountedIds().new("e")},
            record={"type": sent["type"], "fields": sent["fields"]},
        )
    )


_CORRECTION = {"fields": {"facts": "未按期支付部分价款"}, "reason": "金额有误"}
_RENUMBERED = {"fields": {"determination_number": "示信认〔2026〕88号"}, "reason": "文号有误"}

join("POST /v1/cases/{kind}", _with_record, _file)
join("POST /v1/cases/{case_id}/actions/{action}", _objected, _act(CREDIT_OFFICE, "accept", 1))
join(
    "POST /v1/cases/{case_id}/actions/{action}, correcting",
    _verifying,
    _act(CLERK, "correct", 2, fields={"reason": "金额有误"}, correction=_CORRECTION),
)
join(
    "POST /v1/cases/{case_id}/actions/{action}, correcting the number",
    _verifying,
    _act(CLERK, "correct", 2, fields={"reason": "文号有误"}, correction=_RENUMBERED),
)
join(
    "POST /v1/cases/{case_id}/actions/{action}, withdrawing",
    _verifying,
    _act(CLERK, "withdraw", 2, fields={"reason": "重复认定"}),
)
join("POST /v1/cases/{case_id}/actions/{action}, recognising", _reported, _recognise)


def _first_paper(world: World) -> str:
    # The id is random: an attempt that failed before its effect must draw the same again.
    world.ids.counters["id:e"] = 0
    return CountedIds().new("e")


def _hand_in(world: World) -> object:
    evidence_id = _first_paper(world)
    body = {"title": "付款凭证", "about": {"record_id": _the_record(world)}}
    desk = Desk(world, CLERK)
    if any(one["evidence_id"] == evidence_id for one in _papers_of(desk)):
        return None  # as with an Idempotency-Key, which the edge keeps
    return _done(desk.api("POST", "/v1/papers", body))


def _papers_of(desk: Desk) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desk.api("GET", "/v1/papers").json["items"]
    return found


def _with_an_official(world: World) -> None:
    settle(world)
    disciplined(world)


def _posted(world: World) -> None:
    _hand_in(world)
    post_file(world, CountedIds().new("e"))


def _posted_of_a_body(world: World) -> None:
    _with_record(world)
    _posted(world)


def _posted_of_a_person(world: World) -> None:
    _with_an_official(world)
    _posted(world)


def _commit_paper(world: World) -> object:
    path = f"/v1/papers/{CountedIds().new('e')}/commit"
    return _done(Desk(world, CLERK).api("POST", path, {}))


join("POST /v1/papers", _with_record, _hand_in)
join("POST /v1/papers, a person's", _with_an_official, _hand_in)
join("POST /v1/papers/{evidence_id}/commit", _posted_of_a_body, _commit_paper)
join("POST /v1/papers/{evidence_id}/commit, a person's", _posted_of_a_person, _commit_paper)


def _stated(world: World) -> None:
    _with_record(world)
    said = {"statement": "款项已于6月3日付清"}
    desk = Desk(world, RECORDED)
    _done(desk.open("statement", record_id=_the_record(world), fields=said))


join(
    "POST /v1/cases/{case_id}/actions/{action}, taking a statement back",
    _stated,
    _act(RECORDED, "take_back", 1),
)


def _deliberating(world: World) -> None:
    """The breach is to be exempted; the papers of the decision are archived."""
    _with_record(world)
    own = Desk(world, RECORDED)
    _done(
        own.open(
            "exemption",
            record_id=_the_record(world),
            fields={"exemption_ground": "exploration", "statement": "首次试点"},
            evidence=own.papers("facts_proof"),
        )
    )
    _done(Desk(world, CLERK).act(_the_case(world), "accept"))
    _minutes(world)


def _minutes(world: World) -> str:
    return Desk(world, _JUDGE).papers("collective_decision")["collective_decision"]


_JUDGE = agency_client(town.BUREAU, "supervisor", "clerk")


def _exempt(world: World) -> object:
    sent = {"decided_on": "2026-06-15", "grounds": "首次试点，程序完备"}
    papers = world.platform.records.query(f"EVIDENCE#papers:{town.BUREAU}").items
    minutes = {"collective_decision": str(papers[0]["evidence_id"])}
    desk = Desk(world, _JUDGE)
    return _done(desk.act(_the_case(world), "recognise", 2, fields=sent, evidence=minutes))


def _answered(world: World) -> None:
    """A suggestion was answered."""
    settle(world)
    sent = {"matter": "关于付清货款的建议", "reference": "第12号", "assigned_on": "2026-06-15"}
    office = Desk(world, CREDIT_OFFICE)
    body = files.body_id(HOUSING)
    _done(office.open("npc_suggestion", action="register", subject_id=body, fields=sent))
    own = Desk(world, RECORDED)
    reply = {"replied_on": "2026-06-15", "result_kind": "solved", "result": "已付清"}
    papers = own.papers("reply_letter")
    _done(own.act(_the_case(world), "reply", fields=reply, evidence=papers))


join("POST /v1/cases/{case_id}/actions/{action}, exempting", _deliberating, _exempt)
join(
    "POST /v1/cases/{case_id}/actions/{action}, publishing",
    _answered,
    _act(CREDIT_OFFICE, "publish", 2),
)
