"""Measures as they are answered over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from chalicelib.kernel.clock import parse_instant
from chalicelib.measures.model import WHY_TITLES, Lifted, Measure, Standing, Turn
from chalicelib.measures.reading import Sight
from chalicelib.measures.rules import is_on
from chalicelib.measures.views import (
    LiftedMeasureOut,
    MeasureChangeOut,
    MeasureCount,
    MeasureCounts,
    MeasuredBody,
    MeasureInSceneOut,
    MeasureOut,
    SubjectMeasures,
)
from chalicelib.policy.measures import LIFTED_TITLES
from chalicelib.policy.model import Pack


@dataclass(frozen=True, slots=True)
class Presenter:
    """Puts measures into the words of a pack. Those over by `today` are not among them, however
    late a standing was worked out."""

    pack: Pack
    today: date

    def sight(self, sight: Sight) -> SubjectMeasures:
        """A subject's standing and how it came about."""
        standing = sight.standing
        return SubjectMeasures(
            subject_id=sight.subject.subject_id,
            kind=sight.subject.kind,
            version=0 if standing is None else standing.version,
            as_of=self.today,
            pack=None if standing is None else standing.pack,
            measures=[] if standing is None else self._in_force(standing),
            changes=[self._change(turn) for turn in sight.turns],
        )

    def listed(self, standing: Standing, name: str) -> MeasuredBody:
        """A body in a list."""
        return MeasuredBody(
            subject_id=standing.subject_id,
            name=name,
            kind=standing.subject_kind,
            version=standing.version,
            measures=self._in_force(standing),
        )

    def _in_force(self, standing: Standing) -> list[MeasureOut]:
        return [self._measure(one) for one in standing.measures if is_on(one, self.today)]

    def _change(self, turn: Turn) -> MeasureChangeOut:
        return MeasureChangeOut(
            version=turn.version,
            at=parse_instant(turn.at),
            cause=turn.cause.what,
            cause_id=turn.cause.name or None,
            applied=[self._measure(one) for one in turn.applied],
            lifted=[_lifted(one) for one in turn.lifted],
        )

    def _measure(self, one: Measure) -> MeasureOut:
        return MeasureOut(
            code=one.code,
            title=one.title,
            kind=one.kind,
            reason=one.reason,
            what=one.what,
            ground=one.ground,
            since=date.fromisoformat(one.starts_on),
            until=date.fromisoformat(one.until) if one.until else None,
            lifted_by=[LIFTED_TITLES[lift] for lift in one.lifted_by],
            basis=one.basis,
            scenes=[
                MeasureInSceneOut(
                    scene=code,
                    title=self.pack.scenes[code].title if code in self.pack.scenes else code,
                    effect=meant.effect,
                    text=meant.text,
                )
                for code, meant in one.scenes.items()
            ],
        )


def _lifted(one: Lifted) -> LiftedMeasureOut:
    return LiftedMeasureOut(
        code=one.measure.code,
        title=one.measure.title,
        reason=one.measure.reason,
        why=one.why,
        why_title=WHY_TITLES[one.why],
    )


def counts(pack: Pack, region: str, counted: Mapping[str, tuple[int, int]]) -> MeasureCounts:
    """How many are under which measure."""
    return MeasureCounts(
        region=region,
        items=[
            MeasureCount(
                code=code,
                title=pack.measures[code].title if code in pack.measures else code,
                kind=pack.measures[code].kind if code in pack.measures else None,
                bodies=bodies,
                persons=persons,
            )
            for code, (bodies, persons) in counted.items()
        ],
    )
