"""A scheme is tried on a period before it is adopted: its office sees what would come of it, and
nobody else, and nothing follows from it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.evaluation import service, store
from chalicelib.evaluation.runs import Run
from chalicelib.kernel.clock import civil_date
from chalicelib.kernel.errors import Invalid, NotFound
from chalicelib.policy import service as policy
from chalicelib.web.model import Scope
from tests.evaluation import town
from tests.evaluation.town import EAST, caller
from tests.support.world import World

pytestmark = pytest.mark.requirement("R-60")


def document(world: World) -> dict[str, Any]:
    """The scheme in force, with a penalty weighing twice."""
    pack = policy.pack_for(town.JURISDICTION, civil_date(world.platform.clock()))
    found: dict[str, Any] = pack.schemes[town.SCHEME].model_dump(mode="json", exclude_none=True)
    (leaf,) = [each for each in _leaves(found) if each["code"] == "decisions_against"]
    leaf["score"]["points"]["general"] = "10"
    return found


def _leaves(node: Any) -> list[Any]:
    below = node.get("indicators") or node.get("children") or ()
    return [leaf for child in below for leaf in _leaves(child)] if below else [node]


def begun(world: World, wanted: dict[str, Any], who: Any = None) -> str:
    answer = service.start_draft(
        world.platform,
        who or caller(),
        Scope.REGION,
        service.Draft(wanted, "2025"),
        claim=None,
        present=town.present,
    )
    assert answer.location is not None
    return answer.location.rsplit("/", 1)[-1]


def tried(world: World, wanted: dict[str, Any], who: Any = None) -> str:
    run_id = begun(world, wanted, who)
    town.work_all(world)
    return run_id


def test_a_draft_is_scored_by_its_own_document_and_seen_by_its_office_alone(world: World) -> None:
    bodies = town.settle(world)
    adopted = town.run_through(world)
    run_id = tried(world, document(world))
    run = service.find_run(world.platform, caller(), Scope.REGION, run_id)
    assert (run.status, run.draft, run.basis) == ("completed", True, "")
    points = [
        store.load_results(world.platform, each, [bodies[1].subject_id])[bodies[1].subject_id]
        for each in (adopted.run_id, run_id)
    ]
    assert [each.points["decisions_against"] for each in points] == ["10.00", "5.00"]
    east = caller(EAST, agency_code="EAST")
    auditor = caller(agency_code="AUDIT", roles=frozenset({"auditor"}))
    for who, scope in ((east, Scope.REGION), (auditor, Scope.ALL)):
        with pytest.raises(NotFound):
            service.find_run(world.platform, who, scope, run_id)
        listed, _ = service.list_runs(world.platform, who, scope, 9, None)
        assert [each.run_id for each in listed] == [adopted.run_id]


def test_nothing_follows_from_a_draft(world: World) -> None:
    town.settle(world)
    adopted = town.run_through(world)
    world.clock.now += timedelta(hours=1)
    run_id = tried(world, document(world))
    assert service.completed_run(world.platform, run_id) is None
    item = world.platform.evaluation.get(f"RUN#{run_id}") or {}
    assert "entity" not in item  # the stream tells nobody of it
    standing = service.completed_run(world.platform, adopted.run_id)
    assert standing is not None and standing.superseded_by == ""
    town.withdraw(world.platform, "rec_penalty_1")
    town.work(world.platform, town.change("rec_penalty_1"), town.all_finished)
    assert _run(world, adopted.run_id).stale_results == 1
    assert _run(world, run_id).stale_results == 0


def _run(world: World, run_id: str) -> Run:
    run = store.load_run(world.platform, run_id)
    assert run is not None
    return run


def test_a_draft_that_breaks_a_rule_names_it_and_starts_nothing(world: World) -> None:
    town.settle(world)
    wrong = document(world)
    wrong["total"] = "90"
    unknown = document(world)
    _leaves(unknown)[0]["source"]["types"] = ["no_such_type"]
    for draft in (wrong, unknown, {"code": "x"}):
        with pytest.raises(Invalid) as refused:
            tried(world, draft)
        assert all(each.pointer.startswith("/scheme/") for each in refused.value.faults)
    assert service.list_runs(world.platform, caller(), Scope.REGION, 9, None)[0] == []
