"""The items of measures in the MEASURES table, and no other module's business.

| item | pk | sk | read by |
|---|---|---|---|
| standing | BODY#<subject_id>, PERSON#<digest of the code> | - | code; by_listing; by_due |
| newest grade under a scheme | as the standing | -GRADE#<scheme> | code |
| how the standing changed | as the standing | CHANGE#<version> | code |
| place of a person's standing | PLACE#<subject_id> | - | subject |
| version of a run whose grades were taken | RUN#<run_id> | - | run |
| last day the daily job has done | DAILY | - | its name |
| when everybody was worked out again last | REBUILT#<jurisdiction> | - | jurisdiction |

The measures of a standing are one text (JSON): whoever checks a hundred subjects reads a hundred
of them, and text is read fastest. A person is found by the keyed digest of the code a check names;
the place is for when that is no longer known, because the person was erased. Listed are those
under a measure: by jurisdiction, region, and bodies or persons. `due_day` is the first day after
the earliest end; of a standing whose change has still to be told to checks, the day it was made.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from chalicelib.aws.attributes import Item, Value
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import Page, batch_get
from chalicelib.aws.writes import (
    ABSENT,
    Condition,
    Delete,
    Key,
    Put,
    Update,
    Write,
    commit,
    version_is,
)
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Identification, Subject
from chalicelib.measures.model import Cause, Graded, InForce, Lifted, Measure, Standing, Turn
from chalicelib.policy.base import LegalBasis

_DIGITS = 8
_MOST_DELETED = 90
_REBUILT = ("pack", "digest", "month")
_TEXTS = ("subject_id", "subject_kind", "jurisdiction", "region", "pack", "as_of")


def standing_key(platform: Platform, identification: Identification) -> Key:
    """Where the standing of whom it names lies; whether there is one is another question."""
    if identification.is_person:
        mac = files.code_mac(platform.keyring, identification.citizen_code)
        return platform.measures.key(f"PERSON#{mac}")
    return body_key(platform, files.known_id(identification))


def body_key(platform: Platform, subject_id: str) -> Key:
    """Where the standing of a subject that is no person lies."""
    return platform.measures.key(f"BODY#{subject_id}")


def standing_from(item: Item) -> Standing:
    """The standing an item holds."""
    texts = {name: str(item[name]) for name in _TEXTS}
    given = json.loads(str(item["measures"]))
    return Standing(
        **texts,
        version=cast(int, item["version"]),
        measures=tuple(measure_from(one) for one in given),
    )


def measures_text(measures: tuple[Measure, ...]) -> str:
    """Measures as they are kept in a standing: one and the same text for the same measures."""
    return json.dumps(
        [measure_value(one) for one in measures], ensure_ascii=False, separators=(",", ":")
    )


def measure_value(measure: Measure) -> dict[str, object]:
    """A measure as plain values."""
    basis = measure.basis
    return {
        "code": measure.code,
        "title": measure.title,
        "kind": measure.kind,
        "what": measure.what,
        "ground": measure.ground,
        "ground_kind": measure.ground_kind,
        "reason": measure.reason,
        "starts_on": measure.starts_on,
        "until": measure.until,
        "lifted_by": list(measure.lifted_by),
        "basis": [basis.document, basis.clause, basis.verified, basis.note],
        "scenes": {code: [one.effect, one.text] for code, one in measure.scenes.items()},
    }


def measure_from(value: dict[str, Any]) -> Measure:
    """The inverse of `measure_value`: what this room wrote is not validated again."""
    document, clause, verified, note = value["basis"]
    basis = LegalBasis.model_construct(
        document=document, clause=clause, verified=verified, note=note
    )
    scenes = {code: InForce(effect, text) for code, (effect, text) in value["scenes"].items()}
    return Measure(
        **{**value, "lifted_by": tuple(value["lifted_by"]), "basis": basis, "scenes": scenes}
    )


# -- one subject ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kept:
    """What lies in a subject's partition: the standing, and the grades it was given."""

    standing: Standing | None = None
    told: int = 0
    """The version checks were told of."""
    due_day: str = ""
    grades: tuple[Graded, ...] = ()


def place_of(platform: Platform, subject: Subject) -> Key | None:
    """Where a subject's standing lies; None of an erased person of whom nothing was kept."""
    if not subject.is_person:
        return body_key(platform, subject.subject_id)
    if subject.is_erased:
        item = platform.measures.get(f"PLACE#{subject.subject_id}")
        return None if item is None else platform.measures.key(str(item["place"]))
    code = files.open_profile(platform, subject).citizen_code
    return platform.measures.key(f"PERSON#{files.code_mac(platform.keyring, code)}")


