"""What an action of a case does beyond the case itself: a closed vocabulary, as data.

A kind only says what is to happen; the room of cases carries it out, in the write that changes the
state. Every effect names in its parameters what it needs to know, never code.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator

from chalicelib.policy.base import Code, Frozen, Title

NoticeKind = Literal["before_publication", "decision", "repair", "change"]
"""失信记录公示前告知, 决定书, 信用修复告知书, 记录变动告知."""


class MarkRecord(Frozen):
    """The record is marked at once, wherever it is shown (异议标注)."""

    kind: Literal["mark_record"]
    mark: Code
    text: Title
    """What is shown beside the record."""


class UnmarkRecord(Frozen):
    """The mark is taken off again."""

    kind: Literal["unmark_record"]
    mark: Code


class CorrectRecord(Frozen):
    """The record is corrected as the source agency states it in its correction."""

    kind: Literal["correct_record"]
    reason_field: Code


class WithdrawRecord(Frozen):
    """The record is withdrawn everywhere, downstream too."""

    kind: Literal["withdraw_record"]
    reason_field: Code


class EndPublicity(Frozen):
    """Publication ends, with it sharing and use and the measures (终止公示、停止共享、解除惩戒)."""

    kind: Literal["end_publicity"]
    sharing: bool = True
    measures: bool = True


class EaseMeasures(Frozen):
    """Measures against a person are lightened or waived (从轻、减免、免于)."""

    kind: Literal["ease_measures"]
    extent_field: Code


class RecordNotice(Frozen):
    """A notice is recorded as delivered; two of them open a dishonesty record to the public."""

    kind: Literal["record_notice"]
    notice: NoticeKind
    delivered_field: Code
    """The date of delivery."""


class RecordStatement(Frozen):
    """The subject's statement travels with the record from now on."""

    kind: Literal["record_statement"]
    text_field: Code


class RetractStatement(Frozen):
    """The statement this case put on the record is taken off it again."""

    kind: Literal["retract_statement"]


class ExemptRecord(Frozen):
    """The conduct is recognised as a good-faith error: not counted as a dishonesty record."""

    kind: Literal["exempt_record"]
    grounds_field: Code


class CreateRecord(Frozen):
    """What was established becomes a dishonesty record of one of these types."""

    kind: Literal["create_record"]
    types: tuple[Code, ...]


class OpenCase(Frozen):
    """A case of another kind is opened about the same record, subject or body."""

    kind: Literal["open_case"]
    case_kind: Code


class BarExcellent(Frozen):
    """The subject may not be rated 优秀 in the year the field names."""

    kind: Literal["bar_excellent"]
    year_field: Code


class PublishResult(Frozen):
    """The result is published: these fields and no others."""

    kind: Literal["publish_result"]
    fields: tuple[Code, ...]


class WithdrawResult(Frozen):
    """What was published of the case is taken back."""

    kind: Literal["withdraw_result"]


class ContestResult(Frozen):
    """The result of an evaluation is marked as contested, wherever it is shown (复核中)."""

    kind: Literal["contest_result"]
    run_field: Code
    """Which evaluation: a field that the platform fills in."""
    text: Title
    """What is shown beside the result."""


ContestOutcome = Literal["upheld", "granted", "dropped"]
"""The result stands; it is to be computed again; nothing was decided, the mark goes."""


class SettleResult(Frozen):
    """What became of the contest of a result: shown beside it from now on, or taken off again."""

    kind: Literal["settle_result"]
    outcome: ContestOutcome
    text: Title


PrecedentOutcome = Literal["recognised", "refused"]


class KeepPrecedent(Frozen):
    """The decision is kept without anything that leads back to the case, for later ones to be
    measured by."""

    kind: Literal["keep_precedent"]
    outcome: PrecedentOutcome
    ground_field: Code
    """What was claimed: a field of the kind with a list of values."""
    reason_field: Code
    """Why it was decided so: free text that is said to hold nothing personal."""
    sphere_field: Code | None = None
    """A field of the record with a list of values, where its type has it."""


Effect = Annotated[
    MarkRecord
    | UnmarkRecord
    | CorrectRecord
    | WithdrawRecord
    | EndPublicity
    | EaseMeasures
    | RecordNotice
    | RecordStatement
    | RetractStatement
    | ExemptRecord
    | CreateRecord
    | OpenCase
    | BarExcellent
    | PublishResult
    | WithdrawResult
    | ContestResult
    | SettleResult
    | KeepPrecedent,
    Discriminator("kind"),
]

OF_RECORDS = (
    MarkRecord,
    UnmarkRecord,
    CorrectRecord,
    WithdrawRecord,
    EndPublicity,
    EaseMeasures,
    RecordNotice,
    RecordStatement,
    RetractStatement,
    ExemptRecord,
    KeepPrecedent,
)
"""Effects that only a case about a record can have."""
