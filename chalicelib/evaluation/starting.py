"""Runs begin here: asked for by an office, due by schedule, or sent on again after a loss."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from chalicelib.access.rules import region_covers
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import Put, commit
from chalicelib.evaluation import replaystore, rules_periods, store
from chalicelib.evaluation.messages import is_stalled, send_next, send_next_replay
from chalicelib.evaluation.model import Period
from chalicelib.evaluation.roster import is_anybody_there
from chalicelib.evaluation.runs import Pin, Replay, Run, Trigger, regions_below, scheduled_run_id
from chalicelib.kernel.clock import civil_date, instant_text
from chalicelib.kernel.errors import Fault, Forbidden, Invalid, NotFound, Unavailable
from chalicelib.kernel.ids import id_text
from chalicelib.policy import service as policy
from chalicelib.policy.model import Pack
from chalicelib.policy.scheme import PeriodKind, Scheme
from chalicelib.web.idempotency import IdempotencyClaim
from chalicelib.web.model import Answer, Caller, Scope

EARLIEST_YEAR = 2000


@dataclass(frozen=True, slots=True)
class Order:
    """What an office asks to be evaluated. `regions` empty: all within its reach."""

    scheme: str
    period: str
    regions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A scheme nobody has adopted, to be tried on a period. `regions` as in an order."""

    document: Mapping[str, object]
    period: str
    regions: tuple[str, ...] = ()


def start_draft(
    platform: Platform,
    caller: Caller,
    scope: Scope,
    draft: Draft,
    *,
    claim: IdempotencyClaim | None,
    present: Callable[[Run], Answer],
) -> Answer:
    """Start a run by a draft of a scheme: nobody but its office sees it, and nothing follows from
    it. Otherwise as `start_run`. Raises Invalid, Forbidden, Conflict."""
    if claim is not None and (kept := claim.find()) is not None:
        return _again(platform, kept)
    pack = policy.pack_for(caller.jurisdiction, civil_date(platform.clock()))
    scheme = policy.scheme_from(pack, draft.document)
    order = Order(scheme.code, draft.period, draft.regions)
    run = _ordered(platform, caller, scope, order, pack, scheme, new_id(platform, "ev", claim))
    stored = platform.archive.put_once(
        f"evaluations/{run.run_id}/scheme.json",
        scheme.model_dump_json(exclude_none=True).encode(),
        content_type="application/json",
    )
    return _begun(platform, replace(run, draft=True, scheme_pin=Pin.of(stored)), claim, present)


def start_run(
    platform: Platform,
    caller: Caller,
    scope: Scope,
    order: Order,
    *,
    claim: IdempotencyClaim | None,
    present: Callable[[Run], Answer],
) -> Answer:
    """Start a run; its work goes through the queue. Repeated under the same claim it answers as
    before, and sends again what was not taken. Raises Invalid, Forbidden, Conflict."""
    if claim is not None and (kept := claim.find()) is not None:
        return _again(platform, kept)
    pack = policy.pack_for(caller.jurisdiction, civil_date(platform.clock()))
    scheme = _scheme_of(pack, order)
    run = _ordered(platform, caller, scope, order, pack, scheme, new_id(platform, "ev", claim))
    return _begun(platform, run, claim, present)


def _begun(
    platform: Platform,
    run: Run,
    claim: IdempotencyClaim | None,
    present: Callable[[Run], Answer],
) -> Answer:
    answer = present(run)
    earlier = commit_once(store.new_run_put(platform, run), answer, claim)
    if earlier is not None:
        return _again(platform, earlier)
    send_next(platform, run)
    return answer


def start_due_runs(platform: Platform) -> list[str]:
    """Start every scheduled run that is due by the platform's clock and has not been started, in
    every jurisdiction with bodies to evaluate; returns the ids of those it sent on.

    The run's id follows from jurisdiction, scheme and period: a doubled tick starts it once, a
    missed one is made up for by the next.
    """
    sent: list[str] = []
    today = civil_date(platform.clock())
    for jurisdiction in policy.jurisdictions():
        try:
            pack = policy.pack_for(jurisdiction, today)
        except NotFound:  # its first version is not yet in force
            continue
        for scheme in pack.schemes.values():
            run = _due_run(platform, pack, scheme)
            if run is not None and run.status == "planned":
                send_next(platform, run)
                sent.append(run.run_id)
    return sent


def resend_lost(platform: Platform) -> int:
    """Send again what runs and replays wait for that have stood still for RESEND_AFTER; returns
    how many messages. A message that was not lost after all does no harm."""
    sent = 0
    for jurisdiction in policy.jurisdictions():
        for run in store.runs_of(platform, jurisdiction, unfinished=True):
            if is_stalled(platform, run.updated_at or run.created_at):
                # The index may be behind: what is sent follows from the run itself.
                sent += send_next(platform, store.load_run(platform, run.run_id) or run)
        for replay in replaystore.unfinished_replays(platform, jurisdiction):
            if is_stalled(platform, replay.updated_at or replay.created_at):
                sent += send_next_replay(platform, replay)
    return sent


def start_replay(
    platform: Platform,
    caller: Caller,
    run: Run,
    *,
    claim: IdempotencyClaim | None,
    present: Callable[[Replay], Answer],
) -> Answer:
    """Start computing a completed run again from what it froze. The caller's right to the run has
    been checked; so has its being completed."""
    if claim is not None and (kept := claim.find()) is not None:
        return _replay_again(platform, run, kept)
    replay = Replay(
        replay_id=new_id(platform, "rp", claim),
        run_id=run.run_id,
        jurisdiction=run.jurisdiction,
        requested_by=caller.agency_code,
        created_at=instant_text(platform.clock()),
        chunks=run.chunks,
    )
    answer = present(replay)
    earlier = commit_once(replaystore.new_replay_put(platform, replay), answer, claim)
    if earlier is not None:
        return _replay_again(platform, run, earlier)
    send_next_replay(platform, replay)
    return answer


