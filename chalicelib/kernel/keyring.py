"""The platform's keys and the only things done with them: keyed digests, sealing, receipts.

Three keys make a keyring. The *digest key* turns natural keys, citizen codes and contents into ids
that nobody can guess. The *key-encryption key* wraps one data key per subject, under which the
personal values of that subject are sealed: destroying the wrapped key erases the person, wherever
the sealed values lie. The *receipt key* (P-256) signs receipts anyone can verify.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.kernel.errors import GovcreditError, Misconfigured
from chalicelib.kernel.ids import Ids

if TYPE_CHECKING:  # imported where used: loading OpenSSL costs 30 ms that most cold starts can save
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

SEALED_PREFIX = "sealed:1:"
_NONCE_BYTES = 12
_KEY_BYTES = 32


class Erased(GovcreditError):
    """The subject's data key was destroyed: what was sealed under it is gone for good."""

    status, code, title = 410, "erased", "该主体的个人数据已依法删除，原值无法恢复"


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """The data key of one subject, opened."""

    subject_id: str
    value: bytes

    def seal(self, text: str, ids: Ids) -> str:
        """`text` sealed for this subject; the same text never looks the same twice."""
        return SEALED_PREFIX + _encrypt(self.value, text.encode(), self.subject_id.encode(), ids)

    def unseal(self, sealed: str) -> str:
        """The text sealed by `seal`. Raises ValueError if altered or another subject's."""
        if not sealed.startswith(SEALED_PREFIX):
            raise ValueError("not a sealed value")
        body = sealed[len(SEALED_PREFIX) :]
        return _decrypt(self.value, body, self.subject_id.encode()).decode()

    def seal_bytes(self, data: bytes, ids: Ids) -> bytes:
        """`seal` for a whole file."""
        body = _encrypt(self.value, data, self.subject_id.encode(), ids)
        return (SEALED_PREFIX + body).encode()

    def unseal_bytes(self, sealed: bytes) -> bytes:
        """The inverse of `seal_bytes`. Raises ValueError if altered or another subject's."""
        if not sealed.startswith(SEALED_PREFIX.encode()):
            raise ValueError("not a sealed file")
        body = sealed[len(SEALED_PREFIX) :].decode()
        return _decrypt(self.value, body, self.subject_id.encode())


@dataclass(frozen=True)
class Keyring:
    """The opened keys of one platform. Never stored, logged or sent in this form."""

    key_id: str
    digest_key: bytes
    wrapping_key: bytes
    receipt_key_pem: bytes

    def __post_init__(self) -> None:
        for key in (self.digest_key, self.wrapping_key):
            if len(key) != _KEY_BYTES or len(set(key)) < 8:
                raise Misconfigured("密钥环中的密钥缺失或为默认值，平台拒绝启动")
        if self.digest_key == self.wrapping_key:
            raise Misconfigured("密钥环中的两把密钥相同，平台拒绝启动")

    def mac(self, purpose: str, *parts: str | bytes) -> bytes:
        """HMAC-SHA-256 (32 bytes) of `parts`, separated by purpose and unambiguous in length."""
        digest = hmac.new(self.digest_key, purpose.encode(), hashlib.sha256)
        for part in parts:
            data = part.encode() if isinstance(part, str) else part
            digest.update(len(data).to_bytes(4, "big"))
            digest.update(data)
        return digest.digest()

    def wrap_new_key(self, subject_id: str, ids: Ids) -> str:
        """A fresh data key for `subject_id`, wrapped: what is stored beside the subject."""
        return _encrypt(self.wrapping_key, ids.random_bytes(_KEY_BYTES), subject_id.encode(), ids)

    def open_key(self, subject_id: str, wrapped: str) -> SubjectKey:
        """The data key behind `wrapped`. Raises Erased when it was destroyed."""
        if not wrapped:
            raise Erased()
        return SubjectKey(subject_id, _decrypt(self.wrapping_key, wrapped, subject_id.encode()))

    def seal_internal(self, data: bytes, context: str, ids: Ids) -> str:
        """`data` sealed for the platform itself, bound to `context`."""
        return _encrypt(self.wrapping_key, data, b"internal:" + context.encode(), ids)

    def unseal_internal(self, sealed: str, context: str) -> bytes:
        """The inverse of `seal_internal`. Raises ValueError when altered or of another context."""
        return _decrypt(self.wrapping_key, sealed, b"internal:" + context.encode())

    def sign(self, claims: Mapping[str, object]) -> str:
        """A compact JWS (ES256, RFC 7515) over `claims`, verifiable with `public_jwks`."""
        import jwt

        return jwt.encode(
            dict(claims), self._receipt_key, algorithm="ES256", headers={"kid": self.key_id}
        )

    def public_jwks(self) -> dict[str, list[dict[str, str]]]:
        """The JWK set (RFC 7517) with the public half of the receipt key."""
        from jwt.algorithms import ECAlgorithm

        jwk = json.loads(ECAlgorithm.to_jwk(self._receipt_key.public_key()))
        return {"keys": [{**jwk, "kid": self.key_id, "use": "sig", "alg": "ES256"}]}

    @functools.cached_property
    def _receipt_key(self) -> EllipticCurvePrivateKey:
        from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        key = load_pem_private_key(self.receipt_key_pem, password=None)
        if not isinstance(key, EllipticCurvePrivateKey):
            raise Misconfigured("回执签名密钥必须是 P-256 私钥")
        return key

    def to_bytes(self) -> bytes:
        """The plain form, only ever handed to KMS for sealing."""
        values = {
            "key_id": self.key_id,
            "digest_key": base64.b64encode(self.digest_key).decode(),
            "wrapping_key": base64.b64encode(self.wrapping_key).decode(),
            "receipt_key_pem": self.receipt_key_pem.decode(),
        }
        return json.dumps(values).encode()


def keyring_from_bytes(data: bytes) -> Keyring:
    """The inverse of `Keyring.to_bytes`."""
    values = json.loads(data)
    return Keyring(
        key_id=values["key_id"],
        digest_key=base64.b64decode(values["digest_key"]),
        wrapping_key=base64.b64decode(values["wrapping_key"]),
        receipt_key_pem=values["receipt_key_pem"].encode(),
    )


def new_keyring(ids: Ids) -> Keyring:
    """A keyring of fresh keys."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    private = ec.generate_private_key(ec.SECP256R1())
    return Keyring(
        key_id=ids.new("key"),
        digest_key=ids.random_bytes(_KEY_BYTES),
        wrapping_key=ids.random_bytes(_KEY_BYTES),
        receipt_key_pem=private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )


def _encrypt(key: bytes, data: bytes, bound_to: bytes, ids: Ids) -> str:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = ids.random_bytes(_NONCE_BYTES)
    return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, data, bound_to)).decode()


def _decrypt(key: bytes, text: str, bound_to: bytes) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        data = base64.b64decode(text, validate=True)
        return AESGCM(key).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], bound_to)
    except InvalidTag as error:
        raise ValueError("sealed value does not open: altered, or bound elsewhere") from error
