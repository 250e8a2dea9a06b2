"""A website mirrors the running platform: by public HTTP alone, killed at random, and exact."""

from __future__ import annotations

from pathlib import Path

import pytest

from chalicelib.aws.platform import Platform
from chalicelib.kernel.settings import read_settings
from chalicelib.replica import building, service
from tests.bench.setting import environment
from tests.e2e.city import licence
from tests.e2e.client import Api, until
from tests.e2e.conftest import Run
from tests.e2e.mirror import Mirror, now
from tests.e2e.mirroring import Killed, mirror

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("lost_record", "office")]


def platform_digest(run: Run, instant: str) -> tuple[int, str]:
    """The platform's own replica, made anew behind the API: its change and its digest."""
    names = run.physical()
    given = {
        "AWS_ENDPOINT_URL": str(run.ready["aws_endpoint"]),
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": run.state.root_secret(),
        "AWS_SESSION_TOKEN": "",
        "AWS_DEFAULT_REGION": "cn-north-1",
        "AWS_REGION": "cn-north-1",
    }
    tables = {
        "PUBLIC_TABLE": names["PublicTable"],
        "PUBLICATION_BUCKET": names["PublicationBucket"],
        "STAGE": "test",
    }
    with environment(**given):
        reading = service.open_replica(Platform(read_settings(tables)))
        found = reading.seq, building.digest(reading.connection, instant)
        service.forget()
    return found


def submitted(run: Run, clerk: Api, count: int) -> list[str]:
    """The ids of new records, each a licence of its own."""
    replies = [clerk.post("/v1/records", licence(run.agency())) for _ in range(count)]
    return [str(reply.json["record_id"]) for reply in replies]


def shown(public: Api, ids: list[str]) -> int:
    """Wait until all of them are public and signed for; the size of the log then."""
    for record_id in ids:
        public.once(f"/public/v1/records/{record_id}", 200, 60)
    return signed(public)


def signed(public: Api) -> int:
    """Wait until the checkpoint is at the head of the feed; its size."""

    def look() -> int | None:
        head = int(public.get("/public/v1/freshness").json["head"])
        size = int(public.get("/public/v1/log/checkpoint").body.split(b"\n")[1])
        return size if size == head else None

    return until(look, "the checkpoint is at the head")


def equal_to_the_platform(run: Run, public: Api, *mirrors: Mirror) -> bool | None:
    """Whether all show just what the platform shows, at one change and one instant."""
    instant = now()
    seq, digest = platform_digest(run, instant)
    for one in mirrors:
        one.catch_up()
    if any(one.seq != seq for one in mirrors):
        return None  # others of this run have published meanwhile
    assert [one.digest(instant) for one in mirrors] == [digest] * len(mirrors)
    return True


@pytest.mark.requirement("R-21")
def test_mirrors_end_as_the_platform_is(
    run: Run, clerk: Api, office: Api, public: Api, tmp_path: Path
) -> None:
    first = submitted(run, clerk, 6)
    shown(public, first)
    assert office.post("/v1/snapshots").status == 202
    built = until(lambda: public.get("/public/v1/snapshots").json["items"], "a snapshot")
    steady = mirror(public, tmp_path / "steady.db")
    steady.step()
    assert steady.seq >= built[0]["seq"] > 0
    killed = Killed(public, tmp_path / "killed.db", seed=5)
    early = killed.until(steady.catch_up(), kills=2)

    later = submitted(run, clerk, 6)
    shown(public, later)
    for gone in (first[0], later[0]):
        reply = clerk.post(f"/v1/records/{gone}/withdrawal", {"reason": "重复报送"}, If_Match='"1"')
        assert reply.status == 200, reply
        public.once(f"/public/v1/records/{gone}", 410)
    early += killed.until(signed(public), kills=3)
    assert early, "it was never killed before its end"

    revived = mirror(public, tmp_path / "killed.db")
    until(lambda: equal_to_the_platform(run, public, steady, revived), "nothing new comes", 60)
    for one in (steady, revived):
        assert {first[0], later[0]} <= set(one.withdrawn())
        assert {*first[1:], *later[1:]} <= set(one.ids())
        one.close()
