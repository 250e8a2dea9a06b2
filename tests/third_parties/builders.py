"""A university that rates the bodies of the made-up city, and its key."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    derive_private_key,
)
from jwt import PyJWS
from jwt.algorithms import ECAlgorithm

from chalicelib.third_parties.model import Row, Statement
from chalicelib.third_parties.rules_signing import statement_bytes, thumbprint, tree_of

KEY: EllipticCurvePrivateKey = derive_private_key(20_260_615, SECP256R1())
OTHER_KEY: EllipticCurvePrivateKey = derive_private_key(20_260_616, SECP256R1())


def jwk_of(key: EllipticCurvePrivateKey) -> dict[str, str]:
    """The public half as it is registered."""
    found = json.loads(ECAlgorithm.to_jwk(key.public_key()))
    return {name: found[name] for name in ("kty", "crv", "x", "y")}


def kid_of(key: EllipticCurvePrivateKey) -> str:
    """The id under which the platform keeps it."""
    return thumbprint(jwk_of(key))


def signed(payload: bytes, key: EllipticCurvePrivateKey = KEY, **header: Any) -> str:
    """A compact JWS."""
    return PyJWS().encode(payload, key, algorithm="ES256", headers={"kid": kid_of(key), **header})


def rows_of(ratings: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Ratings as they are sent, as rows."""
    return [Row(**rating) for rating in ratings]


def statement_of(sent: Mapping[str, Any], rows: Sequence[Row]) -> Statement:
    """What is to be signed, made as an institution would make it."""
    root, _ = tree_of(rows)
    return Statement(
        sent["system"],
        sent["period"],
        sent.get("reference", ""),
        sent.get("note", ""),
        len(rows),
        root,
    )


def sign(sent: Mapping[str, Any], key: EllipticCurvePrivateKey = KEY) -> dict[str, Any]:
    """A submission with its signature."""
    statement = statement_of(sent, rows_of(sent["ratings"]))
    return {**sent, "signature": signed(statement_bytes(statement), key)}
