"""What an institution signs, and how anyone checks one rating without the others. Pure.

    rating ── canonical JSON ── leaf hash ─┐
    rating ── canonical JSON ── leaf hash ─┴─ Merkle root (RFC 6962) ── statement ── JWS (ES256)

The payload of the JWS is the statement in canonical JSON (RFC 8785): system, period, reference,
note, number of ratings, root. So one signature covers all ratings of a submission, and each of them
is published with the few hashes that lead from it to the root.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from typing import Final

from chalicelib.kernel.canonical import JsonValue, canonical_json
from chalicelib.third_parties.model import Row, SigningKey, Statement
from chalicelib.tlog.merkle import EMPTY_ROOT, leaf_hash, node_hash

ALGORITHM: Final = "ES256"
JWK_MEMBERS: Final = ("crv", "kty", "x", "y")


class NotSigned(ValueError):
    """The signature does not hold: `code` says why, `message` in Chinese."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def thumbprint(jwk: Mapping[str, str]) -> str:
    """The id of a key (RFC 7638): it follows from the key and needs no register."""
    wanted: dict[str, JsonValue] = {name: jwk[name] for name in JWK_MEMBERS}
    digest = hashlib.sha256(canonical_json(wanted)).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def is_usable(jwk: Mapping[str, str]) -> bool:
    """Whether it is a point of P-256."""
    from jwt import PyJWK
    from jwt.exceptions import PyJWTError

    try:
        return PyJWK(dict(jwk), ALGORITHM).key_type == "EC" and jwk["crv"] == "P-256"
    except (PyJWTError, ValueError):
        return False


def row_bytes(row: Row) -> bytes:
    """The canonical JSON of a rating; members without a value are empty."""
    return canonical_json(row_json(row))


def row_json(row: Row) -> dict[str, JsonValue]:
    """The members of a rating as they are signed, all of them text."""
    return {
        "unified_code": row.unified_code,
        "score": row.score,
        "grade": row.grade,
        "indicators": dict(row.indicators),
        "note": row.note,
    }


def statement_bytes(statement: Statement) -> bytes:
    """The payload to be signed."""
    return canonical_json(
        {
            "system": statement.system,
            "period": statement.period,
            "reference": statement.reference,
            "note": statement.note,
            "count": statement.count,
            "root": statement.root,
        }
    )


def tree_of(rows: Sequence[Row]) -> tuple[str, tuple[tuple[str, ...], ...]]:
    """The Merkle root over the ratings in their order (hex), and each one's proof from the leaf up
    (RFC 6962 §2.1.1)."""
    if not rows:
        return EMPTY_ROOT.hex(), ()
    leaves = [leaf_hash(row_bytes(row)) for row in rows]
    proofs: list[list[str]] = [[] for _ in rows]
    root = _grown(leaves, 0, len(leaves), proofs)
    return root.hex(), tuple(map(tuple, proofs))


def _grown(leaves: list[bytes], start: int, end: int, proofs: list[list[str]]) -> bytes:
    if end - start == 1:
        return leaves[start]
    middle = start + (1 << (end - start - 1).bit_length() - 1)
    left, right = _grown(leaves, start, middle, proofs), _grown(leaves, middle, end, proofs)
    for proof in proofs[start:middle]:
        proof.append(right.hex())
    for proof in proofs[middle:end]:
        proof.append(left.hex())
    return node_hash(left, right)


def check_signature(jws: str, statement: Statement, keys: Sequence[SigningKey]) -> SigningKey:
    """The key that signed the statement. Raises NotSigned where it is no compact JWS by ES256, by
    a key not registered or retired, over something else, or does not hold."""
    from jwt import PyJWK, PyJWS
    from jwt.exceptions import InvalidTokenError

    try:
        header = PyJWS().get_unverified_header(jws)
    except InvalidTokenError as error:
        raise NotSigned("signature_malformed", "签名应为紧凑形式的 JWS（RFC 7515）") from error
    if header.get("alg") != ALGORITHM or "crit" in header or header.get("b64") is False:
        raise NotSigned("signature_malformed", "签名算法应为 ES256，不带其他必须理解的头部")
    key = next((one for one in keys if one.kid == header.get("kid")), None)
    if key is None:
        raise NotSigned("unknown_key", "JWS 的 kid 不是本机构登记的公钥编号")
    if key.retired_at:
        raise NotSigned("retired_key", "签名所用的公钥已停用，请用现行的密钥签名")
    try:
        public = PyJWK(dict(key.jwk), ALGORITHM)
        payload = PyJWS().decode(jws, public, algorithms=[ALGORITHM])
    except InvalidTokenError as error:
        raise NotSigned("wrong_signature", "签名与公钥不符") from error
    if payload != statement_bytes(statement):
        message = "签名的内容不是这次提交的声明，请对照 POST …/statement 返回的声明签名"
        raise NotSigned("statement_differs", message)
    return key
