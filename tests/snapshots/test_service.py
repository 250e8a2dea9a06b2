"""Snapshots as a website relies on them: the state at one number of the log, whatever fails while
they are built, whoever else builds, and nothing in them that is public no more."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.aws import calls
from chalicelib.aws.calls import Call
from chalicelib.aws.queue import Queue
from chalicelib.feed import recovery
from chalicelib.feed import service as feed
from chalicelib.feed.model import NewDocument
from chalicelib.feed.publishing import publish
from chalicelib.kernel.clock import instant_text
from chalicelib.kernel.errors import Unavailable
from chalicelib.replica import building as replica
from chalicelib.replica.schema import SNAPSHOT_FILES
from chalicelib.replica.service import open_replica
from chalicelib.snapshots import handlers, service, store
from chalicelib.snapshots.model import Snapshot, Wish
from tests.feed import builders as feeds
from tests.feed.publication import restored
from tests.replica.builders import Log, record_document
from tests.snapshots.use_cases import shown as public_record
from tests.support.faults import Recorder
from tests.support.world import World, fresh_world, make_world, sqs_event

NIGHTLY = Wish("nightly")
MARK = "第{}版内容"


class FakedFeed:
    """A log in memory in the place of `feed.service`; what it is asked counts as calls of AWS."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.log = Log()
        answers: dict[str, Callable[..., Any]] = {
            "head": lambda platform: self.log.head,
            "changes_after": lambda platform, after, limit: self.log.after(after, min(limit, 7)),
            "current_documents": lambda platform, ids: self.log.current(ids),
        }
        for name, answer in answers.items():
            monkeypatch.setattr(feed, name, answer)


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    return make_world(aws)


@pytest.fixture
def faked(monkeypatch: pytest.MonkeyPatch) -> FakedFeed:
    return FakedFeed(monkeypatch)


def stored(world: World) -> set[str]:
    """The files in the bucket."""
    return store.file_names(world.platform)


def checked(world: World) -> Snapshot | None:
    """The newest snapshot, every file of which is there and as the index says."""
    snapshot = service.current_snapshot(world.platform)
    for file in snapshot.files if snapshot else ():
        content = world.platform.publication.read(SNAPSHOT_FILES + file.name)
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file.size, file.sha256)
    return snapshot


def opened(world: World, snapshot: Snapshot, folder: Path) -> sqlite3.Connection:
    """Its SQLite file as a website would open it."""
    path = folder / "taken.sqlite"
    path.write_bytes(world.platform.publication.read(SNAPSHOT_FILES + snapshot.file("sqlite").name))
    return replica.connect(path)


def digest_of_feed(log: Log, seq: int, instant: str, folder: Path) -> str:
    """The state at (seq, instant), made from the feed alone."""
    path = folder / "whole.sqlite"
    path.unlink(missing_ok=True)
    with closing(replica.create(path)) as whole:
        replica.apply(whole, log.after(0, seq), log.documents)
        return replica.digest(whole, instant)


def all_bytes(world: World) -> Iterator[bytes]:
    for name in stored(world):
        yield world.platform.publication.read(SNAPSHOT_FILES + name)


# -- the ordinary course --------------------------------------------------------------------------


@pytest.mark.requirement("R-21")
def test_a_night_replaces_the_snapshot_of_the_last(world: World, faked: FakedFeed) -> None:
    faked.log.record(id="r_1")
    assert service.bring_up(world.platform, NIGHTLY) == "built"
    first = checked(world)
    assert first is not None and first.seq == 1
    names = [file.name for file in first.files]
    assert names[0] == "govcredit-1-20260615T120000.sqlite"
    assert stored(world) == set(names)
    assert first.expires_at == "2026-06-15T18:00:00.000Z"  # two in the morning of the next day

    world.clock.advance(hours=12, minutes=10)
    faked.log.record(id="r_2")
    assert service.bring_up(world.platform, NIGHTLY) == "built"
    second = checked(world)
    assert second is not None and (second.seq, second.documents) == (2, 2)
    assert stored(world) == {file.name for file in second.files}
    assert second.expires_at == "2026-06-16T18:00:00.000Z"


