"""Objects of the snapshots in the publication bucket; their keys are their public paths.

| object | key |
|---|---|
| what there is | public/v1/snapshots/index.json |
| files | public/v1/snapshots/files/<name> |
"""

from __future__ import annotations

from pathlib import Path

from chalicelib.aws.calls import Missing
from chalicelib.aws.platform import Platform
from chalicelib.kernel.errors import Unavailable
from chalicelib.replica.schema import SNAPSHOT_FILES, SNAPSHOT_INDEX
from chalicelib.snapshots.model import Snapshot, SnapshotFile
from chalicelib.snapshots.rules import CACHE_CONTROL, index_bytes, snapshot_from


def read_index(platform: Platform) -> tuple[Snapshot | None, str]:
    """The newest snapshot and the tag of the index; None and "" before the first."""
    try:
        content, tag = platform.publication.read_tagged(SNAPSHOT_INDEX)
    except Missing:
        return None, ""
    return snapshot_from(content), tag


def write_index(platform: Platform, snapshot: Snapshot, tag: str) -> str:
    """Let this be the newest, where the index is as it was read. Raises AlreadyExists if not."""
    return platform.publication.put_tagged(
        SNAPSHOT_INDEX,
        index_bytes(snapshot),
        tag,
        content_type="application/json",
        cache_control=CACHE_CONTROL,
    )


def put_file(platform: Platform, file: SnapshotFile, path: Path) -> None:
    """Store a file under its name, once. Raises Unavailable if another has it."""
    with path.open("rb") as body:
        there = platform.publication.put_file_once(
            SNAPSHOT_FILES + file.name,
            body,
            file.sha256,
            content_type=file.content_type,
            cache_control=CACHE_CONTROL,
        )
    if there != file.sha256:
        raise Unavailable("同一秒内已有另一份快照在生成，请稍后重试")


def fetch_file(platform: Platform, name: str, path: Path) -> None:
    """Bring a file here, block by block. Raises Missing."""
    with path.open("wb") as target:
        for block in platform.publication.stream(SNAPSHOT_FILES + name):
            target.write(block)


def file_names(platform: Platform) -> set[str]:
    """The names of all files there are, of whichever snapshot."""
    keys = platform.publication.keys(SNAPSHOT_FILES)
    return {key.removeprefix(SNAPSHOT_FILES) for key in keys}


def delete_file(platform: Platform, name: str) -> None:
    """Delete a file; one that is gone already is fine."""
    platform.publication.delete(SNAPSHOT_FILES + name)
