"""What is known of submitted records before they are accepted: their subjects, and the facts that
are there already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import batch_get
from chalicelib.aws.writes import Key
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Record
from chalicelib.intake import store
from chalicelib.intake.model import Candidate, Submission
from chalicelib.intake.rules import record_id_of
from chalicelib.kernel.errors import Unavailable

_OF_A_SUBJECT = ("subject_id", "kind", "unified_code", "name", "name_mac", "wrapped_key")
"""What is asked of a known subject here: see `rules.subject_faults` and `acceptance`."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where to look for one candidate: its subject, and the id of its record (empty for a person,
    whose own id has to be looked up first)."""

    subject: Key
    record_id: str


@dataclass(frozen=True, slots=True)
class Known:
    """The places of some candidates, by their position, and the items that stand there."""

    places: Mapping[int, Place]
    items: Mapping[Key, Item]


def places_of(
    platform: Platform, submission: Submission, candidates: Iterable[Candidate]
) -> dict[int, Place]:
    """The places of the candidates that passed examination."""
    found: dict[int, Place] = {}
    for candidate in candidates:
        examined = candidate.examined
        if isinstance(examined, tuple):
            continue
        named, record_id = examined.identification, ""
        if not named.is_person:
            subject_id = files.known_id(named)
            record_id = record_id_of(platform.keyring, submission.reporter, examined, subject_id)
        found[candidate.position] = Place(files.subject_place(platform, named), record_id)
    return found


def keys_of(platform: Platform, places: Mapping[int, Place]) -> list[Key]:
    """The items that tell what is known at `places`."""
    return [*_subjects(places), *_records(platform, places)]


def look_up(platform: Platform, submission: Submission, candidates: Iterable[Candidate]) -> Known:
    """What is known of many candidates. Subjects are read as far as acceptance needs them: turning
    attributes into values is most of what reading costs a worker."""
    places = places_of(platform, submission, candidates)
    subjects = batch_get(_subjects(places), names=_OF_A_SUBJECT)
    return Known(places, {**subjects, **batch_get(_records(platform, places))})


def _subjects(places: Mapping[int, Place]) -> list[Key]:
    return [place.subject for place in places.values()]


def _records(platform: Platform, places: Mapping[int, Place]) -> list[Key]:
    ids = (place.record_id for place in places.values())
    return [files.record_key(platform, record_id) for record_id in ids if record_id]


class SettledUploads:
    """Which files are finished. Until one is, a lower row of it may still replace a record, so a
    judgement against that record would not last."""

    def __init__(self, platform: Platform, submission: Submission) -> None:
        self._platform, self._submission = platform, submission
        self._settled: set[str] = {submission.upload_id}

    def expect(self, existing: Record) -> None:
        """Raises Unavailable while `existing` comes from another file that is not finished.

        Between two unfinished files only the one received later waits: if both did, neither would
        ever end.
        """
        upload = existing.upload
        if upload is None or existing.version > 1 or upload.upload_id in self._settled:
            return
        other = store.load_upload(self._platform, upload.upload_id)
        mine = self._submission
        is_earlier = (other.received_at, other.upload_id) < (mine.received_at, mine.upload_id)
        if other.state == "processing" and (is_earlier or not mine.upload_id):
            raise Unavailable("同一事项正在随另一个文件处理，请稍后重试", retry_after=10)
        self._settled.add(upload.upload_id)
