"""Exports: the records of an agency or a region as a file under a published column set.

    ask -> {export} -> slices of records, one part each -> one file -> a link for five minutes

Every job may come twice or again after a crash: a step writes what it would write again, and is
counted once. Nothing sealed is opened, so no person's name or code leaves in a file.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import IO, Any, Final, Literal

from chalicelib.access.service import find_agency, list_agencies, may_act_on
from chalicelib.aws.attributes import Item
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import commit
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Record
from chalicelib.intake import exportstore as store
from chalicelib.intake.exportstore import Export
from chalicelib.intake.rules_export import export_row
from chalicelib.intake.uploads import finished_uploads
from chalicelib.kernel.clock import civil_date, instant_text
from chalicelib.kernel.errors import Conflict, Fault, Forbidden, Invalid
from chalicelib.policy.model import RecordType
from chalicelib.policy.service import pack_for, pack_version
from chalicelib.sheets.rules import csv_line
from chalicelib.sheets.service import write_workbook
from chalicelib.web.idempotency import IdempotencyClaim
from chalicelib.web.model import Answer, Caller, Scope

SLICE: Final = 500
"""Records one step reads."""
MOST_AGENCIES: Final = 200
"""Agencies one step asks for: most of a region report nothing of a type."""
MOST_ROWS: Final = 500_000
LINK_SECONDS: Final = 300
_PAGE: Final = 100
_IN_MEMORY: Final = 1_048_576
_CONTENT_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be exported."""

    type: str
    layout: str
    format: Literal["csv", "xlsx"]
    first_day: date
    last_day: date
    agency: str


def new_export(platform: Platform, caller: Caller, scope: Scope, wish: Wish) -> Export:
    """The export as it is to begin. Raises Invalid (type, column set, period) and Forbidden
    (another agency's records, another region's)."""
    today = civil_date(platform.clock())
    pack = pack_for(caller.jurisdiction, today)
    record_type = pack.types.get(wish.type)
    faults: list[Fault] = []
    if record_type is None:
        message = f"“{pack.title}”的归集目录中没有这个信息类型"
        faults.append(Fault("/type", "unknown_type", message))
    elif wish.layout not in record_type.layouts:
        known = "、".join(record_type.layouts) or "无"
        message = f"“{record_type.title}”没有这种导出格式，可用的有：{known}"
        faults.append(Fault("/layout", "layout_not_offered", message))
    if wish.first_day > wish.last_day:
        faults.append(Fault("/last_day", "before_other", "截止日不能早于起始日"))
    if faults:
        raise Invalid(f"有 {len(faults)} 处不符合要求", faults=faults)
    agency = wish.agency or (caller.agency_code if scope is Scope.OWN else "")
    region = caller.region
    if agency:
        found = find_agency(platform, agency) if agency != caller.agency_code else None
        region = caller.region if found is None else found.region
        known_or_own = found is not None or agency == caller.agency_code
        if not known_or_own or not may_act_on(caller, scope, agency, region):
            raise Forbidden("只能导出本单位或本行政区划内单位的信用信息", code="outside_scope")
    return Export(
        export_id=platform.ids.new("x"),
        jurisdiction=caller.jurisdiction,
        agency=agency,
        region=region,
        type=wish.type,
        layout=wish.layout,
        format=wish.format,
        first_day=wish.first_day.isoformat(),
        last_day=wish.last_day.isoformat(),
        pack=pack.version,
        client_id=caller.client_id,
        created_at=instant_text(platform.clock()),
    )


def start(
    platform: Platform, export: Export, answer: Answer, claim: IdempotencyClaim | None
) -> Answer:
    """Write the export with the kept answer, and start the work; or the answer kept before, whose
    export is brought forward. The id is random: a second request must not leave a second one."""
    kept = None if claim is None else claim.find()
    if kept is None:
        kept = answer
        try:
            joined = () if claim is None else (claim.item_write(answer),)
            commit([store.new_export_put(platform, export), *joined])
        except ConditionFailed:
            found = None if claim is None else claim.find()
            if found is None:
                message = "同一个请求正在处理，请稍后重试"
                raise Conflict(message, code="in_progress", retry_after=1) from None
            kept = found
    _send(platform, (kept.location or "").rpartition("/")[2], 1)
    return kept


def _send(platform: Platform, export_id: str, step: int) -> None:
    platform.intake_queue.send({"job": "export", "export_id": export_id, "step": step})


def find_export(platform: Platform, caller: Caller, scope: Scope, export_id: str) -> Export:
    """An export within the caller's scope. Raises NotFound, Forbidden."""
    export = store.load_export(platform, export_id)
    own = export.client_id == caller.client_id
    if not own and not may_act_on(caller, scope, export.agency, export.region):
        raise Forbidden("只能查看本单位的导出任务", code="outside_scope")
    return export


def link_of(platform: Platform, export: Export) -> str | None:
    """Where the file can be fetched for the next five minutes; None before it is done."""
    if export.state != "completed":
        return None
    name = f"{export.type}-{export.first_day}-{export.last_day}.{export.format}"
    return platform.work.presign_get(_file_key(export), name, LINK_SECONDS)


