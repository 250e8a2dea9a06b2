"""The feed that is a log: what is decided gets one number each, without gap, fork or double."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.feed import sequencer, service, store
from chalicelib.feed.model import Change
from chalicelib.tlog.entry import salted_digest
from chalicelib.tlog.merkle import RightEdge
from tests.feed.builders import document, hide, log, number, show, told
from tests.support.world import World, empty_aws

R = pytest.mark.requirement


@R("R-20")
def test_the_first_documents_are_published_in_the_order_they_came(world: World) -> None:
    for name in ("r_2", "r_1", "r_3"):
        service.show(world.platform, document(name))
        world.clock.advance(seconds=1)
    number(world, "r_1", "r_2", "r_3")
    assert told(world) == [
        (1, "publish", "r_2", 1),
        (2, "publish", "r_1", 1),
        (3, "publish", "r_3", 1),
    ]
    assert service.head(world.platform).seq == 3


def test_a_decision_is_not_public_before_it_has_a_number(world: World) -> None:
    service.show(world.platform, document())
    assert service.current_documents(world.platform, ["r_1"]) == {}
    number(world, "r_1")
    assert service.current_documents(world.platform, ["r_1"])["r_1"].seq == 1


def test_until_a_correction_is_numbered_the_former_version_stays(world: World) -> None:
    show(world, document(text="旧"))
    service.show(world.platform, document(version=2, text="新"))
    shown = service.current_documents(world.platform, ["r_1"])["r_1"]
    assert (shown.version, json.loads(shown.content)["text"]) == (1, "旧")


def test_what_changed_decides_the_kind(world: World) -> None:
    show(world, document(text="一"))
    show(world, document(version=2, text="二"))
    show(world, document(version=3, text="二", marks=["有异议"]))
    hide(world, "r_1", 4)
    show(world, document(version=5, text="二"))
    assert [kind for _, kind, _, _ in told(world)] == [
        "publish",
        "amend",
        "annotate",
        "withdraw",
        "publish",
    ]


def test_the_entry_commits_to_the_salted_document(world: World) -> None:
    show(world, document(text="内容"))
    shown = service.current_documents(world.platform, ["r_1"])["r_1"]
    (change,) = log(world)
    assert change.entry.salted_sha256 == salted_digest(shown.salt, json.loads(shown.content))


@R("R-21")
def test_a_withdrawn_document_leaves_neither_content_nor_salt(world: World) -> None:
    show(world, document(text="不再公开的内容"))
    before = service.current_documents(world.platform, ["r_1"])["r_1"]
    hide(world, "r_1", 2)
    assert service.current_documents(world.platform, ["r_1"]) == {}
    item = store.read_items(world.platform, ["r_1"])["r_1"]
    assert before.salt not in repr(item).encode() and "content" not in repr(item)
    assert [change.reason for change in log(world)] == ["", "withdrawn"]


def test_what_never_was_public_is_not_withdrawn_in_the_log(world: World) -> None:
    service.show(world.platform, document())
    hide(world, "r_1", 1, stand=True)
    assert told(world) == []
    show(world, document())
    assert told(world) == [], "the withdrawal stands against the same version"


def test_late_and_doubled_deliveries_change_nothing(world: World) -> None:
    show(world, document(version=2, text="新"))
    show(world, document(version=1, text="旧"))
    show(world, document(version=2, text="新"))
    hide(world, "r_1", 1)
    number(world, "r_1")
    assert told(world) == [(1, "publish", "r_1", 2)]


def test_a_write_that_is_made_again_still_asks_for_its_number(world: World) -> None:
    assert service.show(world.platform, document())
    assert service.show(world.platform, document()), "its message may never have been sent"
    number(world, "r_1")
    assert not service.show(world.platform, document())


def test_of_several_decisions_the_last_is_numbered(world: World) -> None:
    service.show(world.platform, document(text="一"))
    service.show(world.platform, document(version=2, text="二"))
    number(world, "r_1", "r_1")
    assert told(world) == [(1, "publish", "r_1", 2)]


def test_more_changes_than_a_batch_holds_stay_gap_free(world: World) -> None:
    names = [f"r_{number:03d}" for number in range(2 * store.BATCH + 5)]
    show(world, *(document(name) for name in names))
    assert [change.entry.seq for change in log(world)] == list(range(1, len(names) + 1))
    for after in (0, 1, store.BATCH - 1, store.BATCH, store.BATCH + 1, len(names) - 1, len(names)):
        found = service.changes_after(world.platform, after, 10)
        expected = list(range(after + 1, min(after + 10, len(names)) + 1))
        assert [change.entry.seq for change in found] == expected


def test_the_head_knows_the_root_of_its_tree(world: World) -> None:
    show(world, *(document(f"r_{number}") for number in range(7)))
    edge = RightEdge().append(change.entry.leaf() for change in log(world))
    assert store.read_head(world.platform).edge == edge


def test_of_two_sequencers_the_slower_reads_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one prepares its batch the other commits: another document, then the same one."""
    for name in ("r_1", "r_2", "r_3"):
        service.show(world.platform, document(name))
    real, rivals = store.append, [["r_2"], ["r_1"]]

    def overtaken(*arguments: object) -> object:
        if rivals:
            mine = rivals.pop()
            with monkeypatch.context() as calm:
                calm.setattr(store, "append", real)
                number(world, *mine)
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "append", overtaken)
    number(world, "r_1", "r_2", "r_3")
    assert [seq for seq, *_ in told(world)] == [1, 2, 3]
    assert sorted(name for _, _, name, _ in told(world)) == ["r_1", "r_2", "r_3"]