def load_kept(platform: Platform, place: Key) -> Kept:
    """What is kept at a place."""
    kept = Kept()
    grades: list[Graded] = []
    for item in platform.measures.each(place.pk, prefix="-"):
        if item["sk"] == "-":
            told = cast(int, item["told"])
            kept = Kept(standing_from(item), told, str(item.get("due_day", "")))
        else:
            grades.append(Graded(*(str(item[name]) for name in _GRADE)))
    return Kept(kept.standing, kept.told, kept.due_day, tuple(grades))


def load_turns(
    platform: Platform, place: Key, limit: int, start: Item | None
) -> tuple[list[Turn], Item | None]:
    """A page of the changes of a standing, the newest first."""
    page = platform.measures.query(
        place.pk, prefix="CHANGE#", descending=True, limit=limit, start=start
    )
    return [_turn_from(item) for item in page.items], page.next_start


_GRADE = ("scheme", "run_id", "period", "grade", "grade_title", "total", "completed_on")


def keep_grade(platform: Platform, place: Key, graded: Graded, completed_at: str) -> bool:
    """Keep a grade unless a later one is kept: of a later period, or of the same by a later run.
    Whether it is the one kept now."""
    item: Item = {name: getattr(graded, name) for name in _GRADE}
    item |= {"pk": place.pk, "sk": f"-GRADE#{graded.scheme}", "completed_at": completed_at}
    newer = Condition(
        "attribute_not_exists(#pk) OR #period < :period"
        " OR (#period = :period AND #completed_at <= :at)",
        {"period": graded.period, "at": completed_at},
    )
    try:
        platform.measures.put(item, newer)
    except ConditionFailed:
        return False
    return True


# -- writes ---------------------------------------------------------------------------------------


def standing_writes(
    platform: Platform, place: Key, before: Kept, after: Standing, turn: Turn
) -> list[Write]:
    """The writes that make `after` the standing, its change still to be told."""
    lock = ABSENT if before.standing is None else version_is(before.standing.version)
    item = _standing_item(place, after, before.told, after.as_of)
    writes: list[Write] = [
        Put(place.table, item, lock),
        Put(place.table, _turn_item(place, turn), ABSENT),
    ]
    if before.standing is None and place.pk.startswith("PERSON#"):
        pointer: Item = {"pk": f"PLACE#{after.subject_id}", "sk": "-", "place": place.pk}
        writes.append(Put(place.table, pointer))
    return writes


def touch(platform: Platform, place: Key, before: Kept, after: Standing, due_day: str) -> None:
    """Note for which day and under which pack the same measures were worked out again."""
    item = _standing_item(place, after, before.told, due_day)
    platform.measures.put(item, version_is(after.version))


def note_told(platform: Platform, place: Key, version: int, due_day: str) -> None:
    """Note that checks were told of a version. Another version is not this one's business."""
    values: dict[str, Value] = {"told": version}
    expression = "SET #told = :told REMOVE #due_day"
    if due_day:
        values["due"] = due_day
        expression = "SET #told = :told, #due_day = :due"
    try:
        commit([Update(place, expression, values, version_is(version))])
    except ConditionFailed:
        return


def forget(platform: Platform, place: Key, subject_id: str) -> None:
    """Remove all that is kept of an erased person, the pointer last: until then it is found."""
    found = platform.measures.each(place.pk)
    keys = [platform.measures.key(place.pk, str(item["sk"])) for item in found]
    for begin in range(0, len(keys), _MOST_DELETED):
        commit([Delete(key) for key in keys[begin : begin + _MOST_DELETED]])
    commit([Delete(platform.measures.key(f"PLACE#{subject_id}"))])


def _standing_item(place: Key, standing: Standing, told: int, due_day: str) -> Item:
    item: Item = {name: getattr(standing, name) for name in _TEXTS}
    item |= {
        "pk": place.pk,
        "sk": place.sk,
        "entity": "standing",
        "version": standing.version,
        "told": told,
        "measures": measures_text(standing.measures),
        "codes": list[Value](sorted({one.code for one in standing.measures})),
        "position": standing.subject_id,
    }
    if standing.measures:
        is_person = place.pk.startswith("PERSON#")
        item["listing"] = listing_of(standing.jurisdiction, standing.region, persons=is_person)
    if due_day:
        item["due_day"] = due_day
    return item


