"""Finding a case for a caller, and taking a step in it that is already open."""

from __future__ import annotations

from chalicelib.access.service import may_act_on
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.cases import store
from chalicelib.cases.acting import MOST_RACES, Joined, Taken, request_digest, take
from chalicelib.cases.model import CaseFile
from chalicelib.cases.opening import doer_of
from chalicelib.cases.rules_parties import relations_of
from chalicelib.cases.scene import Doer, Wish, read_scene
from chalicelib.kernel.errors import NotFound, PreconditionFailed, Unavailable
from chalicelib.policy.case_kinds import Relation
from chalicelib.web.idempotency import IdempotencyClaim
from chalicelib.web.model import Answer, Caller, Scope


def find_file(platform: Platform, case_id: str) -> CaseFile:
    """A case by its id. Raises NotFound."""
    file = store.load(platform, case_id)
    if file is None:
        raise NotFound("没有这件案件，或者与您无关")
    return file


def find_visible(
    platform: Platform, caller: Caller, scope: Scope, case_id: str
) -> tuple[CaseFile, frozenset[Relation]]:
    """A case and what the caller is to it; who reads everything needs no relation. Raises NotFound
    alike for what is not there and for what is nobody's business."""
    file = find_file(platform, case_id)
    relations = relations_of(caller, file)
    if not relations and not may_act_on(caller, scope, "", ""):
        raise NotFound("没有这件案件，或者与您无关")
    return file, relations


def act(
    platform: Platform,
    case_id: str,
    caller: Caller,
    expected_version: int,
    wish: Wish,
    joined: Joined | None = None,
    claim: IdempotencyClaim | None = None,
) -> Taken | Answer:
    """Take a step in a case as a caller; an answer kept under the claim is given again.

    Raises NotFound (a case of others too), PreconditionFailed for a stale version, and what
    `acting.take` raises. Repeating the step that was taken last answers it again.
    """
    file = find_file(platform, case_id)
    relations = relations_of(caller, file)
    if not relations:
        raise NotFound("没有这件案件，或者与您无关")
    doer = doer_of(caller, relations, file)
    return step(platform, file, doer, expected_version, wish, joined, claim)


def step(
    platform: Platform,
    file: CaseFile,
    doer: Doer,
    expected_version: int | None,
    wish: Wish,
    joined: Joined | None = None,
    claim: IdempotencyClaim | None = None,
) -> Taken | Answer:
    """Take a step in a case as `doer`; without an expected version in the case as it stands.
    Raises as `act`."""
    for _ in range(MOST_RACES):
        if expected_version is not None and file.case.version != expected_version:
            kept = None if claim is None else claim.find()
            if kept is not None:
                return kept
            return _taken_before(platform, file, doer, expected_version, wish)
        more = () if claim is None else (claim.key,)
        scene = read_scene(platform, file, file, doer, wish, more)
        if claim is not None:
            kept = claim.replay(scene.items.get(claim.key))
            if kept is not None:
                return kept
        try:
            return take(scene, doer, wish, joined)
        except ConditionFailed:
            # The case or its record has changed since it was read: judge anew.
            file = find_file(platform, file.case_id)
    raise Unavailable("这件案件正在被频繁办理，请稍后重试")


def _taken_before(
    platform: Platform, file: CaseFile, doer: Doer, expected_version: int, wish: Wish
) -> Taken:
    """The step, if it is the one that made the version after the expected: its answer got lost."""
    version = expected_version + 1
    entry = store.load_entry(platform, file.case_id, version) if version > 0 else None
    digest = request_digest(platform, file.case_id, doer, wish)
    if entry is None or entry.request != digest:
        raise PreconditionFailed(f"这件案件已是第 {file.case.version} 版，请重新读取后再办理")
    return Taken(file, entry)
