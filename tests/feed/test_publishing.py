"""What is published is one log that anybody can check, whatever fails and whoever else is at it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from pymerkle import InmemoryTree

from chalicelib.aws import calls
from chalicelib.feed import logfiles, publishing, recovery, service, store
from chalicelib.feed.publishing import Behind, Progress, publish
from chalicelib.kernel.errors import Unavailable
from chalicelib.tlog import verify
from chalicelib.tlog.model import Tile, Unproven
from tests.feed.builders import document, hide, number, show, told
from tests.feed.publication import Signed, commit, copied, objects, restored
from tests.support.faults import Recorder, counting
from tests.support.world import World, fresh_world

pytestmark = pytest.mark.requirement("R-20", "R-21")

STEPS = (1, 2, 253, 1, 300, 700)
"""Entries committed between one publication and the next: partial, just full, beyond, several."""


def sizes(world: World, folder: Path, signed: Signed) -> list[int]:
    return [checkpoint.size for checkpoint in signed.are_one_log(folder)]


def test_a_website_finds_one_log_that_only_grows(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    signed, key = Signed(world), ["--key", world.platform.log_signer.key.text]
    yesterday = tmp_path / "yesterday"
    with calls.observed(signed):
        for count in STEPS:
            commit(world, count)
            size = store.read_head(world.platform).seq
            assert publish(world.platform) == Progress(size, is_whole=True)
            if size == 3:
                yesterday.write_bytes(signed.notes[-1])
    assert sizes(world, tmp_path / "log", signed) == [1, 3, 256, 257, 557, 1257]
    log = str(tmp_path / "log")
    assert verify.main(["audit", log, *key]) == verify.PROVEN
    assert verify.main(["checkpoint", log, *key]) == verify.PROVEN
    assert verify.main(["prefix", str(yesterday), log, *key]) == verify.PROVEN
    assert "的前3条原样未动，现长度1257" in capsys.readouterr().out


def test_an_implementation_that_is_not_ours_finds_the_same_root(world: World) -> None:
    commit(world, 300)
    publish(world.platform)
    theirs = InmemoryTree(algorithm="sha256")
    for change in store.changes_after(world.platform, 0, 1000):
        theirs.append_entry(change.entry.to_bytes())
    published = logfiles.read_published(world.platform, world.platform.log_signer.key)
    assert published is not None
    assert published.checkpoint.root == theirs.get_root(300)


def test_nothing_is_signed_or_written_again(world: World) -> None:
    commit(world, 3)
    publish(world.platform)
    before = objects(world)
    with counting() as made:
        publish(world.platform)
    assert [call.operation for call in made] == ["get_object", "get_item"]
    assert objects(world).keys() == before.keys()


def test_every_file_says_what_it_is_and_how_long_it_may_be_kept(world: World) -> None:
    commit(world, 257)
    publish(world.platform)
    told = {
        path: (answer["ContentType"], answer["CacheControl"])
        for path, answer in objects(world).items()
    }
    full = ("application/octet-stream", "public, max-age=31536000, immutable")
    partial = ("application/octet-stream", "public, max-age=60")
    assert told == {
        "checkpoint": ("text/plain; charset=utf-8", "public, max-age=5"),
        "tile/0/000": full,
        "tile/entries/000": full,
        "tile/0/001.p/1": partial,
        "tile/entries/001.p/1": partial,
        "tile/1/000.p/1": partial,
    }


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_anywhere_loses_and_forks_nothing(
    aws: Mapping[str, str], tmp_path: Path, when: str
) -> None:
    def grown(fail_at: int) -> tuple[Recorder, Signed, World]:
        world = fresh_world(aws)
        commit(world, 250)
        publish(world.platform)
        commit(world, 10)
        world.platform.__dict__.pop("log_signer", None)
        recorder = Recorder(fail_at, "before" if when == "before" else "after")
        signed = Signed(world, [objects(world)["checkpoint"]["Body"]])
        with calls.observed(signed), calls.observed(recorder):
            try:
                publish(world.platform)
            except Unavailable:
                commit(world, 1)  # the world goes on meanwhile
                publish(world.platform)
        return recorder, signed, world

    steps = len(grown(-1)[0].seen)
    assert steps > 10
    for index in range(steps):
        recorder, signed, world = grown(index)
        assert recorder.struck
        last = sizes(world, tmp_path / f"{index}", signed)[-1]
        assert last == store.read_head(world.platform).seq


def test_publishers_that_race_sign_one_log(aws: Mapping[str, str], tmp_path: Path) -> None:
    index = 0
    while True:
        world = fresh_world(aws)
        commit(world, 200)
        publish(world.platform)
        commit(world, 50)
        signed = Signed(world, [objects(world)["checkpoint"]["Body"]], interrupt_at=index)

        def other(world: World = world) -> None:
            commit(world, 10)
            publish(world.platform)

        signed.interruption = other
        with calls.observed(signed):
            publish(world.platform)
        if signed.seen <= index:
            break
        assert sizes(world, tmp_path / f"{index}", signed)[-1] == 260
        index += 1
    assert index > 8


def test_a_long_backlog_goes_out_in_slices(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "SLICE", 256)
    monkeypatch.setattr(publishing, "MOST_SLICES", 2)
    commit(world, 700)
    signed = Signed(world)
    with calls.observed(signed):
        assert publish(world.platform) == Progress(512, is_whole=False)
        assert publish(world.platform) == Progress(700, is_whole=True)
    assert sizes(world, tmp_path, signed) == [256, 512, 700]


# -- after a restore ----------------------------------------------------------------------------


def test_a_restored_table_takes_back_what_was_published_and_goes_on(
    world: World, tmp_path: Path
) -> None:
    commit(world, 250)
    signed = Signed(world)
    with calls.observed(signed):
        restored(world, lambda: (commit(world, 300, "lost"), publish(world.platform)))
        with pytest.raises(Behind):
            publish(world.platform)
        assert recovery.catch_up(world.platform) == 300
        assert recovery.catch_up(world.platform) == 0
        commit(world, 5)
        publish(world.platform)
    assert sizes(world, tmp_path, signed) == [550, 555]
    names = [change.entry.id for change in store.changes_after(world.platform, 249, 3)]
    assert names == ["r_250", "lost_251", "lost_252"]


def test_taking_back_survives_any_crash(aws: Mapping[str, str], tmp_path: Path) -> None:
    for index in range(14):
        world = fresh_world(aws)
        commit(world, 10)
        restored(world, lambda world=world: (commit(world, 100), publish(world.platform)))
        with calls.observed(Recorder(index, "after")):
            for _ in range(2):
                try:
                    recovery.catch_up(world.platform)
                except Unavailable:
                    continue
        assert store.read_head(world.platform).seq == 110
        assert publish(world.platform) == Progress(110, is_whole=True)


@pytest.mark.requirement("R-20", "R-21")
def test_after_a_restore_log_and_table_end_in_the_same(world: World) -> None:
    """Whatever was lost: an amendment, a withdrawal, a publication, all of a document; and what is
    decided again afterwards is numbered as what it is."""
    show(world, *(document(name, text="旧") for name in ("r_1", "r_2", "r_3", "r_4")))
    hide(world, "r_4", 2)
    service.show(world.platform, document("r_5"))  # waits
    publish(world.platform)

    def lose() -> None:
        show(world, document("r_1", 2, text="新"), document("r_5"), document("r_6"))
        show(world, document("r_4", 3), document("r_7"))
        hide(world, "r_2", 2)
        hide(world, "r_7", 2)
        publish(world.platform)

    restored(world, lose)
    known = store.read_head(world.platform).seq
    recovery.catch_up(world.platform)
    shown = service.current_documents(world.platform, [f"r_{n}" for n in range(1, 8)])
    assert {name: one.seq for name, one in shown.items()} == {"r_1": 1, "r_3": 3}
    assert not service.show(world.platform, document("r_2", text="旧")), "withdrawn is withdrawn"
    service.show(world.platform, document("r_6"))
    message = world.take(world.platform.sequencer_queue)[0]
    number(world, *message["ids"])
    again = known + 7
    assert told(world)[again:] == [
        (again + 1, "amend", "r_1", 1),
        (again + 2, "amend", "r_5", 1),
        (again + 3, "amend", "r_6", 1),
        (again + 4, "withdraw", "r_4", 3),
    ]
    shown = service.current_documents(world.platform, [f"r_{n}" for n in range(1, 8)])
    last = {name: seq for seq, kind, name, _ in told(world) if kind != "withdraw"}
    gone = {name for _, kind, name, _ in told(world) if kind == "withdraw"}
    assert gone == {"r_2", "r_4", "r_7"}
    assert {name: one.seq for name, one in shown.items()} == {
        name: seq for name, seq in last.items() if name not in gone
    }
    assert publish(world.platform).is_whole


@pytest.mark.parametrize("count", [3, 100, 400], ids=["shorter", "as long", "longer"])
def test_numbers_given_twice_are_never_signed(world: World, count: int) -> None:
    commit(world, 50)
    publish(world.platform)
    restored(world, lambda: (commit(world, 100, "lost"), publish(world.platform)))
    commit(world, count, "again")  # what must not happen: numbered before it caught up
    before = objects(world)
    with pytest.raises((Behind, Unproven)):
        publish(world.platform)
    if count < 100:
        with pytest.raises(Unproven, match="不是同一个日志"):
            recovery.catch_up(world.platform)
    assert {path: one["Body"] for path, one in objects(world).items()} == {
        path: one["Body"] for path, one in before.items()
    }


def test_nothing_is_built_on_tiles_that_were_tampered_with(world: World) -> None:
    commit(world, 3)
    publish(world.platform)
    logfiles.write_tile(world.platform, Tile(0, 0, 3), bytes(96))
    commit(world, 1)
    with pytest.raises(Unproven, match="切片与检查点不符"):
        publish(world.platform)


def test_a_checkpoint_of_another_key_is_not_continued(world: World) -> None:
    commit(world, 3)
    publish(world.platform)
    note = objects(world)["checkpoint"]["Body"]
    forged = note[:-10] + b"AAAAAAAA=\n"
    world.platform.publication.put("public/v1/log/checkpoint", forged, content_type="text/plain")
    commit(world, 1)
    with pytest.raises(Unproven):
        publish(world.platform)


def test_a_mirror_in_a_folder_is_a_log_too(world: World, tmp_path: Path) -> None:
    commit(world, 5)
    publish(world.platform)
    key = world.platform.log_signer.key.text
    folder = copied(world, tmp_path)
    assert verify.main(["audit", str(folder), "--key", key]) == verify.PROVEN
    (folder / "tile/entries/000.p/5").write_bytes(b"\0\0")
    assert verify.main(["audit", str(folder), "--key", key]) == verify.NOT_PROVEN
