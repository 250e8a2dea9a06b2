"""A worker's replica: loaded from a snapshot or from the feed, kept up, made anew when it is no
good, and never behind a withdrawal."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from chalicelib.feed import service as feed
from chalicelib.feed.model import Head
from chalicelib.replica import building, loading, reading, service
from chalicelib.replica.queries import RecordQuery, search_records
from chalicelib.replica.reading import CatchingUp
from chalicelib.replica.schema import SNAPSHOT_INDEX
from chalicelib.replica.service import open_replica
from chalicelib.snapshots import exports
from tests.feed import builders as feeds
from tests.replica.builders import NOW, Log, record_document
from tests.support.faults import counting
from tests.support.world import World


def publish(world: World, *names: str, **more: str) -> None:
    """Let records be public."""
    for name in names:
        document = record_document(id=name, **more)
        feeds.show(world, feeds.NewDocument(name, "record", 1, document))


def shown(world: World) -> list[str]:
    """Ids the replica gives."""
    found = search_records(open_replica(world.platform), RecordQuery(), 500)
    return sorted(item.id for item in found.items)


def snapshot(world: World, folder: Path, change: Callable[[bytes], bytes] = bytes) -> int:
    """A snapshot of what is public now; `change` damages its file, not what the index says."""
    head = feed.head(world.platform).seq
    changes = feed.changes_after(world.platform, 0, 1000)
    documents = feed.current_documents(world.platform, {one.entry.id for one in changes})
    connection = building.create(folder / "base.db")
    building.apply(connection, changes, documents)
    exports.finish(connection, folder / "snapshot.db")
    connection.close()
    (folder / "base.db").unlink()
    put_snapshot(world, (folder / "snapshot.db").read_bytes(), head, change)
    return head


def put_snapshot(
    world: World, content: bytes, seq: int, change: Callable[[bytes], bytes] = bytes
) -> None:
    """A file and the index that names it."""
    file = {
        "format": "sqlite",
        "name": f"{seq}.db",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    index = {"seq": seq, "built_at": NOW, "files": [{"format": "csv"}, file]}
    bucket = world.platform.publication
    bucket.put(f"public/v1/snapshots/files/{seq}.db", change(content), content_type="application/x")
    bucket.put(SNAPSHOT_INDEX, json.dumps(index).encode(), content_type="application/json")


@pytest.mark.requirement("R-21")
def test_what_is_withdrawn_is_hidden_at_the_next_look(world: World) -> None:
    publish(world, "r_1", "r_2")
    assert shown(world) == ["r_1", "r_2"]

    feeds.hide(world, "r_1", 2)
    world.clock.advance(seconds=0.9)
    assert shown(world) == ["r_1", "r_2"], "the head is believed for a second"
    world.clock.advance(seconds=0.1)
    assert shown(world) == ["r_2"]


def test_a_look_costs_one_read_and_only_once_a_second(world: World) -> None:
    publish(world, "r_1")
    shown(world)
    with counting() as made:
        shown(world)
    assert made == []
    world.clock.advance(seconds=1)
    with counting() as made:
        shown(world)
    assert len(made) == 1


@pytest.mark.requirement("R-21")
@pytest.mark.parametrize("part_bytes", [10_000_000, 50_000])
def test_a_snapshot_and_what_came_after_it_are_all(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part_bytes: int
) -> None:
    monkeypatch.setattr(loading, "_PART_BYTES", part_bytes)
    publish(world, "r_1", "r_2")
    seq = snapshot(world, tmp_path)
    publish(world, "r_3")
    feeds.hide(world, "r_1", 2)
    asked: list[int] = []
    after = feed.changes_after
    monkeypatch.setattr(
        feed, "changes_after", lambda one, two, most: asked.append(two) or after(one, two, most)
    )

    assert shown(world) == ["r_2", "r_3"]
    assert asked == [seq], "nothing of the snapshot is asked for again"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content[:-1],
        lambda content: content[:5000] + b"x" + content[5001:],
        lambda content: b"no database at all",
    ],
)
def test_a_damaged_snapshot_is_not_used(
    world: World, tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    publish(world, "r_1")
    snapshot(world, tmp_path, spoil)
    assert shown(world) == ["r_1"]


def test_a_snapshot_ahead_of_the_feed_or_of_another_make_is_not_used(
    world: World, tmp_path: Path
) -> None:
    publish(world, "r_1")
    log = Log()
    for number in range(5):
        log.record(id=f"r_lost{number}")
    connection = log.file(tmp_path / "ahead.db")
    connection.close()
    put_snapshot(world, (tmp_path / "ahead.db").read_bytes(), 5)
    assert shown(world) == ["r_1"]

    service.forget()
    put_snapshot(world, b"SQLite format 3\0 but not really", 1)
    assert shown(world) == ["r_1"]


def test_a_snapshot_replaced_while_it_is_loaded_is_not_missed(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A withdrawal has it built anew, and its file deleted: the next one is taken at once."""
    publish(world, "r_1")
    old = snapshot(world, tmp_path)
    publish(world, "r_2")
    fetch = loading.fetch

    def replaced_meanwhile(*arguments: object) -> object:
        monkeypatch.setattr(loading, "fetch", fetch)
        world.platform.publication.delete(f"public/v1/snapshots/files/{old}.db")
        (tmp_path / "snapshot.db").unlink()
        snapshot(world, tmp_path)
        monkeypatch.setattr(feed, "changes_after", _nothing)
        return fetch(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(loading, "fetch", replaced_meanwhile)
    assert shown(world) == ["r_1", "r_2"]


def _nothing(*_: object) -> object:
    raise AssertionError("the snapshot has everything")


@pytest.mark.parametrize("index", [b"{}", b"[]", b"not json", b'{"files": [{}]}'])
def test_an_index_nobody_can_read_is_none(world: World, index: bytes) -> None:
    publish(world, "r_1")
    world.platform.publication.put(SNAPSHOT_INDEX, index, content_type="application/json")
    assert shown(world) == ["r_1"]


@pytest.mark.requirement("R-60")
def test_a_long_way_is_gone_in_steps_that_stay(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"r_{number}" for number in range(7)]
    publish(world, *names)
    monkeypatch.setattr(service, "BATCH", 2)
    monkeypatch.setattr(service, "WORK_SECONDS", -1.0)
    with pytest.raises(CatchingUp) as caught:
        open_replica(world.platform)
    assert (caught.value.status, caught.value.retry_after) == (503, reading.RETRY_SECONDS)

    steps = iter([0.0, 0.0, 9.0, 10.0, 10.0, 10.0, 10.0, 10.0])
    monkeypatch.setattr(service.time, "monotonic", lambda: next(steps))
    monkeypatch.setattr(service, "WORK_SECONDS", 5.0)
    with pytest.raises(CatchingUp):
        open_replica(world.platform)
    monkeypatch.undo()
    asked: list[int] = []
    after = feed.changes_after
    monkeypatch.setattr(
        feed, "changes_after", lambda one, two, most: asked.append(two) or after(one, two, most)
    )
    assert shown(world) == names
    assert asked == [2]


@pytest.mark.requirement("R-21")
def test_no_answer_shows_a_world_between_two_changes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record is corrected just after the head was read: its old state is gone already."""
    publish(world, "r_1")
    read = feed.current_documents

    def amended_meanwhile(platform: object, ids: object) -> object:
        monkeypatch.undo()
        document = record_document(id="r_1", text="更正后")
        feeds.show(world, feeds.NewDocument("r_1", "record", 2, document))
        return read(platform, ids)  # type: ignore[arg-type]

    monkeypatch.setattr(feed, "current_documents", amended_meanwhile)
    look = open_replica(world.platform)
    (found,) = search_records(look, RecordQuery(), 10).items
    assert (look.seq, found.version) == (2, 2)


def test_half_a_way_is_not_shown_even_to_who_asks_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The head was looked at a moment ago, but what it named was not reached."""
    publish(world, "r_1")
    shown(world)
    service._kept[0].goal = 2
    publish(world, "r_2")
    assert shown(world) == ["r_1", "r_2"]


def test_a_file_that_breaks_under_a_question_is_made_anew(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(world, *(f"r_{number}" for number in range(12)))
    shown(world)
    kept = service._kept[0]
    kept.writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with kept.path.open("r+b") as file:
        file.seek(16_384)
        file.write(b"\xff" * (kept.path.stat().st_size - 16_384))
    with pytest.raises(CatchingUp):
        shown(world)
    assert '"why":"SQLITE_CORRUPT' in capsys.readouterr().out
    assert len(shown(world)) == 12


def test_a_fault_of_ours_is_no_broken_file(world: World) -> None:
    publish(world, "r_1")
    with pytest.raises(sqlite3.OperationalError, match="no such column"):
        open_replica(world.platform).one("SELECT missing FROM records")
    assert service._kept


@pytest.mark.parametrize("damage", ["gone", "malformed"])
def test_a_file_that_is_damaged_or_gone_is_made_anew(
    world: World, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    publish(world, "r_1")
    shown(world)
    world.clock.advance(seconds=2)
    if damage == "gone":
        service._kept[0].path.unlink()
    else:
        monkeypatch.setattr(building, "seq_of", _malformed)
    with pytest.raises(CatchingUp):
        shown(world)
    monkeypatch.undo()
    assert shown(world) == ["r_1"]


def _malformed(connection: sqlite3.Connection) -> int:
    raise sqlite3.DatabaseError("database disk image is malformed")


def test_the_file_does_not_grow_with_every_look(world: World) -> None:
    publish(world, "r_1")
    shown(world)
    for turn in range(12):
        document = record_document(id="r_1", text="长" * 20_000 + str(turn))
        feeds.show(world, feeds.NewDocument("r_1", "record", turn + 2, document))
        world.clock.advance(seconds=1)
        shown(world)
    sizes = [file.stat().st_size for file in service._kept[0].folder.iterdir()]
    assert sum(sizes) < 24_000_000


def test_a_feed_that_was_set_back_takes_the_replica_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(world, "r_1")
    shown(world)
    world.clock.advance(seconds=2)
    monkeypatch.setattr(feed, "head", lambda platform: Head(0, ""))
    with pytest.raises(CatchingUp):
        shown(world)
    assert shown(world) == []


def test_nothing_is_left_in_the_temporary_folder(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service.tempfile, "tempdir", str(tmp_path))
    left = tmp_path / "govcredit-replica-999999999-x"
    left.mkdir()
    shown(world)
    assert not left.exists()
    service.forget()
    assert list(tmp_path.iterdir()) == []