def resend_exports(platform: Platform, created_before: str) -> int:
    """Sweep: have exports that should long be done brought forward; how many."""
    found = list(store.open_exports(platform, created_before))
    for export in found:
        _send(platform, export.export_id, export.version)
    return len(found)


def work_export(platform: Platform, message: Mapping[str, Any]) -> None:
    """One step of an export; one that is done already only has the next one sent again."""
    export = store.load_export(platform, str(message["export_id"]))
    if export.is_done:
        return
    if message["step"] != export.version:
        _send(platform, export.export_id, export.version)
        return
    after = _collect(platform, export) if export.state == "collecting" else _write(platform, export)
    try:
        commit([store.next_step_put(platform, export, after)])
    except ConditionFailed:
        return  # another worker made this step, and goes on
    if not after.is_done:
        _send(platform, export.export_id, export.version + 1)


# -- collecting ---------------------------------------------------------------------------------


def _collect(platform: Platform, export: Export) -> Export:
    """Take the next slice of records into a part of its own."""
    reporters = _reporters(platform, export)
    record_type = pack_version(export.jurisdiction, export.pack).types[export.type]
    reporter, position, left = export.reporter, export.position, SLICE
    rows: list[list[str]] = []
    asked = 0
    while left and reporter < len(reporters) and asked < MOST_AGENCIES:
        first = f"{position}~" if position else export.first_day
        found = files.records_reported(platform, reporters[reporter], first, export.last_day)
        records = list(islice(found, left))
        rows += _rows(platform, export, record_type, records)
        if len(records) == left:
            position = f"{records[-1].occurred_on}#{records[-1].record_id}"
            break
        left -= len(records)
        reporter, position, asked = reporter + 1, "", asked + 1
    total = export.rows + len(rows)
    if total > MOST_ROWS:
        problem = f"超过 {MOST_ROWS} 行，请缩短期间后重新导出"
        return replace(export, state="failed", problem=problem)
    _put_json(platform, _part_key(export, export.parts), rows)
    is_last = reporter >= len(reporters)
    return replace(
        export,
        reporter=reporter,
        position=position,
        parts=export.parts + 1,
        rows=total,
        state="writing" if is_last else "collecting",
    )


def _rows(
    platform: Platform, export: Export, record_type: RecordType, records: Sequence[Record]
) -> list[list[str]]:
    wanted = [
        one
        for one in records
        # What is exported is handed on: not after its sharing has ended (停止共享和使用).
        if one.type == export.type and one.status == "active" and not one.standing.sharing_ended
    ]
    uploads = {one.upload.upload_id for one in wanted if one.upload is not None}
    finished = finished_uploads(platform, uploads) if uploads else set()
    layout = record_type.layouts[export.layout]
    return [
        export_row(record_type, layout, one)
        for one in wanted
        if one.upload is None or one.upload.upload_id in finished
    ]


def _reporters(platform: Platform, export: Export) -> list[str]:
    """The agencies whose records are exported, written down at the first step."""
    if export.agency:
        return [export.agency]
    key = f"exports/{export.export_id}/agencies.json"
    if export.parts:
        return [str(code) for code in json.loads(platform.work.read(key))]
    codes: list[str] = []
    start: Item | None = None
    while True:
        page = list_agencies(platform, export.region, _PAGE, start)
        codes += [agency.agency_code for agency in page.items]
        start = page.next_start
        if start is None:
            _put_json(platform, key, codes)
            return codes


# -- writing ------------------------------------------------------------------------------------


def _write(platform: Platform, export: Export) -> Export:
    """Put the parts together into the file that is fetched."""
    record_type = pack_version(export.jurisdiction, export.pack).types[export.type]
    header = list(record_type.layouts[export.layout])
    rows = _parts(platform, export)
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        if export.format == "xlsx":
            write_workbook(file, record_type.title, header, rows)
        else:
            _fill(file, header, rows)
        file.seek(0)
        platform.work.put_file(_file_key(export), file, content_type=_CONTENT_TYPES[export.format])
    return replace(export, state="completed", completed_at=instant_text(platform.clock()))


def _fill(file: IO[bytes], header: Sequence[str], rows: Iterator[list[str]]) -> None:
    file.write(b"\xef\xbb\xbf")
    file.write(csv_line(header).encode())
    for row in rows:
        file.write(csv_line(row).encode())


def _parts(platform: Platform, export: Export) -> Iterator[list[str]]:
    for number in range(export.parts):
        for row in json.loads(platform.work.read(_part_key(export, number))):
            yield [str(cell) for cell in row]


def _put_json(platform: Platform, key: str, value: object) -> None:
    body = json.dumps(value, ensure_ascii=False).encode()
    platform.work.put(key, body, content_type="application/json")


def _part_key(export: Export, number: int) -> str:
    return f"exports/{export.export_id}/parts/{number:05d}.json"


def _file_key(export: Export) -> str:
    return f"exports/{export.export_id}/export.{export.format}"
