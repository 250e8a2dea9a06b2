"""The demo issuer: the emulator's Cognito, OAuth client credentials. Never part of the template."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import boto3

from infra.local.state import REGION, State, emulator_client

SCOPE_SERVER, SCOPE_NAME = "govcredit", "api"
TIMEOUT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Issuer:
    """A user pool with one client per demo identity."""

    pool: str
    endpoint: str
    clients: Mapping[str, tuple[str, str]]
    """Role -> (client id, client secret)."""

    @property
    def token_url(self) -> str:
        return f"{self.endpoint}/oauth2/token"

    @property
    def parameters(self) -> dict[str, str]:
        """What the stack must know of it: tokens carry Cognito's name, the keys are here."""
        return {
            "OidcIssuer": f"https://cognito-idp.{REGION}.amazonaws.com/{self.pool}",
            "OidcJwksUrl": f"{self.endpoint}/{self.pool}/.well-known/jwks.json",
        }


def ensure_issuer(
    session: boto3.Session, endpoint: str, state: State, roles: Iterable[str]
) -> Issuer:
    """The issuer of this state, with a client for each role; made on the first run."""
    cognito = emulator_client(session, "cognito-idp", endpoint)
    kept = state.read("issuer")
    pool = str(kept.get("pool", ""))
    known = {entry["Id"] for entry in cognito.list_user_pools(MaxResults=60)["UserPools"]}
    if pool not in known:
        pool = cognito.create_user_pool(PoolName="govcredit-demo")["UserPool"]["Id"]
        cognito.create_resource_server(
            UserPoolId=pool,
            Identifier=SCOPE_SERVER,
            Name=SCOPE_SERVER,
            Scopes=[{"ScopeName": SCOPE_NAME, "ScopeDescription": "the API"}],
        )
        kept = {"pool": pool, "clients": {}}
    clients = {
        role: (str(pair[0]), str(pair[1]))
        for role, pair in cast("dict[str, list[str]]", kept.get("clients", {})).items()
    }
    for role in roles:
        if role not in clients:
            clients[role] = _create_client(cognito, pool, role)
    state.write("issuer", {"pool": pool, "clients": clients})
    return Issuer(pool, endpoint, clients)


def _create_client(cognito: Any, pool: str, role: str) -> tuple[str, str]:
    created = cognito.create_user_pool_client(
        UserPoolId=pool,
        ClientName=role,
        GenerateSecret=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthScopes=[f"{SCOPE_SERVER}/{SCOPE_NAME}"],
    )["UserPoolClient"]
    return created["ClientId"], created["ClientSecret"]


def fetch_token(token_url: str, client_id: str, client_secret: str) -> str:
    """A bearer token by OAuth 2.0 client credentials."""
    form = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": client_secret,
    }
    request = urllib.request.Request(
        token_url,
        data=urllib.parse.urlencode(form).encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
        return str(json.loads(answer.read())["access_token"])
