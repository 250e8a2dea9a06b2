"""The open window of the made-up city: anyone at one side, the offices behind it."""

from __future__ import annotations

from typing import Any

import app
from chalicelib.kernel.errors import Unavailable
from chalicelib.leads.rules_files import LARGEST_BODY
from chalicelib.web import edge
from tests.cases.bench import HOUSING
from tests.support.world import World
from tests.web.build import CONTEXT, Reply, event

ADDRESS = "192.0.2.7"
BROWSER = "Firefox/142"
MATTER = "货款逾期一年未付，我是供货方经办人李某某"
CONTACT = "电话请打邻居家的"
KEY = "9b2f0c3e-8f41-4f0b-8a2e-5b7d1c9e3f22"


class Window:
    """Anyone at the public API."""

    def __init__(self, world: World, address: str = ADDRESS) -> None:
        self.world, self.address = world, address
        self.edge = edge.build([app.leads_routes], None, None, lambda: world.platform, LARGEST_BODY)

    def __call__(self, method: str, path: str, body: object = None, **more: Any) -> Reply:
        """One request; what a client would try again (503) is raised as the harness expects it."""
        asked = event(method, path, body, **more)
        asked["requestContext"]["identity"] |= {"sourceIp": self.address, "userAgent": BROWSER}
        for name, value in (("User-Agent", BROWSER), ("X-Forwarded-For", self.address)):
            asked["headers"][name] = value
            asked["multiValueHeaders"][name] = [value]
        reply = Reply(self.edge(asked, CONTEXT))
        if reply.status == 503:
            raise Unavailable(reply.text)
        return reply

    def report(self, kind: str = "breach_complaint", key: str = "", **body: Any) -> Reply:
        """Report the housing bureau, unless `body` says otherwise."""
        lead = {"kind": kind, "unified_code": HOUSING, "fields": {"matter": MATTER}, **body}
        headers = {"Idempotency-Key": key} if key else {}
        return self("POST", "/public/v1/leads", lead, headers=headers)

    def reported(self, kind: str = "breach_complaint", **body: Any) -> str:
        """The code of something reported."""
        reply = self.report(kind, **body)
        assert reply.status == 201, reply.text
        return str(reply.json["code"])

    def look(self, code: str) -> Reply:
        """Look up by code."""
        return self("POST", "/public/v1/leads/lookup", {"code": code})

    def say(self, code: str, action: str = "supplement", **body: Any) -> Reply:
        """The next step of whoever reported it; by itself on the version as it stands."""
        if "version" not in body:
            body["version"] = self.look(code).json["version"]
        return self("POST", "/public/v1/leads/messages", {"code": code, "action": action, **body})


def case_id(world: World) -> str:
    """The one case there is."""
    items = world.platform.cases.query_index("by_listing", "cases#nanjing").items
    (found,) = [str(item["case_id"]) for item in items]
    return found
