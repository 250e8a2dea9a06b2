"""Runs begin here: the daily look, one asked for by an office, and what was lost sent again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from typing import Final

from chalicelib.access.service import region_covers
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import commit
from chalicelib.kernel.clock import civil_date, instant_text, parse_instant
from chalicelib.kernel.errors import Forbidden, NotFound, Unavailable
from chalicelib.kernel.ids import id_text
from chalicelib.monitoring import store, store_warnings
from chalicelib.monitoring.messages import send_next
from chalicelib.monitoring.model_runs import Run
from chalicelib.policy import service as policy
from chalicelib.policy.model import Pack
from chalicelib.web.idempotency import IdempotencyClaim
from chalicelib.web.model import Answer, Caller, Scope

_LOOKED_BACK: Final = 5
"""Runs of each purpose, the newest, that are sent on if they were left unfinished."""
_GIVEN_UP_AFTER: Final = timedelta(days=4)
GIVEN_UP: Final = "多日重试仍未完成，已经停止；请缩短时间或者缩小范围后重新发起"


def start_daily(platform: Platform) -> list[str]:
    """Start today's look in every jurisdiction that monitors, or whose warnings have yet to end,
    and send on what was left unfinished, back-tests too; the ids of what was sent. A doubled tick
    starts nothing twice. What has not come to its end for days is given up, and says so."""
    today = civil_date(platform.clock())
    sent: list[str] = []
    for jurisdiction in policy.jurisdictions():
        pack = _pack_in_force(jurisdiction, today)
        if pack is None or not (_monitors(pack) or _has_open(platform, jurisdiction)):
            continue
        started = _daily(platform, pack, today)
        behind = [started]
        for purpose in ("look", "backtest"):
            behind += store.newest_runs(platform, purpose, jurisdiction, _LOOKED_BACK)
        for run_id in dict.fromkeys(run.run_id for run in behind if not run.is_over):
            # The index may be behind: what is sent follows from the run itself.
            run = store.load_run(platform, run_id)
            if run is not None and not run.is_over and not _given_up(platform, run, today):
                send_next(platform, run)
                sent.append(run.run_id)
    return sent


def start_look(
    platform: Platform,
    caller: Caller,
    scope: Scope,
    *,
    claim: IdempotencyClaim | None,
    present: Callable[[Run], Answer],
) -> Answer:
    """Start a look at all rules now, as an office whose region is the whole jurisdiction. Raises
    Forbidden, NotFound (no monitoring here)."""
    pack = pack_of(platform, caller.jurisdiction)
    if not covers_whole(pack, caller, scope):
        message = "监测按整个辖区汇总，只能由管辖全部行政区划的信用办发起"
        raise Forbidden(message, code="outside_scope")
    today = civil_date(platform.clock())
    run = _new_look(platform, pack, new_id(platform, "mr", claim), today, caller.agency_code)
    return commit_run(platform, run, claim, present)


def commit_run(
    platform: Platform,
    run: Run,
    claim: IdempotencyClaim | None,
    present: Callable[[Run], Answer],
) -> Answer:
    """Write a run with the answer that is kept, once, and send it on. Repeated under the same claim
    it answers as before, and sends again what was not taken."""
    kept = None if claim is None else claim.find()
    if kept is None:
        answer = present(run)
        put = store.new_run_put(platform, run)
        try:
            commit([put] if claim is None else [put, claim.item_write(answer)])
        except ConditionFailed:
            kept = None if claim is None else claim.find()
            if kept is None:
                raise Unavailable from None
        else:
            send_next(platform, run)
            return answer
    known = store.load_run(platform, (kept.location or "").rsplit("/", 1)[-1])
    if known is not None and known.status == "planned":
        send_next(platform, known)
    return kept


def new_id(platform: Platform, prefix: str, claim: IdempotencyClaim | None) -> str:
    """A random id; under a claim one that follows from it and from the moment: a claim that has
    expired and is made again is another run. That a retry makes no second is up to the claim, which
    is written with the run."""
    if claim is None:
        return platform.ids.new(prefix)
    source = f"{prefix}#{claim.key.pk}#{instant_text(platform.clock())}"
    return id_text(prefix, hashlib.sha256(source.encode()).digest())


def covers_whole(pack: Pack, caller: Caller, scope: Scope) -> bool:
    """Whether a caller's reach is a whole city or province of the pack, not only a part of it."""
    tops = [code for code, region in pack.regions.items() if region.parent not in pack.regions]
    in_region = any(region_covers(caller.region, code) for code in tops)
    return scope is Scope.ALL or (scope is Scope.REGION and in_region)


def pack_of(platform: Platform, jurisdiction: str) -> Pack:
    """The pack in force today, of a jurisdiction that monitors. Raises NotFound."""
    pack = _monitoring_pack(jurisdiction, civil_date(platform.clock()))
    if pack is None:
        message = "本地文件没有监测预警，没有预警规则"
        raise NotFound(message, code="no_monitoring")
    return pack


def _monitoring_pack(jurisdiction: str, today: date) -> Pack | None:
    pack = _pack_in_force(jurisdiction, today)
    return pack if pack is not None and _monitors(pack) else None


def _pack_in_force(jurisdiction: str, today: date) -> Pack | None:
    try:
        return policy.pack_for(jurisdiction, today)
    except NotFound:  # its first version is not yet in force
        return None


def _monitors(pack: Pack) -> bool:
    return bool(pack.warning_rules and pack.regions)


def _has_open(platform: Platform, jurisdiction: str) -> bool:
    """Whether a jurisdiction that no longer monitors has warnings that have not been closed."""
    return next(store_warnings.open_since(platform, jurisdiction, "9999"), None) is not None


def _given_up(platform: Platform, run: Run, today: date) -> bool:
    """Whether a run has been sent on for so long that it is ended instead."""
    if today - civil_date(parse_instant(run.created_at)) < _GIVEN_UP_AFTER:
        return False
    with suppress(ConditionFailed):  # it has come to its end meanwhile
        store.fail_run(platform, run, GIVEN_UP, instant_text(platform.clock()))
    return True


def _daily(platform: Platform, pack: Pack, today: date) -> Run:
    run = _new_look(platform, pack, f"mr_{pack.jurisdiction}-{today}", today)
    try:
        commit([store.new_run_put(platform, run)])
    except ConditionFailed:
        return store.load_run(platform, run.run_id) or run
    return run


def _new_look(
    platform: Platform, pack: Pack, run_id: str, today: date, requested_by: str = ""
) -> Run:
    return Run(
        run_id=run_id,
        purpose="look",
        jurisdiction=pack.jurisdiction,
        day=today.isoformat(),
        pack=pack.version,
        pack_digest=pack.digest,
        requested_by=requested_by,
        created_at=instant_text(platform.clock()),
    )
