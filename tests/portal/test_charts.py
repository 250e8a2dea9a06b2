"""Charts tell the same numbers in the drawing and in a table, whatever the labels hold."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.portal import charts
from chalicelib.portal.charts import Axis, Bar, Line
from tests.portal.pages import Page

labels = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12)
amounts = st.floats(0, 1e6, allow_nan=False)


def rects(page: Page) -> list[dict[str, str]]:
    return [found for found in page.all("rect") if found["class"] != "rail"]


def test_the_longest_bar_fills_the_cell_and_half_of_it_half() -> None:
    page = Page(charts.bars("数量", [Bar("甲", (8,), "8 条"), Bar("乙", (4,), "4 条", "/x")]))
    assert [found["width"] for found in rects(page)] == ["100", "50"]
    assert "8 条" in page.text and page.links() == ["/x"]


def test_parts_of_a_bar_stand_one_after_another() -> None:
    bars = [Bar("甲", (1, 0, 3), "4")]
    page = Page(charts.stacked_bars("按等级", ["轻微", "一般", "严重"], bars, unit="条"))
    assert [(found["x"], found["width"]) for found in rects(page)] == [("0", "25"), ("25", "75")]
    assert "轻微 1，严重 3" in page.text


@given(st.lists(st.tuples(labels, amounts), max_size=6))
def test_no_bar_leaves_its_cell(found: list[tuple[str, float]]) -> None:
    page = Page(charts.bars("x", [Bar(label, (value,), "") for label, value in found], most=100))
    assert all(0 <= float(rect["width"]) <= 100 for rect in rects(page))
    assert len(page.all("tr")) == len(found) + 1


@given(st.lists(st.tuples(labels, st.none() | amounts), min_size=1, max_size=24))
def test_every_point_of_a_trend_lies_in_the_picture_and_in_the_table(
    found: list[tuple[str, float | None]],
) -> None:
    drawn = charts.trend(
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
        charts.radar("得分", [Axis(label, share, f"{share:.3f}") for label, share in found])
    )
    for _, share in found:
        assert f"{share:.3f}" in page.text
    for picture in page.all("svg"):
        assert picture.get("role") == "img" or picture.get("aria-hidden") == "true"


def test_hostile_labels_are_text() -> None:
    evil = '"><script>alert(1)</script>'
    drawn = (
        charts.bars(evil, [Bar(evil, (1,), evil, evil)])
        + charts.trend(evil, [evil, evil], [Line(evil, (1, 2)), Line(evil, (2, None))])
        + charts.radar(evil, [Axis(evil, 0.5, evil)] * 3)
    )
    assert "<script" not in drawn and not Page(drawn).all("script")
