"""A world for every test of measures."""

from __future__ import annotations

import pytest

from tests.support.world import World, make_world


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    """A fresh platform."""
    return make_world(aws)
