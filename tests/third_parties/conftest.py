"""A world for every test of third parties."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.support.world import World, make_world


@pytest.fixture
def world(aws: Mapping[str, str], policies: None) -> World:
    """A fresh platform."""
    return make_world(aws)
