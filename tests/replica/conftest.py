"""A feed in memory and the file made from it."""

from __future__ import annotations

import pytest

from tests.replica.builders import Log


@pytest.fixture
def log() -> Log:
    """An empty feed."""
    return Log()
