"""One spelling per JSON value: equal content has equal bytes and therefore equal digests."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

JsonValue: TypeAlias = "bool | int | str | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
"""JSON as the platform keeps it: no floats, money and ratios are decimal strings."""

_encode = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
).encode


def canonical_json(value: JsonValue) -> bytes:
    """UTF-8 JSON with sorted keys and no spaces (equal to RFC 8785 for values without floats)."""
    return _encode(value).encode()
