"""Files as a clerk's spreadsheet saves them, uploaded as a clerk would: GBK text, and a workbook
that LibreOffice wrote."""

from __future__ import annotations

import csv
import io
import secrets
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from infra.local.sample.rows import messy, rows
from infra.local.sample.tables import csv_bytes
from tests.e2e.city import LICENCE, today
from tests.e2e.client import Api, post_form, until
from tests.e2e.conftest import Run

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("lost_record")]

ROWS = 401
"""Enough for every oddity, one bad row, one repeated, and the header twice again below."""
TITLE_ROWS, REPEATED_EVERY = 2, 200
# Text import: comma, double quote, UTF-8, from line 1, standard columns, quoted fields as text off,
# detect special numbers (dates become dates).
IMPORT = "CSV:44,34,76,1,,0,false,true"


def table_of_a_clerk() -> tuple[str, Counter[str]]:
    """A messy table as CSV text, and what it should come to."""
    expected: Counter[str] = Counter()
    table = list(rows(ROWS, secrets.token_hex(4), today(), expected))
    return csv_bytes(*messy(table)).decode("utf-8-sig"), expected


def saved_by_libreoffice(text: str, folder: Path) -> bytes:
    """The workbook LibreOffice makes of a CSV."""
    source = folder / "rows.csv"
    source.write_text(text, "utf-8", newline="")
    command = ["soffice", "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}"]
    command += [f"--infilter={IMPORT}", "--convert-to", "xlsx", "--outdir", str(folder)]
    subprocess.run([*command, str(source)], check=True, capture_output=True, timeout=180)
    return (folder / "rows.xlsx").read_bytes()


def listed(api: Api, path: str) -> list[list[str]]:
    """The rows of a CSV behind a redirect, without the header."""
    link = api.get(path)
    assert link.status == 303, link
    text = Api("").get(link.headers["Location"]).body.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))[1:]


@pytest.mark.requirement("R-02")
@pytest.mark.requirement("R-20")
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_file_as_a_spreadsheet_saves_it(
    form: str, run: Run, clerk: Api, office: Api, tmp_path: Path
) -> None:
    text, expected = table_of_a_clerk()
    content = text.encode("gbk") if form == "csv" else saved_by_libreoffice(text, tmp_path)
    wanted = {"type": LICENCE, "format": form, "file_name": f"许可.{form}"}
    upload = clerk.post("/v1/uploads", wanted).json
    path = f"/v1/uploads/{upload['upload_id']}"
    assert post_form(upload["form"], content).status == 204

    begun = clerk.post(f"{path}/preflight")
    assert begun.status == 202, begun
    rehearsed = settled(clerk, f"{path}/preflight")["outlook"]
    assert {name: rehearsed[name] for name in expected} == dict(expected)

    assert clerk.post(f"{path}/commit").status == 202
    done = settled(clerk, path)
    assert {name: done[name] for name in expected} == dict(expected)
    assert done["rows"] == ROWS
    # Rows go by the numbers the clerk sees: title, header, and an empty row and the header again
    # after every two hundred.
    (error,) = listed(clerk, f"{path}/errors")
    assert int(error[0]) == TITLE_ROWS + ROWS // 2 + 2 * ((ROWS // 2 - 1) // REPEATED_EVERY)
    notes = listed(clerk, f"{path}/notes")
    assert len(notes) == done["notes"] > ROWS


def settled(api: Api, path: str) -> Any:
    """A file or its rehearsal, once it is completed."""

    def look() -> Any:
        found = api.get(path).json
        assert found["state"] != "failed", found
        return found if found["state"] == "completed" else None

    return until(look, f"{path} is completed", 120)
