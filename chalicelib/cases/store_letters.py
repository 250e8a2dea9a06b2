"""Letters in the CASES table; where their items lie is told in `store`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import ABSENT, Condition, Put, Write
from chalicelib.cases.model import Letter

_DIGITS = 8
_AFTER_ALL = "9999"
_LETTER_TEXTS = ("to", "recipient", "case_id", "kind", "text", "at", "region", "jurisdiction")


def page_of_letters(
    platform: Platform, recipient: str, limit: int, start: Item | None, since: str = ""
) -> tuple[list[Letter], Item | None]:
    """Letters to a subject or an agency since an instant, the newest first."""
    span = (since, _AFTER_ALL) if since else None
    page = platform.cases.query(
        f"LETTERS#{recipient}", between=span, descending=True, limit=limit, start=start
    )
    return [_letter_from(item) for item in page.items], page.next_start


def page_of_office_letters(
    platform: Platform,
    jurisdiction: str,
    region: str,
    limit: int,
    start: Item | None,
    since: str = "",
) -> tuple[list[Letter], Item | None]:
    """Letters to the credit offices of the regions whose codes begin with `region`, since an
    instant: of those read for a page only the ones that are late enough."""
    page = platform.cases.query_index(
        "by_listing",
        f"letters#{jurisdiction}",
        prefix=region or None,
        where=Condition("#at >= :since", {"since": since}) if since else None,
        descending=True,
        limit=limit,
        start=start,
    )
    return [_letter_from(item) for item in page.items], page.next_start


def letter_puts(platform: Platform, letters: Iterable[Letter]) -> list[Write]:
    """The writes that put letters into their boxes."""
    return [Put(platform.cases.name, _letter_item(letter), ABSENT) for letter in letters]


def _letter_item(letter: Letter) -> Item:
    item: Item = {name: getattr(letter, name) for name in _LETTER_TEXTS}
    if letter.run_id:
        item["run_id"] = letter.run_id
    source = letter.case_id or letter.run_id
    sk = f"{letter.at}#{source}#{letter.case_version:0{_DIGITS}d}#{letter.number}"
    item |= {
        "pk": f"LETTERS#{letter.recipient}",
        "sk": sk,
        "case_version": letter.case_version,
        "number": letter.number,
    }
    if letter.recipient.startswith("office:"):
        item["listing"] = f"letters#{letter.jurisdiction}"
        item["position"] = f"{letter.region}#{sk}"
    return item


def _letter_from(item: Item) -> Letter:
    body: dict[str, Any] = item
    texts = {name: body[name] for name in _LETTER_TEXTS}
    return Letter(
        **texts,
        case_version=body["case_version"],
        number=body["number"],
        run_id=body.get("run_id", ""),
    )
