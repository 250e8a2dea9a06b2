"""Who is under which measure on a day, and what a business system is answered in a scene. Pure.

Grounds, ends and what lifts a measure are the pack's (`measures`). Whether somebody may be rated
优秀 or enter awards is asked of the room that decides it (`ratings.rules`), not decided again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Final

from chalicelib.creditfile.model import Record
from chalicelib.creditfile.rules_supervision import is_in_force, last_day_of
from chalicelib.kernel.clock import civil_date, parse_instant
from chalicelib.kernel.deadlines import add_months
from chalicelib.measures.model import (
    Answer,
    Applied,
    Facts,
    Graded,
    InForce,
    Lifted,
    Measure,
    Standing,
    What,
    Why,
)
from chalicelib.policy.base import SEVERITY_TITLES
from chalicelib.policy.measures import (
    ANSWER_OF,
    CaseGround,
    Effect,
    EvaluationGround,
    Ground,
    MeasureEntry,
    RatingGround,
    RecordGround,
    Scene,
)
from chalicelib.policy.model import Pack
from chalicelib.ratings.rules import Facts as RatingFacts
from chalicelib.ratings.rules import judge

_ORDER: Final[tuple[Effect, ...]] = ("restrict", "refer", "priority", "note")
"""The gravest first, and it decides: nothing that speaks for a subject beats what speaks against
it."""


def measures_of(pack: Pack, facts: Facts, today: date) -> tuple[Measure, ...]:
    """Every measure in force on `today`, by code and ground, whatever the order of the facts."""
    is_dishonest = bool(_counted(facts, today))
    found = {
        measure.measure_id: measure
        for entry in pack.measures.values()
        if not (is_dishonest and "dishonesty" in entry.lifted_by)
        for measure in _of_entry(pack, entry, facts, today)
    }
    return tuple(found[key] for key in sorted(found))


def held_back_until(pack: Pack, facts: Facts, today: date) -> list[date]:
    """The last days of the dishonesty records that keep a measure away which would be in force on
    `today` without them; none where none is kept away."""
    is_any_held = any(
        any(_of_entry(pack, entry, facts, today))
        for entry in pack.measures.values()
        if "dishonesty" in entry.lifted_by
    )
    if not is_any_held:
        return []
    ends = (last_day_of(record, own) for record, own in _counted(facts, today))
    return [end for end in ends if end is not None]


def _of_entry(
    pack: Pack, entry: MeasureEntry, facts: Facts, today: date
) -> Iterator[Measure]:
    if facts.subject_kind not in entry.about:
        return
    for ground in entry.grounds:
        for measure in _of_ground(pack, entry, ground, facts, today):
            if is_on(measure, today):
                yield measure


def answer_of(standing: Standing | None, scene: Scene, today: date) -> Answer:
    """What is answered in a scene about who stands so; None: a subject with no item. Measures past
    their end never count, however late the standing was worked out."""
    given = standing.measures if standing is not None else ()
    meant = [
        _applied(measure, measure.scenes[scene.code])
        for measure in given
        if scene.code in measure.scenes and is_on(measure, today)
    ]
    meant.sort(key=lambda one: (_ORDER.index(one.effect), one.code, one.since, one.reason))
    answer = ANSWER_OF[meant[0].effect] if meant else "allow"
    if answer == "allow":
        priority = any(one.effect == "priority" for one in meant)
        return Answer("allow", priority, tuple(meant), "")
    ends = [one.until for one in meant if ANSWER_OF[one.effect] == answer]
    return Answer(answer, False, tuple(meant), max(ends) if all(ends) else "")


def is_on(measure: Measure, day: date) -> bool:
    """Whether a measure is in force on a day: it has begun, and its last day is not over."""
    text = day.isoformat()
    return measure.starts_on <= text and (not measure.until or text <= measure.until)


def next_change(measures: Iterable[Measure], held_back: Iterable[date] = ()) -> str:
    """The first day (ISO) on which a measure is over by itself, or something that kept one away
    (`held_back_until`); empty if nothing ever is."""
    ends = [measure.until for measure in measures if measure.until]
    ends += [day.isoformat() for day in held_back]
    return (date.fromisoformat(min(ends)) + timedelta(days=1)).isoformat() if ends else ""


def turn_of(
    before: Iterable[Measure], after: Iterable[Measure], records: Mapping[str, Record], today: date
) -> tuple[tuple[Measure, ...], tuple[Lifted, ...]]:
    """What was applied and what was lifted between two standings. A measure that reads otherwise
    was lifted and applied again. `records`: those that lifted measures rest on, as they are now."""
    was = {one.measure_id: one for one in before}
    is_now = {one.measure_id: one for one in after}
    applied = tuple(one for key, one in sorted(is_now.items()) if was.get(key) != one)
    lifted = tuple(
        Lifted(one, "changed" if key in is_now else why_lifted(one, records, today))
        for key, one in sorted(was.items())
        if is_now.get(key) != one
    )
    return applied, lifted


def why_lifted(measure: Measure, records: Mapping[str, Record], today: date) -> Why:
    """Why a measure is no longer in force on `today`."""
    if measure.until and measure.until < today.isoformat():
        return "ended"
    if measure.what == "case":
        return "case_step"
    if measure.what == "evaluation":
        return "new_evaluation"
    record = records.get(measure.ground)
    if record is None or record.status != "active":
        return "withdrawal"
    standing = record.standing
    if standing.exempted is not None:
        return "exemption"
    if standing.repaired is not None or standing.measures_ended:
        return "repair"
    if standing.eased is not None and "waiver" in measure.lifted_by:
        return "waiver"
    return "dishonesty" if "dishonesty" in measure.lifted_by else "changed"


def _applied(measure: Measure, meant: InForce) -> Applied:
    return Applied(
        code=measure.code,
        title=measure.title,
        effect=meant.effect,
        text=meant.text,
        reason=measure.reason,
        basis=measure.basis,
        since=measure.starts_on,
        until=measure.until,
    )


def _of_ground(
    pack: Pack, entry: MeasureEntry, ground: Ground, facts: Facts, today: date
) -> Iterator[Measure]:
    if isinstance(ground, RecordGround):
        yield from _of_records(entry, ground, facts)
    elif isinstance(ground, RatingGround):
        yield from _of_rating(pack, entry, ground, facts, today)
    elif isinstance(ground, CaseGround):
        yield from _of_cases(pack, entry, ground, facts)
    else:
        yield from _of_results(pack, entry, ground, facts)


def _counted(facts: Facts, today: date) -> list[tuple[Record, Pack]]:
    """The dishonesty records in force, each with the pack it was decided under."""
    return [
        (record, own)
        for record, own in facts.records
        if record.dishonesty and is_in_force(record, own, today)
    ]


def _of_records(entry: MeasureEntry, ground: RecordGround, facts: Facts) -> Iterator[Measure]:
    for record, pack in facts.records:
        if _counts(entry, ground, record):
            until = _end_of_record(entry, record, pack)
            yield _measure(entry, "record", record.record_id, record.type, _said(record, pack),
                           record.occurred_on, until)  # fmt: skip


def _counts(entry: MeasureEntry, ground: RecordGround, record: Record) -> bool:
    """Whether a record is such a ground, and nothing has lifted what followed from it."""
    standing = record.standing
    if record.status != "active" or standing.exempted is not None:
        return False
    if ground.types and record.type not in ground.types:
        return False
    if not record.dishonesty and entry.kind != "incentive":
        return False
    if not ground.types and not record.dishonesty:
        return False
    if ground.severities and (record.severity or "general") not in ground.severities:
        return False
    if "repair" in entry.lifted_by and (standing.repaired is not None or standing.measures_ended):
        return False
    return standing.eased is None or standing.eased.grounds not in entry.waivers


def _end_of_record(entry: MeasureEntry, record: Record, pack: Pack) -> str:
    decided = date.fromisoformat(record.occurred_on)
    if entry.ends.when == "publicity_term":
        last = last_day_of(record, pack)
        return "" if last is None else last.isoformat()
    return _end_from(entry, decided)


def _end_from(entry: MeasureEntry, start: date) -> str:
    if entry.ends.when == "year":
        return date(start.year, 12, 31).isoformat()
    months = entry.ends.months
    return "" if months is None else add_months(start, months).isoformat()


def _said(record: Record, pack: Pack) -> str:
    found = pack.types.get(record.type)
    title = record.type if found is None else found.title
    if not record.dishonesty:
        return f"{record.occurred_on}的“{title}”"
    level = SEVERITY_TITLES.get(record.severity, "")
    return f"{record.occurred_on}认定的“{title}”是有效的{level}失信记录"


def _of_rating(
    pack: Pack, entry: MeasureEntry, ground: RatingGround, facts: Facts, today: date
) -> Iterator[Measure]:
    """What bars from a rating of this year, as the room of ratings judges it."""
    known = {record.record_id: (record, own) for record, own in facts.records}
    dishonest = tuple(pair for pair in facts.records if pair[0].dishonesty)
    asked = RatingFacts(facts.subject_kind, dishonest, facts.bars, facts.pending)
    for verdict in judge(pack, asked, today.year, today):
        if verdict.rating != ground.rating:
            continue
        for reason in verdict.reasons:
            if not reason.bars:
                continue
            if entry.ends.when == "year":
                until = date(today.year, 12, 31).isoformat()
            elif reason.record_id in known:
                until = _end_of_record(entry, *known[reason.record_id])
            else:
                until = _end_from(entry, date.fromisoformat(reason.since))
            what: What = "record" if reason.what == "record" else "case"
            place = reason.record_id or reason.case_id
            yield _measure(entry, what, place, reason.kind, reason.text, reason.since, until)


def _of_cases(
    pack: Pack, entry: MeasureEntry, ground: CaseGround, facts: Facts
) -> Iterator[Measure]:
    for one in facts.pending:
        kind = pack.case_kinds.get(one.kind)
        if kind is None or one.state not in ground.states.get(one.kind, ()):
            continue
        since = civil_date(parse_instant(one.since))
        text = f"“{kind.title}”案件：{kind.state(one.state).title}"
        until = "" if entry.ends.when == "case" else _end_from(entry, since)
        yield _measure(entry, "case", one.case_id, one.kind, text, since.isoformat(), until)


def _of_results(
    pack: Pack, entry: MeasureEntry, ground: EvaluationGround, facts: Facts
) -> Iterator[Measure]:
    for one in facts.results:
        if one.scheme != ground.scheme or (ground.grades and one.grade not in ground.grades):
            continue
        until = _end_from(entry, date.fromisoformat(one.completed_on))
        text = _graded(pack, one)
        yield _measure(
            entry, "evaluation", one.run_id, one.scheme, text, one.completed_on, until
        )


def _graded(pack: Pack, one: Graded) -> str:
    scheme = pack.schemes.get(one.scheme)
    title = one.scheme if scheme is None else scheme.title
    return f"“{title}”{one.period}的结果为{one.grade_title}（{one.total}分）"


def _measure(
    entry: MeasureEntry, what: What, ground: str, kind: str, reason: str, since: str, until: str
) -> Measure:
    return Measure(
        code=entry.code,
        title=entry.title,
        kind=entry.kind,
        what=what,
        ground=ground,
        ground_kind=kind,
        reason=reason,
        starts_on=since,
        until=until,
        lifted_by=entry.lifted_by,
        basis=entry.basis,
        scenes={code: InForce(one.effect, one.text) for code, one in entry.scenes.items()},
    )
