"""Shared by the walks through the documents."""

from __future__ import annotations

import pytest

from tests.support.world import World, make_world


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    """An empty platform."""
    return make_world(aws)
