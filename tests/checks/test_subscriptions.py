"""Tell me when the answer changes: signed, in order, at least once, naming no person (R-44)."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt
import pytest

from chalicelib.access import audit
from chalicelib.aws.writes import commit
from chalicelib.checks import delivering, handlers, sending, subscribing, substore
from chalicelib.creditfile.model import Identification
from tests.checks import hall
from tests.crosscheck import office
from tests.intake import town
from tests.support.world import World, make_world

pytestmark = pytest.mark.requirement("R-44")

URL = "https://hall.example.gov.cn/credit"


@dataclass
class Receiver:
    """The system that subscribed: takes what comes unless it is down."""

    down: bool = False
    taken: list[tuple[str, bytes, Mapping[str, str]]] = field(default_factory=list)
    asked: int = 0

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        self.asked += 1
        if self.down:
            raise sending.Undelivered("http_503")
        self.taken.append((url, body, headers))


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    world = make_world({**aws, "WEBHOOK_HOSTS": "*.example.gov.cn"})
    hall.settle(world)
    return world


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Receiver:
    receiver = Receiver()
    monkeypatch.setattr(sending, "sender", receiver)
    return receiver


def body_of(*subjects: Identification, url: str = URL, scene: str = "bidding") -> dict[str, Any]:
    named = [hall.asked(one, reference=f"T-{at}") for at, one in enumerate(subjects, 1)]
    return {"scene": scene, "purpose": hall.PURPOSE, "url": url, "subjects": named}


def subscribe(world: World, *subjects: Identification, **more: str) -> str:
    reply = hall.api(world)("POST", "/v1/subscriptions", body_of(*subjects, **more))
    assert reply.status == 201, reply.text
    work(world)  # it is compared once more, now that it is watched
    return str(reply.json["subscription_id"])


def changed(world: World, named: Identification, version: int) -> None:
    """What the function of measures sends when somebody's measures have changed."""
    subject = hall.subject_id(world, named)
    message = {"job": "changed", "subject": subject, "version": version}
    handlers.do_job(world.platform, message)


def lift(world: World, named: Identification, version: int = 2) -> None:
    hall.stand(world, named, [], version)
    changed(world, named, version)


def work(world: World) -> int:
    """Work what lies in the queue now."""
    messages = world.take(world.platform.checks_queue)
    for message in messages:
        handlers.do_job(world.platform, message)
    return len(messages)


def said(world: World, body: bytes) -> dict[str, Any]:
    """What a delivery says to whoever verifies it with the public keys."""
    (key,) = jwt.PyJWKSet.from_dict(dict(world.platform.keyring.public_jwks())).keys
    told: dict[str, Any] = jwt.decode(
        body.decode(), key, algorithms=["ES256"], audience="hall-1",
        options={"verify_iat": False, "verify_exp": False},
    )  # fmt: skip
    return told


def changes(world: World, subscription: str, **query: str) -> Any:
    path = f"/v1/subscriptions/{subscription}/changes"
    return hall.api(world)("GET", path, query=query).json


def test_each_change_of_the_answer_is_delivered_once_in_order_and_signed(
    world: World, receiver: Receiver
) -> None:
    subscription = subscribe(world, hall.BUILDER)
    changed(world, hall.BUILDER, 1)  # nothing new
    lift(world, hall.BUILDER)
    changed(world, hall.BUILDER, 2)  # told again: at least once
    hall.restrict(world, hall.BUILDER, "bidding", "refer", 3)
    changed(world, hall.BUILDER, 3)
    work(world)
    first, second = (said(world, body) for _, body, _ in receiver.taken)
    assert (first["before"], first["answer"], first["version"]) == ("restrict", "allow", 2)
    assert (second["before"], second["answer"], second["version"]) == ("allow", "refer", 3)
    assert [one["number"] for one in (first, second)] == [1, 2]
    assert (first["reference"], first["code"]) == ("T-1", hall.BUILDER.unified_code)
    url, _, headers = receiver.taken[0]
    assert url == URL and headers["Govcredit-Delivery"] == first["jti"] == f"{subscription}-1"
    work(world)
    assert len(receiver.taken) == 2
    listed = changes(world, subscription)["items"]
    assert [(one["number"], one["state"]) for one in listed] == [(1, "delivered"), (2, "delivered")]
    assert [one["number"] for one in changes(world, subscription, after="1")["items"]] == [2]
    assert said(world, listed[0]["jws"].encode())["jti"] == first["jti"]


