"""A made-up city with a policy of its own: four registers, a task table, three agencies."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from chalicelib.access.model import Agency
from chalicelib.access.store import agency_write
from chalicelib.aws.writes import commit
from chalicelib.policy.compile import compile_all
from chalicelib.web.model import Caller
from tests.access.build import agency_code
from tests.policy.builders import UNREAD, Tree, base, write
from tests.support.api import Api
from tests.support.world import World
from tests.web.build import Reply

JURISDICTION = "testland"
CITY, EAST, ELSEWHERE = "990100", "990101", "990200"

OFFICE = agency_code(1)
HOUSING = agency_code(2)
WATER = agency_code(3)
EAST_SCHOOLS = agency_code(4, EAST)
EAST_OFFICE = agency_code(5, EAST)
NAMES = {
    OFFICE: ("示例市信用办", CITY, ("clerk", "credit_office")),
    HOUSING: ("示例市住房局", CITY, ("clerk",)),
    WATER: ("示例市水务局", CITY, ("clerk",)),
    EAST_SCHOOLS: ("东城区教育局", EAST, ("clerk",)),
    EAST_OFFICE: ("东城区信用办", EAST, ("credit_office",)),
}


def law(clause: str) -> Tree:
    """A basis with a clause, to be found again in what is shown as missing."""
    return {"document": "示例条例", "clause": clause, "verified": False}


def _step(code: str, title: str, clause: str, **more: Any) -> Tree:
    return {"code": code, "title": title, "basis": law(clause), **more}


def _text(title: str) -> Tree:
    return {"title": title, "required": True, "max_length": 200, "example": "示例"}


DECISIONS: Tree = {
    "title": "重大行政决策台账",
    "purpose": "逐件记录法定程序",
    "kept_by": "agency",
    "fields": {
        "title": _text("决策事项"),
        "kind": {
            "title": "类别",
            "kind": "enum",
            "values": {"plan": "规划", "other": "其他"},
            "required": True,
            "example": "plan",
        },
        "due_on": {"title": "完成期限", "kind": "date", "example": "today"},
        "partner": {
            "title": "合作单位代码",
            "kind": "unified_code",
            "example": "11329901MA00000158",
        },
    },
    "key": ["title"],
    "steps": [
        _step("public_participation", "公众参与", "第十四条"),
        _step("risk_assessment", "风险评估", "第二十二条"),
        _step(
            "expert_review",
            "专家论证",
            "第十九条",
            required=False,
            required_when={"field": "kind", "values": ["plan"]},
        ),
        _step("legality_review", "合法性审查", "第二十五条", follows="public_participation"),
        _step("collective_discussion", "集体讨论决定", "第三十条", follows="legality_review"),
    ],
    "due_field": "due_on",
    "basis": UNREAD,
}

INSTITUTIONS: Tree = {
    "title": "制度台账",
    "purpose": "应当制定的制度",
    "kept_by": "agency",
    "fields": {
        "name": _text("制度名称"),
        "due_on": {"title": "应当出台的日期", "kind": "date", "example": "today", "required": True},
        "valid_until": {"title": "有效期至", "kind": "date", "example": "today"},
    },
    "key": ["name"],
    "steps": [_step("issued", "印发", "第五条")],
    "due_field": "due_on",
    "valid_until_field": "valid_until",
    "basis": UNREAD,
}

LEADERS: Tree = {
    "title": "责任领导台账",
    "purpose": "每个单位明确分管领导和职能部门",
    "kept_by": "agency",
    "fields": {
        "post": _text("职务"),
        "department": _text("职能部门"),
    },
    "key": ["post"],
    "at_least": 1,
    "basis": law("第七条"),
}

ISSUES: Tree = {
    "title": "提交领导小组的重大问题",
    "purpose": "提交、研究、落实",
    "kept_by": "credit_office",
    "fields": {"subject": _text("问题")},
    "key": ["subject"],
    "steps": [
        _step("submitted", "提交", "第八条"),
        _step("settled", "研究决定", "第八条", follows="submitted"),
    ],
    "basis": UNREAD,
}

COVERAGE: Tree = {
    "title": "覆盖情况",
    "purpose": "信用信息全覆盖",
    "kept_by": "agency",
    "fields": {"scope": _text("范围")},
    "key": ["scope"],
    "target": {"figure": "test_share", "at_least": "0.95"},
    "basis": law("第九条"),
}

TASKS: Tree = {
    "archive": {
        "title": "建立政务信用档案",
        "order": 1,
        "content": "为各单位建立信用档案",
        "lead": ["市信用办"],
        "cooperating": ["各部门"],
        "term": "dated",
        "due_on": "2026-06-30",
        "basis": law("附件第1项"),
    },
    "publicity": {
        "title": "双公示及时率达到95%",
        "order": 2,
        "content": "及时公示",
        "lead": ["各部门"],
        "term": "dated",
        "due_on": "2026-06-30",
        "target": {"figure": "test_share", "at_least": "0.95"},
        "basis": law("附件第2项"),
    },
    "education": {
        "title": "诚信教育",
        "order": 3,
        "content": "持续开展教育",
        "lead": ["市信用办"],
        "term": "continuous",
        "basis": law("附件第3项"),
    },
}


@functools.cache
def policy_folder() -> str:
    """A folder with the national base and the made-up city compiled; written once."""
    home = Path(tempfile.mkdtemp(prefix="registers-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    packs = home / "packs"
    registers = {
        "decisions": DECISIONS,
        "institutions": INSTITUTIONS,
        "leaders": LEADERS,
        "issues": ISSUES,
        "coverage": COVERAGE,
    }
    write(packs, "national/2024-01-01", {**base(), "registers": registers})
    city = {
        "pack": {"title": "示例市", "document": UNREAD},
        "regions": {
            CITY: {"title": "示例市", "level": "city"},
            EAST: {"title": "东城区", "level": "county", "parent": CITY},
        },
        "tasks": TASKS,
    }
    write(packs, f"{JURISDICTION}/2024-02-01", city)
    compile_all(home / "out", packs_dir=packs)
    return str(home / "out")


def settle(world: World) -> None:
    """Let the city's policy hold, and register its agencies."""
    os.environ["POLICY_DIR"] = policy_folder()
    for code, (name, region, roles) in NAMES.items():
        level = "city" if region == CITY else "county"
        agency = Agency(code, name, region, level, "", frozenset(roles))
        commit([agency_write(world.platform, agency)])


