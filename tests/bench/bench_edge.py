"""Own cost of the HTTP edge, over a bare validated Event Handler route answering the same request.

Both run in this process in turns, so that a busy machine slows both; of many rounds the quickest
counts. Tokens are verified once, then remembered, as in a warm worker.
"""

from __future__ import annotations

import copy
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver

from chalicelib.access.gate import Gate
from chalicelib.access.model import AgencyIn
from chalicelib.access.service import authorize
from chalicelib.kernel.settings import Settings
from chalicelib.web import edge
from chalicelib.web.model import Answer, Caller
from chalicelib.web.routes import Routes
from tests.access.build import ISSUER, Issuer, Time, agency_code, verifier
from tests.bench.model import Row
from tests.web.build import sample

TARGET_MICROSECONDS = 100.0
_ROUNDS, _REQUESTS = 15, 400
_ROOT = Path(__file__).parents[2]
_IMPORTS = 5


def run(rounds: int = _ROUNDS, requests: int = _REQUESTS, imports: int = _IMPORTS) -> list[Row]:
    """The rows of this benchmark."""
    return [_edge_row(rounds, requests), *_import_rows(imports)]


def _edge_row(rounds: int, requests: int) -> Row:
    issuer = Issuer("ES256")
    request = _request(issuer)
    own, bare = _own_api(issuer), _bare_api()
    assert own(request, None)["statusCode"] == 201
    assert bare(request, None)["statusCode"] == 200
    measured, floor = _quickest(own, bare, request, (rounds, requests))
    return Row(
        name="web: cost of the edge over a bare validated route, per request",
        measured=round(measured - floor, 1),
        floor=round(floor, 1),
        unit="µs CPU",
        target=f"<= {TARGET_MICROSECONDS:.0f}",
        ok=measured - floor <= TARGET_MICROSECONDS,
    )


def _request(issuer: Issuer) -> dict[str, Any]:
    request = copy.deepcopy(sample("api_post"))
    request["body"] = request["body"].replace("REPLACED-BY-THE-TEST", agency_code(1))
    token = f"Bearer {issuer.token()}"
    for headers, value in (("headers", token), ("multiValueHeaders", [token])):
        request[headers]["Authorization"] = value
        request[headers].pop("Idempotency-Key")
    return request


def _own_api(issuer: Issuer) -> edge.Edge:
    routes = Routes("单位")

    @routes.post("/v1/agencies", operation="records.submit", summary="登记")
    def register(body: AgencyIn) -> Answer:
        return Answer(201, {"name": body.name, "region": body.region}, version=1)

    platform: Any = SimpleNamespace(
        settings=Settings(stage="test", oidc_issuer=ISSUER), clock=Time()
    )
    gate = Gate(platform, verifier(issuer))
    caller = Caller("clerk-1", "A", "局", "nanjing", "990100", "city", frozenset({"clerk"}))
    gate._callers["clerk-1"] = (caller, platform.clock().timestamp())
    return edge.build([routes], lambda _, token: gate.caller_of(token), authorize, lambda: platform)


def _bare_api() -> Callable[[Any, Any], dict[str, Any]]:
    resolver = APIGatewayRestResolver(enable_validation=True)

    @resolver.post("/v1/agencies")
    def register(body: AgencyIn) -> dict[str, Any]:
        return {"name": body.name, "region": body.region}

    return resolver.resolve


def _quickest(
    own: Callable[[Any, Any], Any],
    bare: Callable[[Any, Any], Any],
    request: dict[str, Any],
    times: tuple[int, int],
) -> tuple[float, float]:
    found: dict[str, list[float]] = {"own": [], "bare": []}
    rounds, requests = times
    stdout = sys.stdout
    try:
        with open(os.devnull, "w", encoding="utf-8") as nowhere:
            sys.stdout = nowhere  # the log line is formatted and written, like in a worker
            for _ in range(rounds):
                for name, call in (("own", own), ("bare", bare)):
                    started = time.process_time()
                    for _ in range(requests):
                        call(request, None)
                    spent = time.process_time() - started
                    found[name].append(spent / requests * 1e6)
    finally:
        sys.stdout = stdout
    return min(found["own"]), min(found["bare"])


def _import_rows(imports: int) -> list[Row]:
    own = _import_milliseconds("import chalicelib.access.routes, chalicelib.web.docs", imports)
    floor = _import_milliseconds(
        "import aws_lambda_powertools.event_handler.middlewares.openapi_validation, pydantic\n"
        "from aws_lambda_powertools import Logger\n"
        "from aws_lambda_powertools.event_handler import APIGatewayRestResolver",
        imports,
    )
    return [
        Row(
            name="web + access: import over powertools' Event Handler, Logger and pydantic",
            measured=round(own, 1),
            floor=round(floor, 1),
            unit="ms CPU",
            target="ratio <= 1.5",
            ok=own / floor <= 1.5,
        )
    ]


def _import_milliseconds(statement: str, imports: int) -> float:
    code = f"import time; a = time.process_time()\n{statement}\nprint(time.process_time() - a)"
    times = []
    for _ in range(imports):
        made = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, cwd=_ROOT, check=True
        )
        times.append(float(made.stdout) * 1000)
    return statistics.median(sorted(times)[:3])


if __name__ == "__main__":
    for row in run():
        sys.stdout.write(f"{row}\n")
