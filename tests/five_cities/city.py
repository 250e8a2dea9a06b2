"""The made-up city under each of the five packs: its bodies and what of its sample the pack's
catalogue knows, one yearly evaluation, and the site that shows why each body got its points.

    python -m tests.five_cities FOLDER     the whole sample, with timings, a picture of each
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from itertools import cycle
from time import monotonic
from typing import Any

from playwright.sync_api import sync_playwright

from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import commit
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Identification
from chalicelib.disclosure import handlers as disclosure
from chalicelib.disclosure.projection import Progress
from chalicelib.evaluation import service as evaluations
from chalicelib.evaluation.runs import Result
from chalicelib.feed.handlers import work_jobs
from chalicelib.intake import service as intake
from chalicelib.intake.answers import BatchResult
from chalicelib.kernel.clock import civil_date
from chalicelib.policy.base import PERSONS
from chalicelib.policy.example import example_fields
from chalicelib.policy.model import Pack, RecordType
from chalicelib.policy.scheme import Scheme
from chalicelib.policy.service import pack_for
from chalicelib.web.model import Caller
from infra.local.sample.city import Body, bodies
from infra.local.sample.frame import SampleRecord
from infra.local.sample.records import sample_records
from tests.browser.server import Server
from tests.browser.site import serving
from tests.browser.watching import SCREENSHOTS, screenshot, watched
from tests.evaluation import town
from tests.support.world import CountedIds, StandingClock, World, sqs_event

JURISDICTIONS = ("nantong", "yancheng", "lingyuan", "jiangxi", "nanjing")
_BATCH = 100


@dataclass
class City:
    """The made-up city under one pack."""

    world: World
    jurisdiction: str
    bodies: Sequence[Body]
    outcomes: Counter[str] = field(default_factory=Counter)
    """What became of the records sent: accepted, duplicate, rejected, unknown."""
    runs: dict[str, str] = field(default_factory=dict)
    """Yearly scheme -> its run."""

    @property
    def platform(self) -> Platform:
        return self.world.platform

    @property
    def today(self) -> date:
        return civil_date(self.world.clock())

    @property
    def pack(self) -> Pack:
        return pack_for(self.jurisdiction, self.today)

    @property
    def schemes(self) -> list[Scheme]:
        """The yearly schemes of bodies."""
        return [
            one
            for one in self.pack.schemes.values()
            if one.period == "year" and not set(one.subjects) & PERSONS
        ]

    def settle(self) -> None:
        """Register the bodies, in the regions of the pack."""
        regions = _regions(self.pack)
        for body in self.bodies:
            subject = files.new_subject(
                self.platform,
                Identification(body.code, "", body.name),
                kind=body.kind,
                jurisdiction=self.jurisdiction,
                region=regions[body.region],
                registered=True,
                details={"level": body.level, "superior": body.superior},
            )
            commit(files.subject_writes(self.platform, subject, ""))

    def report(self) -> None:
        """Submit what of the sample is about or by these bodies, and examples of the pack's own."""
        by_reporter: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for reporter, sent in (*self._sampled(), *self._own_types()):
            if sent["type"] in self.pack.types:
                by_reporter[reporter].append(sent)
            else:
                self.outcomes["unknown"] += 1
        for reporter, found in by_reporter.items():
            for begin in range(0, len(found), _BATCH):
                self._submit(reporter, found[begin : begin + _BATCH])

    def _sampled(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """What of the sample is about these bodies, or about firms by them."""
        codes = {body.code for body in self.bodies}
        others = {body.code for body in bodies()} - codes
        for one in _sample(self.today):
            code = one.subject.get("unified_code", "")
            if code in codes or (one.reporter in codes and code and code not in others):
                entry = self.pack.types.get(one.type)
                sent = dict(one.as_json())
                if entry is not None:
                    sent["fields"] = _as_worded(entry, one.fields, self.today)
                yield one.reporter, sent

    def _own_types(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """An example of each type the sample does not know, about every third body, last year."""
        known = {one.type for one in _sample(self.today)}
        day = date(self.today.year - 1, 9, 15)
        for entry in self.pack.types.values():
            if entry.code in known:
                continue
            for body in self.bodies[:: 3]:
                if body.kind in entry.about:
                    yield body.code, _example(entry, body, day)

    def _submit(self, reporter: str, sent: list[dict[str, Any]]) -> None:
        caller = Caller(
            client_id=f"client-{reporter}",
            agency_code=reporter,
            agency_name="示例单位",
            jurisdiction=self.jurisdiction,
            region=_regions(self.pack)[self.bodies[0].region],
            level="city",
            roles=frozenset({"clerk"}),
        )
        text = json.dumps(sent, ensure_ascii=False).encode()
        answer = intake.submit_batch(self.platform, caller, sent, text, None)
        assert isinstance(answer.body, BatchResult)
        for result in answer.body.results:
            self.outcomes[result.outcome] += 1
            # What is refused says why, for whoever changes the sample or a catalogue.
            self.outcomes.update(f"{one.pointer} {one.code}" for one in result.errors or ())

    def evaluate(self, year: int) -> None:
        """One yearly run of each scheme, worked to its end."""
        office = Caller(
            client_id="office",
            agency_code="OFFICE",
            agency_name="示例信用办",
            jurisdiction=self.jurisdiction,
            region=_regions(self.pack)[self.bodies[0].region],
            level="city",
            roles=frozenset({"credit_office"}),
        )
        for scheme in self.schemes:
            order = evaluations.Order(scheme.code, str(year), ())
            self.runs[scheme.code] = town.start(self.world, order, office)
            town.work_all(self.world)

    def public_results(self, run: str) -> list[Result]:
        """The results of a run that are public: who did poorly is told first (R-60)."""
        return [
            one
            for one in evaluations.results_of(self.platform, run)
            if not evaluations.is_held(self.platform, run, one.body.subject_id)
        ]

    def publish(self) -> None:
        """Let the projection decide, and number what it decided."""
        progress = Progress()
        for body in self.bodies:
            disclosure.work(self.platform, _change("subject", f"SUBJECT#b_{body.code}"), progress)
            for record in files.records_about(self.platform, f"b_{body.code}"):
                disclosure.work(
                    self.platform, _change("record", f"RECORD#{record.record_id}"), progress
                )
        for run in self.runs.values():
            disclosure.work(self.platform, _change("evaluation_run", f"RUN#{run}"), progress)
        self.world.drain(
            self.platform.disclosure_queue,
            lambda message: disclosure.work(self.platform, message, progress),
            100_000,
        )
        progress.note(self.platform)
        self.world.drain(
            self.platform.sequencer_queue,
            lambda message: work_jobs(self.platform, sqs_event(message)),
            10_000,
        )


@cache
def _sample(today: date) -> list[SampleRecord]:
    return sample_records(today)


def _change(entity: str, key: str) -> dict[str, Any]:
    return {"table": "records", "key": key, "version": 1, "entity": entity}


def _as_worded(
    entry: RecordType, fields: Mapping[str, str | int | bool], day: date
) -> dict[str, str | int | bool]:
    """The fields as this pack's catalogue words them: what it does not ask for is left out, a
    choice it does not have is that of its example."""
    examples = example_fields(entry, day)
    found: dict[str, str | int | bool] = {}
    for code, value in fields.items():
        known = entry.field(code)
        if known is None:
            continue
        choices = {choice.code for choice in known.values}
        fits = known.kind != "enum" or set(str(value).split(",")) <= choices
        found[code] = value if fits else examples[code]
    return found


def _example(entry: RecordType, body: Body, day: date) -> dict[str, Any]:
    sent: dict[str, Any] = {
        "type": entry.code,
        "subject": {"unified_code": body.code, "name": body.name},
        "fields": dict(example_fields(entry, day)),
    }
    delivered = (day + timedelta(days=3)).isoformat()
    notices = {
        "decision_delivered_on": delivered,
        "repair_delivered_on": delivered,
        "proof": "送达回证示例第1号",
    }
    return {**sent, "notices": notices} if entry.notice_required else sent


def _regions(pack: Pack) -> dict[str, str]:
    """Region of the sample -> region of the pack."""
    found = sorted({body.region for body in bodies()})
    if set(found) <= set(pack.regions):
        return {code: code for code in found}
    tops = [one.code for one in pack.regions.values() if one.parent not in pack.regions]
    below = [one.code for one in pack.regions.values() if one.parent == tops[0]] or tops[:1]
    return {found[0]: tops[0], **dict(zip(found[1:], cycle(below), strict=False))}


def city_of(platform: Platform, jurisdiction: str, most: int) -> City:
    """The first `most` bodies of the sample under a pack, reported on, evaluated, published."""
    clock = StandingClock(platform.clock())
    world = World(Platform(platform.settings, clock, platform.ids), clock, CountedIds())
    city = City(world, jurisdiction, bodies()[:most])
    city.settle()
    city.report()
    # The sample ends today: the last full year is last year.
    city.evaluate(city.today.year - 1)
    city.publish()
    return city


@contextmanager
def shown(jurisdiction: str, most: int) -> Iterator[tuple[City, Server]]:
    """The site of the city under one pack."""
    with ExitStack() as stack:
        made: list[City] = []
        server = stack.enter_context(
            serving(lambda platform: made.append(city_of(platform, jurisdiction, most)))
        )
        yield made[0], server


def main(arguments: Sequence[str] | None = None) -> None:
    """The whole sample under each pack, with timings and a picture of one explanation each."""
    parser = argparse.ArgumentParser(prog="python -m tests.five_cities")
    parser.add_argument("folder")
    parser.add_argument("--bodies", type=int, default=len(bodies()))
    parser.add_argument("--only", default="")
    options = parser.parse_args(arguments)
    os.makedirs(options.folder, exist_ok=True)
    os.environ[SCREENSHOTS] = options.folder
    for jurisdiction in options.only.split(",") if options.only else JURISDICTIONS:
        started = monotonic()
        with shown(jurisdiction, options.bodies) as (city, server):
            seconds = monotonic() - started
            told = ", ".join(f"{name} {count}" for name, count in sorted(city.outcomes.items()))
            told = f"{len(city.bodies)} bodies, {told}; {seconds:.0f} s"
            sys.stdout.write(f"{jurisdiction}: {told}\n")
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path="/usr/bin/chromium", args=["--no-sandbox"]
                )
                with watched(browser, server.base_url) as page:
                    for scheme, run in city.runs.items():
                        found = city.public_results(run)
                        worst = min(found, key=lambda one: one.total)
                        sys.stdout.write(
                            f"  {scheme} {run}: {len(found)} public results, lowest {worst.total}"
                            f" ({worst.body.name}, {worst.grade_title})\n"
                        )
                        code = worst.body.unified_code
                        opened = page.open(f"/site/evaluations/{run}/{code}")
                        screenshot(opened, f"{jurisdiction}-{scheme}")
                browser.close()

