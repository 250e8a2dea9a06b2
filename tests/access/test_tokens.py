"""Which tokens are believed."""

from __future__ import annotations

import jwt
import pytest

from chalicelib.access.jwks import KeySet, check_issuer
from chalicelib.access.tokens import CACHE_SIZE
from chalicelib.kernel.errors import Misconfigured, Unauthenticated, Unavailable
from tests.access.build import ISSUER, NOW, Issuer, Time, settings, unsigned, verifier

pytestmark = pytest.mark.requirement("R-26")


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_a_good_token_names_its_client(algorithm: str) -> None:
    issuer = Issuer(algorithm)
    identity = verifier(issuer).verify(issuer.token("clerk-9"), NOW)
    assert identity.client_id == "clerk-9"


def test_a_verified_token_is_not_verified_again() -> None:
    issuer = Issuer()
    found, token = verifier(issuer), issuer.token()
    first = found.verify(token, NOW)
    issuer.rotate("k2")
    assert found.verify(token, NOW) is first
    assert issuer.fetched == 2  # discovery and keys, once


def test_a_remembered_token_still_expires() -> None:
    issuer, time = Issuer(), Time()
    found, token = verifier(issuer, time), issuer.token()
    found.verify(token, time())
    time.pass_(3600 + 59)
    found.verify(token, time())
    time.pass_(1)
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            found.verify(token, time())


def test_the_memory_of_tokens_is_bounded() -> None:
    issuer = Issuer("ES256")
    found = verifier(issuer)
    found._seen = {bytes([i % 256, i // 256]): found.verify(issuer.token(), NOW) for i in range(9)}
    found._seen = {str(i).encode(): next(iter(found._seen.values())) for i in range(CACHE_SIZE)}
    found.verify(issuer.token("another"), NOW)
    assert len(found._seen) == CACHE_SIZE


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": int(NOW.timestamp()) - 61},
        {"exp": None},
        {"exp": "soon"},
        {"exp": True},
        {"nbf": int(NOW.timestamp()) + 61},
        {"iat": int(NOW.timestamp()) + 61},
        {"iss": "https://somebody.example.test"},
        {"iss": None},
        {"token_use": "id"},
        {"token_use": None},
        {"client_id": None},
        {"client_id": ""},
    ],
    ids=str,
)
def test_claims_that_are_refused(changed: dict[str, object]) -> None:
    issuer = Issuer("ES256")
    with pytest.raises(Unauthenticated):
        verifier(issuer).verify(issuer.token(**changed), NOW)


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": int(NOW.timestamp()) - 59},
        {"nbf": int(NOW.timestamp()) + 59},
        {"iat": None},
    ],
    ids=str,
)
def test_clocks_may_differ_by_a_minute(changed: dict[str, object]) -> None:
    issuer = Issuer("ES256")
    assert verifier(issuer).verify(issuer.token(**changed), NOW).client_id == "clerk-1"


def test_with_an_audience_the_token_must_carry_it() -> None:
    issuer = Issuer("ES256")
    found = verifier(issuer, oidc_audience="govcredit")
    good = issuer.token(token_use=None, client_id=None, azp="web", aud=["account", "govcredit"])
    assert found.verify(good, NOW).client_id == "web"
    for bad in (
        {"aud": "other"},
        {"aud": None},
        {"aud": "govcredit", "token_use": "id"},
        {"aud": "govcredit", "typ": "ID", "token_use": None},
    ):
        with pytest.raises(Unauthenticated):
            found.verify(issuer.token(**bad), NOW)


def test_a_token_without_signature_is_refused() -> None:
    issuer = Issuer()
    for algorithm in ("none", "None", ""):
        token = unsigned(issuer.claims(), {"alg": algorithm, "kid": "k1", "typ": "JWT"})
        with pytest.raises(Unauthenticated):
            verifier(issuer).verify(token, NOW)


def test_the_public_key_is_no_hmac_secret() -> None:
    """Algorithm confusion: HS256 keyed with what everybody can read."""
    import base64
    import hashlib
    import hmac

    issuer = Issuer()
    head = unsigned(issuer.claims(), {"alg": "HS256", "kid": "k1"}).rstrip(".")
    mac = hmac.new(issuer.public_pem(), head.encode(), hashlib.sha256).digest()
    token = f"{head}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"
    with pytest.raises(Unauthenticated):
        verifier(issuer).verify(token, NOW)


