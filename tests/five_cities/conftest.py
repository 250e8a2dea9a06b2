"""The same Chromium as the site is tested in."""

from __future__ import annotations

from tests.browser.conftest import browser

__all__ = ["browser"]
