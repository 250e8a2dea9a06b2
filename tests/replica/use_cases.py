"""A worker of the public function, from its start until it is at the head of the feed."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from chalicelib.feed import service as feed
from chalicelib.kernel.clock import instant_text
from chalicelib.replica import building, service
from tests.feed import builders as feeds
from tests.replica.builders import record_document
from tests.replica.test_service import snapshot
from tests.support.faults import join
from tests.support.world import World


def _published(world: World) -> None:
    """Three records, one of them withdrawn, and a snapshot in between."""
    for name in ("r_1", "r_2"):
        document = record_document(id=name)
        feeds.show(world, feeds.NewDocument(name, "record", 1, document))
    with TemporaryDirectory() as folder:
        snapshot(world, Path(folder))
    feeds.show(world, feeds.NewDocument("r_3", "record", 1, record_document(id="r_3")))
    feeds.hide(world, "r_1", 2)


def _open(world: World) -> None:
    """Whatever fails on the way, what is opened in the end is the whole public world."""
    service.look_again()
    reading = service.open_replica(world.platform)
    now = instant_text(world.clock())
    with TemporaryDirectory() as folder:
        whole = building.create(Path(folder) / "whole.db")
        changes = feed.changes_after(world.platform, 0, 1000)
        ids = {change.entry.id for change in changes}
        building.apply(whole, changes, feed.current_documents(world.platform, ids))
        assert building.digest(reading.connection, now) == building.digest(whole, now)
        whole.close()
    assert reading.seq == 4


join("public:replica", _published, _open)
