"""The packaged template: clean after expansion, also for China, and by our own rules."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from chalicelib.web.edge import RATE_LIMIT_POLICY
from infra.building.artifact import Artifact
from infra.building.compose import LAMBDA_MAX_SECONDS, own_resources
from infra.building.functions import functions
from infra.building.sources import INFRA, SourceError, merge_section
from infra.local.deploy import LOCAL_PARAMETERS

REGIONS = ("ap-southeast-1", "cn-north-1", "cn-northwest-1")
DATA = ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::KMS::Key")
TIMES_TIMEOUT = 6
CFN_LINT = "import sys; from cfnlint.runner import main; sys.exit(main())"


def of_type(template: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    found = {k: r for k, r in template["Resources"].items() if r["Type"] == kind}
    assert found, f"no {kind} in the template"
    return found


def number(template: dict[str, Any], value: Any, local: bool = False) -> int:
    """A number, or the default (or local value) of the parameter it refers to."""
    if isinstance(value, dict):
        name = value["Ref"]
        default = template["Parameters"][name]["Default"]
        return int(LOCAL_PARAMETERS.get(name, default) if local else default)
    return int(value)


def test_cfn_lint_is_clean_here_and_in_china(expanded: tuple[dict[str, Any], Path]) -> None:
    command = [sys.executable, "-c", CFN_LINT, "--non-zero-exit-code", "informational"]
    command += ["--include-checks", "I", "--ignore-checks", "I3011"]  # queues and logs may go
    done = subprocess.run(
        [*command, "--regions", *REGIONS, "--template", str(expanded[1])],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_resource_has_a_type_and_no_alias_is_left(aws_artifact: Artifact) -> None:
    text = aws_artifact.template.read_text(encoding="utf-8")
    content = json.loads(text)
    assert all("Type" in resource for resource in content["Resources"].values())
    events = yaml.parse(text, Loader=yaml.SafeLoader)
    assert not any(isinstance(event, yaml.AliasEvent) for event in events)


def test_our_logical_ids_are_not_those_chalice_makes(template: dict[str, Any]) -> None:
    made = {
        f"{function.logical_id}{end}" for function in functions().values() for end in ("", "Role")
    }
    assert made <= set(template["Resources"])
    assert not made & own_resources()


def test_a_name_taken_twice_is_refused() -> None:
    merged: dict[str, Any] = {"Resources": {"Work": {"Type": "A"}}}
    with pytest.raises(SourceError, match="already defined"):
        merge_section(merged, "Resources", {"Work": {"Type": "B"}}, "queues.yaml")


def test_each_function_has_memory_timeout_and_a_role_of_its_own(template: dict[str, Any]) -> None:
    found = of_type(template, "AWS::Serverless::Function")
    assert set(found) == {function.logical_id for function in functions().values()}
    roles = []
    for logical_id, resource in found.items():
        properties = resource["Properties"]
        assert 128 <= properties["MemorySize"] <= 3008, logical_id
        assert 1 <= number(template, properties["Timeout"]) <= LAMBDA_MAX_SECONDS, logical_id
        assert properties["Runtime"] == "python3.13"
        roles.append(properties["Role"]["Fn::GetAtt"][0])
    assert len(set(roles)) == len(roles)


def test_the_file_worker_has_room_for_a_workbook_and_its_rows(template: dict[str, Any]) -> None:
    found = of_type(template, "AWS::Serverless::Function")
    assert found["Intake"]["Properties"]["EphemeralStorage"] == {"Size": 2048}
    assert "EphemeralStorage" not in found["Api"]["Properties"]


def test_each_function_has_kept_logs(template: dict[str, Any]) -> None:
    names = {
        r["Properties"]["LogGroupName"]["Fn::Sub"]
        for r in of_type(template, "AWS::Logs::LogGroup").values()
    }
    for function in of_type(template, "AWS::Serverless::Function").values():
        assert f"/aws/lambda/{function['Properties']['FunctionName']['Fn::Sub']}" in names
    for group in of_type(template, "AWS::Logs::LogGroup").values():
        assert group["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


@pytest.mark.parametrize("local", [False, True], ids=["production", "local"])
def test_each_queue_has_dead_letters_an_alarm_and_patience(
    template: dict[str, Any], local: bool
) -> None:
    queues = of_type(template, "AWS::SQS::Queue")
    watched = {
        dimension["Value"]["Fn::GetAtt"][0]
        for alarm in of_type(template, "AWS::CloudWatch::Alarm").values()
        for dimension in alarm["Properties"]["Dimensions"]
        if isinstance(dimension["Value"], dict) and "Fn::GetAtt" in dimension["Value"]
    }
    workers = {
        mapping["Properties"]["EventSourceArn"]["Fn::GetAtt"][0]: mapping["Properties"]
        for mapping in of_type(template, "AWS::Lambda::EventSourceMapping").values()
    }
    assert watched >= set(queues)
    for logical_id, queue in queues.items():
        if logical_id.endswith("DeadLetters"):
            continue
        properties = queue["Properties"]
        redrive = properties["RedrivePolicy"]
        assert redrive["deadLetterTargetArn"]["Fn::GetAtt"][0] in queues
        assert 3 <= redrive["maxReceiveCount"] <= 10
        worker = workers[logical_id]["FunctionName"]["Ref"]
        timeout = template["Resources"][worker]["Properties"]["Timeout"]
        visibility = number(template, properties["VisibilityTimeout"], local)
        assert visibility >= TIMES_TIMEOUT * number(template, timeout, local), logical_id


def test_each_mapping_answers_in_part_and_retries_finitely(template: dict[str, Any]) -> None:
    for logical_id, mapping in of_type(template, "AWS::Lambda::EventSourceMapping").items():
        properties = mapping["Properties"]
        assert properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"], logical_id
        source, attribute = properties["EventSourceArn"]["Fn::GetAtt"]
        if attribute == "StreamArn":
            assert 0 < properties["MaximumRetryAttempts"] <= 100
            assert properties["BisectBatchOnFunctionError"] is True
            assert properties["StartingPosition"] == "TRIM_HORIZON"
            assert properties["FunctionName"] == {"Ref": "Stream"}
            failed = properties["DestinationConfig"]["OnFailure"]["Destination"]
            assert failed == {"Fn::GetAtt": ["StreamDeadLetters", "Arn"]}
        else:
            assert "RedrivePolicy" in template["Resources"][source]["Properties"]


def test_every_table_with_a_stream_is_forwarded(template: dict[str, Any]) -> None:
    streamed = {
        name
        for name, table in of_type(template, "AWS::DynamoDB::Table").items()
        if "StreamSpecification" in table["Properties"]
    }
    mapped = {
        mapping["Properties"]["EventSourceArn"]["Fn::GetAtt"][0]
        for mapping in of_type(template, "AWS::Lambda::EventSourceMapping").values()
        if mapping["Properties"]["EventSourceArn"]["Fn::GetAtt"][1] == "StreamArn"
    }
    assert streamed == mapped


@pytest.mark.parametrize("kind", DATA)
def test_data_outlives_the_stack(template: dict[str, Any], kind: str) -> None:
    for logical_id, resource in of_type(template, kind).items():
        assert resource["DeletionPolicy"] == "Retain", logical_id
        assert resource["UpdateReplacePolicy"] == "Retain", logical_id


def test_tables_are_protected(template: dict[str, Any]) -> None:
    for logical_id, table in of_type(template, "AWS::DynamoDB::Table").items():
        properties = table["Properties"]
        assert properties["DeletionProtectionEnabled"] is True, logical_id
        recovery = properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
        # What is deleted from the table of limits must not come back from a backup.
        assert recovery is (logical_id != "LimitsTable"), logical_id
        assert properties["SSESpecification"]["KMSMasterKeyId"] == {
            "Fn::GetAtt": ["DataKey", "Arn"]
        }


def test_buckets_take_tls_only_and_are_not_public(template: dict[str, Any]) -> None:
    policies = {
        policy["Properties"]["Bucket"]["Ref"]: policy["Properties"]["PolicyDocument"]["Statement"]
        for policy in of_type(template, "AWS::S3::BucketPolicy").values()
    }
    for logical_id, bucket in of_type(template, "AWS::S3::Bucket").items():
        assert any(
            s["Effect"] == "Deny" and s["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
            for s in policies[logical_id]
        )
        assert all(bucket["Properties"]["PublicAccessBlockConfiguration"].values())


def test_schedules_tick_in_shanghai_and_fail_loudly(template: dict[str, Any]) -> None:
    for schedule in of_type(template, "AWS::Scheduler::Schedule").values():
        assert schedule["Properties"]["ScheduleExpressionTimezone"] == "Asia/Shanghai"
        assert "DeadLetterConfig" in schedule["Properties"]["Target"]


def test_open_paths_go_to_the_public_function_and_all_else_to_the_other() -> None:
    routes = yaml.safe_load((INFRA / "gateway.yaml").read_text(encoding="utf-8"))["routes"]
    assert routes.pop("/{proxy+}") == "api"
    leads = {path for path, name in routes.items() if name == "leads"}
    rooms = ("/public/v1/leads", "/public/v1/surveys", "/site/leads")
    assert leads == {path for room in rooms for path in (room, f"{room}/{{proxy+}}")}
    assert {routes[path] for path in set(routes) - leads} == {"public"}
    assert {"/", "/site/{proxy+}", "/public/{proxy+}", "/openapi.json", "/docs"} <= set(routes)


def test_the_quota_public_answers_state_is_the_one_that_is_kept(template: dict[str, Any]) -> None:
    stage = template["Resources"]["GatewayStage"]["Properties"]
    rates = [s["ThrottlingRateLimit"] for s in stage["MethodSettings"]]
    assert [f'"everyone";q={rate};w=1' for rate in rates] == [RATE_LIMIT_POLICY]


@pytest.mark.requirement("R-62")
def test_the_gateway_keeps_nothing_of_who_calls(template: dict[str, Any]) -> None:
    """An access log, an execution log or a trace would hold addresses and browsers."""
    stage = template["Resources"]["GatewayStage"]["Properties"]
    assert stage["TracingEnabled"] is False and "AccessLogSetting" not in stage
    for settings in stage["MethodSettings"]:
        assert not {"LoggingLevel", "DataTraceEnabled"} & set(settings)
    limits = template["Resources"]["LimitsTable"]["Properties"]
    assert "StreamSpecification" not in limits


def test_the_gateways_own_answers_are_problems_in_chinese(template: dict[str, Any]) -> None:
    answers = of_type(template, "AWS::ApiGateway::GatewayResponse").values()
    kinds = {answer["Properties"]["ResponseType"] for answer in answers}
    assert kinds >= {"MISSING_AUTHENTICATION_TOKEN", "DEFAULT_4XX", "DEFAULT_5XX", "THROTTLED"}
    for answer in answers:
        properties = answer["Properties"]
        header = properties["ResponseParameters"]["gatewayresponse.header.Content-Type"]
        assert header == "'application/problem+json; charset=utf-8'"
        problem = json.loads(properties["ResponseTemplates"]["application/json"])
        assert re.search("[一-鿿]", problem["title"] + problem["detail"])
        assert properties["ResponseTemplates"]["application/json"].isascii()


def test_the_local_issuer_is_not_in_the_template(aws_artifact: Artifact) -> None:
    text = aws_artifact.template.read_text(encoding="utf-8")
    assert "Cognito" not in text.replace("Cognito style", "")
    assert "Default" not in json.loads(text)["Parameters"]["OidcIssuer"]
    assert "arn:aws" not in text
