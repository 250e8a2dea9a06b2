"""What may happen next to stored cases: one step of a run, and what it must have done."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.aws.calls import ConditionFailed
from chalicelib.cases import acting
from chalicelib.cases.children import opening_by_platform
from chalicelib.cases.clockwork import settle_due
from chalicelib.cases.model import CaseFile, Event
from chalicelib.kernel.errors import GovcreditError
from tests.cases.machine import HOURS, Attempt, Machine, Sent

WHOLE_DAY = 23


class Play:
    """Draws the steps of a run and checks each."""

    def __init__(self, machine: Machine) -> None:
        self.machine, self.chance = machine, machine.chance
        self.steps: list[tuple[int, Callable[[], None]]] = [
            (42, self.act),
            (16, self.act_wildly),
            (9, self.repeat),
            (6, self.act_on_a_stale_version),
            (8, self.race),
            (5, self.race_with_the_record),
            (4, self.change_the_record),
            (18, self.wait),
        ]

    def run(self, steps: int) -> None:
        """Take so many steps; whatever goes wrong shows the script."""
        machine = self.machine
        try:
            machine.checks.all()
            for _ in range(steps):
                weights = [weight for weight, _ in self.steps]
                self.chance.choices([step for _, step in self.steps], weights)[0]()
        except Exception as error:
            script = "\n".join(machine.script)
            raise AssertionError(f"{type(error).__name__}: {error}\n\n{script}") from error

    # -- steps -----------------------------------------------------------------------------------

    def act(self) -> None:
        """Somebody whose turn it is acts; now and then about a new record, where the old one is
        done with."""
        fact = self.machine.expected.fact
        done = fact.status == "withdrawn" or fact.repaired or fact.exempted
        if self.machine.file() is None and (done or self.chance.random() < 0.1):
            self.machine.report()
        self.does(self.machine.attempt(wild=False))

    def act_wildly(self) -> None:
        """Anybody tries anything, right or wrong."""
        self.does(self.machine.attempt(wild=True))

    def repeat(self) -> None:
        """A request that was accepted is delivered again, however late."""
        machine = self.machine
        if not machine.sent:
            return
        sent = self.chance.choice(machine.sent[-3:])
        passed = (machine.world.clock.now - sent.at).total_seconds() / 3600
        if passed > WHOLE_DAY or (sent.day != machine.place.today and not sent.case_id):
            return
        before = machine.tables.snapshot()
        status, text = machine.send(
            sent.attempt, sent.case_id, sent.version, sent.key, sent.target
        )
        machine.say(f"again: {sent.attempt.who} {sent.attempt.action.code} -> {status}")
        assert machine.tables.items == before, "a request delivered again does nothing"
        if sent.key and sent.attempt.who in machine.place.callers:
            assert text == sent.text, "a request delivered again has the first answer"
        elif status < 400:
            assert json.loads(text)["case_id"] == json.loads(sent.text)["case_id"]

    def act_on_a_stale_version(self) -> None:
        """Somebody acts on what they read some time ago."""
        file = self.machine.file()
        if file is None or file.case.version < 2:
            return
        made = self.machine.attempt(wild=False)
        if not made.action.opens:
            self._refused(made, file.case_id, self.chance.randrange(1, file.case.version))

    def race(self) -> None:
        """Two people read the same case, and both act."""
        machine, file = self.machine, self.machine.file()
        if file is None:
            return
        first, second = machine.attempt(wild=False), machine.attempt(wild=False)
        slow = machine.scene(file, second)
        if slow is None or second.action.opens or first.action.opens:
            return
        if not self.does(first):
            return
        machine.say(f"at the same time {second.who} {second.action.code}")
        before = machine.tables.snapshot()
        try:
            acting.take(slow[0], slow[1], second.wish)
        except (GovcreditError, ConditionFailed):
            assert machine.tables.items == before, "who lost a race has done nothing"
        else:
            raise AssertionError("two people have acted on one version of a case")

    def race_with_the_record(self) -> None:
        """The record changes while somebody acts on it."""
        machine, file = self.machine, self.machine.file()
        made = machine.attempt(wild=False)
        if file is None or machine.kind.about != "record" or made.action.opens:
            return
        slow = machine.scene(file, made)
        changed = machine.change_record()
        self._check()
        if slow is None or not changed:
            return
        machine.say(f"meanwhile {made.who} {made.action.code}")
        before = machine.tables.snapshot()
        try:
            taken = acting.take(slow[0], slow[1], made.wish)
        except (GovcreditError, ConditionFailed):
            assert machine.tables.items == before, "who lost a race has done nothing"
        else:
            assert not any(one.kind not in _BESIDE for one in made.action.effects)
            self._accepted(made, taken.file, taken.entry.results)

    def change_the_record(self) -> None:
        """The agency changes its record; now and then a new one is reported."""
        machine = self.machine
        if machine.file() is None and machine.expected.fact.status == "withdrawn":
            machine.report()
        else:
            machine.change_record()
        self._check()

    def wait(self) -> None:
        """Time passes, and its worker gets to most of the cases."""
        machine = self.machine
        machine.world.clock.advance(hours=self.chance.choice(HOURS))
        machine.say("time passes")
        for case_id in list(machine.expected.cases):
            file = machine.file_of(case_id)
            if file.kind == machine.kind.code and self.chance.random() < 0.8:
                self._sweep(file)
        self._check()

    # -- what they do ----------------------------------------------------------------------------

    def does(self, made: Attempt) -> bool:
        """Somebody makes a request on the case as it stands; whether it was accepted."""
        machine, file = self.machine, self.machine.file()
        case_id = "" if file is None or (made.action.opens and self.chance.random() < 0.7) else (
            file.case_id
        )  # fmt: skip
        version = 0 if file is None else file.case.version
        self.machine.count += 1
        key = f"key-{machine.count}" if self.chance.random() < 0.4 else ""
        target = machine.target()
        before = machine.tables.snapshot()
        status, text = machine.send(made, case_id, version, key, target)
        machine.say(f"{made.who} {made.action.code} {made.wrong} -> {status} {_code(text)}")
        if status >= 400:
            assert machine.tables.items == before, "what is refused changes nothing"
            return False
        assert not made.wrong, "what is wrong is refused"
        assert machine.may(made.who, made.action), "nobody acts without a right to it"
        if file is not None and case_id:
            assert file.case.state in made.action.states, "nobody acts out of turn"
        answer = json.loads(text)
        if not case_id and answer["case_id"] in machine.expected.cases:
            # The same wish of the same day: the case that came of it is answered, open or not.
            assert machine.tables.items == before
            return False
        if made.action.opens and machine.kind.about == "record":
            assert file is None, "a record has one open case of a kind"
        machine.sent.append(Sent(made, case_id, version, key, target, text,
                                 machine.place.today, machine.world.clock.now))  # fmt: skip
        opened = machine.file_of(answer["case_id"])
        self._accepted(made, opened, answer["results"])
        return True

    def _refused(self, made: Attempt, case_id: str, version: int) -> None:
        machine = self.machine
        before = machine.tables.snapshot()
        status, text = machine.send(made, case_id, version)
        machine.say(f"{made.who} {made.action.code} on version {version} -> {status} {_code(text)}")
        assert machine.tables.items == before, "what is refused changes nothing"
        if status < 400:
            made_it = machine.expected.cases[case_id].events[version]
            assert made_it == made.action.code, "a stale version is refused"

    def _accepted(self, made: Attempt, file: CaseFile, results: Mapping[str, str]) -> None:
        machine, action = self.machine, made.action
        before = set(machine.expected.cases)
        case = machine.note(file, action.code, action.tells)
        if action.opens:
            machine.current = file.case_id
        caller = machine.place.callers.get(made.who)
        agency = "" if caller is None else caller.agency_code
        machine.expected.take(case, action, made.fields, results, agency)
        self._follow_correction(made)
        for child_id in set(machine.expected.cases) - before - {file.case_id}:
            child = machine.file_of(child_id)
            opening = opening_by_platform(machine.place.pack.case_kinds[child.kind])
            assert opening is not None and child.parent == file.case_id
            boxes = machine.boxes(opening.tells, child)
            machine.expected.letters += [(box, child_id, 1) for box in boxes]
        machine.taken.add(action.code)
        state = machine.kind.state(machine.file_of(file.case_id).case.state)
        if state.final:
            machine.ends.add(state.code)
        self._check()

    def _follow_correction(self, made: Attempt) -> None:
        """A correction may have made another record of the fact."""
        fact = self.machine.expected.fact
        if made.correction is not None and "facts" not in made.correction["fields"]:
            table = self.machine.world.platform.records
            item: Any = table.get(f"RECORD#{fact.record_id}")
            fact.record_id = str(item["superseded_by"])
            assert fact.record_id, "a corrected number is another fact"

    def _sweep(self, file: CaseFile) -> None:
        """The worker of time gets to a case; once that is done, nothing more is due in it."""
        machine, platform = self.machine, self.machine.world.platform
        asked = machine.due(file)
        settle_due(platform, file.case_id, machine.place.today)
        fresh = machine.checks.entries(file.case_id)[file.case.version :]
        assert bool(fresh) is bool(asked), "what is due is done, and nothing else"
        for entry in fresh:
            event = entry.event
            machine.say(f"  time: {event.what} {event.code}")
            assert event.relation == "platform"
            self._took(file, event, entry.results)
        assert machine.due(machine.file_of(file.case_id)) == []
        before = machine.tables.snapshot()
        settle_due(platform, file.case_id, machine.place.today)
        assert machine.tables.items == before, "a message delivered again does nothing"

    def _took(self, file: CaseFile, event: Event, results: Mapping[str, str]) -> None:
        machine, kind = self.machine, self.machine.kind
        if event.what != "acted":
            owner = kind.state(event.state).owner
            limit = kind.limit(event.code)
            told = limit.escalates_to if event.what == "escalated" else (owner,)
            machine.note(file, event.code, told)  # type: ignore[arg-type]
            return
        action = kind.action(event.code)
        assert action is not None and "platform" in action.by
        case = machine.note(file, action.code, action.tells)
        machine.expected.take(case, action, {}, results, "")
        machine.taken.add(action.code)

    def _check(self) -> None:
        self.machine.checks.all()


_BESIDE = ("create_record", "open_case", "bar_excellent", "publish_result")
"""Effects that leave the record of the case alone."""


def _code(text: str) -> str:
    if not text.startswith("{"):
        return text
    found = json.loads(text)
    return str(found.get("type", "")).rpartition("/")[2] if "type" in found else ""
