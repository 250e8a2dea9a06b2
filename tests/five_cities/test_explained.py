"""Under each of the five documents a body reads in the browser why it got its points."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from playwright.sync_api import Browser

from tests.browser.watching import watched
from tests.five_cities.city import JURISDICTIONS, shown

FEW = 2
"""Bodies of the sample: enough for a ranking."""


@pytest.mark.requirement("R-60")
@pytest.mark.parametrize("jurisdiction", JURISDICTIONS)
def test_the_yearly_result_is_explained_point_by_point(
    browser: Browser, jurisdiction: str
) -> None:
    with shown(jurisdiction, FEW) as (city, server), watched(browser, server.base_url) as page:
        assert city.runs, "a yearly scheme"
        for run in city.runs.values():
            (result, *_) = city.public_results(run)
            opened = page.open(f"/site/evaluations/{run}/{result.body.unified_code}")
            assert opened.locator(".score-large").inner_text() == f"{result.total}分"
            told = opened.locator("table.falls .value").all_inner_texts()
            *falls, last = (Decimal(text.replace("−", "-")) for text in told)
            assert sum(falls) == last == result.total, "the steps lead to the score"
            shown_points = opened.locator(".indicator-points > b").all_text_contents()
            assert set(result.points.values()) <= set(shown_points)
            assert len(re.findall("规则：", opened.content())) == len(result.points)
        page.assert_clean()
