"""Forms of the pages: what a browser sends is read, what no browser of ours sends is refused."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib.web import edge, request
from chalicelib.web.model import Answer
from chalicelib.web.routes import PUBLIC, Routes
from tests.web.build import CONTEXT, Reply, event

FORM = "application/x-www-form-urlencoded"


def window() -> edge.Edge:
    made = Routes("窗口")

    @made.post("/site/say", operation=PUBLIC, summary="说", form=True)
    def say() -> Answer:
        return Answer(200, request.form())

    @made.post("/public/v1/say", operation=PUBLIC, summary="说")
    def say_as_json() -> Answer:
        return Answer(200, {})

    return edge.build([made], None, None, lambda: None)  # type: ignore[arg-type, return-value]


def sent(body: str, kind: str = FORM, **headers: str) -> Reply:
    given = {"Content-Type": kind, "Authorization": "", "Host": "site.example"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(window()(event("POST", "/site/say", body, given), CONTEXT))


def test_fields_are_read_as_they_were_typed() -> None:
    typed = {"matter": "第一行\r\n第二行 & 100%", "contact": "", "sign": "  <b>  "}
    reply = sent(urlencode(typed))
    assert reply.status == 200
    assert reply.json == {"matter": "第一行\n第二行 & 100%", "contact": "", "sign": "<b>"}


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data", ""])
def test_other_content_than_a_form_is_refused(kind: str) -> None:
    reply = sent("a=1", kind)
    assert (reply.status, reply.code) == (415, "unsupported_media_type")


@pytest.mark.parametrize("body", ["a=1&a=2", "a=%FF", "&".join(f"f{n}=" for n in range(101))])
def test_what_no_browser_sends_is_refused(body: str) -> None:
    reply = sent(body)
    assert (reply.status, reply.code) == (400, "not_form")


def test_a_form_has_a_size() -> None:
    assert sent("a=" + "x" * 131_070).status == 200
    assert (sent("a=" + "x" * 131_071).status) == 413


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "null"}, 200),
        ({"Origin": "https://site.example"}, 200),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Sec_Fetch_Site": "same-origin", "Origin": "null"}, 200),
        ({"Sec_Fetch_Site": "none"}, 200),
        ({"Sec_Fetch_Site": "cross-site", "Origin": "null"}, 403),
        ({"Sec_Fetch_Site": "same-site", "Origin": "https://site.example"}, 403),
    ],
)
def test_no_other_site_sends_a_form_with_somebodys_browser(
    headers: dict[str, Any], status: int
) -> None:
    reply = sent("a=1", **headers)
    assert reply.status == status
    assert status == 200 or reply.code == "foreign_form"
