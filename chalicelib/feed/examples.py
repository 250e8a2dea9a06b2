"""Examples for the document. Nobody in them exists, and the hashes are of nothing."""

from __future__ import annotations

from typing import Any, Final

_CHECKPOINT: Final = (
    "govcredit.example/log\n184\n"
    "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo=\n\n"
    "— govcredit.example/log 7jURuwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\n"
)

CONSISTENCY: Final[dict[str, Any]] = {
    "from": 128,
    "to": 184,
    "proof": ["3b" * 32, "c0" * 32, "5d" * 32],
    "checkpoint": _CHECKPOINT,
}

PROOF: Final[dict[str, Any]] = {
    "document": {"id": "r_o5lzu3c4kq6h2mxw7tq5a3bv4e", "version": 2},
    "salt": "00112233445566778899aabbccddeeff",
    "entry": {
        "seq": 184,
        "kind": "amend",
        "id": "r_o5lzu3c4kq6h2mxw7tq5a3bv4e",
        "version": 2,
        "salted_sha256": "4f6c" * 16,
    },
    "proof": ["3b" * 32, "c0" * 32, "5d" * 32],
    "checkpoint": _CHECKPOINT,
}
