"""A log of three hundred entries, published in a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tlog.publishing import PublishedLog


@pytest.fixture
def log(tmp_path: Path) -> PublishedLog:
    (tmp_path / "log").mkdir()
    published = PublishedLog(tmp_path / "log")
    published.publish(300)
    return published
