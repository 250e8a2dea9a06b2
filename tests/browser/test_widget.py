"""A body's standing on somebody else's website: by a script, and by a frame."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.city import HOUSING
from tests.browser.site import Site
from tests.browser.watching import screenshot, watched

PAGE = """<!doctype html><html lang="zh-CN"><title>别的网站</title><link rel="icon" href="data:,">
<h1>别的网站</h1><script src="{site}/site/widget.js" data-code="{code}" async></script>
<iframe src="{site}/site/widget/{code}" title="政务诚信现状" width="360" height="320"></iframe>"""


@contextmanager
def elsewhere(html: str) -> Iterator[str]:
    """Another website with this one page. On loopback, too: a browser lets nobody from outside
    ask what is inside."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response_only(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, format: str, *args: Any) -> None:
            """Silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.requirement("R-21")
def test_a_body_is_shown_on_another_website(browser: Browser, site: Site) -> None:
    html = PAGE.format(site=site.base_url, code=HOUSING)
    with elsewhere(html) as other, watched(browser, site.base_url) as seen:
        page = seen.page
        page.goto(f"{other}/")
        expect(page.locator(".govcredit-widget .name")).to_have_text("示例市住房局")
        frame = page.frame_locator("iframe")
        expect(frame.get_by_text("示例市住房局").first).to_be_visible()
        expect(frame.get_by_role("link").first).to_be_visible()
        screenshot(page, "widget-elsewhere")
        assert [url for url in seen.foreign if not url.startswith(other)] == []
        assert seen.complaints == [] and page.context.cookies() == []


def test_no_other_page_of_the_site_can_be_framed(browser: Browser, site: Site) -> None:
    with watched(browser, site.base_url) as seen:
        for path in ("/", "/site/leads", f"/site/bodies/{HOUSING}"):
            answer = seen.page.request.get(site.base_url + path)
            assert "frame-ancestors 'none'" in answer.headers["content-security-policy"], path


@pytest.mark.requirement("R-21")
def test_the_code_we_offer_shows_the_body_and_leads_to_its_page(
    browser: Browser, site: Site
) -> None:
    with watched(browser, site.base_url) as seen:
        page = seen.open("/site/open-data")
        offered = [page.inner_text(f"#{name}") for name in ("widget-script", "widget-frame")]
        html = "".join(offered).replace("https://本站", site.base_url)
        with elsewhere(f"<!doctype html><meta charset=utf-8><h1>别的网站</h1>{html}") as other:
            for where in (page.locator(".govcredit-widget"), page.frame_locator("iframe")):
                page.goto(f"{other}/")
                with page.context.expect_page() as opened:
                    where.get_by_role("link").first.click()
                popup = opened.value
                name = popup.get_by_role("heading", level=1)
                expect(name).to_contain_text("示例市")
                assert popup.url.startswith(f"{site.base_url}/site/bodies/")
                popup.close()
