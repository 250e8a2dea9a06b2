"""What the publicity decision is made from, and the decision itself: frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Literal, TypeAlias

from chalicelib.policy.base import Severity
from chalicelib.policy.model import FieldValue, PublicityRule, RecordType

State: TypeAlias = Literal["withheld", "pending", "public", "ended"]
"""Never public as things stand; public from a later instant; public; term over."""


def _nothing() -> Mapping[str, FieldValue]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice handed to the subject: on which day, and what proves it."""

    delivered_on: date
    proof: str

    @property
    def is_proved(self) -> bool:
        """Whether there is a proof at all; a delivery without one does not count."""
        return bool(self.proof.strip())


@dataclass(frozen=True, slots=True)
class Mark:
    """标注: what is shown beside the record, and since which day."""

    code: str
    text: str
    since: date


@dataclass(frozen=True, slots=True)
class Statement:
    """What the subject says of the record itself."""

    text: str
    made_on: date


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom the record is about. `code` is a unified code; a person has none here."""

    kind: str
    """A `SubjectKind` of the policy packs."""
    name: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class PublicityFacts:
    """All the decision looks at. Nothing else about a record may change what the public sees."""

    record_id: str
    version: int
    type: RecordType
    rule: PublicityRule | None
    """The pack's rule named by the type's `publicity_term`; None: never published."""
    subject: Subject
    decided_on: date
    """The date of the document that made the finding: publicity terms run from it."""
    fields: Mapping[str, FieldValue] = field(default_factory=_nothing)
    """Normalised values by field code, personal ones in the clear (they leave masked or not)."""
    severity: Severity | None = None
    settled_at: datetime | None = None
    """When the submission became final; None while an upload may still replace the record."""
    decision_notice: Notice | None = None
    repair_notice: Notice | None = None
    withdrawn: bool = False
    exempted: bool = False
    """Recognised as a good-faith error (容错纠错): not a dishonesty record."""
    repaired: bool = False
    marks: tuple[Mark, ...] = ()
    """An objection is being handled, and the like: marked, not hidden."""
    statement: Statement | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """One ground of the decision: a stable code and a Chinese sentence."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether, from when, until when (exclusive) and with which fields a record is public.

    A function of facts alone: ask `state_at` for a moment. Where `public` is False nothing of the
    record is in here but its id and version.
    """

    record_id: str
    version: int
    public: bool
    reasons: tuple[Reason, ...]
    starts_at: datetime | None = None
    until: datetime | None = None
    """24:00 Asia/Shanghai of the last day; None: no end of its own."""
    last_day: date | None = None
    repairable_from: date | None = None
    """The first day after the least publicity term; None: no least term, or not public."""
    subject_name: str = ""
    subject_code: str | None = None
    fields: Mapping[str, FieldValue] = field(default_factory=_nothing)
    marks: tuple[Mark, ...] = ()
    statement: Statement | None = None
    """Without the citizen codes and mobile numbers somebody wrote into it; never a person's."""
