"""Pages of the public world, over a replica: what they show, what they never show, how long."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl

import pytest

from chalicelib.kernel.clock import parse_instant
from chalicelib.portal import routes as portal_routes
from chalicelib.portal.refusals import refusal_page
from chalicelib.portal.views_home import Home, home_values
from chalicelib.replica import answering, examples
from chalicelib.replica.examples_ratings import RATING_EXAMPLE
from chalicelib.replica.figures import figures
from chalicelib.replica.service import Reading
from chalicelib.web import edge
from tests.portal import town
from tests.portal.pages import Page, hold_to_the_house
from tests.portal.town import BUREAU, HOSTILE
from tests.replica.builders import NOW, Log
from tests.web.build import Reply, call


class Site:
    """The pages over a replica of `log`, read at `now`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.log = Log()
        self.now = NOW
        self._file = folder / "replica.db"
        self._cache: dict[int, dict[Any, Any]] = {}
        monkeypatch.setattr(answering, "open_replica", lambda platform: self.reading())
        platform: Any = SimpleNamespace(clock=lambda: parse_instant(self.now))
        self._edge = edge.build(
            [portal_routes.routes], None, None, lambda: platform, refusal_page=refusal_page
        )

    def reading(self) -> Reading:
        self._file.unlink(missing_ok=True)
        connection: sqlite3.Connection = self.log.file(self._file)
        head = self.log.head
        return Reading(
            connection, head.seq, head.at, self.now, self._cache.setdefault(head.seq, {})
        )

    def show(self, *records: dict[str, Any]) -> None:
        """Publish records."""
        for record in records:
            self.log.publish("record", record["id"], record, record["publicity"]["until"] or "")

    def reply(self, path: str, **query: str) -> Reply:
        found = {name.rstrip("_"): value for name, value in query.items()}
        return call(self._edge, "GET", path, headers={"Authorization": ""}, query=found)

    def page(self, path: str, status: int = 200, **query: str) -> Page:
        """The page at a path, which keeps to the house whatever it shows."""
        reply = self.reply(path, **query)
        assert reply.status == status, reply.text[:2000]
        assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
        assert "unsafe" not in reply.headers["Content-Security-Policy"]
        assert "Set-Cookie" not in reply.headers
        assert reply.headers["As-Of-Seq"] == str(self.log.head.seq)
        page = Page(reply.text)
        hold_to_the_house(page)
        return page


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Site]:
    yield Site(monkeypatch, tmp_path)


def town_of(site: Site) -> None:
    """The made-up city: a bureau with breaches, an honour, results of three years; a firm."""
    site.log.publish("subject", f"subject/{BUREAU}", {**examples.BODY, "code": BUREAU})
    for number in range(1, 5):
        site.show(town.breach(number))
    site.show(town.honour(), town.penalty())
    for period, score in (("2024", "88.10"), ("2025", "92.50")):
        run = {
            **examples.RUN,
            "run": f"ev_nanjing-annual-{period}",
            "period": period,
            "groups": ["city"],
            "completed_at": f"{int(period) + 1}-03-01T01:00:00.000Z",
        }
        site.log.publish("run", f"run/{run['run']}", run)
        made = {**town.explanation(), "result": town.result(period, score)}
        site.log.publish("result", f"result/{run['run']}/{BUREAU}", made)
    shown = {**examples.SUPERVISION_RESULT, "body": {"code": BUREAU, "name": "示例市交通运输局"}}
    site.log.publish("supervision", f"supervision/{shown['id']}", shown)


@pytest.mark.requirement("R-21")
@pytest.mark.parametrize("path", ["/", "/site", "/site/search"])
def test_an_empty_world_has_its_pages(site: Site, path: str) -> None:
    assert "还没有" in site.page(path).text or "没有找到" in site.page(path).text


