"""A bureau that states a figure of itself, and the office that reviews it."""

from __future__ import annotations

from typing import Any

from tests.cases.bench import CREDIT_OFFICE, HOUSING, Desk, agency_client, paper
from tests.support.world import World
from tests.web.build import Reply

HOUSING_CLERK = agency_client(HOUSING, "clerk")
PATH = "/v1/evaluation-figures/self_evaluation/2025"


def state(world: World, version: int = 0, path: str = PATH, **changes: Any) -> Reply:
    """The housing bureau states its figure."""
    sent: dict[str, Any] = {"value": "92.5", "text": "逐项自查，七项已完成六项"} | changes
    if "evidence" not in sent:
        sent["evidence"] = [paper(world, HOUSING_CLERK)]
    api = Desk(world, HOUSING_CLERK).api
    return api("PUT", path, sent, {"If-Match": f'"{version}"'})


def review(
    world: World, verdict: str, version: int = 1, caller: Any = CREDIT_OFFICE, **more: str
) -> Reply:
    """An office reviews what the housing bureau stated."""
    path = f"{PATH}/bodies/{HOUSING}/review"
    body = {"verdict": verdict, **more}
    return Desk(world, caller).api("POST", path, body, {"If-Match": f'"{version}"'})
