"""The made-up city (示例市): its bodies, officials, firms and residents.

Everything here is invented. Region codes 329900 to 329906 belong to no place, so no code made from
them can belong to anybody; names say of themselves that they are samples.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from random import Random

from chalicelib.kernel.codes import citizen_code_from, organisation_code_from, unified_code_from

SEED = 20240913
"""The one seed of the sample; changing it makes another city."""
CITY = "329900"
JURISDICTION = "nanjing"
COUNTIES = (
    ("329901", "东城区"),
    ("329902", "西城区"),
    ("329903", "南湖区"),
    ("329904", "北山区"),
    ("329905", "江口县"),
    ("329906", "云岭县"),
)
OFFICIALS = 300
RESIDENTS = 40
_STATE_ORGAN, _INSTITUTION, _FIRM, _SOLE_TRADER = "11", "12", "91", "92"


@dataclass(frozen=True, slots=True)
class Body:
    """A body of government. `conduct` (0 poor .. 3 excellent) steers what is recorded about it;
    `reports` says whether it has a client of its own."""

    code: str
    name: str
    short: str
    kind: str
    level: str
    region: str
    superior: str
    conduct: int
    reports: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """An official (with `employer` and `post`) or a resident."""

    citizen_code: str
    name: str
    kind: str
    region: str
    employer: str = ""
    post: str = ""


@dataclass(frozen=True, slots=True)
class Firm:
    """An enterprise or a sole trader."""

    code: str
    name: str
    kind: str
    region: str


# (serial, name after the place, short name in document numbers, kind, reports). The serials of
# the first seven are those of the demo identities.
_CITY_BODIES = (
    ("MA990000", "人民政府", "府", "government", True),
    ("MA990001", "社会信用体系建设办公室", "信用", "department", True),
    ("MA990002", "市场监督管理局", "市监", "department", True),
    ("MA990003", "公务员管理部门", "公管", "party_organ", True),
    ("MA990004", "审计局", "审", "department", False),
    ("MA990005", "公共资源交易中心", "交易", "institution", False),
    ("MA990006", "监察委员会", "监", "party_organ", True),
    ("MA990007", "发展和改革委员会", "发改", "department", True),
    ("MA990008", "教育局", "教", "department", True),
    ("MA990009", "科学技术局", "科", "department", False),
    ("MA990010", "工业和信息化局", "工信", "department", False),
    ("MA990011", "公安局", "公", "department", True),
    ("MA990012", "民政局", "民", "department", True),
    ("MA990013", "司法局", "司", "department", True),
    ("MA990014", "财政局", "财", "department", True),
    ("MA990015", "人力资源和社会保障局", "人社", "department", True),
    ("MA990016", "自然资源和规划局", "资规", "department", True),
    ("MA990017", "生态环境局", "环", "department", True),
    ("MA990018", "住房和城乡建设局", "住建", "department", True),
    ("MA990019", "城市管理局", "城管", "department", True),
    ("MA990020", "交通运输局", "交", "department", True),
    ("MA990021", "水务局", "水", "department", True),
    ("MA990022", "农业农村局", "农", "department", True),
    ("MA990023", "商务局", "商", "department", False),
    ("MA990024", "文化和旅游局", "文旅", "department", True),
    ("MA990025", "卫生健康委员会", "卫", "department", True),
    ("MA990026", "应急管理局", "应急", "department", True),
    ("MA990027", "统计局", "统", "department", True),
    ("MA990028", "行政审批局", "审批", "department", True),
    ("MA990029", "高新技术产业开发区管理委员会", "高新", "committee", False),
    ("MA990030", "临港经济区管理委员会", "临港", "committee", False),
    ("MA990031", "政务服务中心", "政服", "institution", False),
)
_COUNTY_BODIES = (
    ("人民政府", "府", "government", True),
    ("市场监督管理局", "市监", "department", True),
    ("行政审批局", "审批", "department", True),
    ("教育局", "教", "department", False),
    ("政务服务中心", "政服", "institution", False),
)
_TOWNSHIPS = ("青竹", "白杨", "红枫")
_STEMS, _BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
_TRADES = ("商贸", "建设工程", "食品", "环保科技", "物流", "医疗器械")
_POSTS = ("科员", "副科长", "科长", "副局长", "局长")


def unified_code(department: str, region: str, serial: str) -> str:
    """A unified code with both check digits right, that belongs to nobody."""
    return unified_code_from(f"{department}{region}{organisation_code_from(serial)}")


@cache
def bodies() -> tuple[Body, ...]:
    """Every body, superiors before those below them."""
    return tuple(_bodies())


def _bodies() -> Iterator[Body]:
    random = Random(f"{SEED}/conduct")
    top = unified_code(_STATE_ORGAN, CITY, "MA990000")
    for serial, name, short, kind, reports in _CITY_BODIES:
        department = _INSTITUTION if kind == "institution" else _STATE_ORGAN
        # The demo agencies were given their codes before kinds were: all as state organs.
        code = unified_code(department if serial > "MA990005" else _STATE_ORGAN, CITY, serial)
        superior = "" if code == top else top
        conduct = 3 if code == top else _conduct(random)
        yield Body(
            code, f"示例市{name}", f"示{short}", kind, "city", CITY, superior, conduct, reports
        )
    for region, county in COUNTIES:
        yield from _county(random, top, region, county)


def _county(random: Random, top: str, region: str, county: str) -> Iterator[Body]:
    government = ""
    for number, (name, short, kind, reports) in enumerate(_COUNTY_BODIES):
        department = _INSTITUTION if kind == "institution" else _STATE_ORGAN
        code = unified_code(department, region, f"MA9901{number:02}")
        superior = government or top
        government = government or code
        full = f"示例市{county}{name}"
        short_name = f"示{county[:2]}{short}"
        yield Body(
            code, full, short_name, kind, "county", region, superior, _conduct(random), reports
        )
    for number, name in enumerate(_TOWNSHIPS):
        kind = "镇人民政府" if county.endswith("县") else "街道办事处"
        code = unified_code(_STATE_ORGAN, region, f"MA9902{number:02}")
        full, short_name = f"示例市{county}{name}{kind}", f"示{county[:2]}{name[0]}"
        yield Body(
            code, full, short_name, "township", "township", region, government, _conduct(random)
        )


def _conduct(random: Random) -> int:
    """Three in ten excellent, four good, two fair, one poor."""
    return (3, 3, 3, 2, 2, 2, 2, 1, 1, 0)[random.randrange(10)]


@cache
def bodies_by_code() -> dict[str, Body]:
    """Every body under its unified code."""
    return {body.code: body for body in bodies()}


def body_named(name: str) -> Body:
    """The body of the city with that name. Raises StopIteration for an unknown one."""
    return next(body for body in bodies() if body.name == name)


def reporter_for(body: Body) -> Body:
    """Who submits what a body says of itself: it, or the next one above that has a client."""
    while not body.reports:
        body = bodies_by_code()[body.superior]
    return body


@cache
def officials() -> tuple[Person, ...]:
    """300 officials, spread over the bodies; those of institutions are no civil servants."""
    random = Random(f"{SEED}/officials")
    found = []
    for number in range(1, OFFICIALS + 1):
        body = bodies()[number % len(bodies())]
        kind = "public_official" if body.kind == "institution" else "civil_servant"
        code = _citizen_code(random, body.region, number)
        post = _POSTS[min(random.randrange(len(_POSTS)), random.randrange(len(_POSTS)))]
        found.append(Person(code, f"示例人员{number:04}", kind, body.region, body.code, post))
    return tuple(found)


@cache
def residents() -> tuple[Person, ...]:
    """Natural persons whom licences and penalties are about."""
    random = Random(f"{SEED}/residents")
    regions = [region for region, _ in COUNTIES]
    return tuple(
        Person(
            _citizen_code(random, region := random.choice(regions), 500 + number),
            f"示例居民{number:04}",
            "person",
            region,
        )
        for number in range(1, RESIDENTS + 1)
    )


def _citizen_code(random: Random, region: str, number: int) -> str:
    born = date(1966, 1, 1) + timedelta(days=random.randrange(365 * 34))
    return citizen_code_from(f"{region}{born:%Y%m%d}{number:03}")


@cache
def firms() -> tuple[Firm, ...]:
    """120 enterprises and 24 sole traders."""
    return tuple(_firms())


def _firms() -> Iterator[Firm]:
    random = Random(f"{SEED}/firms")
    regions = [region for region, _ in COUNTIES]
    pairs = [_STEMS[i % 10] + _BRANCHES[i % 12] for i in range(60)]
    for number in range(120):
        region = random.choice(regions)
        trade = _TRADES[number // 60 * 3 + number % 3]
        code = unified_code(_FIRM, region, f"MA99{3000 + number:04}")
        yield Firm(code, f"示例市{pairs[number % 60]}{trade}有限公司", "enterprise", region)
    for number in range(24):
        region = random.choice(regions)
        code = unified_code(_SOLE_TRADER, region, f"MA99{5000 + number:04}")
        yield Firm(code, f"示例市{pairs[number]}小吃店", "sole_trader", region)


def reporters() -> Sequence[Body]:
    """The bodies that report with a client of their own."""
    return [body for body in bodies() if body.reports]
