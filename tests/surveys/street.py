"""A survey of the made-up city, and whoever answers it."""

from __future__ import annotations

from typing import Any

import app
from chalicelib.kernel.errors import Unavailable
from chalicelib.web import edge
from tests.cases.bench import BUREAU, CREDIT_OFFICE, HOUSING
from tests.support.api import Api
from tests.support.world import World
from tests.web.build import CONTEXT, Reply, event

SCALE = [
    {"score": 1, "title": "不满意"},
    {"score": 3, "title": "基本满意"},
    {"score": 5, "title": "非常满意"},
]
WANTED: dict[str, Any] = {
    "title": "2026年政务诚信满意度调查",
    "purpose": "请对办过事的单位作出评价，不记名",
    "questions": [
        {"code": "promises_kept", "title": "承诺的事项是否按期办成？", "scale": SCALE},
        {"code": "paid_in_time", "title": "货款是否按期支付？", "scale": SCALE},
    ],
    "unified_codes": [HOUSING, BUREAU],
    "opens_on": "2026-06-15",
    "closes_on": "2026-06-30",
    "least_answers": 3,
}
GOOD = {"promises_kept": 5, "paid_in_time": 3}


class Street:
    """Anyone, from an address."""

    def __init__(self, world: World, address: str = "192.0.2.7") -> None:
        self.address = address
        routes = [app.leads_routes, app.public_surveys_routes]
        self.edge = edge.build(routes, None, None, lambda: world.platform)

    def __call__(self, method: str, path: str, body: object = None, **more: Any) -> Reply:
        """One request; what a client would try again (503) is raised as the harness expects it."""
        asked = event(method, f"/public/v1/surveys{path}", body, **more)
        asked["requestContext"]["identity"] |= {"sourceIp": self.address, "userAgent": "Firefox"}
        reply = Reply(self.edge(asked, CONTEXT))
        if reply.status == 503:
            raise Unavailable(reply.text)
        return reply

    def answer(self, survey_id: str, code: str = HOUSING, **answers: int) -> Reply:
        """Rate a body."""
        sent = {"unified_code": code, "answers": answers or GOOD}
        return self("POST", f"/{survey_id}/answers", sent)


def office(world: World) -> Api:
    """The credit office at the API."""
    return Api(world, CREDIT_OFFICE)


def opened(world: World, **changes: Any) -> str:
    """A survey that is open; its id."""
    reply = office(world)("POST", "/v1/surveys", {**WANTED, **changes})
    assert reply.status == 201, reply.text
    return str(reply.json["survey_id"])
