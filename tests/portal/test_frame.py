"""The frame of every page: nothing runs or loads but our own files, refusals are readable."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import DictLoader

from chalicelib.kernel.errors import Fault, Invalid, NotFound
from chalicelib.portal import rendering, static_files
from chalicelib.portal.refusals import refusal_page
from chalicelib.portal.rendering import Standing, day_text, link, moment_text, page
from chalicelib.portal.routes import routes
from chalicelib.web import edge
from tests.portal.pages import Page, hold_to_the_house
from tests.web.build import Reply, call

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7*7 }}"


def site() -> edge.Edge:
    platform: Any = SimpleNamespace()
    return edge.build([routes], None, None, lambda: platform, refusal_page=refusal_page)


def get(path: str, **query: str) -> Reply:
    return call(site(), "GET", path, headers={"Authorization": ""}, query=query)


def test_an_address_that_is_not_there_answers_a_page() -> None:
    reply = get("/site/nothing-here")
    assert reply.status == 404 and reply.headers["Content-Type"].startswith("text/html")
    assert reply.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in reply.headers
    found = Page(reply.text)
    hold_to_the_house(found)
    assert "没有找到这个页面" in found.text and "/site/search" in found.links()


def test_beside_the_site_a_refusal_stays_a_problem() -> None:
    reply = call(site(), "GET", "/public/v1/nothing", headers={"Authorization": ""})
    assert reply.headers["Content-Type"] == "application/problem+json"


def test_a_method_no_page_takes_names_those_it_does() -> None:
    reply = call(site(), "DELETE", "/site/static/site.css", headers={"Authorization": ""})
    assert (reply.status, reply.headers["Allow"]) == (405, "GET")
    assert reply.headers["Content-Type"].startswith("text/html")


def test_a_refusal_names_what_was_wrong_and_escapes_it() -> None:
    error = Invalid("查询有误", faults=[Fault(f"/query/{HOSTILE}", "unknown_field", "不认识")])
    answer = refusal_page(error, "/site/search")
    assert answer is not None
    found = Page(str(answer.body))
    hold_to_the_house(found)
    assert "不认识" in found.text and "<img src=x" not in str(answer.body)
    assert refusal_page(NotFound(), "/public/v1/records") is None


def test_no_page_runs_or_loads_what_is_not_ours() -> None:
    policy = page("refused.html", None, status_title="", detail="", faults=(), remedy="").headers[
        "Content-Security-Policy"
    ]
    told = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert told["default-src"] == "'none'" and told["script-src"] == told["style-src"] == "'self'"
    assert told["frame-ancestors"] == told["base-uri"] == "'none'" and "unsafe" not in policy
    framed = rendering.security_headers(embeddable=True)["Content-Security-Policy"]
    assert framed == policy.replace("frame-ancestors 'none'", "frame-ancestors *")


def test_whatever_is_put_into_a_template_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        rendering._environment(), "loader", DictLoader({"x.html": "<b>{{ v }}</b>"})
    )
    shown = rendering.render("x.html", v=HOSTILE)
    assert "<script" not in shown and "<img" not in shown and "{{ 7*7 }}" in shown


def test_a_page_says_up_to_which_change_it_stands() -> None:
    values: dict[str, Any] = {"status_title": "x", "detail": "", "faults": (), "remedy": ""}
    answer = page("refused.html", Standing(1234, "2026-06-15T04:00:00.000Z"), **values)
    assert answer.headers["As-Of-Seq"] == "1234"
    assert "第 1,234 条（2026年6月15日 12:00，北京时间）" in Page(str(answer.body)).text
    again = page("refused.html", Standing(1234, "2026-06-15T04:00:00.000Z"), **values)
    assert answer.version == again.version is not None


def test_files_are_kept_for_ever_at_the_address_of_their_content() -> None:
    address = static_files.address("site.css")
    reply = get(address)
    assert reply.headers["Content-Type"].startswith("text/css")
    assert reply.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert reply.text.startswith("/*")
    older = get("/site/static/site-000000000000.css")
    assert (older.status, older.headers["Cache-Control"]) == (200, "no-store")


@pytest.mark.parametrize("name", ["site.css", "nothing-000000000000.css", "..%2froutes.py", "a.py"])
def test_no_other_file_is_served(name: str) -> None:
    assert get(f"/site/static/{name}").status == 404


def test_times_are_those_of_beijing() -> None:
    assert moment_text("2026-06-15T16:05:00.000Z") == "2026年6月16日 00:05"
    assert (day_text("2026-06-05"), day_text(None), moment_text("")) == ("2026年6月5日", "", "")


def test_a_link_leaves_out_what_is_empty() -> None:
    assert link("/site/search", {"q": "a&b 诚", "type": ""}) == "/site/search?q=a%26b+%E8%AF%9A"
    assert link("/site/search", {"type": "x", "page": "2"}, page=None) == "/site/search?type=x"
