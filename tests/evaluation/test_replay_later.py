"""Two years later a run gives the same digits: from what it froze, and from nothing else."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.evaluation import gathering, service
from chalicelib.evaluation.model import FactRow, Period
from chalicelib.policy import service as policy
from chalicelib.policy.compile import PACKS, compile_all
from chalicelib.web.model import Answer, Scope
from tests.evaluation import town
from tests.evaluation.test_drafts import begun, document, tried
from tests.support.world import World

pytestmark = pytest.mark.requirement("R-60")


def _replayed(world: World, run_id: str) -> Any:
    run = service.find_run(world.platform, town.caller(), Scope.REGION, run_id)
    answer = service.start_replay(
        world.platform, town.caller(), run, claim=None,
        present=lambda started: Answer(202, None, location=f"/{started.replay_id}"),
    )  # fmt: skip
    town.work_all(world)
    return service.find_replay(world.platform, run, (answer.location or "")[1:])


def test_records_figures_and_the_pack_may_change_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bodies = town.settle(world)
    given = {"value": "0.5", "numerator": 1, "denominator": 2}

    counted_by: list[str] = []

    def figures(*asked: Any) -> dict[str, tuple[FactRow, ...]]:
        counted_by.append(asked[1].version)
        period: Period = asked[-1]
        row = FactRow("account/x", 1, "accounts.on_time", period.last, values=dict(given))
        return {each.subject_id: (row,) for each in asked[3]}

    monkeypatch.setattr(gathering, "figures_of", figures)
    wanted = document(world)
    wanted["indicators"][0]["children"][0] |= {
        "source": {"link": "figure", "types": ["accounts.on_time"]},
        "score": {
            "kind": "ratio", "full_at": "1", "empty": "0",
            "numerator": {"of": "sum", "field": "numerator"},
            "denominator": {"of": "sum", "field": "denominator"},
        },
    }  # fmt: skip
    runs = [town.run_through(world).run_id, tried(world, wanted)]
    world.clock.now += timedelta(days=730)
    given["numerator"] = 2
    town.withdraw(world.platform, "rec_penalty_1")
    town.withdraw(world.platform, "rec_on_time_0")
    town.keep(world.platform, town.penalty("r_late", bodies[2], severity="serious"))
    before, waiting = len(counted_by), begun(world, wanted)
    monkeypatch.setenv("POLICY_DIR", _with_a_later_pack(tmp_path))
    pack = policy.pack_for(town.JURISDICTION, world.clock.now.date())
    assert pack.version == "2028-01-01"
    town.work_all(world)
    assert set(counted_by[before:]) == {"2024-09-13"}, "as the run was started, not as of today"
    for run_id in (*runs, waiting):
        found = _replayed(world, run_id)
        assert (found.is_equal, found.difference_count, found.compared) == (True, 0, 5)


def _with_a_later_pack(folder: Path) -> str:
    packs = folder / "packs" / town.JURISDICTION
    shutil.copytree(PACKS / town.JURISDICTION, packs)
    (earlier,) = packs.iterdir()
    later = packs / "2028-01-01"
    shutil.copytree(earlier, later)
    for file in later.rglob("*.yaml"):
        text = file.read_text("utf-8").replace("general: 5,", "general: 4,")
        text = text.replace("2024-09-13", "2028-01-01")
        file.write_text(text, "utf-8")
    compile_all(folder / "compiled", packs_dir=folder / "packs")
    assert json.loads((folder / "compiled" / "index.json").read_text("utf-8"))
    return str(folder / "compiled")
