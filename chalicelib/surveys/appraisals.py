"""Appraisal rounds (评议): set up, codes handed out, answers counted, results told.

A seat's code begins with the category's position and the seat's number, and goes on with what the
platform's digest key makes of the round, the category, the issue and the number: it is nowhere
kept, handing it out again gives the same one, nobody without the key can make one, and a wrong one
costs one digest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from hmac import compare_digest
from typing import Final

from chalicelib.access.service import region_covers, significant_part
from chalicelib.aws.attributes import Item
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import commit
from chalicelib.kernel.clock import civil_date, instant_text, parse_instant
from chalicelib.kernel.errors import (
    Conflict,
    Fault,
    Forbidden,
    Invalid,
    NotFound,
    PreconditionFailed,
)
from chalicelib.kernel.ids import id_text
from chalicelib.leads.service import CODE_BYTES, code_of, plain_code
from chalicelib.policy.model import Pack
from chalicelib.policy.service import pack_for
from chalicelib.surveys import store_appraisals as store
from chalicelib.surveys.bodies import registered_bodies
from chalicelib.surveys.model import Question
from chalicelib.surveys.model_appraisals import Appraised, Category, Round, Seat
from chalicelib.surveys.rules import SHARDS, answer_faults, counted
from chalicelib.surveys.rules_appraisals import appraised
from chalicelib.web.model import Caller, Scope

MECHANISM = "public_appraisal"
_NUMBER_DIGITS: Final = 3
"""Of a seat in its code; before it one digit for the category: a round has ten at most."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A round as its office wants it."""

    title: str
    purpose: str
    region: str
    questions: tuple[Question, ...]
    codes: tuple[str, ...]
    categories: tuple[Category, ...]
    opens_on: date
    closes_on: date
    least_answers: int


def open_round(platform: Platform, caller: Caller, wanted: Wanted) -> tuple[Round, bool]:
    """Set up a round; the same one again is answered as it is (False). Raises NotFound where the
    local document has no public appraisal, Forbidden outside the region, Invalid naming bodies that
    are not registered there, Conflict where another one of that title begins that day."""
    must_have(pack_for(caller.jurisdiction, civil_date(platform.clock())))
    region = wanted.region or caller.region
    if not region_covers(caller.region, region):
        raise Forbidden("只能在本行政区划及以下开展评议", code="outside_region")
    parts = (caller.jurisdiction, region, wanted.title, wanted.opens_on.isoformat())
    around = Round(
        round_id=id_text("ap", platform.keyring.mac("appraisal_id", *parts)),
        jurisdiction=caller.jurisdiction,
        region=region,
        title=wanted.title,
        purpose=wanted.purpose,
        questions=wanted.questions,
        bodies=registered_bodies(platform, region, wanted.codes),
        categories=wanted.categories,
        opens_on=wanted.opens_on.isoformat(),
        closes_on=wanted.closes_on.isoformat(),
        least_answers=wanted.least_answers,
        created_by=caller.client_id,
        created_at=instant_text(platform.clock()),
    )
    try:
        commit(store.round_writes(platform, around, None))
    except ConditionFailed as error:
        before = store.load(platform, around.round_id)
        if before is None or not _is_same(before, around):
            message = "已有一轮同日开始、名称相同的评议，请换一个名称"
            raise Conflict(message, code="appraisal_exists") from error
        return before, False
    return around, True


def _is_same(before: Round, around: Round) -> bool:
    again = replace(
        around,
        categories=tuple(
            replace(one, issue=known.issue, issued_version=known.issued_version) if known else one
            for one in around.categories
            for known in [before.category(one.code)]
        ),
        created_at=before.created_at,
        created_by=before.created_by,
        version=before.version,
        closed_at=before.closed_at,
        reason=before.reason,
    )
    return again == before


