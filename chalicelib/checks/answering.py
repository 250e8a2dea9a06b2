"""What is told about one subject in one scene: from its file (is it there, is that its name) and
from the measures it is under now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import Key
from chalicelib.checks.model import Asked, MeasureTold, Told
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Identification
from chalicelib.kernel.clock import civil_date
from chalicelib.measures import service as measures
from chalicelib.measures.model import Applied, Standing
from chalicelib.measures.rules import answer_of
from chalicelib.policy.base import PERSONS
from chalicelib.policy.measures import Scene

MOST_MEASURES: Final = 20
"""How many measures are told of one subject; those that speak for the answer come first."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where to look for one subject: its file, and the measures it is under."""

    subject: Key
    standing: Key


def places_of(platform: Platform, named: Identification) -> Places:
    """Where what is known of a subject lies."""
    return Places(
        files.subject_place(platform, named), measures.standing_key(platform, named)
    )


def told_of(
    platform: Platform, scene: Scene, asked: Asked, items: Mapping[Key, Item], places: Places
) -> Told:
    """The answer for one subject. Who is not on file is under no measure, and that is said; a name
    that is not the one on file, and a subject of a kind the scene is not about, are left to people
    to look into, and no measure is told."""
    named, found = asked.named, items.get(places.subject)
    told = Told(
        number=asked.number,
        subject_id="",
        code=named.unified_code or named.registration_number,
        reference=asked.reference,
        is_person=named.is_person,
        answer="allow",
        reason="not_on_file",
        measures=(),
        until="",
        as_of=civil_date(platform.clock()).isoformat(),
        version=0,
    )
    if found is None:
        is_meant = any((kind in PERSONS) is named.is_person for kind in scene.about)
        return told if is_meant else replace(told, answer="refer", reason="not_in_scene")
    subject = files.subject_from(found)
    told = replace(told, subject_id=subject.subject_id, reason="")
    if named.name and files.name_mac(platform.keyring, named.name) != subject.name_mac:
        return replace(told, answer="refer", reason="name_differs")
    if subject.kind not in scene.about:
        return replace(told, answer="refer", reason="not_in_scene")
    item = items.get(places.standing)
    if item is None:
        return told
    return in_scene(platform, scene, told, measures.standing_from(item))


def in_scene(platform: Platform, scene: Scene, told: Told, standing: Standing) -> Told:
    """What follows from a subject's measures in a scene today."""
    answer = answer_of(standing, scene, civil_date(platform.clock()))
    return replace(
        told,
        answer=answer.answer,
        measures=tuple(_measure_told(one) for one in answer.measures[:MOST_MEASURES]),
        until=answer.until,
        as_of=standing.as_of,
        version=standing.version,
    )


def _measure_told(one: Applied) -> MeasureTold:
    return MeasureTold(
        code=one.code,
        title=one.title,
        effect=one.effect,
        text=one.text,
        reason=one.reason,
        basis=one.basis,
        since=one.since,
        until=one.until,
    )
