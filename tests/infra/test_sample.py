"""The sample: enough of everything, made up throughout, acceptable, and the same every time."""

from __future__ import annotations

import csv
import hashlib
import io
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache

import pytest

from chalicelib.access.model import Founding
from chalicelib.creditfile.registration import Registration, examine_registration
from chalicelib.evaluation.model import BodyFacts, FactRow
from chalicelib.evaluation.rules import plan_of, score_body
from chalicelib.evaluation.rules_periods import period_of
from chalicelib.intake.model import Examined, Reporter
from chalicelib.intake.rules import examine
from chalicelib.intake.splitting import CsvShape, header_of, lines_of, rows_of
from chalicelib.kernel.codes import citizen_code_fault, unified_code_fault
from chalicelib.policy.base import GOVERNMENT_BODIES, OFFICIALS
from chalicelib.policy.fields import column_map
from chalicelib.policy.model import Pack
from chalicelib.policy.service import pack_for
from infra.building.lock import ROOT
from infra.local.demo import DEMOS
from infra.local.sample import city
from infra.local.sample.founding import agencies, client_names, clients
from infra.local.sample.frame import DAYS, SampleRecord
from infra.local.sample.records import RECORDS, launch_record, sample_bytes, sample_records
from infra.local.sample.rows import COLUMNS, rows
from infra.local.sample.rows import TYPE as ROWS_TYPE
from infra.local.sample.tables import csv_bytes, penalties_csv, subjects_csv

TODAY = date(2026, 11, 22)
# A day after a long holiday, the first of a year, a leap day, a Sunday in a year not yet announced.
DAYS_OF_LOADING = [date(2026, 10, 8), date(2026, 1, 1), date(2028, 2, 29), TODAY]
LEVELS = {"city", "county", "township"}
KINDS_BESIDES = {"enterprise", "sole_trader"}


@pytest.fixture(scope="module")
def records() -> list[SampleRecord]:
    return sample_on(TODAY)


@cache
def sample_on(today: date) -> list[SampleRecord]:
    return sample_records(today)


def pack_on(day: date) -> Pack:
    return pack_for(city.JURISDICTION, day)


def examined(record: SampleRecord, pack: Pack, today: date) -> Examined:
    body = city.bodies_by_code()[record.reporter]
    reporter = Reporter(body.code, city.JURISDICTION, body.region, frozenset({"clerk"}), "c")
    found = examine(pack, reporter, record.as_json(), today)
    assert isinstance(found, Examined), (record, found)
    return found


@pytest.mark.requirement("R-01")
def test_the_city_has_bodies_on_three_levels_and_300_officials() -> None:
    bodies = city.bodies()
    assert len(bodies) >= 60
    assert {body.level for body in bodies} == LEVELS
    assert {body.kind for body in bodies} == GOVERNMENT_BODIES
    assert len(city.officials()) == 300
    assert {person.kind for person in city.officials()} == OFFICIALS
    assert {firm.kind for firm in city.firms()} == KINDS_BESIDES
    assert len(city.residents()) >= 20
    assert len(city.reporters()) >= 12


def test_every_body_but_one_has_a_superior_that_comes_before_it() -> None:
    seen: set[str] = set()
    tops = 0
    for body in city.bodies():
        tops += not body.superior
        assert not body.superior or body.superior in seen
        seen.add(body.code)
    assert tops == 1
    assert all(person.employer in seen for person in city.officials())


def test_codes_are_valid_unique_and_of_the_made_up_area() -> None:
    regions = {city.CITY, *(region for region, _ in city.COUNTIES)}
    assert regions <= {code for code, region in pack_on(TODAY).regions.items() if region.made_up}
    unified = [who.code for who in (*city.bodies(), *city.firms())]
    people = [who.citizen_code for who in (*city.officials(), *city.residents())]
    assert [code for code in unified if unified_code_fault(code)] == []
    assert [code for code in people if citizen_code_fault(code, TODAY)] == []
    assert {code[2:8] for code in unified} | {code[:6] for code in people} <= regions
    assert len({*unified, *people}) == len(unified) + len(people)


def test_names_say_of_themselves_that_they_are_made_up() -> None:
    named = (*city.bodies(), *city.firms(), *city.officials(), *city.residents())
    assert all(who.name.startswith("示例") for who in named)
    assert len({who.name for who in named}) == len(named)


