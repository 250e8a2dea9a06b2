"""Idempotency-Key: one request is answered once, another one under the same key is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import batch_get
from chalicelib.aws.writes import Put, commit
from chalicelib.web import edge, request
from chalicelib.web.idempotency import KEPT_SECONDS
from chalicelib.web.model import Answer, Caller
from chalicelib.web.routes import Replay, Routes
from tests.access.build import Time
from tests.web.build import CLERK, Thing, call, small_api

pytestmark = pytest.mark.requirement("R-02")

KEY = {"Idempotency-Key": "a1"}


class Counted:
    """Routes that count how often they really ran: one kept by the edge, one by the service."""

    def __init__(self) -> None:
        self.ran = 0

    def __call__(self, routes: Routes) -> None:
        @routes.post("/v1/counted", operation="things.make", summary="计")
        def make(body: Thing) -> Answer:
            self.ran += 1
            return Answer(201, {"number": self.ran, "名": body.name}, version=3, location="/v1/x")

        @routes.post("/v1/failing", operation="things.make", summary="败")
        def fail(body: Thing) -> Answer:
            self.ran += 1
            return Answer(422, {"number": self.ran})

        @routes.post("/v1/joined", operation="things.make", summary="合", replay=Replay.SERVICE)
        def join(body: Thing) -> Answer:
            return self.joined()

        @routes.post("/v1/looked", operation="things.read", summary="看", replay=Replay.NONE)
        def look(body: Thing) -> Answer:
            self.ran += 1
            return Answer(200, {"number": self.ran})

    def joined(self) -> Answer:
        """A service: reads the claim with its own items, writes it in its own transaction."""
        platform, claim = request.platform(), request.idempotency_claim()
        key = platform.intake.key("UPLOAD#1")
        if claim is not None:
            found = batch_get([key, claim.key])
            kept = claim.replay(found.get(claim.key))
            if kept is not None:
                return kept
        self.ran += 1
        answer = Answer(201, {"number": self.ran})
        writes = [Put(key.table, {"pk": key.pk, "sk": key.sk, "number": self.ran})]
        if claim is None:
            commit(writes)
            return answer
        try:
            commit([*writes, claim.item_write(answer)])
        except ConditionFailed as error:
            replayed = claim.replay(error.items[1])
            if replayed is None:
                raise
            return replayed
        return answer


@pytest.fixture
def counted() -> Counted:
    return Counted()


@pytest.fixture
def api(platform: Platform, counted: Counted) -> edge.Edge:
    return small_api(platform=platform, counted=counted)


PATHS = ["/v1/counted", "/v1/joined"]


@pytest.mark.parametrize("path", PATHS)
def test_a_retry_gets_the_first_answer(api: edge.Edge, counted: Counted, path: str) -> None:
    first = call(api, "POST", path, {"name": "甲"}, KEY)
    again = call(api, "POST", path, {"name": "甲"}, KEY)
    assert counted.ran == 1
    assert (again.status, again.json) == (first.status, first.json)
    for name in ("ETag", "Location"):
        assert again.headers.get(name) == first.headers.get(name)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize("path", PATHS)
def test_another_body_under_the_key_is_refused(api: edge.Edge, counted: Counted, path: str) -> None:
    call(api, "POST", path, {"name": "甲"}, KEY)
    reply = call(api, "POST", path, {"name": "乙"}, KEY)
    assert (reply.status, reply.code) == (409, "idempotency_key_reused")
    assert counted.ran == 1


def test_keys_belong_to_client_and_route(
    platform: Platform, api: edge.Edge, counted: Counted
) -> None:
    other: Callable[..., Caller] = lambda p, t: replace(CLERK, client_id="clerk-2")  # noqa: E731
    call(api, "POST", "/v1/counted", {"name": "甲"}, KEY)
    call(api, "POST", "/v1/joined", {"name": "甲"}, KEY)
    call(
        small_api(other, platform=platform, counted=counted),
        "POST",
        "/v1/counted",
        {"name": "甲"},
        KEY,
    )
    assert counted.ran == 3


def test_without_a_key_every_request_runs(api: edge.Edge, counted: Counted) -> None:
    for _ in range(2):
        call(api, "POST", "/v1/counted", {"name": "甲"})
    assert counted.ran == 2


@pytest.mark.requirement("R-26")
def test_a_read_by_post_is_made_every_time_and_never_kept(
    platform: Platform, api: edge.Edge, counted: Counted
) -> None:
    import boto3

    for number in (1, 2):
        reply = call(api, "POST", "/v1/looked", {"name": "甲"}, KEY)
        assert reply.json == {"number": number}
        assert "Idempotency-Replayed" not in reply.headers
    assert not boto3.client("dynamodb").scan(TableName=platform.intake.name)["Items"]


def test_a_refusal_is_not_kept(api: edge.Edge, counted: Counted) -> None:
    for _ in range(2):
        call(api, "POST", "/v1/failing", {"name": "甲"}, KEY)
    assert counted.ran == 2


@pytest.mark.parametrize("path", PATHS)
def test_after_a_day_the_key_is_free_even_if_the_item_is_still_there(
    api: edge.Edge, counted: Counted, time: Time, path: str
) -> None:
    call(api, "POST", path, {"name": "甲"}, KEY)
    time.now += timedelta(seconds=KEPT_SECONDS)
    assert call(api, "POST", path, {"name": "乙"}, KEY).status == 201
    assert counted.ran == 2
    assert call(api, "POST", path, {"name": "乙"}, KEY).headers["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize("key", ["a b", "键", "x" * 201, "\x7f"])
def test_an_impossible_key_is_refused(api: edge.Edge, key: str) -> None:
    reply = call(api, "POST", "/v1/counted", {"name": "甲"}, {"Idempotency-Key": key})
    assert (reply.status, reply.code) == (400, "idempotency_key_malformed")


@pytest.mark.parametrize("path", PATHS)
def test_two_at_once_are_answered_alike(
    platform: Platform,
    api: edge.Edge,
    counted: Counted,
    path: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The second arrives after the first has looked and before it has written."""
    from chalicelib.web.idempotency import IdempotencyClaim

    genuine, raced = IdempotencyClaim.item_write, []
    other = small_api(platform=platform, counted=counted)  # another worker

    def late(claim: IdempotencyClaim, answer: Answer) -> Put:
        monkeypatch.setattr(IdempotencyClaim, "item_write", genuine)
        raced.append(call(other, "POST", path, {"name": "甲"}, KEY))
        return genuine(claim, answer)

    monkeypatch.setattr(IdempotencyClaim, "item_write", late)
    slower = call(api, "POST", path, {"name": "甲"}, KEY)
    assert slower.json == raced[0].json
    assert slower.headers["Idempotency-Replayed"] == "true"


@pytest.mark.requirement("R-26")
def test_neither_key_nor_content_can_be_read_in_the_table(
    platform: Platform, api: edge.Edge
) -> None:
    import boto3

    call(api, "POST", "/v1/counted", {"name": "张三"}, {"Idempotency-Key": "very-secret-key"})
    items = boto3.client("dynamodb").scan(TableName=platform.intake.name)["Items"]
    (item,) = [item for item in items if item["pk"]["S"].startswith("IDEM#")]
    text = repr(item)
    assert "very-secret-key" not in text and "张三" not in text
    assert int(item["expires_at"]["N"]) == int(platform.clock().timestamp()) + KEPT_SECONDS
