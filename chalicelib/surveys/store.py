"""The items of surveys in the CASES table, and no other module's business.

| item | pk | sk | read by |
|---|---|---|---|
| survey | SURVEY#<id> | - | id |
| line in the list | SURVEYS#<jurisdiction> | <region>#<last day>#<id> | jurisdiction and region |
| counters of a body | SURVEY#<id> | COUNT#<unified code>#<shard> | survey (all of it) |

There is no item of an answer: it only adds to counters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import Page
from chalicelib.aws.writes import ABSENT, Put, Update, Write, version_is
from chalicelib.surveys.model import Choice, Question, Survey, SurveyedBody

_NOT_COUNTERS = frozenset({"pk", "sk"})


def load(platform: Platform, survey_id: str) -> Survey | None:
    """A survey by its id."""
    item = platform.cases.get(f"SURVEY#{survey_id}")
    return None if item is None else survey_from(item)


def survey_writes(platform: Platform, survey: Survey, before: Survey | None) -> list[Write]:
    """The writes that bring a survey from `before` (None: nothing) to `survey`."""
    condition = ABSENT if before is None else version_is(before.version)
    body: Item = asdict(survey)
    body["questions"] = [
        {"code": one.code, "title": one.title, "scale": [asdict(step) for step in one.scale]}
        for one in survey.questions
    ]
    body["bodies"] = [asdict(one) for one in survey.bodies]
    place = f"{survey.region}#{survey.closes_on}#{survey.survey_id}"
    return [
        Put(
            platform.cases.name,
            {**body, "pk": f"SURVEY#{survey.survey_id}", "sk": "-"},
            condition,
        ),
        Put(platform.cases.name, {**body, "pk": f"SURVEYS#{survey.jurisdiction}", "sk": place}),
    ]


def page_of_surveys(
    platform: Platform, jurisdiction: str, region: str, limit: int, start: Item | None
) -> Page:
    """One page of the surveys of the regions whose codes begin with `region`."""
    return platform.cases.query(
        f"SURVEYS#{jurisdiction}", prefix=region or None, descending=True, limit=limit, start=start
    )


def counting(platform: Platform, survey_id: str, code: str, shard: int, names: list[str]) -> Update:
    """The write that adds one to these counters of a body."""
    key = platform.cases.key(f"SURVEY#{survey_id}", f"COUNT#{code}#{shard}")
    return Update(key, "ADD " + ", ".join(f"#{name} :one" for name in names), {"one": 1})


def tallies(platform: Platform, survey_id: str) -> dict[str, Counter[str]]:
    """What the counters say, all shards together, by unified code."""
    found: dict[str, Counter[str]] = {}
    for item in platform.cases.each(f"SURVEY#{survey_id}", prefix="COUNT#"):
        code = str(item["sk"]).split("#")[1]
        counter = found.setdefault(code, Counter())
        for name, value in item.items():
            if name not in _NOT_COUNTERS and isinstance(value, int):
                counter[name] += value
    return found


def surveys_of(platform: Platform, jurisdiction: str) -> Iterator[Survey]:
    """Every survey of a jurisdiction, by region and last day."""
    for item in platform.cases.each(f"SURVEYS#{jurisdiction}"):
        yield survey_from(item)


def survey_from(item: Item) -> Survey:
    """The survey an item holds."""
    body: dict[str, Any] = {name: item[name] for name in Survey.__dataclass_fields__}
    body["questions"] = tuple(
        Question(one["code"], one["title"], tuple(Choice(**step) for step in one["scale"]))
        for one in body["questions"]
    )
    body["bodies"] = tuple(SurveyedBody(**one) for one in body["bodies"])
    return Survey(**body)
