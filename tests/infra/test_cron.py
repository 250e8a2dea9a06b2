"""Shanghai times on a scheduler that knows only UTC."""

from __future__ import annotations

import pytest

from infra.local.cron import CronError, to_utc


@pytest.mark.parametrize(
    ("shanghai", "utc"),
    [
        ("cron(30 2 * * ? *)", "cron(30 18 * * ? *)"),
        ("cron(0 9 15 1 ? *)", "cron(0 1 15 1 ? *)"),
        ("cron(5 * * * ? *)", "cron(5 * * * ? *)"),
        ("rate(1 hour)", "rate(1 hour)"),
    ],
)
def test_hours_move_by_eight(shanghai: str, utc: str) -> None:
    assert to_utc(shanghai) == utc


@pytest.mark.parametrize("expression", ["cron(0 2 1 1 ? *)", "cron(0 1/2 * * ? *)"])
def test_what_would_move_the_day_is_refused(expression: str) -> None:
    with pytest.raises(CronError):
        to_utc(expression)
