"""The registers' items in the REGISTERS table, and no other module's business.

| item | pk | sk | read by |
|---|---|---|---|
| entry | `ENTRY#<entry_id>` | `-` | id; by_listing `<jurisdiction>#<register>`; by_due |
| earlier version of an entry | `ENTRY#<entry_id>` | `V#<version>` | entry |
| reminder | `ENTRY#<entry_id>` | `REMINDER#<term>` | by_listing `reminders#<agency>` |
| what is late | `ENTRY#<entry_id>` | `LATE#<term>` | by_listing `late#<jurisdiction>` |
| how far the sweep has come | `SWEEP` | `-` | key |

Entries and what is late are listed by `<region>#<keeper>#<id>`, so that one index serves a keeper,
a region and those below it; reminders by day. `due_day` is on an entry only while somebody is to
be reminded: the next day on which. The register of tasks is listed for those who count what was
done in time; which tasks there are is told by the pack.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chalicelib.aws.attributes import Item
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import Page, batch_get
from chalicelib.aws.writes import ABSENT, Condition, Put, Update, commit, update, version_is
from chalicelib.registers.model import Entry, Reminder

_SWEEP = "SWEEP"
_VERSION_DIGITS = 6


def load_entry(platform: Platform, entry_id: str) -> Entry | None:
    """The entry of this id as it is now."""
    item = platform.registers.get(_pk(entry_id))
    return None if item is None else entry_from(item)


def load_entries(platform: Platform, entry_ids: Sequence[str]) -> dict[str, Entry]:
    """The entries of these ids that exist, by id."""
    keys = [platform.registers.key(_pk(entry_id)) for entry_id in entry_ids]
    found = (entry_from(item) for item in batch_get(keys).values())
    return {entry.entry_id: entry for entry in found}


def save(platform: Platform, entry: Entry, before: Entry | None, due_day: str) -> None:
    """Write a new version (the first: `before` None) and keep the one before. Raises
    ConditionFailed when somebody was faster, Unavailable."""
    table = platform.registers
    put = Put(table.name, _entry_item(entry, due_day), ABSENT)
    if before is None:
        commit([put])
        return
    sk = f"V#{before.version:0{_VERSION_DIGITS}d}"
    kept: Item = {
        "pk": _pk(entry.entry_id),
        "sk": sk,
        "entity": "register_entry_version",
        "version": before.version,
        "content": before.model_dump(mode="json"),
    }
    condition = version_is(before.version)
    commit([Put(table.name, put.item, condition), Put(table.name, kept, ABSENT)])


def history(platform: Platform, entry_id: str) -> list[Entry]:
    """The earlier versions of an entry, oldest first."""
    items = platform.registers.each(_pk(entry_id), prefix="V#")
    return [entry_from(item) for item in items]


def list_entries(
    platform: Platform, jurisdiction: str, register_code: str, prefix: str, limit: int,
    start: Item | None,
) -> Page:  # fmt: skip
    """One page of the entries of a register whose position begins with `prefix`."""
    listing = f"{jurisdiction}#{register_code}"
    return platform.registers.query_index(
        "by_listing", listing, prefix=prefix or None, limit=limit, start=start
    )


def entries_between(
    platform: Platform, jurisdiction: str, register_code: str, first: str, last: str
) -> Iterator[Entry]:
    """Every entry of a register from position `first` to what begins with `last`."""
    listing = f"{jurisdiction}#{register_code}"
    for item in platform.registers.each_in_index(
        "by_listing", listing, between=(first, f"{last}\uffff")
    ):
        yield entry_from(item)


# -- reminders ------------------------------------------------------------------------------------


def due_on(platform: Platform, day: str) -> Iterator[tuple[Entry, str]]:
    """The entries somebody is to be reminded of on a day, with that day."""
    for item in platform.registers.each_in_index("by_due", day):
        yield entry_from(item), str(item["due_day"])


def add_reminder(platform: Platform, reminder: Reminder) -> bool:
    """Note a reminder, or what is late for the office (no agency); False if it had been noted."""
    try:
        platform.registers.put(_reminder_item(reminder), ABSENT)
    except ConditionFailed:
        return False
    return True


def move_due_day(platform: Platform, entry: Entry, known: str, due_day: str) -> None:
    """The entry has been looked at on day `known`: the next look is on `due_day` (empty: none).
    An entry that was changed meanwhile has a due day of its own already."""
    seen = Condition(
        "#version = :seen_version AND #due_day = :known",
        {"seen_version": entry.version, "known": known},
    )
    key = platform.registers.key(_pk(entry.entry_id))
    if due_day:
        write = Update(key, "SET #due_day = :due_day", {"due_day": due_day}, seen)
    else:
        write = Update(key, "REMOVE #due_day", {}, seen)
    try:
        update(write)
    except ConditionFailed:
        return


def list_reminders(platform: Platform, agency_code: str, limit: int, start: Item | None) -> Page:
    """One page of the reminders of an agency, newest first."""
    return platform.registers.query_index(
        "by_listing", f"reminders#{agency_code}", descending=True, limit=limit, start=start
    )


def list_late(
    platform: Platform, jurisdiction: str, region_prefix: str, limit: int, start: Item | None
) -> Page:
    """One page of what was found late in a region and those below it."""
    return platform.registers.query_index(
        "by_listing",
        f"late#{jurisdiction}",
        prefix=region_prefix or None,
        limit=limit,
        start=start,
    )


def reminded_through(platform: Platform) -> str:
    """All days before this one have been looked at; empty before the first sweep."""
    return str((platform.registers.get(_SWEEP) or {}).get("through", ""))


def note_reminded(platform: Platform, through: str) -> None:
    """Remember how far the sweep has come."""
    key = platform.registers.key(_SWEEP)
    commit([Update(key, "SET #through = :through", {"through": through})])


# -- items ----------------------------------------------------------------------------------------


def entry_from(item: Item) -> Entry:
    """The entry in an item."""
    return Entry.model_validate(item["content"])


def reminder_from(item: Item) -> Reminder:
    """The reminder in an item."""
    return Reminder.model_validate(item["content"])


def position(region: str, keeper: str, entry_id: str = "") -> str:
    """Where an entry stands in the list of its register."""
    return f"{region}#{keeper}#{entry_id}"


def _entry_item(entry: Entry, due_day: str) -> Item:
    item: Item = {
        "pk": _pk(entry.entry_id),
        "sk": "-",
        "entity": "register_entry",
        "version": entry.version,
        "listing": f"{entry.jurisdiction}#{entry.register_code}",
        "position": position(entry.region, entry.keeper, entry.entry_id),
        "content": entry.model_dump(mode="json"),
    }
    if due_day:
        item["due_day"] = due_day
    return item


def _reminder_item(reminder: Reminder) -> Item:
    mark = "#".join((reminder.kind, reminder.about, reminder.due_on, reminder.day))
    if reminder.agency_code:
        listing, kind = f"reminders#{reminder.agency_code}", "REMINDER"
        place = f"{reminder.day}#{reminder.entry_id}#{mark}"
        mark = f"{reminder.agency_code}#{mark}"
    else:
        listing, kind = f"late#{reminder.jurisdiction}", "LATE"
        place = position(reminder.region, reminder.keeper, f"{reminder.entry_id}#{mark}")
    return {
        "pk": _pk(reminder.entry_id),
        "sk": f"{kind}#{mark}",
        "entity": "register_reminder",
        "version": 1,
        "listing": listing,
        "position": place,
        "content": reminder.model_dump(mode="json"),
    }


def _pk(entry_id: str) -> str:
    return f"ENTRY#{entry_id}"
