"""Every function may do what its use cases do, and nothing that none of them does."""

from __future__ import annotations

import os
from collections import defaultdict
from fnmatch import fnmatchcase

import pytest

from infra.building.functions import functions
from tests.disclosure import builders
from tests.infra.needs import Grant, Need, grants_of, needs_of, watched
from tests.support.faults import use_cases
from tests.support.world import fresh_world

USE_CASES = use_cases()

READ_ROUTES = "read routes are no use cases: a failed read changes nothing"
POLLED = "the Lambda service takes messages with the function's role"
HEAD_OF_RETRY = "only a retry looks at what its first try has stored (put_once)"
MISSING = "S3 answers 404 only to who may list; no use case looks for what is not there"
ANOTHER_TURN = "a turn of the function (many pages, an item told late) that no use case takes"
OWN_TABLE = "granted with PutItem on a table it writes; tells or changes nothing more"
UNUSED = {
    ("*", "dynamodb:ConditionCheckItem", "*"): "part of writing; tells less than GetItem",
    ("api", "dynamodb:Query", "*"): READ_ROUTES,
    ("api", "dynamodb:BatchGetItem", "*"): READ_ROUTES,
    ("api", "dynamodb:GetItem", "M*Table"): READ_ROUTES,
    ("api", "s3:Get*", "*"): READ_ROUTES,
    ("api", "s3:ListBucket", "*"): MISSING,
    ("api", "dynamodb:UpdateItem", "*Table"): OWN_TABLE,
    ("api", "s3:PutObject", "WorkBucket/*"): ANOTHER_TURN,
    ("disclosure", "dynamodb:DeleteItem", "PublicTable"): ANOTHER_TURN,
    ("disclosure", "dynamodb:Query", "PublicTable*"): ANOTHER_TURN,
    ("evaluation", "dynamodb:*GetItem", "IntakeTable"): "only records that came in a file ask",
    ("evaluation", "dynamodb:GetItem", "RecordsTable"): ANOTHER_TURN,
    ("evaluation_schedule", "dynamodb:BatchGetItem", "EvaluationTable"): ANOTHER_TURN,
    ("evaluation_schedule", "dynamodb:Query", "*"): ANOTHER_TURN,
    ("evaluation_schedule", "dynamodb:UpdateItem", "EvaluationTable"): OWN_TABLE,
    ("intake", "dynamodb:BatchGetItem", "IntakeTable"): ANOTHER_TURN,
    ("intake", "dynamodb:GetItem", "RecordsTable"): ANOTHER_TURN,
    ("intake", "dynamodb:Query", "*"): ANOTHER_TURN,
    ("intake", "dynamodb:UpdateItem", "RecordsTable"): OWN_TABLE,
    ("monitoring", "dynamodb:BatchGetItem", "IntakeTable"): "only records of a file ask",
    ("measures", "dynamodb:BatchGetItem", "IntakeTable"): "only records that came in a file ask",
    ("setup", "dynamodb:GetItem", "AccessTable"): "only a second run looks at what is there",
    ("sweep", "dynamodb:BatchGetItem", "EvaluationTable"): ANOTHER_TURN,
    ("sweep", "dynamodb:Query", "*Table"): ANOTHER_TURN,
    ("*", "sqs:*Message*", "*Queue"): POLLED,
    ("*", "sqs:GetQueueAttributes", "*Queue"): POLLED,
    ("stream", "dynamodb:*", "*.StreamArn"): "the Lambda service reads with the function's role",
    ("stream", "sqs:SendMessage", "StreamDeadLetters"): "the Lambda service sends what failed",
    ("*", "s3:GetObject", "ArchiveBucket/*"): HEAD_OF_RETRY,
    ("*", "s3:ListBucket", "*Bucket"): MISSING,
    ("setup", "dynamodb:PutItem", "KeysTable"): "every world has its keys before the deed",
    ("setup", "kms:Encrypt", "*Key"): "every world has its keys before the deed",
}
"""(function, action, resource) no use case needs, and why it is granted all the same."""


def function_of(use_case: str) -> str:
    """The function that does a use case, from its name."""
    if " /" in use_case:
        anyones = (" /public/v1/leads", " /public/v1/surveys", " /site/leads")
        is_for_anyone = any(path in use_case for path in anyones)
        return "leads" if is_for_anyone else "api"
    return use_case.partition(":")[0].partition(",")[0]


