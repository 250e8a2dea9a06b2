"""A world with the small policy of the builders."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.disclosure import builders
from tests.support.world import World, make_world


@pytest.fixture
def world(aws: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> World:
    """A fresh platform; the reporting agency is registered."""
    monkeypatch.setenv("POLICY_DIR", builders.policy_folder())
    made = make_world(aws)
    builders.store_body(made, builders.AGENCY, "示例市甲局")
    return made
