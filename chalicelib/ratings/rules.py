"""Whether a body or a person may be rated 优秀 in a year, or enter awards, and why not. Pure.

Which records count, and where a document has such a limit at all, is the pack's (`rating_bars`);
what was done in cases bars on its own (`bar_excellent`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from chalicelib.cases.model import Bar, Pending
from chalicelib.creditfile.model import Record
from chalicelib.creditfile.rules_supervision import is_in_force
from chalicelib.kernel.clock import civil_date, parse_instant
from chalicelib.policy.base import SEVERITY_TITLES, LegalBasis
from chalicelib.policy.model import Pack
from chalicelib.policy.programme import RATING_TITLES, Rating, RatingBar
from chalicelib.ratings.model import Reason, Verdict

_OF_MECHANISM: Final[Mapping[Rating, tuple[str, ...]]] = {
    "annual_excellent": ("excellent_bar",),
    "award": ("award_bar_bodies", "award_limit_persons"),
}
_BARRED: Final[Mapping[Rating, str]] = {
    "annual_excellent": "年度考核结果不得确定为优秀",
    "award": "不得参加荣誉评选、评优评先",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a subject when it is asked."""

    subject_kind: str
    records: tuple[tuple[Record, Pack], ...] = ()
    """Dishonesty records that are active, each with the pack it was decided under."""
    bars: tuple[Bar, ...] = ()
    pending: tuple[Pending, ...] = ()


def day_of(year: int, today: date) -> date:
    """The day as of which a year is judged: today, or the last day of a year that is over."""
    return min(today, date(year, 12, 31))


def bars_for(pack: Pack, kind: str, rating: Rating) -> list[RatingBar]:
    """The entries of the pack that limit a rating of subjects of this kind."""
    return [bar for bar in pack.rating_bars.values() if bar.rating == rating and kind in bar.about]


def pending_states(pack: Pack, kind: str) -> dict[str, Collection[str]]:
    """Kind of case -> states that mean a competent organ is still to decide about such a
    subject."""
    return {
        code: states
        for bar in pack.rating_bars.values()
        if kind in bar.about
        for code, states in bar.pending.items()
    }


def judge(pack: Pack, facts: Facts, year: int, today: date) -> tuple[Verdict, ...]:
    """The answer for each rating of `year`, as of `today`."""
    return tuple(_verdict(pack, facts, rating, year, today) for rating in RATING_TITLES)


def basis_text(basis: LegalBasis) -> str:
    """A legal basis in words; what was not read in the original says so."""
    text = f"{basis.document}{basis.clause}"
    return text if basis.verified else f"{text}（未核实）"


def _verdict(pack: Pack, facts: Facts, rating: Rating, year: int, today: date) -> Verdict:
    reasons: list[Reason] = []
    limits = bars_for(pack, facts.subject_kind, rating)
    if rating == "annual_excellent":
        reasons += (_of_case(pack, bar, year) for bar in facts.bars)
    for limit in limits:
        reasons += _of_records(limit, facts.records, year, today)
        reasons += _of_pending(pack, limit, facts.pending)
    if any(reason.bars for reason in reasons):
        basis = "；".join(dict.fromkeys(one.basis for one in reasons if one.bars))
        return Verdict(rating, "barred", f"{year}年度{_BARRED[rating]}", basis, tuple(reasons))
    if not limits:
        return Verdict(rating, "not_regulated", "本地文件没有这项规定", _looked_in(pack, rating))
    basis = "；".join(dict.fromkeys(basis_text(limit.basis) for limit in limits))
    text = f"没有不得参加{year}年度{RATING_TITLES[rating]}的情形"
    return Verdict(rating, "allowed", text, basis, tuple(reasons))


def _looked_in(pack: Pack, rating: Rating) -> str:
    """Where the limit was looked for: the mechanisms it would belong to."""
    found = (pack.mechanisms.get(code) for code in _OF_MECHANISM[rating])
    texts = (
        f"{basis_text(one.basis)}：{one.basis.note}" if one.basis.note else basis_text(one.basis)
        for one in found
        if one is not None and one.state == "off"
    )
    return "；".join(dict.fromkeys(texts)) or basis_text(pack.document)


def _of_case(pack: Pack, bar: Bar, year: int) -> Reason:
    kind = pack.case_kinds.get(bar.kind)
    title = bar.kind if kind is None else kind.title
    return Reason(
        what="case",
        bars=True,
        text=f"“{title}”案件中已决定{year}年度{_BARRED['annual_excellent']}",
        basis=basis_text(pack.document if kind is None else kind.basis),
        since=civil_date(parse_instant(bar.since)).isoformat(),
        case_id=bar.case_id,
        kind=bar.kind,
    )


def _of_records(
    limit: RatingBar, records: Iterable[tuple[Record, Pack]], year: int, today: date
) -> Iterator[Reason]:
    for record, pack in records:
        if not _counts(limit, record, pack, year, today):
            continue
        record_type = pack.types.get(record.type)
        title = record.type if record_type is None else record_type.title
        level = next(
            (text for code, text in SEVERITY_TITLES.items() if code == record.severity), ""
        )
        said = f"有效的{level}政务失信记录" if level else "有效的政务失信记录"
        yield Reason(
            what="record",
            bars=True,
            text=f"{record.occurred_on}认定的“{title}”是{said}，{limit.title}",
            basis=basis_text(limit.basis),
            since=record.occurred_on,
            record_id=record.record_id,
            kind=record.type,
        )


def _counts(limit: RatingBar, record: Record, pack: Pack, year: int, today: date) -> bool:
    """Whether a record keeps its subject from the rating of a year."""
    standing = record.standing
    if record.status != "active" or not record.dishonesty or standing.exempted is not None:
        return False
    if standing.repaired is not None and not limit.repaired_counts:
        return False
    if standing.eased is not None and standing.eased.grounds in limit.waivers:
        return False
    if limit.types and record.type not in limit.types:
        return False
    if limit.severities and record.severity not in limit.severities:
        return False
    day = day_of(year, today)
    if limit.counts == "decided_in_year":
        return record.occurred_on[:4] == f"{year:04d}"
    if record.occurred_on > day.isoformat():
        return False
    return standing.repaired is not None or is_in_force(record, pack, day)


def _of_pending(pack: Pack, limit: RatingBar, pending: Iterable[Pending]) -> Iterator[Reason]:
    for one in pending:
        kind = pack.case_kinds.get(one.kind)
        if kind is None or one.state not in limit.pending.get(one.kind, ()):
            continue
        yield Reason(
            what="referral",
            bars=False,
            text=f"“{kind.title}”案件{kind.state(one.state).title}，尚无结论；有结论以后应当重新查询",
            basis=basis_text(kind.basis),
            since=civil_date(parse_instant(one.since)).isoformat(),
            case_id=one.case_id,
            kind=one.kind,
        )
