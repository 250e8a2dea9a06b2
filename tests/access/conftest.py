"""The founded platform on in-process AWS, with a clock the test moves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chalicelib.access import gate, register
from chalicelib.access.register import found_platform
from chalicelib.aws.calls import forget_clients
from chalicelib.aws.platform import Platform
from chalicelib.kernel.settings import read_settings
from tests.access.build import ISSUER, Issuer, Time, founding, verifier


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def platform(aws: dict[str, str], time: Time) -> Iterator[Platform]:
    forget_clients()
    environment = {**aws, "STAGE": "test", "OIDC_ISSUER": ISSUER}
    for name in ("OIDC_JWKS_URL", "OIDC_AUDIENCE"):
        environment.pop(name, None)
    platform = Platform(read_settings(environment), clock=time)
    found_platform(platform, founding())
    yield platform
    forget_clients()


@pytest.fixture(autouse=True)
def subjects(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is on the register of subjects, which is another room's."""
    regions = {"p_ours": "990102", "p_theirs": "990200"}
    monkeypatch.setattr(register, "_subject_region", lambda _, key: regions.get(key))


@pytest.fixture
def issuer(platform: Platform, time: Time, monkeypatch: pytest.MonkeyPatch) -> Issuer:
    """An issuer whose tokens the platform's gate believes."""
    issuer = Issuer("ES256")
    made = gate.Gate(platform, verifier(issuer, time))
    monkeypatch.setattr(gate, "_gate", made)
    return issuer
