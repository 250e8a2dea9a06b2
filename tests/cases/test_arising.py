"""Cases that nobody has to open: what a dishonesty record gives rise to, come or changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from chalicelib.aws import calls
from chalicelib.cases import handlers, store_letters
from chalicelib.cases.rules_arising import arising, last_change
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Notices, Standing, UploadRow
from chalicelib.disclosure.handlers import forward_changes
from chalicelib.disclosure.projection import Progress, project_records
from chalicelib.disclosure.upkeep import reconcile
from chalicelib.feed import service as feed
from chalicelib.kernel.errors import Unavailable
from chalicelib.policy.service import pack_for
from tests.cases.bench import (
    BUREAU,
    CLERK,
    CREDIT_OFFICE,
    GOVERNMENT,
    RECORDED,
    Desk,
    disciplined,
    record,
    recorded,
    renumber,
    settle,
)
from tests.disclosure.builders import finish_file
from tests.intake import town
from tests.support.faults import state
from tests.support.world import World


def change(world: World, record_id: str) -> Mapping[str, Any]:
    """What the stream tells of a record."""
    version = record(world, record_id).version
    return {
        "table": "records",
        "key": f"RECORD#{record_id}",
        "version": version,
        "entity": "record",
    }


def told(world: World, record_id: str) -> None:
    """The stream's message about a record is worked."""
    handlers.work(world.platform, change(world, record_id))


def open_cases(world: World) -> dict[str, str]:
    """Every case there is: kind -> state."""
    items = world.platform.cases.query_index("by_listing", f"cases#{town.JURISDICTION}").items
    assert len(items) == len({item["kind"] for item in items}), "no kind twice"
    return {str(item["kind"]): str(item["state"]) for item in items}


def case_of(world: World, kind: str) -> str:
    """The id of the case of a kind."""
    items = world.platform.cases.query_index("by_listing", f"cases#{town.JURISDICTION}").items
    (found,) = (str(item["case_id"]) for item in items if item["kind"] == kind)
    return found


def texts(world: World, recipient: str) -> list[str]:
    """What somebody was told, the newest first."""
    return [
        letter.text
        for letter in store_letters.page_of_letters(world.platform, recipient, 100, None)[0]
    ]


def notices(world: World) -> list[str]:
    """The states of the notices about records there are."""
    items = world.platform.cases.query_index("by_listing", f"cases#{town.JURISDICTION}").items
    return sorted(str(item["state"]) for item in items if item["kind"] == "notice")


def inform(world: World) -> None:
    """The bureau tells the body before publication, and nobody objects in time."""
    desk, case_id = Desk(world, CLERK), case_of(world, "notice")
    done = desk.act(
        case_id,
        "deliver",
        fields={"delivered_on": "2026-06-15", "delivery_method": "direct"},
        evidence=desk.papers("delivery_proof", about=f"case:{case_id}"),
    )
    assert done.status == 200, done.text
    world.clock.advance(days=14)
    handlers.work(world.platform, {"job": "due", "case_id": case_id, "day": "2026-06-24"})


def withdraw(world: World, record_id: str) -> None:
    """The bureau withdraws its record."""
    version = record(world, record_id).version
    answer = Desk(world, CLERK).api(
        "POST",
        f"/v1/records/{record_id}/withdrawal",
        {"reason": "认定有误"},
        {"If-Match": f'"{version}"'},
    )
    assert answer.status == 200, answer.text


def is_public(world: World, record_id: str) -> bool:
    """Whether the public sees the record once its change has been worked."""
    project_records(world.platform, [record_id], Progress())
    return record_id in feed.decided(world.platform, [record_id])


def stream_of(world: World) -> dict[str, Any]:
    """What the stream tells of every record there is."""
    client: Any = calls.client("dynamodb")
    name = world.platform.records.name
    arn = f"arn:aws-cn:dynamodb:cn-north-1:000000000000:table/{name}/stream/2026"
    items = client.scan(TableName=name)["Items"]
    return {
        "Records": [
            {"eventName": "INSERT", "eventSourceARN": arn, "dynamodb": {"NewImage": item}}
            for item in items
        ]
    }


