"""Abuse is limited without anybody knowing from where it comes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.aws import calls
from chalicelib.kernel.errors import TooManyRequests
from chalicelib.leads import limits
from chalicelib.leads.rules_addresses import address_of, hashed
from tests.support.world import World, make_world

pytestmark = pytest.mark.requirement("R-62", "R-65")

ADDRESS = "192.0.2.7"


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    made = make_world(aws)
    made.platform = replace(
        made.platform, settings=replace(made.platform.settings, leads_per_address=2)
    )
    return made


def stored(world: World) -> list[dict[str, Any]]:
    client: Any = calls.client("dynamodb")
    found: list[dict[str, Any]] = client.scan(TableName=world.platform.limits.name)["Items"]
    return found


def test_over_the_limit_is_refused_until_the_day_is_over_and_says_so(world: World) -> None:
    for _ in range(2):
        limits.count(world.platform, ADDRESS, "opening")
    for _ in range(2):
        with pytest.raises(TooManyRequests, match="明天") as refused:
            limits.count(world.platform, ADDRESS, "opening")
        assert refused.value.retry_after == 12 * 3600 + 1  # it is noon
    limits.count(world.platform, "192.0.2.8", "opening")
    limits.count(world.platform, ADDRESS, "message")
    world.clock.advance(hours=12)
    limits.count(world.platform, ADDRESS, "opening")


def test_of_an_address_nothing_is_stored_and_the_hash_cannot_be_made_again(world: World) -> None:
    limits.count(world.platform, ADDRESS, "opening")
    text = str(stored(world))
    assert ADDRESS not in text and "192" not in str([item["pk"] for item in stored(world)])
    (counted,) = [item["pk"]["S"] for item in stored(world) if "attempts" in item]
    world.clock.advance(days=1)
    limits.count(world.platform, ADDRESS, "opening")
    assert limits.drop_day_keys(world.platform) == 1
    keys = [item for item in stored(world) if item["pk"]["S"] == "DAY_KEYS"]
    assert [item["sk"]["S"] for item in keys] == ["2026-06-16"]
    again = {item["pk"]["S"] for item in stored(world) if "attempts" in item}
    assert len(again) == 2 and counted in again, "another day, another hash"


def test_a_sweep_that_was_away_forgets_every_day_that_is_over(world: World) -> None:
    for _ in range(4):
        limits.count(world.platform, ADDRESS, "opening")
        world.clock.advance(days=1)
    assert limits.drop_day_keys(world.platform) == 4
    assert limits.drop_day_keys(world.platform) == 0


def test_everything_that_is_stored_expires(world: World) -> None:
    limits.count(world.platform, ADDRESS, "wrong_code")
    ends = world.clock().timestamp() + 12 * 3600
    assert {int(item["expires_at"]["N"]) for item in stored(world)} == {int(ends) + 3600}


def test_two_workers_that_make_the_days_key_at_once_agree(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits.count(world.platform, ADDRESS, "opening")
    with monkeypatch.context() as patch:
        patch.setattr(world.platform.limits, "get", lambda *place: None)
        limits.count(world.platform, ADDRESS, "opening")
    with pytest.raises(TooManyRequests):
        limits.count(world.platform, ADDRESS, "opening")


# -- where a request comes from -----------------------------------------------------------------


def request(source: str, forwarded: str = "") -> dict[str, Any]:
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    return {"requestContext": {"identity": {"sourceIp": source}}, "headers": headers}


@pytest.mark.parametrize(
    ("forwarded", "proxies", "found"),
    [
        ("", 0, "198.51.100.1"),
        ("203.0.113.9, 198.51.100.1", 0, "198.51.100.1"),
        ("203.0.113.9, 198.51.100.1", 1, "203.0.113.9"),
        ("10.0.0.1, 203.0.113.9, 198.51.100.1", 1, "203.0.113.9"),
        ("10.0.0.1, 203.0.113.9, 198.51.100.1", 2, "10.0.0.1"),
        ("198.51.100.1", 1, "198.51.100.1"),
        ("", 3, "198.51.100.1"),
    ],
)
def test_nobody_chooses_the_address_it_is_counted_under(
    forwarded: str, proxies: int, found: str
) -> None:
    assert address_of(request("198.51.100.1", forwarded), proxies) == found
    assert address_of({}, proxies) == ""


KEY = bytes(range(32))


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_a_household_does_not_get_more_by_changing_its_address(address: Any, host: int) -> None:
    network = int(address) >> 64 << 64
    neighbour = type(address)(network + host)
    if address.ipv4_mapped is None and neighbour.ipv4_mapped is None:
        assert hashed(KEY, str(address)) == hashed(KEY, str(neighbour))


@given(st.ip_addresses(v=4), st.ip_addresses(v=4))
def test_addresses_are_told_apart_and_depend_on_the_key(one: Any, other: Any) -> None:
    assert (hashed(KEY, str(one)) == hashed(KEY, str(other))) == (one == other)
    assert hashed(KEY, str(one)) != hashed(KEY[::-1], str(one))
    assert hashed(KEY, str(one)) == hashed(KEY, f"::ffff:{one}")


def test_what_is_no_address_is_one_caller() -> None:
    assert hashed(KEY, "") == hashed(KEY, "unknown, forged") != hashed(KEY, ADDRESS)
