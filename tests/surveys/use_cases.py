"""Surveys, joined to the fault harness."""

from __future__ import annotations

from tests.cases.bench import settle
from tests.support.faults import join
from tests.support.world import World
from tests.surveys.round import ROUND, Hall, issue, opened_round, seats
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


def _open_round(world: World) -> None:
    assert office(world)("POST", "/v1/appraisals", ROUND).status in (200, 201)


def _opened_round(world: World) -> None:
    settle(world)
    _ROUND[:] = [opened_round(world)]


_ROUND: list[str] = []
_CODES: list[str] = []


def _issue(world: World) -> None:
    reply = issue(world, _ROUND[0], "enterprises", 1)
    assert reply.status == 200, reply.text


def _issued(world: World) -> None:
    _opened_round(world)
    _CODES[:] = seats(world, _ROUND[0])["enterprises"]


def _appraise(world: World) -> None:
    reply = Hall(world).appraise(_ROUND[0], _CODES[0])
    assert reply.status == 200, reply.text


def _end_round(world: World) -> None:
    path = f"/v1/appraisals/{_ROUND[0]}/ending"
    reply = office(world)("POST", path, {"reason": "名单有误"}, {"If-Match": '"1"'})
    assert reply.status == 200, reply.text


join("POST /v1/appraisals", settle, _open_round)
join("POST /v1/appraisals/{round_id}/seats/{category}", _opened_round, _issue)
join("POST /v1/appraisals/{round_id}/ending", _opened_round, _end_round)
join("POST /public/v1/appraisals/{round_id}/answers", _issued, _appraise)
