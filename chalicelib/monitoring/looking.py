"""The jobs of a run. Each may come twice, late or out of order, and may have died half way before:
it looks at what is there and does what is missing.

    plan     planned -> running: list the bodies, then one `chunk` per CHUNK_BODIES
    chunk    a look: read, judge, keep; a back-test: simulate. The last one sends `finish`
    finish   add up regions and trades, judge them, draw the map, close what nobody looks at any
             more, have cases opened, complete
"""

from __future__ import annotations

from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.creditfile import service as files
from chalicelib.kernel.canonical import JsonValue
from chalicelib.kernel.clock import instant_text
from chalicelib.monitoring import model_runs, store, store_warnings
from chalicelib.monitoring.backtests import simulate_chunk, summary
from chalicelib.monitoring.judging import close_unjudged, judge_all
from chalicelib.monitoring.messages import send_cases, send_next
from chalicelib.monitoring.model_runs import Body, Run
from chalicelib.monitoring.rules_findings import (
    Pool,
    cells_of,
    finding_of,
    pooled_findings,
    rolled_up,
)
from chalicelib.monitoring.sources import (
    FinishedUploads,
    fields_of,
    figure_rows,
    rows_of,
    span_of,
)
from chalicelib.policy.base import GOVERNMENT_BODIES
from chalicelib.policy.model import Pack
from chalicelib.policy.service import pack_version


def plan_run(platform: Platform, run_id: str) -> None:
    """List who is looked at and send the chunks; of a run that has begun, send them again."""
    run = load(platform, run_id)
    if run.status == "planned":
        bodies = list(_bodies(platform, run))
        plan = store.plan_of(bodies)
        size = model_runs.CHUNK_BODIES
        chunks = [bodies[begin : begin + size] for begin in range(0, len(bodies), size)]
        store.put_plan(platform, run, plan, chunks)
        try:
            at = instant_text(platform.clock())
            run = store.begin_run(platform, run, plan, len(bodies), len(chunks), at)
        except ConditionFailed:
            run = load(platform, run_id)
    send_next(platform, run)


def work_chunk(platform: Platform, run_id: str, chunk: int, finished: FinishedUploads) -> None:
    """Do one chunk. Of a run that has not begun there is nothing to do: its `plan` sends all."""
    run = load(platform, run_id)
    if run.status != "running":
        return
    after: Run | None = run
    if not store.has_found(platform, run, chunk):
        bodies = store.load_chunk(platform, run, chunk)
        if run.purpose == "look":
            found = _look(platform, run, bodies, finished)
        else:
            found = simulate_chunk(platform, run, bodies, finished)
        after = store.mark_done(platform, run, chunk, found, instant_text(platform.clock()))
    if after is not None and after.status == "running" and after.all_done:
        send_next(platform, after)


def finish_run(platform: Platform, run_id: str) -> None:
    """Complete a run, once. Too early, it does nothing: whoever does the last chunk sends `finish`
    again. Interrupted, it does all of it again."""
    run = load(platform, run_id)
    if run.status != "running" or not run.all_done:
        return
    if run.purpose == "look":
        result = _finish_look(platform, run)
    else:
        result = summary(platform, run)
    try:
        store.complete_run(platform, run, result, instant_text(platform.clock()))
    except ConditionFailed:
        return  # another delivery has completed it, with the same result


def load(platform: Platform, run_id: str) -> Run:
    """A run. Raises ValueError if there is none: no message names one that was never written."""
    run = store.load_run(platform, run_id)
    if run is None:
        raise ValueError(f"no run {run_id}")
    return run


def _bodies(platform: Platform, run: Run) -> list[Body]:
    pack = pack_version(run.jurisdiction, run.pack)
    if run.purpose == "look" and not pack.warning_rules:
        return []  # what is left to do is to close what is open
    regions = [code for code in sorted(pack.regions) if not run.region or _below(pack, run, code)]
    found = {
        one.subject_id: Body(
            one.subject_id, one.unified_code, one.name, one.kind, one.region, one.superior
        )
        for one in files.bodies(platform, run.jurisdiction, regions)
        if one.kind in GOVERNMENT_BODIES
    }
    # By id: a body that moves to another region while the regions are read is still one body.
    return list(found.values())


def _below(pack: Pack, run: Run, code: str | None) -> bool:
    while code is not None and code in pack.regions:
        if code == run.region:
            return True
        code = pack.regions[code].parent
    return False


def _look(
    platform: Platform, run: Run, bodies: list[Body], finished: FinishedUploads
) -> dict[str, JsonValue]:
    pack = pack_version(run.jurisdiction, run.pack)
    rules = list(pack.warning_rules.values())
    span = span_of(rules, run.date)
    rows = rows_of(platform, bodies, span, fields_of(rules), finished)
    for subject_id, more in figure_rows(platform, pack, bodies, rules, run.date).items():
        rows[subject_id] += more
    pool = Pool()
    findings = [
        finding_of(pack, body, rows[body.subject_id], run.date, pool) for body in bodies
    ]
    verdicts = judge_all(platform, run, pack, findings)
    for finding in findings:
        levels = verdicts.levels[finding.subject.key]
        for value in finding.values:
            level = levels.get(value.rule, "none")
            pool.stand(finding.subject.region, value.rule, level)
    return {"pool": pool.document(), "warnings": list[JsonValue](sorted(verdicts.warnings))}


def _finish_look(platform: Platform, run: Run) -> dict[str, JsonValue]:
    warnings = _judge_pooled(platform, run) if run.bodies else []
    warnings += close_unjudged(platform, run)
    send_cases(platform, store_warnings.behind_with_case(platform, warnings))
    return {"warnings": len(set(warnings))}


def _judge_pooled(platform: Platform, run: Run) -> list[str]:
    """Judge regions and trades and draw the map; the warnings of everybody to follow up."""
    pack = pack_version(run.jurisdiction, run.pack)
    pool, warnings = Pool(), list[str]()
    for found in store.each_found(platform, run):
        pool.join(found["pool"])
        warnings += found["warnings"]
    verdicts = judge_all(platform, run, pack, pooled_findings(pack, pool))
    rolled = rolled_up(pack, pool)
    store.put_all(
        [
            store.map_put(platform, run, rule.code, cells_of(pack, rule, rolled, verdicts.levels))
            for rule in pack.warning_rules.values()
        ]
    )
    return warnings + verdicts.warnings
