"""A world in process, and its API without a gate."""

from __future__ import annotations

import pytest

from tests.creditfile.town import Http, found_agencies
from tests.intake import town as intake
from tests.support.world import World, make_world


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    return make_world(aws)


@pytest.fixture
def http(world: World) -> Http:
    return Http(world)


@pytest.fixture
def town(world: World) -> World:
    """Two bureaus and an official, known as agencies too."""
    intake.settle(world)
    found_agencies(world)
    return world
