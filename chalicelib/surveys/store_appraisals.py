"""The items of appraisal rounds in the CASES table, and no other module's business.

| item | pk | sk | read by |
|---|---|---|---|
| round | APPRAISAL#<id> | - | id |
| line in the list | APPRAISALS#<place> | <region>#<last day>#<id> | jurisdiction and region |
| counters | APPRAISAL#<id> | COUNT#<unified code>#<category>#<shard> | round (all of it) |
| a seat has appraised a body | APPRAISAL#<id> | DONE#<seat>#<unified code> | key |

The place is a jurisdiction. There is no item of an answer, and none of a code: a seat is a keyed
digest, and what it answered only adds to counters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import Page
from chalicelib.aws.writes import ABSENT, Check, Condition, Put, Update, Write, version_is
from chalicelib.surveys.model import Choice, Question, SurveyedBody
from chalicelib.surveys.model_appraisals import Category, Round

_NOT_COUNTERS = frozenset({"pk", "sk"})


def load(platform: Platform, round_id: str) -> Round | None:
    """A round by its id."""
    item = platform.cases.get(f"APPRAISAL#{round_id}")
    return None if item is None else round_from(item)


def round_writes(platform: Platform, after: Round, before: Round | None) -> list[Write]:
    """The writes that bring a round from `before` (None: nothing) to `after`."""
    condition = ABSENT if before is None else version_is(before.version)
    body: Item = asdict(after)
    body["questions"] = [
        {"code": one.code, "title": one.title, "scale": [asdict(step) for step in one.scale]}
        for one in after.questions
    ]
    body["bodies"] = [asdict(one) for one in after.bodies]
    body["categories"] = [asdict(one) for one in after.categories]
    place = f"{after.region}#{after.closes_on}#{after.round_id}"
    name = platform.cases.name
    return [
        Put(name, {**body, "pk": f"APPRAISAL#{after.round_id}", "sk": "-"}, condition),
        Put(name, {**body, "pk": f"APPRAISALS#{after.jurisdiction}", "sk": place}),
    ]


def page_of_rounds(
    platform: Platform, jurisdiction: str, region: str, limit: int, start: Item | None
) -> Page:
    """One page of the rounds of the regions whose codes begin with `region`."""
    pk = f"APPRAISALS#{jurisdiction}"
    return platform.cases.query(
        pk, prefix=region or None, descending=True, limit=limit, start=start
    )


def rounds_of(platform: Platform, jurisdiction: str) -> Iterator[Round]:
    """Every round of a jurisdiction, by region and last day."""
    for item in platform.cases.each(f"APPRAISALS#{jurisdiction}"):
        yield round_from(item)


def answer_writes(
    platform: Platform, round_id: str, seat: str, counters: str, names: list[str]
) -> list[Write]:
    """The writes that count what a seat said of a body: at most once, and only while the round was
    not ended, of which the first one makes sure. `counters` are those of
    `<unified code>#<category>#<shard>`, `names` are those that go up by one."""
    code = counters.partition("#")[0]
    around = platform.cases.key(f"APPRAISAL#{round_id}", "-")
    goes_on = Check(around, Condition("#closed_at = :never", {"never": ""}))
    done: Item = {"pk": f"APPRAISAL#{round_id}", "sk": f"DONE#{seat}#{code}"}
    key = platform.cases.key(f"APPRAISAL#{round_id}", f"COUNT#{counters}")
    change = "ADD " + ", ".join(f"#{name} :one" for name in names)
    return [goes_on, Put(platform.cases.name, done, ABSENT), Update(key, change, {"one": 1})]


def tallies(platform: Platform, round_id: str) -> dict[tuple[str, str], Counter[str]]:
    """What the counters say, all shards together, by unified code and category."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for item in platform.cases.each(f"APPRAISAL#{round_id}", prefix="COUNT#"):
        _, code, category, _ = str(item["sk"]).split("#")
        counter = found.setdefault((code, category), Counter())
        for name, value in item.items():
            if name not in _NOT_COUNTERS and isinstance(value, int):
                counter[name] += value
    return found


def round_from(item: Item) -> Round:
    """The round an item holds."""
    body: dict[str, Any] = {name: item[name] for name in Round.__dataclass_fields__}
    body["questions"] = tuple(
        Question(one["code"], one["title"], tuple(Choice(**step) for step in one["scale"]))
        for one in body["questions"]
    )
    body["bodies"] = tuple(SurveyedBody(**one) for one in body["bodies"])
    body["categories"] = tuple(Category(**one) for one in body["categories"])
    return Round(**body)
