"""Snapshots as the public is told of them. Pure."""

from __future__ import annotations

from typing import Final

from chalicelib.replica.schema import SNAPSHOT_FILES
from chalicelib.snapshots.model import (
    Snapshot,
    SnapshotFile,
    SnapshotFileView,
    SnapshotsView,
    SnapshotView,
)
from chalicelib.snapshots.rules_columns import VERIFY, form_of, format_views

FOLDER: Final = f"/{SNAPSHOT_FILES}"


def snapshots_view(snapshot: Snapshot | None) -> SnapshotsView:
    """What there is to take away and how it is read."""
    items = () if snapshot is None else (snapshot_view(snapshot),)
    return SnapshotsView(items=items, formats=format_views(), verify=VERIFY)


def snapshot_view(snapshot: Snapshot) -> SnapshotView:
    """One snapshot with the addresses of its files and of what came after."""
    return SnapshotView(
        seq=snapshot.seq,
        built_at=snapshot.built_at,
        expires_at=snapshot.expires_at,
        documents=snapshot.documents,
        changes=f"/public/v1/changes?after={snapshot.seq}",
        files=tuple(_file_view(file) for file in snapshot.files),
    )


def _file_view(file: SnapshotFile) -> SnapshotFileView:
    return SnapshotFileView(
        format=file.format,
        title=form_of(file.format).title,
        name=file.name,
        url=FOLDER + file.name,
        content_type=file.content_type,
        size=file.size,
        sha256=file.sha256,
        rows=file.rows,
    )