@pytest.fixture(scope="module")
def known() -> dict[str, dict[str, set[Need]]]:
    """What has been recorded: function -> use case -> needs."""
    return {}


@pytest.fixture
def needed(
    aws: dict[str, str],
    known: dict[str, dict[str, set[Need]]],
    monkeypatch: pytest.MonkeyPatch,
) -> dict[str, dict[str, set[Need]]]:
    if known:
        return known
    packs = os.environ["POLICY_DIR"]
    found: dict[str, dict[str, set[Need]]] = defaultdict(dict)
    for name in sorted(USE_CASES):
        monkeypatch.setenv("POLICY_DIR", packs)  # some bring packs of their own
        world = fresh_world(aws)
        USE_CASES[name].prepare(world)
        for opened in ("keyring", "log_signer"):
            world.platform.__dict__.pop(opened, None)  # a new worker opens it
        with watched(monkeypatch) as watch, monkeypatch.context() as patch:
            # Some deeds also work off what they have sent.
            patch.setattr(builders, "work", watch.taking_turns("disclosure", builders.work))
            USE_CASES[name].act(world)
        for function, needs in watch.by_turn.items():
            # What a function does in its own turn is added to what it did before, not put in place.
            found[function or function_of(name)].setdefault(name, set()).update(needs)
    known.update(found)
    return known


@pytest.mark.requirement("R-60")
def test_each_use_case_is_allowed_to_its_function(
    needed: dict[str, dict[str, set[Need]]],
) -> None:
    refused = []
    for function, cases in needed.items():
        grants = grants_of(function)
        refused += [
            f"{function} ({name}): {need.action} on {need.resource}"
            for name, needs in cases.items()
            for need in sorted(needs)
            if not any(grant.covers(need) for grant in grants)
        ]
    assert refused == []
    assert sum(len(needs) for cases in needed.values() for needs in cases.values()) > 100


@pytest.mark.requirement("R-60")
def test_no_grant_is_for_nothing(needed: dict[str, dict[str, set[Need]]]) -> None:
    unused = {
        grant
        for function in functions()
        for grant in grants_of(function)
        if not any(
            grant.covers(need) for needs in needed.get(function, {}).values() for need in needs
        )
    }
    explained = {grant for grant in unused if any(_matches(grant, entry) for entry in UNUSED)}
    assert sorted(unused - explained) == []
    stale = [entry for entry in UNUSED if not any(_matches(grant, entry) for grant in unused)]
    assert stale == []


def _matches(grant: Grant, entry: tuple[str, str, str]) -> bool:
    told = (grant.function, grant.action, grant.pattern)
    return all(fnmatchcase(is_, wanted) for is_, wanted in zip(told, entry, strict=True))


@pytest.mark.requirement("R-05")
def test_a_lock_named_by_a_caller_is_a_right_of_its_own() -> None:
    given = {"Bucket": "govcredit-test-archivebucket", "Key": "k", "ObjectLockMode": "GOVERNANCE"}
    assert Need("s3:PutObjectRetention", "ArchiveBucket/k") in needs_of("s3", "PutObject", given)


@pytest.mark.requirement("R-60", "R-62")
def test_who_takes_leads_can_look_up_a_body_and_no_record_and_no_person() -> None:
    def may(function: str, action: str, table: str, key: str) -> bool:
        need = Need(f"dynamodb:{action}", table, key)
        return any(grant.covers(need) for grant in grants_of(function))

    assert may("leads", "BatchGetItem", "RecordsTable", "SUBJECT#b_11990100MB0000019L")
    for key in ("SUBJECT#p_1", "RECORD#r_1", ""):
        assert not may("leads", "BatchGetItem", "RecordsTable", key)
    assert may("disclosure", "GetItem", "CasesTable", "RESULT#c_1")
    for key in ("CASE#c_1", "VOICE#c_1", "RECEIPT#d"):
        assert not may("disclosure", "GetItem", "CasesTable", key)


def test_every_part_of_a_transaction_is_an_action_of_its_own() -> None:
    parts = [{"Delete": {"TableName": "govcredit-test-RecordsTable"}}]
    assert needs_of("dynamodb", "TransactWriteItems", {"TransactItems": parts}) == [
        Need("dynamodb:DeleteItem", "RecordsTable")
    ]
