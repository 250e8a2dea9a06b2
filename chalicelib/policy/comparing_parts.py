"""Comparing two entries of a pack attribute by attribute, by a table of what each is called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from chalicelib.policy.base import Audience, Frozen
from chalicelib.policy.wording import quoted, said

Kind = Literal["added", "removed", "changed"]

Found = tuple[Audience, str, Kind, str]
"""Whom it concerns, the entry's code, the kind, the sentence."""

Parts = Mapping[str, tuple[str, Audience | None]]
"""Attribute -> what it is called, and whom it concerns (None: whom the entry concerns)."""

REST = "依据或说明有变化"


def compare_parts(
    before: Frozen, after: Frozen, parts: Parts, names: Mapping[str, str] | None = None
) -> Iterator[tuple[str, str]]:
    """(attribute, sentence) for each attribute that reads differently.

    `names`: what codes the attributes hold are called (record types by their titles).
    """
    for name, (title, _) in parts.items():
        old, new = getattr(before, name), getattr(after, name)
        if old == new or said(old) == said(new):
            continue
        yield name, title + (_listed(old, new, names or {}) or f"由{quoted(old)}改为{quoted(new)}")


def _listed(old: object, new: object, names: Mapping[str, str]) -> str:
    """What a list or a list of points gains and loses; empty if it is told better as a whole."""
    was, is_now = _items(old, names), _items(new, names)
    if was is None or is_now is None or not was or not is_now:
        return ""
    gained = [item for item in is_now if item not in was]
    lost = [item for item in was if item not in is_now]
    if not gained and not lost:
        return "的次序有变化"
    parts = [f"增加“{'”“'.join(gained)}”"] if gained else []
    parts += [f"减少“{'”“'.join(lost)}”"] if lost else []
    return "，".join(parts)


def _items(value: object, names: Mapping[str, str]) -> list[str] | None:
    if isinstance(value, Mapping):
        items = list(value.values())
        return [str(item) for item in items] if all(isinstance(i, str) for i in items) else None
    if isinstance(value, tuple):
        return [names.get(str(item)) or said(item) for item in value]
    return None


def compare_lists(
    noun: str, before: tuple[Frozen, ...], after: tuple[Frozen, ...]
) -> Iterator[str]:
    """Sentences on the entries of a list that have a code and a title: fields, steps."""
    was = {str(getattr(one, "code", "")): one for one in before}
    is_now = {str(getattr(one, "code", "")): one for one in after}
    for code in dict.fromkeys((*was, *is_now)):
        old, new = was.get(code), is_now.get(code)
        title = getattr(new or old, "title", code)
        if old is None:
            yield f"新增{noun}“{title}”"
        elif new is None:
            yield f"取消{noun}“{title}”"
        elif said(old) != said(new):
            yield f"{noun}“{title}”的要求有变化"