def test_the_demo_identities_are_bodies_of_the_city() -> None:
    for demo in DEMOS:
        body = city.bodies_by_code()[demo.code]
        assert (body.name, body.level) == (demo.agency, demo.level)


def test_the_same_day_gives_the_same_bytes_in_another_process() -> None:
    here = hashlib.sha256(sample_bytes(TODAY)).hexdigest()
    program = (
        "import hashlib; from datetime import date; "
        "from infra.local.sample.records import sample_bytes; "
        f"print(hashlib.sha256(sample_bytes(date({TODAY.year}, {TODAY.month}, {TODAY.day})))"
        ".hexdigest())"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == here
    assert hashlib.sha256(sample_bytes(TODAY + timedelta(days=1))).hexdigest() != here


@pytest.mark.parametrize("today", DAYS_OF_LOADING, ids=str)
def test_every_record_is_acceptable_within_two_years_and_a_fact_of_its_own(today: date) -> None:
    pack = pack_on(today)
    facts: set[tuple[object, ...]] = set()
    for record in sample_on(today):
        found = examined(record, pack, today)
        age = today - date.fromisoformat(found.occurred_on)
        assert timedelta(0) <= age < timedelta(days=DAYS)
        key = [found.fields.get(code) for code in found.record_type.natural_key]
        facts.add((record.type, tuple(record.subject.items()), record.reporter, *key))
    assert len(facts) == RECORDS == 5_000


def test_the_types_a_first_look_needs_occur(records: list[SampleRecord]) -> None:
    counts = Counter(record.type for record in records)
    assert len(counts) == 15
    assert set(counts) <= set(pack_on(TODAY).types)
    assert min(counts.values()) >= 10


def test_subjects_are_known_and_of_a_kind_their_type_is_about(records: list[SampleRecord]) -> None:
    kinds: dict[str, str] = {who.code: who.kind for who in (*city.bodies(), *city.firms())}
    kinds |= {who.citizen_code: who.kind for who in (*city.officials(), *city.residents())}
    types = pack_on(TODAY).types
    for record in records:
        code = record.subject.get("unified_code") or record.subject["citizen_code"]
        assert kinds[code] in types[record.type].about
    clients = {body.code for body in city.reporters()}
    assert {record.reporter for record in records} <= clients
    assert len({record.reporter for record in records}) >= 12


def test_notices_are_delivered_in_full_in_part_and_not_at_all(records: list[SampleRecord]) -> None:
    types = pack_on(TODAY).types
    told = Counter(
        (bool(record.notices), "repair_delivered_on" in record.notices)
        for record in records
        if types[record.type].notice_required
    )
    assert set(told) == {(True, True), (True, False), (False, False)}
    assert told[True, True] > told.total() / 2


def test_double_publicity_is_mostly_on_time(records: list[SampleRecord]) -> None:
    pack = pack_on(TODAY)
    found = [
        examined(record, pack, TODAY) for record in records if pack.types[record.type].time_limit
    ]
    on_time = sum(TODAY.isoformat() <= one.due_on for one in found)
    assert len(found) > 2_000
    assert 0.6 < on_time / len(found) < 0.95


@pytest.mark.parametrize("today", DAYS_OF_LOADING, ids=str)
def test_last_year_gives_every_grade(today: date) -> None:
    pack = pack_on(today)
    about: dict[str, list[FactRow]] = {}
    reported: dict[str, list[FactRow]] = {}
    for number, record in enumerate(sample_on(today)):
        row = _fact(number, examined(record, pack, today), today)
        about.setdefault(record.subject.get("unified_code", ""), []).append(row)
        reported.setdefault(record.reporter, []).append(row)
    grades = _grades(pack, about, reported, today.year - 1)
    assert set(grades) == {"A", "B", "C", "D"}
    assert min(grades.values()) >= 4


def _fact(number: int, found: Examined, today: date) -> FactRow:
    return FactRow(
        record_id=str(number),
        version=1,
        type=found.record_type.code,
        occurred_on=date.fromisoformat(found.occurred_on),
        severity=found.record_type.severity_of(
            found.fields, date.fromisoformat(str(found.fields[found.record_type.date_field]))
        ),
        on_time=today.isoformat() <= found.due_on if found.due_on else None,
        values=found.fields,
    )


def _grades(
    pack: Pack,
    about: Mapping[str, list[FactRow]],
    reported: Mapping[str, list[FactRow]],
    year: int,
) -> Counter[str]:
    plan = plan_of(pack.schemes["annual_integrity"])
    return Counter(
        score_body(
            plan,
            BodyFacts(
                body.code,
                reported_by=tuple(reported.get(body.code, ())),
                about=tuple(about.get(body.code, ())),
            ),
            period_of("year", str(year)),
        ).grade.code
        for body in city.bodies()
    )


def test_nothing_is_said_that_may_not_be_collected() -> None:
    text = sample_bytes(TODAY).decode()
    words = {name for entry in pack_on(TODAY).forbidden.values() for name in entry.names}
    assert len(words) > 10
    assert [word for word in sorted(words | {"身份证"}) if word in text] == []


def test_the_first_record_has_the_same_key_on_every_day() -> None:
    first, later = launch_record(TODAY), launch_record(TODAY + timedelta(days=40))
    natural_key = pack_on(TODAY).types[first.type].natural_key
    assert [first.fields[code] for code in natural_key] == [
        later.fields[code] for code in natural_key
    ]
    assert first.fields != later.fields
    assert sample_on(TODAY)[0] == first


def submissions(content: bytes, record_type: str) -> list[dict[str, object]]:
    """The records a file's rows come to, read as intake reads them."""
    header, *body = rows_of(lines_of([content]), "csv")
    columns, faults = column_map(pack_on(TODAY).types[record_type], header_of(header))
    assert faults == []
    shape = CsvShape(tuple(columns), record_type)
    found = []
    for row in body:
        read = shape.read(row)
        assert isinstance(read, tuple), read
        found.append(dict(read[1]))
    return found


def test_a_penalty_in_the_file_is_the_same_record(records: list[SampleRecord]) -> None:
    pack = pack_on(TODAY)
    penalties = [record for record in records if record.type == "administrative_penalty"]
    sent = submissions(penalties_csv(penalties), "administrative_penalty")
    assert len(sent) == len(penalties)
    for record, submission in zip(penalties, sent, strict=True):
        agency = city.bodies_by_code()[record.reporter]
        reporter = Reporter(agency.code, city.JURISDICTION, agency.region, frozenset(), "c")
        assert examine(pack, reporter, submission, TODAY) == examined(record, pack, TODAY)


def test_rows_to_try_come_to_what_was_told() -> None:
    expected: Counter[str] = Counter()
    table = list(rows(10_000, "A", TODAY, expected))
    sent = submissions(csv_bytes(COLUMNS, ([row[c] for c in COLUMNS] for row in table)), ROWS_TYPE)
    agency = city.body_named(DEMOS[2].agency)
    reporter = Reporter(agency.code, city.JURISDICTION, agency.region, frozenset(), "c")
    pack = pack_on(TODAY)
    seen: dict[object, object] = {}
    found: Counter[str] = Counter()
    rules: set[str] = set()
    for one in sent:
        judged = examine(pack, reporter, one, TODAY)
        if not isinstance(judged, Examined):
            found["rejected"] += 1
            rules |= {fault.code for fault in judged}
            continue
        number = judged.fields["decision_number"]
        found["duplicate" if seen.get(number) == judged else "accepted"] += 1
        seen[number] = judged
    assert found == expected == {"accepted": 9_950, "duplicate": 25, "rejected": 25}
    assert len(rules) >= 5


def test_rows_need_only_the_standard_library() -> None:
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); "
        "import infra.local.sample.rows; "
        "print([name for name in sys.modules if name in ('boto3', 'pydantic', 'yaml')])"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_subject_is_fit_for_the_register() -> None:
    reader = csv.DictReader(io.StringIO(subjects_csv().decode("utf-8-sig")))
    registered = [examine_registration(pack_on(TODAY), row, TODAY) for row in reader]
    assert [found for found in registered if not isinstance(found, Registration)] == []
    assert len(registered) == len(city.bodies()) + len(city.officials()) + 60


def test_setup_is_told_of_every_agency_that_reports_with_its_own_client() -> None:
    ids = {name: f"id-{name}" for name in client_names()}
    roles = {demo.code: demo.role for demo in DEMOS}
    founding = Founding.model_validate(
        {"agencies": list(agencies(roles)), "clients": list(clients(ids))}
    )
    given = {agency.agency_code: set(agency.roles) for agency in founding.agencies}
    assert all(demo.role in given[demo.code] for demo in DEMOS)
    assert all(set(client.roles) <= given[str(client.agency_code)] for client in founding.clients)
    with_client = {client.agency_code for client in founding.clients}
    assert {body.code for body in city.reporters()} - with_client == {DEMOS[2].code}
