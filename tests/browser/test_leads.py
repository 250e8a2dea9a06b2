"""Anyone reports something in the browser and follows it by the receipt code: with scripts, and
without."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.city import HOUSING
from tests.browser.site import Site
from tests.browser.watching import screenshot, watched

MATTER = "保障房门窗款拖欠一年未付\n请核实"


@pytest.mark.requirement("R-22")
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_lead_is_filed_and_followed(browser: Browser, site: Site, scripts: bool) -> None:
    with watched(browser, site.base_url, java_script_enabled=scripts) as seen:
        page = seen.open(f"/site/leads?code={HOUSING}")
        page.locator("input[name=kind]").first.check()
        page.fill("[name=field_matter]", MATTER)
        page.get_by_role("button", name="提交", exact=True).click()
        receipt = page.locator("#receipt-code")
        expect(receipt).to_contain_text("-")
        code = receipt.inner_text().strip()
        screenshot(page, f"lead-receipt-{scripts}")

        seen.open("/site/leads/track")
        page.fill("#code", code.lower().replace("-", " "))
        page.locator("main form button").click()
        expect(page.get_by_text("示例市住房局").first).to_be_visible()
        expect(page.get_by_text("保障房门窗款拖欠一年未付").first).to_be_visible()
        page.fill("[name=supplement_field_message]", "现补充合同编号")
        page.locator("form", has=page.locator("[name=supplement_field_message]")).get_by_role(
            "button"
        ).click()
        expect(page.get_by_role("status")).to_contain_text("已经送达")
        expect(page.get_by_text("现补充合同编号").first).to_be_visible()
        screenshot(page, f"lead-followed-{scripts}")
        assert code not in page.url
        seen.assert_clean()


def test_a_wrong_code_is_said_so(browser: Browser, site: Site) -> None:
    with watched(browser, site.base_url, java_script_enabled=False) as seen:
        page = seen.open("/site/leads/track")
        page.fill("#code", "0000-0000-0000-0000")
        page.locator("main form button").click()
        expect(page.locator("main")).to_contain_text("没有")
        assert seen.foreign == [] and page.context.cookies() == []
