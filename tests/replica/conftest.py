"""A feed in memory, and a whole platform with the small policy of disclosure's tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from chalicelib.replica import service
from tests.disclosure import builders
from tests.replica.builders import Log
from tests.support.world import World, make_world


@pytest.fixture
def log() -> Log:
    """An empty feed."""
    return Log()


@pytest.fixture
def world(aws: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A fresh platform; the reporting agency is registered."""
    monkeypatch.setenv("POLICY_DIR", builders.policy_folder())
    made = make_world(aws)
    builders.store_body(made, builders.AGENCY, "示例市甲局")
    yield made
    service.forget()