def test_nothing_is_built_where_it_would_show_the_same(world: World, faked: FakedFeed) -> None:
    faked.log.record(id="r_1", until="2026-06-15T16:00:00.000Z")
    service.bring_up(world.platform, NIGHTLY)
    before = checked(world)
    for wish in (Wish("demand"), Wish("withdrawal", 1), Wish("growth", 9)):
        assert service.bring_up(world.platform, wish) == "current"
    assert checked(world) == before

    world.clock.advance(hours=12)  # to the end of the term
    assert service.bring_up(world.platform, Wish("demand")) == "built"
    after = checked(world)
    assert after is not None and (after.seq, after.documents) == (1, 0)

    world.clock.advance(days=1)
    assert service.bring_up(world.platform, NIGHTLY) == "current"
    kept = checked(world)
    assert kept is not None and kept.built_at == after.built_at
    assert kept.expires_at == "2026-06-17T18:00:00.000Z", "it is still what there is tonight"


def test_what_a_worker_cannot_begin_with_is_built_anew(
    world: World, faked: FakedFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file has vanished, or the tables are others since a new release: whatever is wished for."""
    faked.log.record(id="r_1")
    service.bring_up(world.platform, NIGHTLY)
    first = checked(world)
    assert first is not None
    store.delete_file(world.platform, first.file("csv").name)
    world.clock.advance(seconds=1)
    assert service.bring_up(world.platform, Wish("withdrawal", 1)) == "built"
    assert checked(world) is not None

    monkeypatch.setattr(service, "SCHEMA_VERSION", "another")
    world.clock.advance(seconds=1)
    assert service.bring_up(world.platform, Wish("withdrawal", 1)) == "built"
    last = checked(world)
    assert last is not None and last.schema == "another"
    assert service.bring_up(world.platform, Wish("withdrawal", 1)) == "current"


@pytest.mark.requirement("R-21")
def test_a_withdrawal_leaves_no_file_with_its_content(world: World, faked: FakedFeed) -> None:
    secret = "示例市撤回局"
    faked.log.record(id="r_1", subject_name=secret)
    faked.log.record(id="r_2")
    service.bring_up(world.platform, NIGHTLY)
    assert any(secret.encode() in content for content in all_bytes(world))
    faked.log.withdraw("r_1")
    world.clock.advance(minutes=5)
    event = sqs_event(*[{"reason": "withdrawal", "seq": 3}] * 3)
    assert handlers.bring_up_all(world.platform, event) == {"batchItemFailures": []}
    snapshot = checked(world)
    assert snapshot is not None and snapshot.seq == 3
    assert stored(world) == {file.name for file in snapshot.files}
    assert not any(secret.encode() in content for content in all_bytes(world))


def test_several_messages_are_one_build(world: World, faked: FakedFeed) -> None:
    for number in range(4):
        faked.log.record(id=f"r_{number}")
    recorder = Recorder()
    with calls.observed(recorder):
        event = sqs_event(*({"reason": "withdrawal", "seq": n} for n in (2, 4, 3, 1)))
        handlers.bring_up_all(world.platform, event)
    indexes = [call for call in recorder.seen if call.operation == "put_object"]
    assert len(indexes) == 4 + 1, "four files and one index"


def test_a_lost_base_is_made_again_from_the_feed(world: World, faked: FakedFeed) -> None:
    faked.log.record(id="r_1")
    service.bring_up(world.platform, NIGHTLY)
    first = checked(world)
    assert first is not None
    name = first.file("sqlite").name
    for spoil in ("delete", "overwrite"):
        if spoil == "delete":
            store.delete_file(world.platform, name)
        else:
            key = SNAPSHOT_FILES + name
            world.platform.publication.put(key, b"other", content_type="text/plain")
        faked.log.record(id=f"r_{spoil}")
        world.clock.advance(minutes=1)
        assert service.bring_up(world.platform, NIGHTLY) == "built"
        snapshot = checked(world)
        assert snapshot is not None and snapshot.documents == len(faked.log.documents)
        name = snapshot.file("sqlite").name


def test_what_changes_while_it_is_read_is_not_left_half_applied(
    world: World, faked: FakedFeed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A document amended after the head was read has lost its earlier content: the snapshot goes on
    to the change that brings the new one."""
    log = faked.log
    log.record(id="r_1")
    log.record(id="r_2")
    late = [lambda: log.record(id="r_1", subject_name="示例市新局"), lambda: log.withdraw("r_2")]

    def changes_after(platform: object, after: int, limit: int) -> object:
        found = log.after(after, 2)
        while late:
            late.pop()()
        return found

    monkeypatch.setattr(feed, "changes_after", changes_after)
    assert service.bring_up(world.platform, Wish("growth", 2)) == "built"
    snapshot = checked(world)
    assert snapshot is not None and (snapshot.seq, snapshot.documents) == (4, 1)
    with closing(opened(world, snapshot, tmp_path)) as taken:
        expected = digest_of_feed(log, 4, snapshot.built_at, tmp_path)
        assert replica.digest(taken, snapshot.built_at) == expected


@pytest.mark.requirement("R-20", "R-21")
def test_after_a_restore_snapshots_and_workers_go_on(world: World, tmp_path: Path) -> None:
    """An amendment, a publication and a withdrawal were lost and taken back from what was
    published: none is waited for, and file and worker show what the table does."""
    platform = world.platform
    feeds.show(world, public_record("r_1"), public_record("r_2"))
    publish(platform)

    def lose() -> None:
        text = record_document(id="r_1", text="更正")
        feeds.show(world, NewDocument("r_1", "record", 2, text), public_record("r_3"))
        feeds.hide(world, "r_2", 2)
        publish(platform)

    restored(world, lose)
    recovery.catch_up(platform)
    assert service.bring_up(platform, NIGHTLY) == "built"
    for message in world.take(platform.sequencer_queue):
        feeds.number(world, *message["ids"])
    world.clock.advance(minutes=1)
    assert service.bring_up(platform, NIGHTLY) == "built"
    snapshot = checked(world)
    assert snapshot is not None and snapshot.documents == 1
    now = instant_text(world.clock.now)
    with closing(opened(world, snapshot, tmp_path)) as taken:
        reading = open_replica(platform)
        assert replica.digest(taken, now) == replica.digest(reading.connection, now)


def test_a_feed_that_does_not_give_what_it_has_is_asked_again(
    world: World, faked: FakedFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    faked.log.record(id="r_1")
    monkeypatch.setattr(feed, "changes_after", lambda *_: ())
    event = sqs_event({"reason": "nightly", "seq": 0})
    assert handlers.bring_up_all(world.platform, event)["batchItemFailures"]
    assert checked(world) is None and stored(world) == set()


@pytest.mark.requirement("R-21")
@pytest.mark.parametrize("failure", [Unavailable("x"), OSError("no space left")])
def test_after_a_failure_a_build_is_tried_again_soon(
    world: World, faked: FakedFeed, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    """Not after the hour and a half a build may take in all."""
    queue = world.platform.snapshots_queue
    sqs: Any = calls.client("sqs")
    queue.send({"reason": "withdrawal", "seq": 1})
    (found,) = sqs.receive_message(QueueUrl=queue.url, VisibilityTimeout=5400)["Messages"]
    event = sqs_event({"reason": "withdrawal", "seq": 1})
    event["Records"][0] |= {
        "receiptHandle": found["ReceiptHandle"],
        "attributes": {"ApproximateReceiveCount": "2"},
    }
    asked: list[int] = []
    retry = queue.retry_after
    monkeypatch.setattr(
        Queue, "retry_after", lambda _, *given: asked.append(given[1]) or retry(*given)
    )

    def fail(platform: object, wish: object) -> None:
        raise failure

    monkeypatch.setattr(handlers, "bring_up", fail)
    with nullcontext() if isinstance(failure, Unavailable) else pytest.raises(OSError):
        assert handlers.bring_up_all(world.platform, event)["batchItemFailures"]
    assert asked == [120]


# -- whatever fails, whoever else builds ----------------------------------------------------------


class Rival:
    """At the chosen call of a builder, another works from beginning to end."""

    def __init__(self, at: int, work: Callable[[], object]) -> None:
        self.at, self.work = at, work
        self.count = 0
        self.is_at_work = False

    def before(self, call: Call) -> None:
        if self.is_at_work:
            return
        if self.count == self.at:
            self.is_at_work = True
            self.work()
            self.is_at_work = False
        self.count += 1

    def after(self, call: Call, capacity: float) -> None:
        """Nothing."""


@pytest.mark.requirement("R-60")
@pytest.mark.parametrize("moves", ["nothing", "feed and clock", "sweeps only"])
def test_two_who_build_at_once_leave_one_snapshot(
    aws: dict[str, str], faked: FakedFeed, moves: str
) -> None:
    """At whichever call the other comes between: in the same second, in another with more to show,
    or with nothing to build and only leftovers to clear."""
    at = 0
    while True:
        world, faked.log = fresh_world(aws), Log()
        faked.log.record(id="r_1")
        service.bring_up(world.platform, NIGHTLY)
        world.clock.advance(minutes=1)
        faked.log.record(id="r_2")

        def work(world: World = world) -> None:
            if moves == "feed and clock":
                faked.log.record(id="r_3")
                world.clock.advance(seconds=1)
            sweep = Wish("withdrawal", 1)  # which the first snapshot shows already
            service.bring_up(world.platform, sweep if moves == "sweeps only" else NIGHTLY)

        rival = Rival(at, work)
        with calls.observed(rival):
            service.bring_up(world.platform, NIGHTLY)
        if rival.count <= at:
            break
        snapshot = checked(world)
        assert snapshot is not None and snapshot.seq >= 2, at
        service.bring_up(world.platform, NIGHTLY)
        last = checked(world)
        assert last is not None and last.seq == faked.log.head.seq, at
        assert stored(world) == {file.name for file in last.files}, at
        at += 1
    assert at > 8


Step = tuple[str, int]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["publish", "amend", "withdraw"]), st.integers(0, 4)),
        st.tuples(st.just("pass"), st.integers(1, 40)),  # hours
        st.tuples(st.just("build"), st.integers(0, 24)),  # killed at this call
    ),
    min_size=4,
    max_size=14,
)