@pytest.mark.requirement("R-21")
def test_the_home_page_counts_what_is_public_and_leads_on(site: Site) -> None:
    town_of(site)
    page = site.page("/")
    assert "6条公示信息" in page.text and "4条失信记录" in page.text
    assert "第 12 条" in page.text, "how fresh it is"
    assert {"/site/records/r_1", "/site/search?dishonesty=true"} <= set(page.links())
    assert "92.50 分 优秀" in page.text


@pytest.mark.requirement("R-21")
def test_a_record_is_shown_with_everything_that_belongs_to_it(site: Site) -> None:
    town_of(site)
    page = site.page("/site/records/r_1")
    for words in (
        "示例市某某建设有限公司",
        "罚款人民币贰万元整。",
        "公示至2027年6月1日24时",
        "自2026年9月1日起可以申请信用修复",
        "归集目录规定公开，依据：《行政处罚法》",
        "标注“有异议”",
        "已申请复核，复核期间继续履行。",
        "第 7 条",
        "3f" * 32,
        "报送日期2026年6月3日，在规定期限内",
    ):
        assert words in page.text, words
    (place,) = [found for _, found in page.elements if "data-verify" in found]
    assert (place["data-record"], place["data-seq"]) == ("r_1", "7")
    assert place["data-proof"] == "/public/v1/records/r_1/proof"
    assert "verify.pyz document" in page.text, "without JavaScript, too"
    assert "/site/bodies/91320100MA00000000" in page.links()


@pytest.mark.requirement("R-21")
def test_a_person_has_a_masked_name_and_no_page(site: Site) -> None:
    site.show(
        town.penalty(subject_code=None, subject_name="张**", subject_kind="person", statement=None)
    )
    page = site.page("/site/records/r_1")
    assert "张**" in page.text
    assert not [link for link in page.links() if link.startswith("/site/bodies/")]


@pytest.mark.requirement("R-22")
@pytest.mark.parametrize(
    ("text", "is_link"),
    [
        ("https://wenshu.example.gov/website?docId=1&a=2", True),
        ("javascript:alert(1)", False),
        ("https://a.example/ javascript:alert(1)", False),
        ('https://a.example/"onclick="alert(1)', False),
    ],
)
def test_a_judgment_is_shown_with_its_link_and_nothing_else_is_one(
    site: Site, text: str, is_link: bool
) -> None:
    site.show(town.penalty(text=text))
    page = Page(site.reply("/site/records/r_1").text)
    assert text in "".join(page.words)
    outward = [found for found in page.all("a") if not found["href"].startswith(("/", "#"))]
    assert [found["href"] for found in outward] == [text] * is_link
    assert all("noreferrer" in found["rel"] for found in outward)


@pytest.mark.requirement("R-21")
def test_a_body_has_dishonesty_apart_and_its_evaluation(site: Site) -> None:
    town_of(site)
    page = site.page(f"/site/bodies/{BUREAU}")
    for words in ("5条公示信息", "4条失信记录", "1项荣誉", "92.50", "第 3 名 / 24"):
        assert words in page.text, words
    assert "双公示" in page.text and " / 25" in page.text, "the radar in words"
    assert "2024" in page.text and "88.1 分" in page.text, "the trend in words"
    assert "已完成站点优化并投入使用" in page.text
    assert f"/site/evaluations/ev_nanjing-annual-2025/{BUREAU}" in page.links()
    assert "第三方评价" not in page.text
    rated = {**RATING_EXAMPLE, "body": {"code": BUREAU, "name": "示例市交通运输局"}}
    site.log.publish("rating", f"rating/{RATING_EXAMPLE['id']}", rated)
    page = site.page(f"/site/bodies/{BUREAU}")
    assert "不是官方的评价结果" in page.text and "示例大学" in page.text and "84.0" in page.text


@pytest.mark.requirement("R-21")
def test_a_firm_nobody_registered_is_shown_by_its_records(site: Site) -> None:
    site.show(town.penalty())
    assert "未登记" in site.page("/site/bodies/91320100MA00000000").text


