"""Pages from templates: everything escapes by itself, nothing on a page runs or loads but our own
files, nothing is kept at the reader's.

Every page says up to which change of the public log it stands (`Standing`), in its foot and in the
header `As-Of-Seq`.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from chalicelib.kernel.clock import SHANGHAI, parse_instant
from chalicelib.pictures.bars import bars, stacked_bars, waterfall
from chalicelib.pictures.lines import trend
from chalicelib.pictures.radar import radar
from chalicelib.portal import static_files
from chalicelib.web.model import Answer

TEMPLATES = Path(__file__).with_name("templates")
HTML = "text/html; charset=utf-8"
CACHE_SECONDS = 30
SITE_NAME = "政务诚信平台"
NAVIGATION = (
    ("home", "/", "首页"),
    ("search", "/site/search", "信息公示"),
    ("evaluations", "/site/evaluations", "评价"),
    ("lists", "/site/lists", "名单"),
    ("data", "/site/open-data", "开放数据"),
    ("leads", "/site/leads", "投诉举报"),
    ("guide", "/site/guide", "办事指南"),
)
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors "
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Up to which change of the public log a page stands."""

    seq: int
    at: str = ""
    """The instant at which that change was numbered; empty before the first."""


def page(
    template: str,
    standing: Standing | None,
    *,
    status: int = 200,
    cache_seconds: int = CACHE_SECONDS,
    embeddable: bool = False,
    **values: object,
) -> Answer:
    """The page that `template` makes of `values`; without `standing` it shows no data.

    `cache_seconds`: 0 for what must not be kept. `embeddable`: other websites may frame it.
    """
    html = render(template, standing=standing, **values)
    headers = security_headers(embeddable=embeddable)
    if standing is not None:
        headers["As-Of-Seq"] = str(standing.seq)
    version = hashlib.sha256(html.encode()).hexdigest()[:32] if status == 200 else None
    return Answer(
        status,
        html,
        version=version if cache_seconds else None,
        cache_seconds=cache_seconds or None,
        headers=headers,
        media_type=HTML,
    )


def render(template: str, **values: object) -> str:
    """The text `template` makes of `values`."""
    return _environment().get_template(template).render(values)


def security_headers(*, embeddable: bool = False) -> dict[str, str]:
    """What a browser is told of every page."""
    return {
        "Content-Security-Policy": _POLICY + ("*" if embeddable else "'none'"),
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    }


@functools.cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"day": day_text, "moment": moment_text, "number": number_text}
    made.globals |= {
        "asset": static_files.address,
        "link": link,
        "charts": {
            "bars": bars,
            "stacked_bars": stacked_bars,
            "waterfall": waterfall,
            "trend": trend,
            "radar": radar,
        },
        "site_name": SITE_NAME,
        "navigation": NAVIGATION,
    }
    return made


def link(path: str, values: Mapping[str, object] | None = None, **more: object) -> str:
    """An address with a query; what is empty is left out. `more` goes before `values`."""
    merged = {**(values or {}), **more}
    given = {name.rstrip("_"): str(value) for name, value in merged.items() if value}
    return f"{path}?{urlencode(given)}" if given else path


def day_text(day: str | None) -> str:
    """2026-06-05 -> 2026年6月5日; nothing for nothing."""
    if not day:
        return ""
    found = date.fromisoformat(day[:10])
    return f"{found.year}年{found.month}月{found.day}日"


def moment_text(instant: str | None) -> str:
    """An instant as clocks in Beijing showed it: 2026年6月5日 09:30."""
    if not instant:
        return ""
    found = parse_instant(instant).astimezone(SHANGHAI)
    return f"{found.year}年{found.month}月{found.day}日 {found:%H:%M}"


def number_text(value: int) -> str:
    """1234567 -> 1,234,567."""
    return f"{value:,}"
