"""The way back: where a case stands, what was said, and what whoever reported it says next."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import Write
from chalicelib.cases import service as cases
from chalicelib.cases.model import Actor, CaseFile, Frame
from chalicelib.cases.service import Doer, Taken, Wish
from chalicelib.kernel.errors import NotFound
from chalicelib.leads import limits, pictures, store
from chalicelib.leads.model import LeadMessageIn
from chalicelib.leads.opening import digest_of
from chalicelib.leads.rules_dialogue import Turn, dialogue
from chalicelib.leads.store import KeptPicture
from chalicelib.policy.model import FieldValue

INFORMANT: Final = Doer(Actor("informant", frozenset({"informant"})))
MOST_TURNS: Final = 200
"""Events and letters that are shown, from the newest."""


@dataclass(frozen=True, slots=True)
class Told:
    """A case as it is told to whoever reported it."""

    file: CaseFile
    turns: tuple[Turn, ...]
    pictures: Mapping[int, tuple[str, ...]]
    """Titles of what was attached, by turn."""


def find_by_code(platform: Platform, typed: str, address: str) -> CaseFile:
    """The case a receipt code leads to. Raises NotFound, alike for every other text, and
    TooManyRequests after too many of them from one address.

    Whoever has a right code is answered whatever others do: many people share an address, and 160
    bits are not guessed."""
    case_id = store.case_of_receipt(platform, digest_of(platform, typed))
    if not case_id:
        limits.count(platform, address, "wrong_code")
        raise NotFound("没有这个查询码，请逐字核对；查询码遗失不能补发", code="unknown_receipt")
    return cases.find_file(platform, case_id)


def told(platform: Platform, file: CaseFile) -> Told:
    """A case with its dialogue."""
    case_id = file.case_id
    entries, _ = cases.page_of_entries(platform, case_id, MOST_TURNS, None)
    letters, _ = cases.page_of_letters(platform, f"informant:{case_id}", MOST_TURNS, None)
    key = pictures.key_of(platform, file)
    titles: dict[int, tuple[str, ...]] = {}
    for one in store.pictures_of(platform, case_id):
        titles[one.version] = (*titles.get(one.version, ()), key.unseal(one.title))
    turns = dialogue(cases.kind_of(file), entries, voice(platform, file), letters)
    return Told(file, tuple(turns), titles)


def voice(platform: Platform, frame: Frame) -> dict[int, dict[str, FieldValue]]:
    """What was said in a case by whoever reported it and to them, by event. The caller answers
    for the right of whoever reads it."""
    key = pictures.key_of(platform, frame)
    return {
        version: {code: json.loads(key.unseal(text)) for code, text in sealed.items()}
        for version, sealed in cases.voice_of(platform, frame.case_id).items()
    }


def send(platform: Platform, file: CaseFile, message: LeadMessageIn, body: bytes) -> CaseFile:
    """Take a step in a case as whoever reported it. Repeating it answers the case as it is.

    Raises PreconditionFailed (the case has moved since it was looked up), Forbidden, NotFound,
    Conflict, Invalid."""
    wish = Wish(message.action, message.fields, {}, body=body)
    kept: list[KeptPicture] = []
    if message.attachments and message.version == file.case.version:
        cases.judged(cases.scene_of(platform, file, file, {}), INFORMANT, wish)
        drawn = pictures.drawn(message.attachments)
        kept = pictures.archived(platform, file, message.version + 1, drawn)

    def joined(taken: Taken) -> list[Write]:
        return [store.picture_put(platform, file.case_id, picture) for picture in kept]

    done = cases.step(platform, file, INFORMANT, message.version, wish, joined)
    if not isinstance(done, Taken):
        raise TypeError("no answer is kept for whom nobody knows")
    return done.file
