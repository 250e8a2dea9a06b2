"""Runs of evaluations: a world in process, whose chunks hold two bodies."""

from __future__ import annotations

import pytest

from chalicelib.evaluation import runs
from tests.support.world import World, make_world


@pytest.fixture
def world(aws: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> World:
    """A platform whose runs need several chunks even for few bodies."""
    monkeypatch.setattr(runs, "CHUNK_BODIES", 2)
    return make_world(aws)
