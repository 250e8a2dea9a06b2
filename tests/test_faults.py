"""Every use case survives every single failure of AWS, and being done twice."""

from __future__ import annotations

import pytest

from tests.support.faults import UseCase, calls_of, moments_of, state, survive, use_cases
from tests.support.world import fresh_world, make_world

USE_CASES = use_cases()


@pytest.fixture(params=sorted(USE_CASES))
def use_case(request: pytest.FixtureRequest) -> UseCase:
    return USE_CASES[request.param]


def test_survives_each_call_failing_before_and_after_its_effect(
    aws: dict[str, str], use_case: UseCase
) -> None:
    world = make_world(aws)
    made = calls_of(use_case, world)
    expected = state(world)
    assert made, "a use case that calls nothing cannot be tried"
    for index, call in enumerate(made):
        for when in moments_of(call):
            world = fresh_world(aws)
            assert survive(use_case, world, index, when)
            assert state(world) == expected, f"fault {when} {call}"


def test_done_twice_leaves_what_once_leaves(aws: dict[str, str], use_case: UseCase) -> None:
    world = make_world(aws)
    calls_of(use_case, world)
    once = state(world)
    use_case.act(world)
    assert state(world) == once
