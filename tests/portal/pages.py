"""What every page of the site keeps to, read off the HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser

VOID = {"meta", "link", "input", "br", "hr", "img"}


class Page(HTMLParser):
    """A page taken apart: its elements in order, its text, and whether it is well formed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        """What is read, spaces taken together."""
        return re.sub(r"\s+", " ", "".join(self.words))

    def all(self, tag: str) -> list[dict[str, str]]:
        """The attributes of every element of a kind."""
        return [found for name, found in self.elements if name == tag]

    def links(self) -> list[str]:
        return [found["href"] for found in self.all("a")]


def hold_to_the_house(page: Page) -> None:
    """Nothing inline, nothing foreign, one heading, labels on what is filled in."""
    for tag, attributes in page.elements:
        assert "style" not in attributes, f"<{tag} style>"
        handlers = [name for name in attributes if name.startswith("on")]
        assert not handlers, f"<{tag} {handlers}>"
        for name in ("src", "href", "action"):
            address = attributes.get(name, "/")
            assert address.startswith(("/", "#", "?")) and not address.startswith("//"), address
    assert "style" not in {tag for tag, _ in page.elements}
    assert all("src" in script for script in page.all("script")), "a script inline"
    assert len(page.all("h1")) == 1 and len(page.all("main")) == 1
    assert page.all("html") == [{"lang": "zh-CN"}]
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids)), "an id twice"
    labelled = {found.get("for") for found in page.all("label")}
    for tag, attributes in page.elements:
        if tag in ("input", "select", "textarea") and attributes.get("type") != "hidden":
            assert "aria-label" in attributes or attributes.get("id") in labelled, attributes
