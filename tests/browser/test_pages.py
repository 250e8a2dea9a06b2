"""Every page of the site: for everybody, at every width, and to itself."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.city import BREACH, HOUSING, PERSON, RUN, WESTERN
from tests.browser.site import Site
from tests.browser.watching import WIDTHS, screenshot, watched

PAGES = {
    "docs": "/docs",
    "error": "/docs/errors/not_found",
    "operation": "/docs/operations/post_public_v1_leads",
    "guide": "/site/guide",
    "guide-repair": "/site/guide/repair?place=nanjing",
    "guide-verify": "/site/guide/verify",
    "leads": "/site/leads",
    "leads-track": "/site/leads/track",
    "evaluation": f"/site/evaluations/{RUN}?group=city",
    "evaluation-reasons": f"/site/evaluations/{RUN}/{HOUSING}",
    "lists": "/site/lists",
    "open-data": "/site/open-data",
    "choose": "/site/choose?q=住房",
    "widget": f"/site/widget/{HOUSING}",
    "lead-form": f"/site/leads?code={HOUSING}",
    "home": "/",
    "search": "/site/search",
    "search-found": "/site/search?q=施工&severity=serious",
    "search-nothing": "/site/search?q=没有这样的事",
    "body": f"/site/bodies/{HOUSING}",
    "body-county": f"/site/bodies/{WESTERN}",
    "record": f"/site/records/{BREACH}",
    "record-person": f"/site/records/{PERSON}",
    "evaluations": "/site/evaluations",
    "lists-commended": "/site/lists?list=commended",
    "supervision": "/site/supervision",
    "dictionary": "/site/open-data/fields",
}
"""Name of a screenshot -> the page."""
VAST = {"docs"}
"""So long that axe is run at one width."""
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa")
_CHECK = """rules => axe.run({runOnly: rules, resultTypes: ["violations"]}).then(found =>
    found.violations.map(one => one.id + ": " + one.help + " " +
        JSON.stringify(one.nodes.slice(0, 3).map(node => node.target))))"""


def violations(page: Page, *, colours_only: bool = False) -> list[str]:
    """What axe finds against WCAG 2.1 A and AA; `colours_only` where nothing else has changed."""
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(Axe().axe_script)
    rules = (
        {"type": "rule", "values": ["color-contrast"]}
        if colours_only
        else {"type": "tag", "values": list(RULES)}
    )
    found: list[str] = page.evaluate(_CHECK, rules)
    return found


@pytest.mark.requirement("R-21")
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_for_everybody_at_every_width(browser: Browser, site: Site, name: str) -> None:
    with watched(browser, site.base_url) as seen:
        page = seen.open(PAGES[name])
        found = {}
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            if name not in VAST or width == WIDTHS[-1]:
                found[str(width)] = violations(page)
            wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wider <= 0, f"{name} is wider than {width} px"
            if name not in VAST:
                screenshot(page, f"{name}-{width}")
        page.emulate_media(color_scheme="dark")
        found["dark"] = violations(page, colours_only=True)
        screenshot(page, f"{name}-dark")
        assert {where: what for where, what in found.items() if what} == {}
        seen.assert_clean()
