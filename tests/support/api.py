"""The API as it is deployed, in process: every route of `app.py`, on a world's platform."""

from __future__ import annotations

from typing import Any

import app
from chalicelib.access.service import authorize
from chalicelib.kernel.errors import Unavailable
from chalicelib.web import edge
from chalicelib.web.model import Caller
from chalicelib.web.routes import Routes
from tests.support.world import World
from tests.web.build import Reply, call

PRIVATE_ROUTES = tuple(
    value
    for name, value in vars(app).items()
    if isinstance(value, Routes) and not name.startswith(("replica_", "leads_"))
)


class Api:
    """Calls the private API as a given caller: the token is not what is tried here."""

    def __init__(self, world: World, caller: Caller) -> None:
        self.edge = edge.build(
            PRIVATE_ROUTES, lambda platform, token: caller, authorize, lambda: world.platform
        )

    def __call__(self, method: str, path: str, *arguments: Any, **more: Any) -> Reply:
        """One request; what a client would try again (503) is raised as the harness expects it."""
        reply = call(self.edge, method, path, *arguments, **more)
        if reply.status == 503:
            raise Unavailable(reply.text)
        return reply
