"""How institutions, systems, submissions and ratings are shown to those who work with them; and how
what they send is read."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.kernel.canonical import JsonValue
from chalicelib.kernel.clock import parse_instant
from chalicelib.kernel.errors import Fault, Invalid
from chalicelib.third_parties.keeping import SystemContent
from chalicelib.third_parties.model import (
    INSTITUTION_TITLES,
    Grade,
    Indicator,
    Institution,
    Rating,
    RatingSystem,
    Refusal,
    Row,
    Scale,
    SigningKey,
    Submission,
)
from chalicelib.third_parties.rules_files import rows_in
from chalicelib.third_parties.rules_signing import row_json
from chalicelib.third_parties.submitting import Sent
from chalicelib.third_parties.views import (
    GradeOut,
    IndicatorIn,
    IndicatorOut,
    InstitutionOut,
    KeyOut,
    RatingOut,
    RefusalOut,
    RowFaultOut,
    ScaleOut,
    StatementIn,
    SubmissionOut,
    SystemContentIn,
    SystemOut,
)


def institution_out(one: Institution) -> InstitutionOut:
    """An institution with all its keys."""
    return InstitutionOut(
        unified_code=one.code,
        name=one.name,
        kind=one.kind,
        kind_title=INSTITUTION_TITLES[one.kind],
        region=one.region,
        keys=[_key_out(key) for key in one.keys],
        version=one.version,
    )


def _key_out(key: SigningKey) -> KeyOut:
    return KeyOut(
        kid=key.kid,
        **key.jwk,
        added_at=parse_instant(key.added_at),
        retired_at=parse_instant(key.retired_at) if key.retired_at else None,
    )


def content_of(sent: SystemContentIn) -> SystemContent:
    """A system as it was sent."""
    scale = sent.scale
    return SystemContent(
        title=sent.title,
        method=sent.method,
        scale=Scale(scale.lowest, scale.highest, scale.places, scale.better),
        grades=tuple(Grade(one.code, one.title, one.limit) for one in sent.grades),
        indicators=tuple(_indicator(one) for one in sent.indicators),
        kinds=tuple(sorted(set(sent.kinds))),
        period=sent.period,
    )


def _indicator(sent: IndicatorIn) -> Indicator:
    return Indicator(
        sent.code, sent.title, sent.weight, tuple(_indicator(child) for child in sent.children)
    )


def system_out(system: RatingSystem) -> SystemOut:
    """A system as it is now."""
    scale = system.scale
    return SystemOut(
        code=system.code,
        institution=system.institution,
        institution_name=system.institution_name,
        region=system.region,
        title=system.title,
        method=system.method,
        scale=ScaleOut(
            lowest=scale.lowest, highest=scale.highest, places=scale.places, better=scale.better
        ),
        grades=[
            GradeOut(code=one.code, title=one.title, limit=one.limit) for one in system.grades
        ],
        indicators=[_indicator_out(one) for one in system.indicators],
        kinds=list(system.kinds),
        period=system.period,
        version=system.version,
        withdrawn_at=parse_instant(system.withdrawn_at) if system.withdrawn_at else None,
        reason=system.reason or None,
    )


def _indicator_out(one: Indicator) -> IndicatorOut:
    children = [_indicator_out(child) for child in one.children]
    return IndicatorOut(code=one.code, title=one.title, weight=one.weight, children=children)


def sent_of(sent: StatementIn) -> Sent:
    """Ratings as they were sent, one by one or in a file. Raises Invalid unless it is one of both,
    or naming the lines of the file that cannot be read."""
    if bool(sent.ratings) == bool(sent.file):
        message = "ratings 和 file 应填其中一项"
        raise Invalid(message, faults=[Fault("/ratings", "ratings_or_file", message)])
    original: JsonValue
    if sent.file is None:
        rows = [
            Row(one.unified_code, one.score, one.grade, dict(one.indicators), one.note)
            for one in sent.ratings
        ]
        original = [row_json(row) for row in rows]
    else:
        rows = rows_in(sent.file.format, sent.file.content)
        original = {"format": sent.file.format, "content": sent.file.content}
    return Sent(sent.system, sent.period, sent.reference, sent.note, rows, original)


def refusals_out(refusals: Sequence[Refusal]) -> list[RefusalOut]:
    """Rows that are not taken."""
    return [
        RefusalOut(
            position=one.position,
            unified_code=one.unified_code,
            faults=[
                RowFaultOut(pointer=f"/ratings/{one.position}{pointer}", code=code, message=message)
                for pointer, code, message in one.faults
            ],
        )
        for one in refusals
    ]


def submission_out(one: Submission) -> SubmissionOut:
    """What became of a submission."""
    return SubmissionOut(
        submission_id=one.submission_id,
        system=one.system,
        system_version=one.system_version,
        period=one.period,
        reference=one.reference,
        number=one.number,
        received_at=parse_instant(one.received_at),
        completed_at=parse_instant(one.completed_at) if one.completed_at else None,
        rows=one.rows,
        accepted=one.rows - len(one.refused),
        refused=len(one.refused),
        refused_positions=list(one.refused),
        refusals=refusals_out(one.refusals),
        signature=one.jws,
    )


def rating_out(one: Rating) -> RatingOut:
    """A rating as it stands."""
    return RatingOut(
        system=one.system,
        system_version=one.system_version,
        period=one.period,
        unified_code=one.row.unified_code,
        name=one.subject_name,
        score=one.row.score,
        grade=one.row.grade or None,
        indicators=dict(one.row.indicators),
        note=one.row.note or None,
        submission_id=one.submission_id,
        at=parse_instant(one.at),
        version=one.version,
        state="withdrawn" if one.withdrawn else "valid",
        reason=one.reason or None,
    )
