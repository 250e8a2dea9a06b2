"""What must hold of everything that is stored, after whatever step."""

from __future__ import annotations

import json
import zlib
from collections import Counter

from chalicelib.aws.attributes import from_attributes
from chalicelib.cases import store
from chalicelib.cases.model import Entry
from chalicelib.cases.presenting import calendar_for, kind_of
from chalicelib.cases.rules import replay
from chalicelib.cases.rules_clocks import days_left, next_day
from chalicelib.cases.tallies import tallies_of
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Record
from chalicelib.creditfile.rules import publicity_facts
from chalicelib.disclosure.projection import Progress, project_records
from chalicelib.policy.service import pack_version
from chalicelib.publicity.rules import decide, state_at
from tests.cases.model import Expected, Known
from tests.cases.places import SECRET, Place
from tests.support.memory import MemoryTables


class Checks:
    """Compares what is stored with what must be there."""

    def __init__(self, place: Place, tables: MemoryTables, expected: Expected) -> None:
        self.place, self.tables, self.expected = place, tables, expected
        self.platform = place.world.platform

    def all(self) -> None:
        """Everything."""
        for case in self.expected.cases.values():
            self.check_case(case)
        self.check_items()
        self.check_tallies()
        self.check_fact()
        self.check_made()
        self.check_public()

    def check_case(self, case: Known) -> None:
        """A case is the fold of its events, one for each version, and due when it says it is."""
        file = store.load(self.platform, case.case_id)
        assert file is not None, "a case that was opened is there"
        kind = kind_of(file)
        entries = self.entries(case.case_id)
        assert [entry.version for entry in entries] == list(range(1, len(case.events) + 1))
        assert file.case.version == len(case.events)
        codes = [entry.event.code for entry in entries]
        assert codes[1:] == case.events[1:], "one event for each step that was accepted"
        assert replay(kind, [entry.event for entry in entries]) == file.case
        assert set(file.published) == self.expected.published.get(case.case_id, set())
        state = kind.state(file.case.state)
        calendar = calendar_for(file, self.place.world.clock())
        for clock in file.case.clocks:
            assert days_left(kind, clock, calendar, self.place.today) >= 0
        item = self.platform.cases.get(f"CASE#{case.case_id}")
        assert item is not None
        due = next_day(kind, file.case, calendar)
        assert ("due_day" in item) is (due is not None) is bool(due)
        if due is not None:
            shown = str(item["due_day"]).partition("#")[0]
            since = file.case.changed_at.date().isoformat()
            assert shown == str(due) or (shown >= since and str(due) < shown), (shown, due)
        if state.final:
            assert due is None, "what is over is never due"
        if case.record_id:
            held = store.open_case_id(self.platform, file.kind, case.record_id)
            assert (held == case.case_id) is not state.final

    def entries(self, case_id: str) -> list[Entry]:
        """The events of a case as they are stored."""
        found = self.platform.cases.each(f"CASE#{case_id}", prefix="E#")
        return [store.entry_from(item) for item in found]

    def check_items(self) -> None:
        """No case, letter, bar or lock but those that must be there; nothing personal in them."""
        table = self.platform.cases.name
        items = [item for place, item in self.tables.items.items() if place[0] == table]
        found = [dict(from_attributes(item)) for item in items]
        cases = {str(one["case_id"]) for one in found if one.get("entity") == "case"}
        assert cases == set(self.expected.cases)
        letters = [
            (str(one["recipient"]), str(one["case_id"]), int(str(one["case_version"])))
            for one in found
            if str(one["pk"]).startswith("LETTERS#")
        ]
        assert Counter(letters) == Counter(self.expected.letters)
        bars = {
            (int(str(one["sk"])[:4]), str(one["case_id"]))
            for one in found
            if str(one["pk"]).startswith("EXCELLENT#")
        }
        assert bars == self.expected.bars
        kept = [str(one["outcome"]) for one in found if str(one["pk"]).startswith("PRECEDENT#")]
        assert Counter(kept) == Counter(self.expected.precedents)
        locks = [str(one["case_id"]) for one in found if str(one["pk"]).startswith("OPEN#")]
        assert len(locks) == len(set(locks)) and set(locks) <= cases
        assert SECRET not in repr(items), "what is personal is only kept sealed"
        texts = [str(one["text"]) for one in found if str(one["pk"]).startswith("LETTERS#")]
        assert not any("{" in text or "张某甲" in text for text in texts)

    def check_tallies(self) -> None:
        """The public counters count every case once, as what it is."""
        counted: Counter[str] = Counter()
        for case in self.expected.cases.values():
            file = store.load(self.platform, case.case_id)
            assert file is not None
            kind = kind_of(file)
            if kind.is_counted:
                counted[f"{file.kind}/received"] += 1
                counted[f"{file.kind}/{kind.state(file.case.state).counted_as}"] += 1
        shown: Counter[str] = Counter()
        for kind_code in {case.kind for case in self.expected.cases.values()}:
            found = tallies_of(self.platform, self.place.jurisdiction, kind_code)
            for received, standing in found.values():
                shown[f"{kind_code}/received"] += received
                shown.update({f"{kind_code}/{name}": number for name, number in standing.items()})
        assert +shown == counted and min(shown.values(), default=0) >= 0

    def check_fact(self) -> None:
        """The record stands where the accepted actions put it."""
        fact = self.expected.fact
        record = files.find_record(self.platform, fact.record_id)
        standing = record.standing
        assert record.status == fact.status
        assert {(one.code, one.case_id) for one in standing.marks} == fact.marks
        assert len(standing.marks) == len(fact.marks)
        said = standing.statement
        assert (said.case_id if said is not None else "") == fact.statement
        assert (standing.repaired is not None) is fact.repaired
        assert standing.sharing_ended is standing.measures_ended is fact.ended
        assert (standing.exempted is not None) is fact.exempted
        assert record.dishonesty is not fact.exempted
        assert (standing.eased.grounds if standing.eased is not None else "") == fact.eased
        delivered = {(one.notice, one.case_id): one.delivered_on for one in standing.deliveries}
        assert delivered == fact.deliveries
        versions = list(files.find_versions(self.platform, fact.record_id))
        assert sorted(one.version for one in versions) == list(range(1, record.version + 1))

    def check_made(self) -> None:
        """Records that cases established are there once, in the name of whoever decided."""
        for record_id, agency in self.expected.made.items():
            record = files.find_record(self.platform, record_id)
            assert (record.reporter, record.version) == (agency, 1)

    def check_public(self) -> None:
        """Once the queue has been worked, the public sees what the decision says, whatever the
        order of deliveries."""
        ids = [self.expected.fact.record_id, *self.expected.made]
        project_records(self.platform, ids, Progress())
        project_records(self.platform, ids, Progress(), is_change=False)
        for record_id in ids:
            self._check_shown(files.find_record(self.platform, record_id))
        public = self.platform.public.name
        items = [item for place, item in self.tables.items.items() if place[0] == public]
        assert "张某甲" not in repr(items)

    def _check_shown(self, record: Record) -> None:
        item = self.platform.public.get(f"DOCUMENT#{record.record_id}")
        pack = pack_version(record.jurisdiction, record.pack)
        facts = publicity_facts(record, pack, settled=True)
        decision = None if facts is None else decide(facts)
        public = decision is not None and state_at(decision, self.place.world.clock()) == "public"
        shown = item is not None and not item.get("gone")
        assert shown is public, (record.record_id, decision)
        if not shown or item is None or decision is None:
            return
        document = json.loads(zlib.decompress(item["next"]["content"]))  # type: ignore[index,call-overload,arg-type]
        assert document["version"] == record.version
        marks = [one["text"] for one in document["marks"]]
        assert marks == [one.text for one in decision.marks]
        said = document["statement"]
        text = said["text"] if isinstance(said, dict) else None
        assert text == (decision.statement.text if decision.statement is not None else None)
        fields = document["fields"]
        assert isinstance(fields, list)
        assert {one["code"]: one["value"] for one in fields} == dict(decision.fields)  # type: ignore[index,call-overload]
