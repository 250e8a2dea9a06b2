"""The issuer's signing keys: fetched when needed, kept an hour, again for an unknown key id."""

from __future__ import annotations

import json
import time
import urllib.parse
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from chalicelib.kernel.errors import Misconfigured, Unavailable
from chalicelib.kernel.settings import Settings

if TYPE_CHECKING:
    from jwt import PyJWK

KEPT_SECONDS = 3600.0
STALE_SECONDS = 24 * 3600.0
MIN_INTERVAL_SECONDS = 30.0
_TIMEOUT_SECONDS = 3.0
_LARGEST_ANSWER = 262_144
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

# Signature algorithm -> key type and curve it may be used with; nothing else is accepted, so a
# public key can never be taken for an HMAC secret.
ALGORITHMS: Mapping[str, tuple[str, str | None]] = {
    "RS256": ("RSA", None),
    "ES256": ("EC", "P-256"),
}

Fetch = Callable[[str], bytes]
Monotonic = Callable[[], float]


def check_issuer(settings: Settings) -> None:
    """Refuse to run without an issuer, or over plain http outside the local stage.
    Raises Misconfigured."""
    if not settings.oidc_issuer:
        raise Misconfigured("缺少 OIDC_ISSUER：没有签发者就无法验证身份，平台拒绝启动")
    for name, address in (
        ("OIDC_ISSUER", settings.oidc_issuer),
        ("OIDC_JWKS_URL", settings.oidc_jwks_url),
    ):
        if address:
            _check_address(name, address, settings)


def _check_address(name: str, address: str, settings: Settings) -> None:
    parts = urllib.parse.urlsplit(address)
    if parts.username or parts.password or not parts.hostname:
        raise Misconfigured(f"{name} 不是有效的地址，平台拒绝启动")
    if parts.scheme == "https":
        return
    if parts.scheme != "http" or settings.stage != "local":
        raise Misconfigured(f"{name} 必须使用 https，平台拒绝启动")


def fetch_over_http(address: str) -> bytes:
    """The body at `address` (checked by `check_issuer`). Raises Unavailable."""
    # Imported here: the HTTP client with TLS costs a cold start 20 ms, and most requests none.
    import urllib.error
    import urllib.request
    from http.client import HTTPException

    class NoRedirect(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: Any, **__: Any) -> None:
            """Keys come from the configured address or not at all."""
            return None

    try:
        with urllib.request.build_opener(NoRedirect).open(
            address, timeout=_TIMEOUT_SECONDS
        ) as answer:
            body: bytes = answer.read(_LARGEST_ANSWER + 1)
    except (urllib.error.URLError, HTTPException, OSError) as error:
        raise Unavailable("身份认证服务没有应答，请稍后重试") from error
    if len(body) > _LARGEST_ANSWER:
        raise Unavailable("身份认证服务的应答过大")
    return body


class KeySet:
    """The issuer's keys by key id, in one worker."""

    def __init__(
        self,
        settings: Settings,
        fetch: Fetch = fetch_over_http,
        monotonic: Monotonic = time.monotonic,
    ) -> None:
        check_issuer(settings)
        self._settings = settings
        self._fetch = fetch
        self._monotonic = monotonic
        self._keys: dict[tuple[str, str], PyJWK] = {}
        self._loaded_at = float("-inf")
        self._tried_at = float("-inf")

    def find(self, key_id: str, algorithm: str) -> PyJWK | None:
        """The key for this id and algorithm, fetching at most once per MIN_INTERVAL_SECONDS.
        Raises Unavailable when there are no keys at all and none can be fetched."""
        now = self._monotonic()
        found = self._among_known(key_id, algorithm)
        if found is not None and now - self._loaded_at < KEPT_SECONDS:
            return found
        if now - self._tried_at >= MIN_INTERVAL_SECONDS:
            self._load(now)
            found = self._among_known(key_id, algorithm)
        if now - self._loaded_at >= STALE_SECONDS:
            raise Unavailable("暂时取不到身份认证服务的公钥，请稍后重试")
        return found

    def _among_known(self, key_id: str, algorithm: str) -> PyJWK | None:
        if key_id:
            return self._keys.get((key_id, algorithm))
        # RFC 7515 lets an issuer with one key leave the id out.
        fitting = [key for (_, name), key in self._keys.items() if name == algorithm]
        return fitting[0] if len(fitting) == 1 else None

    def _load(self, now: float) -> None:
        self._tried_at = now
        try:
            keys = self._fetched()
        except Unavailable:
            # Known keys outlive a short outage of the issuer.
            if now - self._loaded_at >= STALE_SECONDS:
                raise
            return
        self._keys = keys
        self._loaded_at = now

    def _fetched(self) -> dict[tuple[str, str], PyJWK]:
        address = self._settings.oidc_jwks_url or self._discovered()
        document = _object(self._fetch(address))
        entries = document.get("keys")
        keys: dict[tuple[str, str], PyJWK] = {}
        for entry in entries if isinstance(entries, list) else []:
            if isinstance(entry, dict):
                keys |= _usable(entry)
        if not keys:
            raise Unavailable("身份认证服务没有给出可用的公钥")
        return keys

    def _discovered(self) -> str:
        issuer = self._settings.oidc_issuer.rstrip("/")
        document = _object(self._fetch(f"{issuer}/.well-known/openid-configuration"))
        # OpenID Connect Discovery §4.3: the document's issuer must be the one asked for.
        if document.get("issuer") != self._settings.oidc_issuer:
            raise Misconfigured("签发者的发现文档与 OIDC_ISSUER 不一致，平台拒绝启动")
        address = str(document.get("jwks_uri", ""))
        _check_address("jwks_uri", address, self._settings)
        return address


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(body)
    except ValueError as error:
        raise Unavailable("身份认证服务的应答无法读取") from error
    if not isinstance(document, dict):
        raise Unavailable("身份认证服务的应答无法读取")
    return document


def _usable(entry: Mapping[str, Any]) -> dict[tuple[str, str], PyJWK]:
    from jwt import PyJWK
    from jwt.exceptions import InvalidKeyError, PyJWKError

    if entry.get("use", "sig") != "sig":
        return {}
    for algorithm, (kind, curve) in ALGORITHMS.items():
        if entry.get("kty") != kind or (curve is not None and entry.get("crv") != curve):
            continue
        if entry.get("alg", algorithm) != algorithm:
            continue
        try:
            key = PyJWK.from_dict(dict(entry), algorithm=algorithm)
        except (PyJWKError, InvalidKeyError, ValueError, KeyError, TypeError):
            return {}
        if kind == "RSA" and key.key.key_size < 2048:
            return {}
        return {(str(entry.get("kid", "")), algorithm): key}
    return {}
