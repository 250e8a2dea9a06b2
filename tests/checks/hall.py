"""The exchange centre of the made-up city and whom its system asks about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from chalicelib.access.model import Agency, Client
from chalicelib.access.store import agency_write, client_write
from chalicelib.aws.attributes import Item
from chalicelib.aws.writes import Put, commit
from chalicelib.checks import handlers
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Identification
from chalicelib.measures.model import InForce, Measure
from chalicelib.measures.store import measures_text, standing_key
from chalicelib.policy.base import LegalBasis
from chalicelib.policy.measures import Effect
from chalicelib.policy.service import pack_for
from chalicelib.web.model import Caller
from tests.crosscheck import office
from tests.intake import town
from tests.support.api import Api
from tests.support.world import World

CENTRE = town.body_code(60, "12")
PURPOSE = "装修项目投标资格审查"
BUILDER = Identification(town.body_code(61, "91"), "", "示例建设有限公司")
CLEAN = Identification(town.body_code(63, "91"), "", "示例清白有限公司")
OFFICIAL = Identification("", town.OFFICIAL, "张某甲")
CITIZEN = Identification("", office.code(900), "李某乙")
UNTIL = "2028-06-14"


def system(client: str = "hall-1", role: str = "business_system") -> Caller:
    """The system of the exchange centre."""
    return Caller(
        client_id=client,
        agency_code=CENTRE,
        agency_name="示例市公共资源交易中心",
        jurisdiction=town.JURISDICTION,
        region=town.CITY,
        level="city",
        roles=frozenset({role}),
    )


def settle(world: World) -> None:
    """The town, and a builder that may not bid, one against whom nothing stands, a citizen; the
    official may not be promoted."""
    town.settle(world)
    roles = frozenset({"business_system"})
    agency = Agency(CENTRE, "示例市公共资源交易中心", town.CITY, "city", "", roles)
    commit([agency_write(world.platform, agency), client_put(world)])
    town.register(world, BUILDER, "enterprise")
    town.register(world, CLEAN, "enterprise")
    town.register(world, CITIZEN, "person")
    restrict(world, BUILDER)
    restrict(world, OFFICIAL, "promotion")


def client_put(world: World, active: bool = True) -> Put:
    """The write that registers the system, or takes it off the register."""
    roles = frozenset({"business_system"})
    client = Client("hall-1", "示例系统", CENTRE, town.JURISDICTION, roles, active=active)
    return replace(client_write(world.platform, client, town.CITY), condition=None)


def measure(scene: str, effect: Effect = "restrict", until: str = UNTIL) -> Measure:
    """A measure somebody is under."""
    return Measure(
        code=f"{scene}_{effect}",
        title="限制参加",
        kind="incentive" if effect == "priority" else "sanction",
        what="record",
        ground=f"r_{scene}_{effect}",
        ground_kind="court_default",
        reason="2026-06-01认定的“失信被执行人”是有效的严重失信记录",
        starts_on="2026-06-01",
        until=until,
        lifted_by=("repair",),
        basis=LegalBasis(document="示例文件", clause="三", verified=False),
        scenes={scene: InForce(effect, "不得参加")},
    )


def restrict(
    world: World,
    named: Identification,
    scene: str = "bidding",
    effect: Effect = "restrict",
    version: int = 1,
) -> None:
    """Put somebody under a measure in one scene."""
    stand(world, named, [measure(scene, effect)], version)


def stand(world: World, named: Identification, found: list[Measure], version: int = 1) -> None:
    """Let these be the measures somebody is under."""
    key = standing_key(world.platform, named)
    pack = pack_for(town.JURISDICTION, date(2026, 6, 15))
    item: Item = {
        "pk": key.pk,
        "sk": key.sk,
        "subject_id": subject_id(world, named),
        "subject_kind": "civil_servant" if named.is_person else "enterprise",
        "jurisdiction": town.JURISDICTION,
        "region": town.CITY,
        "pack": pack.version,
        "version": version,
        "as_of": "2026-06-15",
        "measures": measures_text(tuple(found)),
    }
    world.platform.measures.put(item)


def subject_id(world: World, named: Identification) -> str:
    """The id of a subject on file."""
    place = files.subject_place(world.platform, named)
    item = world.platform.records.get(place.pk, place.sk)
    assert item is not None
    return str(item["subject_id"])


def day(world: World) -> None:
    """What the day's tick brings about, without what it asks others to do."""
    queue, others = world.platform.checks_queue, []
    handlers.do_job(world.platform, {"job": "daily"})
    while messages := world.take(queue):
        for message in messages:
            if message["job"] == "upkeep":
                handlers.do_job(world.platform, message)
            else:
                others.append(message)
    queue.send_many(others)


def asked(named: Identification, **more: str) -> dict[str, str]:
    """A subject as it stands in a request."""
    codes = {
        "unified_code": named.unified_code,
        "citizen_code": named.citizen_code,
        "registration_number": named.registration_number,
    }
    return {**{name: code for name, code in codes.items() if code}, "name": named.name, **more}


def check_body(*subjects: Identification, scene: str = "bidding", **more: Any) -> dict[str, Any]:
    """A request about these subjects."""
    return {
        "scene": scene,
        "purpose": PURPOSE,
        "reference": "P-17",
        "subjects": [asked(one) for one in subjects],
        **more,
    }


def api(world: World, client: str = "hall-1") -> Api:
    """The API as the system of the centre calls it; made once for each world."""
    made: dict[str, Api] = vars(world).setdefault("hall_apis", {})
    if client not in made:
        made[client] = Api(world, system(client))
    return made[client]


def ask(world: World, *subjects: Identification, key: str = "", **more: Any) -> Any:
    """Ask; the answer."""
    headers = {"Idempotency-Key": key} if key else {}
    reply = api(world)("POST", "/v1/checks", check_body(*subjects, **more), headers)
    assert reply.status == 201, reply.text
    return reply.json