@pytest.mark.requirement("R-21")
@pytest.mark.parametrize("path", ["/site/records/r_nobody", "/site/bodies/11320100000000009X"])
def test_what_never_was_public_is_not_there(site: Site, path: str) -> None:
    reply = site.reply(path)
    assert (reply.status, reply.headers["Cache-Control"]) == (404, "no-store")
    assert "没有找到这个页面" in Page(reply.text).text


@pytest.mark.requirement("R-21")
def test_what_is_withdrawn_says_when_and_nothing_of_what_it_was(site: Site) -> None:
    town_of(site)
    site.log.withdraw("r_1")
    page = site.page("/site/records/r_1", 410)
    assert "依法撤下" in page.text and "第 13 条" in page.text
    assert "某某建设" not in page.html and "罚款" not in page.html
    for path in ("/", "/site/search"):
        assert "某某建设" not in site.page(path).html


@pytest.mark.requirement("R-21")
def test_a_term_ends_by_itself_and_no_page_is_kept_past_it(site: Site) -> None:
    site.show(town.penalty(until="2026-06-15T16:00:00.000Z"))
    site.now = "2026-06-15T15:59:50.000Z"
    for path in ("/", "/site/search", "/site/records/r_1", "/site/bodies/91320100MA00000000"):
        assert site.reply(path).headers["Cache-Control"] == "public, max-age=10", path
    site.now = "2026-06-15T16:00:00.000Z"
    assert "公示期已满" in site.page("/site/records/r_1", 410).text
    assert "某某建设" not in site.page("/").html


@pytest.mark.requirement("R-21")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "河道清淤"}, {"r_1"}),
        ({"q": "jiaotong"}, {"r_breach1", "r_breach2", "r_breach3", "r_breach4", "r_honour"}),
        ({"q": "合同 第3期"}, {"r_breach3"}),
        ({"dishonesty": "true", "severity": "serious"}, {"r_breach3"}),
        ({"from": "2026-01-01", "to": "2026-12-31"}, {"r_1", "r_honour"}),
        ({"subject": BUREAU.lower(), "category": "honour"}, {"r_honour"}),
        ({"q": "", "subject": "", "type": "administrative_penalty"}, {"r_1"}),
        ({"region": "320000", "type": "honour"}, {"r_honour"}),
    ],
)
def test_search_finds_by_words_pinyin_and_filters(
    site: Site, query: dict[str, str], found: set[str]
) -> None:
    town_of(site)
    page = site.page("/site/search", **query)
    prefix = "/site/records/"
    links = {link.removeprefix(prefix) for link in page.links() if link.startswith(prefix)}
    assert links == found
    assert f"{len(found)} 条信息" in page.text


def test_a_name_finds_the_body_itself_and_a_code_too(site: Site) -> None:
    town_of(site)
    for words in ("交通运输", "jtysj", BUREAU):
        assert f"/site/bodies/{BUREAU}" in site.page("/site/search", q=words).links(), words


def test_counts_are_links_and_what_is_chosen_can_be_taken_back(site: Site) -> None:
    town_of(site)
    page = site.page("/site/search", q="示例")
    assert "/site/search?q=%E7%A4%BA%E4%BE%8B&type=contract_breach" in page.links()
    narrowed = site.page("/site/search", q="示例", type="contract_breach")
    assert "/site/search?q=%E7%A4%BA%E4%BE%8B" in narrowed.links()
    hidden = [found for found in narrowed.all("input") if found.get("type") == "hidden"]
    assert [(one["name"], one["value"]) for one in hidden] == [("type", "contract_breach")]


