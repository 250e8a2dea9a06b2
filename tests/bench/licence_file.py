"""A licence file as an agency sends it: the thirteen columns of the double-publicity standard that
carry something, about enterprises that are known already. One row in a hundred is bad."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from chalicelib.aws.platform import Platform
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Identification, Subject
from tests.intake import town

TYPE = "administrative_licence"
COMPANIES = 1_000
_COLUMNS = (
    "XK_XDR_MC,XK_XDR_SHXYM,XK_XDR_LB,XK_XKWS,XK_WSH,XK_XKLB,XK_NR,XK_JDRQ,XK_YXQZ,XK_YXQZI,"
    "XK_XKJG,XK_XKJGDM,XK_ZT"
)
BAD_EVERY = 100


def companies(count: int = COMPANIES) -> list[tuple[str, str]]:
    """(unified code, name) of the enterprises the file is about."""
    return [
        (town.body_code(number, "91"), f"示例市第{number}环保科技有限公司")
        for number in range(1000, 1000 + count)
    ]


def known_subjects(platform: Platform, count: int = COMPANIES) -> list[Subject]:
    """The same enterprises as subjects, as if named in earlier files."""
    return [
        files.new_subject(
            platform,
            Identification(code, "", name),
            kind="enterprise",
            jurisdiction=town.JURISDICTION,
            region=town.CITY,
            registered=False,
        )
        for code, name in companies(count)
    ]


def lines(
    rows: int,
    today: date,
    *,
    series: str = "A",
    about: int = COMPANIES,
    bad_every: int = BAD_EVERY,
) -> Iterator[bytes]:
    """The file line by line: the header, then `rows` licences decided shortly before `today`, of
    which each `bad_every`-th names a day that does not exist. Another `series` is about other
    decisions."""
    yield f"\ufeff{_COLUMNS}\r\n".encode()
    known = companies(about)
    good, bad = (today - timedelta(days=3)).strftime("%Y/%m/%d"), "2026/06/31"
    for number in range(rows):
        code, name = known[number % about]
        day = bad if number % bad_every == 0 else good
        yield (
            f"{name},{code},法人及非法人组织,准予行政许可决定书,示许准〔2026〕{series}{number}号,普通,"
            f"准予从事食品销售经营,{day},{good},2099/12/31,示例市综合执法局,{town.BUREAU},1\r\n"
        ).encode()


def bad_rows(rows: int, bad_every: int = BAD_EVERY) -> int:
    """How many rows of `lines(rows)` are refused."""
    return -(-rows // bad_every)
