"""One preflight in a process of its own, job by job; what it took as JSON on standard output.

    python -m tests.bench.preflight_worker <workbook> <folder> <rows>

The table is in memory, objects are files in the folder: what grows is the platform's own.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from io import BytesIO
from pathlib import Path
from typing import Any

from botocore.response import StreamingBody

from chalicelib.aws import calls
from chalicelib.aws.attributes import to_attributes
from chalicelib.aws.platform import Platform
from chalicelib.creditfile.store import subject_item
from chalicelib.intake import filework, store
from chalicelib.intake.store import Upload
from chalicelib.kernel.ids import RandomIds
from chalicelib.kernel.keyring import new_keyring
from chalicelib.kernel.settings import Settings
from chalicelib.policy.service import pack_for
from tests.bench import licence_book, licence_file
from tests.bench.evaluation_memory import MemoryQueue
from tests.bench.memory_aws import RECORDS, FileTables
from tests.intake import town

ROWS_FILE = "rows.kept"
_ID = "p_bench"


class DiskObjects:
    """S3 as files of a folder; converted rows are kept when they are deleted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, key: str) -> Path:
        return self._folder / key.replace("/", "_")

    def put_object(self, Key: str, Body: Any, **_: Any) -> dict[str, Any]:
        with self._path(Key).open("wb") as file:
            if isinstance(Body, bytes):
                file.write(Body)
            else:
                while block := Body.read(1_048_576):
                    file.write(block)
        return {"VersionId": "v1"}

    def get_object(self, Key: str, Range: str = "", **_: Any) -> dict[str, Any]:
        file = self._path(Key).open("rb")
        if not Range:
            return {"Body": StreamingBody(file, self._path(Key).stat().st_size)}
        begin, end = (int(part) for part in Range.removeprefix("bytes=").split("-"))
        file.seek(begin)
        piece = file.read(end - begin + 1)
        file.close()
        return {"Body": StreamingBody(BytesIO(piece), len(piece)), "ContentRange": Range}

    def delete_object(self, Key: str, **_: Any) -> dict[str, Any]:
        if self._path(Key).exists():
            self._path(Key).rename(self._folder / ROWS_FILE)
        return {}


class Tables(FileTables):
    """The table, where an item is deleted, too."""

    def transact_write_items(self, TransactItems: list[Any], **more: Any) -> dict[str, Any]:
        kept = [entry for entry in TransactItems if "Delete" not in entry]
        return super().transact_write_items(kept, **more)


def upload_of(name: str, size: int) -> Upload:
    """The preflight as its beginning leaves it."""
    return Upload(
        upload_id=name, of_upload="u_bench", agency=town.BUREAU, agency_name="示例市综合执法局",
        jurisdiction=town.JURISDICTION, region=town.CITY, roles=("clerk",), client_id="clerk-1",
        type=licence_file.TYPE, format="xlsx", file_name="许可.xlsx", state="splitting", size=size,
        created_at="2026-06-15T04:00:00.000Z", committed_at="2026-06-15T04:00:00.000Z",
        received_at="2026-06-15T04:00:00.000Z", received_on=licence_book.TODAY.isoformat(),
        object_version="v1", pack=pack_for(town.JURISDICTION, licence_book.TODAY).version,
        columns=tuple(licence_book.columns()),
    )  # fmt: skip


def main() -> None:
    """Work the file named on the command line."""
    path, folder, rows = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    sys.stdout = open(os.devnull, "w", encoding="utf-8")
    platform = Platform(Settings(
        stage="bench", records_table=RECORDS, intake_table="intake", archive_bucket="archive",
        inbox_bucket="inbox", work_bucket="work", intake_queue="intake",
    ))  # fmt: skip
    platform.__dict__["keyring"] = new_keyring(RandomIds())
    known = {
        f"SUBJECT#{subject.subject_id}": to_attributes(subject_item(subject))
        for subject in licence_file.known_subjects(platform)
    }
    queue, upload = MemoryQueue("intake"), upload_of(_ID, path.stat().st_size)
    clients: Any = {"dynamodb": Tables(known), "s3": DiskObjects(folder), "sqs": queue}
    calls._clients.update(clients)
    (folder / upload.object_key.replace("/", "_")).hardlink_to(path)
    for write in store.preflight_writes(platform, upload, 0):
        platform.intake.put(write.item)  # type: ignore[union-attr]
    begun = time.process_time()
    queue.bodies.append(json.dumps({"job": "split", "upload_id": _ID}))
    while queue.bodies:
        filework.do_job(platform, json.loads(queue.bodies.popleft()))
    spent = time.process_time() - begun
    done = store.load_upload(platform, _ID)
    assert done.state == "completed", done.problems
    assert done.summary["rejected"] == licence_book.bad_rows(rows), done.summary
    assert done.summary["rows"] == rows == done.summary["rejected"] + done.summary["accepted"]
    answers.write(json.dumps({"processor": spent, "peak": _peak()}))
    answers.close()


def _peak() -> int:
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
