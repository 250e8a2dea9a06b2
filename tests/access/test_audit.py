"""The audit trail: complete, in order, and tampering shows."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.access import audit
from chalicelib.access.model import TrailFlaw
from chalicelib.access.service import authenticate
from chalicelib.aws.attributes import Item
from chalicelib.aws.calls import observed
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import Delete, Put, commit
from chalicelib.kernel.errors import Invalid, Unavailable
from chalicelib.web.model import Caller
from tests.access.build import Issuer, Time
from tests.support.faults import Recorder

pytestmark = pytest.mark.requirement("R-26")

TRAIL = "nanjing"


@pytest.fixture
def reader(platform: Platform, issuer: Issuer) -> Caller:
    return authenticate(platform, issuer.token("personnel-1"))


@pytest.fixture
def five(platform: Platform, reader: Caller, time: Time) -> None:
    for number in range(5):
        audit.record_read(platform, reader, f"sub_{number % 2}", "晋升", f"批〔{number}〕号")
        time.pass_(1)


def item(platform: Platform, seq: int) -> Item:
    found = platform.audit.get(f"TRAIL#{TRAIL}", f"{seq:012d}")
    assert found is not None
    return found


def flaws(platform: Platform) -> set[tuple[int, TrailFlaw]]:
    return set(audit.verify_trail(platform, TRAIL).flaws)


@pytest.mark.usefixtures("five")
def test_an_untouched_trail_is_intact(platform: Platform) -> None:
    report = audit.verify_trail(platform, TRAIL)
    assert report.is_intact and (report.first, report.last) == (1, 5)
    later = audit.verify_trail(platform, TRAIL, 4)
    assert later.is_intact and (later.first, later.last) == (4, 5)
    assert audit.verify_trail(platform, "nobody").last == 0


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize(
    "changed", [{"purpose": "无"}, {"client_id": "x"}, {"at": "2020"}], ids=str
)
def test_an_altered_entry_shows(platform: Platform, changed: dict[str, Any]) -> None:
    commit([Put(platform.audit.name, {**item(platform, 3), **changed})])
    assert (3, TrailFlaw.ALTERED) in flaws(platform)


@pytest.mark.usefixtures("five")
def test_a_removed_entry_shows(platform: Platform) -> None:
    commit([Delete(platform.audit.key(f"TRAIL#{TRAIL}", f"{2:012d}"))])
    assert (2, TrailFlaw.MISSING) in flaws(platform)


@pytest.mark.usefixtures("five")
def test_closing_the_gap_behind_a_removed_entry_shows(platform: Platform) -> None:
    for seq in (3, 4, 5):  # move everything down by one, over entry 2
        commit(
            [
                Put(
                    platform.audit.name,
                    {**item(platform, seq), "sk": f"{seq - 1:012d}", "seq": seq - 1},
                )
            ]
        )
    commit([Delete(platform.audit.key(f"TRAIL#{TRAIL}", f"{5:012d}"))])
    assert {(2, TrailFlaw.ALTERED), (2, TrailFlaw.BROKEN_LINK)} <= flaws(platform)


@pytest.mark.usefixtures("five")
def test_a_removed_or_altered_copy_shows(platform: Platform) -> None:
    copies = audit.list_readers(platform, "sub_0", 10, None).items
    assert len(copies) == 3
    commit([Delete(platform.audit.key(str(copies[0]["pk"]), str(copies[0]["sk"])))])
    commit([Put(platform.audit.name, {**copies[1], "purpose": "好意"})])
    assert flaws(platform) == {(5, TrailFlaw.COPY_DIFFERS), (3, TrailFlaw.COPY_DIFFERS)}


@pytest.mark.usefixtures("five")
def test_the_lists_are_newest_first_and_paged(platform: Platform, reader: Caller) -> None:
    first = audit.list_trail(platform, TRAIL, 3, None)
    rest = audit.list_trail(platform, TRAIL, 3, first.next_start)
    assert [entry["seq"] for entry in (*first.items, *rest.items)] == [5, 4, 3, 2, 1]
    mine = audit.list_by_client(platform, reader.client_id, 10, None).items
    assert [entry["seq"] for entry in mine] == [5, 4, 3, 2, 1]
    seen = audit.list_readers(platform, "sub_1", 10, None).items
    assert [entry["seq"] for entry in seen] == [4, 2]


def test_a_slower_writer_links_to_the_faster_ones_entry(
    platform: Platform, reader: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine, raced = audit._head, []

    def late(platform: Platform, partition: str) -> Any:
        head = genuine(platform, partition)
        if not raced:
            raced.append(True)
            audit.record_read(platform, reader, "sub_2", "考核", "")
        return head

    monkeypatch.setattr(audit, "_head", late)
    entry = audit.record_read(platform, reader, "sub_1", "晋升", "")
    assert entry.seq == 2
    assert audit.verify_trail(platform, TRAIL).is_intact


def test_no_purpose_no_reading(platform: Platform, reader: Caller) -> None:
    for purpose, approval in (("", ""), ("x" * 201, ""), ("晋升", "x" * 201)):
        with pytest.raises(Invalid):
            audit.record_read(platform, reader, "sub_1", purpose, approval)
    assert audit.verify_trail(platform, TRAIL).last == 0


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("index", [0, 1])
def test_a_failing_call_neither_loses_nor_doubles_an_entry(
    platform: Platform, reader: Caller, index: int, when: Any
) -> None:
    assert platform.keyring  # opened before: its own failure is another matter
    recorder = Recorder(index, when)
    with observed(recorder):
        for _ in range(2):
            try:
                audit.record_read(platform, reader, "sub_1", "晋升", "")
            except Unavailable:
                continue
            break
    assert recorder.struck
    report = audit.verify_trail(platform, TRAIL)
    assert report.is_intact and report.last == 1


def test_persons_shown_together_are_noted_together_and_each_sees_its_own_copy(
    platform: Platform, reader: Caller
) -> None:
    people = [f"sub_{number}" for number in range(120)]
    audit.record_reads(platform, reader, people, "晋升", "批〔1〕号")
    trail = audit.list_trail(platform, TRAIL, 500, None).items
    assert len(trail) == 2
    named = [one for item in trail for one in audit.subjects_of(audit.entry_from(item))]
    assert sorted(named) == sorted(people)
    (copy,) = audit.list_readers(platform, "sub_119", 10, None).items
    assert (copy["subject_id"], copy["approval"]) == ("sub_119", "批〔1〕号")
    assert audit.verify_trail(platform, TRAIL).is_intact