def test_a_person_is_told_by_reference_alone_and_sees_who_is_told(
    world: World, receiver: Receiver
) -> None:
    subscription = subscribe(world, hall.OFFICIAL, scene="promotion")
    lift(world, hall.OFFICIAL)
    messages = repr(world.take(world.platform.checks_queue))
    delivering.deliver(world.platform, subscription)
    ((_, body, headers),) = receiver.taken
    told = said(world, body)
    assert (told["reference"], told["code"]) == ("T-1", None)
    for text in (str(told), str(headers), messages):
        assert town.OFFICIAL not in text and "张某甲" not in text
    looks = audit.list_readers(
        world.platform, hall.subject_id(world, hall.OFFICIAL), 9, None
    ).items
    assert [look["action"] for look in looks] == ["check_changed", "subscribe_check"]
    assert audit.verify_trail(world.platform, audit.checks_partition("hall-1")).is_intact


def test_a_receiver_that_is_down_gets_it_later_or_when_it_asks_again(
    world: World, receiver: Receiver
) -> None:
    subscription = subscribe(world, hall.BUILDER)
    receiver.down = True
    lift(world, hall.BUILDER)
    for _ in range(delivering.MOST_TRIES):
        assert changes(world, subscription)["items"][0]["state"] == "waiting"
        delivering.deliver(world.platform, subscription)
        before = receiver.asked
        delivering.deliver(world.platform, subscription)  # too early: not tried
        assert receiver.asked == before
        world.clock.advance(seconds=delivering.LONGEST_WAIT_SECONDS)
    (dead,) = changes(world, subscription, state="dead")["items"]
    assert (dead["number"], dead["failure"]) == (1, "http_503")
    hall.restrict(world, hall.BUILDER, version=3)
    receiver.down = False
    changed(world, hall.BUILDER, 3)
    work(world)
    assert [said(world, body)["number"] for _, body, _ in receiver.taken] == [2], "goes on"
    path = f"/v1/subscriptions/{subscription}/changes/1/replay"
    assert hall.api(world)("POST", path).status == 202
    work(world)
    assert said(world, receiver.taken[-1][1])["number"] == 1
    assert changes(world, subscription, state="dead")["items"] == []


def test_waiting_grows_and_ends() -> None:
    waits = [delivering.wait_after(tries) for tries in range(1, delivering.MOST_TRIES)]
    assert waits == sorted(waits) and waits[0] == 30
    assert waits[-1] == delivering.LONGEST_WAIT_SECONDS and sum(waits) < 24 * 3600


def test_a_lost_message_is_made_up_for_by_the_days_job(world: World, receiver: Receiver) -> None:
    subscribe(world, hall.BUILDER)
    lift(world, hall.BUILDER)
    world.take(world.platform.checks_queue)  # lost
    hall.day(world)
    work(world)
    assert len(receiver.taken) == 1
    hall.day(world)
    assert world.take(world.platform.checks_queue) == []


@pytest.mark.parametrize(
    "url",
    [
        "http://hall.example.gov.cn/x",
        "https://hall.example.com/x",
        "https://user:word@hall.example.gov.cn/",
        "https://hall.example.gov.cn:8443/",
        "https://hall.example.gov.cn/x?person=1",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://hall.example.gov.cn:x/",
        "file:///etc/passwd",
        "https://hall.example.gov.cn/信用",
        "https://示例.example.gov.cn/x",
        "https://hall.example.gov.cn/x y",
        f"https://{'a' * 64}.example.gov.cn/x",
        "https://-.example.gov.cn/x",
        f"https://hall.example.gov.cn/{town.OFFICIAL}",
    ],
)
def test_an_address_that_is_not_allowed_is_refused(url: str) -> None:
    assert sending.address_fault(url, "*.example.gov.cn")
    assert sending.address_fault(URL, "*.example.gov.cn") == ""
    assert sending.address_fault(URL, "")


