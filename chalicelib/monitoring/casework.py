"""The case of a warning: opened by the platform when it is raised, moved when its level rises or it
is closed. Who handles it, and by when, is the business of the kind of case.

The warning remembers which level its case was told of, in the same transaction as the step of the
case: however often a message comes, each level is told once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import Write, commit
from chalicelib.cases import service as cases
from chalicelib.cases.model import PLATFORM, CaseFile
from chalicelib.kernel.clock import civil_date
from chalicelib.kernel.errors import Conflict, Invalid, NotFound, Unavailable
from chalicelib.kernel.ids import id_text
from chalicelib.monitoring import store_warnings
from chalicelib.monitoring.model import STANDINGS
from chalicelib.monitoring.model_runs import RaisedWarning
from chalicelib.policy.case_kinds import CaseKind, WarningEvent
from chalicelib.policy.service import pack_for

_MACHINE: Final = cases.Doer(PLATFORM)
_NOTHING: Final = cases.Wish("", {}, {})
MOST_RACES: Final = 5


def settle_case(platform: Platform, warning_id: str) -> None:
    """Tell the case of a warning how the warning stands. Raises NotFound, and Unavailable where
    others keep changing the case."""
    for _ in range(MOST_RACES):
        warning = store_warnings.load_warning(platform, warning_id)
        if warning is None:
            raise NotFound("没有这条预警")
        if warning.level == warning.case_level or not warning.case_kind or not warning.body_id:
            return
        try:
            _tell(platform, warning)
            return
        except ConditionFailed:
            continue  # another delivery told it, or the case has moved: look again
    raise Unavailable("这件案件正在被频繁办理，请稍后重试")


def _tell(platform: Platform, warning: RaisedWarning) -> None:
    file = _open_file(platform, warning)
    has_risen = STANDINGS.index(warning.level) > STANDINGS.index(warning.case_level)
    if warning.is_open and has_risen:
        if file is None:
            _open(platform, warning)
        else:
            _move(platform, warning, file, "risen")
    elif not warning.is_open and file is not None:
        _move(platform, warning, file, "ended")
    else:
        # It fell to a lower level, or there is nobody left to tell.
        commit(_told(platform, warning, warning.case_id, warning.cases))


def _open_file(platform: Platform, warning: RaisedWarning) -> CaseFile | None:
    """The case of the warning while it is not over."""
    if not warning.case_id:
        return None
    file = cases.find_file(platform, warning.case_id)
    return None if cases.kind_of(file).state(file.case.state).final else file


def _open(platform: Platform, warning: RaisedWarning) -> None:
    pack = pack_for(warning.jurisdiction, civil_date(platform.clock()))
    kind = pack.case_kinds.get(warning.case_kind)
    target = cases.Target(subject_id=warning.body_id)
    try:
        found = None if kind is None else cases.look_around(platform, kind, target)
    except (NotFound, Invalid):  # the body is no longer on the register
        found = None
    if kind is None or found is None:
        commit(_told(platform, warning, warning.case_id, warning.cases))
        return
    number = warning.cases + 1
    case_id = id_text("c", platform.keyring.mac("case_of_warning", warning.warning_id, str(number)))
    frame = cases.framed(platform, pack, kind, found, case_id)
    scene = cases.scene_of(platform, frame, None, found.items)

    def joined(taken: cases.Taken) -> Sequence[Write]:
        return _told(platform, warning, case_id, number)

    cases.take(scene, _MACHINE, _wish(kind, "raised", warning), joined)


def _move(
    platform: Platform, warning: RaisedWarning, file: CaseFile, event: WarningEvent
) -> None:
    kind = cases.kind_of(file)

    def joined(taken: cases.Taken) -> Sequence[Write]:
        return _told(platform, warning, file.case_id, warning.cases)

    try:
        scene = cases.read_scene(platform, file, file, _MACHINE, _NOTHING)
        cases.take(scene, _MACHINE, _wish(kind, event, warning), joined)
    except Conflict:
        # What the kind does not provide for where the case stands need not be told.
        commit(_told(platform, warning, file.case_id, warning.cases))


def _wish(kind: CaseKind, event: WarningEvent, warning: RaisedWarning) -> cases.Wish:
    known = {
        "rule_title": warning.rule_title,
        "level": warning.level,
        "reason": _about(warning),
        "warning_id": warning.warning_id,
    }
    action = kind.action(kind.warned_when[event])
    asked = {field.code for field in action.fields} if action is not None else set()
    fields = {code: value for code, value in known.items() if code in asked}
    return cases.Wish(kind.warned_when[event], fields, {}, body=str(warning.version).encode())


def _about(warning: RaisedWarning) -> str:
    where = f"{warning.subject.title}：" if warning.subject.watched != "body" else ""
    return where + warning.reason


def _told(
    platform: Platform, warning: RaisedWarning, case_id: str, cases_: int
) -> list[Write]:
    return [store_warnings.told_update(platform, warning, case_id, cases_, warning.level)]
