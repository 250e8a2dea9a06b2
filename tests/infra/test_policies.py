"""Least privilege: who may touch what, and every `*` with its reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from infra.building.functions import functions
from infra.building.sources import INFRA

Statement = dict[str, Any]


def role_statements(template: dict[str, Any], function: str) -> list[Statement]:
    role = template["Resources"][f"{functions()[function].logical_id}Role"]["Properties"]
    return [s for policy in role["Policies"] for s in policy["PolicyDocument"]["Statement"]]


def actions(statements: list[Statement]) -> set[str]:
    return {action for s in statements for action in s["Action"]}


def touched(statements: list[Statement]) -> set[str]:
    """Logical ids the statements name."""
    text = json.dumps([s["Resource"] for s in statements])
    names = [*functions(), "Table", "Bucket", "Queue"]
    assert names
    found: set[str] = set()

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if "Fn::GetAtt" in value:
                found.add(value["Fn::GetAtt"][0])
            elif "Fn::Sub" in value and value["Fn::Sub"].startswith("${"):
                found.add(value["Fn::Sub"][2:].split(".")[0])
            else:
                for item in value.values():
                    walk(item)
        elif isinstance(value, list):
            for item in value:
                walk(item)

    walk(json.loads(text))
    return found - {"AWS::Partition"}


def wildcards(template: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for logical_id, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        documents = [p["PolicyDocument"] for p in properties.get("Policies", [])]
        documents += [properties[k] for k in ("KeyPolicy", "PolicyDocument") if k in properties]
        for document in documents:
            for statement in document["Statement"]:
                resources = statement["Resource"]
                if "*" in (resources if isinstance(resources, list) else [resources]):
                    yield logical_id, statement["Sid"]


@pytest.mark.requirement("R-60")
def test_a_star_stands_only_where_a_reason_is_given(template: dict[str, Any]) -> None:
    listed = yaml.safe_load((INFRA / "wildcards.yaml").read_text(encoding="utf-8"))
    allowed = set()
    for entry in listed:
        assert len(entry["reason"]) > 20
        if entry["role"] == "every function":
            allowed |= {(f"{f.logical_id}Role", entry["sid"]) for f in functions().values()}
        else:
            allowed.add((entry["role"].removesuffix(" key policy"), entry["sid"]))
    assert set(wildcards(template)) == allowed


def test_no_action_is_a_wildcard(template: dict[str, Any]) -> None:
    for name in functions():
        assert not [a for a in actions(role_statements(template, name)) if "*" in a], name


def test_the_public_role_reads_what_is_public_and_nothing_else(template: dict[str, Any]) -> None:
    statements = role_statements(template, "public")
    assert touched(statements) == {"PublicTable", "PublicationBucket", "DataKey"}
    assert actions(statements) == {
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
        "dynamodb:Query",
        "s3:GetObject",
        "s3:ListBucket",
        "kms:Decrypt",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "xray:PutTraceSegments",
        "xray:PutTelemetryRecords",
    }


def test_nobody_scans_changes_the_audit_or_touches_locks(template: dict[str, Any]) -> None:
    for name in functions():
        statements = role_statements(template, name)
        assert "dynamodb:Scan" not in actions(statements)
        assert not [a for a in actions(statements) if "Retention" in a or "LegalHold" in a]
        for statement in statements:
            if "AuditTable" in touched([statement]):
                assert set(statement["Action"]) <= {"dynamodb:PutItem", "dynamodb:Query"}
            if "ArchiveBucket" in touched([statement]):
                assert not [a for a in statement["Action"] if "Delete" in a]


def test_a_function_is_told_only_of_what_it_may_touch(template: dict[str, Any]) -> None:
    values = yaml.safe_load((INFRA / "functions.yaml").read_text(encoding="utf-8"))["values"]
    for function in functions().values():
        known = {values[name]["Ref"] for name in function.environment}
        resources = {name for name in known if name in template["Resources"]}
        assert resources <= touched(role_statements(template, function.name)), function.name


def test_nobody_but_the_sequencer_opens_the_logs_key(template: dict[str, Any]) -> None:
    holders = {
        (name, action)
        for name in functions()
        for statement in role_statements(template, name)
        if "LogKey" in touched([statement])
        for action in statement["Action"]
    }
    assert holders == {("setup", "kms:Encrypt"), ("sequencer", "kms:Decrypt")}


def test_only_those_who_need_persons_can_unseal(template: dict[str, Any]) -> None:
    holders = {n for n in functions() if "SealingKey" in touched(role_statements(template, n))}
    assert holders == {
        "api", "intake", "cases", "checks", "disclosure", "leads", "measures", "monitoring",
        "setup",
    }  # fmt: skip
