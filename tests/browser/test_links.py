"""No link of the site leads nowhere: every page that can be reached is there, and so is the place
in it."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections import Counter
from urllib.parse import parse_qs, unquote, urldefrag, urlsplit

import pytest

from tests.browser.site import Site
from tests.portal.pages import Page

ALIKE = (
    "/docs/operations/",
    "/docs/errors/",
    "/site/records/",
    "/site/bodies/",
    "/site/search?",
    "/site/evaluations/",
    "/site/guide/",
    "/public/",
)
"""Of pages made alike, asked in the same way, a few are enough."""
A_FEW = 4
IDS = re.compile(r"(?<=/)(r_\w+|[0-9A-Z]{18}|ev_[\w-]+)(?=[/?]|$)")
GONE = {410}
ELSEWHERE = "/site/leads?code="
"""Asks the register, in which of this city's bodies there are only a few; tests/portal opens it."""


def likeness(target: str) -> str:
    """What links made alike have in common: the path without ids, and the names of the query;
    empty for a page there is one of."""
    start = next((start for start in ALIKE if target.startswith(start)), "")
    if start in ("", "/docs/operations/", "/docs/errors/", "/site/guide/"):
        return start
    parts = urlsplit(target)
    return f"{IDS.sub('*', parts.path)} {sorted(parse_qs(parts.query))}"


def fetched(site: Site, path: str) -> tuple[int, str, str]:
    """Status, type and text of an address."""
    try:
        with urllib.request.urlopen(site.base_url + path, timeout=20) as answer:
            return (
                answer.status,
                answer.headers.get_content_type(),
                answer.read().decode("utf-8", "replace"),
            )
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers.get_content_type(), ""


@pytest.mark.requirement("R-21")
def test_every_link_leads_somewhere(site: Site) -> None:
    waiting, seen, ids, wanted = ["/"], {"/"}, {}, set()
    taken: Counter[str] = Counter()
    lost = []
    while waiting:
        path = waiting.pop(0)
        status, kind, text = fetched(site, path)
        if status not in {200} | GONE:
            lost.append(f"{status} {path}")
        if kind != "text/html" or status != 200:
            continue
        page = Page(text)
        ids[path] = {found["id"] for _, found in page.elements if "id" in found}
        for link in page.links():
            target, place = urldefrag(link)
            target = target or path
            if place:
                wanted.add((path, target, unquote(place)))
            alike = likeness(target)
            is_here = target.startswith("/") and not target.startswith(ELSEWHERE)
            if target in seen or not is_here or (alike and taken[alike] >= A_FEW):
                continue
            taken[alike] += 1
            seen.add(target)
            waiting.append(target)
    assert not lost, "\n".join(lost)
    assert len(ids) > 40, "the whole site"
    nowhere = [one for one in sorted(wanted) if one[1] in ids and one[2] not in ids[one[1]]]
    assert not nowhere, nowhere
