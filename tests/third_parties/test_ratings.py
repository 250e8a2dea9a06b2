"""A third party from its registration to its ratings as they stand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.aws.writes import Delete, commit
from chalicelib.policy.service import pack_for
from chalicelib.third_parties import service
from tests.cases.bench import AUDITOR, BUREAU, CLERK, GOVERNMENT, HOUSING
from tests.intake import town
from tests.support.api import Api
from tests.support.world import World
from tests.third_parties.builders import KEY, OTHER_KEY, jwk_of, kid_of, sign, signed
from tests.third_parties.campus import (
    CODE,
    INDEX,
    OFFICE,
    RATINGS,
    RIVAL,
    RIVALS,
    SENT,
    SIGNED,
    SYSTEM,
    UNIVERSITY,
    registered,
    submitted,
)

pytestmark = pytest.mark.requirement("R-63")

PATH = "/v1/third-party-ratings"
ONE = f"{PATH}/{INDEX}/2025/{HOUSING}"


def post(world: World, sent: dict[str, Any], path: str = PATH) -> Any:
    return Api(world, UNIVERSITY)("POST", path, sent)


def test_signed_ratings_are_kept_with_what_proves_them(world: World) -> None:
    submission_id = submitted(world)
    reply = Api(world, UNIVERSITY)("GET", f"/v1/third-party-submissions/{submission_id}")
    told = reply.json
    assert (told["accepted"], told["refused"], told["number"]) == (2, 0, 1)
    assert told["completed_at"] and told["signature"] == SIGNED["signature"]
    shown = Api(world, OFFICE)("GET", ONE).json
    assert (shown["score"], shown["grade"], shown["state"]) == ("84.0", "A", "valid")
    found = service.ratings_of(world.platform, INDEX, "2025", [HOUSING, BUREAU, GOVERNMENT])
    assert {code: one.row.score for code, one in found.items()} == {HOUSING: "84.0", BUREAU: "61.5"}
    (key,) = world.platform.archive.keys(f"third-parties/{CODE}/")
    kept = json.loads(world.platform.archive.read(key))
    assert kept["signature"] == SIGNED["signature"]
    assert [row["score"] for row in kept["sent"]] == ["84.0", "61.5"]


def test_each_rating_is_taken_or_refused_by_itself(world: World) -> None:
    registered(world)
    unknown = town.body_code(88)
    rows = [
        *RATINGS[:1],
        {"unified_code": unknown, "score": "50", "grade": "B"},
        {"unified_code": BUREAU, "score": "101", "grade": "A"},
        {"unified_code": GOVERNMENT, "score": "50", "grade": "B"},
    ]
    told = post(world, sign({**SENT, "ratings": rows}))
    assert told.status == 201, told.text
    assert (told.json["accepted"], told.json["refused_positions"]) == (1, [1, 2, 3])
    faults = [fault for one in told.json["refusals"] for fault in one["faults"]]
    assert [(fault["pointer"], fault["code"]) for fault in faults] == [
        ("/ratings/1/unified_code", "unknown_body"),
        ("/ratings/2/score", "out_of_scale"),
        ("/ratings/3/unified_code", "body_not_rated"),
    ]
    items = Api(world, OFFICE)("GET", PATH, query={"system": INDEX, "period": "2025"}).json["items"]
    assert [one["unified_code"] for one in items] == [HOUSING]


def test_where_nothing_fits_nothing_is_kept(world: World) -> None:
    registered(world)
    bad = [{"unified_code": town.body_code(88), "score": "50", "grade": "B"}]
    refused = post(world, sign({**SENT, "ratings": bad}))
    assert refused.status == 422
    assert [one["pointer"] for one in refused.json["errors"]] == ["/ratings/0/unified_code"]
    assert world.platform.archive.keys("third-parties/") == []
    listed = Api(world, OFFICE)("GET", "/v1/third-party-submissions", query={"system": INDEX})
    assert listed.json["items"] == []


def test_what_is_signed_wrongly_or_for_no_period_is_refused_whole(world: World) -> None:
    registered(world)
    forged = {**SENT, "signature": signed(b"{}", OTHER_KEY, kid=kid_of(KEY))}
    for sent, expected in (
        ({**SIGNED, "period": "2027"}, ("/period", "period_not_begun")),
        ({**SIGNED, "period": "2025-Q1"}, ("/period", "wrong_period")),
        ({**SIGNED, "system": "another"}, ("/system", "unknown_system")),
        ({**SIGNED, "period": "2024"}, ("/signature", "statement_differs")),
        ({**SIGNED, "ratings": RATINGS[:1]}, ("/signature", "statement_differs")),
        (sign(SENT, OTHER_KEY), ("/signature", "unknown_key")),
        (forged, ("/signature", "wrong_signature")),
    ):
        refused = post(world, sent)
        assert refused.status == 422, refused.text
        (error,) = refused.json["errors"]
        assert (error["pointer"], error["code"]) == expected
    assert service.ratings_of(world.platform, INDEX, "2025", [HOUSING]) == {}


def test_the_same_submission_is_one_and_a_later_one_takes_its_place(world: World) -> None:
    first = submitted(world)
    again = post(world, sign(SENT))  # signed anew: another signature, the same statement
    assert (again.status, again.json["submission_id"], again.json["number"]) == (200, first, 1)
    later = post(world, sign({**SENT, "ratings": [{**RATINGS[1], "score": "70"}]}))
    assert (later.status, later.json["number"]) == (201, 2)
    found = service.ratings_of(world.platform, INDEX, "2025", [HOUSING, BUREAU])
    assert [(found[code].row.score, found[code].version) for code in (HOUSING, BUREAU)] == [
        ("84.0", 1),
        ("70", 2),
    ]
    assert post(world, SIGNED).status == 200  # the first one again does not come back
    assert service.ratings_of(world.platform, INDEX, "2025", [BUREAU])[BUREAU].row.score == "70"
    listed = Api(world, AUDITOR)("GET", "/v1/third-party-submissions", query={"system": INDEX})
    assert [one["number"] for one in listed.json["items"]] == [2, 1]


def test_a_file_is_read_checked_and_signed_like_single_ratings(world: World) -> None:
    registered(world)
    content = (
        "unified_code,score,grade,note,indicators.promises,indicators.voice\r\n"
        f"{HOUSING},84.0,A,,90,75\r\n{BUREAU},61.5,B,样本较少,,\r\n"
    )
    frame = {name: SENT[name] for name in ("system", "period", "reference")}
    sent = {**frame, "file": {"format": "csv", "content": content}}
    prepared = post(world, sent, f"{PATH}/statement")
    assert (prepared.json["accepted"], prepared.json["refused"]) == (2, 0)
    # The ratings are what is signed, however they are written down.
    same = post(world, SENT, f"{PATH}/statement")
    assert same.json["statement"] == prepared.json["statement"]
    signature = signed(prepared.json["statement"].encode())
    taken = post(world, {**sent, "signature": signature})
    assert (taken.status, taken.json["accepted"]) == (201, 2)
    assert post(world, SIGNED).status == 200
    unreadable = {"format": "csv", "content": "x"}
    broken = post(world, {**sent, "file": unreadable}, f"{PATH}/statement")
    assert [one["code"] for one in broken.json["errors"]] == ["wrong_columns"]
    both = post(world, {**SENT, **sent}, f"{PATH}/statement")
    assert [one["code"] for one in both.json["errors"]] == ["ratings_or_file"]


def test_a_rating_is_taken_back_with_a_reason_and_may_be_given_anew(world: World) -> None:
    submitted(world)
    why = {"reason": "抽样有误"}
    path = f"{ONE}/withdrawal"
    university = Api(world, UNIVERSITY)
    assert university("POST", path, why).status == 428
    assert university("POST", path, why, {"If-Match": '"7"'}).status == 412
    back = university("POST", path, why, {"If-Match": '"1"'})
    assert (back.json["state"], back.json["version"], back.json["reason"]) == (
        "withdrawn",
        2,
        "抽样有误",
    )
    assert service.ratings_of(world.platform, INDEX, "2025", [HOUSING]) == {}
    assert list(service.valid_ratings(world.platform, INDEX, "2025")) == [BUREAU]
    anew = post(world, sign({**SENT, "reference": "2026-02"}))
    assert anew.json["number"] == 3
    office = Api(world, OFFICE)("POST", path, why, {"If-Match": '"3"'})
    assert office.json["state"] == "withdrawn"


def test_a_withdrawn_system_takes_nothing_new_and_keeps_what_there_is(world: World) -> None:
    submitted(world)
    office = Api(world, OFFICE)
    path = f"/v1/rating-systems/{INDEX}"
    changed = office("PUT", path, _content(method="另一种方法"), {"If-Match": '"1"'})
    assert (changed.status, changed.json["version"]) == (200, 2)
    gone = office("POST", f"{path}/withdrawal", {"reason": "不再评价"}, {"If-Match": '"2"'})
    assert gone.json["withdrawn_at"]
    refused = post(world, sign({**SENT, "reference": "9"}))
    assert (refused.status, refused.json["type"].rpartition("/")[2]) == (409, "system_withdrawn")
    assert office("PUT", path, _content(), {"If-Match": '"3"'}).status == 409
    rating = service.find_rating(world.platform, INDEX, "2025", HOUSING)
    assert rating is not None and not rating.withdrawn
    rated_by = service.system_version(world.platform, rating)
    assert rated_by is not None and rated_by.method == SYSTEM["method"]


def _content(**changes: Any) -> dict[str, Any]:
    plain = {name: value for name, value in SYSTEM.items() if name not in ("code", "institution")}
    return {**plain, **changes}


def test_a_key_is_followed_by_another_and_old_signatures_stay(world: World) -> None:
    submitted(world)
    office = Api(world, OFFICE)
    path = f"/v1/third-parties/{CODE}/keys"
    added = office("POST", path, jwk_of(OTHER_KEY), {"If-Match": '"1"'})
    assert [key["kid"] for key in added.json["keys"]] == [kid_of(KEY), kid_of(OTHER_KEY)]
    retired = office("POST", f"{path}/{kid_of(KEY)}/retirement", None, {"If-Match": '"2"'})
    assert [key["retired_at"] is None for key in retired.json["keys"]] == [False, True]
    late = sign({**SENT, "reference": "9"})
    assert [one["code"] for one in post(world, late).json["errors"]] == ["retired_key"]
    assert post(world, sign({**SENT, "reference": "9"}, OTHER_KEY)).status == 201
    back = office("POST", path, jwk_of(KEY), {"If-Match": '"3"'})
    assert back.status == 409
    no_point = {**jwk_of(KEY), "y": jwk_of(OTHER_KEY)["y"]}
    refused = office("POST", path, no_point, {"If-Match": '"3"'})
    assert [one["code"] for one in refused.json["errors"]] == ["unusable_key"]


def test_what_is_registered_twice_is_one_and_what_does_not_hold_is_refused(world: World) -> None:
    registered(world)
    office = Api(world, OFFICE)
    sent = {"unified_code": CODE, "kind": "university", "key": jwk_of(KEY)}
    assert office("POST", "/v1/third-parties", sent).status == 200
    assert office("POST", "/v1/third-parties", {**sent, "kind": "other"}).status == 409
    agency = office("POST", "/v1/third-parties", {**sent, "unified_code": HOUSING})
    assert [one["code"] for one in agency.json["errors"]] == ["not_third_party"]
    assert office("POST", "/v1/rating-systems", SYSTEM).status == 200
    assert office("POST", "/v1/rating-systems", {**SYSTEM, "title": "别的"}).status == 409
    light = [{**SYSTEM["indicators"][0], "weight": "50"}, SYSTEM["indicators"][1]]
    unsound = office("POST", "/v1/rating-systems", {**SYSTEM, "code": "x2", "indicators": light})
    assert [(one["pointer"], one["code"]) for one in unsound.json["errors"]] == [
        ("/indicators", "weights_do_not_add_up")
    ]


def test_a_third_party_sees_and_does_what_is_its_own(world: World) -> None:
    submission_id = submitted(world)
    office = Api(world, OFFICE)
    sent = {"unified_code": RIVAL, "kind": "credit_agency", "key": jwk_of(OTHER_KEY)}
    assert office("POST", "/v1/third-parties", sent).status == 201
    rival = Api(world, RIVALS)
    for path in (
        f"/v1/third-parties/{CODE}",
        f"/v1/rating-systems/{INDEX}",
        f"/v1/third-party-submissions/{submission_id}",
        ONE,
    ):
        assert rival("GET", path).status == 404
        assert Api(world, UNIVERSITY)("GET", path).status == 200
    assert [one["unified_code"] for one in rival("GET", "/v1/third-parties").json["items"]] == [
        RIVAL
    ]
    assert rival("GET", "/v1/rating-systems").json["items"] == []
    assert len(office("GET", "/v1/third-parties").json["items"]) == 2
    assert len(Api(world, UNIVERSITY)("GET", "/v1/rating-systems").json["items"]) == 1
    assert office("GET", "/v1/third-parties", query={"region": "320100"}).status == 403
    stolen = rival("POST", PATH, sign(SENT, OTHER_KEY))
    assert [one["code"] for one in stolen.json["errors"]] == ["unknown_system"]
    assert rival("POST", f"{ONE}/withdrawal", {"reason": "x"}, {"If-Match": '"1"'}).status == 404
    assert rival("POST", "/v1/rating-systems", SYSTEM).status == 403
    assert Api(world, CLERK)("POST", PATH, SIGNED).status == 403


def test_where_the_document_has_no_third_parties_there_are_none(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered(world)

    def without(*place: Any) -> Any:
        pack = pack_for(*place)
        off = pack.mechanisms["third_party"].model_copy(update={"state": "off"})
        mechanisms = {**pack.mechanisms, "third_party": off}
        return pack.model_copy(update={"mechanisms": mechanisms})

    monkeypatch.setattr("chalicelib.third_parties.keeping.pack_for", without)
    for reply in (
        post(world, SIGNED),
        Api(world, OFFICE)("POST", "/v1/rating-systems", {**SYSTEM, "code": "other"}),
    ):
        assert reply.status == 404
        assert reply.json["type"].endswith("third_parties_not_regulated")
        assert reply.json["title"] == "本地没有第三方评价的规定"


def test_all_ratings_there_are_can_be_gone_through(world: World) -> None:
    submitted(world)
    assert post(world, sign({**SENT, "period": "2024", "ratings": RATINGS[:1]})).status == 201
    found = {(one.period, one.row.unified_code) for one in service.all_ratings(world.platform)}
    assert found == {("2025", HOUSING), ("2025", BUREAU), ("2024", HOUSING)}


def test_a_submission_cut_short_goes_on_when_it_is_sent_again(world: World) -> None:
    """Only the first rating was written when the machine stopped."""
    submitted(world)
    table = world.platform.evaluation
    (listed,) = table.each_in_index("by_listing", f"rating_submissions#{INDEX}")
    table.put({**listed, "completed_at": ""})
    commit([Delete(table.key(f"RATING#{INDEX}#2025#{BUREAU}"))])
    again = post(world, sign(SENT))
    assert (again.status, again.json["number"]) == (201, 1)
    assert again.json["completed_at"]
    assert service.ratings_of(world.platform, INDEX, "2025", [BUREAU])[BUREAU].version == 1
