"""What the tests register and submit: made-up bodies, licences of the demo clerk's agency."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from infra.local.sample.rows import COLUMNS, rows
from infra.local.sample.tables import csv_bytes
from tests.e2e.client import Api, Reply

LICENCE = "administrative_licence"
COMPANY = "91329900MA9990019J"
AGENCY_NAME = "示例市市场监督管理局"


def today() -> date:
    """The day it is in Shanghai."""
    return (datetime.now(UTC) + timedelta(hours=8)).date()


def register_body(office: Api, code: str, name: str) -> Reply:
    """The credit office registers a department of the city."""
    body = {"kind": "department", "unified_code": code, "name": name, "region": "329900"}
    return office.post("/v1/subjects", body)


def licence(agency: str, **changes: str) -> dict[str, Any]:
    """A licence granted today to a company nobody has registered; each call another decision."""
    fields = {
        "counterpart_category": "legal_entity",
        "document_name": "准予行政许可决定书",
        "decision_number": f"示市监许准〔{today().year}〕{secrets.token_hex(6)}号",
        "licence_category": "ordinary",
        "content": "准予从事食品销售经营",
        "decided_on": today().isoformat(),
        "authority": AGENCY_NAME,
        "authority_code": agency,
    }
    return {
        "type": LICENCE,
        "subject": {"unified_code": COMPANY, "name": "示例市新开张食品有限公司"},
        "fields": {**fields, **changes},
    }


def licence_file(count: int, cell_length: int) -> tuple[bytes, Mapping[str, int]]:
    """A CSV of `count` licences, some bad and some repeated, and what they should come to. Long
    cells make many chunks of few rows."""
    expected: Counter[str] = Counter()
    table = list(rows(count, secrets.token_hex(4), today(), expected))
    for row in table:
        if row["XK_NR"]:
            row["XK_NR"] = row["XK_NR"].ljust(cell_length, "。")
    return csv_bytes(COLUMNS, ([row[name] for name in COLUMNS] for row in table)), expected
