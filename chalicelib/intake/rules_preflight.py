"""Pure: what a preflight says of rows, and what they would come to together.

A row is foreseen by itself (`Foreseen`); rows of one file that state the same fact are found by
their digests (`repeats`), and `Tally` adds up what the rates are made of.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from chalicelib.intake.model import Note, Verdict
from chalicelib.kernel.errors import Fault
from chalicelib.policy.programme import Assessment

FACT = struct.Struct(">16sI8sBI")
"""A row that would be stored: digest of its fact, row, digest of its content, flags, due day."""
NAMED = struct.Struct(">16sI8sBI")
"""A row that names a subject nobody knows: digest of the subject, row, digest of the name, and
flags and due day as in FACT."""
_LATE, _PROVISIONAL, _ASSESSED, _TIMED = 1, 2, 4, 8


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would become of one row if it were submitted now."""

    position: int
    verdict: Verdict
    faults: tuple[Fault, ...] = ()
    notes: tuple[Note, ...] = ()
    due_on: str = ""
    """Last day on which it is on time; empty: no limit, or the day is not known."""
    provisional: bool = False
    late: bool = False
    assessed: bool = False
    """Whether its type counts in the assessment of collection."""
    filled: int = 0
    required: int = 0
    """Items filled, and items the catalog asks of this row."""
    fact: bytes = b""
    content: bytes = b""
    stranger: bytes = b""
    """Digest of the subject, if nobody knows it yet, and of the name it is given."""
    name: bytes = b""

    def packed(self) -> bytes:
        """The row as FACT, for finding others that state the same."""
        return FACT.pack(self.fact, self.position, self.content, *self._counted())

    def packed_name(self) -> bytes:
        """The row as NAMED, for finding others that name its subject otherwise."""
        return NAMED.pack(self.stranger, self.position, self.name, *self._counted())

    def _counted(self) -> tuple[int, int]:
        """(flags, due day): what of a row was counted."""
        flags = _LATE * self.late | _PROVISIONAL * self.provisional | _ASSESSED * self.assessed
        due = int(self.due_on.replace("-", "") or 0)
        return flags | _TIMED * bool(due), due


@dataclass(frozen=True, slots=True)
class Repeat:
    """A row that states the same fact, or names the same subject, as an earlier one of the file."""

    row: int
    winner: int
    is_same: bool
    """Whether it says the same about it, too, or gives the same name."""
    flags: int
    due: int


def repeats(facts: Iterable[bytes]) -> Iterator[Repeat]:
    """The rows that repeat an earlier one, among packed rows (FACT, or NAMED: they are alike) that
    hold every row of their facts."""
    found = sorted(FACT.unpack(one) for one in facts)
    for _, group in groupby(found, key=lambda one: one[0]):
        (_, winner, content, _, _), *others = group
        for _, row, own, flags, due in others:
            yield Repeat(row, winner, own == content, flags, due)


def fault_of_repeat(is_same: bool, winner: str) -> Fault:
    """What to tell about a row that gives way to `winner`."""
    if is_same:
        return Fault("", "duplicate", f"与{winner}内容相同，只收一条")
    return Fault("", "conflict", f"与{winner}是同一事项但内容不同，以前者为准")


def fault_of_name(winner: str) -> Fault:
    """What to tell about a row that names the new subject of `winner` otherwise."""
    message = f"与{winner}代码相同而名称不同，请核对代码和名称"
    return Fault("/subject/name", "name_mismatch", message)


def settled(rows: Sequence[Foreseen]) -> list[Foreseen]:
    """The rows of a batch, those told so that repeat an earlier one or name its subject
    otherwise."""
    names = (row.packed_name() for row in rows if row.verdict == "accepted" and row.stranger)
    misnamed = {one.row: one for one in repeats(names) if not one.is_same}
    rows = [
        _misnaming(row, misnamed[row.position]) if row.position in misnamed else row
        for row in rows
    ]
    facts = (row.packed() for row in rows if row.verdict == "accepted")
    lost = {repeat.row: repeat for repeat in repeats(facts)}
    return [_giving_way(row, lost[row.position]) if row.position in lost else row for row in rows]


def _misnaming(row: Foreseen, repeat: Repeat) -> Foreseen:
    fault = fault_of_name(f"本次第 {repeat.winner + 1} 条")
    return replace(row, verdict="rejected", faults=(fault,))


def _giving_way(row: Foreseen, repeat: Repeat) -> Foreseen:
    fault = fault_of_repeat(repeat.is_same, f"本次第 {repeat.winner + 1} 条")
    verdict: Verdict = "duplicate" if repeat.is_same else "conflict"
    return replace(row, verdict=verdict, faults=(fault,))


