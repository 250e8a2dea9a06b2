"""The pages of whoever reports something, as a browser without scripts uses them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import app
from chalicelib.kernel.errors import Unavailable
from chalicelib.leads.rules_files import LARGEST_BODY
from chalicelib.portal.refusals import refusal_page
from chalicelib.web import edge
from tests.cases.bench import HOUSING
from tests.portal.pages import Page
from tests.support.world import World
from tests.web.build import CONTEXT, Reply, event

ADDRESS = "192.0.2.7"
MATTER = "货款逾期一年未付 <b>至今</b>\n请核实"
KEY = "9b2f0c3e8f410f0b8a2e5b7d1c9e3f22"


class Counter:
    """Anyone in front of the site."""

    def __init__(self, world: World) -> None:
        self.edge = edge.build(
            [app.lead_page_routes],
            None,
            None,
            lambda: world.platform,
            LARGEST_BODY,
            refusal_page,
        )

    def get(self, path: str, **query: str) -> Reply:
        """Open an address."""
        return self._asked(event("GET", path, None, {"Authorization": ""}, query))

    def post(self, path: str, **fields: str) -> Reply:
        """Send a form."""
        headers = {"Authorization": "", "Content-Type": "application/x-www-form-urlencoded"}
        headers |= {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
        return self._asked(event("POST", path, urlencode(fields), headers))

    def report(self, **changes: str) -> Reply:
        """Report the housing bureau, unless `changes` say otherwise."""
        fields = {
            "form_key": KEY,
            "unified_code": HOUSING,
            "kind": "breach_complaint",
            "field_matter": MATTER.replace("\n", "\r\n"),
            "field_contact": "",
        }
        return self.post("/site/leads", **{**fields, **changes})

    def reported(self) -> str:
        """The code of something reported."""
        reply = self.report()
        assert reply.status == 201, reply.text
        return code_on(reply)

    def say(self, code: str, version: str = "1", message: str = "现补充合同") -> Reply:
        """Add something."""
        fields = {"code": code, "version": version, "action": "supplement"}
        return self.post("/site/leads/messages", **fields, supplement_field_message=message)

    def _asked(self, asked: dict[str, Any]) -> Reply:
        asked["requestContext"]["identity"] |= {"sourceIp": ADDRESS}
        reply = Reply(self.edge(asked, CONTEXT))
        if reply.status == 503:
            raise Unavailable(reply.text)
        return reply


def code_on(reply: Reply) -> str:
    """The receipt code a page shows."""
    return reply.text.partition('id="receipt-code"')[2].partition(">")[2].partition("<")[0].strip()


def control(reply: Reply, name: str) -> dict[str, str]:
    """The attributes of the control of that name."""
    page = Page(reply.text)
    (found,) = [
        one
        for tag in ("input", "textarea", "select")
        for one in page.all(tag)
        if one.get("name") == name
    ]
    return found
