"""Pages of results and of the open data: what is public and nothing else, in full and in an empty
world, for any website to build on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.feed.model import NewDocument
from chalicelib.portal import routes_open, routes_results
from chalicelib.portal.refusals import refusal_page
from chalicelib.replica.service import Reading
from chalicelib.snapshots.model import Snapshot, SnapshotFile
from chalicelib.web import edge
from tests.browser import city
from tests.browser.city import BREACH, GONE, HOUSING, JUDGMENT, RUN, SUPERVISION
from tests.portal.pages import Page, hold_to_the_house
from tests.replica.builders import Log
from tests.support.world import NOON
from tests.web.build import Reply, call

NOW = "2026-06-15T04:00:00.000Z"
STABLE = ("/site/evaluations", "/site/lists", "/site/supervision", "/site/open-data")


def told(log: Log) -> Log:
    """The city's story in a feed."""
    for deed in city.story():
        if isinstance(deed, NewDocument):
            log.publish(deed.entity, deed.id, deed.document, deed.until)
        else:
            log.withdraw(deed.id, deed.reason)
    return log


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reading]:
    log = told(Log())
    connection = log.file(tmp_path_factory.mktemp("public") / "replica.db")
    yield Reading(connection, log.head.seq, log.head.at, NOW)
    connection.close()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Reading]:
    connection = Log().file(tmp_path / "replica.db")
    yield Reading(connection, 0, "", NOW)
    connection.close()


class Site:
    """The pages, in front of one public world."""

    def __init__(self, reading: Reading, patch: pytest.MonkeyPatch) -> None:
        self.snapshot: Snapshot | None = None
        for module in (routes_results, routes_open):
            patch.setattr(module, "current_reading", lambda: reading)
        patch.setattr(routes_open, "current_snapshot", lambda platform: self.snapshot)
        platform: Any = SimpleNamespace(clock=lambda: NOON)
        routes = [routes_results.routes, routes_open.routes]
        self.edge = edge.build(routes, None, None, lambda: platform, refusal_page=refusal_page)

    def get(self, path: str, **query: str) -> Reply:
        return call(self.edge, "GET", path, headers={"Authorization": ""}, query=query)

    def page(self, path: str, **query: str) -> Page:
        reply = self.get(path, **query)
        assert reply.status == 200, reply.text
        assert "Set-Cookie" not in reply.headers
        assert "script-src 'self'" in reply.headers["Content-Security-Policy"]
        found = Page(reply.text)
        hold_to_the_house(found)
        return found


@pytest.fixture
def site(full: Reading, monkeypatch: pytest.MonkeyPatch) -> Site:
    return Site(full, monkeypatch)


