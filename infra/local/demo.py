"""The demo identities of the made-up city (示例市): one agency and one client per role."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.kernel.codes import organisation_code_from, unified_code_from
from infra.building.sources import Json, Node
from infra.local.issuer import Issuer
from infra.local.sample import founding as reporting

REGION = "329900"
JURISDICTION = "nanjing"


@dataclass(frozen=True, slots=True)
class Demo:
    """One identity. `serial` makes its made-up unified code (category 11: state organs)."""

    role: str
    agency: str
    serial: str
    superior: str = ""
    level: str = "city"

    @property
    def code(self) -> str:
        """A unified code with valid check digits that belongs to nobody."""
        return _code(self.serial)


def _code(serial: str) -> str:
    return unified_code_from(f"11{REGION}{organisation_code_from(serial)}")


GOVERNMENT = "MA990000"
DEMOS = (
    Demo("credit_office", "示例市社会信用体系建设办公室", "MA990001", GOVERNMENT),
    Demo("supervisor", "示例市人民政府", GOVERNMENT),
    Demo("clerk", "示例市市场监督管理局", "MA990002", GOVERNMENT),
    Demo("personnel", "示例市公务员管理部门", "MA990003", GOVERNMENT),
    Demo("auditor", "示例市审计局", "MA990004", GOVERNMENT),
    Demo("business_system", "示例市公共资源交易中心", "MA990005", GOVERNMENT),
)
# Speaks for itself, not for an agency: it sees the file of this body.
SUBJECT_ROLE, SUBJECT_SPEAKS_FOR = "subject", "clerk"


def demo_roles() -> tuple[str, ...]:
    """Every role a demo client exists for."""
    return (*(demo.role for demo in DEMOS), SUBJECT_ROLE)


def issuer_clients() -> tuple[str, ...]:
    """Every client of the demo issuer: the demo identities, and the agencies that report."""
    return (*demo_roles(), *(name for name in reporting.client_names() if name not in demo_roles()))


def founding(issuer: Issuer) -> Node:
    """What `setup` is told: agencies, superiors first, then clients."""
    roles = {demo.code: demo.role for demo in DEMOS}
    reports = reporting.clients({name: pair[0] for name, pair in issuer.clients.items()})
    return {
        "agencies": list(reporting.agencies(roles)),
        "clients": [*_clients(issuer), *reports],
    }


def sample_clients(issuer: Issuer) -> dict[str, dict[str, str]]:
    """What the sample is loaded with: the client of every agency that reports, too."""
    return {
        name: {"client_id": pair[0], "client_secret": pair[1]}
        for name, pair in issuer.clients.items()
    }


def ready_clients(issuer: Issuer) -> dict[str, dict[str, str]]:
    """The clients as the READY line shows them."""
    agencies = {demo.role: demo.code for demo in DEMOS}
    agencies[SUBJECT_ROLE] = agencies[SUBJECT_SPEAKS_FOR]
    return {
        role: {"client_id": pair[0], "client_secret": pair[1], "agency": agencies[role]}
        for role, pair in issuer.clients.items()
        if role in agencies
    }


def _clients(issuer: Issuer) -> Iterator[Json]:
    for demo in DEMOS:
        yield {
            "client_id": issuer.clients[demo.role][0],
            "name": f"演示：{demo.agency}",
            "agency_code": demo.code,
            "jurisdiction": JURISDICTION,
            "roles": [demo.role],
        }
    body = next(demo for demo in DEMOS if demo.role == SUBJECT_SPEAKS_FOR)
    yield {
        "client_id": issuer.clients[SUBJECT_ROLE][0],
        "name": f"演示：{body.agency}（本单位）",
        "jurisdiction": JURISDICTION,
        "roles": [SUBJECT_ROLE],
        "subject_id": f"b_{body.code}",
    }