def test_what_cannot_be_watched_is_named_and_nothing_begins(world: World) -> None:
    stranger = Identification(town.body_code(62, "91"), "", "")
    body = body_of(stranger, url="https://elsewhere.example.com/")
    body["subjects"].append(hall.asked(hall.OFFICIAL))
    reply = hall.api(world)("POST", "/v1/subscriptions", body)
    assert {(one["pointer"], one["code"]) for one in reply.json["errors"]} == {
        ("/url", "address_not_allowed"),
        ("/subjects/1/reference", "reference_needed"),
    }
    reply = hall.api(world)("POST", "/v1/subscriptions", body_of(stranger, url=""))
    assert [one["code"] for one in reply.json["errors"]] == ["not_on_file"]
    assert hall.api(world)("GET", "/v1/subscriptions").json["items"] == []


def test_who_is_refused_a_subscription_has_looked_all_the_same(world: World) -> None:
    stranger = Identification("", office.code(901), "")
    refused = hall.api(world)("POST", "/v1/subscriptions", body_of(hall.CITIZEN, stranger))
    assert [one["pointer"] for one in refused.json["errors"]] == ["/subjects/1"]
    person = hall.subject_id(world, hall.CITIZEN)
    (look,) = audit.list_readers(world.platform, person, 9, None).items
    assert look["action"] == "subscribe_check" and hall.PURPOSE in str(look["purpose"])


