"""A file to try uploads with: licences of the demo clerk's agency, some rows bad on purpose.

    .venv/bin/python -m infra.local.sample.rows --rows 10000 > rows.csv
    .venv/bin/python -m infra.local.sample.rows --rows 300 --messy --encoding gbk > 许可.csv

`--messy` writes the same rows as people keep them: a title above the header, the header again
further down, dates in words, full-width digits, lower-case codes, stray spaces, empty rows.
Standard error tells what the platform should make of the file.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from random import Random

from infra.local.sample.city import SEED, Firm, body_named, firms
from infra.local.sample.founding import DEMO_CLERK
from infra.local.sample.tables import csv_bytes

COLUMNS = (
    "XK_XDR_MC",
    "XK_XDR_SHXYM",
    "XK_XDR_LB",
    "XK_XKWS",
    "XK_WSH",
    "XK_XKLB",
    "XK_NR",
    "XK_JDRQ",
    "XK_YXQZ",
    "XK_YXQZI",
    "XK_XKJG",
    "XK_XKJGDM",
    "XK_ZT",
)
TYPE = "administrative_licence"
EVERY = 400
"""One row in so many is bad, and one a repetition."""
Row = dict[str, str]


def main() -> None:
    """Write the file to standard output."""
    parser = argparse.ArgumentParser(description="CSV of licences, some rows bad on purpose")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--series", default="A", help="part of every decision number")
    parser.add_argument("--messy", action="store_true", help="as people keep their tables")
    parser.add_argument("--encoding", default="utf-8-sig", choices=("utf-8-sig", "gbk"))
    options = parser.parse_args()
    today = (datetime.now(UTC) + timedelta(hours=8)).date()
    expected: Counter[str] = Counter()
    table = list(rows(options.rows, options.series, today, expected))
    content = csv_bytes(*messy(table)) if options.messy else csv_bytes(COLUMNS, clean(table))
    sys.stdout.buffer.write(content.decode("utf-8-sig").encode(options.encoding))
    told = ", ".join(f"{name} {count}" for name, count in sorted(expected.items()))
    print(f"{len(table)} rows; when first sent: {told}", file=sys.stderr)


def rows(count: int, series: str, today: date, expected: Counter[str]) -> Iterator[Row]:
    """`count` rows; `expected` is told what each should come to."""
    random = Random(f"{SEED}/rows/{series}")
    spoil = list(_SPOILERS)
    good: Row = {}
    for number in range(1, count + 1):
        row = _good(random.choice(firms()), f"示市监许准〔{today.year}〕{series}{number}号", today)
        if number % EVERY == EVERY // 2:
            row.update(spoil[number // EVERY % len(spoil)](row, today))
            expected["rejected"] += 1
        elif number % EVERY == 0:
            row = dict(good)
            expected["duplicate"] += 1
        else:
            good = row
            expected["accepted"] += 1
        yield row


def clean(table: list[Row]) -> list[list[str]]:
    """The cells of these rows under COLUMNS."""
    return [[row[column] for column in COLUMNS] for row in table]


def messy(table: list[Row]) -> tuple[list[str], list[list[str]]]:
    """(first line, further lines) of these rows as people keep them: every oddity says the same
    as what it is made of, so that the file must come to the same counts."""
    header = list(COLUMNS)
    lines = [header]
    for number, row in enumerate(table):
        lines.append([_as_people_write(column, row[column], number) for column in header])
        if number % 200 == 199:
            lines += [[""] * len(header), header]
    title = ["行政许可信息报送表", *[""] * (len(header) - 1)]
    return title, [*lines, *[[""] * len(header)] * 3]


def _as_people_write(column: str, value: str, number: int) -> str:
    if column in ("XK_JDRQ", "XK_YXQZ", "XK_YXQZI"):
        year, month, day = (int(part) for part in value.split("/"))
        spelled = (
            f"{year}年{month}月{day}日",
            f"{year}.{month}.{day}",
            f"{year}-{month:02}-{day:02} 00:00:00",
            f"{year}{month:02}{day:02}",
            value,
        )
        return spelled[number % len(spelled)]
    if column in ("XK_XDR_SHXYM", "XK_XKJGDM"):
        return (value.lower(), _full_width(value), f" {value}\u3000", value)[number % 4]
    if column in ("XK_XDR_MC", "XK_XKWS"):
        return (f" {value} ", value)[number % 2]
    return value


def _full_width(text: str) -> str:
    return "".join(chr(ord(character) + 0xFEE0) for character in text)


def _good(firm: Firm, decision: str, today: date) -> Row:
    agency = body_named(DEMO_CLERK)
    return {
        "XK_XDR_MC": firm.name,
        "XK_XDR_SHXYM": firm.code,
        "XK_XDR_LB": "个体工商户" if firm.kind == "sole_trader" else "法人及非法人组织",
        "XK_XKWS": "准予行政许可决定书",
        "XK_WSH": decision,
        "XK_XKLB": "普通",
        "XK_NR": "准予从事食品销售经营",
        "XK_JDRQ": (today - timedelta(days=1)).strftime("%Y/%m/%d"),
        "XK_YXQZ": (today - timedelta(days=1)).strftime("%Y/%m/%d"),
        "XK_YXQZI": "2099/12/31",
        "XK_XKJG": agency.name,
        "XK_XKJGDM": agency.code,
        "XK_ZT": "1",
    }


def _wrong_code(row: Row, today: date) -> Mapping[str, str]:
    last = row["XK_XDR_SHXYM"][-1]
    return {"XK_XDR_SHXYM": row["XK_XDR_SHXYM"][:-1] + ("1" if last == "0" else "0")}


def _future_decision(row: Row, today: date) -> Mapping[str, str]:
    return {"XK_JDRQ": (today + timedelta(days=3)).strftime("%Y/%m/%d")}


def _unknown_category(row: Row, today: date) -> Mapping[str, str]:
    return {"XK_XKLB": "超级许可"}


def _no_content(row: Row, today: date) -> Mapping[str, str]:
    return {"XK_NR": ""}


def _ends_before_it_begins(row: Row, today: date) -> Mapping[str, str]:
    return {"XK_YXQZI": "2001/01/01"}


_SPOILERS: tuple[Callable[[Row, date], Mapping[str, str]], ...] = (
    _wrong_code,
    _future_decision,
    _unknown_category,
    _no_content,
    _ends_before_it_begins,
)

if __name__ == "__main__":
    main()
