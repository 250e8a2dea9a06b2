"""A check of one subject as a warm worker answers it: the whole handler, from the event of the
gateway with its token to the answer, through boto3 with only the network left out. What is stated
is the processor time of the request at the 99th percentile; the floor is boto3's two calls alone.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import date
from typing import Any, Final

from botocore.awsrequest import AWSResponse

from chalicelib.access.gate import Gate
from chalicelib.access.service import authorize
from chalicelib.aws import calls
from chalicelib.aws.attributes import Item, to_attributes
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import batch_get
from chalicelib.aws.writes import Put, commit
from chalicelib.checks.answering import places_of
from chalicelib.checks.routes import routes
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Identification
from chalicelib.creditfile.store import subject_item
from chalicelib.kernel.ids import RandomIds
from chalicelib.kernel.keyring import new_keyring
from chalicelib.kernel.settings import Settings
from chalicelib.measures.store import measures_text
from chalicelib.web import edge
from tests.access.build import ISSUER, Issuer, verifier
from tests.bench.model import Row
from tests.bench.setting import environment, fake_credentials, packs, say
from tests.bench.transport import HEADERS, Raw
from tests.checks import hall
from tests.intake import town
from tests.support.faults import counting
from tests.support.world import StandingClock
from tests.web.build import CONTEXT, event

TARGET_MILLISECONDS: Final = 3.0
TARGET_CALLS: Final = 2
REQUESTS, ROUNDS = 1_500, 3
_DAY: Final = date(2026, 6, 15)


def run(requests: int = REQUESTS, rounds: int = ROUNDS) -> list[Row]:
    """The rows of this benchmark."""
    say(f"checks: {rounds} x {requests} checks of a body and of a person")
    with packs(), environment(**fake_credentials("http://127.0.0.1:1")):
        platform = _platform()
        client: Any = calls.client("dynamodb")
        answers = _Answers(platform)
        client.meta.events.register("before-send.dynamodb.*", answers.send)
        rows: list[Row] = []
        for what, named, scene in (
            ("body", hall.BUILDER, "bidding"),
            ("person, the look noted", hall.OFFICIAL, "promotion"),
        ):
            ask = _asker(platform, named, scene)
            told = ask()
            assert told["statusCode"] == 201 and '"answer":"restrict"' in told["body"]
            with counting() as made:
                ask()
            measured = min(_percentile(ask, requests) for _ in range(rounds))
            floor = min(_percentile(lambda: _bare(platform), requests) for _ in range(rounds))
            rows += _rows(what, (measured, floor), len(made))
    return rows


def _rows(what: str, spent: tuple[float, float], made: int) -> list[Row]:
    measured, floor = spent
    return [
        Row(f"checks: one {what}: handler with token, p99", round(measured, 2), round(floor, 2),
            "ms CPU", f"<= {TARGET_MILLISECONDS:g}", measured <= TARGET_MILLISECONDS),
        Row(f"checks: one {what}", made, 2, "calls", f"<= {TARGET_CALLS}", made <= TARGET_CALLS),
    ]  # fmt: skip


def _platform() -> Platform:
    names = ("records", "intake", "access", "audit", "measures", "checks", "keys")
    tables: Any = {f"{name}_table": name for name in names}
    platform = Platform(Settings(stage="bench", oidc_issuer=ISSUER, **tables), StandingClock())
    platform.__dict__["keyring"] = new_keyring(RandomIds())
    return platform


class _Answers:
    """DynamoDB that knows a builder and an official, the measure each is under, and where the chain
    of looks ends; it takes every write."""

    def __init__(self, platform: Platform) -> None:
        found: dict[str, list[dict[str, Any]]] = {"records": [], "measures": [], "checks": []}
        for named, kind, scene in (
            (hall.BUILDER, "enterprise", "bidding"),
            (hall.OFFICIAL, "civil_servant", "promotion"),
        ):
            subject = files.new_subject(
                platform, named, kind=kind, jurisdiction=town.JURISDICTION, region=town.CITY,
                registered=True,
            )  # fmt: skip
            places = places_of(platform, named)
            standing: Item = {
                "pk": places.standing.pk,
                "sk": "-",
                "subject_id": subject.subject_id,
                "subject_kind": kind,
                "jurisdiction": town.JURISDICTION,
                "region": town.CITY,
                "pack": "2024-09-13",
                "version": 3,
                "as_of": _DAY.isoformat(),
                "measures": measures_text((hall.measure(scene, until="2099-01-01"),)),
            }
            item = {**subject_item(subject), "pk": places.subject.pk}
            found["records"].append(to_attributes(item))
            found["measures"].append(to_attributes(standing))
        head: Item = {"pk": "TRAIL#clerk-1", "sk": "-", "seq": 7, "mac": "ab" * 32}
        found["checks"].append(to_attributes(head))
        self._read = json.dumps({"Responses": found}).encode()

    def send(self, request: Any, **_: Any) -> AWSResponse:
        """botocore's `before-send`."""
        is_read = request.headers["X-Amz-Target"].endswith(b"BatchGetItem")
        return AWSResponse(request.url, 200, HEADERS, Raw(self._read if is_read else b"{}"))


Ask = Callable[[], dict[str, Any]]


def _asker(platform: Platform, named: Identification, scene: str) -> Ask:
    """What asks about somebody once, as a system does."""
    issuer, now = Issuer("ES256"), platform.clock().timestamp()
    gate = Gate(platform, verifier(issuer))
    gate._callers["clerk-1"] = (hall.system("clerk-1"), now)
    api = edge.build([routes], lambda _, given: gate.caller_of(given), authorize, lambda: platform)
    headers = {
        "Authorization": f"Bearer {issuer.token(iat=int(now), exp=int(now) + 3600)}",
        "Content-Type": "application/json",
    }
    asked = event("POST", "/v1/checks", hall.check_body(named, scene=scene), headers)
    return lambda: api(asked, CONTEXT)


def _bare(platform: Platform) -> None:
    """The same read and a write of one item, without the platform."""
    places = places_of(platform, hall.BUILDER)
    batch_get([places.subject, places.standing])
    commit([Put("checks", {"pk": "CHECK", "sk": "-"})] * 2)


def _percentile(deed: Callable[[], object], times: int) -> float:
    """The processor time (milliseconds) that 99 in 100 keep to. The log line is formatted and
    written, as in a worker."""
    spent: list[float] = []
    stdout = sys.stdout
    try:
        with open(os.devnull, "w", encoding="utf-8") as nowhere:
            sys.stdout = nowhere
            for _ in range(times):
                started = time.process_time()
                deed()
                spent.append(time.process_time() - started)
    finally:
        sys.stdout = stdout
    return sorted(spent)[max(int(len(spent) * 0.99) - 1, 0)] * 1e3