def must_have(pack: Pack) -> None:
    """Raises NotFound where a pack has no public appraisal."""
    mechanism = pack.mechanisms.get(MECHANISM)
    if mechanism is None or mechanism.state == "off":
        raise NotFound("本地文件没有社会评议的规定", code="appraisals_not_regulated")


def find_round(platform: Platform, round_id: str) -> Round:
    """A round by its id. Raises NotFound."""
    around = store.load(platform, round_id)
    if around is None:
        raise NotFound("没有这轮评议")
    return around


def find_visible(platform: Platform, caller: Caller, scope: Scope, round_id: str) -> Round:
    """A round within the caller's scope. Raises NotFound alike outside of it."""
    around = find_round(platform, round_id)
    within = scope is Scope.ALL or region_covers(caller.region, around.region)
    if around.jurisdiction != caller.jurisdiction or not within:
        raise NotFound("没有这轮评议")
    return around


def list_rounds(
    platform: Platform, jurisdiction: str, region: str, limit: int, start: Item | None
) -> tuple[list[Round], Item | None]:
    """One page of the rounds of a region and below, and where the next one starts."""
    part = significant_part(region) if region else ""
    page = store.page_of_rounds(platform, jurisdiction, part, limit, start)
    return [store.round_from(item) for item in page.items], page.next_start


@dataclass(frozen=True, slots=True)
class Issued:
    """The codes of a category, as handed out with a version of the round."""

    category: Category
    codes: tuple[str, ...]
    version: int


def issue_codes(platform: Platform, around: Round, code: str, version: int) -> Issued:
    """Hand out the codes of a category, in the order of its seats; asked again with the version of
    before, the same ones. Handed out anew, which is possible until the round begins, the earlier
    ones are good no more. Raises NotFound, Conflict, PreconditionFailed."""
    category = around.category(code)
    if category is None:
        raise NotFound("这轮评议没有这一类代表", code="unknown_category")
    if category.issued_version == version + 1:
        return Issued(category, codes_of(platform, around, category), around.version)
    if around.version != version:
        raise PreconditionFailed(f"这轮评议已是第 {around.version} 版，请重新读取")
    state = around.state_on(civil_date(platform.clock()))
    if state == "closed" or (state == "open" and category.issue):
        message = "评议已经结束" if state == "closed" else "评议已经开始，不能重新发放评议码"
        raise Conflict(message, code="codes_not_issuable")
    issued = replace(category, issue=category.issue + 1, issued_version=version + 1)
    categories = tuple(issued if one.code == code else one for one in around.categories)
    after = replace(around, categories=categories, version=version + 1)
    _save(platform, after, around)
    return Issued(issued, codes_of(platform, after, issued), after.version)


def _save(platform: Platform, after: Round, before: Round) -> None:
    try:
        commit(store.round_writes(platform, after, before))
    except ConditionFailed as error:
        raise PreconditionFailed("这轮评议刚刚被修改，请重新读取") from error


def codes_of(platform: Platform, around: Round, category: Category) -> tuple[str, ...]:
    """The codes of a category's seats that are good."""
    return tuple(
        _code(platform, around, category, number) for number in range(1, category.seats + 1)
    )


def _code(platform: Platform, around: Round, category: Category, number: int) -> str:
    parts = (around.round_id, category.code, str(category.issue), str(number))
    position = [one.code for one in around.categories].index(category.code)
    secret = platform.keyring.mac("appraisal_seat", *parts)[:CODE_BYTES]
    return f"{position}{number:0{_NUMBER_DIGITS}d}-{code_of(secret)}"


def _seat_of(platform: Platform, around: Round, typed: str) -> Seat | None:
    """Whose code it is; None for no code of the round."""
    plain = plain_code(typed)
    place, number = plain[:1], plain[1 : 1 + _NUMBER_DIGITS]
    if not (plain.isascii() and place.isdecimal() and number.isdecimal()):
        return None
    if int(place) >= len(around.categories):
        return None
    category = around.categories[int(place)]
    seat = Seat(category.code, int(number))
    if not category.issue or not 1 <= seat.number <= category.seats:
        return None
    good = plain_code(_code(platform, around, category, seat.number))
    return seat if compare_digest(plain, good) else None


