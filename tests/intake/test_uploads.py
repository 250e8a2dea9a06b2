"""A file from the clerk's side: post, commit, watch, counts that add up, errors to download."""

from __future__ import annotations

import csv
import io
import itertools
import json
import random

import pytest

from chalicelib.creditfile import service as files
from chalicelib.intake import filework, jobs, splitting, uploads
from chalicelib.kernel.errors import Conflict, Unavailable
from tests.intake import town
from tests.intake.town import honour, honour_csv, post_file, work_file
from tests.support.faults import counting, state
from tests.support.world import World, make_world


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    world = make_world(aws)
    town.settle(world)
    return world


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of a few rows, so that a short file has many."""
    monkeypatch.setattr(splitting, "MIN_CHUNK_BYTES", 300)


def errors_of(world: World, upload_id: str) -> list[list[str]]:
    text = world.platform.work.read(jobs.errors_key(upload_id)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.requirement("R-02")
def test_counts_add_up_and_errors_name_row_field_and_rule(world: World, small_chunks: None) -> None:
    rows = [(n, "2026-05-20") for n in range(1, 21)]
    rows += [(21, "soon"), (1, "2026-05-20"), (22, "2027-01-01")]
    upload = work_file(world, post_file(world, honour_csv(rows)))
    assert upload.state == "completed"
    assert (upload.accepted, upload.duplicate, upload.rejected) == (20, 1, 2)
    header, *lines = errors_of(world, upload.upload_id)
    assert header == ["行号", "字段", "规则", "说明", "值"]
    assert [(line[0], line[1], line[2], line[4]) for line in lines] == [
        ("22", "fields.awarded_on", "not_a_date", "soon"),
        ("24", "fields.awarded_on", "in_future", "2027-01-01"),
    ]


def test_blank_rows_are_no_rows(world: World) -> None:
    content = honour_csv([(1, "2026-05-20")]) + b"\r\n,,,,,,\r\n"
    upload = work_file(world, post_file(world, content))
    assert (upload.accepted, upload.rejected) == (1, 0)


def test_json_lines_may_mix_types(world: World) -> None:
    lines = [honour(1), town.licence(2), {"type": "gossip"}]
    content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
    upload = work_file(world, post_file(world, content, form="jsonl", record_type=""))
    assert (upload.accepted, upload.rejected) == (2, 1)
    assert errors_of(world, upload.upload_id)[1][0] == "3"


def test_personal_values_are_masked_in_the_error_file(world: World) -> None:
    wrong = town.discipline(decided_on="2027-01-01")
    wrong["subject"]["citizen_code"] = town.OFFICIAL[:-1] + "A"
    content = json.dumps(wrong, ensure_ascii=False).encode()
    upload = work_file(world, post_file(world, content, form="jsonl", record_type=""))
    text = json.dumps(errors_of(world, upload.upload_id), ensure_ascii=False)
    assert town.OFFICIAL[:-1] not in text
    assert "citizen_code" in text


def test_the_receipt_states_the_files_digest_and_when_it_came(world: World) -> None:
    import hashlib

    import jwt

    content = honour_csv([(1, "2026-05-20")])
    upload = work_file(world, post_file(world, content))
    receipt = uploads.receipt_of(world.platform, upload)
    key = jwt.PyJWKSet.from_dict(world.platform.keyring.public_jwks()).keys[0]
    claims = jwt.decode(receipt, key, algorithms=["ES256"])
    assert claims["sha256"] == hashlib.sha256(content).hexdigest()
    assert claims["received_at"] == "2026-06-15T04:00:00.000Z"


def test_work_reads_the_committed_version_only(world: World) -> None:
    platform = world.platform
    upload_id = post_file(world, honour_csv([(1, "2026-05-20")]))
    uploads.commit_upload(platform, uploads.find_upload(platform, upload_id))
    key = uploads.find_upload(platform, upload_id).object_key
    platform.inbox.put(key, honour_csv([(7, "2026-05-20")]), content_type="text/csv")
    world.drain(platform.intake_queue, lambda message: filework.do_job(platform, message))
    records = list(files.records_reported(platform, town.BUREAU))
    assert [record.fields["decision_number"] for record in records] == ["示政发〔2026〕1号"]


def test_the_inbox_is_empty_when_the_file_is_done(world: World) -> None:
    work_file(world, post_file(world, honour_csv([(1, "2026-05-20")])))
    assert state(world)["inbox"] == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"subject_name,nonsense\r\na,b\r\n", "unknown_column"),
        (town.HONOUR_COLUMNS.encode() + b"\r\n", "no_rows"),
        ("主体名称".encode("utf-16"), "missing_column"),
        ("名单".encode("utf-16"), "header_not_found"),
    ],
)
def test_a_file_that_cannot_be_taken_at_all_says_why_and_changes_nothing(
    world: World, content: bytes, code: str
) -> None:
    before = state(world)["records"]
    upload = work_file(world, post_file(world, content))
    assert upload.state == "failed"
    assert code in [problem[1] for problem in upload.problems]
    assert state(world)["records"] == before


def test_committing_without_a_file_is_a_conflict(world: World) -> None:
    from chalicelib.intake import service

    upload, form = uploads.start_upload(
        world.platform,
        service.reporter_of(town.clerk()),
        "示例市综合执法局",
        record_type="honour",
        form="csv",
        file_name="x.csv",
    )
    assert form.fields["key"] == upload.object_key
    with pytest.raises(Conflict) as caught:
        uploads.commit_upload(world.platform, upload)
    assert caught.value.code == "file_missing"


def test_errors_are_not_offered_before_the_end(world: World) -> None:
    platform = world.platform
    upload_id = post_file(world, honour_csv([(1, "2026-05-20")]))
    with pytest.raises(Conflict):
        uploads.errors_link(platform, uploads.find_upload(platform, upload_id))


# The lowest row wins, whatever order chunks are worked in, however often they come (design §2.6).
CONTEST = [
    (1, "2026-05-20"),
    (2, "2026-05-21"),
    (1, "2026-05-22"),
    (1, "2026-05-20"),
    (2, "2026-05-21"),
    (3, "2026-05-23"),
    (1, "2026-05-22"),
    (3, "2026-05-23"),
]


@pytest.mark.parametrize("seed", range(6))
def test_among_equal_keys_the_lowest_row_wins_in_any_order(
    world: World, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(splitting, "MIN_CHUNK_BYTES", 1)
    platform, chance = world.platform, random.Random(seed)
    upload_id = post_file(world, honour_csv(CONTEST))
    uploads.commit_upload(platform, uploads.find_upload(platform, upload_id))
    filework.do_job(platform, {"job": "split", "upload_id": upload_id})
    world.take(platform.intake_queue)
    plan = jobs.read_plan(platform, upload_id)
    assert len(plan) == len(CONTEST)
    work = [{"job": "chunk", "upload_id": upload_id, "chunk": jobs.numbers_of(c)} for c in plan]
    for job in chance.sample(work, len(work)) + chance.sample(work, 3):
        filework.do_job(platform, job)
    world.drain(platform.intake_queue, lambda message: filework.do_job(platform, message))
    upload = uploads.find_upload(platform, upload_id)
    assert (upload.accepted, upload.duplicate, upload.rejected) == (3, 3, 2)
    days = {
        str(record.fields["decision_number"]): record.occurred_on
        for record in files.records_reported(platform, town.BUREAU)
    }
    assert sorted(days.values()) == ["2026-05-20", "2026-05-21", "2026-05-23"]
    assert [line[0] for line in errors_of(world, upload_id)[1:]] == ["4", "8"]


def test_a_lost_message_is_sent_again_by_the_sweep(world: World) -> None:
    platform = world.platform
    upload_id = post_file(world, honour_csv([(1, "2026-05-20"), (2, "2026-05-20")]))
    for _ in itertools.repeat(None, 6):
        upload = uploads.find_upload(platform, upload_id)
        if upload.state == "completed":
            break
        if upload.state == "awaiting_file":
            uploads.commit_upload(platform, upload)
        messages = world.take(platform.intake_queue)
        for message in messages[:1]:
            filework.do_job(platform, message)
        world.take(platform.intake_queue)  # everything sent on is lost
        world.clock.advance(hours=1)
        jobs.resend_open(platform, "2027")
    assert uploads.find_upload(platform, upload_id).state == "completed"
    assert jobs.resend_open(platform, "2027") == 0


def test_a_row_of_a_known_subject_costs_little_more_than_its_write(world: World) -> None:
    platform = world.platform
    upload_id = post_file(world, honour_csv([(n, "2026-05-20") for n in range(1, 301)]))
    uploads.commit_upload(platform, uploads.find_upload(platform, upload_id))
    with counting() as calls:
        world.drain(platform.intake_queue, lambda message: filework.do_job(platform, message))
    assert uploads.find_upload(platform, upload_id).accepted == 300
    assert len(calls) / 300 <= 1.1, len(calls)


def test_a_citizen_code_in_the_wrong_column_is_masked_too(world: World) -> None:
    code = town.OFFICIAL
    rows = honour_csv([(1, "2026-05-20"), (2, "2026-05-20")]).decode()
    rows = rows.replace(town.HOUSING, code, 1).replace(",city,", f",{code[:-1]},", 2)
    upload = work_file(world, post_file(world, rows.encode()))
    kept = json.dumps(state(world)["work"], ensure_ascii=False)
    assert upload.rejected == 2
    assert code[:-1] not in kept


def test_a_record_of_an_unfinished_file_is_not_judged_against(world: World) -> None:
    """A lower row may still replace it: an answer given now would not last."""
    platform = world.platform
    upload_id = post_file(world, honour_csv([(1, "2026-05-20")]))
    uploads.commit_upload(platform, uploads.find_upload(platform, upload_id))
    for _ in range(2):  # split, chunk; not finish
        for message in world.take(platform.intake_queue):
            filework.do_job(platform, message)
    with pytest.raises(Unavailable):
        town.submit(world, honour(awarded_by="示例省人民政府"))
    filework.finish(platform, uploads.find_upload(platform, upload_id))
    with pytest.raises(Conflict):
        town.submit(world, honour(awarded_by="示例省人民政府"))


def test_of_two_unfinished_files_only_the_later_waits(world: World) -> None:
    platform = world.platform
    ids = []
    for _ in range(2):
        ids.append(post_file(world, honour_csv([(1, "2026-05-20")])))
        uploads.commit_upload(platform, uploads.find_upload(platform, ids[-1]))
        world.clock.advance(minutes=1)
    world.take(platform.intake_queue)
    for upload_id in ids:
        filework.do_job(platform, {"job": "split", "upload_id": upload_id})
    earlier, later = ids
    chunks = {m["upload_id"]: m for m in world.take(platform.intake_queue) if m["job"] == "chunk"}
    filework.do_job(platform, chunks[earlier])
    with pytest.raises(Unavailable):
        filework.do_job(platform, chunks[later])
    filework.do_job(platform, {"job": "finish", "upload_id": earlier})
    filework.do_job(platform, chunks[later])
    filework.do_job(platform, {"job": "finish", "upload_id": later})
    found = [uploads.find_upload(platform, one) for one in ids]
    assert [(one.accepted, one.duplicate) for one in found] == [(1, 0), (0, 1)]


def test_a_file_with_too_many_rows_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(splitting, "MAX_ROWS", 2)
    upload = work_file(world, post_file(world, honour_csv([(n, "2026-05-20") for n in (1, 2, 3)])))
    assert upload.state == "failed"
    assert [problem[1] for problem in upload.problems] == ["too_many_rows"]
