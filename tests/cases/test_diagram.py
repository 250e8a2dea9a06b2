"""Every kind of every pack as a picture: well formed, in Chinese, complete, nothing on top of
another."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from chalicelib.cases.rules_diagram import diagram
from chalicelib.policy.case_kinds import CaseKind
from tests.cases.procedures import kind_of, packs

SVG = "{http://www.w3.org/2000/svg}"


def kinds() -> list[CaseKind]:
    return [kind for pack in packs().values() for kind in pack.case_kinds.values()]


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.code)
def test_a_diagram_shows_all_and_says_it_to_those_who_do_not_see(kind: CaseKind) -> None:
    root = ElementTree.fromstring(diagram(kind))
    assert root.get("role") == "img" and root.get("lang") == "zh-CN"
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None and title.text == f"{kind.title}：状态和操作"
    assert description is not None and description.text is not None
    named = {root.find(f"{SVG}title"), root.find(f"{SVG}desc")}
    assert {one.get("id") for one in named if one is not None} == {"title", "description"}
    shown = "".join(text.text or "" for text in root.iter(f"{SVG}text"))
    for state in kind.states:
        assert state.title in shown
    for action in kind.actions:
        assert action.title in shown and action.title in description.text
    lines = [path for path in root.iter(f"{SVG}path") if path.get("marker-end")]
    assert len(lines) == sum(
        max(len(action.states), 1) for action in kind.actions if action.to is not None
    )


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.code)
def test_nothing_is_drawn_outside_or_on_top_of_another(kind: CaseKind) -> None:
    root = ElementTree.fromstring(diagram(kind))
    width, height = int(root.get("width", "0")), int(root.get("height", "0"))
    boxes = [
        tuple(int(float(one.get(name, "0"))) for name in ("x", "y", "width", "height"))
        for one in root.iter(f"{SVG}rect")
    ][1:]
    for x, y, wide, high in boxes:
        assert 0 <= x and 0 <= y and x + wide <= width and y + high <= height
    for at, (x, y, wide, high) in enumerate(boxes):
        for left, top, w, h in boxes[at + 1 :]:
            assert x + wide <= left or left + w <= x or y + high <= top or top + h <= y
    places = [(text.get("x"), text.get("y")) for text in root.iter(f"{SVG}text")]
    assert len(places) == len(set(places))


def test_words_of_a_pack_cannot_break_out_of_the_picture() -> None:
    kind = kind_of("national", "objection")
    wild = kind.model_copy(update={"title": "</title><script>alert(1)</script>&"})
    drawn = diagram(wild)
    assert "<script" not in drawn
    ElementTree.fromstring(drawn)


def test_the_same_kind_gives_the_same_picture() -> None:
    kind = kind_of("national", "objection")
    assert diagram(kind) == diagram(kind)
    assert not re.search(r"https?://(?!www\.w3\.org)", diagram(kind))
