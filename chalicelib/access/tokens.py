"""Bearer tokens: JWTs of the configured OIDC issuer, verified in process.

Checked: signature (RS256 or ES256 by the issuer's key), issuer, expiry, `nbf` and `iat` if present,
and that the token was made for this platform: `aud`, or with Cognito (which puts no `aud` into
access tokens) `token_use=access`; the client is then looked up in the register.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.access.jwks import ALGORITHMS, KeySet
from chalicelib.kernel.errors import Unauthenticated
from chalicelib.kernel.settings import Settings

SKEW_SECONDS = 60
MAX_TOKEN_CHARACTERS = 8192
CACHE_SIZE = 2000


@dataclass(frozen=True, slots=True)
class Identity:
    """What a verified token says: which client, until when (epoch seconds)."""

    client_id: str
    expires_at: float


class Verifier:
    """Verifies tokens of one issuer and remembers those it has verified until they expire."""

    def __init__(self, settings: Settings, keys: KeySet | None = None) -> None:
        self._settings = settings
        self._keys = KeySet(settings) if keys is None else keys
        self._seen: dict[bytes, Identity] = {}

    def verify(self, token: str, now: datetime) -> Identity:
        """Who the token speaks for. Raises Unauthenticated, or Unavailable when the issuer's
        keys cannot be had."""
        instant = now.timestamp()
        # By digest: the cache shall not be a heap of usable tokens.
        place = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        found = self._seen.get(place)
        if found is None:
            found = self._verified(token, instant)
            if len(self._seen) >= CACHE_SIZE:
                self._forget(instant)
            self._seen[place] = found
        elif found.expires_at <= instant:
            del self._seen[place]
            raise Unauthenticated("令牌已过期，请重新获取")
        return found

    def _forget(self, instant: float) -> None:
        self._seen = {
            place: identity
            for place, identity in self._seen.items()
            if identity.expires_at > instant
        }
        while len(self._seen) >= CACHE_SIZE:
            self._seen.pop(next(iter(self._seen)))

    def _verified(self, token: str, instant: float) -> Identity:
        if len(token) > MAX_TOKEN_CHARACTERS:
            raise Unauthenticated("令牌过长")
        claims = self._signed_claims(token)
        expires_at = _seconds(claims, "exp") + SKEW_SECONDS
        if expires_at <= instant:
            raise Unauthenticated("令牌已过期，请重新获取")
        for name in ("nbf", "iat"):
            if name in claims and _seconds(claims, name) > instant + SKEW_SECONDS:
                raise Unauthenticated("令牌尚未生效，请检查时钟")
        if claims.get("iss") != self._settings.oidc_issuer:
            raise Unauthenticated("令牌不是由本平台认可的签发者签发")
        self._check_audience(claims)
        client_id = claims.get("client_id") or claims.get("azp")
        if not isinstance(client_id, str) or not client_id:
            raise Unauthenticated("令牌没有注明客户端")
        return Identity(client_id, expires_at)

    def _signed_claims(self, token: str) -> Mapping[str, Any]:
        import jwt

        try:
            header = jwt.get_unverified_header(token)
            algorithm = str(header.get("alg", ""))
            if algorithm not in ALGORITHMS or "crit" in header:
                raise Unauthenticated("令牌的签名算法不被接受")
            key = self._keys.find(str(header.get("kid", "")), algorithm)
            if key is None:
                raise Unauthenticated("令牌不是由签发者现有的密钥签名")
            # Times, issuer and audience are checked by us, against the platform's own clock.
            claims: Mapping[str, Any] = jwt.decode(
                token,
                key=key.key,
                algorithms=[algorithm],
                options={
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                    "verify_aud": False,
                    "verify_iss": False,
                },
            )
        except jwt.PyJWTError as error:
            raise Unauthenticated("令牌无法通过验证") from error
        return claims

    def _check_audience(self, claims: Mapping[str, Any]) -> None:
        wanted = self._settings.oidc_audience
        # An ID token tells a front end who logged in; it is no key to an API.
        if claims.get("token_use", "access") != "access" or claims.get("typ") == "ID":
            raise Unauthenticated("请使用访问令牌（access token），不要使用身份令牌")
        if not wanted:
            if claims.get("token_use") != "access":
                raise Unauthenticated("令牌不是访问令牌（access token）")
            return
        audience = claims.get("aud")
        given = audience if isinstance(audience, list) else [audience]
        if wanted not in given:
            raise Unauthenticated("令牌不是为本平台签发的")


def _seconds(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unauthenticated(f"令牌缺少有效的 {name}")
    return float(value)
