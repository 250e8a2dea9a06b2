"""Ratings of third parties: from what an institution signed to the feed, beside the official
results and never among them. Every deed may be repeated, doubled, late or out of order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from chalicelib.aws.platform import Platform
from chalicelib.disclosure.model import (
    BodyName,
    RatedIndicatorView,
    RatingKeyView,
    RatingProofView,
    RatingScaleView,
    RatingView,
)
from chalicelib.disclosure.projection import Progress
from chalicelib.feed import service as feed
from chalicelib.feed.model import NewDocument, document_id
from chalicelib.kernel.clock import civil_date, instant_text, parse_instant
from chalicelib.third_parties import service as third_parties
from chalicelib.third_parties.model import (
    INSTITUTION_TITLES,
    SOURCE_TITLE,
    Rating,
    RatingSystem,
    Signed,
)

SLICE = 100
"""Ratings compared at a time."""


def project_rating(platform: Platform, place: str, progress: Progress) -> None:
    """Bring the feed in line with a rating: `place` is `<system>#<period>#<unified code>`."""
    system, period, code = place.split("#")
    rating = third_parties.find_rating(platform, system, period, code)
    if rating is None:
        return
    name = _name_of(rating)
    rated_by = None if rating.withdrawn else third_parties.system_version(platform, rating)
    if rated_by is None:
        waits = feed.hide(platform, name, "rating", rating.version, "withdrawn", stand=True)
    else:
        document = view_of(rating, rated_by).model_dump(mode="json")
        waits = feed.show(platform, NewDocument(name, "rating", rating.version, document))
    if waits:
        progress.waiting.append(name)
    progress.saw_change(rating.at, platform.clock())


def _name_of(rating: Rating) -> str:
    return document_id("rating", rating.system, rating.period, rating.row.unified_code)


def view_of(rating: Rating, system: RatingSystem) -> RatingView:
    """The public document of a rating, by the version of the system it was rated by, with all that
    proves whose it is."""
    row = rating.row
    grade = next((one for one in system.grades if one.code == row.grade), None)
    return RatingView(
        id=f"{rating.system}/{rating.period}/{row.unified_code}",
        version=rating.version,
        source="third_party",
        source_title=SOURCE_TITLE,
        system=system.code,
        system_version=system.version,
        title=system.title,
        method=system.method,
        period=rating.period,
        institution=BodyName(code=system.institution, name=system.institution_name),
        institution_kind=system.institution_kind,
        institution_kind_title=INSTITUTION_TITLES[system.institution_kind],
        body=BodyName(code=row.unified_code, name=rating.subject_name),
        region=rating.region,
        score=row.score,
        scale=RatingScaleView(
            lowest=system.scale.lowest, highest=system.scale.highest, better=system.scale.better
        ),
        grade=grade.code if grade else None,
        grade_title=grade.title if grade else None,
        indicators=tuple(
            RatedIndicatorView(
                code=leaf.code,
                title=leaf.title,
                weight=leaf.weight,
                score=row.indicators.get(leaf.code),
            )
            for leaf in system.leaves()
        ),
        note=row.note or None,
        published_on=civil_date(parse_instant(rating.at)).isoformat(),
        verification=_proof(rating, rating.signed),
        as_of=rating.at,
    )


def _proof(rating: Rating, signed: Signed) -> RatingProofView:
    return RatingProofView(
        rating=third_parties.row_bytes(rating.row).decode(),
        index=signed.index,
        count=signed.count,
        proof=signed.proof,
        statement=signed.jws,
        key=RatingKeyView(
            kid=signed.kid,
            kty=signed.jwk["kty"],
            crv=signed.jwk["crv"],
            x=signed.jwk["x"],
            y=signed.jwk["y"],
        ),
    )


def ratings_behind(
    platform: Platform, since: datetime, until: datetime
) -> Iterator[dict[str, object]]:
    """The ratings that came in from `since` to `until` and are not yet to be seen (or still are):
    of each system and period that something came in for, all are compared."""
    last = instant_text(until)
    for system, period in third_parties.periods_since(platform, instant_text(since)):
        found = (
            one for one in third_parties.each_rating(platform, system, period) if one.at <= last
        )
        while part := list(islice(found, SLICE)):
            yield from _behind(platform, part)


def _behind(platform: Platform, ratings: Sequence[Rating]) -> Iterator[dict[str, object]]:
    decided = feed.decided(platform, [_name_of(one) for one in ratings])
    for one in ratings:
        done = decided.get(_name_of(one))
        if done is None or done.version != one.version or done.is_gone != one.withdrawn:
            yield third_parties.change_of(one)


def all_ratings(platform: Platform) -> Iterator[dict[str, object]]:
    """A change for every rating there ever was: to build everything again."""
    return map(third_parties.change_of, third_parties.all_ratings(platform))
