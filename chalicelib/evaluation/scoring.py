"""Between the pinned policy and the pure rules: a run's scheme made ready, results from facts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from chalicelib.evaluation import explain, rules
from chalicelib.evaluation.model import BodyFacts
from chalicelib.evaluation.ranking import Entry, group_of
from chalicelib.evaluation.runs import Body, Result, Run
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


def plan_for(run: Run) -> rules.Plan:
    """The scheme made ready to score with. Raises Misconfigured."""
    pack = pinned_pack(run)
    return rules.plan_of(pack.schemes[run.scheme], explain.titles_of(pack))


def score(
    run: Run, plan: rules.Plan, chunk: int, bodies: Sequence[Body], facts: Iterable[BodyFacts]
) -> list[tuple[Result, bytes]]:
    """The results of a chunk with their explanations (canonical JSON)."""
    by_id = {body.subject_id: body for body in bodies}
    return [_scored(run, plan, chunk, by_id[fact.subject_id], fact) for fact in facts]


def _scored(
    run: Run, plan: rules.Plan, chunk: int, body: Body, facts: BodyFacts
) -> tuple[Result, bytes]:
    scored = rules.score_body(plan, facts, run.window)
    explanation = canonical_json(explain.body_document(scored, plan.scheme))
    result = Result(
        run_id=run.run_id,
        body=body,
        chunk=chunk,
        total=scored.total,
        grade=scored.grade.code,
        grade_title=scored.grade.title,
        points={leaf.indicator.code: format(leaf.points, "f") for leaf in scored.leaves},
        explanation_sha256=hashlib.sha256(explanation).hexdigest(),
    )
    return result, explanation


def entries_of(run: Run, results: Iterable[Result]) -> list[Entry]:
    """What results are ranked by."""
    scheme = pinned_scheme(run)
    return [
        Entry(result.body.subject_id, str(result.total), group_of(scheme, result.body))
        for result in results
    ]
