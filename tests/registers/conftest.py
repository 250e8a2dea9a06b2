"""The made-up city of the registers, on a world of its own."""

from __future__ import annotations

import pytest

from tests.registers.town import Town, policy_folder
from tests.support.world import make_world


@pytest.fixture
def town(aws: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setenv("POLICY_DIR", policy_folder())
    return Town(make_world(aws))
