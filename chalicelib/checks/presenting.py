"""Checks as their askers and the offices see them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from chalicelib.aws.attributes import Item
from chalicelib.checks import bodies, store
from chalicelib.checks.model import (
    ACTS,
    ANSWER_TITLES,
    REASON_TITLES,
    Check,
    MeasureTold,
    Told,
)
from chalicelib.checks.rules import FIGURES, figures_of
from chalicelib.kernel.clock import parse_instant
from chalicelib.policy.measures import Scene
from chalicelib.policy.model import Pack


def check_out(check: Check, pack: Pack, today: date) -> bodies.CheckOut:
    """A check as it was told, and where its feedback stands today."""
    return bodies.CheckOut(
        check_id=check.check_id,
        kind=check.kind,
        scene=check.scene,
        scene_title=scene_title(pack, check.scene),
        purpose=check.purpose,
        reference=check.reference,
        asked_at=parse_instant(check.asked_at),
        pack=check.pack,
        file_id=check.file_id or None,
        subjects=tuple(subject_answer(one) for one in check.told),
        feedback=_feedback_out(check, today),
        version=check.version,
    )


def subject_answer(told: Told) -> bodies.AskedSubjectOut:
    """The answer for one subject."""
    return bodies.AskedSubjectOut(
        number=told.number,
        code=told.code or None,
        reference=told.reference,
        answer=told.answer,
        answer_title=ANSWER_TITLES[told.answer],
        on_file=bool(told.subject_id),
        reason=told.reason,
        reason_title=REASON_TITLES[told.reason],
        measures=tuple(measure_out(one) for one in told.measures),
        until=day_of(told.until),
        as_of=date.fromisoformat(told.as_of),
        version=told.version,
        needs_feedback=told.needs_feedback,
    )


def measure_out(told: MeasureTold) -> bodies.CheckMeasureOut:
    """A measure in words."""
    return bodies.CheckMeasureOut(
        code=told.code,
        title=told.title,
        effect=told.effect,
        text=told.text,
        reason=told.reason,
        since=date.fromisoformat(told.since),
        until=day_of(told.until),
        basis=told.basis,
    )


def check_brief(check: Check, pack: Pack, today: date) -> bodies.CheckBrief:
    """A check in a list."""
    counts = figures_of(check)
    return bodies.CheckBrief(
        check_id=check.check_id,
        kind=check.kind,
        scene=check.scene,
        scene_title=scene_title(pack, check.scene),
        purpose=check.purpose,
        reference=check.reference,
        asked_at=parse_instant(check.asked_at),
        subjects=counts["subjects"],
        restricted=counts["restricted"],
        referred=counts["referred"],
        feedback=check.feedback_state(today.isoformat()),
        due_on=day_of(check.due_on),
    )


def _feedback_out(check: Check, today: date) -> bodies.CheckFeedbackOut:
    return bodies.CheckFeedbackOut(
        state=check.feedback_state(today.isoformat()),
        due_on=day_of(check.due_on),
        due_provisional=check.due_provisional,
        given_at=parse_instant(check.feedback_at) if check.feedback_at else None,
        done=tuple(
            bodies.CheckDoneOut(
                number=one.number, act=one.act, act_title=ACTS.get(one.act, one.act),
                reason=one.reason,
            )
            for one in check.done
        ),
    )  # fmt: skip


def scene_out(scene: Scene) -> bodies.CheckSceneOut:
    """A scene and what may be said to have been done in it."""
    return bodies.CheckSceneOut(
        scene=scene.code,
        title=scene.title,
        asked_by=scene.asked_by,
        answers={one: ANSWER_TITLES[one] for one in scene.answers},
        acts=dict(ACTS),
        feedback_days=scene.feedback_days,
        note=scene.note,
        basis=scene.basis,
    )


def reminder_out(item: Item) -> bodies.CheckReminderOut:
    """A reminder."""
    return bodies.CheckReminderOut(
        check_id=str(item["check_id"]),
        kind=str(item["kind"]),
        scene=str(item["scene"]),
        reference=str(item["reference"]),
        due_on=date.fromisoformat(str(item["due_on"])),
        reminded_at=parse_instant(str(item["reminded_at"])),
    )


def late_out(item: Item, pack: Pack, today: date) -> bodies.LateCheckOut:
    """A check whose feedback is late."""
    due = date.fromisoformat(str(item["due_on"]))
    subjects = item["subjects"]
    return bodies.LateCheckOut(
        check_id=str(item["check_id"]),
        agency=str(item["agency"]),
        agency_name=str(item["agency_name"]),
        region=str(item["region"]),
        scene=str(item["scene"]),
        scene_title=scene_title(pack, str(item["scene"])),
        asked_on=date.fromisoformat(str(item["asked_on"])),
        due_on=due,
        days_late=(today - due).days,
        subjects=subjects if isinstance(subjects, int) else 0,
    )


def statistics_out(pack: Pack, month: str, parts: Iterable[Item]) -> bodies.CheckStatisticsOut:
    """The figures of a month, added up per scene and agency."""
    sums: dict[tuple[str, str], Counter[str]] = {}
    words: dict[tuple[str, str], Mapping[str, str]] = {}
    for part in parts:
        place = (str(part["scene"]), str(part["agency"]))
        counts = sums.setdefault(place, Counter())
        counts.update({name: _count(part, name) for name in FIGURES})
        words[place] = {name: str(part[name]) for name in ("agency_name", "region")}
    total: Counter[str] = Counter()
    for counts in sums.values():
        total.update(counts)
    return bodies.CheckStatisticsOut(
        jurisdiction=pack.jurisdiction,
        month=month,
        items=tuple(
            _figures_out(pack, place, words[place], sums[place]) for place in sorted(sums)
        ),
        total=_figures_out(pack, ("", ""), {"agency_name": "合计", "region": ""}, total),
    )


def _figures_out(
    pack: Pack, place: tuple[str, str], words: Mapping[str, str], counts: Mapping[str, int]
) -> bodies.CheckFiguresOut:
    scene, agency = place
    return bodies.CheckFiguresOut(
        scene=scene,
        scene_title=scene_title(pack, scene),
        agency=agency,
        agency_name=words["agency_name"],
        region=words["region"],
        **{name: counts.get(name, 0) for name in FIGURES},
    )


def _count(item: Item, name: str) -> int:
    value = item.get(name, 0)
    return value if isinstance(value, int) else 0


def scene_title(pack: Pack, code: str) -> str:
    """The title of a scene; its code where the pack does not know it any more."""
    scene = pack.scenes.get(code)
    return code if scene is None else scene.title


def day_of(text: str) -> date | None:
    """The day (ISO) in a text, None in an empty one."""
    return date.fromisoformat(text) if text else None


def lists(items: Iterable[Item]) -> list[Check]:
    """The checks of a page."""
    return [store.check_from(item) for item in items]
