"""What all pictures share: the frame with its title and words, the table beneath, numbers."""

from __future__ import annotations

import hashlib
import math

from markupsafe import Markup, escape


def picture(
    title: str, told: str, box: tuple[float, float, float, float], drawn: Markup, name: str
) -> Markup:
    """An SVG picture with its title and what it tells in words. `box`: x, y, width, height."""
    own = hashlib.sha256(f"{title}\n{told}\n{drawn}".encode()).hexdigest()[:8]
    return Markup(
        '<svg class="{name}" viewBox="{box}" role="img" aria-labelledby="t{own} d{own}">'
        '<title id="t{own}">{title}</title><desc id="d{own}">{told}</desc>{drawn}</svg>'
    ).format(
        name=name, box=" ".join(map(short, box)), own=own, title=title, told=told, drawn=drawn
    )


def hidden_table(title: str, heads: Markup, rows: Markup) -> Markup:
    """The numbers of a picture, folded away beneath it."""
    return Markup(
        '<details class="numbers"><summary>查看数字</summary><table class="plain">'
        '<caption class="unseen">{}</caption><thead><tr><td></td>{}</tr></thead>'
        "<tbody>{}</tbody></table></details>"
    ).format(title, heads, rows)


def round_up(value: float) -> float:
    """The next number that divides by four and reads well."""
    step = 10 ** max(0, math.floor(math.log10(value)) - 1)
    step = step * 4 if value > step * 4 else 4
    return math.ceil(value / step) * step


def short(value: float) -> str:
    """A number with at most two decimals."""
    return str(escape(f"{value:.2f}".rstrip("0").rstrip(".")))
