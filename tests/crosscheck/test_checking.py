"""A personnel office checks its register against the credit files and learns what differs; nobody
learns a citizen code."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from chalicelib.aws import calls
from chalicelib.aws.calls import Missing
from chalicelib.crosscheck import checking, service, store
from chalicelib.crosscheck.parts import report_key
from chalicelib.kernel.clock import instant_text
from chalicelib.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from chalicelib.sheets.model import Form
from chalicelib.web.model import Scope
from tests.crosscheck.office import (
    HEADER,
    PURPOSE,
    code,
    csv_register,
    employ,
    findings,
    personnel,
    post,
    row,
    told,
    work,
    xlsx_register,
)
from tests.intake import town
from tests.support.faults import counting, state
from tests.support.world import World, make_world

pytestmark = pytest.mark.requirement("R-11")


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    """Five officials with credit files: 1 to 4 of the bureau, and one of another kind."""
    made = make_world(aws)
    for number in range(1, 5):
        employ(made, number)
    employ(made, 9, kind="public_official")
    return made


REGISTER = (
    row(1),
    row(2, employer=town.HOUSING),
    row(3, name="李改名"),
    row(5),
    row(1),
    ("王示例", "329901199001010019", town.BUREAU, "", ""),
    row(6, employer="11329900MA99000280"),
)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_joiners_leavers_transfers_and_mismatches_are_told(world: World, form: Form) -> None:
    content = csv_register(REGISTER) if form == "csv" else xlsx_register(REGISTER)
    done = work(world, post(world, content, form))
    assert (done.state, done.rows) == ("completed", 7)
    found = findings(world, done)
    assert told(found) == [
        ("transfer", 3),
        ("name_differs", 4),
        ("joiner", 5),
        ("duplicate_row", 6),
        ("code_invalid", 7),
        ("employer_invalid", 8),
        ("leaver", 0),
    ]
    assert done.counts == {
        "unchanged": 1,
        **{kind: 1 for kind, _ in told(found)},
    }
    transfer, leaver = found[0], found[-1]
    assert (transfer.employer, transfer.employer_on_file) == (town.HOUSING, town.BUREAU)
    assert (transfer.name, leaver.name) == ("李***", "李***")
    assert transfer.subject_id and leaver.subject_id and found[2].subject_id == ""
    assert found[3].detail == "与第 2 行是同一人"


def test_one_kind_can_be_asked_for(world: World) -> None:
    done = work(world, post(world, csv_register(REGISTER)))
    assert told(findings(world, done, kind="joiner")) == [("joiner", 5)]


def test_no_citizen_code_is_kept_logged_or_queued(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[object] = []
    monkeypatch.setattr(checking, "STEP_ROWS", 2)
    check = post(world, csv_register(REGISTER))
    service.receive(world.platform, check)
    with caplog.at_level(logging.DEBUG, "govcredit"):
        while messages := world.take(world.platform.intake_queue):
            sent += messages
            for message in messages:
                checking.work(world.platform, message)
    done = store.load(world.platform, check.crosscheck_id)
    assert done.state == "completed" and len(sent) == 5
    kept = repr(state(world))
    report = world.platform.work.read(report_key(done.crosscheck_id)).decode("utf-8-sig")
    assert report.count("\r\n") == 1 + len(findings(world, done))
    for secret in [*(cells[1] for cells in REGISTER), "李示例5", "李改名", "王示例"]:
        for text in (kept, report, caplog.text, repr(sent)):
            assert secret not in text


def test_the_register_is_gone_in_every_version_once_it_is_checked(world: World) -> None:
    check = post(world, csv_register(REGISTER))
    world.platform.inbox.put(check.object_key, csv_register([row(1)]), content_type="text/csv")
    done = work(world, check)
    assert done.rows == 1  # the version that lay there when it was committed
    client: Any = calls.client("s3")
    listed = client.list_object_versions(Bucket=world.platform.inbox.name)
    assert not listed.get("Versions") and not listed.get("DeleteMarkers")


def test_a_register_worked_in_pieces_says_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = findings(world, work(world, post(world, csv_register(REGISTER))))
    monkeypatch.setattr(checking, "STEP_ROWS", 2)
    monkeypatch.setattr(checking, "_LEAVERS_PER_PART", 1)
    assert findings(world, work(world, post(world, csv_register(REGISTER)))) == whole


def test_a_check_that_lost_its_message_is_brought_to_its_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "STEP_ROWS", 2)
    platform, check = world.platform, post(world, csv_register(REGISTER))
    assert service.resend_open(platform, instant_text(world.clock())) == 0
    service.receive(platform, check)
    (first,) = world.take(platform.intake_queue)
    checking.work(platform, first)
    world.take(platform.intake_queue)
    assert service.resend_open(platform, instant_text(world.clock())) == 0  # begun just now
    world.clock.advance(hours=1)
    assert service.resend_open(platform, instant_text(world.clock())) == 1
    world.drain(platform.intake_queue, lambda message: checking.work(platform, message))
    assert store.load(platform, check.crosscheck_id).state == "completed"
    assert service.resend_open(platform, instant_text(world.clock())) == 0


def test_a_register_that_names_kinds_also_tells_who_left_among_them(world: World) -> None:
    rows = [("李示例1", code(1), town.BUREAU, "其他公职人员")]
    header = (*HEADER[:3], "人员类别")
    done = work(world, post(world, csv_register(rows, header)))
    assert told(findings(world, done)) == [("kind_differs", 2), ("leaver", 0)]


def test_a_file_outside_the_region_is_not_told_of(world: World) -> None:
    """A check of one district: officials of the city itself are not its business."""
    check = post(world, csv_register([row(1)]), caller=personnel(town.EAST))
    done = work(world, check)
    (found,) = findings(world, done)
    assert (found.kind, found.subject_id, found.employer_on_file) == ("transfer", "", "")


@pytest.mark.parametrize(
    ("content", "code_told", "word"),
    [
        (csv_register([], HEADER), "no_rows", "没有数据"),
        (csv_register([row(1)[:2]], HEADER[:2]), "missing_column", "单位统一社会信用代码"),
        (csv_register([row(1)], (*HEADER[:3], "身份证号", "")), "duplicate_column", "公民身份号码"),
        (b"a,b\n1,2\n", "header_not_found", "表头"),
    ],
)
def test_a_file_that_is_no_register_says_why(
    world: World, content: bytes, code_told: str, word: str
) -> None:
    done = work(world, post(world, content))
    assert (done.state, done.problem[0]) == ("failed", code_told)
    assert word in done.problem[1]
    with pytest.raises(Missing):
        world.platform.inbox.head(done.object_key)


def test_real_size_takes_a_fixed_number_of_calls_per_thousand_persons(
    aws: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve calls per thousand rows: ten look-ups of a hundred, and what a piece costs."""
    world = make_world(aws)
    monkeypatch.setattr(checking, "STEP_ROWS", 2_000)
    check = post(world, csv_register([row(number) for number in range(4_000)]))
    with counting() as made:
        done = work(world, check)
    assert (done.rows, done.counts["joiner"]) == (4_000, 4_000)
    looked_up = [call for call in made if call.operation == "batch_get_item"]
    assert len(looked_up) == 40
    assert len(made) - len(looked_up) < 45


