"""From a word somebody types to a record that the reader's own browser has proven."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.city import (
    BREACH,
    COMMITMENT,
    GONE,
    HONOUR,
    HOUSING,
    JUDGMENT,
    ODD,
    ODD_TEXT,
    PERSON,
    SERIOUS,
)
from tests.browser.site import Site
from tests.browser.watching import Watched, screenshot, watched


def verified(page: Page) -> list[str]:
    """Press the button of a record's page; how each step ended."""
    page.get_by_role("button", name="开始核验").click()
    expect(page.get_by_role("button", name="再核验一次")).to_be_visible()
    return page.locator("[data-verify] ol > li").evaluate_all(
        "all => all.map(one => one.className)"
    )


@pytest.mark.requirement("R-21")
def test_search_body_record_verify(browser: Browser, site: Site) -> None:
    with watched(browser, site.base_url, viewport={"width": 1280, "height": 900}) as seen:
        page = seen.open("/")
        page.get_by_role("searchbox").first.fill("示例市住房")
        page.keyboard.press("Enter")
        page.locator(f"a[href='/site/bodies/{HOUSING}']").first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("示例市住房局")
        page.locator(f"a[href='/site/records/{BREACH}']").first.click()
        expect(page.get_by_text("有异议").first).to_be_visible()
        expect(page.get_by_text("合同余款已于2026年6月10日付清。")).to_be_visible()
        steps = verified(page)
        assert len(steps) >= 4 and set(steps) == {"good"}, steps
        expect(page.locator("[data-verify] [role=status]")).to_contain_text("已证实")
        screenshot(page, "record-verified")
        seen.assert_clean()


@pytest.mark.requirement("R-21")
def test_records_of_every_sort_are_proven_as_they_are_shown(browser: Browser, site: Site) -> None:
    with watched(browser, site.base_url) as seen:
        for record in (PERSON, ODD, HONOUR, SERIOUS, JUDGMENT, COMMITMENT):
            page = seen.open(f"/site/records/{record}")
            steps = verified(page)
            told = page.inner_text("[data-verify] ol")
            assert set(steps) == {"good"}, (page.url, told)
        seen.assert_clean()


def other_document(shown: dict[str, Any]) -> None:
    shown["document"]["subject"]["name"] = "别的单位"


def other_signature(shown: dict[str, Any]) -> None:
    head, _, signature = shown["checkpoint"].rstrip("\n").rpartition(" ")
    spoilt = signature[:20] + ("A" if signature[20] != "A" else "B") + signature[21:]
    shown["checkpoint"] = f"{head} {spoilt}\n"


@pytest.mark.requirement("R-21")
@pytest.mark.parametrize("tamper", [other_document, other_signature])
def test_what_is_not_in_the_log_is_not_proven(
    browser: Browser, site: Site, tamper: Callable[[dict[str, Any]], None]
) -> None:
    with watched(browser, site.base_url) as seen:
        page = seen.open(f"/site/records/{BREACH}")

        def answer(route: Route) -> None:
            given = route.fetch()
            shown = given.json()
            tamper(shown)
            route.fulfill(response=given, body=json.dumps(shown, ensure_ascii=False))

        page.route("**/proof", answer)
        assert "bad" in verified(page)
        expect(page.locator("[data-verify] [role=status]")).to_contain_text("未能证实")


def test_what_others_wrote_is_text_and_nothing_more(browser: Browser, site: Site) -> None:
    with watched(browser, site.base_url) as seen:
        page = seen.open(f"/site/records/{ODD}")
        expect(page.get_by_text(ODD_TEXT).first).to_be_visible()
        assert page.title() != "bad"
        assert page.locator("b[onclick]").count() == 0
        seen.open("/site/search?q=%3Cscript%3E%22%27")
        seen.assert_clean()


def test_a_person_is_shown_by_a_masked_name(browser: Browser, site: Site) -> None:
    with watched(browser, site.base_url) as seen:
        page = seen.open(f"/site/records/{PERSON}")
        expect(page.get_by_role("heading", level=1)).to_contain_text("张**")


def test_a_withdrawn_record_says_so_and_nothing_of_it(browser: Browser, site: Site) -> None:
    with watched(browser, site.base_url) as seen:
        answer = seen.page.goto(f"{site.base_url}/site/records/{GONE}")
        assert answer is not None and answer.status == 410
        expect(seen.page.locator("main")).not_to_contain_text("保障房门窗")
        expect(seen.page.locator("main")).to_contain_text("撤")


def test_a_keyboard_is_enough(browser: Browser, site: Site) -> None:
    with watched(browser, site.base_url, viewport={"width": 1280, "height": 900}) as seen:
        page = seen.open(f"/site/records/{BREACH}")
        page.keyboard.press("Tab")
        first = page.locator(":focus")
        expect(first).to_be_visible()
        target = str(first.get_attribute("href"))
        assert target.startswith("#"), "the first stop leads past the navigation"
        page.keyboard.press("Enter")
        expect(page.locator(target)).to_be_focused()
        assert _unmarked_stops(seen) == []


def _unmarked_stops(seen: Watched) -> list[str]:
    """Where the focus goes without anything to see of it."""
    lost = []
    for _ in range(25):
        seen.page.keyboard.press("Tab")
        found: str = seen.page.evaluate(
            """() => { const at = document.activeElement;
            if (!at || at === document.body) return "";
            const style = getComputedStyle(at);
            const marked = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0)
                || style.boxShadow !== "none";
            return marked ? "" : at.outerHTML.slice(0, 80); }"""
        )
        lost += [found] if found else []
    return lost


def test_a_record_on_paper_is_the_record_alone(browser: Browser, site: Site) -> None:
    with watched(browser, site.base_url) as seen:
        page = seen.open(f"/site/records/{BREACH}")
        page.emulate_media(media="print")
        expect(page.get_by_text("未按合同约定支付已验收保障房门窗的价款").first).to_be_visible()
        for gone in ("nav", "[data-verify]", "header form"):
            for found in page.locator(gone).all():
                expect(found).not_to_be_visible()
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert colour in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")
        screenshot(page, "record-print")
