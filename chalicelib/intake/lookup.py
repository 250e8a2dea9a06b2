"""What is known of submitted records before they are accepted: their subjects, and the facts that
are there already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import Key, batch_get
from chalicelib.creditfile import service as files
from chalicelib.intake.model import Candidate, Submission
from chalicelib.intake.rules import record_id_of

_OF_A_SUBJECT = ("subject_id", "kind", "unified_code", "name", "name_mac", "wrapped_key")
"""What is asked of a known subject here: see `rules.subject_faults` and `acceptance`."""


def places(
    platform: Platform, submission: Submission, candidates: Iterable[Candidate]
) -> list[Key]:
    """The items that tell what is known of these candidates: their subjects, and for bodies
    (whose ids need no look-up) the records themselves."""
    subjects, records = _places(platform, submission, candidates)
    return [*subjects, *records]


def look_up(
    platform: Platform, submission: Submission, candidates: Iterable[Candidate]
) -> Mapping[Key, Item]:
    """What stands at the places of many candidates. Subjects are read as far as acceptance needs
    them: turning attributes into values is most of what reading costs a worker."""
    subjects, records = _places(platform, submission, candidates)
    return {**batch_get(subjects, names=_OF_A_SUBJECT), **batch_get(records)}


def _places(
    platform: Platform, submission: Submission, candidates: Iterable[Candidate]
) -> tuple[list[Key], list[Key]]:
    subjects: list[Key] = []
    records: list[Key] = []
    for candidate in candidates:
        examined = candidate.examined
        if isinstance(examined, tuple):
            continue
        named = examined.identification
        subjects.append(files.subject_place(platform, named))
        if not named.is_person:
            subject_id = files.body_id(named.unified_code)
            record_id = record_id_of(platform.keyring, submission.reporter, examined, subject_id)
            records.append(files.record_key(platform, record_id))
    return subjects, records