def test_what_changes_while_a_subscription_begins_is_told(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = subscribing._keep

    def later(*args: Any) -> Any:
        hall.stand(world, hall.BUILDER, [], 2)
        changed(world, hall.BUILDER, 2)  # nobody watches yet
        return keep(*args)

    monkeypatch.setattr(subscribing, "_keep", later)
    subscribe(world, hall.BUILDER)
    work(world)
    assert [said(world, body)["answer"] for _, body, _ in receiver.taken] == ["allow"]


def test_a_slower_worker_that_told_an_older_answer_hides_no_newer_one(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscription = subscribe(world, hall.BUILDER)
    told_now = delivering._told_now

    def overtaken(platform: Any, found: Any, watched: Any) -> Any:
        monkeypatch.setattr(delivering, "_told_now", told_now)
        hall.stand(world, hall.BUILDER, [], 2)
        delivering._keep(platform, found, watched, told_now(platform, found, watched))
        hall.restrict(world, hall.BUILDER, "bidding", "refer", 3)
        return told_now(platform, found, watched)

    monkeypatch.setattr(delivering, "_told_now", overtaken)
    changed(world, hall.BUILDER, 3)
    listed = changes(world, subscription)["items"]
    assert [one["answer"] for one in listed] == ["allow", "refer"]


def test_two_workers_never_send_the_same_change_at_once_and_a_killed_try_counts(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscription = subscribe(world, hall.BUILDER)
    lift(world, hall.BUILDER)
    asked: list[str] = []

    def killed(url: str, body: bytes, headers: Mapping[str, str]) -> None:
        asked.append(url)
        delivering.deliver(world.platform, subscription)  # another worker, meanwhile
        raise MemoryError

    monkeypatch.setattr(sending, "sender", killed)
    for wait in (1, 2):
        with pytest.raises(MemoryError):
            delivering.deliver(world.platform, subscription)
        assert len(asked) == wait
        assert substore.load(world.platform, subscription).attempts == wait
        world.clock.advance(seconds=delivering.wait_after(wait))
    hall.restrict(world, hall.BUILDER, version=3)
    world.take(world.platform.checks_queue)
    changed(world, hall.BUILDER, 3)
    assert world.take(world.platform.checks_queue) == [], "who delivers goes on to this one"
    monkeypatch.setattr(sending, "sender", receiver)
    delivering.deliver(world.platform, subscription)
    assert [said(world, body)["number"] for _, body, _ in receiver.taken] == [1, 2]


def test_a_receiver_that_never_ends_its_answer_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()
    monkeypatch.setattr(sending, "_post", lambda *_: go_on.wait(30))
    monkeypatch.setattr(sending, "WHOLE_SECONDS", 0.0)
    with pytest.raises(sending.Undelivered, match="too_slow"):
        sending.send_over_https(URL, b"", {})
    go_on.set()
    monkeypatch.undo()
    with pytest.raises(sending.Undelivered, match="no_answer"):
        sending.send_over_https("https://hall.example.gov.cn/信用", b"", {})


def test_who_has_lost_the_right_is_told_nothing_until_it_comes_back(
    world: World, receiver: Receiver
) -> None:
    subscription = subscribe(world, hall.BUILDER)
    lift(world, hall.BUILDER)
    commit([hall.client_put(world, active=False)])
    work(world)
    hall.restrict(world, hall.BUILDER, version=3)
    changed(world, hall.BUILDER, 3)
    work(world)
    assert receiver.asked == 0 and len(changes(world, subscription)["items"]) == 1
    commit([hall.client_put(world)])
    changed(world, hall.BUILDER, 3)
    hall.day(world)
    work(world)
    assert [said(world, body)["number"] for _, body, _ in receiver.taken] == [1, 2]


def test_of_an_erased_person_it_is_told_once_that_nothing_is_on_file(
    world: World, receiver: Receiver
) -> None:
    subscription = subscribe(world, hall.OFFICIAL, scene="promotion")
    subject = hall.subject_id(world, hall.OFFICIAL)
    item = world.platform.records.get(f"SUBJECT#{subject}")
    assert item is not None
    world.platform.records.put({**item, "erased_at": "2026-06-15T04:00:00Z"})
    for _ in range(2):
        handlers.do_job(world.platform, {"job": "changed", "subject": subject, "version": 2})
        work(world)
    ((_, body, _),) = receiver.taken
    told = said(world, body)
    assert (told["reference"], told["answer"], told["reason"]) == ("T-1", "allow", "not_on_file")
    assert list(substore.watchers(world.platform, subject)) == []
    assert substore.watched_by(world.platform, subscription) == []


def test_a_change_once_delivered_stays_so_when_it_cannot_be_sent_again(
    world: World, receiver: Receiver
) -> None:
    subscription = subscribe(world, hall.BUILDER)
    lift(world, hall.BUILDER)
    work(world)
    receiver.down = True
    path = f"/v1/subscriptions/{subscription}/changes/1/replay"
    assert hall.api(world)("POST", path).status == 202
    work(world)
    (only,) = changes(world, subscription)["items"]
    assert (receiver.asked, only["state"], only["failure"]) == (2, "delivered", "http_503")


def test_without_an_address_changes_are_fetched(world: World, receiver: Receiver) -> None:
    subscription = subscribe(world, hall.BUILDER, url="")
    lift(world, hall.BUILDER)
    assert work(world) == 0 and receiver.asked == 0
    (only,) = changes(world, subscription)["items"]
    assert (only["answer"], only["state"]) == ("allow", "pull_only")
    path = f"/v1/subscriptions/{subscription}/changes/1/replay"
    assert hall.api(world)("POST", path).code == "no_webhook"


def test_only_its_client_sees_a_subscription_and_ends_it(
    world: World, receiver: Receiver
) -> None:
    subscription = subscribe(world, hall.BUILDER)
    path = f"/v1/subscriptions/{subscription}"
    stranger = hall.api(world, "hall-2")
    assert stranger("GET", path).status == stranger("DELETE", path).status == 404
    assert stranger("GET", "/v1/subscriptions").json["items"] == []
    (listed,) = hall.api(world)("GET", "/v1/subscriptions").json["items"]
    assert listed == hall.api(world)("GET", path).json
    assert [hall.api(world)("DELETE", path).status for _ in range(2)] == [204, 204]
    lift(world, hall.BUILDER)
    work(world)
    assert hall.api(world)("GET", path).json["state"] == "ended" and receiver.asked == 0
