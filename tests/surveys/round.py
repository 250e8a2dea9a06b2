"""An appraisal round of the made-up city, and the representatives who take part."""

from __future__ import annotations

from typing import Any

import app
from chalicelib.kernel.errors import Unavailable
from chalicelib.web import edge
from tests.cases.bench import BUREAU, HOUSING
from tests.support.world import World
from tests.surveys.street import GOOD, WANTED, office
from tests.web.build import CONTEXT, Reply, event

ROUND: dict[str, Any] = {
    "title": "2026年政务诚信社会评议",
    "purpose": "请各位代表评议，不记名",
    "questions": WANTED["questions"],
    "unified_codes": [HOUSING, BUREAU],
    "categories": [
        {"code": "people_congress", "title": "人大代表", "weight": 60, "seats": 4},
        {"code": "enterprises", "title": "企业代表", "weight": 40, "seats": 3},
    ],
    "opens_on": "2026-06-15",
    "closes_on": "2026-06-30",
    "least_answers": 3,
}


def opened_round(world: World, **changes: Any) -> str:
    """A round; its id."""
    reply = office(world)("POST", "/v1/appraisals", {**ROUND, **changes})
    assert reply.status == 201, reply.text
    return str(reply.json["round_id"])


def issue(world: World, round_id: str, category: str, version: int) -> Reply:
    """The office hands out the codes of a category."""
    path = f"/v1/appraisals/{round_id}/seats/{category}"
    return office(world)("POST", path, {}, {"If-Match": f'"{version}"'})


def seats(world: World, round_id: str) -> dict[str, list[str]]:
    """The codes of both categories, handed out."""
    found: dict[str, list[str]] = {}
    for version, category in enumerate(("people_congress", "enterprises"), 1):
        reply = issue(world, round_id, category, version)
        assert reply.status == 200, reply.text
        found[category] = list(reply.json["codes"])
    return found


class Hall:
    """Representatives, from wherever they are."""

    def __init__(self, world: World) -> None:
        routes = [app.public_appraisals_routes]
        self.edge = edge.build(routes, None, None, lambda: world.platform)

    def __call__(self, method: str, path: str, body: object = None, **more: Any) -> Reply:
        """One request; what a client would try again (503) is raised as the harness expects it."""
        asked = event(method, f"/public/v1/appraisals{path}", body, **more)
        reply = Reply(self.edge(asked, CONTEXT))
        if reply.status == 503:
            raise Unavailable(reply.text)
        return reply

    def appraise(self, round_id: str, code: str, body: str = HOUSING, **answers: int) -> Reply:
        """Say something of a body."""
        sent = {"code": code, "unified_code": body, "answers": answers or GOOD}
        return self("POST", f"/{round_id}/answers", sent)
