"""Runs of evaluations: compiled packs, a world in process, chunks of two bodies."""

from __future__ import annotations

from pathlib import Path

import pytest

from chalicelib.evaluation import runs
from chalicelib.policy import service as policy
from chalicelib.policy.compile import compile_all
from tests.support.world import World, make_world


@pytest.fixture(scope="session")
def compiled_packs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packs that ship, compiled."""
    folder = tmp_path_factory.mktemp("packs")
    compile_all(folder)
    return folder


@pytest.fixture
def world(aws: dict[str, str], compiled_packs: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A platform with packs, whose runs need several chunks even for few bodies."""
    monkeypatch.setenv("POLICY_DIR", str(compiled_packs))
    monkeypatch.setattr(runs, "CHUNK_BODIES", 2)
    policy.forget()
    return make_world(aws)