@dataclass(slots=True)
class Tally:
    """What many rows come to. `due`: day -> [rows not late yet, of those provisional]."""

    rows: int = 0
    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0
    """Rows in conflict among them."""
    conflict: int = 0
    late: int = 0
    tidied: int = 0
    assessed_accepted: int = 0
    assessed_rejected: int = 0
    assessed_timed: int = 0
    assessed_late: int = 0
    filled: int = 0
    required: int = 0
    due: dict[str, list[int]] = field(default_factory=dict)

    def add(self, row: Foreseen) -> None:
        """Count one row."""
        self.rows += 1
        self.tidied += bool(row.notes)
        if row.verdict == "duplicate":
            self.duplicate += 1
        elif row.verdict == "accepted":
            self._take(row.late, row.assessed, row.due_on, row.provisional, 1)
        else:
            self.rejected += 1
            self.conflict += row.verdict == "conflict"
            self.assessed_rejected += row.assessed
        if row.assessed:
            self.filled += row.filled
            self.required += row.required

    def _take(self, late: bool, assessed: bool, due_on: str, provisional: bool, one: int) -> None:
        self.accepted += one
        self.late += one * late
        self.assessed_accepted += one * assessed
        self.assessed_timed += one * (assessed and bool(due_on))
        self.assessed_late += one * (assessed and late)
        if due_on and not late:
            days = self.due.setdefault(due_on, [0, 0])
            days[0] += one
            days[1] += one * provisional

    def give_way(self, repeat: Repeat) -> None:
        """A row counted as accepted repeats an earlier one."""
        self._take_back(repeat)
        if repeat.is_same:
            self.duplicate += 1
        else:
            self._refuse(repeat)
            self.conflict += 1

    def misname(self, repeat: Repeat) -> None:
        """A row counted as accepted names its subject otherwise than an earlier one."""
        self._take_back(repeat)
        self._refuse(repeat)

    def _refuse(self, repeat: Repeat) -> None:
        self.rejected += 1
        self.assessed_rejected += bool(repeat.flags & _ASSESSED)

    def _take_back(self, repeat: Repeat) -> None:
        flags, text = repeat.flags, f"{repeat.due:08d}"
        due_on = f"{text[:4]}-{text[4:6]}-{text[6:]}" if flags & _TIMED else ""
        is_assessed = bool(flags & _ASSESSED)
        self._take(bool(flags & _LATE), is_assessed, due_on, bool(flags & _PROVISIONAL), -1)

    def merge(self, other: Mapping[str, Any]) -> None:
        """Add another tally in its kept form."""
        for name, value in other.items():
            if name != "due":
                setattr(self, name, getattr(self, name) + value)
        for day, (rows, provisional) in other["due"].items():
            days = self.due.setdefault(day, [0, 0])
            days[0] += rows
            days[1] += provisional

    def as_json(self) -> dict[str, Any]:
        """The form that is kept; days nothing is due on are left out."""
        body: dict[str, Any] = {
            name: getattr(self, name) for name in self.__slots__ if name != "due"
        }
        return {**body, "due": {day: two for day, two in sorted(self.due.items()) if two[0]}}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Tally:
        """The inverse of `as_json`."""
        tally = cls()
        tally.merge(body)
        return tally


_HOW: Mapping[str, str] = {
    "stored": "入库率 = 可入库的行 ÷（可入库的行 + 退回的行）；重复的行不计",
    "complete": "完整率 = 已填的应填数据项 ÷ 应填数据项（必填和按条件必填）；退回的行也计入",
    "on_time": "及时率 = 期限内报送的行 ÷ 可入库且有报送期限的行，按现在收到计算",
}


@dataclass(frozen=True, slots=True)
class Forecast:
    """One predicted rate: reached ÷ total, and the points it gives and costs (exact decimals).
    `share` and points are empty where there is nothing to divide by."""

    code: str
    title: str
    reached: int
    total: int
    share: str
    full_at: str
    points: str
    gained: str
    lost: str
    how: str
    basis: str


def forecasts(assessment: Assessment, tally: Tally) -> list[Forecast]:
    """The predicted rates of an assessment: full points at or above its mark, below it the share of
    the points that was reached."""
    counts = {
        "stored": (tally.assessed_accepted, tally.assessed_accepted + tally.assessed_rejected),
        "complete": (tally.filled, tally.required),
        "on_time": (tally.assessed_timed - tally.assessed_late, tally.assessed_timed),
    }
    found = []
    for code, rate in assessment.rates.items():
        reached, total = counts[code]
        share = gained = lost = ""
        if total:
            # Compared as whole numbers: 95 of 100 is the mark itself, not a hair below it.
            is_full = reached >= rate.full_at * total
            points = rate.points if is_full else rate.points * reached / total
            share = f"{reached / total:.4f}"
            gained, lost = f"{points:.2f}", f"{rate.points - points:.2f}"
        basis = f"{rate.basis.document} {rate.basis.clause}".strip()
        found.append(
            Forecast(
                code, rate.title, reached, total, share, str(rate.full_at), str(rate.points),
                gained, lost, _HOW[code], basis,
            )
        )  # fmt: skip
    return found
