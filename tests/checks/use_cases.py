"""The use cases of checks, joined to the fault harness."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

import pytest

from chalicelib.checks import (
    asking,
    delivering,
    filestore,
    handlers,
    looks,
    sending,
    store,
    subscribing,
)
from chalicelib.checks.model_files import CheckFile
from chalicelib.creditfile.model import Identification, body_id
from chalicelib.sheets.rules import csv_line
from tests.checks import hall
from tests.crosscheck import office
from tests.intake import town
from tests.support.faults import join
from tests.support.world import CountedIds, World


def _ask(world: World, *subjects: Identification, key: str = "k-1") -> None:
    hall.ask(world, *subjects, key=key)


def _crowd(world: World) -> None:
    """A second official."""
    office.employ(world, 1)


def _settled_crowd(world: World) -> None:
    hall.settle(world)
    _crowd(world)


def _ask_crowd(world: World, key: str = "k-1") -> None:
    """More people than one transaction takes with their looks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asking, "COPIES_AT_ONCE", 1)
        _ask(world, hall.OFFICIAL, Identification("", office.code(1), ""), key=key)


def _asked(world: World) -> None:
    hall.settle(world)
    _ask(world, hall.BUILDER)


def _late(world: World) -> None:
    _asked(world)
    world.clock.advance(days=16)
    hall.day(world)


def _feed_back(world: World) -> None:
    (item,) = world.platform.checks.query_index("by_listing", "checks#hall-1").items
    path = f"/v1/checks/{item['check_id']!s}/feedback"
    done = {"done": [{"number": 1, "act": "excluded"}]}
    reply = hall.api(world)("PUT", path, done, {"If-Match": '"1"'})
    assert reply.status == 200, reply.text


def _day(world: World) -> None:
    handlers.do_job(world.platform, {"job": "daily"})


def _due(world: World) -> None:
    """One check whose feedback is late, one whose is due tomorrow."""
    _asked(world)
    world.clock.advance(days=2)
    hall.ask(world, hall.BUILDER, key="k-2")
    world.clock.advance(days=14)
    store.note_day(world.platform, date(2026, 6, 30))
    _crowd(world)
    _subscribe(world)
    _stand_changed(world)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asking, "_finish", lambda *_: None)  # cut short before all have a copy
        _ask_crowd(world, "k-3")


def _stand_changed(world: World) -> None:
    """An answer has changed, and the message that asks to deliver it got lost."""
    hall.stand(world, hall.BUILDER, [], 2)
    _changed(world, body_id(hall.BUILDER.unified_code))
    world.take(world.platform.checks_queue)


_PARTS: tuple[dict[str, str], ...] = (
    {"part": "looks"},
    {"part": "files"},
    {"part": "deliveries"},
    {"part": "late", "day": "2026-06-30"},
    {"part": "due", "day": "2026-07-02"},
)


def _upkeep(world: World) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asking, "COPIES_AT_ONCE", 1)
        for part in _PARTS:
            handlers.do_job(world.platform, {"job": "upkeep", **part})


join("POST /v1/checks", hall.settle, lambda world: _ask(world, hall.BUILDER))
join("POST /v1/checks, persons", hall.settle, lambda world: _ask(world, hall.OFFICIAL))
join("POST /v1/checks, a crowd", _settled_crowd, _ask_crowd)
def _prove(world: World) -> None:
    body = {"scene": "bidding", "purpose": hall.PURPOSE, "subject": hall.asked(hall.CITIZEN)}
    reply = hall.api(world)("POST", "/v1/check-proofs", body, {"Idempotency-Key": "k-1"})
    assert reply.status == 201, reply.text


# -- subscriptions ------------------------------------------------------------------------------


