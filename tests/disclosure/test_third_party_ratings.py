"""Ratings of third parties reach the public: beside the official results, each with its proof."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from jwt import PyJWK, PyJWS

from chalicelib.aws import calls
from chalicelib.disclosure import handlers, third_party_ratings, upkeep
from chalicelib.feed import publishing
from chalicelib.third_parties import service, submitting
from chalicelib.tlog.merkle import leaf_hash
from chalicelib.tlog.proofs import check_inclusion
from tests.cases.bench import BUREAU, HOUSING
from tests.disclosure.builders import deliver, drain, get, public_items, public_world
from tests.support.world import World, make_world
from tests.third_parties.campus import CODE, INDEX, submit, submitted

pytestmark = pytest.mark.requirement("R-63")

PATH = "/public/v1/third-party-ratings"
NAME = f"rating/{INDEX}/2025/{HOUSING}"


@pytest.fixture
def world(aws: Mapping[str, str], policies: None) -> World:
    """A university has rated two bureaus."""
    made = make_world(aws)
    submitted(made)
    return made


def tell(world: World, *codes: str) -> None:
    """The stream tells of ratings."""
    found = [service.find_rating(world.platform, INDEX, "2025", code) for code in codes]
    deliver(world, *(service.change_of(one) for one in found if one is not None))


def take_back(world: World) -> None:
    """The university takes the rating of the housing bureau back."""
    rating = service.find_rating(world.platform, INDEX, "2025", HOUSING)
    assert rating is not None
    submitting.withdraw_rating(world.platform, rating, rating.version, "抽样有误")


def test_anyone_can_check_whose_rating_it_is(world: World) -> None:
    tell(world, HOUSING, BUREAU)
    answer = get(world, f"{PATH}/{INDEX}/2025/{HOUSING}")
    shown = answer["body"]
    assert (shown["source"], shown["source_title"]) == ("third_party", "第三方评价")
    assert shown["institution"] == {"code": CODE, "name": "示例大学"}
    assert (shown["score"], shown["grade_title"]) == ("84.0", "好")
    assert [(one["code"], one["score"]) for one in shown["indicators"]] == [
        ("promises", "90"),
        ("voice", "75"),
    ]
    proof = shown["verification"]
    # With what is shown, and nothing else: signature, statement, root, leaf, rating.
    key = PyJWK({name: proof["key"][name] for name in ("kty", "crv", "x", "y")}, "ES256")
    statement = json.loads(PyJWS().decode(proof["statement"], key, algorithms=["ES256"]))
    steps = [bytes.fromhex(step) for step in proof["proof"]]
    leaf = leaf_hash(proof["rating"].encode())
    check_inclusion(leaf, proof["index"], proof["count"], steps, bytes.fromhex(statement["root"]))
    assert (statement["system"], statement["period"]) == (INDEX, "2025")
    rating = json.loads(proof["rating"])
    assert (rating["unified_code"], rating["score"]) == (shown["body"]["code"], shown["score"])
    publishing.publish(world.platform)
    assert get(world, shown["log"]["proof"])["body"]["entry"]["id"] == NAME


def test_ratings_are_found_by_system_period_and_body(world: World) -> None:
    tell(world, HOUSING, BUREAU)

    def found(**query: str) -> list[str]:
        return [item["body"]["code"] for item in get(world, PATH, query)["body"]["items"]]

    assert set(found()) == {HOUSING, BUREAU}
    assert found(subject=BUREAU, system=INDEX, period="2025") == [BUREAU]
    assert found(period="2024") == found(system="another_one") == []
    first = get(world, PATH, {"limit": "1"})["body"]
    rest = get(world, PATH, {"limit": "1", "page_token": first["next_page_token"]})["body"]
    assert {one["body"]["code"] for one in (*first["items"], *rest["items"])} == {HOUSING, BUREAU}
    assert get(world, f"{PATH}/{INDEX}/2024/{HOUSING}")["status"] == 404


def test_what_is_taken_back_is_gone_whatever_comes_late(world: World) -> None:
    tell(world, HOUSING)
    assert set(public_world(world)) == {NAME}
    take_back(world)
    tell(world, HOUSING)
    assert public_world(world) == {}
    assert get(world, f"{PATH}/{INDEX}/2025/{HOUSING}")["status"] == 410
    submit(world)  # the old submission again: nothing comes back
    tell(world, HOUSING)
    assert public_world(world) == {}


def test_the_stream_tells_of_each_rating_and_of_nothing_else(world: World) -> None:
    dynamodb: Any = calls.client("dynamodb")
    name = world.platform.evaluation.name
    arn = f"arn:aws-cn:dynamodb:cn-north-1:000000000000:table/{name}/stream/2026"
    items = dynamodb.scan(TableName=name)["Items"]
    records = [
        {"eventName": "MODIFY", "eventSourceARN": arn, "dynamodb": {"NewImage": item}}
        for item in items
    ]
    handlers.forward_changes(world.platform, {"Records": records})
    messages = world.take(world.platform.disclosure_queue)
    assert {message["entity"] for message in messages} == {"third_party_rating"}
    deliver(world, *messages, *messages)
    assert set(public_world(world)) == {NAME, f"rating/{INDEX}/2025/{BUREAU}"}
    assert len(public_items(world)) == 2


def test_a_lost_message_is_found_by_the_sweep_and_all_is_built_again(world: World) -> None:
    tell(world, HOUSING)
    take_back(world)
    world.clock.advance(minutes=10)
    upkeep.reconcile(world.platform)
    drain(world)
    found = {name for name in public_world(world) if name.startswith("rating/")}
    assert found == {f"rating/{INDEX}/2025/{BUREAU}"}
    now = world.clock()
    since = now.replace(hour=0)
    assert list(third_party_ratings.ratings_behind(world.platform, since, now)) == []
    assert len(list(third_party_ratings.all_ratings(world.platform))) == 2
