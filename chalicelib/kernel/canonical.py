"""One spelling per JSON value: equal content has equal bytes and therefore equal digests.

The spelling is that of RFC 8785 (JSON Canonicalization Scheme), so that anybody's library finds the
same bytes. Numbers are whole and within what a double holds exactly; others are refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

JsonValue: TypeAlias = "bool | int | str | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
"""JSON as the platform keeps it: no floats, money and ratios are decimal strings."""

MAX_EXACT_INTEGER = 2**53 - 1
"""The largest integer every reader of JSON reads as it is written (RFC 8785 §3.2.2.3, RFC 7493
§2.2); what is larger travels as a string."""

_encode = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
).encode
_encode_in_order = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False
).encode

_NUMBER_TO_LOOK_AT = re.compile(r"[:,\[]-?[0-9]+(?:[.eE]|(?<=[0-9]{16}))")
"""Text that may hold a fraction or a number too large. A string that only looks so costs a second
look, nothing more."""


def canonical_json(value: JsonValue) -> bytes:
    """The bytes of RFC 8785: UTF-8, no spaces, keys sorted by UTF-16 code units.

    Raises ValueError for what has no such spelling: fractions, integers beyond
    `MAX_EXACT_INTEGER`, halves of surrogate pairs.
    """
    text = _encode(value)
    beyond_16_bit = len(text.encode("utf-16-le")) > 2 * len(text)
    if beyond_16_bit or _NUMBER_TO_LOOK_AT.search(text) or isinstance(value, int | float):
        text = _encode_in_order(_ordered(value))
    return text.encode()


def _ordered(value: JsonValue) -> JsonValue:
    """`value` with the keys in the order of RFC 8785 §3.2.3, its numbers checked."""
    if isinstance(value, Mapping):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return {name: _ordered(value[name]) for name in names}
    if isinstance(value, list | tuple):
        return [_ordered(inner) for inner in value]
    if isinstance(value, float):
        raise ValueError("a fraction has no canonical spelling here: write it as a string")
    if isinstance(value, int) and abs(value) > MAX_EXACT_INTEGER:
        raise ValueError("an integer beyond 2**53 - 1 is not exact for every reader")
    return value
