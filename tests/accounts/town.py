"""Agencies of the made-up city that account for what they decided, under a pack that assesses
licences and penalties."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from chalicelib.access.model import Agency
from chalicelib.access.store import agency_write
from chalicelib.accounts import counting
from chalicelib.aws.writes import commit
from chalicelib.web.model import Caller
from tests.intake import town
from tests.support.world import World

BUREAU, HOUSING, CITY, EAST = town.BUREAU, town.HOUSING, town.CITY, town.EAST
OFFICE = town.body_code(50)
LICENCE, PENALTY = "administrative_licence", "administrative_penalty"
MONTH = "2026-05"

_BASIS = {"document": "测试依据", "clause": "", "verified": False}
ASSESSMENT: dict[str, Any] = {
    "code": "collection",
    "types": [LICENCE, PENALTY],
    "declare_by_day": 10,
    "remind_days": [5, 1],
    "least_sample": 2,
    "late_share_called_out": "0.5",
    "rates": {
        "stored": {
            "code": "stored",
            "title": "入库率",
            "full_at": "0.95",
            "points": "6",
            "basis": _BASIS,
        },
        "on_time": {
            "code": "on_time",
            "title": "及时率",
            "full_at": "1",
            "points": "6",
            "basis": _BASIS,
        },
    },
    "basis": _BASIS,
}


def assess(**changes: object) -> None:
    """Let every pack assess collection as ASSESSMENT says, whatever the real ones say."""
    source, target = Path(os.environ["POLICY_DIR"]), Path(tempfile.mkdtemp(prefix="assessed-"))
    for path in source.glob("*.json"):
        content = json.loads(path.read_text("utf-8"))
        if path.name != "index.json":
            content["assessments"] = {"collection": {**ASSESSMENT, **changes}}
        (target / path.name).write_text(json.dumps(content), "utf-8")
    os.environ["POLICY_DIR"] = str(target)


def settle(world: World, **changes: object) -> None:
    """Two bureaus of the city are registered, as subjects and as agencies."""
    assess(**changes)
    town.settle(world)
    register_agency(world, BUREAU, "示例市综合执法局")
    register_agency(world, HOUSING, "示例市住房局")


def register_agency(world: World, code: str, name: str, region: str = CITY, **more: Any) -> None:
    """Register an agency that reports."""
    agency = Agency(code, name, region, "city", "", frozenset({"clerk"}), **more)
    commit([agency_write(world.platform, agency)])


def caller(role: str, agency: str = OFFICE, region: str = CITY, client: str = "office-1") -> Caller:
    """Somebody of the city who is no clerk."""
    return Caller(
        client, agency, "示例市信用办", town.JURISDICTION, region, "city", frozenset({role})
    )


def submit_licences(world: World, *days: str, start: int = 1, agency: str = BUREAU) -> None:
    """One licence per day of decision."""
    for number, day in enumerate(days, start):
        sent = town.licence(number, decided_on=day)
        town.submit(world, sent, town.clerk(agency, f"clerk-{agency[-4:]}"))


LICENCE_COLUMNS = (
    "subject_unified_code,subject_name,counterpart_category,document_name,decision_number,"
    "licence_category,content,decided_on,authority,authority_code"
)


def licence_csv(rows: list[tuple[int, str, str]]) -> bytes:
    """A CSV of licences: (number, day of decision, licence category; a wrong one is refused)."""
    company = town.body_code(900, "91")
    lines = [LICENCE_COLUMNS]
    lines += [
        f"{company},示例第900有限公司,legal_entity,行政许可决定书,示许决〔2026〕{number}号,"
        f"{category},准予设置户外设施,{day},示例市综合执法局,{BUREAU}"
        for number, day, category in rows
    ]
    return ("\r\n".join(lines) + "\r\n").encode()


def file_licences(world: World, rows: list[tuple[int, str, str]]) -> str:
    """Send a file of licences and have it worked to its end; the upload's id."""
    upload_id = town.post_file(world, licence_csv(rows), record_type=LICENCE)
    done = town.work_file(world, upload_id)
    assert done.state == "completed", done.problems
    return upload_id


def work(world: World) -> int:
    """Do what lies in the accounts queue; how many jobs."""
    return world.drain(
        world.platform.accounts_queue, lambda message: counting.do_job(world.platform, message)
    )
