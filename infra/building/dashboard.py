"""One page that answers: does it answer, does it fall behind, does it fail."""

from __future__ import annotations

from infra.building.functions import Function
from infra.building.sources import Json, Node

QUEUES = (
    "Intake",
    "Accounts",
    "Disclosure",
    "Evaluation",
    "Sequencer",
    "Snapshots",
    "Measures",
    "Checks",
    "Monitoring",
)
DEAD_LETTERS = (*QUEUES, "Stream", "Schedule")
WIDTH, HEIGHT = 12, 6


def dashboard_body(functions: dict[str, Function]) -> Node:
    """The dashboard document; `${...}` is substituted by CloudFormation."""
    api: Json = ["AWS/ApiGateway", "Count", "ApiName", "${AWS::StackName}", "Stage", "${Stage}"]
    graphs: list[tuple[str, str, list[Json]]] = [
        (
            "请求与错误 requests and errors",
            "Sum",
            [api, _like(api, "4XXError"), _like(api, "5XXError")],
        ),
        ("响应时间 latency p95", "p95", [_like(api, "Latency")]),
        ("函数错误 function errors", "Sum", _per_function(functions, "Errors")),
        ("函数耗时 function duration p95", "p95", _per_function(functions, "Duration")),
        (
            "队列滞后 age of oldest message",
            "Maximum",
            [_queue(f"{name}Queue", "ApproximateAgeOfOldestMessage") for name in QUEUES],
        ),
        (
            "死信 dead letters",
            "Maximum",
            [
                _queue(f"{name}DeadLetters", "ApproximateNumberOfMessagesVisible")
                for name in DEAD_LETTERS
            ],
        ),
        (
            "变更流滞后 stream iterator age",
            "Maximum",
            [["AWS/Lambda", "IteratorAge", "FunctionName", "${Stream}"]],
        ),
        ("限流 throttles", "Sum", _per_function(functions, "Throttles")),
    ]
    return {"widgets": [_graph(index, *graph) for index, graph in enumerate(graphs)]}


def _like(metric: Json, name: str) -> Json:
    return [metric[0], name, *metric[2:]] if isinstance(metric, list) else metric


def _per_function(functions: dict[str, Function], metric: str) -> list[Json]:
    return [
        ["AWS/Lambda", metric, "FunctionName", f"${{{function.logical_id}}}"]
        for function in functions.values()
    ]


def _queue(logical_id: str, metric: str) -> Json:
    return ["AWS/SQS", metric, "QueueName", f"${{{logical_id}.QueueName}}"]


def _graph(index: int, title: str, statistic: str, metrics: list[Json]) -> Json:
    return {
        "type": "metric",
        "x": index % 2 * WIDTH,
        "y": index // 2 * HEIGHT,
        "width": WIDTH,
        "height": HEIGHT,
        "properties": {
            "title": title,
            "region": "${AWS::Region}",
            "stat": statistic,
            "period": 60,
            "metrics": metrics,
        },
    }
