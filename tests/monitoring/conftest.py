"""Monitoring: a world in process, whose chunks hold two bodies."""

from __future__ import annotations

import pytest

from chalicelib.monitoring import model_runs
from tests.monitoring import town
from tests.support.world import World, make_world


@pytest.fixture
def world(aws: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> World:
    """A platform whose runs need several chunks even for few bodies."""
    monkeypatch.setattr(model_runs, "CHUNK_BODIES", 2)
    monkeypatch.setenv("POLICY_DIR", town.one_city())
    return make_world(aws)
