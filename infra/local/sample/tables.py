"""The sample as CSV: subjects for the credit office, penalties as an agency exports them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from infra.local.sample.city import bodies, firms, officials
from infra.local.sample.frame import SampleRecord

SUBJECT_COLUMNS = (
    "kind",
    "name",
    "unified_code",
    "citizen_code",
    "region",
    "level",
    "superior",
    "employer",
    "post",
)
REGISTERED_FIRMS = 60
"""The other firms, and all residents, are created when a licence or penalty first names them."""

# Column of the national data standard -> where the value is in a record.
PENALTY_COLUMNS = {
    "CF_XDR_MC": "subject.name",
    "CF_XDR_SHXYM": "subject.unified_code",
    "CF_XDR_ZJHM": "subject.citizen_code",
    "CF_XDR_LB": "counterpart_category",
    "CF_WSH": "decision_number",
    "CF_WFXW": "violation_kind",
    "CF_SY": "facts",
    "CF_YJ": "grounds",
    "CF_CFLB": "penalty_category",
    "CF_NR": "content",
    "CF_NR_FK": "fine_wan",
    "CF_JDRQ": "decided_on",
    "CF_CFJG": "authority",
    "CF_CFJGDM": "authority_code",
    "CF_SJLY": "source_unit",
    "CF_SJLYDM": "source_unit_code",
    "决定书送达日期": "notices.decision_delivered_on",
    "信用修复告知书送达日期": "notices.repair_delivered_on",
    "送达证明": "notices.proof",
}


def subjects_csv() -> bytes:
    """Bodies (superiors first), officials, and some firms."""
    rows = [
        {
            "kind": body.kind,
            "name": body.name,
            "unified_code": body.code,
            "region": body.region,
            "level": body.level,
            "superior": body.superior,
        }
        for body in bodies()
    ]
    rows += [
        {
            "kind": person.kind,
            "name": person.name,
            "citizen_code": person.citizen_code,
            "region": person.region,
            "employer": person.employer,
            "post": person.post,
        }
        for person in officials()
    ]
    rows += [
        {"kind": firm.kind, "name": firm.name, "unified_code": firm.code, "region": firm.region}
        for firm in firms()[:REGISTERED_FIRMS]
    ]
    return csv_bytes(SUBJECT_COLUMNS, ([row.get(c, "") for c in SUBJECT_COLUMNS] for row in rows))


def penalties_csv(records: Iterable[SampleRecord]) -> bytes:
    """Penalties under the columns of the national data standard."""
    rows = ([_value(record, where) for where in PENALTY_COLUMNS.values()] for record in records)
    return csv_bytes(tuple(PENALTY_COLUMNS), rows)


def csv_bytes(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A CSV file as spreadsheets write it: a byte order mark, line ends \\r\\n."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _value(record: SampleRecord, where: str) -> str:
    part, _, name = where.rpartition(".")
    if part == "subject":
        return record.subject.get(name, "")
    if part == "notices":
        return record.notices.get(name, "")
    return str(record.fields.get(name, ""))
