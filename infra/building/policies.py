"""One IAM policy per function: `infra/policies/<name>.yaml`, and what being seen needs."""

from __future__ import annotations

from infra.building.functions import Function
from infra.building.sources import INFRA, Json, Node, SourceError, load_yaml

LOG_GROUP = (
    "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}"
    ":log-group:/aws/lambda/${AWS::StackName}-%s:*"
)


def policy_document(function: Function) -> Node:
    """The complete policy of one function. Raises SourceError if it has none."""
    path = INFRA / "policies" / f"{function.name}.yaml"
    if not path.exists():
        raise SourceError(f"{path.name}: every function has a policy of its own")
    statements = load_yaml(path)["Statement"]
    if not isinstance(statements, list):
        raise SourceError(f"{path.name}: Statement must be a list")
    return {"Version": "2012-10-17", "Statement": [*_observability(function), *statements]}


def _observability(function: Function) -> list[Json]:
    return [
        {
            "Sid": "Logs",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": {"Fn::Sub": LOG_GROUP % function.name},
        },
        {
            "Sid": "Traces",
            "Effect": "Allow",
            "Action": ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
            "Resource": "*",
        },
    ]
