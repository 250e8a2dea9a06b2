"""What cases did to a record, as its readers are shown it: marks, statement, conclusions."""

from __future__ import annotations

from typing import Final, Literal

from chalicelib.aws.platform import Platform
from chalicelib.creditfile import service
from chalicelib.creditfile.model import Deed, Record
from chalicelib.creditfile.reading import Sight
from chalicelib.creditfile.rules_standing import marks_shown
from chalicelib.creditfile.views import FiledConclusion, FiledMark, FiledStatement
from chalicelib.kernel.keyring import Erased
from chalicelib.kernel.masking import scrub
from chalicelib.policy.base import PERSONS

_TITLES: Final[dict[Literal["repaired", "exempted", "eased"], str]] = {
    "repaired": "已修复",
    "exempted": "已认定容错",
    "eased": "已从轻或减免",
}


def filed_marks(record: Record) -> list[FiledMark]:
    """The marks. Which case set them is not told: it may be a lead about somebody."""
    return [
        FiledMark(code=mark.code, text=mark.text, since=mark.since)
        for mark in marks_shown(record.standing)
    ]


def filed_statement(
    platform: Platform, record: Record, sight: Sight | None
) -> FiledStatement | None:
    """The statement: a body's without citizen codes and mobile numbers; a person's only to those
    who see personal values in full."""
    said = record.standing.statement
    if said is None:
        return None
    text: str | None = None
    if record.subject_kind not in PERSONS:
        text = scrub(said.text)
    elif sight is not None and sight.full:
        try:
            text = service.open_statement(platform, said, sight.subject)
        except Erased:
            text = None
    return FiledStatement(text=text, made_on=said.made_on, withheld=text is None)


def filed_conclusions(record: Record, sight: Sight | None) -> list[FiledConclusion]:
    """What was decided for good. Grounds are free text: about a person they are shown like the
    statement."""
    full = sight is not None and sight.full
    is_person = record.subject_kind in PERSONS
    found: list[FiledConclusion] = []
    for code, title in _TITLES.items():
        deed: Deed | None = getattr(record.standing, code)
        if deed is None:
            continue
        grounds = None if is_person and not full else scrub(deed.grounds) or None
        found.append(FiledConclusion(code=code, title=title, on=deed.on, grounds=grounds))
    return found
