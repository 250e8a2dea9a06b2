"""Asking about ratings, joined to the fault harness."""

from __future__ import annotations

from chalicelib.creditfile import service as files
from tests.cases.bench import CREDIT_OFFICE, HOUSING, recorded, settle
from tests.support.api import Api
from tests.support.faults import join
from tests.support.world import World


def _with_record(world: World) -> None:
    settle(world)
    recorded(world)


def _query(world: World) -> object:
    sent = {"year": 2026, "subject_ids": [files.body_id(HOUSING)]}
    answer = Api(world, CREDIT_OFFICE)("POST", "/v1/excellent-ratings/query", sent)
    assert answer.json["items"][0]["verdicts"][0]["answer"] == "barred", answer.text
    return answer


join("POST /v1/excellent-ratings/query", _with_record, _query)
