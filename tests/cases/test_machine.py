"""Whatever people, time and the network do to stored cases: nothing is lost, nothing is doubled,
nothing happens without a right to it, and the public sees what the decision says."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest

from chalicelib.aws import calls
from chalicelib.policy.case_effects import ContestResult
from chalicelib.policy.case_kinds import CaseKind
from tests.cases.machine import Machine
from tests.cases.play import Play
from tests.cases.test_engine_properties import every_kind
from tests.support.memory import MemoryTables
from tests.support.world import make_world

STEPS = 60
SEED = 1
"""Any other must do, too."""


def kinds_opened_here() -> list[tuple[str, CaseKind]]:
    """All but the appeal against a result, which begins at the result (tests/evaluation)."""
    return [
        (name, kind)
        for name, kind in every_kind()
        if not any(
            isinstance(effect, ContestResult) for one in kind.actions for effect in one.effects
        )
    ]


@pytest.mark.requirement("R-30", "R-31", "R-32", "R-33", "R-41", "R-43", "R-61", "R-62", "R-65")
@pytest.mark.parametrize("named", kinds_opened_here(), ids=lambda named: named[0])
def test_whatever_happens_to_stored_cases(
    aws: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, named: tuple[str, CaseKind]
) -> None:
    name, kind = named
    tables = MemoryTables()
    monkeypatch.setitem(calls._clients, "dynamodb", tables)
    world = make_world(aws)
    machine = Machine(world, tables, kind, name.partition("-")[0], random.Random(f"{name}{SEED}"))
    Play(machine).run(STEPS)
    assert 6 * len(machine.taken) >= len(kind.actions), "the run came to nothing"