def caller(code: str, role: str = "clerk") -> Caller:
    """A client of an agency, in one role."""
    name, region, _ = NAMES[code]
    level = "city" if region == CITY else "county"
    return Caller(f"{role}-{code}", code, name, JURISDICTION, region, level, frozenset({role}))


def office(code: str = OFFICE) -> Caller:
    """A client of a credit office."""
    return caller(code, "credit_office")


class Town:
    """The private API of a world, as any caller."""

    def __init__(self, world: World) -> None:
        self.world = world
        settle(world)

    def __call__(
        self, who: Caller, method: str, path: str, body: object = None, **headers: str
    ) -> Reply:
        address, _, query = path.partition("?")
        wanted = dict(pair.split("=") for pair in query.split("&")) if query else None
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return Api(self.world, who)(method, f"/v1/registers{address}", body, sent, query=wanted)

    def create(self, who: Caller, register: str, **fields: Any) -> Any:
        """An entry made by its keeper."""
        reply = self(who, "POST", f"/{register}/entries", {"fields": fields})
        assert reply.status == 201, reply.text
        return reply.json

    def report(self, who: Caller, entry: Any, step: str, day: str, **more: Any) -> Reply:
        """A report on a step, with a document."""
        body = {"done_on": day, "evidence": [{"title": "会议纪要", "file_number": "纪要1"}], **more}
        path = f"/{entry['register_code']}/entries/{entry['entry_id']}/steps/{step}"
        return self(who, "POST", path, body)

    def entry(self, who: Caller, entry: Any) -> Any:
        """The entry as `who` reads it now."""
        reply = self(who, "GET", f"/{entry['register_code']}/entries/{entry['entry_id']}")
        assert reply.status == 200, reply.text
        return reply.json

    def task(self, who: Caller, code: str) -> Any:
        """A task as `who` reads it now."""
        return self.entry(who, {"register_code": "tasks", "entry_id": code})

    def assign(self, task: str, lead: list[str], cooperating: tuple[str, ...] = ()) -> Any:
        """A task assigned by the office."""
        version = self.task(office(), task)["version"]
        body = {"lead": lead, "cooperating": list(cooperating)}
        path = f"/tasks/entries/{task}/assignment"
        reply = self(office(), "PUT", path, body, If_Match=f'"{version}"')
        assert reply.status == 200, reply.text
        return reply.json


def titles(missing: Any) -> list[str]:
    """The names of what is missing."""
    return [one["title"] for one in missing]
