"""A body's standing on somebody else's website: by a script, and by a frame."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser.city import HOUSING
from tests.browser.site import Site
from tests.browser.watching import screenshot, watched

ELSEWHERE = "http://credit.example"
PAGE = """<!doctype html><html lang="zh-CN"><title>别的网站</title><h1>别的网站</h1>
<script src="{site}/site/widget.js" data-code="{code}" async></script>
<iframe src="{site}/site/widget/{code}" title="政务诚信现状" width="360" height="320"></iframe>"""


@pytest.mark.requirement("R-21")
def test_a_body_is_shown_on_another_website(browser: Browser, site: Site) -> None:
    with watched(browser, site.base_url) as seen:
        page = seen.page
        html = PAGE.format(site=site.base_url, code=HOUSING)

        def answer(route: Route) -> None:
            route.fulfill(content_type="text/html; charset=utf-8", body=html)

        page.route(f"{ELSEWHERE}/**", answer)
        page.goto(f"{ELSEWHERE}/")
        expect(page.locator(".govcredit-widget .name")).to_have_text("示例市住房局")
        frame = page.frame_locator("iframe")
        expect(frame.get_by_text("示例市住房局").first).to_be_visible()
        links = frame.locator("a")
        assert links.count() >= 1
        screenshot(page, "widget-elsewhere")
        assert {url for url in seen.foreign if not url.startswith(ELSEWHERE)} == set()
        assert seen.complaints == [] and page.context.cookies() == []


def test_no_other_page_of_the_site_can_be_framed(browser: Browser, site: Site) -> None:
    with watched(browser, site.base_url) as seen:
        for path in ("/", "/site/leads", f"/site/bodies/{HOUSING}"):
            answer = seen.page.request.get(site.base_url + path)
            assert "frame-ancestors 'none'" in answer.headers["content-security-policy"], path
