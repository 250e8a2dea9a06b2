"""What is done for whom nobody knows, joined to the fault harness."""

from __future__ import annotations

from chalicelib.leads import limits
from tests.support.faults import join
from tests.support.world import World

ADDRESS = "192.0.2.7"


def _counted_yesterday(world: World) -> None:
    limits.count(world.platform, ADDRESS, "opening")
    world.clock.advance(days=1)
    limits.count(world.platform, ADDRESS, "opening")


join(
    "sweep:day_keys",
    _counted_yesterday,
    lambda world: limits.drop_day_keys(world.platform),
)
