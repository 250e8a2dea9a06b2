"""What must have come of everything that was accepted, in the test's own plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.policy.case_kinds import CaseAction


@dataclass
class Fact:
    """The record the cases are about, as it must stand now."""

    record_id: str
    status: str = "active"
    marks: set[tuple[str, str]] = field(default_factory=set)
    """(mark, case)."""
    statement: str = ""
    """The case whose statement it bears."""
    repaired: bool = False
    exempted: bool = False
    ended: bool = False
    eased: str = ""
    deliveries: dict[tuple[str, str], str] = field(default_factory=dict)
    """(notice, case) -> day."""


@dataclass
class Known:
    """A case the test knows of."""

    case_id: str
    kind: str
    record_id: str = ""
    parent: str = ""
    events: list[str] = field(default_factory=list)
    """Codes of the actions and limits, in order."""


@dataclass
class Expected:
    """Everything that must be there, and nothing else."""

    fact: Fact
    cases: dict[str, Known] = field(default_factory=dict)
    letters: list[tuple[str, str, int]] = field(default_factory=list)
    """(box, case, version), each as often as it was sent."""
    made: dict[str, str] = field(default_factory=dict)
    """Records that cases established: id -> who stands as reporter."""
    bars: set[tuple[int, str]] = field(default_factory=set)
    """(year, case)."""
    precedents: list[str] = field(default_factory=list)
    """The outcome of each decision that is kept for later ones."""
    published: dict[str, set[str]] = field(default_factory=dict)
    """Case -> fields the public is shown."""

    def take(self, case: Known, action: CaseAction, sent: Mapping[str, Any], results:
             Mapping[str, str], agency: str) -> None:  # fmt: skip
        """An action was accepted: what its effects must have done."""
        for effect in action.effects:
            given: dict[str, Any] = effect.model_dump()
            self._take(case, given, sent, results, agency)

    def _take(self, case: Known, effect: dict[str, Any], sent: Mapping[str, Any], results:
              Mapping[str, str], agency: str) -> None:  # fmt: skip
        kind = effect["kind"]
        if kind == "create_record":
            self.made[results["record"]] = agency
        elif kind == "open_case":
            child = Known(results["case"], effect["case_kind"], parent=case.case_id)
            child.events.append("opened")
            self.cases[child.case_id] = child
        elif kind == "bar_excellent":
            self.bars.add((int(sent[effect["year_field"]]), case.case_id))
        elif kind == "publish_result":
            self.published.setdefault(case.case_id, set()).update(effect["fields"])
        elif kind == "withdraw_result":
            self.published.pop(case.case_id, None)
        elif kind == "keep_precedent":
            self.precedents.append(effect["outcome"])
        else:
            self._take_on_record(case, effect, sent)

    def _take_on_record(
        self, case: Known, effect: dict[str, Any], sent: Mapping[str, Any]
    ) -> None:
        kind, fact = effect["kind"], self.fact
        if kind == "mark_record":
            fact.marks.add((effect["mark"], case.case_id))
        elif kind == "unmark_record":
            fact.marks.discard((effect["mark"], case.case_id))
        elif kind == "record_statement":
            fact.statement = case.case_id
        elif kind == "retract_statement" and fact.statement == case.case_id:
            fact.statement = ""
        elif kind == "end_publicity":
            fact.ended = True
            fact.repaired = fact.repaired or not fact.exempted
        elif kind == "exempt_record":
            fact.exempted = True
        elif kind == "ease_measures":
            fact.eased = str(sent[effect["extent_field"]])
        elif kind == "record_notice":
            day = str(sent[effect["delivered_field"]])
            fact.deliveries[(effect["notice"], case.case_id)] = day
        elif kind == "withdraw_record":
            fact.status = "withdrawn"
        else:
            known = ("correct_record", "retract_statement")
            assert kind in known, f"the test does not know {kind}"
