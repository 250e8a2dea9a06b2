"""The SQLite file of a snapshot in Datasette, as anybody would serve it."""

from __future__ import annotations

import asyncio
import json
import warnings
from pathlib import Path
from typing import Any

import httpx
import pytest

from chalicelib.replica.schema import TABLES
from tests.snapshots.test_exports import PLANT, finished, world

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it imports what its own dependencies call deprecated
    from datasette.app import Datasette


@pytest.mark.requirement("R-21")
def test_the_file_opens_in_datasette_as_it_is(tmp_path: Path) -> None:
    """A table page, a row as JSON, and full-text search, in Datasette itself."""
    path = finished(world(), tmp_path)
    header = path.read_bytes()[:20]
    assert header[18:20] == b"\x01\x01", "no write-ahead log that a reader would need beside it"

    async def ask() -> None:
        site = Datasette([str(path)])
        await site.invoke_startup()
        door = httpx.ASGITransport(app=site.app())
        async with httpx.AsyncClient(transport=door, base_url="http://datasette") as client:

            async def rows(path: str, **asked: str) -> list[dict[str, Any]]:
                answer = await client.get(f"{path}.json", params={"_shape": "objects", **asked})
                assert answer.status_code == 200
                found: list[dict[str, Any]] = answer.json()["rows"]
                return found

            for table in (*TABLES.values(), "tombstones", "meta"):
                assert (await client.get(f"/world/{table}")).status_code == 200, table
            assert PLANT in (await client.get("/world/records")).text
            (row,) = await rows("/world/records", id="r_1")
            assert json.loads(row["document"])["id"] == "r_1"
            assert await rows(f"/world/records/{row['number']}") == [row]
            for words, ids in (("污水", ["r_1"]), ("污水 水处", ["r_1"]), ("撤回", [])):
                found = await rows("/world/records", _search=words)
                assert [one["id"] for one in found] == ids, words

    asyncio.run(ask())
