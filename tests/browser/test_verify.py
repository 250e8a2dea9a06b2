"""A reader's own browser tells a record that is in the log from one that somebody touched."""

from __future__ import annotations

import copy
import json
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from chalicelib.tlog.checkpoint import Checkpoint, sign_checkpoint
from chalicelib.tlog.entry import Entry, salted_digest
from chalicelib.tlog.note import NoteSigner
from tests.browser.city import BREACH
from tests.browser.site import Site
from tests.browser.watching import watched
from tests.tlog.logs import entries, tree_hash

Json = dict[str, Any]
SIGNER = NoteSigner("log.example.gov", b"k" * 32)
OTHER = NoteSigner("log.example.gov", b"o" * 32)
SALT = bytes(range(16))


def inclusion(leaves: list[bytes], index: int) -> list[str]:
    """PATH(m, D[n]) as RFC 6962 §2.1.1 defines it."""
    if len(leaves) == 1:
        return []
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    left, right = leaves[:half], leaves[half:]
    if index < half:
        return [*inclusion(left, index), tree_hash(right).hex()]
    return [*inclusion(right, index - half), tree_hash(left).hex()]


def proven(site: Site, further: int) -> Json:
    """The record as published, in a log of our own that goes on for `further` entries."""
    with urllib.request.urlopen(f"{site.base_url}/public/v1/records/{BREACH}") as answer:
        document = json.load(answer)
    seq = document.pop("log")["seq"]
    entry = Entry(seq, "publish", BREACH, document["version"], salted_digest(SALT, document))
    leaves = entries(seq + further)
    leaves[entry.index] = entry.to_bytes()
    checkpoint = Checkpoint(SIGNER.name, len(leaves), tree_hash(leaves))
    return {
        "document": document,
        "salt": SALT.hex(),
        "entry": json.loads(entry.to_bytes()),
        "proof": inclusion(leaves, entry.index),
        "checkpoint": sign_checkpoint(checkpoint, [SIGNER]).decode(),
    }


def verdict(page: Page, shown: Json, key: NoteSigner = SIGNER) -> str:
    """What the page says of this proof."""
    keys = {"log_keys": [{"name": key.name, "verifier_key": key.key.text, "active": True}]}
    page.unroute_all()
    page.route("**/proof", lambda route: _answer(route, shown))
    page.route("**/public/v1/keys", lambda route: _answer(route, keys))
    page.locator("[data-verify] button").click()
    page.wait_for_selector("[data-verify] button:enabled")
    return str(page.inner_text("[data-verify] [role=status]"))


def _answer(route: Route, body: Json) -> None:
    route.fulfill(json=body)


def _in_document(shown: Json) -> None:
    shown["document"]["fields"][0]["text"] += "。"


def _in_salt(shown: Json) -> None:
    shown["salt"] = "00" * 16


def _in_entry(shown: Json) -> None:
    shown["entry"]["kind"] = "amend"


def _in_digest_too(shown: Json) -> None:
    _in_document(shown)
    shown["entry"]["salted_sha256"] = salted_digest(SALT, shown["document"])


def _in_proof(shown: Json) -> None:
    shown["proof"][-1] = "00" * 32


def _a_step_less(shown: Json) -> None:
    shown["proof"].pop()


def _a_step_more(shown: Json) -> None:
    shown["proof"].append("00" * 32)


def _in_size(shown: Json) -> None:
    origin, size, rest = shown["checkpoint"].split("\n", 2)
    shown["checkpoint"] = f"{origin}\n{int(size) + 1}\n{rest}"


def _other_record(shown: Json) -> None:
    shown["document"]["id"] = shown["entry"]["id"] = "r_other"


def _nothing(shown: Json) -> None:
    shown.clear()


TOUCHED: tuple[Callable[[Json], None], ...] = (
    _in_document,
    _in_salt,
    _in_entry,
    _in_digest_too,
    _in_proof,
    _a_step_less,
    _a_step_more,
    _in_size,
    _other_record,
    _nothing,
)


@pytest.mark.requirement("R-21")
def test_the_browser_finds_whatever_was_touched(browser: Browser, site: Site) -> None:
    with watched(browser, site.base_url) as seen:
        page = seen.open(f"/site/records/{BREACH}")
        for further in (0, 1, 6, 37):
            assert "已证实" in verdict(page, proven(site, further)), further
        assert page.locator("[data-verify] li.good").count() == 5
        shown = proven(site, 6)
        for touch in TOUCHED:
            changed = copy.deepcopy(shown)
            touch(changed)
            assert "未能证实" in verdict(page, changed), touch.__name__
        assert "未能证实" in verdict(page, shown, OTHER), "signed by nobody who is known"
        assert "已证实" in verdict(page, shown)
        seen.assert_clean()


@pytest.mark.requirement("R-21")
def test_what_cannot_be_checked_is_not_called_wrong(browser: Browser, site: Site) -> None:
    with watched(browser, site.base_url) as seen:
        page = seen.open(f"/site/records/{BREACH}")
        shown = proven(site, 2)
        shown["entry"]["seq"] += 1
        assert "没有核验成" in verdict(page, shown), "it has just been changed"
        page.evaluate("() => { crypto.subtle.importKey = () => Promise.reject(new Error()) }")
        assert "除签名外均相符" in verdict(page, proven(site, 2)), "a browser without Ed25519"
        seen.assert_clean()


CHANGED = {
    "主体名称": "document.querySelector('h1').textContent = '别的单位'",
    "信息内容": "document.querySelector('[data-part=fields] dd').textContent += '（已了结）'",
    "标注": "document.querySelector('[data-part=mark]').remove()",
    "标签": "document.querySelector('[data-part=badges] .badge').remove()",
    "主体的声明": "document.querySelector('[data-part=statement]').textContent = '没有这回事。'",
    "公示期限": "document.querySelector('[data-part=term]').textContent = '长期公示'",
}
"""What somebody between changed on the page -> how."""


@pytest.mark.requirement("R-21")
def test_a_page_that_shows_anything_else_than_the_document_is_found_out(
    browser: Browser, site: Site
) -> None:
    with watched(browser, site.base_url) as seen:
        shown = proven(site, 6)
        for part, change in CHANGED.items():
            page = seen.open(f"/site/records/{BREACH}")
            page.evaluate(change)
            assert "未能证实" in verdict(page, shown), part
            told = page.inner_text("[data-verify] li.bad")
            assert f"{part}：页面上" in told and "公布的文档中" in told, told
        page = seen.open(f"/site/records/{BREACH}")
        page.evaluate(
            "document.querySelector('[data-part=fields]').append("
            "document.querySelector('[data-part=fields] > *').cloneNode(true))"
        )
        assert "未能证实" in verdict(page, shown)
        assert "公布的文档中没有" in page.inner_text("[data-verify] li.bad"), "something added"
