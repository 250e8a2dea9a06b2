"""The items of third parties in the EVALUATION table, and no other module's business.

| item | pk | sk | read by |
|---|---|---|---|
| institution | INSTITUTION#<code> | - | code; by_listing `institutions#<jurisdiction>` by region |
| system | SYSTEM#<code> | - | code; by_listing `rating_systems#<jurisdiction>` by region |
| version of a system | SYSTEM#<code> | V#<version> | code and version |
| how far a period has come | RATINGHEAD#<system>#<period> | - | it; by_listing `rating_heads` |
| submission | SUBMISSION#<id> | - | id; by_listing `rating_submissions#<system>` |
| rating | RATING#<system>#<period>#<code> | - | it; by_listing `ratings#<system>#<period>` |

The head of a period counts its submissions and withdrawals: their number is the version of what
they write, so that the later one wins however their writes are mixed. A rating is an entity of its
own (`third_party_rating`), so that the stream tells of each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from chalicelib.aws.attributes import Item
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import Page, batch_get
from chalicelib.aws.writes import (
    ABSENT,
    MAX_TRANSACTION_ITEMS,
    PRESENT,
    Condition,
    Key,
    Put,
    Update,
    Write,
    commit,
    version_is,
)
from chalicelib.third_parties.model import (
    Grade,
    Indicator,
    Institution,
    Rating,
    RatingSystem,
    Refusal,
    Row,
    Scale,
    Signed,
    SigningKey,
    Submission,
)

RATING_ENTITY = "third_party_rating"
_HEADS = "rating_heads"


# -- institutions ---------------------------------------------------------------------------------


def load_institution(platform: Platform, code: str) -> Institution | None:
    """An institution by its unified code."""
    item = platform.evaluation.get(f"INSTITUTION#{code}")
    return None if item is None else institution_from(item)


def put_institution(platform: Platform, one: Institution) -> None:
    """Keep an institution: a new one, or the version after the one that is there. Raises
    ConditionFailed otherwise."""
    item: Item = {
        **asdict(one),
        "pk": f"INSTITUTION#{one.code}",
        "sk": "-",
        "keys": [{**asdict(key), "jwk": dict(key.jwk)} for key in one.keys],
        "listing": f"institutions#{one.jurisdiction}",
        "position": f"{one.region}#{one.code}",
    }
    platform.evaluation.put(item, _next(one.version))


def page_of_institutions(
    platform: Platform, jurisdiction: str, region: str, limit: int, start: Item | None
) -> Page:
    """One page of the institutions of the regions whose codes begin with `region`."""
    listing = f"institutions#{jurisdiction}"
    return platform.evaluation.query_index(
        "by_listing", listing, prefix=region or None, limit=limit, start=start
    )


def institution_from(item: Item) -> Institution:
    """The institution an item holds."""
    body = _members(item, Institution.__dataclass_fields__)
    body["keys"] = tuple(SigningKey(**key) for key in body["keys"])
    return Institution(**body)


# -- systems --------------------------------------------------------------------------------------


def load_system(platform: Platform, code: str) -> RatingSystem | None:
    """A system as it is now."""
    item = platform.evaluation.get(f"SYSTEM#{code}")
    return None if item is None else system_from(item)


def load_system_version(platform: Platform, code: str, version: int) -> RatingSystem | None:
    """A system as it was in a version."""
    item = platform.evaluation.get(f"SYSTEM#{code}", f"V#{version:06d}")
    return None if item is None else system_from(item)


def put_system(platform: Platform, system: RatingSystem) -> None:
    """Keep a system and its version: a new one, or the version after the one that is there. Raises
    ConditionFailed otherwise."""
    body: Item = {**asdict(system), "pk": f"SYSTEM#{system.code}"}
    body["scale"] = asdict(system.scale)
    body["grades"] = [asdict(grade) for grade in system.grades]
    body["indicators"] = [_tree_item(one) for one in system.indicators]
    body["kinds"] = list(system.kinds)
    listed: Item = {
        "sk": "-",
        "listing": f"rating_systems#{system.jurisdiction}",
        "position": f"{system.region}#{system.institution}#{system.code}",
    }
    table = platform.evaluation.name
    commit(
        [
            Put(table, body | listed, _next(system.version)),
            Put(table, body | {"sk": f"V#{system.version:06d}"}, ABSENT),
        ]
    )


def page_of_systems(
    platform: Platform, jurisdiction: str, place: str, limit: int, start: Item | None
) -> Page:
    """One page of the systems whose place (region#institution#) begins with `place`."""
    listing = f"rating_systems#{jurisdiction}"
    return platform.evaluation.query_index(
        "by_listing", listing, prefix=place or None, limit=limit, start=start
    )


def system_from(item: Item) -> RatingSystem:
    """The system an item holds."""
    body = _members(item, RatingSystem.__dataclass_fields__)
    body["scale"] = Scale(**body["scale"])
    body["grades"] = tuple(Grade(**grade) for grade in body["grades"])
    body["indicators"] = tuple(_tree_from(one) for one in body["indicators"])
    body["kinds"] = tuple(body["kinds"])
    return RatingSystem(**body)


def _tree_item(node: Indicator) -> dict[str, Any]:
    return {
        "code": node.code,
        "title": node.title,
        "weight": node.weight,
        "children": [_tree_item(child) for child in node.children],
    }


def _tree_from(node: dict[str, Any]) -> Indicator:
    children = tuple(_tree_from(child) for child in node["children"])
    return Indicator(node["code"], node["title"], node["weight"], children)


# -- submissions and ratings ----------------------------------------------------------------------


def load_head(platform: Platform, system: str, period: str) -> int:
    """The number of the last submission or withdrawal of a period; 0 before the first."""
    item = platform.evaluation.get(f"RATINGHEAD#{system}#{period}")
    return 0 if item is None else int(str(item["version"]))


def head_put(platform: Platform, system: str, period: str, number: int, at: str) -> Put:
    """The write that takes the next number of a period."""
    item: Item = {
        "pk": f"RATINGHEAD#{system}#{period}",
        "sk": "-",
        "system": system,
        "period": period,
        "version": number,
        "at": at,
        "listing": _HEADS,
        "position": f"{at}#{system}#{period}",
    }
    return Put(platform.evaluation.name, item, _next(number))


def heads_since(platform: Platform, instant: str) -> Iterator[tuple[str, str]]:
    """(system, period) of all that came in at `instant` or later."""
    span = (instant, "~")
    for item in platform.evaluation.each_in_index("by_listing", _HEADS, between=span):
        yield str(item["system"]), str(item["period"])


def load_submission(platform: Platform, submission_id: str) -> Submission | None:
    """A submission by its id."""
    item = platform.evaluation.get(f"SUBMISSION#{submission_id}")
    return None if item is None else submission_from(item)


def submission_put(platform: Platform, one: Submission) -> Put:
    """The write that keeps a submission, once."""
    item: Item = {
        **asdict(one),
        "pk": f"SUBMISSION#{one.submission_id}",
        "sk": "-",
        "refused": list(one.refused),
        "refusals": [
            {
                "position": refusal.position,
                "unified_code": refusal.unified_code,
                "faults": [list(fault) for fault in refusal.faults],
            }
            for refusal in one.refusals
        ],
        "listing": f"rating_submissions#{one.system}",
        "position": f"{one.received_at}#{one.period}#{one.number:06d}#{one.submission_id}",
    }
    return Put(platform.evaluation.name, item, ABSENT)


def completion(platform: Platform, submission_id: str, at: str) -> Update:
    """The write that says that every rating of a submission is kept."""
    key = platform.evaluation.key(f"SUBMISSION#{submission_id}")
    return Update(key, "SET #completed_at = :at", {"at": at}, PRESENT)


def page_of_submissions(platform: Platform, system: str, limit: int, start: Item | None) -> Page:
    """One page of the submissions by a system, the newest first."""
    listing = f"rating_submissions#{system}"
    return platform.evaluation.query_index(
        "by_listing", listing, descending=True, limit=limit, start=start
    )


def submission_from(item: Item) -> Submission:
    """The submission an item holds."""
    body = _members(item, Submission.__dataclass_fields__)
    body["refused"] = tuple(body["refused"])
    body["refusals"] = tuple(
        Refusal(
            one["position"], one["unified_code"], tuple((a, b, c) for a, b, c in one["faults"])
        )
        for one in body["refusals"]
    )
    return Submission(**body)


def load_rating(platform: Platform, system: str, period: str, code: str) -> Rating | None:
    """The rating of one body as it stands."""
    item = platform.evaluation.get(_rating_pk(system, period, code))
    return None if item is None else rating_from(item)


def load_ratings(
    platform: Platform, system: str, period: str, codes: Iterable[str]
) -> dict[str, Rating]:
    """The ratings of some bodies as they stand, by unified code."""
    keys = [platform.evaluation.key(_rating_pk(system, period, code)) for code in codes]
    found = map(rating_from, batch_get(keys).values()) if keys else ()
    return {one.row.unified_code: one for one in found}


def page_of_ratings(
    platform: Platform, system: str, period: str, limit: int, start: Item | None
) -> Page:
    """One page of the ratings of a period by unified code."""
    listing = f"ratings#{system}#{period}"
    return platform.evaluation.query_index("by_listing", listing, limit=limit, start=start)


def each_rating(platform: Platform, system: str, period: str) -> Iterator[Rating]:
    """Every rating of a period, withdrawn ones included."""
    listing = f"ratings#{system}#{period}"
    return map(rating_from, platform.evaluation.each_in_index("by_listing", listing))


def rating_put(platform: Platform, one: Rating, condition: Condition | None = None) -> Put:
    """The write that brings a rating to its version; without a `condition`: over nothing newer."""
    item: Item = {
        **asdict(one),
        "pk": _rating_pk(one.system, one.period, one.row.unified_code),
        "sk": "-",
        "entity": RATING_ENTITY,
        "row": {**asdict(one.row), "indicators": dict(one.row.indicators)},
        "signed": {
            **asdict(one.signed),
            "jwk": dict(one.signed.jwk),
            "proof": list(one.signed.proof),
        },
        "listing": f"ratings#{one.system}#{one.period}",
        "position": one.row.unified_code,
    }
    older = Condition("attribute_not_exists(#pk) OR #version < :mine", {"mine": one.version})
    return Put(platform.evaluation.name, item, condition or older)


def put_ratings(platform: Platform, ratings: Iterable[Rating]) -> None:
    """Keep ratings, each over nothing newer; repeating changes nothing."""
    waiting = [rating_put(platform, one) for one in ratings]
    for begin in range(0, len(waiting), MAX_TRANSACTION_ITEMS):
        _put_older(waiting[begin : begin + MAX_TRANSACTION_ITEMS])


def _put_older(puts: list[Put]) -> None:
    while puts:
        try:
            commit(puts)
        except ConditionFailed:
            there = batch_get([_key_of(put) for put in puts])
            left = [put for put in puts if _is_older(there.get(_key_of(put)), put)]
            if len(left) == len(puts):
                raise
            puts = left
        else:
            return


def _is_older(item: Item | None, put: Put) -> bool:
    return item is None or int(str(item["version"])) < int(str(put.item["version"]))


def _key_of(put: Put) -> Key:
    return Key(put.table, str(put.item["pk"]), str(put.item["sk"]))


def rating_from(item: Item) -> Rating:
    """The rating an item holds."""
    body = _members(item, Rating.__dataclass_fields__)
    body["row"] = Row(**body["row"])
    signed = dict(body["signed"])
    body["signed"] = Signed(**{**signed, "proof": tuple(signed["proof"])})
    return Rating(**body)


def withdrawal_writes(platform: Platform, before: Rating, after: Rating) -> list[Write]:
    """The writes that take a rating back: it takes the next number of its period."""
    return [
        head_put(platform, after.system, after.period, after.version, after.at),
        rating_put(platform, after, version_is(before.version)),
    ]


def _rating_pk(system: str, period: str, code: str) -> str:
    return f"RATING#{system}#{period}#{code}"


def _next(version: int) -> Condition:
    return ABSENT if version == 1 else version_is(version - 1)


def _members(item: Item, names: Iterable[str]) -> dict[str, Any]:
    return {name: item[name] for name in names}
