"""The made-up town with a scheme for its civil servants, and some of these."""

from __future__ import annotations

import functools
import shutil
import tempfile
from pathlib import Path

from chalicelib.creditfile import service as creditfile
from chalicelib.creditfile.model import Subject
from chalicelib.policy.compile import PACKS, compile_all
from tests.evaluation import town
from tests.support.world import World

SCHEME = "officials_integrity"
NAME = "王示例"
RUN = f"ev_{town.JURISDICTION}-{SCHEME}-2026-Q1"
_SCHEME = """
  officials_integrity:
    title: 公职人员诚信评价
    subjects: [civil_servant]
    period: quarter
    schedule: {months_after: 1, day: 10, hour: 2}
    total: 100
    rank_within: [level]
    disclosure: internal
    basis: {document: 测试办法, verified: false}
    grades:
      A: {title: 优, at_least: 90}
      B: {title: 差, at_least: 0, below: 90}
    indicators:
      record:
        title: 诚信记录
        weight: 100
        source: {link: about, types: [public_official_discipline, official_dishonesty]}
        score: {kind: deduction, points: {any: 20}, floor: 0}
"""

_BASIS = "basis: {document: 测试办法, verified: false}"
_APPEAL = f"    appeal: {{days: 10, {_BASIS}}}\n    notice: {{grades: [A], days: 5, {_BASIS}}}\n"


@functools.cache
def packs(*, appeal: bool = False) -> str:
    """Compiled packs of the town's city, its civil servants evaluated every quarter. `appeal`: on
    the national pack, which says how a result is contested; and whoever is in A is told."""
    folder = Path(tempfile.mkdtemp(prefix="officials-"))
    for place in (town.JURISDICTION, "national") if appeal else (town.JURISDICTION,):
        shutil.copytree(PACKS / place, folder / "packs" / place)
    (scheme,) = (folder / "packs" / town.JURISDICTION).rglob("scheme.yaml")
    heard = _SCHEME.replace("    grades:", f"{_APPEAL}    grades:")
    scheme.write_text(scheme.read_text("utf-8") + (heard if appeal else _SCHEME), "utf-8")
    compile_all(folder / "compiled", packs_dir=folder / "packs")
    return str(folder / "compiled")


def official(number: int, employer: Subject) -> Subject:
    """A civil servant; the name lies sealed in the profile."""
    return town.body(
        number, employer.region, subject_id=f"p_{number}", kind="civil_servant", unified_code="",
        name="", level="", employer=employer.unified_code, sealed_profile=f"sealed:1:{NAME}",
    )  # fmt: skip


def settle(world: World) -> list[Subject]:
    """Two bodies at two levels with two officials each; one in the city was disciplined."""
    city, east = town.body(1, town.CITY), town.body(2, town.EAST)
    town.register(world.platform, city, east)
    officials = [official(number, (city, east)[number % 2]) for number in range(4)]
    for one in officials:
        for write in creditfile.subject_writes(world.platform, one, f"mac{one.subject_id}"):
            town.commit([write])
    discipline = town.record(
        "r_discipline", officials[2], type="public_official_discipline", subject_code="",
        subject_name="", reporter="COURT", occurred_on="2026-02-01",
    )  # fmt: skip
    town.keep(world.platform, discipline)
    return officials
