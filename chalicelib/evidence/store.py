"""Items of evidence in the records table.

| item | pk | sk | read by |
|---|---|---|---|
| evidence | EVIDENCE#<holder> | <evidence_id> | holder and id; holder; by_listing (papers only) |

The holder is a record, or `papers:` and whoever handed the paper in. Papers are listed by holder
and what they are about.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import ABSENT, Key, Put, version_is
from chalicelib.evidence.model import PAPERS, Evidence
from chalicelib.kernel.errors import NotFound

_TEXTS = (
    "holder",
    "evidence_id",
    "about",
    "subject_id",
    "jurisdiction",
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


def evidence_from(item: Item) -> Evidence:
    """The evidence an item holds."""
    body = cast(dict[str, Any], item)
    values: dict[str, Any] = {name: body[name] for name in _TEXTS}
    return Evidence(**values, sealed=body["is_sealed"], version=body["version"], size=body["size"])


def put_of(platform: Platform, evidence: Evidence, before: Evidence | None) -> Put:
    """The write that brings evidence from `before` (None: nothing) to what it is now, once."""
    item: Item = {name: getattr(evidence, name) for name in _TEXTS}
    item |= {
        "pk": f"EVIDENCE#{evidence.holder}",
        "sk": evidence.evidence_id,
        "is_sealed": evidence.sealed,
        "version": evidence.version,
        "size": evidence.size,
    }
    if evidence.holder.startswith(PAPERS):
        item["listing"] = evidence.holder
        item["position"] = f"{evidence.about}#{evidence.created_at}#{evidence.evidence_id}"
    condition = ABSENT if before is None else version_is(before.version)
    return Put(platform.records.name, item, condition)


def place_of(platform: Platform, holder: str, evidence_id: str) -> Key:
    """Where a file of evidence lies."""
    return platform.records.key(f"EVIDENCE#{holder}", evidence_id)


def load(platform: Platform, holder: str, evidence_id: str) -> Evidence:
    """One file of evidence of a holder. Raises NotFound."""
    item = platform.records.get(f"EVIDENCE#{holder}", evidence_id)
    if item is None:
        raise NotFound("没有这份佐证材料")
    return evidence_from(item)


def load_all(platform: Platform, record_id: str) -> list[Evidence]:
    """All evidence of a record, the oldest first."""
    found = [evidence_from(item) for item in platform.records.each(f"EVIDENCE#{record_id}")]
    return sorted(found, key=lambda one: (one.created_at, one.evidence_id))


def papers_about(platform: Platform, holder: str, about: str) -> Iterator[Evidence]:
    """The papers of a holder about one matter, the oldest first."""
    for item in platform.records.each_in_index(
        "by_listing", holder, between=(f"{about}#", f"{about}#~")
    ):
        yield evidence_from(item)


def page_of_papers(
    platform: Platform, holder: str, about: str, limit: int, start: Item | None
) -> tuple[list[Evidence], Item | None]:
    """The papers of a holder (about one matter if given) by what they are about, the latest
    first."""
    prefix = f"{about}#" if about else None
    page = platform.records.query_index(
        "by_listing", holder, prefix=prefix, descending=True, limit=limit, start=start
    )
    return [evidence_from(item) for item in page.items], page.next_start
