"""What the public API adds to documents: the feed, proofs, national names, figures, freshness."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest

from chalicelib.disclosure.projection import project_keys
from chalicelib.feed import publishing
from chalicelib.kernel.canonical import canonical_json
from chalicelib.replica import answering
from chalicelib.replica import changes as changes_module
from chalicelib.replica.answering import place_in
from chalicelib.replica.figures import percentage
from chalicelib.replica.model import ChangeList, Figures, Freshness
from chalicelib.replica.national import national_row
from chalicelib.replica.reading import Reading
from chalicelib.replica.service import CatchingUp
from chalicelib.tlog.checks import check_document, parse_shown
from chalicelib.tlog.entry import Entry
from chalicelib.web import answer as answers
from chalicelib.web import openapi
from chalicelib.web.edge import build
from tests.disclosure.builders import (
    BODY,
    PUBLIC_ROUTES,
    breach,
    change,
    deliver,
    get,
    next_version,
    number,
    record,
    store_body,
    store_record,
    subject_change,
)
from tests.replica.builders import record_document
from tests.support.world import World

CHANGES = "/public/v1/changes"


def publish(world: World, *records: Any) -> None:
    """Store, project and number records."""
    for one in records:
        deliver(world, change(store_record(world, one)))
    number(world)


@pytest.mark.requirement("R-21")
def test_the_feed_tells_every_change_and_shows_only_what_is_current(world: World) -> None:
    first = store_record(world, record(world, "r_1"))
    deliver(world, change(first))
    publish(world, record(world, "r_2"))
    deliver(world, change(next_version(world, first, fields={"document_number": "更正"})))
    number(world)
    second = next_version(world, record(world, "r_2"), status="withdrawn")
    deliver(world, change(second))

    answer = get(world, CHANGES, {"after": "0"})

    assert answer["headers"]["Cache-Control"] == "public, max-age=5"
    assert answer["headers"]["Retry-After"] == "5"
    assert answer["headers"]["As-Of-Seq"] == "4"
    found = ChangeList.model_validate(answer["body"])
    assert [(item.seq, item.kind, item.id) for item in found.items] == [
        (1, "publish", "r_1"),
        (2, "publish", "r_2"),
        (3, "amend", "r_1"),
        (4, "withdraw", "r_2"),
    ]
    assert found.head == 4
    assert [item.document is not None for item in found.items] == [False, False, True, False]
    assert [item.salt is not None for item in found.items] == [False, False, True, False]
    assert found.items[3].reason == "withdrawn"
    for item in found.items:
        entry = Entry(item.seq, item.kind, item.id, item.version, item.salted_sha256)
        assert entry.leaf().hex() == item.leaf
    amended = answer["body"]["items"][2]
    salted = bytes.fromhex(amended["salt"]) + canonical_json(amended["document"])
    assert hashlib.sha256(salted).hexdigest() == amended["salted_sha256"]


def test_the_feed_is_read_from_any_number_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(world, *(record(world, f"r_{n}") for n in range(5)))

    page = get(world, CHANGES, {"after": "1", "limit": "2"})
    assert [item["seq"] for item in page["body"]["items"]] == [2, 3]
    assert "Retry-After" not in page["headers"]
    assert get(world, CHANGES, {"after": "5"})["body"] == {"items": [], "head": 5}

    monkeypatch.setattr(answers, "PAGE_BYTES", 1)
    small = get(world, CHANGES, {"after": "0"})["body"]
    assert [item["seq"] for item in small["items"]] == [1]


def test_a_number_beyond_the_head_names_the_head(world: World) -> None:
    publish(world, record(world))
    answer = get(world, CHANGES, {"after": "2"})
    assert (answer["status"], answer["body"]["head"]) == (400, 1)
    assert answer["body"]["type"] == "/docs/errors/beyond_head"
    for wrong in ({"after": "-1"}, {"after": "x"}, {"limit": "501"}, {"since": "1"}):
        assert get(world, CHANGES, wrong)["status"] == 422


@pytest.mark.requirement("R-21")
def test_the_feed_stops_showing_at_the_end_of_a_term(world: World) -> None:
    publish(world, record(world))
    world.clock.now = world.clock.now.replace(2027, 6, 1, 15, 59, 58)
    soon = get(world, CHANGES)
    assert soon["headers"]["Cache-Control"] == "public, max-age=2"
    world.clock.advance(seconds=2)
    (entry,) = get(world, CHANGES)["body"]["items"]
    assert (entry["document"], entry["salt"]) == (None, None)


@pytest.mark.requirement("R-21")
def test_a_record_comes_with_what_proves_it(world: World) -> None:
    deliver(world, subject_change(store_body(world)))
    publish(world, record(world), breach(world))
    publishing.publish(world.platform)
    body = get(world, "/public/v1/records/r_1")["body"]
    log = body.pop("log")
    salted = bytes.fromhex(log["salt"]) + canonical_json(body)
    assert hashlib.sha256(salted).hexdigest() == log["salted_sha256"]

    for path in (log["proof"], f"/public/v1/subjects/{BODY}/proof"):
        answer = get(world, path)
        assert answer["status"] == 200, answer["body"]
        file = parse_shown(json.dumps(answer["body"], ensure_ascii=False).encode())
        check_document(file.document, file.salt, file.entry)
    assert file.entry.id == f"subject/{BODY}"

    listed = get(world, "/public/v1/records")["body"]["items"]
    assert {item["log"]["proof"] for item in listed} == {
        "/public/v1/records/r_1/proof",
        "/public/v1/records/r_b/proof",
    }
    page = get(world, f"/public/v1/subjects/{BODY}")["body"]
    assert page["log"]["proof"] == f"/public/v1/subjects/{BODY}/proof"


def test_what_is_known_already_is_not_sent_again(world: World) -> None:
    publish(world, record(world, "r_1"))
    for path in ("/public/v1/records/r_1", "/public/v1/records", "/public/v1/figures", CHANGES):
        first = get(world, path)
        again = get(world, path, etag=first["headers"]["ETag"])
        assert (again["status"], again["body"]) == (304, None), path
        assert again["headers"]["As-Of-Seq"] == "1"
    listed = get(world, "/public/v1/records")["headers"]["ETag"]
    publish(world, record(world, "r_2"))
    assert get(world, "/public/v1/records", etag=listed)["status"] == 200


@pytest.mark.requirement("R-21")
def test_facets_lists_and_figures(world: World) -> None:
    deliver(world, subject_change(store_body(world)))
    publish(
        world,
        record(world, "r_1"),
        breach(world, "r_2", severity="serious"),
        record(world, "r_3", type="honour", category="honour", severity=""),
    )
    page = get(world, "/public/v1/records", {"facets": "true", "limit": "1"})["body"]
    assert page["total"] == 3
    categories = {one["code"]: (one["title"], one["count"]) for one in page["facets"]["category"]}
    assert categories["penalty"] == ("行政处罚", 1)
    names = {path: [item["id"] for item in get(world, path)["body"]["items"]] for path in
             ("/public/v1/lists/commended", "/public/v1/lists/serious-dishonesty")}  # fmt: skip
    assert list(names.values()) == [["r_3"], ["r_2"]]
    figures = Figures.model_validate(get(world, "/public/v1/figures")["body"])
    assert (figures.records, figures.bodies) == (3, 1)
    assert [(one.severity, one.count) for one in figures.dishonesty_by_level] == [("serious", 1)]
    assert [(one.title, one.count) for one in figures.dishonesty_by_region] == [("示例市", 1)]
    assert [(one.year, one.records, one.dishonesty) for one in figures.by_year] == [("2026", 3, 1)]


def test_percentages_are_rounded_half_up() -> None:
    assert [percentage(*pair) for pair in ((2, 3), (1, 8), (0, 5), (5, 5), (1, 32))] == [
        "66.67",
        "12.50",
        "0.00",
        "100.00",
        "3.13",
    ]


def test_freshness_tells_how_far_answers_are(world: World) -> None:
    publish(world, record(world))
    found = Freshness.model_validate(get(world, "/public/v1/freshness")["body"])
    assert (found.head, found.as_of_seq, found.behind_seqs, found.last_snapshot) == (1, 1, 0, None)


def test_keys_and_freshness_are_told_while_a_worker_is_loading(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    project_keys(world.platform)
    publish(world, record(world))
    assert get(world, "/public/v1/records/r_1")["status"] == 200

    def loading(platform: object) -> Reading:
        raise CatchingUp

    monkeypatch.setattr(answering, "open_replica", loading)
    assert get(world, "/public/v1/records/r_1")["status"] == 503
    keys = get(world, "/public/v1/keys")
    assert (keys["status"], len(keys["body"]["log_keys"])) == (200, 1)
    answer = get(world, "/public/v1/freshness")
    found = Freshness.model_validate(answer["body"])
    assert (found.head, found.as_of_seq, found.behind_seqs) == (1, None, None)
    assert "As-Of-Seq" not in answer["headers"]


def test_the_document_names_the_headers_that_answers_carry(world: World) -> None:
    def unused(*_: object) -> Any:
        raise AssertionError

    paths = openapi.document(build(PUBLIC_ROUTES, None, None, unused))["paths"]
    publish(world, record(world))
    project_keys(world.platform)
    for path in ("/public/v1/records", "/public/v1/subjects", CHANGES, "/public/v1/figures",
                 "/public/v1/evaluations", "/public/v1/freshness", "/public/v1/keys"):  # fmt: skip
        first = get(world, path)
        for answer in (first, get(world, path, etag=first["headers"].get("ETag", '"x"'))):
            described = paths[path]["get"]["responses"][str(answer["status"])]["headers"]
            for name in ("As-Of-Seq", "Retry-After"):
                assert (name in described) == (name in answer["headers"]), (path, name)


@pytest.mark.parametrize(
    "query",
    [
        {"q": ""},
        {"q": "，。"},
        {"q": " ".join("一二三四五六七八九十百")},
        {"name": " "},
        {"q": "\ufdfa" * 5},
        {"name": "\ufdfa" * 5},
        {"q": "x" * 101},
    ],
)
def test_a_question_without_words_or_with_too_many_is_refused(
    world: World, query: dict[str, str]
) -> None:
    answer = get(world, "/public/v1/records", query)
    assert (answer["status"], answer["body"]["errors"] != []) == (422, True)


@pytest.mark.requirement("R-20")
@pytest.mark.parametrize("code", ["administrative_penalty", "administrative_licence"])
def test_double_publicity_in_the_names_of_the_national_standard(code: str) -> None:
    from chalicelib.policy import service as policy

    pack = policy.pack_version("national", policy.versions_of("national")[-1])
    kind = pack.types[code]
    fields = [
        {"code": name, "title": "", "value": value, "text": text, "standard_code": None}
        for name, value, text in (
            ("decision_number", "示罚〔2026〕8号", "示罚〔2026〕8号"),
            ("decided_on", "2026-03-01", "2026-03-01"),
            ("fine_wan", "0.2", "0.2万元"),
            ("penalty_category", "fine", "罚款"),
        )
    ]
    firm = national_row(kind, json.dumps(record_document(type=code, fields=fields)))
    part = "cf" if code == "administrative_penalty" else "xk"
    assert all(name == name.lower() for name in firm)
    assert firm[f"{part}_xdr_mc"] == "示例市某某建设有限公司"
    assert firm[f"{part}_xdr_shxym"] == "91320100MA00000000"
    assert firm[f"{part}_wsh"] == "示罚〔2026〕8号"
    assert firm[f"{part}_jdrq"] == "2026/03/01"
    assert firm[f"{part}_xdr_zjhm"] == firm[f"{part}_fr_zjhm"] == ""
    if part == "cf":
        assert (firm["cf_nr_fk"], firm["cf_cflb"]) == ("0.200000", "罚款")
    person = record_document(
        type=code, subject_code=None, subject_name="张*", subject_kind="person", fields=[]
    )
    shown = national_row(kind, json.dumps(person))
    assert (shown[f"{part}_xdr_mc"], shown[f"{part}_xdr_shxym"]) == ("张*", "")


def test_other_records_have_no_national_names(world: World) -> None:
    publish(world, record(world))
    for path, query in (
        ("/public/v1/records/r_1", {}),
        ("/public/v1/records", {"type": "breach"}),
    ):
        answer = get(world, path, {**query, "schema": "national-2018"})
        assert answer["status"] == 422
        assert answer["body"]["errors"][0]["code"] == "not_double_publicity"


def test_entries_fit_beside_their_documents() -> None:
    assert changes_module._ENTRY_BYTES > 600


@pytest.mark.parametrize(
    "after",
    [2**63, -(2**63), 10**30, "1", None, [], {"a": 1}, True, 1.5],
)
@pytest.mark.parametrize("path", ["/public/v1/records", "/public/v1/subjects"])
def test_a_made_up_place_is_refused(world: World, path: str, after: object) -> None:
    publish(world, record(world))
    payload = json.dumps({"after": after}, ensure_ascii=False, separators=(",", ":")).encode()
    digest = hashlib.sha256(b"public_page_token")
    for data in (f"GET {path}".encode(), b"{}", b"", payload):
        digest.update(len(data).to_bytes(4, "big") + data)
    token = base64.urlsafe_b64encode(digest.digest()[:16] + payload).decode().rstrip("=")
    answer = get(world, path, {"page_token": token})
    assert (answer["status"], answer["body"]["type"]) == (400, "/docs/errors/page_token")


def test_what_was_made_up_well_is_a_place(world: World) -> None:
    publish(world, record(world))
    assert place_in({"after": -(2**62)}, int) == -(2**62)
    assert place_in({"after": ["3201", "1"]}, str, str) == ("3201", "1")
    assert place_in(None, int) is None
