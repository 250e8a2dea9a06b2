"""No path from any public answer to what is not public: every public route is walked over a world
full of secrets, and each record in each answer is held against the decision, field by field."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.creditfile.model import Record
from chalicelib.disclosure.documents import Opened, facts_of
from chalicelib.publicity.model import Decision
from chalicelib.publicity.rules import decide
from tests.disclosure.builders import (
    BODY,
    CITIZEN,
    PERSON_NAME,
    PUBLIC_ROUTES,
    about_person,
    breach,
    change,
    deliver,
    get,
    next_version,
    number,
    pack,
    record,
    run_change,
    run_evaluation,
    store_body,
    store_person,
    store_record,
    subject_change,
    work,
)
from tests.support.world import World

PHONE, ACCOUNT = "13800138000", "6222021234567890123"
HOME, HEAD, NOTE, INSIDE = "示例路1号", "张三丰", "只供科室查阅", "内部处分事实"
SECRETS = (CITIZEN, PERSON_NAME, PHONE, ACCOUNT, HOME, HEAD, NOTE, INSIDE)
LEAKY = {
    "document_number": f"示罚〔2026〕9号，联系电话{PHONE}",
    "facts": f"当事人{CITIZEN}，退款账号{ACCOUNT}",
    "remark": NOTE,
}
SEALED = {"head": HEAD, "home": HOME}
"""What the builders seal in a record about a person."""


def records_of(world: World) -> list[Record]:
    """Public ones, ones with secrets in public text, and four kinds of internal ones."""
    person = store_person(world)
    inside = {"type": "discipline", "category": "discipline", "fields": {"facts": INSIDE}}
    minor = {"severity": "minor", "fields": {"document_number": INSIDE}}
    return [
        record(world, "r_open", fields=LEAKY, occurred_on="2025-09-01", reporter=BODY),
        breach(world, "r_breach", fields=LEAKY),
        about_person(world, person, "r_honour"),
        record(world, "r_discipline", **inside),
        record(world, "r_minor", occurred_on="2025-10-01", reporter=BODY, **minor),
        about_person(world, person, "r_person", type="penalty", category="penalty"),
        about_person(world, person, "r_official", **inside),
    ]


def decision_of(one: Record) -> Decision:
    """What may be shown of a record, asked directly."""
    opened = None
    if one.sealed:
        opened = Opened(PERSON_NAME, {**one.fields, **SEALED})
    elif not one.subject_code:
        opened = Opened(PERSON_NAME, one.fields)
    facts = facts_of(one, pack(), settled=True, opened=opened)
    assert facts is not None
    return decide(facts)


@pytest.fixture
def records(world: World) -> list[Record]:
    """All of it stored, projected and evaluated; one public record corrected, one withdrawn."""
    made = records_of(world)
    for one in made:
        deliver(world, change(store_record(world, one)))
    deliver(world, subject_change(store_body(world)))
    run = run_evaluation(world)
    work(world, run_change(run))
    gone = store_record(world, record(world, "r_gone", fields=LEAKY))
    deliver(world, change(gone))
    number(world)
    deliver(world, change(next_version(world, gone, status="withdrawn")))
    return made


def addresses(world: World, records: list[Record]) -> Iterator[tuple[str, dict[str, str]]]:
    """Every public GET route with every id there is and every kind of question."""
    runs = [item["run"] for item in get(world, "/public/v1/evaluations")["body"]["items"]]
    assert runs
    ids = [one.record_id for one in records] + ["r_gone"]
    codes = [BODY, CITIZEN, *(one.subject_id for one in records)]
    values = {"record_id": ids, "code": codes, "run": runs, "case_id": ["c_1"]}
    values["chart"] = ["radar", "waterfall", "trend"]
    values |= {"system": ["sample_trust_index"], "period": ["2025"]}
    questions: dict[str, list[dict[str, str]]] = {
        "/public/v1/records": [
            {},
            {"facets": "true"},
            {"subject": BODY},
            {"category": "discipline"},
            {"severity": "minor"},
            *({"q": secret} for secret in (*SECRETS, "ouyangming", "zhangsanfeng")),
            {"name": PERSON_NAME},
        ],
        "/public/v1/catalog": [{"jurisdiction": "testland"}],
    }
    for group in PUBLIC_ROUTES:
        for spec in group.specs:
            for path in _filled(spec.path, values):
                for query in questions.get(spec.path, [{}]):
                    yield path, query


def _filled(path: str, values: Mapping[str, list[str]]) -> Iterator[str]:
    name = path.partition("{")[2].partition("}")[0]
    if not name:
        yield path
        return
    for value in values[name]:
        yield from _filled(path.replace("{" + name + "}", value), values)


def shown_records(value: Any) -> Iterator[dict[str, Any]]:
    """Every record anywhere in an answer."""
    if isinstance(value, dict):
        if "occurred_on" in value and "subject" in value:
            yield value
        for inner in value.values():
            yield from shown_records(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from shown_records(inner)


@pytest.mark.requirement("R-21")
@pytest.mark.requirement("R-26")
def test_no_public_answer_shows_more_than_the_decision(world: World, records: list[Record]) -> None:
    decisions = {one.record_id: decision_of(one) for one in records}
    public = {name for name, decision in decisions.items() if decision.public}
    assert public == {"r_open", "r_breach", "r_honour"}
    met: set[str] = set()
    walked: set[str] = set()
    for path, query in addresses(world, records):
        answer = get(world, path, query)
        walked.add(path)
        assert answer["status"] in (200, 404, 410, 503), (path, query, answer["body"])
        text = json.dumps(answer["body"], ensure_ascii=False)
        for secret in SECRETS:
            assert secret not in text, (path, query)
        for shown in shown_records(answer["body"]):
            decision = decisions[shown["id"]]
            met.add(shown["id"])
            assert decision.public
            fields = {field["code"]: field["value"] for field in shown["fields"]}
            assert fields == dict(decision.fields)
            assert shown["subject"]["name"] == decision.subject_name
            assert shown["subject"]["code"] == decision.subject_code
            assert shown["statement"] is None
    assert met == public
    assert len(walked) > 20


@pytest.mark.requirement("R-21")
def test_an_internal_id_answers_like_an_unknown_one(world: World, records: list[Record]) -> None:
    unknown = get(world, "/public/v1/records/r_unknown")
    for name in ("r_discipline", "r_minor", "r_person", "r_official"):
        answer = get(world, f"/public/v1/records/{name}")
        assert (answer["status"], answer["body"]) == (404, unknown["body"])


@pytest.mark.requirement("R-21")
def test_a_withdrawn_id_leaves_a_tombstone_without_content(
    world: World, records: list[Record]
) -> None:
    answer = get(world, "/public/v1/records/r_gone")
    assert answer["status"] == 410
    stone = answer["body"]["tombstone"]
    assert set(stone) == {"id", "seq", "withdrawn_at", "reason"}
    assert (stone["id"], stone["reason"]) == ("r_gone", "withdrawn")
    (entry,) = [
        item
        for item in get(world, "/public/v1/changes", {"after": "0"})["body"]["items"]
        if item["id"] == "r_gone" and item["kind"] == "publish"
    ]
    assert (entry["document"], entry["salt"]) == (None, None)
    assert replace(records[0], record_id="r_gone").record_id == stone["id"]