def test_whoever_starts_or_reads_a_check_states_why_and_is_noted(world: World) -> None:
    with pytest.raises(Invalid):
        service.start(world.platform, personnel(), "csv", "", "")
    done = work(world, post(world, csv_register(REGISTER)))
    service.report_link(world.platform, personnel(), done, PURPOSE)
    with pytest.raises(Invalid):
        service.report_link(world.platform, personnel(), done, "")
    trail = world.platform.audit.query(f"TRAIL#{town.JURISDICTION}").items
    noted = [(item["action"], item["subject_id"], item["purpose"]) for item in trail]
    assert noted == [
        (service.STARTED, done.crosscheck_id, PURPOSE),
        (service.READ, done.crosscheck_id, PURPOSE),
    ]


def test_a_check_belongs_to_its_region(world: World) -> None:
    done = work(world, post(world, csv_register(REGISTER)))
    east = personnel(town.EAST)
    with pytest.raises(Forbidden):
        service.find(world.platform, east, Scope.REGION, done.crosscheck_id)
    with pytest.raises(Forbidden):
        service.start(world.platform, east, "csv", town.CITY, PURPOSE)
    with pytest.raises(Invalid):
        service.start(world.platform, personnel(), "csv", "329999", PURPOSE)
    assert service.find(world.platform, personnel(), Scope.REGION, done.crosscheck_id) == done


def test_nothing_is_shown_before_the_end_or_after_the_findings_expired(world: World) -> None:
    check = post(world, csv_register(REGISTER))
    with pytest.raises(Conflict):
        service.report_link(world.platform, personnel(), check, PURPOSE)
    done = work(world, check)
    client: Any = calls.client("s3")
    bucket = world.platform.work.name
    for entry in client.list_objects_v2(Bucket=bucket)["Contents"]:
        client.delete_object(Bucket=bucket, Key=entry["Key"])
    with pytest.raises(NotFound):
        findings(world, done)
    with pytest.raises(NotFound):
        service.report_link(world.platform, personnel(), done, PURPOSE)


def test_a_register_must_be_posted_before_it_is_committed(world: World) -> None:
    check, _ = service.start(world.platform, personnel(), "csv", "", PURPOSE)
    with pytest.raises(Conflict):
        service.receive(world.platform, check)


def sweep(world: World, **later: int) -> int:
    world.clock.advance(**later)
    resent = service.resend_open(world.platform, instant_text(world.clock()))
    world.drain(world.platform.intake_queue, lambda message: checking.work(world.platform, message))
    return resent


def test_a_register_that_is_never_committed_is_deleted_after_a_day(world: World) -> None:
    check = post(world, csv_register(REGISTER))
    assert sweep(world, hours=20) == 1
    assert world.platform.inbox.head(check.object_key)
    assert sweep(world, hours=5) == 1
    with pytest.raises(Missing):
        world.platform.inbox.head(check.object_key)
    ended = store.load(world.platform, check.crosscheck_id)
    assert (ended.state, ended.problem[0]) == ("failed", "not_committed")
    assert sweep(world, hours=1) == 0


def test_a_register_committed_at_the_last_moment_is_not_deleted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = post(world, csv_register(REGISTER))
    world.clock.advance(days=2)
    move = store.move

    def overtaken(*found: Any) -> Any:
        monkeypatch.setattr(store, "move", move)
        service.receive(world.platform, check)
        return move(*found)

    monkeypatch.setattr(store, "move", overtaken)
    checking.work(
        world.platform, {"job": "crosscheck", "crosscheck_id": check.crosscheck_id, "step": 1}
    )
    assert sweep(world, minutes=1) == 1
    assert store.load(world.platform, check.crosscheck_id).state == "completed"


def test_a_register_that_is_gone_ends_the_check(world: World) -> None:
    check = post(world, csv_register(REGISTER))
    service.receive(world.platform, check)
    world.platform.inbox.delete_all_versions(check.object_key)
    assert sweep(world, minutes=20) == 1
    ended = store.load(world.platform, check.crosscheck_id)
    assert (ended.state, ended.problem[0]) == ("failed", "file_expired")