def commit_once(write: Put, answer: Answer, claim: IdempotencyClaim | None) -> Answer | None:
    """Write, together with the answer to keep; the kept answer if the same request was faster."""
    if claim is None:
        commit([write])
        return None
    try:
        commit([write, claim.item_write(answer)])
    except ConditionFailed:
        kept = claim.find()
        if kept is None:
            raise Unavailable from None
        return kept
    return None


def new_id(platform: Platform, prefix: str, claim: IdempotencyClaim | None) -> str:
    """A random id; under a claim one that follows from it, so that a retry makes no second."""
    if claim is None:
        return platform.ids.new(prefix)
    source = f"{prefix}#{claim.key.pk}#{instant_text(platform.clock())}"
    return id_text(prefix, hashlib.sha256(source.encode()).digest())


def _again(platform: Platform, kept: Answer) -> Answer:
    """A kept answer. If its first message was lost, the run still waits: send it again."""
    run = store.load_run(platform, _last_segment(kept))
    if run is not None and run.status == "planned":
        send_next(platform, run)
    return kept


def _replay_again(platform: Platform, run: Run, kept: Answer) -> Answer:
    replay = replaystore.load_replay(platform, run.run_id, _last_segment(kept))
    if replay is not None and not replay.replayed:
        send_next_replay(platform, replay)
    return kept


def _last_segment(answer: Answer) -> str:
    return (answer.location or "").rsplit("/", 1)[-1]


def _due_run(platform: Platform, pack: Pack, scheme: Scheme) -> Run | None:
    period = rules_periods.latest_due(scheme, platform.clock())
    run_id = scheduled_run_id(pack.jurisdiction, scheme.code, rules_periods.name_of(period))
    known = store.load_run(platform, run_id)
    if known is not None:
        return known
    regions = regions_below(pack)
    if not _has_bodies(platform, pack, scheme, regions):
        return None
    run = _new_run(platform, pack, scheme, run_id, period, regions, "schedule")
    try:
        commit([store.new_run_put(platform, run)])
    except ConditionFailed:
        return store.load_run(platform, run_id)
    return run


def _scheme_of(pack: Pack, order: Order) -> Scheme:
    scheme = pack.schemes.get(order.scheme)
    if scheme is None:
        known = "、".join(sorted(pack.schemes)) or "（无）"
        message = f"没有评价办法“{order.scheme}”，可用的是：{known}"
        raise Invalid(faults=[Fault("/scheme", "unknown_scheme", message)])
    return scheme


def _ordered(
    platform: Platform,
    caller: Caller,
    scope: Scope,
    order: Order,
    pack: Pack,
    scheme: Scheme,
    run_id: str,
) -> Run:
    faults = [*_period_faults(scheme.period, order.period, civil_date(platform.clock()))]
    faults += [
        Fault(f"/regions/{index}", "unknown_region", f"{region} 不在“{pack.title}”的行政区划内")
        for index, region in enumerate(order.regions)
        if region not in pack.regions
    ]
    if faults:
        raise Invalid(faults=faults)
    regions = _reach(pack, caller, scope, order)
    if not _has_bodies(platform, pack, scheme, regions):
        message = "这些行政区划内没有这个评价办法所评价的、已登记的单位"
        raise Invalid(faults=[Fault("/regions", "no_bodies", message)])
    period = rules_periods.period_of(scheme.period, order.period)
    return _new_run(platform, pack, scheme, run_id, period, regions, "request", caller.agency_code)


def _period_faults(kind: PeriodKind, name: str, today: date) -> Iterator[Fault]:
    try:
        first = rules_periods.period_of(kind, name).first
    except ValueError:
        form, example = rules_periods.FORMS[kind], rules_periods.EXAMPLES[kind]
        message = f"评价周期应是{form}，例如 {example}"
        yield Fault("/period", "period", message)
        return
    if first.year < EARLIEST_YEAR or first > today:
        message = f"评价周期应在 {EARLIEST_YEAR} 年以后，并且已经开始，不能是将来的"
        yield Fault("/period", "period", message)


def _reach(pack: Pack, caller: Caller, scope: Scope, order: Order) -> tuple[str, ...]:
    reach = regions_below(pack)
    if scope is not Scope.ALL:
        reach = tuple(region for region in reach if region_covers(caller.region, region))
    wanted = regions_below(pack, order.regions) if order.regions else reach
    beyond = [region for region in wanted if region not in reach]
    if beyond or not wanted:
        named = "、".join(beyond) or caller.region
        raise Forbidden(f"行政区划 {named} 不在您的管辖范围内", code="out_of_scope")
    return wanted


def _has_bodies(platform: Platform, pack: Pack, scheme: Scheme, regions: tuple[str, ...]) -> bool:
    return is_anybody_there(platform, scheme, pack.jurisdiction, regions)


def _new_run(
    platform: Platform,
    pack: Pack,
    scheme: Scheme,
    run_id: str,
    period: Period,
    regions: tuple[str, ...],
    trigger: Trigger,
    requested_by: str = "",
) -> Run:
    return Run(
        run_id=run_id,
        jurisdiction=pack.jurisdiction,
        scheme=scheme.code,
        title=scheme.title,
        of_persons=scheme.of_persons,
        period=rules_periods.name_of(period),
        first_day=period.first.isoformat(),
        last_day=period.last.isoformat(),
        pack=pack.version,
        pack_digest=pack.digest,
        regions=regions,
        trigger=trigger,
        requested_by=requested_by,
        created_at=instant_text(platform.clock()),
    )
