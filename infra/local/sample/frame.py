"""What every part of the generator works with: the sample record, the window of days, notices."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from infra.local.sample.city import SEED, Body, Firm, Person

DAYS = 730
"""Records lie in the two years that end on the day of loading."""

Value = str | int | bool


@dataclass(frozen=True, slots=True)
class SampleRecord:
    """One record as its agency submits it."""

    reporter: str
    """Unified code of the agency that submits it."""
    type: str
    subject: dict[str, str]
    fields: dict[str, Value]
    notices: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """The body of `POST /v1/records`."""
        body: dict[str, object] = {
            "type": self.type,
            "subject": self.subject,
            "fields": self.fields,
        }
        return {**body, "notices": self.notices} if self.notices else body


@dataclass(frozen=True, slots=True)
class Window:
    """The days a sample made on `today` speaks of."""

    today: date

    @property
    def first(self) -> date:
        """The earliest day."""
        return self.today - timedelta(days=DAYS - 1)

    def holds(self, day: date) -> bool:
        """Whether the day lies in the window."""
        return self.first <= day <= self.today

    def any_day(self, random: Random) -> date:
        """A weekday of the window."""
        return self.weekday(self.first + timedelta(days=random.randrange(4, DAYS)))

    def weekday(self, day: date) -> date:
        """That day, or the Friday before a weekend."""
        return day - timedelta(days=max(0, day.weekday() - 4))

    def soon_after(self, day: date, random: Random, most: int = 5) -> date:
        """A day up to `most` days later, never after today."""
        return min(self.today, day + timedelta(days=random.randrange(1, most + 1)))

    @property
    def years(self) -> range:
        """The calendar years the window touches."""
        return range(self.first.year, self.today.year + 1)


def stream(section: str) -> Random:
    """The random numbers of one section: adding a section leaves the others as they are."""
    return Random(f"{SEED}/{section}")


def subject_of(who: Body | Firm | Person) -> dict[str, str]:
    """How a record names its subject."""
    if isinstance(who, Person):
        return {"citizen_code": who.citizen_code, "name": who.name}
    return {"unified_code": who.code, "name": who.name}


def notices(window: Window, decided: date, number: str, random: Random) -> dict[str, str]:
    """Delivery of the two notices: mostly both, sometimes the decision alone or none yet."""
    draw = random.randrange(20)
    if draw >= 17:
        return {}
    delivered = window.soon_after(decided, random)
    told = {"decision_delivered_on": delivered.isoformat(), "proof": f"送达回证 {number}"}
    if draw >= 14:
        return told
    return {**told, "repair_delivered_on": delivered.isoformat()}
