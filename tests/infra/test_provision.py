"""What the tests provision is what the template says."""

from __future__ import annotations

import boto3
import pytest

from infra.building.sources import load_resources, resources_of
from tests.support import provision as module


def test_everything_the_functions_are_told_of_exists(aws: dict[str, str]) -> None:
    tables = set(boto3.client("dynamodb").list_tables()["TableNames"])
    assert {value for name, value in aws.items() if name.endswith("_TABLE")} == tables
    assert len(tables) == len(dict(resources_of(load_resources(), "AWS::DynamoDB::Table"))) > 7
    assert aws["INTAKE_QUEUE"].startswith("https://")


def test_the_archive_is_locked_and_versioned(aws: dict[str, str]) -> None:
    s3 = boto3.client("s3")
    answer = s3.get_object_lock_configuration(Bucket=aws["ARCHIVE_BUCKET"])
    default = answer["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    assert (default["Mode"], default["Years"]) == ("GOVERNANCE", 10)
    assert s3.get_bucket_versioning(Bucket=aws["INBOX_BUCKET"])["Status"] == "Enabled"


def test_expiry_is_on_where_items_last_a_day(aws: dict[str, str]) -> None:
    dynamodb = boto3.client("dynamodb")
    on = {
        name
        for name in (key for key in aws if key.endswith("_TABLE"))
        if dynamodb.describe_time_to_live(TableName=aws[name])["TimeToLiveDescription"][
            "TimeToLiveStatus"
        ]
        == "ENABLED"
    }
    assert on == {"INTAKE_TABLE", "LIMITS_TABLE"}


def test_an_unknown_property_is_refused() -> None:
    with pytest.raises(module.UnknownProperty, match="Tags"):
        module._check_keys("RecordsTable", {"Tags": []}, {"KeySchema"})
