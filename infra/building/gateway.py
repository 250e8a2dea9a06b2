"""The REST API: paths, methods, permissions, deployment, own answers; from `infra/gateway.yaml`."""

from __future__ import annotations

import hashlib
import json

from infra.building.functions import Function
from infra.building.sources import INFRA, Json, Node, SourceError, load_yaml, node

URI = (
    "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path"
    "/2015-03-31/functions/${%s.Arn}/invocations"
)


def gateway_resources(functions: dict[str, Function]) -> Node:
    """Everything below the RestApi. Raises SourceError for a route to an unknown function."""
    document = load_yaml(INFRA / "gateway.yaml")
    routes = {path: str(name) for path, name in node(document["routes"], "routes").items()}
    unknown = set(routes.values()) - set(functions)
    if unknown:
        raise SourceError(f"gateway.yaml: no such function: {sorted(unknown)}")
    resources: Node = {}
    for path, name in routes.items():
        _add_path(resources, path, functions[name])
    for name in sorted(set(routes.values())):
        resources[f"{functions[name].logical_id}GatewayPermission"] = _permission(functions[name])
    for kind, entry in node(document["responses"], "responses").items():
        resources[f"GatewayResponse{_camel(kind)}"] = _response(kind, node(entry, kind))
    _add_deployment(resources)
    return resources


def _camel(text: str) -> str:
    words = text.replace("{", " ").replace("+}", " ").replace("_", " ").replace(".", " ").split()
    return "".join(word[:1].upper() + word[1:].lower() for word in words)


def _resource_id(path: str) -> str:
    return "GatewayPath" + "".join(_camel(part) for part in path.strip("/").split("/"))


def _add_path(resources: Node, path: str, function: Function) -> None:
    parent: Json = {"Fn::GetAtt": ["Gateway", "RootResourceId"]}
    walked = ""
    for part in filter(None, path.split("/")):
        walked += f"/{part}"
        resources.setdefault(
            _resource_id(walked),
            {
                "Type": "AWS::ApiGateway::Resource",
                "Properties": {
                    "RestApiId": {"Ref": "Gateway"},
                    "ParentId": parent,
                    "PathPart": part,
                },
            },
        )
        parent = {"Ref": _resource_id(walked)}
    resources[_resource_id(path).replace("GatewayPath", "GatewayAny")] = {
        "Type": "AWS::ApiGateway::Method",
        "Properties": {
            "RestApiId": {"Ref": "Gateway"},
            "ResourceId": parent,
            "HttpMethod": "ANY",
            "AuthorizationType": "NONE",  # tokens are verified in the function
            "Integration": {
                "Type": "AWS_PROXY",
                "IntegrationHttpMethod": "POST",
                "Uri": {"Fn::Sub": URI % function.logical_id},
            },
        },
    }


def _permission(function: Function) -> Node:
    source = (
        "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Gateway}/${Stage}/*"
    )
    return {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "Action": "lambda:InvokeFunction",
            "FunctionName": {"Ref": function.logical_id},
            "Principal": "apigateway.amazonaws.com",
            "SourceArn": {"Fn::Sub": source},
        },
    }


def _response(kind: str, entry: Node) -> Node:
    """A gateway answer as problem+json, escaped to ASCII, which every gateway passes on."""
    status = entry.get("status")
    problem = {
        "type": f"/docs/errors/{entry['code']}",
        "title": entry["title"],
        "detail": entry["detail"],
        **({} if status is None else {"status": status}),
        "instance": "$context.path",
        "errors": [],
    }
    headers: Node = {
        "gatewayresponse.header.Content-Type": "'application/problem+json; charset=utf-8'",
        "gatewayresponse.header.Cache-Control": "'no-store'",
    }
    for name, value in node(entry.get("headers", {}), kind).items():
        headers[f"gatewayresponse.header.{name}"] = f"'{value}'"
    properties: Node = {
        "RestApiId": {"Ref": "Gateway"},
        "ResponseType": kind,
        "ResponseParameters": headers,
        "ResponseTemplates": {"application/json": json.dumps(problem)},
    }
    if status is not None:
        properties["StatusCode"] = str(status)
    return {"Type": "AWS::ApiGateway::GatewayResponse", "Properties": properties}


def _add_deployment(resources: Node) -> None:
    """A deployment is a snapshot: its logical id follows what it shows."""
    digest = hashlib.sha256(json.dumps(resources, sort_keys=True).encode()).hexdigest()[:10]
    shown = sorted(name for name in resources if name.startswith(("GatewayAny", "GatewayResponse")))
    resources[f"GatewayDeployment{digest}"] = {
        "Type": "AWS::ApiGateway::Deployment",
        "DependsOn": list[Json](shown),
        "Properties": {"RestApiId": {"Ref": "Gateway"}},
    }


def deployment_id(resources: Node) -> str:
    """The logical id of the deployment among the resources."""
    return next(name for name in resources if name.startswith("GatewayDeployment"))