def listing_of(jurisdiction: str, region: str, *, persons: bool) -> str:
    """The by_listing partition of those under a measure in a region."""
    return f"{jurisdiction}#{region}#{'persons' if persons else 'bodies'}"


def page_of_standings(
    platform: Platform, listing: str, code: str, limit: int, start: Item | None
) -> Page:
    """A page of a listing (items for `standing_from`), only those under one measure if given."""
    where = Condition("contains(#codes, :code)", {"code": code}) if code else None
    return platform.measures.query_index(
        "by_listing", listing, where=where, limit=limit, start=start
    )


def codes_in(platform: Platform, listing: str) -> Iterator[list[str]]:
    """Of everybody in a listing the codes of the measures."""
    for item in platform.measures.each_in_index("by_listing", listing, names=("codes",)):
        yield [str(code) for code in cast(list[Value], item["codes"])]


def listed_in(platform: Platform, listing: str) -> Iterator[str]:
    """The ids of everybody in a listing."""
    for item in platform.measures.each_in_index("by_listing", listing, names=("subject_id",)):
        yield str(item["subject_id"])


# -- days -----------------------------------------------------------------------------------------


def due_on(platform: Platform, day: str) -> Iterator[str]:
    """The ids of the subjects whose standing is to be worked out again on a day (ISO)."""
    for item in platform.measures.each_in_index("by_due", day, names=("subject_id",)):
        yield str(item["subject_id"])


def done_through(platform: Platform) -> str:
    """The last day (ISO) the daily job has done; empty before the first."""
    item = platform.measures.get("DAILY")
    return "" if item is None else str(item["through"])


def note_done(platform: Platform, day: str) -> None:
    """Note that the daily job has done a day."""
    platform.measures.put({"pk": "DAILY", "sk": "-", "through": day})


def note_run(platform: Platform, run_id: str, version: int) -> None:
    """Note that all grades of a run were taken as they were at this version of it."""
    platform.measures.put({"pk": f"RUN#{run_id}", "sk": "-", "version": version})


def runs_taken(platform: Platform, run_ids: Sequence[str]) -> dict[str, int]:
    """Of each run that was ever taken the version it was last taken at."""
    keys = {platform.measures.key(f"RUN#{run_id}"): run_id for run_id in run_ids}
    found = batch_get(list(keys)) if keys else {}
    return {keys[key]: cast(int, item["version"]) for key, item in found.items()}


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What everybody in a jurisdiction was last worked out again for."""

    pack: str
    digest: str
    month: str
    """`2026-07`."""


def rebuilt(platform: Platform, jurisdiction: str) -> Rebuilt | None:
    """For what everybody was last worked out again; None before the first time."""
    item = platform.measures.get(f"REBUILT#{jurisdiction}")
    return None if item is None else Rebuilt(*(str(item[name]) for name in _REBUILT))


def note_rebuilt(platform: Platform, jurisdiction: str, done: Rebuilt) -> None:
    """Note that it was asked for that everybody be worked out again."""
    item: Item = {name: getattr(done, name) for name in _REBUILT}
    platform.measures.put(item | {"pk": f"REBUILT#{jurisdiction}", "sk": "-"})


# -- changes --------------------------------------------------------------------------------------


def _turn_item(place: Key, turn: Turn) -> Item:
    return {
        "pk": place.pk,
        "sk": f"CHANGE#{turn.version:0{_DIGITS}d}",
        "version": turn.version,
        "at": turn.at,
        "cause": turn.cause.what,
        "cause_id": turn.cause.name,
        "applied": measures_text(turn.applied),
        "lifted": json.dumps(
            [[one.why, measure_value(one.measure)] for one in turn.lifted], ensure_ascii=False
        ),
    }


def _turn_from(item: Item) -> Turn:
    lifted: Sequence[tuple[Any, Mapping[str, Any]]] = json.loads(str(item["lifted"]))
    return Turn(
        version=cast(int, item["version"]),
        at=str(item["at"]),
        cause=Cause(cast(Any, item["cause"]), str(item["cause_id"])),
        applied=tuple(measure_from(one) for one in json.loads(str(item["applied"]))),
        lifted=tuple(Lifted(measure_from(dict(one)), why) for why, one in lifted),
    )
