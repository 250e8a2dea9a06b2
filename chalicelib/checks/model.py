"""What business systems ask before they decide, what they are told, and what they then do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from chalicelib.creditfile.model import Identification
from chalicelib.kernel.clock import civil_date, parse_instant
from chalicelib.policy.base import LegalBasis

AnswerKind = Literal["allow", "restrict", "refer"]
CheckKind = Literal["check", "proof", "file"]
Reason = Literal["", "not_on_file", "name_differs", "not_in_scene"]
FeedbackState = Literal["none_due", "due", "overdue", "given"]

ANSWER_TITLES: Final[Mapping[AnswerKind, str]] = MappingProxyType(
    {"allow": "通过", "restrict": "限制", "refer": "转人工研究"}
)
REASON_TITLES: Final[Mapping[Reason, str]] = MappingProxyType(
    {
        "": "",
        "not_on_file": "没有这个主体的信用档案，因而没有措施",
        "name_differs": "名称与信用档案不符，请核对后人工研究",
        "not_in_scene": "这个场景不适用于这类主体，请核对场景后人工研究",
    }
)
ACTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "excluded": "取消资格或不予通过",
        "restricted": "予以限制",
        "priority_given": "给予优先或便利",
        "referred": "转人工研究",
        "none": "没有采取措施",
    }
)
"""What may be said to have been done with an answer."""
PRIORITY: Final = "priority"


@dataclass(frozen=True, slots=True)
class Asked:
    """One subject of a request. A name is compared where one is given."""

    number: int
    """Its place in the request, from 1 on."""
    named: Identification
    reference: str = ""
    """What the asking system calls it."""


@dataclass(frozen=True, slots=True)
class MeasureTold:
    """A measure as it is told in a scene; `until` is its last day (ISO), empty where it is open."""

    code: str
    title: str
    effect: str
    """What it means in the scene: priority, note, restrict or refer."""
    text: str
    reason: str
    """What it rests on, in words."""
    basis: LegalBasis
    since: str
    until: str


@dataclass(frozen=True, slots=True)
class Told:
    """The answer for one subject. A person is told by place and reference alone: neither name nor
    code is kept."""

    number: int
    subject_id: str
    """Empty for a person who is not on file."""
    code: str
    """Unified code or registration number; empty for a person."""
    reference: str
    is_person: bool
    answer: AnswerKind
    reason: Reason
    measures: tuple[MeasureTold, ...]
    until: str
    """The last day (ISO) on which it is restrict or refer, as far as is known; empty: open, or
    allowed."""
    as_of: str
    """The day (ISO) the subject's measures were last worked out for."""
    version: int
    """Of the subject's measures; 0: it never had any."""

    @property
    def needs_feedback(self) -> bool:
        """Whether something follows from the answer, so that it is to be told what was done."""
        return self.answer != "allow" or self.has_priority

    @property
    def has_priority(self) -> bool:
        """Whether the subject is to be preferred under equal conditions."""
        return self.answer == "allow" and any(one.effect == PRIORITY for one in self.measures)


@dataclass(frozen=True, slots=True)
class Done:
    """What was done with the answer for one subject, and why where that needs a reason."""

    number: int
    act: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One request with its answers, kept as it was told."""

    check_id: str
    kind: CheckKind
    client_id: str
    agency: str
    agency_name: str
    jurisdiction: str
    region: str
    pack: str
    """Version of the asking side's pack: which scenes there are."""
    scene: str
    purpose: str
    reference: str
    asked_at: str
    asked_on: str
    """The civil day (ISO)."""
    request_mac: str
    """Keyed digest of the request: tells the same request from another under the same key."""
    told: tuple[Told, ...]
    due_on: str
    """The last day for feedback; empty where none is due."""
    due_provisional: bool = False
    file_id: str = ""
    version: int = 1
    done: tuple[Done, ...] = ()
    feedback_at: str = ""
    marked_overdue: bool = False

    @property
    def was_late(self) -> bool:
        """Whether feedback came after its last day (civil days), whenever it was marked."""
        given = self.feedback_at
        return bool(given) and civil_date(parse_instant(given)).isoformat() > self.due_on > ""

    def feedback_state(self, today: str) -> FeedbackState:
        """Where the feedback stands on a day (ISO)."""
        if self.feedback_at:
            return "given"
        if not self.due_on:
            return "none_due"
        return "overdue" if today > self.due_on else "due"


@dataclass(frozen=True, slots=True)
class Name:
    """What a check is called, and the digest of the request it answers (empty: not compared)."""

    check_id: str
    request_mac: str = ""
