"""The register's items in the ACCESS table.

    pk AGENCY#<unified code>  sk -   one agency;  by_listing: AGENCY, <region>#<unified code>
    pk CLIENT#<client id>     sk -   one client;  by_listing: CLIENT, <region>#<client id>
    pk CODE#<unified code>    sk -   one exception;  by_listing: CODE, <region>#<unified code>

Access patterns: one agency, one client (each token's first use within a minute); agencies or
clients of a region and below, in the order of region and code; one exception; the whole list of
exceptions (each worker, once a minute at most, when a code fails its check).
"""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.access.model import Agency, Client
from chalicelib.access.model_exceptions import CodeException
from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import Page
from chalicelib.aws.writes import ABSENT, Condition, Key, Put, version_is

AGENCY, CLIENT, CODE = "AGENCY", "CLIENT", "CODE"


def agency_key(platform: Platform, agency_code: str) -> Key:
    """Where an agency lies."""
    return platform.access.key(f"{AGENCY}#{agency_code}")


def load_agency(platform: Platform, agency_code: str) -> Agency | None:
    """The agency of this code."""
    item = platform.access.get(f"{AGENCY}#{agency_code}")
    return None if item is None else agency_from(item)


def load_client(platform: Platform, client_id: str) -> Client | None:
    """The client of this id."""
    item = platform.access.get(f"{CLIENT}#{client_id}")
    return None if item is None else client_from(item)


def load_client_and_region(platform: Platform, client_id: str) -> tuple[Client, str] | None:
    """The client of this id and the region it is listed under."""
    item = platform.access.get(f"{CLIENT}#{client_id}")
    return None if item is None else (client_from(item), str(item["position"]).partition("#")[0])


def agency_write(platform: Platform, agency: Agency) -> Put:
    """The write of `agency`: version 1 only where there is none, n + 1 only over n."""
    item: Item = {
        "pk": f"{AGENCY}#{agency.agency_code}",
        "sk": "-",
        "entity": "agency",
        "version": agency.version,
        "agency_code": agency.agency_code,
        "name": agency.name,
        "region": agency.region,
        "level": agency.level,
        "superior": agency.superior,
        "roles": [*sorted(agency.roles)],
        "active": agency.active,
        "listing": AGENCY,
        "position": f"{agency.region}#{agency.agency_code}",
    }
    return Put(platform.access.name, item, _over(agency.version))


def client_write(platform: Platform, client: Client, region: str) -> Put:
    """The write of `client`, listed under `region` (its agency's, or the registering office's)."""
    item: Item = {
        "pk": f"{CLIENT}#{client.client_id}",
        "sk": "-",
        "entity": "client",
        "version": client.version,
        "client_id": client.client_id,
        "name": client.name,
        "agency_code": client.agency_code,
        "jurisdiction": client.jurisdiction,
        "roles": [*sorted(client.roles)],
        "subject_id": client.subject_id,
        "active": client.active,
        "listing": CLIENT,
        "position": f"{region}#{client.client_id}",
    }
    return Put(platform.access.name, item, _over(client.version))


_EXCEPTION_TEXTS = (
    "unified_code",
    "name",
    "reason",
    "evidence",
    "region",
    "added_by",
    "added_at",
    "revocation_reason",
    "revoked_at",
)


def load_exception(platform: Platform, unified_code: str) -> CodeException | None:
    """The entry of this code on the list of exceptions, revoked or not."""
    item = platform.access.get(f"{CODE}#{unified_code}")
    return None if item is None else exception_from(item)


def exception_write(platform: Platform, entry: CodeException) -> Put:
    """The write of an exception: version 1 only where there is none, n + 1 only over n."""
    item: Item = {name: getattr(entry, name) for name in _EXCEPTION_TEXTS}
    item |= {
        "pk": f"{CODE}#{entry.unified_code}",
        "sk": "-",
        "entity": "code_exception",
        "version": entry.version,
        "active": entry.active,
        "listing": CODE,
        "position": f"{entry.region}#{entry.unified_code}",
    }
    return Put(platform.access.name, item, _over(entry.version))


def exception_from(item: Item) -> CodeException:
    """The exception in an item."""
    texts = {name: str(item[name]) for name in _EXCEPTION_TEXTS}
    return CodeException(**texts, active=bool(item["active"]), version=_version(item))


def list_register(
    platform: Platform, kind: str, region_prefix: str, limit: int, start: Item | None
) -> Page:
    """One page of `AGENCY`, `CLIENT` or `CODE` items whose region begins with `region_prefix`."""
    return platform.access.query_index(
        "by_listing", kind, prefix=region_prefix or None, limit=limit, start=start
    )


def each_agency(platform: Platform) -> Iterator[Agency]:
    """Every agency, by region and code."""
    return (agency_from(item) for item in platform.access.each_in_index("by_listing", AGENCY))


def agency_from(item: Item) -> Agency:
    """The agency in an item."""
    return Agency(
        agency_code=str(item["agency_code"]),
        name=str(item["name"]),
        region=str(item["region"]),
        level=str(item["level"]),
        superior=str(item["superior"]),
        roles=_roles(item),
        active=bool(item["active"]),
        version=_version(item),
    )


def client_from(item: Item) -> Client:
    """The client in an item."""
    return Client(
        client_id=str(item["client_id"]),
        name=str(item["name"]),
        agency_code=str(item["agency_code"]),
        jurisdiction=str(item["jurisdiction"]),
        roles=_roles(item),
        subject_id=str(item["subject_id"]),
        active=bool(item["active"]),
        version=_version(item),
    )


def _roles(item: Item) -> frozenset[str]:
    roles = item["roles"]
    return frozenset(str(role) for role in roles) if isinstance(roles, list) else frozenset()


def _version(item: Item) -> int:
    version = item["version"]
    return version if isinstance(version, int) else 0


def _over(version: int) -> Condition:
    return ABSENT if version == 1 else version_is(version - 1)
