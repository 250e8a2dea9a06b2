"""Pure scoring with every point explained, and beside it DuckDB computing the bare scores.

Both score the same bodies by the same scheme, Nantong's yearly one with thirteen matters and all
five primitives. The platform's side is both phases and the explanation as canonical JSON, in one
process, facts in memory; DuckDB's is one query over Parquet in one thread, totals alone. The totals
must agree to the last digit. What is counted is a record applied to an indicator and explained.
"""

from __future__ import annotations

import csv
import random
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb

from chalicelib.evaluation.explain import body_document, titles_of
from chalicelib.evaluation.model import BodyFacts, FactRow, Peer, Period
from chalicelib.evaluation.rules import Plan, gather, plan_of, settle, tally
from chalicelib.kernel.canonical import canonical_json
from chalicelib.policy import service as policy
from chalicelib.policy.model import Pack
from chalicelib.policy.scheme import Link
from tests.bench.model import Row
from tests.bench.scoring_sql import totals_sql
from tests.bench.setting import packs, say

BODIES, ROWS = 1_500, 80
TARGET = 20_000
YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))
_HUNDRED = Decimal(100)


def run(bodies: int = BODIES, rows: int = ROWS, rounds: int = 3) -> list[Row]:
    """The row of this benchmark."""
    with packs():
        pack = policy.pack_for("nantong", date(2026, 1, 1))
    plan = plan_of(pack.schemes["annual_integrity"], titles_of(pack))
    facts = list(_town(pack, plan, bodies, rows))
    with tempfile.TemporaryDirectory() as folder:
        say(f"scoring: {bodies} bodies with {rows} rows each, {len(plan.leaves)} indicators")
        bare, floor = _in_duckdb(plan, facts, Path(folder), rounds)
    tried = [_explained(plan, facts) for _ in range(rounds)]
    seconds = min(seconds for seconds, *_ in tried)
    _, applied, totals = tried[0]
    wrong = [subject for subject in totals if totals[subject] != bare[subject]]
    if wrong or len(totals) != len(bare):
        raise AssertionError(f"totals of {len(wrong)} bodies differ from DuckDB's: {wrong[:3]}")
    return [
        Row(
            name=f"scoring: records applied and explained per second, {applied} of {bodies} bodies",
            measured=round(applied / seconds),
            floor=round(applied / floor),
            unit="/s/core",
            target=f">= {TARGET}; floor: DuckDB, bare totals",
            ok=applied / seconds >= TARGET,
        )
    ]


def _explained(
    plan: Plan, town: Sequence[BodyFacts]
) -> tuple[float, int, dict[str, Decimal]]:
    """Processor seconds, records applied, and the totals."""
    peer = Peer("county", "department")
    begun = time.process_time()
    raws = [(peer, gather(plan, facts, YEAR)) for facts in town]
    whole = tally(plan, raws)
    applied, totals = 0, {}
    for _, raw in raws:
        result = settle(plan, raw, peer, whole)
        canonical_json(body_document(result, plan.scheme))
        applied += sum(len(leaf.records) for leaf in result.leaves)
        totals[result.subject_id] = result.scored
    return time.process_time() - begun, applied, totals


def _in_duckdb(
    plan: Plan, town: Sequence[BodyFacts], folder: Path, rounds: int
) -> tuple[dict[str, Decimal], float]:
    """The totals, and the least processor seconds of a query in one thread."""
    columns = _columns(plan)
    with (folder / "facts.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(line for facts in town for line in _lines(facts, sorted(plan.fields)))
    kinds = {name: "VARCHAR" for name in columns} | {
        name: "BIGINT" for name in columns if name.startswith("n_")
    }
    kinds |= {"day": "DATE", "timely": "BOOLEAN", "exempted": "BOOLEAN"}
    database = duckdb.connect(config={"threads": 1})
    for name in ("facts", "subjects"):
        select = "*" if name == "facts" else "DISTINCT subject"
        database.execute(
            f"COPY (SELECT {select} FROM read_csv(?, header=true, columns={kinds!r})) "
            f"TO '{folder / name}.parquet'",
            [str(folder / "facts.csv")],
        )
        database.execute(
            f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{folder / name}.parquet')"
        )
    query, spent, found = totals_sql(plan.scheme), [], []
    for _ in range(rounds):
        begun = time.process_time()
        found = database.execute(query).fetchall()
        spent.append(time.process_time() - begun)
    return {subject: Decimal(int(total)) / _HUNDRED for subject, total in found}, min(spent)


def _columns(plan: Plan) -> list[str]:
    fixed = ["subject", "link", "type", "day", "record_id", "severity", "timely", "exempted"]
    fields = sorted(plan.fields)
    return [*fixed, *(f"t_{code}" for code in fields), *(f"n_{code}" for code in fields)]


def _lines(facts: BodyFacts, fields: Sequence[str]) -> Iterator[list[object]]:
    linked: Iterable[tuple[Link, tuple[FactRow, ...]]] = (
        ("reported_by", facts.reported_by), ("about", facts.about), ("figure", facts.figures),
    )  # fmt: skip
    for link, rows in linked:
        for row in rows:
            values = [row.values.get(code) for code in fields]
            yield [
                facts.subject_id, link, row.type, row.occurred_on, row.record_id,
                row.severity or "", row.on_time is True, row.exempted,
                *("" if value is None else str(value).lower() for value in values),
                *(_number(value) for value in values),
            ]  # fmt: skip


def _number(value: object) -> object:
    text = str(value)
    return int(Decimal(text) * 100) if text.replace(".", "", 1).isdigit() else ""


def _town(pack: Pack, plan: Plan, bodies: int, rows: int) -> Iterator[BodyFacts]:
    """Made-up bodies: two rows of three reported, the rest about them or figures of them."""
    dice = random.Random(20260731)
    types = {link: sorted(codes) for link, codes in plan.types.items()}
    for number in range(bodies):
        made: dict[str, list[FactRow]] = {"reported_by": [], "about": [], "figure": []}
        for at in range(rows):
            link: Link = "reported_by" if at % 3 else ("about" if at % 2 else "figure")
            code = dice.choice(types[link])
            made[link].append(_row(pack, plan, dice, f"r{number}-{at}", code))
        yield BodyFacts(
            f"b{number}", tuple(made["reported_by"]), tuple(made["about"]), tuple(made["figure"])
        )


def _row(pack: Pack, plan: Plan, dice: random.Random, record_id: str, code: str) -> FactRow:
    record_type = pack.types.get(code)
    values: dict[str, str | int | bool] = {}
    if record_type is None:
        below = dice.randint(1, 40)
        values = {"value": str(dice.randint(0, 100)), "denominator": str(below)}
        values["numerator"] = str(dice.randint(0, below))
    for field in record_type.fields if record_type else ():
        if field.code in plan.fields:
            values[field.code] = (
                dice.choice(field.values).code if field.values else str(dice.randint(1, 100))
            )
    return FactRow(
        record_id,
        dice.randint(1, 3),
        code,
        YEAR.first + timedelta(days=dice.randrange(365)),
        dice.choice(("minor", "general", "serious")) if record_type else None,
        dice.random() < 0.93,
        values,
        record_type is not None and dice.random() < 0.1,
    )