def test_the_bar_of_an_area_counts_what_its_link_finds(site: Site) -> None:
    site.show(
        town.breach(1, region="320100", region_title="示例市"),
        *(town.breach(number, region="320102", region_title="西湖区") for number in (2, 3)),
    )
    home = home_values(Home(figures(site.reading(), ())))
    assert home["dishonesty"] == 3
    shown = [(bar.label, bar.text) for bar in home["areas"]]
    assert shown == [("示例市", "3 条"), ("西湖区", "2 条")]
    for bar in home["areas"]:
        path, _, asked = bar.href.partition("?")
        found = site.page(path, **dict(parse_qsl(asked)))
        assert f"{bar.text}信息" in found.text


def test_pages_of_a_search_follow_each_other_without_gap(site: Site) -> None:
    ids = [f"r_x{number:02d}" for number in range(45)]
    site.show(*(town.breach(1, id=name) for name in ids))
    seen: list[str] = []
    path, query = "/site/search", {"dishonesty": "true"}
    for _ in range(3):
        page = site.page(path, **query)
        seen += [x.rpartition("/")[2] for x in page.links() if x.startswith("/site/records/")]
        further = [found["href"] for found in page.all("a") if found.get("rel") == "next"]
        if further:
            query = dict(part.split("=", 1) for part in further[0].partition("?")[2].split("&"))
    assert sorted(seen) == ids and not further


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"from": "2026-02-30"}, "起始日期应写作"),
        ({"from": "2026-02-02", "to": "2026-02-01"}, "起始日期晚于截止日期"),
        ({"subject": HOSTILE[:60]}, "应为18位数字和大写字母"),
        ({"severity": "huge", "dishonesty": "maybe"}, "失信等级只有"),
        ({"q": "!!!"}, "应至少有一个汉字"),
        ({"q": "一 二 三 四 五 六 七 八 九 十 百"}, "最多 10 个检索词"),
        ({"q": "\ufdfa" * 5}, "最多 10 个检索词"),
    ],
)
def test_a_wrong_question_is_answered_beside_the_form(
    site: Site, query: dict[str, str], words: str
) -> None:
    town_of(site)
    page = site.page("/site/search", 422, **query)
    assert words in page.text
    assert not [link for link in page.links() if link.startswith("/site/records/")]


def test_an_unknown_filter_and_a_foreign_token_are_refused(site: Site) -> None:
    assert site.reply("/site/search", colour="red").status == 422
    assert site.reply("/site/search", page_token="AAAA").status == 400


@pytest.mark.requirement("R-26")
def test_names_and_texts_are_never_markup(site: Site) -> None:
    said = {"text": HOSTILE, "made_on": "2026-06-01"}
    site.show(
        town.penalty(subject_name=HOSTILE, reporter_name=HOSTILE, statement=said, text=HOSTILE),
        town.breach(2, subject_code="91320100MA00000000", text=HOSTILE, statement=said),
    )
    site.log.publish("subject", f"subject/{BUREAU}", {**examples.BODY, "name": HOSTILE})
    for path in ("/", "/site/search", "/site/records/r_1", "/site/bodies/91320100MA00000000"):
        page = site.page(path)
        assert HOSTILE in "".join(page.words) and "<img" not in page.html, path
    page = site.page("/site/search", q=HOSTILE[:90])
    assert "<script>alert" not in page.html


def test_an_unchanged_page_is_not_sent_again(site: Site) -> None:
    site.show(town.penalty())
    first = site.reply("/site/records/r_1")
    again = call(
        site._edge,
        "GET",
        "/site/records/r_1",
        headers={"Authorization": "", "If-None-Match": first.headers["ETag"]},
    )
    assert (again.status, again.text) == (304, "")


@pytest.mark.requirement("R-21")
def test_columns_of_the_national_standard_are_offered_where_there_are_any(site: Site) -> None:
    site.show(town.penalty(), town.breach())
    national = "?schema=national-2018"
    penalty = site.page("/site/records/r_1").links()
    assert f"/public/v1/records/r_1{national}" in penalty
    breach = site.page("/site/records/r_breach1").links()
    assert not [one for one in breach if national in one]
