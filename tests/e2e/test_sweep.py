"""The schedule is waited for until it really fires. Last of its folder: the longer the other tests
take, the shorter this one waits."""

from __future__ import annotations

import pytest

from tests.e2e.client import Api
from tests.e2e.conftest import Run

pytestmark = pytest.mark.e2e

REPAIR_SECONDS = 240
"""Two minutes before a change counts as lost, a tick each minute, and a machine under load."""


@pytest.mark.requirement("R-60")
def test_a_lost_message_is_made_good_by_the_scheduled_sweep(
    run: Run, public: Api, lost_record: str
) -> None:
    found = public.once(f"/public/v1/records/{lost_record}", 200, REPAIR_SECONDS)
    assert found.json["version"] == 1
    freshness = public.get("/public/v1/freshness").json
    assert freshness["checked_at"], freshness