def test_a_document_that_changes_while_it_is_numbered_is_numbered_as_it_is_then(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.show(world.platform, document(text="一"))
    real, corrected = store.append, [document(version=2, text="二")]

    def overtaken(*arguments: object) -> object:
        if corrected:
            service.show(world.platform, corrected.pop())
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "append", overtaken)
    number(world, "r_1")
    assert told(world) == [(1, "publish", "r_1", 2)]


def test_one_that_cannot_be_numbered_holds_up_nobody(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = "r 5"  # no name an entry may have
    names = ["r_1", "r_2", "r_3", "r_4", bad, "r_6", "r_7", "r_8", "r_9"]
    for name in names:
        service.show(world.platform, document(name))
    number(world, *names)
    assert [name for _, _, name, _ in told(world)] == [name for name in names if name != bad]
    assert [seq for seq, *_ in told(world)] == list(range(1, 9))
    said = capsys.readouterr().out
    assert sequencer.UNNUMBERED in said and '"id":"r 5"' in said
    assert service.resend_waiting(world.platform, "2999-01-01T00:00:00.000Z") == 1


def test_changes_whose_message_got_lost_are_found(world: World) -> None:
    service.show(world.platform, document())
    assert service.resend_waiting(world.platform, "2000-01-01T00:00:00.000Z") == 0
    (waking,) = world.take(world.platform.sequencer_queue)
    assert waking["ids"] == [], "what is numbered may still have to be published"
    assert service.resend_waiting(world.platform, "2999-01-01T00:00:00.000Z") == 1
    (message,) = world.take(world.platform.sequencer_queue)
    assert message == {"job": "sequence", "ids": ["r_1"]}


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["show", "mark", "hide", "number"]),
        st.sampled_from(["r_1", "r_2", "r_3"]),
        st.integers(1, 4),
    ),
    max_size=25,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(STEPS)
def test_any_history_reads_back_as_it_stands(
    world: World, steps: list[tuple[str, str, int]]
) -> None:
    """Replaying the feed ends in what is shown: each document as its last entry left it."""
    empty_aws()
    for deed, name, version in steps:
        if deed == "number":
            number(world, name)
        elif deed == "hide":
            service.hide(world.platform, name, "record", version, "withdrawn", stand=True)
        else:
            marks = ["有异议"] if deed == "mark" else []
            service.show(world.platform, document(name, version, marks=marks))
    number(world, "r_1", "r_2", "r_3")
    last: dict[str, Change] = {}
    for position, change in enumerate(log(world), 1):
        assert change.entry.seq == position
        before = last.get(change.entry.id)
        was_shown = before is not None and before.entry.kind != "withdraw"
        assert (change.entry.kind == "publish") == (not was_shown)
        last[change.entry.id] = change
    shown = service.current_documents(world.platform, ["r_1", "r_2", "r_3"])
    alive = {name for name, change in last.items() if change.entry.kind != "withdraw"}
    assert set(shown) == alive
    for name, found in shown.items():
        entry = last[name].entry
        assert (found.seq, found.version) == (entry.seq, entry.version)
        assert salted_digest(found.salt, json.loads(found.content)) == entry.salted_sha256


def test_a_call_without_work_changes_nothing(world: World) -> None:
    show(world, document())
    assert sequencer.sequence(world.platform, ["r_1", "r_unknown"]).changes == 0
    assert service.head(world.platform).seq == 1
