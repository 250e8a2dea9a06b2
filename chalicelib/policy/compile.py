"""Compile pack sources into one JSON per jurisdiction and version, cross-checked.

    out/index.json {"jurisdictions": {name: [effective date, ...]}, "regions": {code: jurisdiction}}
    out/<jurisdiction>@<effective date>.json    the pack

Package time only: the YAML library stays out of the function zip.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from chalicelib.kernel.canonical import JsonValue, canonical_json
from chalicelib.kernel.errors import Misconfigured
from chalicelib.policy.base import BASE
from chalicelib.policy.explain import explain
from chalicelib.policy.model import Pack
from chalicelib.policy.rules import check_pack
from chalicelib.policy.service import file_name
from chalicelib.policy.shape import shape_sections
from chalicelib.policy.source import (
    Problem,
    Raw,
    RawPack,
    Sources,
    all_awake,
    merge,
    read_sources,
    without_dormant,
)

PACKS = Path(__file__).parent / "packs"
COMPILED = Path(__file__).parent / "compiled"


class BrokenPolicy(Misconfigured):
    """Packs that must not be packaged; `problems` says where and why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("政策包有误：" + "；".join(str(problem) for problem in problems))


def compile_all(out_dir: Path = COMPILED, *, packs_dir: Path = PACKS) -> list[Pack]:
    """Write the compiled JSON of every jurisdiction into `out_dir`; returns all versions.

    Raises BrokenPolicy, having written nothing, if any version has a problem.
    """
    packs, problems = build_all(packs_dir)
    if problems:
        raise BrokenPolicy(problems)
    write_compiled(out_dir, packs)
    return packs


def write_compiled(out_dir: Path, packs: Iterable[Pack]) -> None:
    """Write packs as `service` reads them, one file for each version."""
    versions: dict[str, list[str]] = {}
    regions: dict[str, str] = {}
    out_dir.mkdir(parents=True, exist_ok=True)
    for pack in packs:
        versions.setdefault(pack.jurisdiction, []).append(pack.version)
        regions.update(dict.fromkeys(pack.regions, pack.jurisdiction))
        _write(out_dir / file_name(pack.jurisdiction, pack.version), _content(pack))
    known = {jurisdiction: sorted(found) for jurisdiction, found in versions.items()}
    _write(out_dir / "index.json", {"jurisdictions": known, "regions": regions})


def build_all(packs_dir: Path) -> tuple[list[Pack], list[Problem]]:
    """Every version of every jurisdiction, and every problem found in any of them.

    A folder without a `national` base of its own stands over the one that ships with the platform.
    """
    sources = read_sources(packs_dir)
    if BASE not in sources.jurisdictions():
        sources.layers += read_sources(PACKS).of(BASE)
    problems = set(sources.problems)
    packs: list[Pack] = []
    for jurisdiction in sources.jurisdictions():
        for effective in _versions(sources, jurisdiction):
            pack, found = build(sources, jurisdiction, effective)
            problems.update(found)
            if pack is not None:
                packs.append(pack)
    problems.update(_region_clashes(packs))
    return packs, sorted(problems)


def build(
    sources: Sources, jurisdiction: str, effective: date
) -> tuple[Pack | None, list[Problem]]:
    """One version of one jurisdiction; None if it does not even have the shape of a pack."""
    names = (BASE,) if jurisdiction == BASE else (BASE, jurisdiction)
    raw = merge(
        layer for name in names for layer in sources.of(name) if layer.effective <= effective
    )
    head = {**raw.head, **_own_title(sources, jurisdiction)}
    awake = without_dormant(raw)
    pack, problems = _validated(replace(awake, head=head), jurisdiction, effective)
    if jurisdiction == BASE and awake.sections != raw.sections:
        # What waits for a city to switch it on is checked here, once, with everything on.
        _, dormant = _validated(replace(all_awake(raw), head=head), jurisdiction, effective)
        problems += dormant
    return pack, raw.problems + problems


def _validated(
    raw: RawPack, jurisdiction: str, effective: date
) -> tuple[Pack | None, list[Problem]]:
    shaped: Raw = {
        **raw.head,
        **shape_sections(raw.sections),
        "jurisdiction": jurisdiction,
        "version": effective.isoformat(),
        "effective_from": effective,
    }
    pack: Pack | None = None
    try:
        pack = Pack.model_validate(shaped)
        pack = pack.model_copy(update={"digest": digest_of(pack)})
        found: Iterable[tuple[str, str]] = check_pack(pack)
    except ValidationError as error:
        found = explain(error, shaped)
    return pack, [_located(raw, path, reason) for path, reason in found]


def digest_of(pack: Pack) -> str:
    """SHA-256 (hex) of the pack's canonical JSON without its `digest`."""
    return hashlib.sha256(canonical_json(_content(pack, exclude={"digest"}))).hexdigest()


def _content(pack: Pack, exclude: set[str] | None = None) -> dict[str, JsonValue]:
    # Defaults are left out: a pack is read at every cold start, and most attributes are defaults.
    return pack.model_dump(mode="json", exclude=exclude, exclude_defaults=True)


def _own_title(sources: Sources, jurisdiction: str) -> Raw:
    """A city keeps its name in versions older than its own first document."""
    for layer in sources.of(jurisdiction):
        if "title" in layer.head:
            return {"title": layer.head["title"]}
    return {}


def _versions(sources: Sources, jurisdiction: str) -> list[date]:
    return sorted(
        {layer.effective for name in {BASE, jurisdiction} for layer in sources.of(name)}
    )


def _located(raw: RawPack, path: str, reason: str) -> Problem:
    """The problem in the file that had the last word on the entry it is about."""
    section, _, rest = path.partition(".")
    code = rest.partition(".")[0]
    file = raw.files.get((section, code)) or raw.files.get(("pack", ""), "")
    return Problem(file, path, reason)


def _region_clashes(packs: Iterable[Pack]) -> set[Problem]:
    owners: dict[str, str] = {}
    clashes = set()
    for pack in packs:
        for code in pack.regions:
            owner = owners.setdefault(code, pack.jurisdiction)
            if owner not in (pack.jurisdiction, BASE):
                reason = f"行政区划已属于“{owner}”"
                clashes.add(Problem(pack.jurisdiction, f"regions.{code}", reason))
    return clashes


def _write(path: Path, content: Mapping[str, object]) -> None:
    # In the order of the source: a layout is the columns of a standard in their order.
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    path.write_text(text + "\n", "utf-8")
