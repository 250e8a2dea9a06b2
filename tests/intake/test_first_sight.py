"""Two agencies name the same unknown firm at once: whatever is sealed, a stored key opens it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.creditfile import service as files
from chalicelib.intake import acceptance
from tests.intake import town
from tests.support.world import World, make_world


@pytest.fixture
def world(aws: dict[str, str]) -> Iterator[World]:
    made = make_world(aws)
    town.settle(made)
    yield made


@pytest.mark.requirement("R-10")
@pytest.mark.parametrize("sealed_at", [0, 1], ids=["sealed first", "sealed second"])
def test_a_firm_that_another_agency_creates_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch, sealed_at: int
) -> None:
    batch = [town.licence(1), town.licence(2)]
    batch[sealed_at]["fields"]["legal_representative"] = "张示例"
    archive = acceptance._archive

    def another_is_quicker(*arguments: Any) -> Any:
        monkeypatch.setattr(acceptance, "_archive", archive)
        town.submit(world, town.licence(3), town.clerk(town.HOUSING, "clerk-2"))
        return archive(*arguments)

    monkeypatch.setattr(acceptance, "_archive", another_is_quicker)
    results = town.submit_batch(world, batch).results
    assert [result.outcome for result in results] == ["accepted", "accepted"]
    record = files.find_record(world.platform, str(results[sealed_at].record_id))
    subject = files.find_subject(world.platform, record.subject_id)
    opened = files.open_fields(world.platform, record, subject)
    assert opened["legal_representative"] == "张示例"
    assert [r.outcome for r in town.submit_batch(world, batch).results] == ["duplicate"] * 2


@pytest.mark.parametrize("seals", [False, True], ids=["plain", "sealed"])
def test_a_firm_created_meanwhile_under_another_name_is_a_mismatch(
    world: World, monkeypatch: pytest.MonkeyPatch, seals: bool
) -> None:
    theirs = town.licence(3)
    theirs["subject"]["name"] = "示例另一家有限公司"
    mine = town.licence(1)
    if seals:
        mine["fields"]["legal_representative"] = "张示例"
    first_sight = acceptance._first_sight

    def another_is_quicker(*arguments: Any, **more: Any) -> Any:
        monkeypatch.setattr(acceptance, "_first_sight", first_sight)
        town.submit(world, theirs, town.clerk(town.HOUSING, "clerk-2"))
        return first_sight(*arguments, **more)

    monkeypatch.setattr(acceptance, "_first_sight", another_is_quicker)
    (result,) = town.submit_batch(world, [mine]).results
    assert (result.outcome, result.errors[0].code) == ("rejected", "name_mismatch")
