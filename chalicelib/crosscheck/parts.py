"""Findings of a cross-check as they lie in the work bucket: parts of JSON, one CSV for people."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field

from chalicelib.aws.platform import Platform
from chalicelib.crosscheck.model import FINDING_TITLES, CrossCheck, Finding
from chalicelib.sheets.rules import csv_line

_HEADER = ("行号", "差异", "姓名", "信用主体编号", "名册中的单位", "档案中的单位", "说明", "建议")


@dataclass(slots=True)
class Part:
    """What one piece of the register came to. `seen` and `kinds` tell who did not leave."""

    findings: list[Finding] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    """Ids of the subjects that stand in this piece."""
    kinds: list[str] = field(default_factory=list)
    rows: int = 0
    unchanged: int = 0


def _key(crosscheck_id: str, number: int) -> str:
    return f"crosschecks/{crosscheck_id}/{number:05d}.json"


def report_key(crosscheck_id: str) -> str:
    """Where the report for people lies."""
    return f"crosschecks/{crosscheck_id}/report.csv"


def write_part(platform: Platform, crosscheck_id: str, number: int, part: Part) -> None:
    """Keep a part, or replace it by the same."""
    body = json.dumps(asdict(part), ensure_ascii=False).encode()
    platform.work.put(_key(crosscheck_id, number), body, content_type="application/json")


def read_part(platform: Platform, crosscheck_id: str, number: int) -> Part:
    """A part as it was kept. Raises Missing once it has expired."""
    body = json.loads(platform.work.read(_key(crosscheck_id, number)))
    return Part(**{**body, "findings": [Finding(**one) for one in body["findings"]]})


def parts_of(platform: Platform, crosscheck_id: str, last: int) -> Iterator[Part]:
    """Parts 1 to `last`, one at a time in memory."""
    for number in range(1, last + 1):
        yield read_part(platform, crosscheck_id, number)


def write_report(platform: Platform, check: CrossCheck, last: int) -> None:
    """The findings of parts 1 to `last` as one CSV."""
    with tempfile.TemporaryFile() as file:
        file.write(b"\xef\xbb\xbf" + csv_line(_HEADER).encode())
        for part in parts_of(platform, check.crosscheck_id, last):
            for finding in part.findings:
                file.write(csv_line(_cells(finding)).encode())
        file.seek(0)
        platform.work.put_file(report_key(check.crosscheck_id), file, content_type="text/csv")


def _cells(finding: Finding) -> Sequence[str]:
    return (
        str(finding.row or ""),
        FINDING_TITLES[finding.kind],
        finding.name,
        finding.subject_id,
        finding.employer,
        finding.employer_on_file,
        finding.detail,
        finding.action,
    )
