"""Whose uploads one may list."""

from __future__ import annotations

import pytest

from chalicelib.access.permissions import PERMISSIONS
from chalicelib.access.rules import may_act_on
from chalicelib.web.model import Caller, Scope
from tests.intake import town


@pytest.mark.requirement("R-26")
def test_an_unregistered_agency_lies_in_no_region() -> None:
    """`GET /v1/uploads?agency=` of a code nobody registered is refused, not answered as empty."""
    office = Caller(
        client_id="office-1",
        agency_code=town.BUREAU,
        agency_name="示例市信用办",
        jurisdiction=town.JURISDICTION,
        region=town.CITY,
        level="city",
        roles=frozenset({"credit_office"}),
    )
    scope = PERMISSIONS["uploads.read"]["credit_office"]
    assert scope is Scope.REGION
    assert may_act_on(office, scope, town.HOUSING, town.EAST)
    assert not may_act_on(office, scope, town.HOUSING, "")
    assert not may_act_on(town.clerk(), Scope.OWN, town.HOUSING, town.CITY)
