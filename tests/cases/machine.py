"""People, time and the network at work on stored cases, drawn by a seed; checked after each step.

Everything goes the way it goes on the platform: agencies and subjects through the API, informants
and time through the use cases. The script of a run is kept in words, and is what a failure shows.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chalicelib.cases import acting, rules, store
from chalicelib.cases.model import PLATFORM, Actor, CaseFile
from chalicelib.cases.opening import Target, doer_of, frame_of, look_around, start
from chalicelib.cases.presenting import calendar_for
from chalicelib.cases.rules_parties import relations_of
from chalicelib.cases.scene import Doer, Establishing, Scene, Wish, read_scene, scene_of
from chalicelib.cases.steps import step
from chalicelib.creditfile import service as files
from chalicelib.intake.service import CorrectionIn
from chalicelib.kernel.errors import GovcreditError
from chalicelib.policy.case_kinds import CaseAction, CaseKind, Told
from chalicelib.policy.example import example_fields, example_value
from chalicelib.web.model import Caller
from tests.cases.bench import BUREAU, GOVERNMENT, HOUSING, paper
from tests.cases.checks import Checks
from tests.cases.model import Expected, Fact, Known
from tests.cases.places import (
    SECRET,
    Place,
    about_body,
    about_official,
    as_text,
    found,
    settle_official,
)
from tests.support.memory import MemoryTables
from tests.support.world import World

HOURS = (0, 0, 1, 5, 24, 24, 30, 72, 24 * 8, 24 * 21, 24 * 60, 24 * 130)
INFORMANT = Doer(Actor("informant", frozenset({"informant"})))
MACHINE = Doer(PLATFORM)


@dataclass(frozen=True)
class Attempt:
    """A request somebody makes, and what is wrong with it (nothing: empty)."""

    who: str
    action: CaseAction
    fields: Mapping[str, Any]
    papers: Mapping[str, str]
    correction: Mapping[str, Any] | None = None
    establishes: Mapping[str, Any] | None = None
    wrong: str = ""

    @property
    def body(self) -> dict[str, Any]:
        """As it is sent."""
        sent: dict[str, Any] = {"fields": dict(self.fields), "evidence": dict(self.papers)}
        if self.correction is not None:
            sent["correction"] = dict(self.correction)
        if self.establishes is not None:
            sent["record"] = dict(self.establishes)
        return sent

    @property
    def wish(self) -> Wish:
        """As the use case takes it."""
        sent, made = self.correction, self.establishes
        return Wish(
            action=self.action.code,
            fields=self.fields,
            papers=self.papers,
            correction=None if sent is None else CorrectionIn.model_validate(sent),
            establishes=None if made is None else Establishing(made["type"], made["fields"]),
            body=as_text(self.body).encode(),
        )


@dataclass
class Sent:
    """A request that was accepted, to be delivered again."""

    attempt: Attempt
    case_id: str
    version: int
    key: str
    target: Mapping[str, str]
    text: str
    day: object
    at: object


@dataclass
class Machine:
    """One place, one kind of case, one seed."""

    world: World
    tables: MemoryTables
    kind: CaseKind
    jurisdiction: str
    chance: random.Random
    script: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    ends: set[str] = field(default_factory=set)
    sent: list[Sent] = field(default_factory=list)
    count: int = 0
    current: str = ""
    official: bool | None = None
    """Whether it is all about an official; None: that is drawn."""

    def __post_init__(self) -> None:
        self.place: Place = found(self.world, self.jurisdiction)
        if self.official is None:
            self.official = self.kind.about in ("record", "subject") and (
                self.kind.code == "self_correction" or self.chance.random() < 0.3
            )
        person = settle_official(self.place)
        self.subject_id = person if self.official else files.body_id(HOUSING)
        self.place.callers["subject"] = self.place.speaker(self.subject_id)
        self.expected = Expected(Fact(""))
        self.report()
        self.checks = Checks(self.place, self.tables, self.expected)

    # -- the record ------------------------------------------------------------------------------

    def report(self) -> None:
        """The bureau reports a record the cases will be about."""
        self.count += 1
        day = self.chance.choice(["2025-02-03", "2026-04-10", "2026-06-01"])
        severity = self.chance.choice(["minor", "general", "serious"])
        if self.official:
            self.reported = about_official(self.place, self.count, day)
        else:
            self.reported = about_body(self.place, self.count, severity, day)
            if self.chance.random() < 0.4:
                del self.reported["notices"]
        reply = self.place.report(self.reported)
        assert reply.status == 201, reply.text
        self.expected.fact = Fact(str(reply.json["record_id"]))
        self.say(f"the bureau reports {self.expected.fact.record_id} ({severity}, {day})")

    def change_record(self) -> bool:
        """Its agency corrects, renumbers, withdraws or reports again, whatever cases are open.
        False: nothing came of it."""
        self.count += 1
        fact, clerk = self.expected.fact, self.place.callers["source_agency"]
        record, path = files.find_record(self.world.platform, fact.record_id), "/v1/records/"
        number = "decision_number" if self.official else "determination_number"
        if fact.status == "withdrawn":
            if self.chance.random() < 0.7:
                self.reported["fields"]["facts"] = f"再次认定〔2026〕{self.count}号"
            reply = self.place.report(self.reported)
            after = files.find_record(self.world.platform, fact.record_id)
            self.say(f"the bureau reports the withdrawn record again: {reply.status}")
            fact.status = after.status
            return after.version > record.version
        what = self.chance.choice(["facts", number, "withdraw"])
        if what == "withdraw":
            reply = self.place.ask(clerk, "POST", f"{path}{fact.record_id}/withdrawal",
                                   {"reason": "重复报送"}, record.version)  # fmt: skip
        else:
            text = f"示改〔2026〕{self.count}号"
            body = {"fields": {what: text}, "reason": "报送有误"}
            reply = self.place.ask(clerk, "PATCH", path + fact.record_id, body, record.version)
            self.reported["fields"][what] = text
        self.say(f"the bureau changes the record ({what}): {reply.status}")
        assert reply.status in (200, 201), reply.text
        if what == "withdraw":
            fact.status = "withdrawn"
        elif what == number:
            after = files.find_record(self.world.platform, fact.record_id)
            fact.record_id = after.superseded_by
            assert fact.record_id
        return True

    # -- requests --------------------------------------------------------------------------------

    def rights(self, who: str) -> set[str]:
        """What somebody is to the cases of this run: the test's own word for it."""
        of_record = self.kind.about == "record"
        found = {
            "subject": {"subject"},
            "source_agency": {"source_agency", "determining_agency"} if of_record else set(),
            "superior": {"superior"},
            "credit_office": {"credit_office"},
            "informant": {"informant"},
            "platform": {"platform"},
            "own_body": set[str](),
        }
        if self.official:
            found["own_body"] = {"credit_office"}
            if not of_record:
                found |= {"superior": set(), "own_body": {"credit_office", "superior"}}
        mine = found.get(who, set())
        return mine | {"anyone"} if mine or who == "informant" else mine

    def attempt(self, wild: bool) -> Attempt:
        """A request that may be right (or, `wild`, by anybody and of any kind)."""
        everybody = [*self.place.callers, "informant", "platform"]
        file = self.file()
        actions = (
            [one for one in self.kind.actions if one.opens]
            if file is None
            else list(self.kind.actions_at(file.case.state))
        )
        turns = [
            (who, action) for action in actions for who in everybody if self.may(who, action)
            if who != "platform" or action.opens
        ]  # fmt: skip
        if wild or not turns:
            who, action = self.chance.choice(everybody), self.chance.choice(self.kind.actions)
        else:
            who, action = self.chance.choices(turns, [self.weight(one) for _, one in turns])[0]
        made = self.filled(who, action)
        return self.broken(made) if wild and self.chance.random() < 0.6 else made

    def weight(self, action: CaseAction) -> float:
        """What was not yet done is done sooner, and what ends a case later."""
        ends = action.to is not None and self.kind.state(action.to).final
        return (1 if action.code in self.taken else 4) * (0.3 if ends else 1)

    def may(self, who: str, action: CaseAction) -> bool:
        """Whether an action is somebody's to take."""
        return bool(self.rights(who) & set(action.by))

    def filled(self, who: str, action: CaseAction) -> Attempt:
        """The request with everything it needs."""
        self.count += 1
        fields: dict[str, Any] = {}
        for one in action.fields:
            if one.required or self.chance.random() < 0.3:
                value = example_value(one, self.place.today)
                fields[one.code] = f"{SECRET}{self.count}" if self._secret(one) else value
        caller = self.place.callers.get(who)
        papers = {} if caller is None else {
            code: self.paper(caller) for code in action.evidence
        }  # fmt: skip
        correction = establishes = None
        for effect in action.effects:
            if effect.kind == "correct_record":
                number = "decision_number" if self.official else "determination_number"
                what = self.chance.choice(["facts", "facts", number])
                correction = {"fields": {what: f"更正〔{self.count}〕号"}, "reason": "核查有误"}
            if effect.kind == "create_record":
                establishes = self.established(effect.types[0])
        return Attempt(who, action, fields, papers, correction, establishes)

    def paper(self, holder: Caller) -> str:
        """A paper somebody handed in about the subject of the run."""
        return paper(self.world, holder, f"subject:{self.subject_id}")

    @staticmethod
    def _secret(one: Any) -> bool:
        return bool(one.personal and one.kind == "text")

    def established(self, code: str) -> dict[str, Any]:
        """The record an action is to establish."""
        known = self.place.pack.types[code]
        fields: dict[str, Any] = example_fields(known, self.place.today)
        fields |= {name: f"示认〔2026〕{self.count}号" for name in known.natural_key}
        return {"type": code, "fields": fields}

    def broken(self, made: Attempt) -> Attempt:
        """The request with something wrong in it."""
        required = [one for one in made.action.fields if one.required]
        days = [one for one in made.action.fields if one.not_future]
        ways: list[Callable[[], Attempt]] = [
            lambda: replace(made, fields={**made.fields, "nonsense": "x"}, wrong="unknown field"),
            lambda: replace(made, papers={**made.papers, "p": "e_none"}, wrong="paper of nobody"),
        ]
        if required:
            less = {**made.fields}
            less.pop(self.chance.choice(required).code)
            ways.append(lambda: replace(made, fields=less, wrong="missing field"))
        if days:
            later = {**made.fields, days[0].code: "2199-01-04"}
            ways.append(lambda: replace(made, fields=later, wrong="day to come"))
        if made.papers:
            ways.append(lambda: replace(made, papers={}, wrong="no papers"))
            holder = self.place.callers[made.who]
            others = {code: self.paper(self.place.callers["auditor"]) for code in made.papers}
            ways.append(lambda: replace(made, papers=others, wrong="papers of others"))
            astray = {code: paper(self.world, holder, "subject:b_astray") for code in made.papers}
            ways.append(lambda: replace(made, papers=astray, wrong="papers of another matter"))
        if made.correction is None:
            extra = {"fields": {"facts": "顺手改"}, "reason": "顺手改"}
            ways.append(lambda: replace(made, correction=extra, wrong="correction not wanted"))
        return self.chance.choice(ways)()

    def send(
        self,
        made: Attempt,
        case_id: str,
        version: int,
        key: str = "",
        target: Mapping[str, str] | None = None,
    ) -> tuple[int, str]:
        """Make a request; status and body."""
        caller = self.place.callers.get(made.who)
        if caller is None:
            return self._in_person(made, case_id, version, target or self.target())
        body = made.body
        if case_id:
            path = f"/v1/cases/{case_id}/actions/{made.action.code}"
            reply = self.place.ask(caller, "POST", path, body, version, key)
        else:
            body |= {"action": made.action.code, **(target or self.target())}
            reply = self.place.ask(caller, "POST", f"/v1/cases/{self.kind.code}", body, None, key)
        assert reply.status < 500, reply.text
        return reply.status, reply.text

    def target(self) -> dict[str, str]:
        """What a case is opened about."""
        if self.kind.about == "record":
            return {"record_id": self.expected.fact.record_id}
        return {"subject_id": self.subject_id} if self.kind.about != "none" else {}

    def _in_person(
        self, made: Attempt, case_id: str, version: int, target: Mapping[str, str]
    ) -> tuple[int, str]:
        """What comes to the use case without a client: informants, and the platform itself."""
        platform, doer = self.world.platform, INFORMANT if made.who == "informant" else MACHINE
        try:
            if case_id:
                taken = step(platform, self.file_of(case_id), doer, version, made.wish)
            else:
                around = look_around(platform, self.kind, Target(**target))
                seed = (made.who, made.action.code, made.wish.body)
                frame = frame_of(platform, self.place.pack, self.kind, around, seed)
                taken = start(scene_of(platform, frame, None, around.items), doer, made.wish)
        except GovcreditError as error:
            return error.status, error.code
        assert isinstance(taken, acting.Taken)
        return 200, as_text({"case_id": taken.file.case_id, "results": dict(taken.entry.results)})

    # -- what is there ---------------------------------------------------------------------------

    def file(self) -> CaseFile | None:
        """The case of this run that is going on."""
        file = self.file_of(self.current) if self.current else None
        if file is None or self.kind.state(file.case.state).final:
            return None
        return file

    def file_of(self, case_id: str) -> CaseFile:
        """A case as it is stored."""
        found = store.load(self.world.platform, case_id)
        assert found is not None
        return found

    def say(self, line: str) -> None:
        """Add a line to the script."""
        self.script.append(f"{self.world.clock.now:%Y-%m-%d %H:%M} {line}")

    def boxes(self, told: Mapping[Told, str] | tuple[Told, ...], file: CaseFile) -> list[str]:
        """Whose letter boxes a message must be in: the test's own word for it."""
        above = HOUSING if self.official and not file.record_id else GOVERNMENT
        office = f"office:{self.jurisdiction}:{file.region}"
        known = {
            "subject": f"subject:{self.subject_id}",
            "source_agency": f"agency:{BUREAU}" if file.record_id else "",
            "determining_agency": f"agency:{BUREAU}" if file.record_id else "",
            "superior": f"agency:{above}",
            "informant": f"informant:{file.case_id}",
        }
        return [box for one in told if (box := known.get(one, office))]

    def note(self, file: CaseFile, code: str, told: Mapping[Told, str] | tuple[Told, ...]) -> Known:
        """One more event of a case, and the letters it sent."""
        case = self.expected.cases.get(file.case_id)
        if case is None:
            record_id = file.record_id
            case = self.expected.cases[file.case_id] = Known(file.case_id, file.kind, record_id)
        case.events.append(code)
        version = len(case.events)
        self.expected.letters += [(box, file.case_id, version) for box in self.boxes(told, file)]
        return case

    def scene(self, file: CaseFile, made: Attempt) -> tuple[Scene, Doer] | None:
        """What is read for a request that will be taken later; None for whoever has no part."""
        caller = self.place.callers.get(made.who)
        if caller is None or not (relations := relations_of(caller, file)):
            return None
        doer = doer_of(caller, relations, file)
        try:
            return read_scene(self.world.platform, file, file, doer, made.wish), doer
        except GovcreditError:
            return None

    def due(self, file: CaseFile) -> list[Any]:
        """What time asks of a case now."""
        now = self.world.clock()
        return list(rules.sweep(self.kind, file.case, now, calendar_for(file, now)))

