"""Bars, drawn inside the table itself, so that labels stay as large as the text around them on a
phone: amounts, amounts in parts, and the waterfall that tells how 100 became 83.5. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from chalicelib.pictures.drawing import short
from chalicelib.pictures.model import SERIES, Bar, Step


def bars(
    title: str, bars: Sequence[Bar], *, unit: str = "数量", most: float | None = None
) -> Markup:
    """Horizontal bars, one part each. `most`: the value of a full bar; the longest by default."""
    return _bar_table(title, bars, ("名称", unit), most)


def stacked_bars(title: str, series: Sequence[str], bars: Sequence[Bar], *, unit: str) -> Markup:
    """Horizontal bars of several parts, one per name in `series`, and a legend."""
    legend = Markup("").join(
        Markup('<li><span class="key s{}"></span>{}</li>').format(number, name)
        for number, name in enumerate(series, start=1)
    )
    table = _bar_table(title, bars, ("名称", unit), None, series)
    return Markup('<ul class="legend">{}</ul>{}').format(legend, table)


def _bar_table(
    title: str,
    bars: Sequence[Bar],
    heads: tuple[str, str],
    most: float | None,
    series: Sequence[str] = (),
) -> Markup:
    full = most or max((sum(bar.parts) for bar in bars), default=0) or 1
    rows = Markup("").join(_bar_row(bar, full, series) for bar in bars)
    return Markup(
        '<table class="bars" role="table"><caption class="unseen">{}</caption>'
        '<thead class="unseen" role="rowgroup"><tr role="row"><th scope="col" role="columnheader">'
        '{}</th><th scope="col" role="columnheader">图示</th>'
        '<th scope="col" role="columnheader">{}</th></tr></thead>'
        '<tbody role="rowgroup">{}</tbody></table>'
    ).format(title, heads[0], heads[1], rows)


def _bar_row(bar: Bar, full: float, series: Sequence[str]) -> Markup:
    label = Markup('<a href="{}">{}</a>').format(bar.href, bar.label) if bar.href else bar.label
    told = "，".join(
        f"{name} {short(part)}" for name, part in zip(series, bar.parts, strict=False) if part
    )
    return Markup(
        '<tr role="row"><th scope="row" role="rowheader">{}</th>'
        '<td class="bar" role="cell"><svg viewBox="0 0 100 8" '
        'preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<rect class="rail" width="100" height="8"/>{}</svg>{}</td>'
        '<td class="value" role="cell">{}</td></tr>'
    ).format(
        label,
        Markup("").join(_parts(bar.parts, full)),
        Markup('<span class="unseen">{}</span>').format(told) if told else "",
        bar.text,
    )


def _parts(parts: Sequence[float], full: float) -> Iterator[Markup]:
    start = 0.0
    for number, part in enumerate(parts):
        width = min(max(part, 0) / full * 100, 100 - start)
        if width > 0:
            yield Markup('<rect class="s{}" x="{}" width="{}" height="8"/>').format(
                number % SERIES + 1, short(start), short(width)
            )
        start += width


def waterfall(title: str, steps: Sequence[Step], *, full: float) -> Markup:
    """How a first amount became the last one, step by step. `full`: the value of the whole
    width."""
    rows = Markup("").join(_fall_row(step, place, full) for step, place in placed(steps))
    return Markup(
        '<table class="bars falls" role="table"><caption class="unseen">{}</caption>'
        '<thead class="unseen" role="rowgroup"><tr role="row"><th scope="col" role="columnheader">'
        '步骤</th><th scope="col" role="columnheader">图示</th>'
        '<th scope="col" role="columnheader">分值</th></tr></thead>'
        '<tbody role="rowgroup">{}</tbody></table>'
    ).format(title, rows)


def placed(steps: Sequence[Step]) -> Iterator[tuple[Step, tuple[float, float]]]:
    """Each step with where its bar begins and ends, in the order they are taken."""
    level = 0.0
    for step in steps:
        before, level = level, step.change if step.is_total else level + step.change
        yield step, (0.0, level) if step.is_total else (min(before, level), max(before, level))


def colour_of(step: Step) -> int:
    """Which of the series' colours a step has: the ground, what was lost, what was gained."""
    return 1 if step.is_total else 3 if step.change < 0 else 4


def _fall_row(step: Step, place: tuple[float, float], full: float) -> Markup:
    start, end = (min(max(value / (full or 1) * 100, 0), 100) for value in place)
    # What is too small to see is still a line.
    width = max(end - start, 0.4)
    return Markup(
        '<tr role="row"{}><th scope="row" role="rowheader">{}</th>'
        '<td class="bar" role="cell"><svg viewBox="0 0 100 8" preserveAspectRatio="none" '
        'aria-hidden="true" focusable="false"><rect class="rail" width="100" height="8"/>'
        '<rect class="s{}" x="{}" width="{}" height="8"/></svg></td>'
        '<td class="value" role="cell">{}</td></tr>'
    ).format(
        Markup(' class="total"') if step.is_total else "",
        step.label,
        colour_of(step),
        short(min(start, 100 - width)),
        short(width),
        step.text,
    )