def deliver_both(world: World) -> None:
    """The bureau delivers what it has to deliver."""
    desk, case_id = Desk(world, CLERK), case_of(world, "two_notices")
    done = desk.act(
        case_id,
        "deliver_both",
        fields={
            "decision_delivered_on": "2026-06-14",
            "repair_delivered_on": "2026-06-14",
            "delivery_method": "direct",
        },
        evidence=desk.papers("delivery_proof", about=f"case:{case_id}"),
    )
    assert done.status == 200, done.text


@pytest.mark.requirement("R-30", "R-41")
def test_a_dishonesty_record_of_a_body_is_to_be_noticed_and_rectified(world: World) -> None:
    settle(world)
    record_id = recorded(world)
    told(world, record_id)
    assert open_cases(world) == {
        "two_notices": "to_deliver",
        "notice": "to_deliver",
        "rectification": "to_order",
    }
    bureau = texts(world, f"agency:{BUREAU}")
    assert any("送达之前这条记录不公示" in text for text in bureau)
    assert any("听取陈述申辩" in text for text in bureau)
    assert texts(world, f"agency:{GOVERNMENT}") == [
        "“示例市住房局”有失信情况，请在2026-06-23前提出整改要求。"
    ]


@pytest.mark.requirement("R-30")
def test_the_record_is_public_once_the_case_has_delivered_both_notices(world: World) -> None:
    settle(world)
    record_id = recorded(world)
    told(world, record_id)
    assert not is_public(world, record_id)
    deliver_both(world)
    assert is_public(world, record_id)
    assert open_cases(world)["two_notices"] == "delivered"
    delivered = {one.notice for one in record(world, record_id).standing.deliveries}
    assert delivered == {"decision", "repair"}
    told(world, record_id)
    assert open_cases(world)["two_notices"] == "delivered", "what is delivered is not asked again"


@pytest.mark.requirement("R-30")
def test_what_was_delivered_before_the_record_came_is_not_asked_for_again(world: World) -> None:
    settle(world)
    record_id = recorded(world)
    now = record(world, record_id)
    proved = Notices("2026-06-10", "2026-06-10", "送达回证")
    item = files.record_item(replace(now, notices=proved))
    world.platform.records.put(item)
    told(world, record_id)
    assert set(open_cases(world)) == {"rectification"}, "public at once: nothing to tell before"


@pytest.mark.requirement("R-30", "R-60")
def test_messages_that_come_twice_open_one_case_each(world: World) -> None:
    settle(world)
    record_id = recorded(world)
    told(world, record_id)
    once = state(world)
    told(world, record_id)
    assert state(world) == once


@pytest.mark.requirement("R-30")
def test_a_correction_is_told_once_and_a_mark_is_no_correction(world: World) -> None:
    settle(world)
    record_id = recorded(world)
    told(world, record_id)
    inform(world)
    filed = Desk(world, RECORDED).open(
        "objection",
        record_id=record_id,
        fields={"ground": "content_wrong", "statement": "款项已经付清"},
    )
    told(world, record_id)  # the mark
    assert notices(world) == ["informed"]
    objection = str(filed.json["case_id"])
    Desk(world, CREDIT_OFFICE).act(objection, "accept")
    corrected = Desk(world, CLERK).act(
        objection,
        "correct",
        fields={"reason": "金额有误"},
        correction={"fields": {"facts": "未按期支付部分价款"}, "reason": "金额有误"},
    )
    assert corrected.status == 200, corrected.text
    for _ in range(2):
        told(world, record_id)
    assert notices(world) == ["change_to_deliver", "informed"]
    assert any("有变动" in text for text in texts(world, f"agency:{BUREAU}"))


@pytest.mark.requirement("R-30")
def test_a_withdrawal_is_told_too_and_asks_for_no_remedy(world: World) -> None:
    settle(world)
    record_id = recorded(world)
    withdraw(world, record_id)
    told(world, record_id)
    assert open_cases(world) == {"notice": "change_to_deliver"}


