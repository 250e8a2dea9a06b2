"""The results of an evaluation as a file for performance assessment (绩效考核): no cell is taken
for a formula."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Literal

from chalicelib.aws.platform import Platform
from chalicelib.evaluation import scoring
from chalicelib.evaluation.comparing import every_result
from chalicelib.evaluation.model_notices import Hold
from chalicelib.evaluation.notices import Beside, beside
from chalicelib.evaluation.runs import Result, Run
from chalicelib.evaluation.views_notices import HOLD_TEXTS
from chalicelib.evaluation.visibility import sees_result
from chalicelib.sheets.rules import csv_line
from chalicelib.sheets.service import write_workbook
from chalicelib.web.model import Caller, Scope

Format = Literal["csv", "xlsx"]

LINK_SECONDS: Final = 300
_IN_MEMORY: Final = 1_048_576
_HEADER: Final = (
    "统一社会信用代码", "名称", "单位类别", "层级", "行政区划", "总分", "等级", "排名分组", "名次",
    "组内数量", "公布情况", "复核", "待重新计算",
)  # fmt: skip
_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def export_link(
    platform: Platform, caller: Caller, scope: Scope, run: Run, form: Format
) -> str:
    """Make the file of the results the caller may see, by group and place, and tell where it can be
    fetched for five minutes. Raises Conflict before completion and for too large a run."""
    results = [
        result
        for result in every_result(platform, run)
        if sees_result(caller, scope, result.body)
    ]
    results.sort(key=_by_place)
    known = beside(platform, results)
    leaves = list(scoring.scheme_of(platform, run).leaves())
    header = [*_HEADER, *(f"{leaf.title}（满分{leaf.weight}）" for leaf in leaves)]
    rows = _rows(results, known, [leaf.code for leaf in leaves])
    key = f"exports/evaluations/{run.run_id}/{platform.ids.new('x')}.{form}"
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        if form == "xlsx":
            write_workbook(file, "评价结果", header, rows)
        else:
            file.write(b"\xef\xbb\xbf")
            for row in (header, *rows):
                file.write(csv_line(row).encode())
        file.seek(0)
        platform.work.put_file(key, file, content_type=_TYPES[form])
    return platform.work.presign_get(key, f"{run.run_id}.{form}", LINK_SECONDS)


def _by_place(result: Result) -> tuple[str, int, str]:
    placing = result.placing
    group, place = (placing.group, placing.place) if placing else ("", 0)
    return group, place, result.body.unified_code


def _rows(
    results: Iterable[Result], known: dict[str, Beside], leaves: Sequence[str]
) -> Iterator[Sequence[str]]:
    for result in results:
        body, placing = result.body, result.placing
        also = known[body.subject_id]
        yield (
            body.unified_code,
            body.name,
            body.kind,
            body.level,
            body.region,
            format(result.total, "f"),
            result.grade_title,
            placing.group if placing else "",
            str(placing.place) if placing else "",
            str(placing.of) if placing else "",
            _publication(also.hold),
            also.contest.text if also.contest and also.contest.is_marked else "",
            "是" if result.stale else "",
            *(result.points.get(code, "") for code in leaves),
        )


def _publication(hold: Hold | None) -> str:
    return "" if hold is None else HOLD_TEXTS[hold.state]
