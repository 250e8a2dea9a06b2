"""Items of evidence in the records table.

| item | pk | sk | read by |
|---|---|---|---|
| evidence | EVIDENCE#<record_id> | <evidence_id> | record and id; record (all of it) |
"""

from __future__ import annotations

from typing import Any, cast

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import ABSENT, Key, Put, version_is
from chalicelib.evidence.model import Evidence
from chalicelib.kernel.errors import NotFound

_TEXTS = (
    "record_id",
    "evidence_id",
    "title",
    "created_at",
    "submitted_by",
    "state",
    "object_version",
    "media_type",
    "sha256",
    "stored_sha256",
    "archive_key",
    "archive_version",
    "received_at",
)


def _from(item: Item) -> Evidence:
    body = cast(dict[str, Any], item)
    values: dict[str, Any] = {name: body[name] for name in _TEXTS}
    return Evidence(
        **values, sealed=body["is_sealed"], version=body["version"], size=body["size"]
    )


def put_of(platform: Platform, evidence: Evidence, before: Evidence | None) -> Put:
    """The write that brings evidence from `before` (None: nothing) to what it is now, once."""
    item: Item = {name: getattr(evidence, name) for name in _TEXTS}
    item |= {
        "pk": f"EVIDENCE#{evidence.record_id}",
        "sk": evidence.evidence_id,
        "is_sealed": evidence.sealed,
        "version": evidence.version,
        "size": evidence.size,
    }
    condition = ABSENT if before is None else version_is(before.version)
    return Put(platform.records.name, item, condition)


def place_of(platform: Platform, holder: str, evidence_id: str) -> Key:
    """Where a file of evidence lies; `holder` is a record, or whoever handed in a paper."""
    return platform.records.key(f"EVIDENCE#{holder}", evidence_id)


def load(platform: Platform, record_id: str, evidence_id: str) -> Evidence:
    """One file of evidence of a record. Raises NotFound."""
    item = platform.records.get(f"EVIDENCE#{record_id}", evidence_id)
    if item is None:
        raise NotFound("没有这份佐证材料")
    return _from(item)


def load_all(platform: Platform, record_id: str) -> list[Evidence]:
    """All evidence of a record, the oldest first."""
    found = [_from(item) for item in platform.records.each(f"EVIDENCE#{record_id}")]
    return sorted(found, key=lambda one: (one.created_at, one.evidence_id))