@pytest.mark.parametrize("path", [*STABLE, "/site/choose", "/site/open-data/fields"])
def test_every_page_stands_in_an_empty_world(
    empty: Reading, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    Site(empty, monkeypatch).page(path)


@pytest.mark.requirement("R-60")
def test_evaluations_lead_to_rankings_and_those_to_reasons(site: Site) -> None:
    runs = site.page("/site/evaluations")
    assert f"/site/evaluations/{RUN}" in runs.links() and "年度政务诚信评价（2025）" in runs.text
    ranking = site.page(f"/site/evaluations/{RUN}", group="city")
    assert f"/site/evaluations/{RUN}/{HOUSING}" in ranking.links()
    places = [text for text in ranking.text.split("第")[1:] if text[0].isdigit()]
    assert places, "places are told"
    assert site.get("/site/evaluations/ev_unheard-of").status == 404


@pytest.mark.requirement("R-60")
def test_every_point_has_its_reasons_and_the_public_records_behind_it(site: Site) -> None:
    page = site.page(f"/site/evaluations/{RUN}/{HOUSING}")
    assert f"/site/records/{BREACH}" in page.links() and "违约失信" in page.text
    for title in ("依法行政", "政务公开", "社会诚信", "双公示", "群众满意度", "守信践诺"):
        assert title in page.text
    assert "按条扣分，扣完为止" in page.text
    assert "2024" in page.text, "and the results of other years"
    assert site.get(f"/site/evaluations/{RUN}/91320100MA1234567X").status == 404


@pytest.mark.requirement("R-63")
def test_a_third_party_stands_beside_the_official_result_and_is_marked(site: Site) -> None:
    page = site.page(f"/site/evaluations/{RUN}/{HOUSING}")
    title = "示例政务诚信指数（2025）"
    for words in ("第三方评价", "不是官方的评价结果", title, "84.0", "示例大学"):
        assert words in page.text, words
    link = f"/public/v1/third-party-ratings/sample_trust_index/2025/{HOUSING}"
    assert link in page.links()
    ranking = site.page(f"/site/evaluations/{RUN}", group="city")
    assert "示例大学" not in ranking.text, "never among the official places"


@pytest.mark.requirement("R-21")
def test_lists_show_who_is_on_them_and_nobody_else(site: Site) -> None:
    serious = site.page("/site/lists")
    assert "示例市西湖区人民政府" in serious.text and "严重失信" in serious.text
    assert BREACH not in serious.html and GONE not in serious.html
    commended = site.page("/site/lists", list="commended")
    assert "政务服务先进集体" in commended.text and "严重失信名单 5" in commended.text
    west = site.page("/site/lists", region="329902")
    assert "示例市西湖区人民政府" in west.text and "示例建设" not in west.text
    assert site.get("/site/lists", list="nothing").status == 422
    assert site.get("/site/lists", page_token="AAAA").status == 400


@pytest.mark.requirement("R-61")
def test_what_became_of_suggestions_is_published(site: Site) -> None:
    page = site.page("/site/supervision")
    assert "人大代表建议" in page.text and "已优化公交站点12处并投入使用" in page.text
    assert any(found.get("id") == SUPERVISION for found in page.all("article"))
    assert "已优化" not in site.page("/site/supervision", kind="cppcc_proposal").text


def test_a_body_is_found_by_name_and_pinyin_to_report_it(site: Site) -> None:
    found = site.page("/site/choose", q="住房")
    assert f"/site/leads?code={HOUSING}" in found.links()
    assert f"/site/leads?code={HOUSING}" in site.page("/site/choose", q="zhufangju").links()
    assert "没有找到" in site.page("/site/choose", q='"><script>').text
    assert site.get("/site/choose", q="长" * 101).status == 422


@pytest.mark.requirement("R-21")
def test_snapshots_feed_proofs_and_widget_are_told(site: Site) -> None:
    file = SnapshotFile("csv", "g-9.csv", 2_500_000, "ab" * 32, 59, "text/csv")
    site.snapshot = Snapshot(9, NOW, "2026-06-16T18:00:00.000Z", "", 95, (file,))
    page = site.page("/site/open-data")
    assert "/public/v1/snapshots/files/g-9.csv" in page.links()
    assert "2.4 MB" in page.text and "ab" * 32 in page.text
    assert "/public/v1/changes?after=" in page.text and "verify.pyz prefix" in page.text
    assert any(one.get("data-code") for one in page.all("script"))


@pytest.mark.requirement("R-21")
def test_the_dictionary_names_public_fields_only(site: Site) -> None:
    page = site.page("/site/open-data/fields", place="nanjing")
    assert "行政处罚决定书文号" in page.text and "CF_WSH" in page.text
    assert "citizen_code" not in page.text and "身份证" not in page.text.replace("证件号码", "")


@pytest.mark.requirement("R-21")
def test_a_website_may_frame_the_widget_and_nothing_else(site: Site) -> None:
    reply = site.get(f"/site/widget/{HOUSING}")
    assert reply.status == 200
    assert "frame-ancestors *" in reply.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in reply.headers and "<script" not in reply.text
    page = Page(reply.text)
    hold_to_the_house(page)
    assert "示例市住房局" in page.text and "1 条" in page.text and "2025年度评价" in page.text
    for path in STABLE:
        policy = site.get(path).headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
    unknown = site.get("/site/widget/91320100MA1234567X")
    assert unknown.status == 404 and "没有公示信息" in unknown.text
    assert site.get("/site/widget/x").status == 422


@pytest.mark.requirement("R-21")
def test_the_script_of_the_widget_keeps_its_address(site: Site) -> None:
    reply = site.get("/site/widget.js")
    assert reply.headers["Content-Type"].startswith("text/javascript")
    assert reply.headers["Cache-Control"] == "public, max-age=3600"
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    for word in ("cookie", "localStorage", "innerHTML", "sessionStorage"):
        assert word not in reply.text.replace("sets no cookie", "")


def test_no_page_outlives_what_it_counts(full: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    near = Reading(full.connection, full.seq, full.at, "2027-06-01T15:59:50.000Z")
    site = Site(near, monkeypatch)
    for path, query in (("/site/lists", {"list": "commended"}), (f"/site/widget/{HOUSING}", {})):
        kept = site.get(path, **query).headers["Cache-Control"]
        assert int(kept.rpartition("=")[2]) <= 10, (path, kept)


def test_what_is_shown_is_escaped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = told(Log())
    body = json.loads(log.documents[f"subject/{HOUSING}"].content)
    log.publish("subject", f"subject/{HOUSING}", {**body, "name": city.ODD_TEXT})
    result = f"result/{RUN}/{HOUSING}"
    shown = json.loads(log.documents[result].content)
    shown["result"]["body"]["name"] = city.ODD_TEXT
    log.publish("result", result, shown)
    connection = log.file(tmp_path / "odd.db")
    site = Site(Reading(connection, log.head.seq, NOW, NOW), monkeypatch)
    for path in (
        f"/site/widget/{HOUSING}",
        f"/site/evaluations/{RUN}",
        f"/site/evaluations/{RUN}/{HOUSING}",
    ):
        reply = site.get(path)
        assert reply.status == 200 and "<script>document" not in reply.text, path
    connection.close()


@pytest.mark.requirement("R-60")
def test_a_grade_that_was_held_down_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = told(Log())
    result = f"result/{RUN}/{HOUSING}"
    limit = {
        "title": "当年有政务失信记录的单位",
        "basis": "宁政发〔2024〕89号五（二）",
        "working": "有1条（达到1条），等级最高为“良”",
        "record_count": 1,
        "score_without": "92.50",
        "grade_without": "优",
    }
    document = json.loads(log.documents[result].content)
    score, grade = (document["result"][name] for name in ("score", "grade_title"))
    idle = {**limit, "title": "上限", "score_without": score, "grade_without": grade}
    log.publish("result", result, {**document, "limits": [limit, idle]})
    connection = log.file(tmp_path / "limited.db")
    site = Site(Reading(connection, log.head.seq, NOW, NOW), monkeypatch)
    text = site.page(f"/site/evaluations/{RUN}/{HOUSING}").text
    assert "当年有政务失信记录的单位：有1条（达到1条），等级最高为“良”" in text
    assert "没有这项限制时为92.50分、“优”。依据：宁政发〔2024〕89号五（二）" in text
    assert "这项限制没有改变本次的得分和等级。" in text
    connection.close()


def test_a_reason_that_is_public_no_more_is_not_named(site: Site) -> None:
    hilly = city.HILLY
    assert f"/site/records/{JUDGMENT}" in site.page(f"/site/evaluations/{RUN}/{hilly}").links()
    for path in (f"/site/evaluations/{RUN}", f"/site/evaluations/{RUN}/{hilly}", *STABLE):
        assert GONE not in site.get(path).text
