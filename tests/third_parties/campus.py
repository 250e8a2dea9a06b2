"""A university of the made-up city that is registered as a third party, and what it submits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chalicelib.access.model import AgencyIn, Founding, Level
from chalicelib.access.register import found_platform
from chalicelib.third_parties import keeping, presenting, submitting
from chalicelib.third_parties.model import Institution, RatingSystem, Submission
from chalicelib.third_parties.views import SubmissionIn, SystemContentIn
from chalicelib.web.model import Scope
from tests.cases.bench import BUREAU, CREDIT_OFFICE, HOUSING, agency_client, settle
from tests.intake import town
from tests.support.world import World
from tests.third_parties.builders import KEY, jwk_of, sign

CODE = town.body_code(70)
RIVAL = town.body_code(71)
UNIVERSITY = agency_client(CODE, "third_party", name="示例大学")
RIVALS = agency_client(RIVAL, "third_party", name="示例评级公司")
OFFICE = replace(CREDIT_OFFICE, roles=frozenset({"credit_office"}))
INDEX = "sample_trust_index"
SYSTEM: dict[str, Any] = {
    "code": INDEX,
    "institution": CODE,
    "title": "示例政务诚信指数",
    "method": "问卷调查和公开信息，按权重合计",
    "scale": {"lowest": "0", "highest": "100", "places": 1, "better": "higher"},
    "grades": [
        {"code": "A", "title": "好", "limit": "80"},
        {"code": "B", "title": "一般", "limit": "0"},
    ],
    "indicators": [
        {"code": "promises", "title": "承诺履行", "weight": "60"},
        {"code": "voice", "title": "社会评价", "weight": "40"},
    ],
    "kinds": ["department"],
    "period": "year",
}
CONTENT = {name: SYSTEM[name] for name in SYSTEM if name not in ("code", "institution")}
RATINGS: list[dict[str, Any]] = [
    {
        "unified_code": HOUSING,
        "score": "84.0",
        "grade": "A",
        "indicators": {"promises": "90", "voice": "75"},
    },
    {"unified_code": BUREAU, "score": "61.5", "grade": "B", "note": "样本较少"},
]
SENT: dict[str, Any] = {
    "system": INDEX,
    "period": "2025",
    "reference": "2026-01",
    "ratings": RATINGS,
}
SIGNED = sign(SENT)


def open_campus(world: World) -> None:
    """The city, and both third parties among its agencies."""
    settle(world)
    agencies = [
        AgencyIn(
            agency_code=code, name=name, region=town.CITY, level=Level.CITY, roles=["third_party"]
        )
        for code, name in ((CODE, "示例大学"), (RIVAL, "示例评级公司"))
    ]
    found_platform(world.platform, Founding(agencies=agencies))


def registered(world: World) -> None:
    """The university is registered with its key and its system."""
    open_campus(world)
    register_institution(world)
    register_system(world)


def register_institution(world: World) -> Institution:
    """The office registers the university."""
    return keeping.register_institution(
        world.platform, OFFICE, CODE, "university", jwk_of(KEY)
    )[0]


def register_system(world: World, **changes: Any) -> RatingSystem:
    """The office registers the university's system."""
    one = keeping.find_institution(world.platform, OFFICE, Scope.REGION, CODE)
    sent = SystemContentIn(**{**CONTENT, **changes})
    return keeping.register_system(world.platform, one, INDEX, presenting.content_of(sent))[0]


def submit(world: World) -> Submission:
    """The university rates both bureaus."""
    sent = presenting.sent_of(SubmissionIn(**SIGNED))
    return submitting.submit(world.platform, UNIVERSITY, sent, SIGNED["signature"])[0]


def submitted(world: World) -> str:
    """The university has rated both bureaus; the id of its submission."""
    registered(world)
    return submit(world).submission_id
