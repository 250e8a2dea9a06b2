"""A page that is watched: what it asks of whom, what it complains of, what it keeps."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

WIDTHS = (375, 768, 1280)
SCREENSHOTS = "GOVCREDIT_SCREENSHOTS"
"""The environment variable that names a folder for screenshots; without it none is taken."""


@dataclass
class Watched:
    """A page and what was noticed while it was open."""

    page: Page
    base_url: str
    complaints: list[str] = field(default_factory=list)
    """Console errors (what a policy forbids is one), exceptions, requests that failed."""
    foreign: list[str] = field(default_factory=list)
    """Requests to anybody else."""

    def open(self, path: str) -> Page:
        """Go there; it must answer."""
        answer = self.page.goto(self.base_url + path)
        assert answer is not None and answer.status == 200, f"{path}: {answer and answer.status}"
        return self.page

    def assert_clean(self) -> None:
        """Nothing was complained of, nobody else was asked, nothing is kept."""
        assert self.complaints == []
        assert self.foreign == []
        assert self.page.context.cookies() == []


@contextmanager
def watched(browser: Browser, base_url: str, **settings: Any) -> Iterator[Watched]:
    """A fresh page in a browser that knows nothing. `settings` are those of a browser context."""
    context: BrowserContext = browser.new_context(locale="zh-CN", **settings)
    context.set_default_timeout(10_000)
    page = context.new_page()
    found = Watched(page, base_url)
    host = urlsplit(base_url).netloc

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            found.complaints.append(f"{page.url}: {message.text}")

    def asked(request: Request) -> None:
        if request.url.startswith("http") and urlsplit(request.url).netloc != host:
            found.foreign.append(request.url)

    page.on("console", heard)
    page.on("request", asked)
    page.on("pageerror", lambda error: found.complaints.append(str(error)))
    try:
        yield found
    finally:
        context.close()


def screenshot(page: Page, name: str) -> None:
    """A picture of the whole page for people to look at, where that is asked for."""
    folder = os.environ.get(SCREENSHOTS)
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
