"""A real Chromium on the site of a made-up city; both are started once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.site import Site, running

CHROMIUM = "/usr/bin/chromium"


@pytest.fixture(scope="package")
def site() -> Iterator[Site]:
    """The site. Its AWS is gone before other tests make theirs."""
    with running() as site:
        yield site


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()
