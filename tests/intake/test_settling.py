"""The error file: in row order, whatever refused a row, and never a whole file's in memory."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.intake.settling import ChunkResult, Rejection, error_lines, settle

FIRST, SECOND = "a" * 32, "b" * 32


def result(rows: list[int], **changes: object) -> ChunkResult:
    """A chunk whose `rows` were refused."""
    rejections = [Rejection(row, "/fields/x", "required", "必须填写", "") for row in rows]
    body = {
        "rows": 10, "accepted": 10 - len(rows), "duplicate": 0, "rejected": len(rows),
        "contested": [], "claims": [], "record_ids": [], "rejections": rejections,
    }  # fmt: skip
    return ChunkResult(**{**body, **changes})  # type: ignore[arg-type]


def test_a_row_that_lost_a_contest_stands_among_the_refused_ones() -> None:
    claims = [("r_1", 4, FIRST), ("r_1", 7, SECOND), ("r_1", 13, FIRST)]
    results = [
        result([2, 9], contested=[7], claims=claims[:2]),
        result([11, 15], contested=[13], claims=claims[2:]),
    ]
    settled = settle(results)
    lines = list(error_lines(results, settled.lost))
    assert [(line.row, line.code) for line in lines] == [
        (2, "required"), (7, "conflict"), (9, "required"), (11, "required"), (15, "required"),
    ]  # fmt: skip
    assert (settled.duplicate, settled.rejected) == (1, 5)


@given(st.sets(st.integers(1, 60)), st.sets(st.integers(1, 60)))
def test_lines_come_in_row_order(refused: set[int], lost: set[int]) -> None:
    rows, losers = sorted(refused), sorted(lost - refused)
    results = [result(rows[:20]), result(rows[20:])]
    rejections = [Rejection(row, "", "conflict", "", "") for row in losers]
    assert [line.row for line in error_lines(results, rejections)] == sorted(rows + losers)


def test_a_chunk_is_read_when_its_lines_are_due() -> None:
    taken = 0

    def results() -> Iterator[ChunkResult]:
        nonlocal taken
        for number in range(5):
            taken += 1
            yield result([number * 10 + 1, number * 10 + 2])

    lines = error_lines(results(), [])
    assert next(lines).row == 1 and taken == 1
    assert [line.row for line in lines][-1] == 42 and taken == 5
