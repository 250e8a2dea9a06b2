"""Peak memory of the packaged intake function over one large CSV: split, every chunk, finish.

One warm worker does all the work, so that anything it kept from row to row would show. S3, SQS and
KMS answer over HTTP (see `tiny_aws`); only the table is stubbed. The floor is what the same worker
had at its highest after the first tenth of the rows.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

from chalicelib.aws.attributes import to_attributes
from chalicelib.aws.platform import Platform
from chalicelib.creditfile.store import subject_item
from chalicelib.intake.store import Upload, new_upload_put
from chalicelib.kernel.clock import civil_date, instant_text
from chalicelib.kernel.ids import RandomIds
from chalicelib.kernel.keyring import Keyring, new_keyring
from chalicelib.kernel.settings import Settings
from chalicelib.policy.service import pack_for
from infra.building.artifact import build
from infra.building.lock import ROOT
from infra.local.state import CACHE
from tests.bench import licence_file
from tests.bench.model import Row
from tests.bench.setting import fake_credentials, packs, say
from tests.bench.tiny_aws import VERSION, TinyAws, serving, write_object
from tests.intake import town

ROWS, BAD_ROWS = 1_000_000, 150_000
TARGET_MIB, FLAT = 256, 1.25
"""Flat: Python's collector lets garbage in cycles (botocore makes some with every call) grow by a
quarter of what lives before it looks again, and the last job, which reads every result, makes much.
More than that is growth: 25 bytes kept of every row would show."""
_UPLOAD = "u_bench"
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes at their highest: after a tenth of the rows, and after everything."""

    early: int
    peak: int


def run(rows: int = ROWS, bad_rows: int = BAD_ROWS, code: Path | None = None) -> list[Row]:
    """The rows of this benchmark. `code`: the function's code (otherwise it is packaged)."""
    with packs() as policies, tempfile.TemporaryDirectory() as folder:
        code = code or _unzipped(Path(folder) / "code")
        ordinary = _work(Path(folder), code, policies, rows, licence_file.BAD_EVERY)
        refused = _work(Path(folder), code, policies, bad_rows, 1)
    return [
        _row(f"memory: packaged intake over a CSV of {rows:,} rows", ordinary),
        _row(f"memory: the same, {bad_rows:,} rows, each refused", refused),
    ]


def _row(name: str, memory: Memory) -> Row:
    is_met = memory.peak <= TARGET_MIB * _MIB and memory.peak <= FLAT * memory.early
    return Row(
        name=name,
        measured=round(memory.peak / _MIB, 1),
        floor=round(memory.early / _MIB, 1),
        unit="MiB",
        target=f"<= {TARGET_MIB}; ratio <= {FLAT}",
        ok=is_met,
    )


def _unzipped(folder: Path) -> Path:
    say("memory: packaging the functions")
    artifact = build(folder / "artifact", "local", CACHE)
    with zipfile.ZipFile(artifact.code) as archive:
        archive.extractall(folder / "unzipped")
    return folder / "unzipped"


def _work(folder: Path, code: Path, policies: Path, rows: int, bad_every: int) -> Memory:
    objects = Path(tempfile.mkdtemp(dir=folder))
    keyring = new_keyring(RandomIds())
    with serving(objects, keyring.to_bytes()) as server:
        say(f"memory: writing a file of {rows:,} rows")
        upload = _post(server, rows, bad_every)
        setup = objects / "setup.json"
        setup.write_text(json.dumps(_setup(keyring, upload)), encoding="utf-8")
        with _worker(setup, code, policies, server.endpoint) as worker:
            memory = _work_all(worker, server.queue, rows, code)
        refused = licence_file.bad_rows(rows, bad_every)
        errors = server.path_of(f"work/uploads/{_UPLOAD}/errors.csv").read_bytes()
        assert errors.count(b"\n") == 1 + refused
        assert not server.path_of(f"inbox/{upload.object_key}").exists()
    return memory


