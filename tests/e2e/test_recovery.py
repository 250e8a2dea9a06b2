"""What a killed worker and a lost message leave behind: nothing that does not heal."""

from __future__ import annotations

import csv
import io
import os
import signal
from typing import Any

import pytest

from tests.e2e.city import LICENCE, licence_file
from tests.e2e.client import Api, post_form, until
from tests.e2e.conftest import QUICK, Run

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("lost_record")]

ROWS, CELL_LENGTH = 800, 800
"""About 2.5 KB a row: eight chunks of some hundred rows."""
RESUME_SECONDS = 3 * int(QUICK["IntakeVisibilitySeconds"])


@pytest.mark.requirement("R-02")
def test_a_worker_killed_in_the_middle_of_a_file_resumes(run: Run, clerk: Api, office: Api) -> None:
    content, expected = licence_file(ROWS, CELL_LENGTH)
    wanted = {"type": LICENCE, "format": "csv", "file_name": "许可.csv"}
    upload = clerk.post("/v1/uploads", wanted).json
    path = f"/v1/uploads/{upload['upload_id']}"
    assert post_form(upload["form"], content).status == 204
    assert clerk.post(f"{path}/commit").status == 202

    def progress() -> Any:
        return clerk.get(path).json

    until(lambda: progress()["state"] == "processing", "the file is cut into chunks", 60)
    killed = until(lambda: run.workers("intake"), "a worker is at it")
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    halted = progress()
    assert halted["state"] == "processing" and halted["percent"] < 100, halted

    done = until(
        lambda: (found := progress())["state"] == "completed" and found,
        "the file is finished in spite of it",
        RESUME_SECONDS,
    )
    counts = {name: done[name] for name in ("accepted", "duplicate", "rejected")}
    assert counts == expected
    assert sum(counts.values()) == done["rows"] == ROWS
    assert not set(killed) & set(run.workers("intake"))

    assert len(_records_of(run, upload["upload_id"])) == counts["accepted"]
    link = clerk.get(f"{path}/errors")
    assert link.status == 303, link
    lines = list(csv.reader(io.StringIO(Api("").get(link.headers["Location"]).body.decode())))
    assert len({line[0] for line in lines[1:]}) == counts["rejected"]
    until(lambda: not _left_in_inbox(run, upload["upload_id"]), "the inbox is emptied")


def _left_in_inbox(run: Run, upload_id: str) -> list[Any]:
    """Versions and markers of an uploaded file."""
    bucket = run.physical()["InboxBucket"]
    told = run.client("s3").list_object_versions(Bucket=bucket, Prefix=f"uploads/{upload_id}")
    return [*told.get("Versions", []), *told.get("DeleteMarkers", [])]


def _records_of(run: Run, upload_id: str) -> set[str]:
    """Ids of the records that came with an upload, looked up behind the API."""
    pages = (
        run.client("dynamodb")
        .get_paginator("scan")
        .paginate(
            TableName=run.physical()["RecordsTable"],
            FilterExpression="sk = :current AND upload_id = :upload",
            ExpressionAttributeValues={":current": {"S": "-"}, ":upload": {"S": upload_id}},
        )
    )
    return {item["pk"]["S"] for page in pages for item in page["Items"]}


def test_the_public_sees_a_finished_file(run: Run, clerk: Api, public: Api) -> None:
    content, expected = licence_file(20, 1)
    wanted = {"type": LICENCE, "format": "csv", "file_name": "许可.csv"}
    upload = clerk.post("/v1/uploads", wanted).json
    assert post_form(upload["form"], content).status == 204
    path = f"/v1/uploads/{upload['upload_id']}"
    clerk.post(f"{path}/commit")
    until(lambda: clerk.get(path).json["state"] == "completed", "the file is finished", 60)
    ids = [pk.partition("#")[2] for pk in _records_of(run, upload["upload_id"])]
    assert len(ids) == expected["accepted"] > 0
    until(
        lambda: all(public.get(f"/public/v1/records/{one}").status == 200 for one in ids),
        "its records are public",
        180,  # behind the thousands of rows of the test before
    )
