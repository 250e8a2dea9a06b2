"""Read compiled packs: lazily, once per worker, without a YAML library.

Compiled JSON comes from `compiled/` beside this module, or from the folder in POLICY_DIR. Nothing
is read at import. `forget` empties the cache (tests that compile other packs).
"""

from __future__ import annotations

import json
import os
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from chalicelib.kernel.errors import Fault, Invalid, Misconfigured, NotFound
from chalicelib.policy.base import BASE as BASE
from chalicelib.policy.base import Frozen, LegalBasis
from chalicelib.policy.explain import explain
from chalicelib.policy.loading import pack_from
from chalicelib.policy.model import Category, Pack, RecordType
from chalicelib.policy.rules_schemes import check_scheme
from chalicelib.policy.scheme import Scheme

_PACKAGED = str(Path(__file__).parent / "compiled")


@dataclass(frozen=True, slots=True)
class Index:
    """`index.json`: the versions of each jurisdiction, and whose pack holds for which region."""

    versions: Mapping[str, tuple[str, ...]]
    regions: Mapping[str, str]


class Catalog(Frozen):
    """归集目录 as published: what is collected here, by whom, about whom and how it is shown."""

    jurisdiction: str
    title: str
    version: str
    effective_from: date
    digest: str
    document: LegalBasis
    categories: tuple[Category, ...]
    types: tuple[RecordType, ...]


def pack_for(jurisdiction: str, on: date) -> Pack:
    """The version in force on `on` (pass the day of receipt, not of an old decision).

    Raises NotFound for an unknown jurisdiction or a day before its first version.
    """
    return _pack_for(_folder(), jurisdiction, on)


def pack_version(jurisdiction: str, version: str) -> Pack:
    """The version a record or run was pinned to. Raises NotFound if it was never compiled."""
    return _pack(_folder(), jurisdiction, version)


def versions_of(jurisdiction: str) -> tuple[str, ...]:
    """Every version of a jurisdiction, oldest first. Raises NotFound for an unknown one."""
    return _versions(_folder(), jurisdiction)


def jurisdictions() -> tuple[str, ...]:
    """Every jurisdiction that has a pack, the national base included."""
    return tuple(sorted(_index(_folder()).versions))


def jurisdiction_of(region: str) -> str:
    """Whose pack holds for a region code; its city's, its province's, else the national base.

    Raises NotFound unless `region` is six digits.
    """
    if len(region) != 6 or not (region.isascii() and region.isdigit()):
        raise NotFound("行政区划代码应为6位数字", code="unknown_region")
    known = _index(_folder()).regions
    for code in (region, region[:4] + "00", region[:2] + "0000"):
        if code in known:
            return known[code]
    return BASE


def catalog_of(pack: Pack) -> Catalog:
    """The published catalog of a pack, categories and types in their order."""
    categories = sorted(pack.categories.values(), key=lambda category: category.order)
    order = {category.code: category.order for category in categories}
    return Catalog(
        jurisdiction=pack.jurisdiction,
        title=pack.title,
        version=pack.version,
        effective_from=pack.effective_from,
        digest=pack.digest,
        document=pack.document,
        categories=tuple(categories),
        types=tuple(sorted(pack.types.values(), key=lambda t: (order[t.category], t.code))),
    )


def scheme_from(pack: Pack, document: Mapping[str, object]) -> Scheme:
    """A scheme nobody has adopted, checked as one of the pack would be. Raises Invalid naming every
    place and rule (`/scheme/<path>`)."""
    try:
        scheme = Scheme.model_validate(document)
    except ValidationError as error:
        raise _refused(explain(error, document)) from error
    found = list(check_scheme(pack, scheme))
    if found:
        raise _refused(found)
    return scheme


def _refused(found: Iterable[tuple[str, str]]) -> Invalid:
    faults = [
        Fault(f"/scheme/{path.replace('.', '/')}", "draft_scheme", reason)
        for path, reason in found
    ]
    return Invalid("评价办法草案有误", faults=faults)


def file_name(jurisdiction: str, version: str) -> str:
    """The file that holds a compiled version."""
    return f"{jurisdiction}@{version}.json"


def forget() -> None:
    """Drop every cached pack."""
    for cached in (_index, _pack, _pack_for):
        cached.cache_clear()


def _folder() -> str:
    return os.environ.get("POLICY_DIR", "") or _PACKAGED


@lru_cache(maxsize=4)
def _index(folder: str) -> Index:
    content = json.loads(_read(Path(folder, "index.json")))
    versions = {name: tuple(found) for name, found in content["jurisdictions"].items()}
    return Index(versions, content["regions"])


def _versions(folder: str, jurisdiction: str) -> tuple[str, ...]:
    found = _index(folder).versions.get(jurisdiction)
    if found is None:
        raise NotFound(f"没有“{jurisdiction}”的政策包", code="unknown_policy")
    return found


@lru_cache(maxsize=256)
def _pack_for(folder: str, jurisdiction: str, on: date) -> Pack:
    versions = _versions(folder, jurisdiction)
    position = bisect_right(versions, on.isoformat())
    if position == 0:
        raise NotFound(f"{on} 时“{jurisdiction}”还没有生效的归集目录", code="unknown_policy")
    return _pack(folder, jurisdiction, versions[position - 1])


@lru_cache(maxsize=64)
def _pack(folder: str, jurisdiction: str, version: str) -> Pack:
    if version not in _versions(folder, jurisdiction):
        raise NotFound(f"“{jurisdiction}”没有版本 {version}", code="unknown_policy")
    return pack_from(json.loads(_read(Path(folder, file_name(jurisdiction, version)))))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise Misconfigured(f"没有编译好的政策包 {path.name}，请先编译再运行") from None
