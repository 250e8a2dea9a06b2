"""Personnel officers of the made-up city, and registers as their own system exports them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from chalicelib.creditfile.model import Identification
from chalicelib.crosscheck import checking, service, store
from chalicelib.crosscheck.model import CrossCheck, Finding
from chalicelib.kernel.codes import citizen_code_from
from chalicelib.sheets.model import Form
from chalicelib.sheets.rules import csv_line
from chalicelib.sheets.service import write_workbook
from chalicelib.web.model import Caller
from tests.intake import town
from tests.support.world import World

HEADER = ("姓名", "公民身份号码", "单位统一社会信用代码", "职务", "政治面貌")
PURPOSE = "annual_crosscheck"


def code(number: int) -> str:
    """The citizen code of made-up official `number`."""
    return citizen_code_from(
        f"3299011990{1 + number // 27 % 12:02}{1 + number % 27:02}{number // 324:03}"
    )


def personnel(region: str = town.CITY, role: str = "personnel") -> Caller:
    return Caller(
        client_id=f"{role}-1",
        agency_code=town.body_code(80 if region == town.CITY else 81),
        agency_name="示例市委组织部",
        jurisdiction=town.JURISDICTION,
        region=region,
        level="city",
        roles=frozenset({role}),
    )


def row(number: int, name: str = "", employer: str = town.BUREAU) -> tuple[str, ...]:
    """A row of the register about official `number`."""
    return (name or f"李示例{number}", code(number), employer, "科员", "群众")


def employ(world: World, number: int, **details: str) -> str:
    """Register official `number` with a credit file; the subject's id."""
    named = Identification("", code(number), details.pop("name", f"李示例{number}"))
    kind = details.pop("kind", "civil_servant")
    return town.register(world, named, kind, **{"employer": town.BUREAU, **details})


def csv_register(rows: Sequence[Sequence[str]], header: Sequence[str] = HEADER) -> bytes:
    return "".join(map(csv_line, (header, *rows))).encode("gb18030")


def xlsx_register(rows: Sequence[Sequence[str]]) -> bytes:
    file = io.BytesIO()
    write_workbook(file, "名册", HEADER, rows)
    return file.getvalue()


def post(
    world: World, content: bytes, form: Form = "csv", caller: Caller | None = None
) -> CrossCheck:
    """Ask for a place and put the register there."""
    check, _ = service.start(world.platform, caller or personnel(), form, "", PURPOSE)
    world.platform.inbox.put(check.object_key, content, content_type="text/csv")
    return check


def work(world: World, check: CrossCheck) -> CrossCheck:
    """Commit and work the queue until it is empty."""
    platform = world.platform
    service.receive(platform, store.load(platform, check.crosscheck_id))
    world.drain(platform.intake_queue, lambda message: checking.work(platform, message))
    return store.load(platform, check.crosscheck_id)


def findings(world: World, check: CrossCheck, **more: Any) -> list[Finding]:
    """All findings, page by page."""
    found: list[Finding] = []
    start = None
    while True:
        page, start = service.findings_page(
            world.platform,
            personnel(),
            check,
            PURPOSE,
            **{"kind": None, "limit": 3, "start": start, **more},
        )
        found += page
        if start is None:
            return found


def told(found: Sequence[Finding]) -> list[tuple[str, int]]:
    return [(finding.kind, finding.row) for finding in found]
