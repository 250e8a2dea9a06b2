"""What is written, and what a deployment can silence."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from chalicelib.kernel import log
from chalicelib.kernel.errors import Misconfigured


@pytest.fixture(autouse=True)
def level() -> Iterator[None]:
    yield
    log.set_level("INFO")


def written(capsys: pytest.CaptureFixture[str]) -> list[str]:
    for level in log.LEVELS:
        log.log_event(level, "something", kind=1)
    return [json.loads(line)["level"] for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("least", list(log.LEVELS))
def test_what_is_less_grave_than_asked_for_is_not_written(
    least: str, capsys: pytest.CaptureFixture[str]
) -> None:
    log.set_level(least)
    order = list(log.LEVELS)
    assert written(capsys) == order[order.index(least) :]


def test_a_level_there_is_not_is_refused() -> None:
    with pytest.raises(Misconfigured, match="LOG_LEVEL"):
        log.set_level("LOUD")
