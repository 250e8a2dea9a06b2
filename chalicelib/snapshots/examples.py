"""The example of the open data list in the API document: one snapshot of a made-up city."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from chalicelib.snapshots.model import FORMATS, Format, Snapshot, SnapshotFile
from chalicelib.snapshots.rules import file_name
from chalicelib.snapshots.rules_columns import form_of
from chalicelib.snapshots.rules_views import snapshots_view

_SEQ: Final = 128
_BUILT_AT: Final = "2026-06-15T16:10:00.000Z"
_SIZES: Final[dict[Format, tuple[int, int]]] = {
    "sqlite": (1_048_576, 96),
    "jsonl": (215_040, 96),
    "csv": (61_952, 80),
    "parquet": (24_576, 80),
}


def _file(form: Format) -> SnapshotFile:
    size, rows = _SIZES[form]
    name = file_name(_SEQ, _BUILT_AT, form)
    sha256 = hashlib.sha256(name.encode()).hexdigest()
    return SnapshotFile(form, name, size, sha256, rows, form_of(form).content_type)


SNAPSHOTS: Final[dict[str, Any]] = snapshots_view(
    Snapshot(
        seq=_SEQ,
        built_at=_BUILT_AT,
        expires_at="2026-06-16T18:00:00.000Z",
        next_end="",
        documents=96,
        files=tuple(_file(form) for form in FORMATS),
    )
).model_dump(mode="json")
