"""Both rooms together: what intake finishes, disclosure shows; no builder stands between them."""

from __future__ import annotations

import pytest

from chalicelib.creditfile import service as files
from chalicelib.intake import splitting
from tests.disclosure.builders import drain, public_items, work
from tests.intake import town
from tests.support.world import World, make_world


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    """The city of the packs that ship."""
    world = make_world(aws)
    town.settle(world)
    return world


@pytest.mark.requirement("R-02")
@pytest.mark.parametrize("rows", [1, 9])
def test_every_accepted_row_of_a_finished_file_is_shown(
    world: World, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(splitting, "MIN_CHUNK_BYTES", 300)
    content = town.honour_csv([(number, "2026-05-20") for number in range(1, rows + 1)])
    upload = town.work_file(world, town.post_file(world, content))
    assert (upload.accepted, upload.chunks > 1) == (rows, rows > 1)

    # The end of the file alone: what was told of single rows came while it was still worked.
    key = f"UPLOAD#{upload.upload_id}"
    work(world, {"table": "intake", "key": key, "version": upload.version, "entity": "upload"})
    drain(world)

    accepted = {one.record_id for one in files.records_reported(world.platform, town.BUREAU)}
    assert len(accepted) == rows
    assert {f"DOCUMENT#{one}" for one in accepted} <= {item["pk"] for item in public_items(world)}