def end_round(platform: Platform, around: Round, version: int, reason: str) -> Round:
    """End a round before its day. Ending again with the same reason changes nothing. Raises
    Conflict for one that is over, PreconditionFailed for a stale version."""
    if around.closed_at and around.reason == reason and around.version == version + 1:
        return around
    if around.version != version:
        raise PreconditionFailed(f"这轮评议已是第 {around.version} 版，请重新读取")
    if around.state_on(civil_date(platform.clock())) == "closed":
        raise Conflict("这轮评议已经结束", code="appraisal_closed")
    closed_at = instant_text(platform.clock())
    after = replace(around, version=version + 1, closed_at=closed_at, reason=reason)
    _save(platform, after, around)
    return after


def take_answer(
    platform: Platform, round_id: str, typed: str, code: str, answers: Mapping[str, int]
) -> bool:
    """Count what the holder of a code says of a body. False: the code has appraised the body
    already, and it stays as it is. Raises NotFound, Forbidden for no code of the round, Conflict
    outside the period, Invalid."""
    around = find_round(platform, round_id)
    state = around.state_on(civil_date(platform.clock()))
    if state != "open":
        raise _not_open("这轮评议还没有开始" if state == "upcoming" else "这轮评议已经结束")
    seat = _seat_of(platform, around, typed)
    if seat is None:
        raise Forbidden("评议码不对", code="wrong_appraisal_code")
    faults = answer_faults(around.questions, answers)
    if code not in {body.code for body in around.bodies}:
        message = "这轮评议不包括这个单位"
        faults.insert(0, Fault("/unified_code", "body_not_appraised", message))
    if faults:
        raise Invalid(f"有 {len(faults)} 处不符合要求", faults=faults)
    mac = platform.keyring.mac("appraisal_done", round_id, seat.category, str(seat.number))
    shard = platform.clock().microsecond // 1000 % SHARDS
    counters = f"{code}#{seat.category}#{shard}"
    writes = store.answer_writes(platform, round_id, mac.hex()[:32], counters, counted(answers))
    try:
        commit(writes)
    except ConditionFailed as error:
        if 0 in error.items:
            raise _not_open("这轮评议已经结束") from error
        return False
    return True


def _not_open(text: str) -> Conflict:
    return Conflict(text, code="appraisal_not_open")


def results_of(platform: Platform, around: Round) -> list[Appraised]:
    """What a round came to so far, by body in its order."""
    found = store.tallies(platform, around.round_id)
    return [appraised(around, body, found) for body in around.bodies]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a round that is over came to for one body."""

    round_id: str
    version: int
    ended_on: date
    result: Appraised


def outcomes_of(
    platform: Platform, jurisdiction: str, codes: Collection[str], days: tuple[date, date]
) -> Iterator[Outcome]:
    """What the rounds that ended on the days given (both inclusive) came to for some bodies; of a
    body with too few answers nothing. One call for the list, and one per page of counters for each
    round about one of them."""
    today = civil_date(platform.clock())
    for around in store.rounds_of(platform, jurisdiction):
        ended = ended_on(around)
        if around.state_on(today) != "closed" or not days[0] <= ended <= days[1]:
            continue
        bodies = [body for body in around.bodies if body.code in codes]
        found = store.tallies(platform, around.round_id) if bodies else {}
        for body in bodies:
            result = appraised(around, body, found)
            if result.score:
                yield Outcome(around.round_id, around.version, ended, result)


def ended_on(around: Round) -> date:
    """The last day on which answers were taken."""
    last = date.fromisoformat(around.closes_on)
    return min(last, civil_date(parse_instant(around.closed_at))) if around.closed_at else last
