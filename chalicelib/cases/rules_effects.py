"""What the effects of an action make of a record's standing. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import singledispatch

from chalicelib.creditfile import rules_standing as standings
from chalicelib.creditfile.model import Deed, Delivery, Mark, Standing, Statement
from chalicelib.policy.case_effects import (
    EaseMeasures,
    Effect,
    EndPublicity,
    ExemptRecord,
    MarkRecord,
    RecordNotice,
    RecordStatement,
    RetractStatement,
    UnmarkRecord,
)
from chalicelib.policy.model import FieldValue

Stated = Callable[[str], Statement]
"""A statement's text -> the statement as it is kept, a person's sealed."""


class Deeds:
    """One action of one case on one day, and what it was given."""

    def __init__(
        self, case_id: str, today: str, values: Mapping[str, FieldValue], proof: str, stated: Stated
    ) -> None:
        self.case_id, self.today, self.values, self.proof = case_id, today, values, proof
        self.stated = stated

    def text(self, code: str) -> str:
        """The value of a field as text; empty where none was given."""
        return str(self.values.get(code, ""))

    def deed(self, grounds: str = "") -> Deed:
        """Something decided for good."""
        return Deed(self.today, self.case_id, grounds)


def standing_after(standing: Standing, effects: Sequence[Effect], deeds: Deeds) -> Standing:
    """The standing of a record after an action with these effects, done as `deeds` tells."""
    for effect in effects:
        standing = _after(effect, standing, deeds)
    return standing


@singledispatch
def _after(effect: object, standing: Standing, deeds: Deeds) -> Standing:
    return standing


@_after.register
def _(effect: MarkRecord, standing: Standing, deeds: Deeds) -> Standing:
    mark = Mark(effect.mark, effect.text, deeds.today, deeds.case_id)
    return standings.marked(standing, mark)


@_after.register
def _(effect: UnmarkRecord, standing: Standing, deeds: Deeds) -> Standing:
    return standings.unmarked(standing, effect.mark, deeds.case_id)


@_after.register
def _(effect: RecordStatement, standing: Standing, deeds: Deeds) -> Standing:
    return standings.with_statement(standing, deeds.stated(deeds.text(effect.text_field)))


@_after.register
def _(effect: RetractStatement, standing: Standing, deeds: Deeds) -> Standing:
    return standings.without_statement(standing, deeds.case_id)


@_after.register
def _(effect: EndPublicity, standing: Standing, deeds: Deeds) -> Standing:
    return standings.publicity_ended(
        standing, deeds.deed(), sharing=effect.sharing, measures=effect.measures
    )


@_after.register
def _(effect: ExemptRecord, standing: Standing, deeds: Deeds) -> Standing:
    return standings.exempted(standing, deeds.deed(deeds.text(effect.grounds_field)))


@_after.register
def _(effect: EaseMeasures, standing: Standing, deeds: Deeds) -> Standing:
    return standings.eased(standing, deeds.deed(deeds.text(effect.extent_field)))


@_after.register
def _(effect: RecordNotice, standing: Standing, deeds: Deeds) -> Standing:
    day = deeds.text(effect.delivered_field)
    delivery = Delivery(effect.notice, day, deeds.proof, deeds.case_id)
    return standings.with_delivery(standing, delivery)