def test_a_key_serves_its_own_algorithm_only() -> None:
    issuer = Issuer("RS256")
    token = jwt.encode(issuer.claims(), issuer._private, "PS256", headers={"kid": "k1"})
    with pytest.raises(Unauthenticated):
        verifier(issuer).verify(token, NOW)


def test_forged_and_damaged_tokens_are_refused() -> None:
    issuer, forger = Issuer("ES256"), Issuer("ES256")
    token = issuer.token()
    head, body, mark = token.split(".")
    for bad in (
        forger.token(),
        f"{head}.{body}.{mark[:-4]}AAAA",
        f"{head}.{body[:-2]}xx.{mark}",
        f"{head}.{body}",
        "x",
        "",
        "ü.ü.ü",
        "a" * 9000,
        issuer.token(headers={"crit": ["exp"]}),
    ):
        with pytest.raises(Unauthenticated):
            verifier(issuer).verify(bad, NOW)


def test_a_rotated_key_is_fetched_once_per_interval() -> None:
    issuer, time = Issuer("ES256"), Time()
    found = verifier(issuer, time, oidc_jwks_url=f"{ISSUER}/keys")
    found.verify(issuer.token(), time())
    issuer.rotate("k2", keep=True)
    with pytest.raises(Unauthenticated):
        found.verify(issuer.token(), time())  # within the interval: not fetched
    assert issuer.fetched == 1
    time.pass_(31)
    assert found.verify(issuer.token(), time()).client_id == "clerk-1"
    assert issuer.fetched == 2
    for number in range(20):  # made-up key ids do not make us hammer the issuer
        with pytest.raises(Unauthenticated):
            found.verify(issuer.token(headers={"kid": f"made-up-{number}"}), time())
    assert issuer.fetched == 2


def test_known_keys_outlive_an_outage_of_the_issuer() -> None:
    issuer, time = Issuer("ES256"), Time()
    found = verifier(issuer, time)
    found.verify(issuer.token("a"), time())
    issuer.down = True
    time.pass_(3601)
    assert found.verify(issuer.token("b", exp=int(NOW.timestamp()) + 99999), time()).client_id
    time.pass_(24 * 3600)
    with pytest.raises(Unavailable):
        found.verify(issuer.token("c", exp=int(NOW.timestamp()) + 999999), time())


def test_without_any_key_the_answer_is_try_again() -> None:
    issuer = Issuer("ES256", down=True)
    found = verifier(issuer)
    for _ in range(5):
        with pytest.raises(Unavailable):
            found.verify(issuer.token(), NOW)
    assert issuer.fetched == 1


@pytest.mark.parametrize(
    "values",
    [
        {"oidc_issuer": ""},
        {"oidc_issuer": "http://issuer.example.test"},
        {"oidc_issuer": "ftp://issuer.example.test"},
        {"oidc_issuer": "https://"},
        {"oidc_issuer": "https://user:secret@issuer.example.test"},
        {"oidc_jwks_url": "http://issuer.example.test/keys"},
        {"oidc_jwks_url": "file:///etc/passwd", "stage": "local"},
    ],
    ids=str,
)
def test_the_platform_refuses_to_start_with_an_unsafe_issuer(values: dict[str, str]) -> None:
    with pytest.raises(Misconfigured):
        check_issuer(settings(**values))


def test_plain_http_is_for_the_local_stage() -> None:
    check_issuer(settings(stage="local", oidc_jwks_url="http://127.0.0.1:4566/pool/keys"))


def test_weak_and_foreign_keys_are_not_taken() -> None:
    from cryptography.hazmat.primitives.asymmetric import rsa

    issuer = Issuer()
    issuer._private = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    import json

    weak = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(issuer._private.public_key()))
    issuer._published = [
        {**weak, "kid": "k1", "use": "sig"},
        {"kty": "oct", "k": "c2VjcmV0", "kid": "k1", "alg": "HS256"},
        {**issuer._published[0], "use": "enc"},
        {"kty": "RSA", "kid": "k1"},
    ]
    with pytest.raises(Unavailable):
        KeySet(settings(), issuer.fetch, Time().monotonic).find("k1", "RS256")


def test_a_discovery_document_of_another_issuer_is_refused() -> None:
    def fetch(address: str) -> bytes:
        return (
            b'{"issuer": "https://other.example.test", "jwks_uri": "https://other.example.test/k"}'
        )

    with pytest.raises(Misconfigured):
        KeySet(settings(), fetch, Time().monotonic).find("k1", "RS256")
