"""A heat map: rows by columns, each square as strong as what it tells; its own table. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from chalicelib.pictures.model import Square


def heat_map(
    title: str, columns: Sequence[str], rows: Sequence[tuple[str, Sequence[Square]]]
) -> Markup:
    """A table whose cells are coloured by strength; colour is never the only sign: every cell
    says its value."""
    heads = Markup("").join(Markup('<th scope="col">{}</th>').format(name) for name in columns)
    body = Markup("").join(
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            label, Markup("").join(_square(one) for one in squares)
        )
        for label, squares in rows
    )
    return Markup(
        '<div class="scroll"><table class="heat"><caption class="unseen">{}</caption>'
        "<thead><tr><td></td>{}</tr></thead><tbody>{}</tbody></table></div>"
    ).format(title, heads, body)


def _square(one: Square) -> Markup:
    strength = "none" if one.strength is None else min(max(one.strength, 0), 4)
    text = Markup('<a href="{}">{}</a>').format(one.href, one.text) if one.href else one.text
    told = Markup('<span class="unseen">（{}）</span>').format(one.told) if one.told else ""
    return Markup('<td class="h{}">{}{}</td>').format(strength, text, told)
