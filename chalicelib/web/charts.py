"""How pictures are answered: an SVG document that stands alone, or its numbers as a table."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from chalicelib.pictures.model import Chart
from chalicelib.web.model import Answer, Outbound

SVG: Final = "image/svg+xml"


class ChartTable(Outbound):
    """The numbers of a picture."""

    title: Annotated[str, Field(examples=["示例市住建局：100分如何成为83.5分"])]
    columns: Annotated[tuple[str, ...], Field(examples=[["步骤", "分值"]])]
    rows: Annotated[
        tuple[tuple[str, ...], ...],
        Field(examples=[[["满分", "100"], ["依法行政", "−12.5"], ["得分", "83.5"]]]),
    ]


def picture_answer(chart: Chart, version: str, cache_seconds: int | None = None) -> Answer:
    """The picture itself."""
    return Answer(
        200,
        chart.svg,
        version=version,
        cache_seconds=cache_seconds,
        media_type=f"{SVG}; charset=utf-8",
    )


def table_answer(chart: Chart, version: str, cache_seconds: int | None = None) -> Answer:
    """What the picture tells, in rows."""
    table = chart.table
    body = ChartTable(title=table.title, columns=table.columns, rows=table.rows)
    return Answer(200, body, version=version, cache_seconds=cache_seconds)
