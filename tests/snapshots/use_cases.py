"""The deeds of snapshots that must survive any single failure."""

from __future__ import annotations

from chalicelib.access.permissions import CREDIT_OFFICE
from chalicelib.feed import service as feed
from chalicelib.feed.model import NewDocument
from chalicelib.snapshots import handlers, service, store
from chalicelib.web.model import Caller
from tests.feed.builders import number
from tests.replica.builders import record_document
from tests.support.api import Api
from tests.support.faults import join
from tests.support.world import World

OFFICE = Caller(
    "office", "A", "示例市信用办", "nanjing", "320100", "city", frozenset({CREDIT_OFFICE})
)


def shown(name: str) -> NewDocument:
    """A public record."""
    return NewDocument(name, "record", 1, record_document(id=name))


def _withdrawn(world: World) -> None:
    """A snapshot of yesterday shows what has been withdrawn since."""
    for name in ("r_1", "r_2"):
        feed.show(world.platform, shown(name))
    number(world, "r_1", "r_2")
    handlers.work(world.platform, {"reason": "nightly", "seq": 0})
    world.clock.advance(days=1)
    feed.hide(world.platform, "r_1", "record", 2, "withdrawn")
    feed.show(world.platform, shown("r_3"))
    number(world, "r_1", "r_3")


def _build(world: World) -> None:
    handlers.work(world.platform, {"reason": "withdrawal", "seq": 3})
    snapshot = service.current_snapshot(world.platform)
    assert snapshot is not None and (snapshot.seq, snapshot.documents) == (4, 2)
    assert store.file_names(world.platform) == {file.name for file in snapshot.files}


def _ask(world: World) -> None:
    reply = Api(world, OFFICE)("POST", "/v1/snapshots")
    assert reply.status == 202


join("snapshots:build", _withdrawn, _build)
join("POST /v1/snapshots", lambda world: None, _ask)
