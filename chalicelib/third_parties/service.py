"""What other rooms ask of third parties: ratings as they stand, and how far two rankings differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from chalicelib.aws.events import Change
from chalicelib.aws.platform import Platform
from chalicelib.third_parties import store
from chalicelib.third_parties.keeping import find_system, find_system_of, must_have
from chalicelib.third_parties.model import Rating, RatingSystem
from chalicelib.third_parties.rules_divergence import Divergence, Gap, divergence
from chalicelib.third_parties.rules_signing import row_bytes

__all__ = [
    "RATING_ENTITY",
    "Divergence",
    "Gap",
    "all_ratings",
    "change_of",
    "divergence",
    "each_rating",
    "find_rating",
    "find_system",
    "find_system_of",
    "must_have",
    "periods_since",
    "ratings_of",
    "row_bytes",
    "system_version",
    "valid_ratings",
]

RATING_ENTITY = store.RATING_ENTITY

periods_since = store.heads_since
each_rating = store.each_rating


def ratings_of(
    platform: Platform, system: str, period: str, unified_codes: Iterable[str]
) -> Mapping[str, Rating]:
    """The valid ratings of some bodies, by unified code; those that are not rated are left out."""
    found = store.load_ratings(platform, system, period, unified_codes)
    return {code: one for code, one in found.items() if not one.withdrawn}


def valid_ratings(platform: Platform, system: str, period: str) -> Mapping[str, Rating]:
    """Every valid rating of a period, by unified code."""
    found = store.each_rating(platform, system, period)
    return {one.row.unified_code: one for one in found if not one.withdrawn}


def find_rating(platform: Platform, system: str, period: str, code: str) -> Rating | None:
    """The rating of a body as it stands, or that it was taken back; None if there never was one."""
    return store.load_rating(platform, system, period, code)


def system_version(platform: Platform, rating: Rating) -> RatingSystem | None:
    """The system as it was when it was rated by."""
    return store.load_system_version(platform, rating.system, rating.system_version)


def change_of(rating: Rating) -> dict[str, object]:
    """The message that has a rating looked at."""
    key = f"RATING#{rating.system}#{rating.period}#{rating.row.unified_code}"
    return Change("evaluation", key, rating.version, RATING_ENTITY).message()


def all_ratings(platform: Platform) -> Iterator[Rating]:
    """Every rating there is, withdrawn ones included."""
    for system, period in store.heads_since(platform, "0000"):
        yield from store.each_rating(platform, system, period)
