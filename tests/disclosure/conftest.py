"""A world with the small policy of the builders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from chalicelib.policy import service as policy
from tests.disclosure import builders
from tests.support.world import World, make_world


@pytest.fixture
def world(
    aws: Mapping[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """A fresh platform; the reporting agency is registered."""
    builders.write_policy(tmp_path)
    monkeypatch.setenv("POLICY_DIR", str(tmp_path))
    policy.forget()
    made = make_world(aws)
    builders.store_body(made, builders.AGENCY, "示例市甲局")
    yield made
    policy.forget()
