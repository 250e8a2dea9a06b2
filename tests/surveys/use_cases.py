"""Surveys, joined to the fault harness."""

from __future__ import annotations

from tests.cases.bench import settle
from tests.support.faults import join
from tests.support.world import World
from tests.surveys.street import WANTED, Street, office, opened


def _open(world: World) -> None:
    assert office(world)("POST", "/v1/surveys", WANTED).status in (200, 201)


def _opened(world: World) -> None:
    settle(world)
    _SURVEY[:] = [opened(world)]


_SURVEY: list[str] = []


def _answer(world: World) -> None:
    reply = Street(world).answer(_SURVEY[0])
    assert reply.status == 200, reply.text


def _answered(world: World) -> None:
    """Somebody answered today, so that the day has its key."""
    _opened(world)
    Street(world, "192.0.2.8").answer(_SURVEY[0])


def _end(world: World) -> None:
    path = f"/v1/surveys/{_SURVEY[0]}/ending"
    reply = office(world)("POST", path, {"reason": "问题有误"}, {"If-Match": '"1"'})
    assert reply.status == 200, reply.text


join("POST /v1/surveys", settle, _open)
join("POST /v1/surveys/{survey_id}/ending", _opened, _end)
join("POST /public/v1/surveys/{survey_id}/answers", _opened, _answer)
join("POST /public/v1/surveys/{survey_id}/answers, another one", _answered, _answer)
