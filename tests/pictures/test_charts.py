"""Charts tell the same numbers in the drawing and in a table, whatever the labels hold."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.pictures import standalone
from chalicelib.pictures.bars import bars, stacked_bars, waterfall
from chalicelib.pictures.lines import trend
from chalicelib.pictures.model import Axis, Bar, Chart, Line, Square, Step
from chalicelib.pictures.radar import radar
from tests.portal.pages import Page

labels = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12)
amounts = st.floats(0, 1e6, allow_nan=False)


def rects(page: Page) -> list[dict[str, str]]:
    return [found for found in page.all("rect") if found["class"] != "rail"]


def test_the_longest_bar_fills_the_cell_and_half_of_it_half() -> None:
    page = Page(bars("数量", [Bar("甲", (8,), "8 条"), Bar("乙", (4,), "4 条", "/x")]))
    assert [found["width"] for found in rects(page)] == ["100", "50"]
    assert "8 条" in page.text and page.links() == ["/x"]


def test_parts_of_a_bar_stand_one_after_another() -> None:
    found = [Bar("甲", (1, 0, 3), "4")]
    page = Page(stacked_bars("按等级", ["轻微", "一般", "严重"], found, unit="条"))
    assert [(one["x"], one["width"]) for one in rects(page)] == [("0", "25"), ("25", "75")]
    assert "轻微 1，严重 3" in page.text


@given(st.lists(st.tuples(labels, amounts), max_size=6))
def test_no_bar_leaves_its_cell(found: list[tuple[str, float]]) -> None:
    page = Page(bars("x", [Bar(label, (value,), "") for label, value in found], most=100))
    assert all(0 <= float(rect["width"]) <= 100 for rect in rects(page))
    assert len(page.all("tr")) == len(found) + 1


@given(st.lists(st.tuples(labels, st.none() | amounts), min_size=1, max_size=24))
def test_every_point_of_a_trend_lies_in_the_picture_and_in_the_table(
    found: list[tuple[str, float | None]],
) -> None:
    drawn = trend(
        "走势", [label for label, _ in found], [Line("数", tuple(value for _, value in found))]
    )
    values = [value for _, value in found if value is not None]
    page = Page(drawn)
    dots = page.all("circle")
    assert len(dots) == len(values)
    assert all(0 <= float(dot["cx"]) <= 420 and 0 <= float(dot["cy"]) <= 210 for dot in dots)
    if values:
        assert len(page.all("tr")) == len(found) + 1


@given(st.lists(st.tuples(labels, st.floats(-1, 2)), min_size=1, max_size=9))
def test_a_radar_tells_every_axis_in_words(found: list[tuple[str, float]]) -> None:
    page = Page(
        radar("得分", [Axis(label, share, f"{share:.3f}") for label, share in found])
    )
    for _, share in found:
        assert f"{share:.3f}" in page.text
    for picture in page.all("svg"):
        assert picture.get("role") == "img" or picture.get("aria-hidden") == "true"


def test_hostile_labels_are_text() -> None:
    evil = '"><script>alert(1)</script>'
    drawn = (
        bars(evil, [Bar(evil, (1,), evil, evil)])
        + trend(evil, [evil, evil], [Line(evil, (1, 2)), Line(evil, (2, None))])
        + radar(evil, [Axis(evil, 0.5, evil)] * 3)
        + waterfall(evil, [Step(evil, 1, evil, is_total=True)], full=1)
        + standalone.heat_map(evil, [evil], [(evil, [Square(1, evil)])]).svg
    )
    assert "<script" not in drawn and not Page(drawn).all("script")


def test_a_waterfall_leads_from_the_full_mark_to_the_result() -> None:
    steps = [
        Step("满分", 100, "100", is_total=True),
        Step("依法行政", -12.5, "−12.5"),
        Step("守信践诺", -4, "−4"),
        Step("得分", 83.5, "83.5", is_total=True),
    ]
    page = Page(waterfall("100分如何成为83.5分", steps, full=100))
    places = [(one["x"], one["width"]) for one in rects(page)]
    assert places == [("0", "100"), ("87.5", "12.5"), ("83.5", "4"), ("0", "83.5")]
    alone = standalone.waterfall("100分如何成为83.5分", steps, full=100)
    assert alone.table.rows[1] == ("依法行政", "−12.5")


CHARTS = (
    standalone.radar("得分", [Axis(name, 0.5, "5 / 10") for name in "甲乙丙丁"]),
    standalone.radar("得分", [Axis("<甲>", 0.5, "5 / 10")]),
    standalone.trend("走势", ["2024", "2025"], [Line("本单位", (80.0, None))], high=100),
    standalone.bars("排名", [Bar("某单位&某局", (91.2,), "91.20")], most=100),
    standalone.waterfall("瀑布", [Step("满分", 100, "100", is_total=True)], full=100),
    standalone.heat_map("热力图", ["甲", "乙"], [("某县", [Square(4, "3件"), Square(None, "—")])]),
)


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.table.title)
def test_a_picture_taken_away_is_a_document_that_needs_nothing_else(chart: Chart) -> None:
    root = ElementTree.fromstring(chart.svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg" and root.get("viewBox")
    for element in root.iter():
        assert not {"class", "style"} & set(element.keys())
        if element.tag.endswith(("rect", "polygon", "polyline", "circle")):
            assert element.get("fill"), element.tag
    assert all(len(row) == len(chart.table.columns) for row in chart.table.rows)


def test_a_picture_of_nothing_is_still_a_document() -> None:
    assert ElementTree.fromstring(standalone.trend("空", [], [], high=1).svg) is not None
    assert ElementTree.fromstring(standalone.bars("空", [], most=1).svg) is not None
