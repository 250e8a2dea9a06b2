"""Between the pinned policy and the pure rules: a run's scheme made ready, results from facts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from chalicelib.aws.platform import Platform
from chalicelib.evaluation import explain, rules
from chalicelib.evaluation.model import Peer, RawBody
from chalicelib.evaluation.ranking import Entry, group_of
from chalicelib.evaluation.rules import settle, tally
from chalicelib.evaluation.runs import Body, Chunk, Result, Run
from chalicelib.evaluation.tallies import Tally
from chalicelib.kernel.canonical import canonical_json
from chalicelib.kernel.errors import Misconfigured
from chalicelib.policy import service as policy
from chalicelib.policy.model import Pack
from chalicelib.policy.scheme import Scheme


def pinned_pack(run: Run) -> Pack:
    """The pack the run was started under. Raises Misconfigured if it says something else now."""
    pack = policy.pack_version(run.jurisdiction, run.pack)
    if pack.digest != run.pack_digest:
        raise Misconfigured(
            f"政策包 {run.jurisdiction} {run.pack} 的内容与评价启动时不同，不能据以计算"
        )
    return pack


def pinned_scheme(run: Run) -> Scheme:
    """The scheme the run evaluates by. Raises Misconfigured."""
    return pinned_pack(run).schemes[run.scheme]


def scheme_of(platform: Platform, run: Run) -> Scheme:
    """The scheme the run evaluates by: its pack's, or the draft it was started with. Raises
    Misconfigured."""
    if run.scheme_pin is None:
        return pinned_scheme(run)
    pin = run.scheme_pin
    return Scheme.model_validate_json(platform.archive.read(pin.key, pin.version_id))


def plan_for(platform: Platform, run: Run) -> rules.Plan:
    """The scheme made ready to score with. Raises Misconfigured."""
    titles = explain.titles_of(pinned_pack(run))
    return rules.plan_of(scheme_of(platform, run), titles)


def peer_of(body: Body) -> Peer:
    """What a body shares with its peers."""
    return Peer(level=body.level, kind=body.kind, region=body.region)


def tally_of(plan: rules.Plan, bodies: Sequence[Body], raws: Sequence[RawBody]) -> Tally:
    """What the raw values of some bodies come to."""
    by_id = {body.subject_id: peer_of(body) for body in bodies}
    return tally(plan, ((by_id[raw.subject_id], raw) for raw in raws))


def score(
    chunk: Chunk, plan: rules.Plan, raws: Iterable[RawBody], whole: Tally
) -> list[tuple[Result, bytes]]:
    """The results of a chunk with their explanations (canonical JSON); `whole` is the tally over
    everybody in the run."""
    by_id = {body.subject_id: body for body in chunk.bodies}
    return [_scored(chunk, plan, by_id[raw.subject_id], raw, whole) for raw in raws]


def _scored(
    chunk: Chunk, plan: rules.Plan, body: Body, raw: RawBody, whole: Tally
) -> tuple[Result, bytes]:
    scored = settle(plan, raw, peer_of(body), whole)
    explanation = canonical_json(explain.body_document(scored, plan.scheme))
    result = Result(
        run_id=chunk.run_id,
        body=body,
        chunk=chunk.number,
        total=scored.total,
        grade=scored.grade.code,
        grade_title=scored.grade.title,
        points={leaf.indicator.code: format(leaf.points, "f") for leaf in scored.leaves},
        explanation_sha256=hashlib.sha256(explanation).hexdigest(),
    )
    return result, explanation


def entries_of(scheme: Scheme, results: Iterable[Result]) -> list[Entry]:
    """What results are ranked by."""
    return [
        Entry(result.body.subject_id, str(result.total), group_of(scheme, result.body))
        for result in results
    ]
