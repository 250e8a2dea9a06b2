"""Results of cases reach the public: what the kind publishes, and nothing else of the case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from chalicelib.aws import calls
from chalicelib.cases import service as cases
from chalicelib.creditfile import service as files
from chalicelib.disclosure import case_results, handlers, upkeep
from chalicelib.disclosure.model import SupervisionResultView
from chalicelib.feed import service as feed
from chalicelib.feed.model import NewDocument
from chalicelib.replica.examples import SUPERVISION_RESULT
from tests.cases.bench import CREDIT_OFFICE, HOUSING, Desk, settle
from tests.cases.test_results import (
    ASSESSED,
    ELSEWHERE,
    REGISTERED,
    REPLY,
    answered,
    criticised,
    done,
    published,
    registered,
)
from tests.disclosure.builders import deliver, drain, get, public_items, public_world
from tests.support.world import World, make_world

PATH = "/public/v1/supervision-results"


@pytest.fixture
def world(aws: Mapping[str, str], policies: None) -> World:
    """A fresh platform with the packs that ship."""
    made = make_world(aws)
    settle(made)
    return made


def told(world: World, case_id: str) -> dict[str, object]:
    """The change message of what a case publishes."""
    result = cases.find_result(world.platform, case_id)
    assert result is not None
    return case_results.change_of(result)


def shown(world: World, case_id: str) -> dict[str, Any]:
    return public_world(world)[f"supervision/{case_id}"]


def stream(world: World) -> dict[str, Any]:
    """What the stream of the table of cases tells: every item there is."""
    dynamodb: Any = calls.client("dynamodb")
    name = world.platform.cases.name
    arn = f"arn:aws-cn:dynamodb:cn-north-1:000000000000:table/{name}/stream/2026"
    return {
        "Records": [
            {"eventName": "MODIFY", "eventSourceARN": arn, "dynamodb": {"NewImage": item}}
            for item in dynamodb.scan(TableName=name)["Items"]
        ]
    }


@pytest.mark.requirement("R-61")
def test_a_result_is_public_with_its_assessment_by_a_third_party(world: World) -> None:
    case_id = published(world)
    deliver(world, told(world, case_id))
    body = shown(world, case_id)
    assert body["body"] == {"code": HOUSING, "name": "示例市住房局"}
    assert (body["kind_title"], body["published_on"]) == ("人大代表建议", "2026-06-15")
    texts = {field["code"]: field["text"] for field in body["fields"]}
    assert texts == {**REGISTERED, **REPLY, **ASSESSED, "result_kind": "已经解决"}


@pytest.mark.requirement("R-61")
def test_of_a_case_only_what_it_publishes_is_ever_in_the_public_table(world: World) -> None:
    secret = "提出人王示例认为答复没有写明时间"
    open_case = str(registered(world, "audit_finding")["case_id"])
    case_id = str(registered(world, "npc_suggestion")["case_id"])
    answered(world, case_id)
    office = Desk(world, CREDIT_OFFICE)
    done(office.act(case_id, "unsatisfied", fields={"opinion": secret}))
    answered(world, case_id, "reply_again", result="经办人13800138000，已付清")
    closed = str(registered(world, "cppcc_proposal")["case_id"])
    answered(world, closed)
    done(office.act(closed, "close", fields={"reason": secret}))
    done(office.act(case_id, "publish"))
    handlers.forward_changes(world.platform, stream(world))
    messages = world.take(world.platform.disclosure_queue)
    # Of all that happened in three cases the consumer hears of one result.
    assert [message["key"] for message in messages] == [f"RESULT#{case_id}"]
    deliver(world, *messages)
    (item,) = public_items(world)
    kept = repr(item)
    for hidden in (secret, open_case, closed, "13800138000", "reply_letter", "wrapped_key"):
        assert hidden not in kept
    codes = {field["code"] for field in shown(world, case_id)["fields"]}
    assert codes == {*REGISTERED, *REPLY}


@pytest.mark.requirement("R-41")
def test_what_was_taken_back_is_gone_and_a_late_delivery_does_not_bring_it_back(
    world: World,
) -> None:
    case_id = criticised(world, files.body_id(HOUSING))
    first = cases.find_result(world.platform, case_id)
    assert first is not None
    deliver(world, told(world, case_id))
    assert "长期拖欠企业账款" in shown(world, case_id)["fields"][-1]["text"]
    desk = Desk(world, ELSEWHERE)
    done(desk.act(case_id, "revoke_criticism", fields={"reason": "事实有误"}))
    deliver(world, told(world, case_id))
    assert public_world(world) == {}
    # Somebody who had read it before it was taken back only now comes to show it.
    document = case_results.view_of(first).model_dump(mode="json")
    late = NewDocument(f"supervision/{case_id}", "supervision", first.version, document)
    assert not feed.show(world.platform, late)
    assert public_world(world) == {}
    assert "长期拖欠企业账款" not in str(public_items(world))


def test_delivered_twice_it_is_there_once(world: World) -> None:
    case_id = published(world)
    deliver(world, told(world, case_id), told(world, case_id))
    before = public_items(world)
    deliver(world, told(world, case_id))
    assert public_items(world) == before and len(before) == 1
    deliver(world, {"table": "cases", "key": "RESULT#c_x", "version": 1, "entity": "case_result"})
    assert len(public_items(world)) == 1


@pytest.mark.requirement("R-61")
def test_results_are_found_by_body_kind_year_and_place(world: World) -> None:
    first = published(world)
    world.clock.advance(minutes=1)
    second = published(world, "judicial_suggestion")
    deliver(world, told(world, first), told(world, second))

    def found(**query: str) -> list[str]:
        return [item["id"] for item in get(world, PATH, query)["body"]["items"]]

    assert set(found()) == {first, second}
    assert found(kind="judicial_suggestion") == [second]
    assert set(found(subject=HOUSING, year="2026")) == {first, second}
    assert found(subject=HOUSING, kind="npc_suggestion") == [first]
    assert found(year="2025") == found(subject="11320100000000009X") == []
    assert set(found(region="320000")) | set(found(region="329900")) == {first, second}
    for narrowed in ({}, {"subject": HOUSING}):
        page = get(world, PATH, {"limit": "1", **narrowed})["body"]
        token = {"page_token": page["next_page_token"]}
        rest = get(world, PATH, {"limit": "1", **narrowed, **token})["body"]
        shown_ids = {one["id"] for one in (*page["items"], *rest["items"])}
        assert shown_ids == {first, second}
    assert get(world, PATH, {"year": "1"})["status"] == 422
    assert get(world, f"{PATH}/c_nothing")["status"] == 404


def test_a_result_whose_message_was_lost_is_found_by_the_sweep(world: World) -> None:
    case_id = published(world)
    taken_back = criticised(world, files.body_id(HOUSING))
    deliver(world, told(world, taken_back))
    desk = Desk(world, ELSEWHERE)
    done(desk.act(taken_back, "revoke_criticism", fields={"reason": "事实有误"}))
    world.clock.advance(minutes=10)
    upkeep.reconcile(world.platform)
    drain(world)
    assert shown(world, case_id) and get(world, f"{PATH}/{taken_back}")["status"] == 404
    now = world.clock()
    since = now.replace(hour=0)
    assert list(case_results.results_behind(world.platform, since, now)) == []


def test_everything_is_built_again_with_the_results(world: World) -> None:
    case_id = published(world)
    upkeep.rebuild(world.platform)
    drain(world)
    assert shown(world, case_id)["id"] == case_id


def test_the_example_is_what_is_served() -> None:
    view = SupervisionResultView.model_validate(SUPERVISION_RESULT)
    assert view.model_dump(mode="json") == SUPERVISION_RESULT
