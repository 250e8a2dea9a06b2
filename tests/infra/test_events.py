"""The sample payloads of the triggers that are set up here are what those triggers send."""

from __future__ import annotations

import json
from typing import Any

from chalicelib.access.model import Founding
from infra.building.lock import ROOT
from infra.local.demo import DEMOS, demo_roles


def sample(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((ROOT / "events" / f"{name}.json").read_text("utf-8"))
    return content


def test_schedules_send_what_the_samples_say(template: dict[str, Any]) -> None:
    resources = template["Resources"]
    for tick, name in (("EvaluationTick", "evaluation_schedule"), ("SweepTick", "sweep")):
        assert json.loads(resources[tick]["Properties"]["Target"]["Input"]) == sample(name)
    for tick, name in (
        ("SnapshotTick", "snapshots"),
        ("MeasuresTick", "measures_daily"),
        ("ChecksTick", "checks_daily"),
        ("MonitoringTick", "monitoring_daily"),
    ):
        queued = sample(name)["Records"][0]["body"]  # these ticks go through a queue
        told = json.loads(resources[tick]["Properties"]["Target"]["Input"])
        assert told == json.loads(queued)


def test_the_founding_sample_is_one_setup_takes() -> None:
    founding = Founding.model_validate(sample("setup"))
    assert len(founding.agencies) == len(DEMOS)
    assert {role for client in founding.clients for role in client.roles} == set(demo_roles())


def test_a_change_as_sampled_passes_the_mapping_filter(template: dict[str, Any]) -> None:
    record = sample("stream")["Records"][0]
    properties = template["Resources"]["RecordsStreamMapping"]["Properties"]
    pattern = json.loads(properties["FilterCriteria"]["Filters"][0]["Pattern"])
    assert record["eventName"] in pattern["eventName"]
    assert "REMOVE" not in pattern["eventName"]
    table = template["Resources"]["RecordsTable"]["Properties"]
    assert set(record["dynamodb"]["Keys"]) == {key["AttributeName"] for key in table["KeySchema"]}
    assert record["dynamodb"]["StreamViewType"] == table["StreamSpecification"]["StreamViewType"]
