"""The public API as its readers meet it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel

from chalicelib.replica import examples, model, queries_bodies
from chalicelib.web import answer as answers
from tests.disclosure.builders import (
    AGENCY,
    BODY,
    FIRM,
    PUBLIC_ROUTES,
    about_person,
    breach,
    change,
    deliver,
    get,
    next_version,
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


def show(world: World, *records: Any) -> None:
    """Store records and project them."""
    for one in records:
        deliver(world, change(store_record(world, one)))


def ids(answer: Mapping[str, Any]) -> list[str]:
    """The ids on a page."""
    return [item["id"] for item in answer["body"]["items"]]


def all_pages(world: World, path: str, query: Mapping[str, str]) -> list[list[Any]]:
    """Every page of a list, following its tokens."""
    pages: list[list[Any]] = []
    wanted = dict(query)
    while True:
        body = get(world, path, wanted)["body"]
        pages.append(body["items"])
        if body["next_page_token"] is None:
            return pages
        wanted["page_token"] = body["next_page_token"]
        assert len(pages) < 100


# The penalty is decided on 2026-06-01, general: its last day is 2027-06-01 in Shanghai.
LAST_SECOND = datetime(2027, 6, 1, 15, 59, 59, tzinfo=UTC)
MIDNIGHT = datetime(2027, 6, 1, 16, 0, tzinfo=UTC)


@pytest.mark.requirement("R-21")
@pytest.mark.parametrize(
    ("path", "over"), [("/public/v1/records/r_1", 410), (f"/public/v1/subjects/{FIRM}", 404)]
)
def test_a_term_ends_at_24_hours_in_shanghai_without_anyone_acting(
    world: World, path: str, over: int
) -> None:
    show(world, record(world, subject_id=f"b_{FIRM}", subject_code=FIRM, subject_kind="enterprise"))

    world.clock.now = LAST_SECOND
    assert get(world, path)["status"] == 200
    assert ids(get(world, "/public/v1/records")) == ["r_1"]

    world.clock.now = MIDNIGHT
    assert get(world, path)["status"] == over
    assert ids(get(world, "/public/v1/records")) == []


@pytest.mark.requirement("R-21")
@pytest.mark.parametrize(
    "path", ["/public/v1/records/r_1", "/public/v1/records", f"/public/v1/subjects/{BODY}"]
)
@pytest.mark.parametrize(
    ("before_end", "expected"),
    [(3600.0, "public, max-age=30"), (12.5, "public, max-age=12"), (0.4, "no-store")],
)
def test_no_cache_outlives_a_term(
    world: World, path: str, before_end: float, expected: str
) -> None:
    show(world, record(world))
    world.clock.now = MIDNIGHT
    world.clock.advance(seconds=-before_end)

    answer = get(world, path)

    assert answer["headers"]["Cache-Control"] == expected
    known = get(world, path, etag=answer["headers"]["ETag"])
    assert (known["status"], known["headers"]["Cache-Control"]) == (304, expected)


@pytest.mark.requirement("R-21")
def test_a_page_is_never_larger_than_an_answer_may_be(world: World) -> None:
    """5.4 MB of documents, of which many are asked for at once."""
    text = {"document_number": "示" * 50_000}  # shown as value and as text: 300 kB
    days = [f"2026-{month:02d}-01" for month in (4, 5, 6) for _ in range(6)]
    names = [f"r_{number:02d}" for number in range(len(days))]
    for name, day in zip(names, days, strict=True):
        show(world, record(world, name, occurred_on=day, fields=text))

    first = get(world, "/public/v1/records", {"limit": "500"})
    assert len(json.dumps(first, ensure_ascii=False).encode()) < 5_000_000

    pages = all_pages(world, "/public/v1/records", {"limit": "500"})
    assert [len(page) for page in pages] == [13, 5]
    assert [item["id"] for page in pages for item in page] == sorted(names, reverse=True)


@pytest.mark.requirement("R-21")
@pytest.mark.parametrize("budget", [1, 1500, 3000, 10_000])
@pytest.mark.parametrize("path", ["/public/v1/records", f"/public/v1/records?subject={BODY}"])
def test_small_pages_lose_and_repeat_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, budget: int, path: str
) -> None:
    monkeypatch.setattr(answers, "PAGE_BYTES", budget)
    names = [f"r_{number}" for number in range(6)]
    show(world, *(record(world, name, occurred_on=f"2026-0{1 + int(name[2]) // 2}-01")
                  for name in names))  # fmt: skip

    address, _, query = path.partition("?")
    wanted = dict([query.split("=")] if query else [])
    pages = all_pages(world, address, {**wanted, "limit": "500"})

    assert [item["id"] for page in pages for item in page] == names[::-1]


@pytest.mark.requirement("R-21")
def test_the_first_term_to_end_bounds_a_list(world: World) -> None:
    show(world, record(world), record(world, "r_2", occurred_on="2026-06-10"))
    world.clock.now = MIDNIGHT
    world.clock.advance(seconds=-7)

    assert get(world, "/public/v1/records")["headers"]["Cache-Control"] == "public, max-age=7"


@pytest.mark.requirement("R-21")
def test_counts_are_not_kept_past_the_end_of_what_they_count(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries_bodies, "NEWEST", 1)
    show(world, record(world), record(world, "r_2", occurred_on="2026-06-10"))
    world.clock.now = MIDNIGHT
    world.clock.advance(seconds=-7)

    newest = get(world, "/public/v1/records", {"limit": "1"})
    assert (ids(newest), newest["headers"]["Cache-Control"]) == (["r_2"], "public, max-age=30")
    for path, query in (
        ("/public/v1/records", {"limit": "1", "facets": "true"}),
        (f"/public/v1/subjects/{BODY}", {}),
    ):
        answer = get(world, path, query)
        assert answer["headers"]["Cache-Control"] == "public, max-age=7", path


@pytest.mark.requirement("R-21")
def test_records_are_found_by_what_they_are(world: World) -> None:
    person = store_person(world)
    show(
        world,
        record(world, "r_1"),
        record(world, "r_2", occurred_on="2026-05-20", severity="serious"),
        breach(world, "r_3", occurred_on="2026-04-20"),
        record(world, "r_4", reporter=BODY, region="320500", subject_code=FIRM),
        about_person(world, person, "r_5", occurred_on="2025-12-31"),
        record(world, "r_6", type="discipline", category="discipline"),
    )
    cases: list[tuple[dict[str, str], list[str]]] = [
        ({}, ["r_4", "r_1", "r_2", "r_3", "r_5"]),
        ({"subject": BODY}, ["r_1", "r_2", "r_3"]),
        ({"subject": BODY, "severity": "serious"}, ["r_2"]),
        ({"type": "breach"}, ["r_3"]),
        ({"category": "honour"}, ["r_5"]),
        ({"severity": "serious"}, ["r_2"]),
        ({"reporter": BODY}, ["r_4"]),
        ({"region": "320500"}, ["r_4"]),
        ({"region": "320000"}, ["r_4", "r_1", "r_2", "r_3", "r_5"]),
        ({"from": "2026-05-20"}, ["r_4", "r_1", "r_2"]),
        ({"to": "2026-05-20"}, ["r_2", "r_3", "r_5"]),
        ({"from": "2026-04-20", "to": "2026-05-20"}, ["r_2", "r_3"]),
        ({"from": "2026-05-20", "subject": BODY}, ["r_1", "r_2"]),
        ({"type": "discipline"}, []),
        ({"subject": AGENCY}, []),
    ]
    for query, expected in cases:
        assert ids(get(world, "/public/v1/records", query)) == expected, query


@pytest.mark.requirement("R-21")
@pytest.mark.parametrize("query", [{}, {"severity": "general"}, {"subject": BODY}])
@pytest.mark.parametrize("limit", ["1", "3", "7"])
def test_pages_hold_every_record_once_newest_first(
    world: World, query: dict[str, str], limit: str
) -> None:
    days = ["2026-06-01", "2026-06-01", "2026-05-31", "2026-05-02", "2025-12-01", "2025-11-30"]
    show(
        world,
        *(record(world, f"r_{n}", occurred_on=day) for n, day in enumerate(days)),
        record(world, "r_other", severity="serious", subject_code=FIRM, occurred_on="2026-05-15"),
    )

    pages = all_pages(world, "/public/v1/records", {**query, "limit": limit})

    found = [item["id"] for page in pages for item in page]
    wanted = ["r_1", "r_0", "r_2", "r_other", "r_3", "r_4", "r_5"]
    assert found == [one for one in wanted if not query or one != "r_other"]
    assert all(len(page) <= int(limit) for page in pages)


@pytest.mark.parametrize(
    "query",
    [
        {"page_token": "AAAA"},
        {"from": "2026-02-02", "to": "2026-02-01"},
        {"from": "yesterday"},
        {"severity": "harsh"},
        {"subject": "1"},
        {"region": "32"},
        {"limit": "501"},
        {"unknown": "1"},
    ],
)
def test_what_cannot_be_asked_is_refused_in_chinese(world: World, query: dict[str, str]) -> None:
    answer = get(world, "/public/v1/records", query)

    assert answer["status"] in (400, 422)
    assert any("\u4e00" <= sign <= "\u9fff" for sign in answer["body"]["detail"])


def test_a_token_of_another_query_is_refused(world: World) -> None:
    show(world, record(world, "r_1"), record(world, "r_2"))
    token = get(world, "/public/v1/records", {"limit": "1"})["body"]["next_page_token"]

    other = get(world, "/public/v1/records", {"limit": "1", "type": "x", "page_token": token})

    assert other["status"] == 400


@pytest.mark.requirement("R-21")
def test_a_body_page_keeps_dishonesty_and_honours_apart(world: World) -> None:
    deliver(world, subject_change(store_body(world)))
    show(
        world,
        record(world, "r_1"),
        breach(world, "r_2"),
        record(world, "r_3", type="honour", category="honour", severity=""),
        record(world, "r_4", type="discipline", category="discipline"),
    )

    answer = get(world, f"/public/v1/subjects/{BODY}")

    page = model.PublicBodyPage.model_validate(answer["body"])
    assert page.body.name == "示例市乙局"
    assert page.body.registered
    assert [(group.title, group.count) for group in page.categories] == [("行政处罚", 1)]
    assert [one.id for one in page.dishonesty.records] == ["r_2"]
    assert [one.id for one in page.honours.records] == ["r_3"]


@pytest.mark.requirement("R-21")
def test_a_firm_is_shown_only_while_a_record_about_it_is_public(world: World) -> None:
    firm = {"subject_code": FIRM, "subject_kind": "enterprise", "subject_name": "某公司"}
    path = f"/public/v1/subjects/{FIRM}"
    stored = store_record(world, record(world, **firm))
    assert get(world, path)["status"] == 404

    deliver(world, change(stored))
    body = get(world, path)["body"]
    assert body["body"]["name"] == "某公司"
    assert not body["body"]["registered"]

    deliver(world, change(next_version(world, stored, status="withdrawn")))
    assert get(world, path)["status"] == 404


@pytest.mark.requirement("R-21")
def test_bodies_are_listed_by_region_kind_and_level(world: World) -> None:
    wanted = [
        ("11320100000000011A", "320100", "government", "city"),
        ("11320102000000012B", "320102", "department", "county"),
        ("11320500000000013C", "320500", "department", "city"),
    ]
    for code, region, kind, level in wanted:
        details = {"level": level}
        body = store_body(world, code, "某单位", region=region, kind=kind, details=details)
        deliver(world, subject_change(body))

    def codes(**query: str) -> list[str]:
        pages = all_pages(world, "/public/v1/subjects", {**query, "limit": "1"})
        return [item["code"][-1] for page in pages for item in page]

    assert codes() == ["A", "B", "C"]
    assert codes(region="320100") == ["A", "B"]
    assert codes(region="320102") == ["B"]
    assert codes(kind="department") == ["B", "C"]
    assert codes(level="city", kind="department") == ["C"]


@pytest.mark.requirement("R-21")
def test_an_evaluation_is_public_with_ranks_and_reasons(world: World) -> None:
    show(world, record(world, "r_1", occurred_on="2025-09-01", reporter=BODY))
    store_record(
        world, record(world, "r_3", occurred_on="2025-08-01", reporter=BODY, severity="minor")
    )
    deliver(world, subject_change(store_body(world)))
    run = run_evaluation(world)
    path = f"/public/v1/evaluations/{run}"
    assert get(world, "/public/v1/evaluations")["body"]["items"] == []
    assert get(world, f"{path}/results")["status"] == 404

    work(world, run_change(run))

    (shown,) = get(world, "/public/v1/evaluations")["body"]["items"]
    assert (shown["run"], shown["bodies"]) == (run, 2)
    pages = all_pages(world, f"{path}/results", {"limit": "1"})
    results = [item for page in pages for item in page]
    assert [result["place"] for result in results] == [1, 2]
    why = get(world, f"{path}/results/{BODY}")["body"]
    assert why["result"] in results
    (leaf,) = why["indicators"]
    # The minor penalty counts, and is not named: it is not public.
    assert (leaf["record_count"], leaf["records"]) == (2, ["r_1"])
    page = get(world, f"/public/v1/subjects/{BODY}")["body"]
    assert page["evaluation"]["run"] == run
    falls = get(world, f"{path}/results/{BODY}/charts/waterfall/table")["body"]["rows"]
    assert Decimal(falls[-1][1]) == Decimal(why["result"]["score"])
    ranked = get(world, f"{path}/charts/ranking/table")["body"]["rows"]
    assert [row[1] for row in ranked] == [result["score"] for result in results]
    assert get(world, f"{path}/results/{FIRM}/charts/radar/table")["status"] == 404

    world.clock.now = datetime(2026, 9, 2, tzinfo=UTC)
    (leaf,) = get(world, f"{path}/results/{BODY}")["body"]["indicators"]
    assert leaf["records"] == []


def test_results_go_through_the_queue_in_slices(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chalicelib.disclosure import runs

    monkeypatch.setattr(runs, "SLICE_BODIES", 1)
    for number in range(3):
        store_body(world, f"1132010000000002{number}D")
    run = run_evaluation(world)

    work(world, run_change(run))
    assert get(world, f"/public/v1/evaluations/{run}/results")["status"] == 404
    queue = world.platform.disclosure_queue
    assert world.drain(queue, lambda message: work(world, message)) == 3

    answer = get(world, f"/public/v1/evaluations/{run}/results")
    assert len(answer["body"]["items"]) == 4


def test_the_catalog_is_public(world: World) -> None:
    answer = get(world, "/public/v1/catalog", {"jurisdiction": "testland"})

    assert answer["status"] == 200
    assert {kind["code"] for kind in answer["body"]["types"]} >= {"penalty", "discipline"}
    assert get(world, "/public/v1/catalog", {"jurisdiction": "nowhere"})["status"] == 404


SPECS = [spec for group in PUBLIC_ROUTES for spec in group.specs]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.path)
def test_every_example_is_a_valid_answer(spec: Any) -> None:
    for status, example in spec.examples.items():
        shape = spec.answers[status]
        assert isinstance(shape, type)
        assert issubclass(shape, BaseModel)
        shape.model_validate(example)


def test_every_route_is_public_and_reads_only() -> None:
    assert {(spec.method, spec.operation) for spec in SPECS} == {("GET", "public")}
    assert examples.RECORD["subject"]["code"]
