"""The deeds of the feed that must survive any single failure."""

from __future__ import annotations

from chalicelib.feed import handlers, publishing, service
from chalicelib.kernel.errors import Unavailable
from tests.feed.builders import document, hide, show
from tests.feed.publication import restored
from tests.support.faults import join
from tests.support.world import World, sqs_event

NAMES = ["r_1", "r_2", "r_3"]


def _waiting(world: World) -> None:
    """One document to be published, one corrected, one withdrawn, one that never was public."""
    show(world, document("r_2"), document("r_3"))
    publishing.publish(world.platform)
    service.show(world.platform, document("r_1"))
    service.show(world.platform, document("r_2", 2, text="更正"))
    service.hide(world.platform, "r_3", "record", 2, "withdrawn")
    service.show(world.platform, document("r_4"))
    service.hide(world.platform, "r_4", "record", 1, "withdrawn", stand=True)


def _set_back(world: World) -> None:
    """A restore has lost an amendment, a withdrawal and a publication that readers have."""
    show(world, document("r_1"), document("r_2"))
    publishing.publish(world.platform)

    def lose() -> None:
        show(world, document("r_1", 2, text="更正"), document("r_3"))
        hide(world, "r_2", 2)
        publishing.publish(world.platform)

    restored(world, lose)


def _number(world: World) -> None:
    message = {"job": "sequence", "ids": [*NAMES, "r_4"]}
    answer = handlers.work_jobs(world.platform, sqs_event(message))
    if answer["batchItemFailures"]:
        raise Unavailable("comes again")


def _resend(world: World) -> None:
    service.resend_waiting(world.platform, "2999-01-01T00:00:00.000Z")


join("sequencer:sequence", _waiting, _number)
join("sequencer:sequence, after a restore", _set_back, _number)
join("sweep:unnumbered", _waiting, _resend)
