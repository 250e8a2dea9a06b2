"""A mirror of the made-up city: exact however it came about, and not to be lied to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chalicelib.replica import building
from chalicelib.replica.service import look_again, open_replica
from chalicelib.tlog.model import Unproven
from tests.browser.city import BREACH, ENDED, GONE
from tests.browser.site import Site
from tests.e2e.client import Api
from tests.e2e.mirror import Mirror, Refused
from tests.e2e.mirroring import Killed, mirror

NOON = "2026-06-15T04:00:00.000Z"


def of_the_platform(site: Site) -> tuple[int, str]:
    """The platform's own digest, and the change at which it is."""
    look_again()
    reading = open_replica(site.platform)
    return reading.seq, building.digest(reading.connection, NOON)


@pytest.fixture
def public(site: Site) -> Api:
    return Api(site.base_url)


@pytest.mark.requirement("R-21")
def test_snapshot_and_feed_together_are_the_feed_alone(
    site: Site, public: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seq, digest = of_the_platform(site)
    short = mirror(public, tmp_path / "short.db", NOON)
    assert short.step() and 0 < short.seq < seq, "it begins with a snapshot"
    assert GONE in short.ids()
    assert short.catch_up() == seq
    monkeypatch.setattr(Mirror, "_newest_snapshot", lambda self: None)
    long = mirror(public, tmp_path / "long.db", NOON)
    assert long.catch_up() == seq
    assert short.digest(NOON) == long.digest(NOON) == digest
    assert short.withdrawn() == long.withdrawn() == [GONE]
    assert BREACH in short.ids() and not {GONE, ENDED} & set(short.ids())
    short.close()
    long.close()


@pytest.mark.requirement("R-21")
def test_killed_at_any_point_it_ends_the_same(site: Site, public: Api, tmp_path: Path) -> None:
    seq, digest = of_the_platform(site)
    early = Killed(public, tmp_path / "killed.db", seed=20).until(seq, kills=5)
    assert early, "it was never killed before its end"
    found = mirror(public, tmp_path / "killed.db", NOON)
    assert (found.seq, found.digest(NOON)) == (seq, digest)
    found.close()


def test_what_ends_is_forgotten_at_that_instant(public: Api, tmp_path: Path) -> None:
    found = mirror(public, tmp_path / "later.db", NOON)
    found.catch_up()
    before = found.ids()
    found.clock = lambda: "2027-04-20T15:59:59.999Z"
    assert BREACH in found.ids()
    found.clock = lambda: "2027-04-20T16:00:00.000Z"
    found.step()
    assert BREACH not in found.ids() and len(found.ids()) < len(before)
    found.close()


@pytest.mark.parametrize("member", ["document", "salt", "version", "salted_sha256"])
def test_a_change_that_is_not_in_the_log_is_refused_and_leaves_nothing(
    public: Api, tmp_path: Path, member: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Mirror, "_newest_snapshot", lambda self: None)
    honest = Mirror._json

    def lying(self: Mirror, path: str) -> Any:
        page = honest(self, path)
        entry = page["items"][3]
        changed = {"document": {"name": "别的单位"}, "salt": "00" * 16, "version": 7}
        entry[member] = changed.get(member, "ab" * 32)
        return page

    found = mirror(public, tmp_path / "lied.db", NOON)
    found.step()
    monkeypatch.setattr(Mirror, "_json", lying)
    with pytest.raises(Unproven):
        found.step()
    assert found.seq == 0 and found.ids() == []
    monkeypatch.setattr(Mirror, "_json", honest)
    assert found.catch_up() > 90
    found.close()


def test_a_file_that_is_not_the_snapshot_is_refused(
    public: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = Mirror._newest_snapshot

    def other(self: Mirror) -> Any:
        return {**(honest(self) or {}), "sha256": "0" * 64}

    monkeypatch.setattr(Mirror, "_newest_snapshot", other)
    found = mirror(public, tmp_path / "other.db", NOON)
    with pytest.raises(Refused):
        found.step()
    assert found.seq == 0 and found.ids() == []
    found.close()