@pytest.mark.requirement("R-30")
def test_while_a_notice_is_open_a_change_opens_no_second_one(world: World) -> None:
    settle(world)
    record_id = recorded(world)
    told(world, record_id)
    withdraw(world, record_id)
    told(world, record_id)
    assert open_cases(world)["notice"] == "to_deliver"


@pytest.mark.requirement("R-30")
@pytest.mark.parametrize("late", [False, True])
def test_a_record_that_takes_anothers_place_is_not_noticed_twice(world: World, late: bool) -> None:
    settle(world)
    record_id = recorded(world)
    if not late:
        told(world, record_id)
    successor = renumber(world, record_id, 88)
    for one in (successor, record_id, successor):
        told(world, one)
    kinds = set(open_cases(world))  # no kind twice
    assert kinds >= {"notice", "two_notices"}
    deliver_both(world)
    assert record(world, successor).standing.deliveries, "it reaches the record that counts"


@pytest.mark.requirement("R-30", "R-41")
def test_of_an_official_notice_is_given_and_nobody_has_to_rectify(world: World) -> None:
    settle(world)
    record_id, _ = disciplined(world)
    told(world, record_id)
    assert "rectification" not in open_cases(world)


@pytest.mark.requirement("R-30")
def test_licences_and_honours_never_reach_the_queue_of_cases(world: World) -> None:
    settle(world)
    town.submit(world, town.licence())
    recorded(world)
    forward_changes(world.platform, stream_of(world))
    sent = world.take(world.platform.cases_queue)
    assert {message["entity"] for message in sent} == {"record"} and len(sent) == 1


@pytest.mark.requirement("R-30")
def test_the_row_of_a_file_waits_until_the_file_is_finished(world: World) -> None:
    settle(world)
    record_id = recorded(world)
    row = replace(record(world, record_id), upload=UploadRow("u_1", 1))
    world.platform.records.put(files.record_item(row))
    told(world, record_id)
    assert open_cases(world) == {}
    finish_file(world, [[record_id]])
    told(world, record_id)
    assert set(open_cases(world)) == {"two_notices", "notice", "rectification"}


@pytest.mark.requirement("R-30", "R-60")
def test_a_row_whose_file_is_never_finished_is_seen_by_somebody(world: World) -> None:
    settle(world)
    record_id = recorded(world)
    row = replace(record(world, record_id), upload=UploadRow("u_1", 1))
    world.platform.records.put(files.record_item(row))
    world.clock.advance(days=2)
    with pytest.raises(Unavailable):
        told(world, record_id)


@pytest.mark.requirement("R-30", "R-60")
def test_a_record_whose_message_was_lost_is_found_within_the_hour(world: World) -> None:
    settle(world)
    record_id = recorded(world)
    world.clock.advance(minutes=30)
    reconcile(world.platform)
    (sent,) = world.take(world.platform.cases_queue)
    assert sent == change(world, record_id)


@pytest.mark.requirement("R-30")
def test_in_a_place_without_notices_none_is_opened(world: World) -> None:
    """Lingyuan has no rule of notice before publication: the pack has no such kind."""
    pack = pack_for("lingyuan", date(2026, 6, 15))
    settle(world)
    versions = [record(world, recorded(world))]
    kinds = [alternatives[0].kind.code for alternatives in arising(pack, versions)]
    assert kinds == ["two_notices", "rectification"]


@pytest.mark.requirement("R-30")
def test_what_a_record_says_decides_whether_it_changed(world: World) -> None:
    settle(world)
    first = record(world, recorded(world))
    marked = replace(first, version=2, standing=Standing(sharing_ended=True))
    corrected = replace(marked, version=3, fields={**marked.fields, "facts": "另有隐情"})
    recounted = replace(corrected, version=4, due_on="2026-07-01")
    withdrawn = replace(recounted, version=5, status="withdrawn")
    assert last_change([first, marked]) == 0
    assert last_change([first, marked, corrected, recounted]) == 3
    assert last_change([first, marked, corrected, recounted, withdrawn]) == 5
    given_way = replace(withdrawn, superseded_by="r_9")
    assert last_change([first, given_way]) == 0, "its successor tells of it"
    assert last_change([replace(first, record_id="r_9", supersedes=first.record_id)]) == 1