@contextmanager
def _hosts() -> Iterator[None]:
    """Every address is allowed, and every delivery taken."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sending, "address_fault", lambda *_: "")
        patch.setattr(subscribing, "address_fault", lambda *_: "")
        patch.setattr(sending, "sender", lambda *_: None)
        patch.setattr(delivering, "wait_after", lambda _: 0)  # a killed try is made up for at once
        yield


def _subscribe(world: World) -> None:
    body = {
        "scene": "bidding",
        "purpose": hall.PURPOSE,
        "url": "https://hall.example.gov.cn/x",
        "subjects": [
            hall.asked(hall.BUILDER, reference="T-1"),
            hall.asked(hall.CITIZEN, reference="T-2"),
        ],
    }
    with _hosts():
        reply = hall.api(world)("POST", "/v1/subscriptions", body, {"Idempotency-Key": "k-1"})
    assert reply.status == 201, reply.text


def _subscribed(world: World) -> None:
    hall.settle(world)
    _subscribe(world)
    hall.stand(world, hall.BUILDER, [], 2)
    hall.restrict(world, hall.CITIZEN, version=2)
    looks._memory = None  # another worker


def _subscription(world: World) -> str:
    (item,) = world.platform.checks.query_index("by_listing", "subscriptions#hall-1").items
    return str(item["subscription_id"])


def _job(world: World, **message: object) -> None:
    with _hosts():
        handlers.do_job(world.platform, message)


_IDS = CountedIds()
_, _CITIZEN_ID = _IDS.new("p"), _IDS.new("p")
"""The second person the hall registers."""


def _changed(world: World, subject: str = _CITIZEN_ID) -> None:
    _job(world, job="changed", subject=subject, version=2)


def _both_changed(world: World) -> None:
    _subscribed(world)
    _changed(world)
    _changed(world, body_id(hall.BUILDER.unified_code))
    world.take(world.platform.checks_queue)


def _deliver(world: World) -> None:
    _job(world, job="deliver", subscription_id=_subscription(world))


def _deliver_in_vain(world: World) -> None:
    """The receiver is down: the message is sent again for later."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sending, "address_fault", lambda *_: "no")
        handlers.do_job(
            world.platform, {"job": "deliver", "subscription_id": _subscription(world)}
        )


def _delivered(world: World) -> None:
    _both_changed(world)
    _deliver(world)


def _replay(world: World) -> None:
    path = f"/v1/subscriptions/{_subscription(world)}/changes/1/replay"
    assert hall.api(world)("POST", path).status == 202


def _end(world: World) -> None:
    path = f"/v1/subscriptions/{_subscription(world)}"
    assert hall.api(world)("DELETE", path).status == 204


# -- files --------------------------------------------------------------------------------------


def _start_file(world: World) -> None:
    body = {"scene": "bidding", "purpose": hall.PURPOSE, "format": "csv"}
    reply = hall.api(world)("POST", "/v1/check-files", body, {"Idempotency-Key": "k-1"})
    assert reply.status == 201, reply.text


def _file(world: World) -> CheckFile:
    (item,) = world.platform.checks.query_index("by_listing", "check_files#hall-1").items
    return filestore.file_from(item)


def _posted_file(world: World) -> None:
    hall.settle(world)
    _start_file(world)
    rows = [("统一社会信用代码", "公民身份号码"), ("", town.OFFICIAL), (town.PILOT, "")]
    content = "".join(map(csv_line, rows))
    world.platform.inbox.put(_file(world).object_key, content.encode(), content_type="text/csv")


def _commit_file(world: World) -> None:
    path = f"/v1/check-files/{_file(world).file_id}/commit"
    assert hall.api(world)("POST", path).status == 202


def _counting(world: World) -> None:
    _posted_file(world)
    _commit_file(world)
    world.take(world.platform.checks_queue)


def _file_step(step: int) -> Callable[[World], None]:
    return lambda world: _job(world, job="file", file_id=_file(world).file_id, step=step)


def _counted(world: World) -> None:
    _counting(world)
    _file_step(0)(world)
    world.take(world.platform.checks_queue)


join("POST /v1/check-files", hall.settle, _start_file)
join("POST /v1/check-files/{file_id}/commit", _posted_file, _commit_file)
join("checks:file, counting", _counting, _file_step(0))
join("checks:file", _counted, _file_step(1))
join("POST /v1/subscriptions", hall.settle, _subscribe)
join("DELETE /v1/subscriptions/{subscription_id}", _subscribed, _end)
join("checks:changed", _subscribed, _changed)
join("checks:deliver", _both_changed, _deliver)
join("checks:deliver, in vain", _both_changed, _deliver_in_vain)
join("POST /v1/subscriptions/{subscription_id}/changes/{number}/replay", _delivered, _replay)
join(
    "checks:redeliver",
    _delivered,
    lambda world: _job(
        world, job="redeliver", subscription_id=_subscription(world), number=1
    ),
)
join("POST /v1/check-proofs", hall.settle, _prove)
join("PUT /v1/checks/{check_id}/feedback", _asked, _feed_back)
join("PUT /v1/checks/{check_id}/feedback, late", _late, _feed_back)
join("checks:daily", _due, _day)
join("checks:upkeep", _due, _upkeep)