def take_step(world: World, log: Log, step: Step) -> None:
    deed, number = step
    name = f"r_{number}"
    if deed in ("publish", "amend") and (name in log.documents) == (deed == "amend"):
        until = world.clock.now + timedelta(hours=10 * number + 1)
        content = MARK.format(len(log.changes))
        log.record(id=name, text=content, until=instant_text(until) if number else None)
    elif deed == "withdraw" and name in log.documents:
        log.withdraw(name)
    elif deed == "pass":
        world.clock.advance(hours=number)
    elif deed == "build":
        when = "before" if number % 2 else "after"
        with calls.observed(Recorder(number // 2, when)):  # type: ignore[arg-type]
            try:
                service.bring_up(world.platform, NIGHTLY)
            except Unavailable:
                world.clock.advance(seconds=1)


@pytest.mark.requirement("R-21")
@given(steps=STEPS)
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_snapshot_and_feed_make_the_state_whatever_happened(
    aws: dict[str, str],
    faked: FakedFeed,
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[Step],
) -> None:
    """Any history, builders killed at any call: the index names what is there, its snapshot with
    the feed behind it is the state of now, and in the end only what is public is in the files."""
    folder = tmp_path_factory.mktemp("history")
    world, faked.log = fresh_world(aws), Log()
    log = faked.log
    for step in [("publish", 0), ("build", 99), *steps]:
        take_step(world, log, step)
        snapshot = checked(world)
    assert snapshot is not None
    now = instant_text(world.clock.now)
    with closing(opened(world, snapshot, folder)) as taken:
        replica.apply(taken, log.after(snapshot.seq, 99), log.documents)
        assert replica.digest(taken, now) == digest_of_feed(log, log.head.seq, now, folder)
    take_step(world, log, ("build", 99))
    snapshot = checked(world)
    assert snapshot is not None and snapshot.seq == log.head.seq
    for instant in (now, instant_text(world.clock.now + timedelta(hours=25))):
        with closing(opened(world, snapshot, folder)) as taken:
            expected = digest_of_feed(log, log.head.seq, instant, folder)
            assert replica.digest(taken, instant) == expected
    assert stored(world) == {file.name for file in snapshot.files}
    live = [one for one in log.documents.values() if not one.until or one.until > now]
    assert {file.rows for file in snapshot.files} == {len(live)}
    shown = b"".join(document.content for document in live)
    marks = [MARK.format(number).encode() for number in range(len(log.changes))]
    gone = [mark for mark in marks if mark not in shown]
    for content in all_bytes(world):
        assert not [mark for mark in gone if mark in content]
