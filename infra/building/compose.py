"""The template overlay that is merged into what Chalice generates, as one plain JSON document."""

from __future__ import annotations

import json

from infra.building.dashboard import dashboard_body
from infra.building.functions import Function, common_environment, environment_values, functions
from infra.building.gateway import deployment_id, gateway_resources
from infra.building.policies import policy_document
from infra.building.sources import Json, Node, load_resources, merge_section, node

RUNTIME = "python3.13"
LAMBDA_MAX_SECONDS = 900


def compose_overlay() -> Node:
    """Everything Chalice does not know: our resources, and what is added to its functions."""
    known = functions()
    overlay = load_resources()
    overlay["Description"] = "govcredit: open platform for government integrity credit"
    gateway = gateway_resources(known)
    merge_section(overlay, "Resources", gateway, "gateway.yaml")
    resources = node(overlay["Resources"], "Resources")
    stage = node(node(resources["GatewayStage"], "GatewayStage")["Properties"], "GatewayStage")
    stage["DeploymentId"] = {"Ref": deployment_id(gateway)}
    for function in known.values():
        merge_section(overlay, "Resources", _function_resources(function), "functions.yaml")
    dashboard: Node = {
        "Dashboard": {
            "Type": "AWS::CloudWatch::Dashboard",
            "Properties": {
                "DashboardName": {"Fn::Sub": "${AWS::StackName}"},
                "DashboardBody": {"Fn::Sub": json.dumps(dashboard_body(known))},
            },
        }
    }
    merge_section(overlay, "Resources", dashboard, "dashboard")
    return overlay


def own_resources() -> frozenset[str]:
    """Logical ids that are ours alone; none may be one that Chalice generates."""
    return frozenset(node(compose_overlay()["Resources"], "Resources")) - frozenset(
        function.logical_id for function in functions().values()
    )


def chalice_config() -> Node:
    """What `.chalice/config.json` says in the staging folder."""
    per_function: Node = {
        function.name: {
            "lambda_memory_size": function.memory,
            "lambda_timeout": _seconds(function),
            "iam_policy_file": f"policy-{function.name}.json",
        }
        for function in functions().values()
    }
    return {
        "version": "2.0",
        "app_name": "govcredit",
        "autogen_policy": False,
        "xray": True,
        "api_gateway_endpoint_type": "REGIONAL",
        "stages": {"main": {"lambda_functions": per_function}},
    }


def policy_documents() -> dict[str, Node]:
    """Policy file name -> document, for Chalice."""
    return {f"policy-{f.name}.json": policy_document(f) for f in functions().values()}


def _seconds(function: Function) -> int:
    """The timeout in seconds: a parameter's default, where the template decides."""
    if isinstance(function.timeout, int):
        return function.timeout
    parameters = node(load_resources()["Parameters"], "Parameters")
    default = node(parameters[function.timeout], function.timeout)["Default"]
    return min(int(str(default)), LAMBDA_MAX_SECONDS)


def _function_resources(function: Function) -> Node:
    values, common = environment_values(), common_environment()
    environment: Node = {**common, **{name: values[name] for name in function.environment}}
    timeout: Json = function.timeout
    properties: Node = {
        "FunctionName": {"Fn::Sub": f"${{AWS::StackName}}-{function.name}"},
        "Runtime": RUNTIME,
        "Timeout": {"Ref": timeout} if isinstance(timeout, str) else timeout,
        "Environment": {"Variables": environment},
    }
    if function.reserved is not None:
        condition, parameter = function.reserved
        properties["ReservedConcurrentExecutions"] = {
            "Fn::If": [condition, {"Ref": parameter}, {"Ref": "AWS::NoValue"}]
        }
    storage: Json = function.storage
    if storage is not None:
        size: Json = {"Ref": storage} if isinstance(storage, str) else storage
        properties["EphemeralStorage"] = {"Size": size}
    return {
        # Type and code come from Chalice; this entry is merged into its own.
        function.logical_id: {"Properties": properties},
        f"{function.logical_id}Logs": {
            "Type": "AWS::Logs::LogGroup",
            "Properties": {
                "LogGroupName": {"Fn::Sub": f"/aws/lambda/${{AWS::StackName}}-{function.name}"},
                "RetentionInDays": {"Ref": "LogRetentionDays"},
            },
        },
        f"{function.logical_id}ErrorsAlarm": {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "AlarmDescription": f"Function {function.name} ended with errors.",
                "Namespace": "AWS/Lambda",
                "MetricName": "Errors",
                "Dimensions": [{"Name": "FunctionName", "Value": {"Ref": function.logical_id}}],
                "Statistic": "Sum",
                "Period": 300,
                "EvaluationPeriods": 1,
                "Threshold": 5,
                "ComparisonOperator": "GreaterThanThreshold",
                "TreatMissingData": "notBreaching",
                "AlarmActions": {
                    "Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]
                },
            },
        },
    }