def _post(server: TinyAws, rows: int, bad_every: int) -> Upload:
    now = Platform(Settings(stage="bench")).clock() - timedelta(minutes=1)
    today, path = civil_date(now), server.folder / "file.csv"
    with path.open("wb") as file:
        file.writelines(licence_file.lines(rows, today, bad_every=bad_every))
    upload = Upload(
        upload_id=_UPLOAD, agency=town.BUREAU, agency_name="示例市综合执法局",
        jurisdiction=town.JURISDICTION, region=town.CITY, roles=("clerk",), client_id="clerk-1",
        type=licence_file.TYPE, format="csv", file_name="许可.csv", created_at=instant_text(now),
        state="splitting", size=path.stat().st_size, object_version=VERSION,
        received_at=instant_text(now), received_on=today.isoformat(),
        pack=pack_for(town.JURISDICTION, today).version,
    )  # fmt: skip
    write_object(server, f"inbox/{upload.object_key}", path)
    return upload


def _setup(keyring: Keyring, upload: Upload) -> dict[str, Any]:
    """What the worker's table holds."""
    platform = Platform(Settings(stage="bench"))
    platform.__dict__["keyring"] = keyring
    known = {
        f"SUBJECT#{subject.subject_id}": to_attributes(subject_item(subject))
        for subject in licence_file.known_subjects(platform)
    }
    sealed = {"B": base64.b64encode(b"sealed").decode()}
    return {
        "known": known,
        "keyring": {"pk": {"S": "KEYRING"}, "sk": {"S": "-"}, "sealed": sealed},
        "upload": to_attributes(new_upload_put(platform, upload).item),
    }


@contextmanager
def _worker(
    setup: Path, code: Path, policies: Path, endpoint: str
) -> Iterator[subprocess.Popen[str]]:
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        **{name: value for name, value in fake_credentials(endpoint).items() if value},
        "STAGE": "bench", "SEALING_KEY_ID": "k", "RECORDS_TABLE": "records",
        "INTAKE_TABLE": "intake", "KEYS_TABLE": "keys", "ARCHIVE_BUCKET": "archive",
        "INBOX_BUCKET": "inbox", "WORK_BUCKET": "work", "INTAKE_QUEUE": f"{endpoint}/queue/intake",
        "ACCOUNTS_QUEUE": f"{endpoint}/queue/accounts",
        "POLICY_DIR": str(policies), "PYTHONPATH": f"{code}{os.pathsep}{ROOT}",
        "POWERTOOLS_SERVICE_NAME": "govcredit", "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    command = [sys.executable, "-m", "tests.bench.file_worker", str(setup)]
    process = subprocess.Popen(
        command, cwd=setup.parent, env=environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        _pipe(process.stdin).close()
        process.wait(60)
        _pipe(process.stdout).close()


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


def _work_all(worker: subprocess.Popen[str], queue: deque[str], rows: int, code: Path) -> Memory:
    """Give the worker every message of the queue, one an invocation."""
    queue.append(json.dumps({"job": "split", "upload_id": _UPLOAD}))
    early, done, told = 0, 0, 0
    said: dict[str, Any] = {}
    while queue:
        message = queue.popleft()
        event = {"Records": [{"messageId": "m", "body": message}]}
        _pipe(worker.stdin).write(json.dumps(event) + "\n")
        _pipe(worker.stdin).flush()
        said = json.loads(_pipe(worker.stdout).readline())
        assert said["failed"] == [] and Path(said["code"]).is_relative_to(code), said
        job = json.loads(message)
        done += job["chunk"][-1] if job["job"] == "chunk" else 0
        if not early and done >= rows / 10:
            early = said["peak"]
        if done >= told + rows / 5:
            told = done
            say(f"memory: {done:,} rows, {said['resident'] / _MIB:.0f} MiB")
    all_rows, accepted, refused = said["counts"]
    assert said["state"] == "completed" and all_rows == rows == accepted + refused, said
    assert said["written"] == accepted
    return Memory(early, said["peak"])
