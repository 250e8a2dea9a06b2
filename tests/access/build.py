"""Builders for access tests: an issuer with its own keys, codes, registered demo clients."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from chalicelib.access.jwks import KeySet
from chalicelib.access.model import AgencyIn, ClientIn, Founding, Level
from chalicelib.access.tokens import Verifier
from chalicelib.kernel.codes import organisation_code_from, unified_code_from
from chalicelib.kernel.settings import Settings

ISSUER = "https://issuer.example.test/pool"
NOW = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)


class Time:
    """A clock a test moves."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def monotonic(self) -> float:
        return self.now.timestamp()


def settings(**values: Any) -> Settings:
    return Settings(**{"stage": "test", "oidc_issuer": ISSUER, **values})


def agency_code(number: int, area: str = "990100") -> str:
    """A valid unified code of a made-up public body."""
    return unified_code_from(f"11{area}" + organisation_code_from(f"MB{number:06d}"))


@dataclass
class Issuer:
    """An OIDC issuer in memory; counts how often its keys were fetched."""

    algorithm: str = "RS256"
    key_id: str = "k1"
    fetched: int = 0
    down: bool = False
    _private: Any = None
    _published: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rotate(self.key_id)

    def rotate(self, key_id: str, *, keep: bool = False) -> None:
        """New signing key; the old one stays published only if `keep`."""
        self.key_id = key_id
        if self.algorithm == "RS256":
            self._private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            jwk = json.loads(RSAAlgorithm.to_jwk(self._private.public_key()))
        else:
            self._private = ec.generate_private_key(ec.SECP256R1())
            jwk = json.loads(ECAlgorithm.to_jwk(self._private.public_key()))
        entry = {**jwk, "kid": key_id, "use": "sig", "alg": self.algorithm}
        self._published = [*(self._published if keep else []), entry]

    def fetch(self, address: str) -> bytes:
        from chalicelib.kernel.errors import Unavailable

        self.fetched += 1
        if self.down:
            raise Unavailable("down")
        if address.endswith("/.well-known/openid-configuration"):
            return json.dumps({"issuer": ISSUER, "jwks_uri": f"{ISSUER}/keys"}).encode()
        return json.dumps({"keys": self._published}).encode()

    def claims(self, client_id: str = "clerk-1", **changed: Any) -> dict[str, Any]:
        """The claims of an access token as Cognito writes them."""
        claims = {
            "iss": ISSUER,
            "sub": client_id,
            "client_id": client_id,
            "token_use": "access",
            "scope": "govcredit/api",
            "iat": int(NOW.timestamp()),
            "exp": int(NOW.timestamp()) + 3600,
            **changed,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, client_id: str = "clerk-1", headers: Any = None, **changed: Any) -> str:
        return jwt.encode(
            self.claims(client_id, **changed),
            self._private,
            algorithm=self.algorithm,
            headers={"kid": self.key_id, **(headers or {})},
        )

    def public_pem(self) -> bytes:
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        return self._private.public_key().public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )


def verifier(issuer: Issuer, time: Time | None = None, **values: Any) -> Verifier:
    found = settings(**values)
    monotonic = (time or Time()).monotonic
    return Verifier(found, KeySet(found, issuer.fetch, monotonic))


def unsigned(claims: dict[str, Any], header: dict[str, Any]) -> str:
    """A token with any header and no signature."""

    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part(header)}.{part(claims)}."


CITY_OFFICE = agency_code(1)
CITY_BUREAU = agency_code(2)
COUNTY_BUREAU = agency_code(3, "990102")
OTHER_CITY = agency_code(4, "990200")

ROLES = (
    *("clerk", "credit_office", "supervisor", "personnel", "auditor"),
    *("business_system", "third_party"),
)


def founding() -> Founding:
    """A city with every demo role, a county bureau, and a bureau of another city."""

    def agency(code: str, name: str, region: str, level: Level, roles: tuple[str, ...]) -> AgencyIn:
        return AgencyIn(agency_code=code, name=name, region=region, level=level, roles=list(roles))

    def client(client_id: str, code: str | None, roles: list[str], **more: str) -> ClientIn:
        return ClientIn(
            client_id=client_id,
            name=client_id,
            agency_code=code,
            jurisdiction="nanjing",
            roles=roles,
            **more,
        )

    return Founding(
        agencies=[
            agency(CITY_OFFICE, "示例市信用办", "990100", Level.CITY, ROLES),
            agency(CITY_BUREAU, "示例市税务局", "990100", Level.CITY, ("clerk",)),
            agency(COUNTY_BUREAU, "示例县教育局", "990102", Level.COUNTY, ("clerk",)),
            agency(OTHER_CITY, "别的市税务局", "990200", Level.CITY, ("clerk",)),
        ],
        clients=[
            *(client(f"{role}-1", CITY_OFFICE, [role]) for role in ROLES),
            client("clerk-county", COUNTY_BUREAU, ["clerk"]),
            client("clerk-other", OTHER_CITY, ["clerk"]),
            client("subject-1", None, ["subject"], subject_id="sub_1"),
        ],
    )
